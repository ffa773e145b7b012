"""The work list for a reader or a program: table, Markdown, CSV and JSON, line by line.

A form makes a row of each item as it is found, and the lines of the rows once they are in order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from dosecal.clinic.work_list import ListedRow, WorkItem, in_groups
from dosecal.outputs.rows import csv_line, markdown_head, markdown_line
from dosecal.outputs.terminal import folded, table
from dosecal.words.doses import STATUSES, day_words, site_words
from dosecal.words.language import Language, marked
from dosecal.words.reasons import reasons_text
from dosecal.words.text import clean

HEAD: Final = (
    marked("Time"), marked("Patient"), marked("Medicine"), marked("No."), marked("Dose"),
    marked("Injections"), marked("Sites"), marked("Status"), marked("Target"),
)  # fmt: skip
CSV_HEAD: Final = (
    "patient", "source", "date", "time", "number", "medicine", "dose", "injections", "sites",
    "phase", "target_date", "earliest_date", "latest_date", "status", "check", "reason",
)  # fmt: skip
_NAMED: Final = 20  # patients that the end of a list names


class Unread(NamedTuple):
    """Something of which the list cannot tell, because it could not be read.

    Attributes:
        id: The patient's id, or the name of the file.
        source: The file.
        line: The line of a patients file; 0: the file as a whole.
        column: The column, or the key in a course file, or "".
        problem: What is wrong.
    """

    id: str
    source: str
    line: int
    column: str
    problem: str


class ListReader(NamedTuple):
    """Who reads the list.

    Attributes:
        language: Of what a person reads; what a program reads is in English but for reasons.
        sources: Whether to show where each patient stands, as where there are several files.
        columns: How wide the terminal is; 0: nothing is wrapped.
    """

    language: Language
    sources: bool = False
    columns: int = 0


RowMaker = Callable[[WorkItem, ListReader], ListedRow]
LinesMaker = Callable[[Iterable[ListedRow], Sequence[Unread], ListReader], Iterator[str]]


class ListForm(NamedTuple):
    """A form of the list: `row` makes a row of an item, `lines` the text of rows in order."""

    row: RowMaker
    lines: LinesMaker


def _clock(item: WorkItem) -> str:
    clock = item.dose.hour.clock if item.dose else None
    return clock.strftime("%H:%M") if clock else ""


def _reasons(item: WorkItem, language: Language) -> str:
    return reasons_text(item.patient.course.citing, item.dose, language) if item.dose else ""


def _heading(item: WorkItem, language: Language) -> str:
    if item.urgent:
        return language.text("Late, or to be decided")
    return day_words(item.day, language)


def _head(reader: ListReader, *more: str) -> tuple[str, ...]:
    heads = (*HEAD, *more, marked("Where")) if reader.sources else (*HEAD, *more)
    return tuple(reader.language.text(each) for each in heads)


def _cells(item: WorkItem, language: Language) -> tuple[str, ...]:
    """Return the cells of `HEAD`."""
    dose, named = item.dose, item.schedule.named(language.code)
    first = (_clock(item), item.patient.id, named.medicine)
    if dose is None:
        return (*first, "", "", "", "", language.text(marked("check")), "")
    return (
        *first,
        str(dose.number),
        language.amount(dose.amount),
        str(dose.injections),
        ", ".join(site_words(site, language) for site in dose.sites),
        language.text(STATUSES[dose.status]),
        dose.target.isoformat() if dose.target != item.day else "",
    )


def _checks(item: WorkItem, language: Language) -> list[str]:
    return [clean(language.stated(name)) for name in item.checks]


def _table_row(item: WorkItem, reader: ListReader) -> ListedRow:
    text = reader.language.text
    kind = marked("before this dose: {check}") if item.dose else marked("check: {check}")
    below = [text(kind, check=name) for name in _checks(item, reader.language)]
    if why := _reasons(item, reader.language):
        below.append(text("why: {why}", why=clean(why)))
    cells = _cells(item, reader.language)
    cells = (*cells, item.place) if reader.sources else cells
    return ListedRow(_heading(item, reader.language), cells, tuple(below))


def _table_lines(
    rows: Iterable[ListedRow], unread: Sequence[Unread], reader: ListReader
) -> Iterator[str]:
    """Yield aligned columns under a heading for each day; `rows` are gone through twice.

    Checks and reasons stand on lines of their own below their row.
    """
    columns = reader.columns
    found = table(_head(reader), (row.cells for row in rows), columns and columns - 2)
    for number, (heading, group) in enumerate(in_groups(rows)):
        if number == 0:
            yield from (f"  {line}" for line in found.first())
        yield heading
        for row in group:
            yield from (f"  {line}" for line in found.lines(row.cells))
            yield from (line for each in row.below for line in folded(f"    {each}", columns))
    if unread:
        yield from folded(unread_words(unread, reader.language), columns)


def unread_words(unread: Sequence[Unread], language: Language) -> str:
    """Say how many patients or files could not be read, and which."""
    names = list(dict.fromkeys(clean(each.id) for each in unread))
    shown = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
    return language.text("not read: {count} ({names})", count=len(names), names=shown)


def _markdown_row(item: WorkItem, reader: ListReader) -> ListedRow:
    checks = ", ".join(_checks(item, reader.language))
    cells = (*_cells(item, reader.language), checks, _reasons(item, reader.language))
    cells = (*cells, item.place) if reader.sources else cells
    return ListedRow(_heading(item, reader.language), cells)


def _markdown_lines(
    rows: Iterable[ListedRow], unread: Sequence[Unread], reader: ListReader
) -> Iterator[str]:
    """Yield a table for each day, under its heading."""
    head = _head(reader, marked("Check"), marked("Why"))
    number = 0
    for number, (heading, group) in enumerate(in_groups(rows), 1):
        if number > 1:
            yield ""
        yield f"## {heading}"
        yield ""
        yield markdown_head(head)
        yield from (markdown_line(row.cells) for row in group)
    if unread:
        yield from (
            ("", unread_words(unread, reader.language))
            if number
            else (unread_words(unread, reader.language),)
        )


def _csv_row(item: WorkItem, reader: ListReader) -> ListedRow:
    dose, medicine = item.dose, item.schedule.medicine
    cells = [item.patient.id, item.place, item.day.isoformat(), _clock(item)]
    if dose is None:
        cells += ["", medicine, *[""] * 7, "check"]
    else:
        cells += [
            str(dose.number), medicine, str(dose.amount), str(dose.injections),
            "; ".join(dose.sites), dose.phase.name, dose.target.isoformat(),
            dose.earliest.isoformat(), dose.latest.isoformat(), dose.status.value,
        ]  # fmt: skip
    return ListedRow("", (*cells, "; ".join(item.checks), _reasons(item, reader.language)))


def _csv_lines(
    rows: Iterable[ListedRow], unread: Sequence[Unread], reader: ListReader
) -> Iterator[str]:
    """Yield a line for each row; sites and checks are separated by semicolons."""
    yield csv_line(CSV_HEAD)
    yield from (csv_line(row.cells) for row in rows)


def _json_row(item: WorkItem, reader: ListReader) -> ListedRow:
    dose, course = item.dose, item.patient.course
    values: dict[str, Any] = {
        "id": item.patient.id,
        "course": item.patient.file or None,
        "medicine": item.schedule.medicine,
        "label": course.label or None,
        "number": dose.number if dose else None,
        "target_date": dose.target.isoformat() if dose else None,
        "date": item.day.isoformat(),
        "status": dose.status.value if dose else "check",
        "then": dose.then.value if dose and dose.then else None,
        "reason": _reasons(item, reader.language) or None,
        "dose": str(dose.amount) if dose else None,
        "injections": dose.injections if dose else None,
        "sites": dose.sites if dose else (),
        "checks": item.checks,
    }
    return ListedRow("", (_json(values),))


def _json(value: dict[str, Any]) -> str:
    import json

    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _json_lines(
    rows: Iterable[ListedRow], unread: Sequence[Unread], reader: ListReader
) -> Iterator[str]:
    """Yield an object of `rows`, one a dose or check, and `errors`; what is unknown is null."""
    yield "{"
    yield '  "rows": ['
    yield from _with_commas(row.cells[0] for row in rows)
    yield "  ],"
    yield '  "errors": ['
    yield from _with_commas(
        _json(each._asdict() | {"line": each.line or None, "column": each.column or None})
        for each in unread
    )
    yield "  ]"
    yield "}"


def _with_commas(texts: Iterable[str]) -> Iterator[str]:
    before = ""
    for text in texts:
        if before:
            yield f"    {before},"
        before = text
    if before:
        yield f"    {before}"


FORMS: Final = {
    "table": ListForm(_table_row, _table_lines),
    "markdown": ListForm(_markdown_row, _markdown_lines),
    "csv": ListForm(_csv_row, _csv_lines),
    "json": ListForm(_json_row, _json_lines),
}
"""The forms of the list by name; another form is a row of this table."""
