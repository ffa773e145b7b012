"""The work list for a reader or a program: table, Markdown, CSV and JSON, line by line."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Final

from dosecal.due import Entry
from dosecal.rows import (
    clean,
    column_widths,
    csv_line,
    markdown_head,
    markdown_line,
    table_line,
)
from dosecal.wording import site_words

HEAD: Final = (
    "Time", "Patient", "Medicine", "No.", "Dose", "Injections", "Sites", "Status", "Target",
)  # fmt: skip
KEYS: Final = (
    "patient", "source", "date", "time", "number", "medicine", "dose", "injections", "sites",
    "phase", "target_date", "earliest_date", "latest_date", "status", "check", "reason",
)  # fmt: skip
FIRST: Final = "Late, or to be decided"


def _heading(entry: Entry) -> str:
    """Return the words above the group of an entry: its day."""
    if entry.first:
        return FIRST
    return f"{entry.day} {date.fromisoformat(entry.day):%a}"


def _row(entry: Entry, *, sources: bool) -> tuple[str, ...]:
    cells = (
        entry.clock,
        entry.patient,
        entry.medicine,
        str(entry.number or ""),
        entry.dose,
        str(entry.injections or ""),
        ", ".join(site_words(site) for site in entry.sites),
        entry.status,
        entry.target if entry.target != entry.day else "",
    )
    return (*cells, entry.source) if sources else cells


def to_table(entries: Iterable[Entry], *, sources: bool) -> Iterator[str]:
    """Yield the lines of aligned columns under a heading for each day.

    Checks and reasons stand on lines of their own below.

    Args:
        entries: In order; gone through twice.
        sources: Whether to show where each patient stands, as where there are several files.
    """
    head = (*HEAD, "Where") if sources else HEAD
    widths = column_widths(head, (_row(entry, sources=sources) for entry in entries))
    for number, (heading, group) in enumerate(groupby(entries, _heading)):
        if number == 0:
            yield f"  {table_line(head, widths)}"
        yield heading
        for entry in group:
            yield f"  {table_line(_row(entry, sources=sources), widths)}"
            kind = "before this dose" if entry.number else "check"
            yield from (f"    {kind}: {clean(name)}" for name in entry.check)
            if entry.why:
                yield f"    why: {clean(entry.why)}"


def to_markdown(entries: Iterable[Entry], *, sources: bool) -> Iterator[str]:
    """Yield the lines of a table for each day, under its heading."""
    for number, (heading, group) in enumerate(groupby(entries, _heading)):
        if number:
            yield ""
        yield f"## {heading}"
        yield ""
        head = (*HEAD, "Check", "Why")
        yield markdown_head((*head, "Where") if sources else head)
        for entry in group:
            cells = _row(entry, sources=False)
            cells = (*cells, ", ".join(entry.check), entry.why)
            yield markdown_line((*cells, entry.source) if sources else cells)


def _values(entry: Entry) -> tuple[object, ...]:
    """Return the values of `KEYS`."""
    return (
        entry.patient,
        entry.source,
        entry.day,
        entry.clock,
        entry.number or None,
        entry.medicine,
        entry.dose,
        entry.injections or None,
        entry.sites,
        entry.phase,
        entry.target,
        entry.earliest,
        entry.latest,
        entry.status,
        entry.check,
        entry.why,
    )


def to_csv(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the lines of CSV; sites and checks are separated by semicolons."""
    yield ",".join(KEYS)
    for entry in entries:
        yield csv_line(
            [
                "; ".join(value) if isinstance(value, tuple) else str(value or "")
                for value in _values(entry)
            ]
        )


def to_json(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the lines of an array of objects, one a dose or check; what is unknown is null."""
    import json

    yield "["
    line = ""
    for entry in entries:
        if line:
            yield f"{line},"
        values = (None if value == "" else value for value in _values(entry))
        text = json.dumps(dict(zip(KEYS, values, strict=True)), ensure_ascii=False)
        line = f"  {text.encode('utf-8', 'replace').decode()}"
    if line:
        yield line
    yield "]"
