"""Patients files: a clinic's patients in CSV, one line a patient, in memory one line at a time.

The caller opens the file; docs/clinic.md describes the columns. A field never holds a line
break, so a forgotten quote spoils one line and not the rest of the file.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import time
from functools import lru_cache
from typing import Any, BinaryIO, Final, NamedTuple

from dosecal.clinic.spill import Seen
from dosecal.errors import (
    FileError,
    PatientsFileError,
    Problem,
    QuantityError,
    RequestError,
)
from dosecal.formats.fields import READERS, shown
from dosecal.model.course import Course
from dosecal.model.hints import near_miss
from dosecal.model.schedule import Schedule
from dosecal.store.named import Finder

COLUMNS: Final = (
    "id", "schedule", "start", "time", "timezone", "weight_kg", "caregiver", "language",
    "avoid", "course", "title",
)  # fmt: skip
IN_COURSE_FILE: Final = (
    "schedule", "start", "time", "timezone", "weight_kg", "caregiver", "language", "avoid",
)  # fmt: skip
"""Columns that stay empty where `course` names a course file: it holds them itself."""
SEPARATORS: Final = ",;\t"

_CHUNK: Final = 1 << 13  # bytes; small, so that progress is seen
_MAX_LINE: Final = 1 << 16  # bytes
_MAX_CELL: Final = 1000  # characters
_SAVE_AS: Final = 'in Excel: Save As, "CSV UTF-8 (Comma delimited)"'
_OTHER_FILES: Final = (
    (b"PK\x03\x04", "a workbook (.xlsx or .ods) and no CSV"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls) and no CSV"),
    (b"%PDF", "a PDF and no CSV"),
    (b"\xff\xfe", 'UTF-16 (Excel\'s "Unicode Text")'),
    (b"\xfe\xff", 'UTF-16 (Excel\'s "Unicode Text")'),
)


class Row(NamedTuple):
    """One line of a patients file.

    Attributes:
        line: Its number in the file, from 1.
        id: The patient's id in the clinic, "" where it cannot be read.
        cells: The other columns that are not empty, by name.
        problems: What is wrong with the line as CSV, or with its id; each names its column.
    """

    line: int
    id: str
    cells: dict[str, str]
    problems: tuple[Problem, ...] = ()


class Patient(NamedTuple):
    """One patient: `title` is what the event titles are to show, "" where the file is silent."""

    id: str
    course: Course
    title: str = ""


class Defaults(NamedTuple):
    """What holds for the patients whose row does not say: a time of day, a zone.

    Attributes:
        clinic: Whose patients they are: part of what the UIDs are made from.
    """

    clock: time | None = None
    zone: str = ""
    clinic: str = ""


def read_rows(file: BinaryIO, name: str) -> Iterator[Row]:
    """Read the header of a patients file and return its rows; empty lines are left out.

    Args:
        file: The open file.
        name: How messages name it.

    Raises:
        PatientsFileError: It is no CSV in UTF-8, or its header is wrong; with every problem.
    """
    lines = enumerate(_lines(file, name), 1)
    number, header = next(((n, each) for n, each in lines if each.strip()), (1, b""))
    separator = ""
    if match := re.fullmatch(rb'"?sep=([,;|\t])"?', header.strip(b" "), re.IGNORECASE):
        separator = match[1].decode("ascii", "replace")
        number, header = next(lines, (number + 1, b""))
    try:
        text = _decoded(header)
        separator = separator or max(SEPARATORS, key=lambda each: _known_names(text, each))
        names = [_cell(each).casefold() for each in _split(text, separator)]
    except QuantityError as error:
        raise PatientsFileError(
            name, (Problem(f"line {number}", error.what, error.allowed, error.hint),)
        ) from error
    if problems := tuple(_header_problems(names, number)):
        raise PatientsFileError(name, problems)
    return (
        row
        for line, data in lines
        if (row := _row(line, data, names, separator)).problems or row.cells or row.id
    )


def _lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the lines without their ends (LF, CRLF or CR); a line too long is cut."""
    held = file.read(_CHUNK)
    for begin, kind in _OTHER_FILES:
        if held.startswith(begin):
            raise PatientsFileError(name, (Problem("", f"this is {kind}", _SAVE_AS),))
    if b"\0" in held[:4]:
        raise PatientsFileError(name, (Problem("", "this is UTF-16 or no text", _SAVE_AS),))
    held = held.removeprefix(b"\xef\xbb\xbf")
    more = True
    while more:
        chunk = file.read(_CHUNK)
        more = bool(chunk)
        *whole, held = (held + chunk).splitlines(keepends=True) or [b""]
        for line in whole:
            yield line.rstrip(b"\r\n")
        if held.endswith(b"\n"):
            yield held.rstrip(b"\r\n")
            held = b""
        elif len(held) > _MAX_LINE and not held.endswith(b"\r"):
            held = held[: _MAX_LINE + 1]
    if held:
        yield held.rstrip(b"\r")


def _decoded(line: bytes) -> str:
    if len(line) > _MAX_LINE:
        raise QuantityError(f"the line is longer than {_MAX_LINE} bytes", "one patient a line")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        looks = "windows-1251" if re.search(rb"[\x80-\xff]{3}", line) else "windows-1252"
        raise QuantityError(
            f"not UTF-8 at byte {error.start + 1} of the line; it looks like {looks}", _SAVE_AS
        ) from error


def _split(text: str, separator: str) -> list[str]:
    """Return the fields of a line (RFC 4180; spaces may stand about a field in quotes)."""
    if '"' not in text:
        return text.split(separator)
    fields, place, more = [], 0, separator
    while more:
        match = _field(separator).match(text, place)
        if match is None:
            raise QuantityError(
                "a quote is not closed on its line, or stands in a field without quotes",
                'a field in quotes ends on its line, and a quote in it is doubled: "say ""when"""',
            )
        quoted, plain, more = match.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        place = match.end()
    return fields


@lru_cache
def _field(separator: str) -> re.Pattern[str]:
    """Return the pattern of one field: in quotes, or without any but those of ="017"."""
    end = re.escape(separator)
    return re.compile(
        rf'''[ ]*(?: "([^"]*(?:""[^"]*)*)"[ ]* | (="[^"]*" | [^"{end}]*) ) ({end}|$)''', re.VERBOSE
    )


def _cell(text: str) -> str:
    """Return a field without the marks by which Excel keeps numbers as text."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1].replace('""', '"').strip()
    return text[1:].strip() if text.startswith("'") else text


def _known_names(text: str, separator: str) -> tuple[int, int]:
    """Return how well a separator fits a header: known columns, then all columns."""
    names = [_cell(each.replace('"', "")).casefold() for each in text.split(separator)]
    return sum(name in COLUMNS for name in names), len(names)


def _header_problems(names: list[str], line: int) -> Iterator[Problem]:
    for number, name in enumerate(names, 1):
        where = f"line {line}, column {number}"
        if name and name not in COLUMNS:
            yield Problem(
                where,
                f'unknown column "{shown(name)}"',
                f"known: {', '.join(COLUMNS)}; separated by comma, semicolon or tab",
                near_miss(name[:_MAX_CELL], COLUMNS),
            )
        elif name and name in names[: number - 1]:
            yield Problem(where, f'column "{name}" stands twice', "each once")
    needed = ["id"] if "course" in names else ["id", "schedule", "start"]
    if missing := [name for name in needed if name not in names]:
        yield Problem(
            f"line {line}",
            f"no column {' and no column '.join(missing)}",
            "the first line names the columns, for example: id,schedule,start,time,timezone",
        )


def _row(line: int, data: bytes, names: list[str], separator: str) -> Row:
    try:
        fields = _split(_decoded(data), separator)
    except QuantityError as error:
        return Row(line, "", {}, (Problem("", error.what, error.allowed, error.hint),))
    problems = []
    cells: dict[str, str] = {}
    for index, field in enumerate(fields):
        cell = _cell(field)
        if not cell:
            continue
        name = names[index] if index < len(names) else ""
        if not name:
            what = f'"{shown(cell)}" stands in column {index + 1}, which has no name'
            allowed = "a field that holds the separator stands in quotes"
            problems.append(Problem("", what, allowed))
        elif len(cell) > _MAX_CELL:
            problems.append(Problem(name, f"{len(cell)} characters", f"at most {_MAX_CELL}"))
        elif not cell.isprintable():
            odd = next(char for char in cell if not char.isprintable())
            what = f'an invisible character, U+{ord(odd):04X}, stands in "{shown(cell)}"'
            problems.append(Problem(name, what, "type the cell anew"))
        else:
            cells[name] = cell
    if separator != "," and "weight_kg" in cells:  # such files come with decimal commas
        cells["weight_kg"] = re.sub(r"^(\d+),(\d+)$", r"\1.\2", cells["weight_kg"])
    id = _composed(cells.pop("id", ""))
    if re.fullmatch(r"\d+([.,]\d+)?[Ee]\+\d+", id):
        what = f'Excel has shortened the id to "{id}"'
        problems.append(Problem("id", what, "the column's cells formatted as text in Excel"))
    if not id and cells and not any(each.where in ("id", "") for each in problems):
        problems.append(Problem("id", "missing", "the patient's id in your clinic"))
    return Row(line, id, cells, tuple(problems))


def _composed(text: str) -> str:
    """Return a text with its letters composed (NFC), so that one id is not two."""
    if text.isascii():
        return text
    from unicodedata import normalize

    return normalize("NFC", text)


def distinct(rows: Iterable[Row], seen: Seen) -> Iterator[Row]:
    """Yield the rows; one whose id stood before has that for a problem."""
    for row in rows:
        if row.id and (line := seen.first(f"id {row.id}", row.line)) is not None:
            problem = Problem("id", f'"{row.id}" stands in line {line} already', "each id once")
            yield row._replace(problems=(*row.problems, problem))
        else:
            yield row


def row_error(name: str, row: Row, problem: Problem) -> str:
    """Return a problem of a row in words: file, line, column, what is wrong."""
    column = f", column {problem.where}" if problem.where else ""
    what = Problem(f"line {row.line}{column}", problem.what, problem.allowed, problem.hint)
    return f"{name}: {what}"


def read_patient(row: Row, defaults: Defaults, find: Finder) -> Patient | tuple[Problem, ...]:
    """Return the patient of a row, or every problem of the row; each names its column."""
    problems = list(row.problems)
    values: dict[str, Any] = {}
    for name, cell in row.cells.items():
        try:
            values[name] = READERS[name](cell) if name in READERS else cell
        except QuantityError as error:
            problems.append(Problem(name, error.what, error.allowed, error.hint))
    named = "course" if "course" in row.cells else "schedule"
    if named == "course":
        problems += (
            Problem(name, "stands in the course file", "an empty cell here")
            for name in IN_COURSE_FILE
            if name in row.cells
        )
    else:
        unread = {each.where for each in row.problems}
        problems += (
            Problem(name, "missing")
            for name in ("schedule", "start")
            if name not in row.cells and not {name, ""} & unread
        )
    course = None
    try:
        if named == "course":
            course = find.course(values["course"])
        elif "schedule" in values:
            schedule = find.schedule(values["schedule"])
            problems += _unmet(row, values, schedule, defaults)
            if not problems:
                course = _course(row.id, values, schedule, defaults)
    except FileError as error:
        problems += (Problem(named, f"{error.file}: {each}") for each in error.problems)
    except RequestError as error:
        problems.append(Problem(named, error.in_one_line))
    if problems or course is None:
        return tuple(problems)
    return Patient(row.id, course, values.get("title", ""))


def _unmet(
    row: Row, values: dict[str, Any], schedule: Schedule, defaults: Defaults
) -> Iterator[Problem]:
    """Yield what the schedule or another column needs and the row does not say."""
    clock = values.get("time") or defaults.clock
    if clock and not defaults.zone and "timezone" not in row.cells:
        allowed = "a time of day needs a zone such as Europe/Moscow"
        yield Problem("timezone", "missing", allowed)
    weight = values.get("weight_kg")
    if weight is None and "weight_kg" in row.cells:
        return
    for phase in schedule.phases:
        try:
            phase.dose_for(weight)
        except RequestError as error:
            if weight is None:
                allowed = f'the dose of phase "{phase.name}" depends on the weight in kg'
                yield Problem("weight_kg", "missing", allowed)
            else:
                yield Problem("weight_kg", str(error))
            return


def _course(id: str, values: dict[str, Any], schedule: Schedule, defaults: Defaults) -> Course:
    owner = f"{defaults.clinic}\n{id}" if defaults.clinic else id
    return Course(
        schedule,
        id=f"{schedule.id}\n{values['start'].isoformat()}\n{owner}",
        start=values["start"],
        clock=values.get("time") or defaults.clock,
        zone=values.get("timezone") or defaults.zone,
        weight_kg=values.get("weight_kg"),
        caregiver=values.get("caregiver", False),
        language=values.get("language", ""),
        avoid=values.get("avoid", ()),
    )
