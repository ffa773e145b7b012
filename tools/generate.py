"""What is generated from the declarations: `python tools/generate.py` writes it anew.

The tables of docs/schedule-format.md, and beside the schedules the JSON Schema for editors and
the index that `dosecal list` shows; the indexes of docs/catalogue.md.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import catalogue_pages
from dosecal.formats.keys import Key, Kind
from dosecal.formats.schedule_keys import (
    BANDS,
    DOSE_RANGE,
    EVERY_RANGE,
    FOREIGN,
    ON_CHOICE,
    PHASE_SITES,
    SCHEDULE,
    WINDOW,
    schedule_schema,
)
from dosecal.store import catalogue

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "schedule-format.md"
SCHEMA = ROOT / "schedules" / "schedule.schema.json"
INLINE = {
    "phase.dose[]": BANDS,
    "phase.dose": DOSE_RANGE,
    "phase.every": EVERY_RANGE,
    "phase.on": ON_CHOICE,
    "phase.window": WINDOW,
    "phase.sites": PHASE_SITES,
}
"""The tables that stand in place of a simpler value, by their path."""


def declared(keys: tuple[Key, ...] = SCHEDULE, path: str = "") -> Iterator[tuple[str, Key]]:
    """Yield every key with the path of its table."""
    for key in keys:
        yield path, key
        if not isinstance(key.kind, Kind):
            yield from declared(key.kind, f"{path}.{key.name}".lstrip("."))
    if not path:
        for inline, inner in INLINE.items():
            yield from declared(inner, inline)


def type_words(key: Key) -> str:
    """Say what a key may hold, with its unit."""
    if isinstance(key.kind, Kind):
        return key.kind.words
    return {"list": "tables, in order", "by id": "tables, one an id"}.get(key.many, "table")


def row(key: Key) -> str:
    """Return a key's line of its table."""
    default = "required" if key.required else key.default or "none"
    cells = (f"`{key.name}`", type_words(key), default, f"`{key.example}`", key.meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def block(path: str) -> str:
    """Return the generated table of the keys at a path; `foreign`: what cannot be said."""
    if path == "foreign":
        lines = ["| key | what to write |", "|---|---|"]
        lines += [f"| `{key}` | {answer} |" for key, answer in FOREIGN.items()]
    else:
        lines = ["| key | type and unit | default | example | meaning |", "|---|---|---|---|---|"]
        lines += [row(key) for at, key in declared() if at == path]
    return "\n".join(lines)


def filled(page: str) -> str:
    """Return the page with every generated table as it should be."""

    def replacement(match: re.Match[str]) -> str:
        path = "" if match[1] == "top" else match[1]
        return f"<!-- keys: {match[1]} -->\n{block(path)}\n<!-- end -->"

    pattern = re.compile(r"<!-- keys: (\S+) -->\n.*?<!-- end -->", re.DOTALL)
    return pattern.sub(replacement, page)


def schema_text() -> str:
    """Return the JSON Schema as it stands in its file."""
    return json.dumps(schedule_schema(), indent=2) + "\n"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
    SCHEMA.write_text(schema_text(), "utf-8")
    (SCHEMA.parent / catalogue.INDEX).write_text(catalogue.index_text(), "utf-8")
    catalogue_page = catalogue_pages.PAGE.read_text("utf-8")
    catalogue_pages.PAGE.write_text(catalogue_pages.filled(catalogue_page), "utf-8")
