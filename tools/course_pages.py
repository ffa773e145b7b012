"""What the pages about a course show of the code: `python tools/course_pages.py` writes it anew.

Between `<!-- made: NAME -->` and `<!-- end -->` stand the tables of keys, rules and sites and the
drawn timelines. In a console block the answer to each `$ dosecal ...` is what it prints; the toml
block after `<!-- file: NAME -->` is a file that the commands find.
"""

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from catalogue_pages import Sources, rules
from dosecal.cli import main
from dosecal.formats.course_keys import COURSE
from dosecal.formats.keys import Key, Kind
from dosecal.model.course import Course, Decided, Entry, Given, Hold
from dosecal.model.reasons import Again, Near, Provisional
from dosecal.model.schedule import Then
from dosecal.plan.assess import doses
from dosecal.plan.timeline import targets
from dosecal.plan.walk import OPEN, AssessedDose, Status
from dosecal.store import catalogue
from dosecal.words.reasons import off_words

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (
    DOCS / "late-doses.md",
    DOCS / "course-file.md",
    DOCS / "sites.md",
    DOCS / "glossary.md",
    ROOT / "README.md",
)


class Example(NamedTuple):
    """A course of the catalogue that is drawn.

    Attributes:
        schedule: Its id.
        start: Day 0.
        given: When each of the first doses was given; None: it was not.
        today: For which day it is assessed.
        more: What else was recorded.
        drawn: How many doses are drawn.
        scale: Days a column.
    """

    schedule: str
    start: date
    given: tuple[date | None, ...]
    today: date
    more: tuple[Entry, ...] = ()
    drawn: int = 6
    scale: int = 2


def days(*texts: str) -> tuple[date | None, ...]:
    """Read dates; "" is a dose that was not given."""
    return tuple(date.fromisoformat(text) if text else None for text in texts)


DECEMBER = date(2026, 12, 1)
_DUPILUMAB = "dupilumab-atopic-dermatitis"
_NETAKIMAB = "netakimab-psoriasis"
_SECUKINUMAB = Example(
    "secukinumab-psoriasis-us", DECEMBER, days("2026-12-01", "2026-12-08", "2026-12-18"),
    date(2026, 12, 18), scale=1,
)  # fmt: skip
_LOADING = Example(
    _NETAKIMAB, DECEMBER, days("2026-12-01", "2026-12-11"), date(2026, 12, 11), scale=2, drawn=5
)
_ADALIMUMAB = "adalimumab-psoriasis"
_SATRALIZUMAB = "satralizumab-nmosd"
_HELD = Example(
    _ADALIMUMAB, DECEMBER, days("2026-12-01", "2026-12-08", "2026-12-22"),
    date(2027, 1, 6), (Hold(date(2026, 12, 28), date(2027, 1, 10)),), drawn=5,
)  # fmt: skip
EXAMPLES = {
    "keep": Example(
        _DUPILUMAB, DECEMBER, days("2026-12-01", "2026-12-15", "2027-01-02"), date(2027, 1, 2)
    ),
    "shift": Example(
        "ofatumumab-multiple-sclerosis-eu", DECEMBER,
        days("2026-12-01", "2026-12-08", "2026-12-15", "2026-12-29", "2027-02-02"),
        date(2027, 2, 2), drawn=8, scale=3,
    ),
    "skip": Example(
        _DUPILUMAB, DECEMBER, days("2026-12-01", "2026-12-15"), date(2027, 1, 6)
    ),
    "restart": Example(
        "inclisiran-hypercholesterolaemia", date(2026, 1, 15), days("2026-01-15", "2026-09-01"),
        date(2026, 9, 1), drawn=5, scale=14,
    ),
    "give-ask": _SECUKINUMAB,
    "give-ask-decided": _SECUKINUMAB._replace(more=(Decided(3, Then.KEEP),)),
    "ask": _LOADING,
    "ask-decided": _LOADING._replace(more=(Decided(2, Then.SHIFT),)),
    "missed": Example(
        _DUPILUMAB, DECEMBER, days("2026-12-01", "2026-12-15"), date(2027, 1, 30)
    ),
    "step": Example(
        "teclistamab-myeloma-step-up", DECEMBER, days("2026-12-01", "2026-12-04", "2026-12-18"),
        date(2026, 12, 18), drawn=5, scale=1,
    ),
    "reload": Example(
        _SATRALIZUMAB, DECEMBER,
        days("2026-12-01", "2026-12-15", "2026-12-29", "2027-01-26", "2027-04-01"),
        date(2027, 4, 1), drawn=8, scale=4,
    ),
    "keep-or-shift": Example(
        "belimumab-systemic-lupus-subcutaneous", DECEMBER, days("2026-12-01", "2026-12-11"),
        date(2026, 12, 11), drawn=5, scale=1,
    ),
    "repeat": Example(
        _DUPILUMAB, DECEMBER, days("2026-12-01", "2026-12-15"), date(2026, 12, 15),
        (Decided(2, Then.REPEAT, on=date(2026, 12, 17)),), drawn=5,
    ),
    "both": Example(
        _ADALIMUMAB, DECEMBER, days("2026-12-01", "2026-12-08", "2026-12-22", "2027-01-21"),
        date(2027, 1, 21),
    ),
    "near": Example(
        _ADALIMUMAB, DECEMBER, days("2026-12-01", "2026-12-08", "2026-12-22", "2027-01-14"),
        date(2027, 1, 14),
    ),
    "early": Example(
        "semaglutide-type-2-diabetes", DECEMBER,
        days("2026-12-01", "2026-12-08", "2026-12-13"), date(2026, 12, 13), scale=1,
    ),
    "counted": Example(
        "aripiprazole-2-monthly-schizophrenia-us", DECEMBER, days("2026-12-01", "2027-01-28"),
        date(2027, 1, 28), drawn=4, scale=7,
    ),
    "gap": Example(
        "hepatitis-b-vaccine-0-1-6", DECEMBER, days("2026-12-01", "2027-05-01"),
        date(2027, 5, 1), drawn=3, scale=7,
    ),
    "interruption": Example(
        _SATRALIZUMAB, DECEMBER,
        days("2026-12-01", "2026-12-15", "2026-12-29", "2027-01-26"), date(2027, 5, 18),
        (Hold(date(2027, 2, 20), date(2027, 5, 10)),), drawn=9, scale=7,
    ),
    "hold": _HELD,
    "hold-over": _HELD._replace(today=date(2027, 1, 11)),
}  # fmt: skip
"""Those of a rule carry its word."""


def assessed(example: Example) -> list[AssessedDose]:
    """Return the doses of an example as they stand."""
    log = tuple(
        Given(number, day) for number, day in enumerate(example.given, 1) if day is not None
    )
    course = Course(
        catalogue.load(example.schedule), "x", example.start,
        weight_kg=Decimal(70), log=(*log, *example.more),
    )  # fmt: skip
    return list(islice(doses(course, example.today), example.drawn))


def drawing(example: Example) -> str:
    """Draw a course before and after: a line of time each, then each dose in words."""
    schedule = catalogue.load(example.schedule)
    planned = list(islice(targets(schedule.phases, example.start), example.drawn))
    found = assessed(example)
    tail = ["?" if _provisional(each) else "" for each in found]
    before = _line(example, [(day, str(number)) for number, day in enumerate(planned, 1)])
    after = _line(
        example,
        [(each.day, f"{each.number}{end}") for each, end in zip(found, tail, strict=True)
         if each.status in (Status.GIVEN, *OPEN)],
        tuple(each.target for each in found
              if each.status not in (Status.GIVEN, *OPEN) or each.day != each.target),
    )  # fmt: skip
    lines = [f"{schedule.id}, start {example.start}, today {example.today}", ""]
    lines += [f"planned  {before}", f"now      {after}", ""]
    lines += [_words(each, was) for each, was in zip(found, planned, strict=True)]
    return "\n".join(["```text", *lines, "```"])


def _line(example: Example, marks: list[tuple[date, str]], passed: tuple[date, ...] = ()) -> str:
    def column(day: date) -> int:
        return (day - example.start).days // example.scale

    line = ["."] * (max(column(day) for day in [*(each for each, _ in marks), *passed]) + 2)
    for day in passed:
        line[column(day)] = "x"
    for day, mark in marks:
        line[column(day) : column(day) + len(mark)] = mark
    return "".join(line).rstrip(".")


def _provisional(dose: AssessedDose) -> bool:
    return any(isinstance(each, Provisional) for each in dose.reasons)


def _words(dose: AssessedDose, planned: date) -> str:
    """Say what became of a dose."""
    off = (dose.day - dose.target).days
    again = next((each for each in dose.reasons if isinstance(each, Again)), None)
    words = {
        Status.GIVEN: f"given {_day(dose.day)}" + (f", {off_words(off)}" if off else ""),
        Status.LATE: f"late, to be given today, {_day(dose.day)}",
        Status.DUE: f"due today, {_day(dose.day)}",
        Status.UPCOMING: "stays" if dose.day == planned else f"now {_day(dose.day)}",
    }.get(dose.status, dose.status.value)
    if again:
        words = f"given {_day(again.given)}: repeat, now {_day(dose.day)}"
    if dose.then is not None and dose.status is not Status.UPCOMING:
        decided = any(getattr(each, "decided", False) for each in dose.reasons)
        words += f": {dose.then}{' (decided)' if decided else ''}"
    near = next((each for each in dose.reasons if isinstance(each, Near)), None)
    if near:
        words += f", only {near.days} days after dose {near.dose}: ask"
    if _provisional(dose):
        words += ", provisional"
    return f"dose {dose.number}   planned {_day(planned)}   {words}"


def _day(day: date) -> str:
    return f"{day.strftime('%a')} {day.isoformat()}"


def sites() -> str:
    """Return the table of what the sources say about sites."""
    sources = Sources("S")
    lines = [
        "| schedule | regions in order | for a caregiver only | what the sources say | source |",
        "|---|---|---|---|---|",
    ]
    for schedule in catalogue.schedules():
        where = schedule.sites
        notes = [each for each in schedule.notes if each.about in ("rotation", "same dose")]
        ids = tuple(dict.fromkeys([*where.sources, *(id for each in notes for id in each.sources)]))
        cells = (
            f"`{schedule.id}`",
            ", ".join(where.regions) or "none named",
            ", ".join(where.caregiver_only),
            " ".join(each.text for each in notes),
            sources.cite(schedule, ids),
        )
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
    return "\n".join([*lines, *sources.listed()])


def declared(path: str) -> tuple[Key, ...]:
    """Return the keys of a course file's table; "top": those above the tables."""
    if path == "top":
        return COURSE
    return next(key.kind for key in COURSE if key.name == path and not isinstance(key.kind, Kind))


def keys(path: str) -> str:
    """Return the table of the keys of a course file's table."""
    lines = ["| key | type and unit | without it | example | meaning |", "|---|---|---|---|---|"]
    for key in declared(path):
        tables = "tables, in order of entry" if key.many == "list" else "one table a phase"
        kind = key.kind.words if isinstance(key.kind, Kind) else tables
        without = "required" if key.required else key.default or "not stated"
        lines.append(f"| `{key.name}` | {kind} | {without} | `{key.example}` | {key.meaning} |")
    return "\n".join(lines)


MADE: dict[str, Callable[[], str]] = {
    "rules": rules,
    "sites": sites,
    "keys of top": partial(keys, "top"),
    **{f"keys of {key.name}": partial(keys, key.name)
       for key in COURSE if not isinstance(key.kind, Kind)},
    **{f"drawing of {name}": partial(drawing, example)
       for name, example in EXAMPLES.items()},
}  # fmt: skip

_MADE = re.compile(r"<!-- made: ([^>]+) -->\n.*?<!-- end -->", re.DOTALL)
_ACTED = re.compile(
    r"^```console\n(?P<console>.*?)^```$"
    r"|^<!-- file: (?P<name>\S+) -->\n\n```toml\n(?P<toml>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def answered(block: str) -> str:
    """Return a console block with what its commands print, run where one stands."""
    lines = []
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        lines.append(line)
        command = shlex.split(line[2:], comments=True)
        found = CliRunner().invoke(main, command[1:], prog_name="dosecal")
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        lines += found.output.splitlines()
        if found.exit_code:
            lines.append(f"(exit code {found.exit_code})")
    return "\n".join([*lines, ""])


def filled(page: str) -> str:
    """Return a page as it should be; its console blocks share an empty folder."""
    page = _MADE.sub(
        lambda match: f"<!-- made: {match[1]} -->\n{MADE[match[1]]()}\n<!-- end -->", page
    )
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return _ACTED.sub(_acted, page)
        finally:
            os.chdir(here)


def _acted(match: re.Match[str]) -> str:
    if match["name"]:
        Path(match["name"]).write_text(match["toml"], "utf-8")
        return match[0]
    return f"```console\n{answered(match['console'])}```"


if __name__ == "__main__":
    for page in PAGES:
        text = filled(page.read_text("utf-8"))
        if text != page.read_text("utf-8"):
            page.write_text(text, "utf-8")
            sys.stdout.write(f"{page.name} written anew\n")
