"""The work list for a reader or a program: table, Markdown, CSV and JSON, line by line."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Final

from dosecal.clinic.work_list import Entry
from dosecal.model.quantities import parse_amount
from dosecal.outputs.rows import csv_line, markdown_head, markdown_line
from dosecal.outputs.terminal import folded, table
from dosecal.plan.walk import Status
from dosecal.words.doses import STATUSES, day_words, site_words
from dosecal.words.language import ENGLISH, Language, marked
from dosecal.words.text import clean

HEAD: Final = (
    marked("Time"), marked("Patient"), marked("Medicine"), marked("No."), marked("Dose"),
    marked("Injections"), marked("Sites"), marked("Status"), marked("Target"),
)  # fmt: skip
KEYS: Final = (
    "patient", "source", "date", "time", "number", "medicine", "dose", "injections", "sites",
    "phase", "target_date", "earliest_date", "latest_date", "status", "check", "reason",
)  # fmt: skip


def _heading(language: Language) -> Callable[[Entry], str]:
    """Return the function to the words above the group of an entry: its day."""
    first = language.text("Late, or to be decided")

    def words(entry: Entry) -> str:
        return first if entry.first else day_words(date.fromisoformat(entry.day), language)

    return words


def _head(language: Language, more: tuple[str, ...], *, sources: bool) -> tuple[str, ...]:
    heads = (*HEAD, *more, marked("Where")) if sources else (*HEAD, *more)
    return tuple(language.text(each) for each in heads)


def _row(entry: Entry, language: Language, *, sources: bool) -> tuple[str, ...]:
    status = STATUSES[Status(entry.status)] if entry.number else marked("check")
    cells = (
        entry.clock,
        entry.patient,
        entry.name,
        str(entry.number or ""),
        language.amount(parse_amount(entry.dose)) if entry.dose else "",
        str(entry.injections or ""),
        ", ".join(site_words(site, language) for site in entry.sites),
        language.text(status),
        entry.target if entry.target != entry.day else "",
    )
    return (*cells, entry.source) if sources else cells


def _checks(entry: Entry, language: Language) -> Iterator[str]:
    return (clean(language.of_schedule(name)[0]) for name in entry.check)


def to_table(
    entries: Iterable[Entry], language: Language = ENGLISH, *, sources: bool, columns: int = 0
) -> Iterator[str]:
    """Yield the lines of aligned columns under a heading for each day.

    Checks and reasons stand on lines of their own below.

    Args:
        entries: In order; gone through twice.
        language: The reader's; the entries have their reasons in it already.
        sources: Whether to show where each patient stands, as where there are several files.
        columns: How wide the terminal is; 0: nothing is wrapped.
    """
    text, head = language.text, _head(language, (), sources=sources)
    cells = (_row(entry, language, sources=sources) for entry in entries)
    found = table(head, cells, columns and columns - 2)
    for number, (heading, group) in enumerate(groupby(entries, _heading(language))):
        if number == 0:
            yield from (f"  {line}" for line in found.first())
        yield heading
        for entry in group:
            row = _row(entry, language, sources=sources)
            yield from (f"  {line}" for line in found.lines(row))
            kind = marked("before this dose: {check}") if entry.number else marked("check: {check}")
            more = [text(kind, check=name) for name in _checks(entry, language)]
            if entry.why:
                more.append(text("why: {why}", why=clean(entry.why)))
            yield from (line for each in more for line in folded(f"    {each}", columns))


def to_markdown(
    entries: Iterable[Entry], language: Language = ENGLISH, *, sources: bool
) -> Iterator[str]:
    """Yield the lines of a table for each day, under its heading."""
    head = _head(language, (marked("Check"), marked("Why")), sources=sources)
    for number, (heading, group) in enumerate(groupby(entries, _heading(language))):
        if number:
            yield ""
        yield f"## {heading}"
        yield ""
        yield markdown_head(head)
        for entry in group:
            cells = _row(entry, language, sources=False)
            cells = (*cells, ", ".join(_checks(entry, language)), entry.why)
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
