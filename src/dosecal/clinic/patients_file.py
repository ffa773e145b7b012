"""Patients files: a clinic's patients in CSV, one line a patient, in memory one line at a time.

The caller opens the file; docs/clinic.md describes the columns. A field never holds a line
break, so a forgotten quote spoils one line and not the rest of the file.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, BinaryIO, Final, NamedTuple

from dosecal.clinic.spill import Notebook
from dosecal.errors import (
    FileError,
    PatientsFileError,
    Problem,
    QuantityError,
    RequestError,
)
from dosecal.formats.fields import READERS, shown
from dosecal.model.course import Course
from dosecal.model.dates import year_question
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


class PatientRow(NamedTuple):
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


class Unexpected(Problem):
    """Something went wrong with a row that is no mistake of the user's."""


def unexpected(error: Exception, where: str = "") -> Unexpected:
    """Return what is said of a mistake of dosecal itself, met at a column or anywhere in a row."""
    return Unexpected(where, f"a mistake of dosecal itself: {type(error).__name__}: {error!s:.200}")


class Patient(NamedTuple):
    """One patient.

    Attributes:
        id: The patient's id in the clinic; where there is none, the name of the course file.
        course: The course.
        title: What the event titles are to show, "" where the file is silent.
        file: The course file, as it was named; "" where the row of a patients file is all.
    """

    id: str
    course: Course
    title: str = ""
    file: str = ""


class RowDefaults(NamedTuple):
    """What holds for the patients whose row does not say: a time of day, a zone.

    Attributes:
        clinic: The clinic's name, or "": part of what the UIDs are made from.
    """

    clock: time | None = None
    zone: str = ""
    clinic: str = ""


class Today(NamedTuple):
    """The day of each patient.

    Attributes:
        day: The day of those whose zone is not known; of all where no instant is given.
        instant: The present instant, in UTC; None where somebody said which day it is.
    """

    day: date
    instant: datetime | None = None

    def of(self, zone: str) -> date:
        """Return which day it is in a time zone; "": not known."""
        if self.instant is None or not zone:
            return self.day
        return _day(self.instant, zone)


@lru_cache
def _day(instant: datetime, zone: str) -> date:
    from zoneinfo import ZoneInfo

    return instant.astimezone(ZoneInfo(zone)).date()


class _BelowHeader(NamedTuple):
    """A patients file below its header: its lines with their numbers, and how they are split."""

    lines: Iterator[tuple[int, bytes]]
    names: list[str]
    separator: str


def read_rows(file: BinaryIO, name: str) -> Iterator[PatientRow]:
    """Read the header of a patients file and return its rows; empty lines are left out.

    Args:
        file: The open file.
        name: How messages name it.

    Raises:
        PatientsFileError: It is no CSV in UTF-8, or its header is wrong; with every problem.
    """
    lines, names, separator = _table(file, name)
    return (
        row
        for line, data in lines
        if (row := _row(line, data, names, separator)).problems or row.cells or row.id
    )


def read_ids(file: BinaryIO, name: str) -> Iterator[str]:
    """Return the ids of the rows of a patients file, without looking at the rest of them.

    Arguments and errors are those of `read_rows`. The id of a row that has none, or cannot be
    split, is "".
    """
    lines, names, separator = _table(file, name)
    column = names.index("id")
    for _, data in lines:
        try:
            fields = _split(_decoded(data), separator)
        except QuantityError:
            yield ""
            continue
        id = _cell(fields[column]) if column < len(fields) else ""
        if id and len(id) <= _MAX_CELL and id.isprintable():
            yield _composed(id)
        elif id or any(map(_cell, fields)):
            yield ""


def _table(file: BinaryIO, name: str) -> _BelowHeader:
    """Read the header of a patients file.

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
    return _BelowHeader(lines, names, separator)


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


def _row(line: int, data: bytes, names: list[str], separator: str) -> PatientRow:
    try:
        fields = _split(_decoded(data), separator)
    except QuantityError as error:
        return PatientRow(line, "", {}, (Problem("", error.what, error.allowed, error.hint),))
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
    return PatientRow(line, id, cells, tuple(problems))


def _composed(text: str) -> str:
    """Return a text with its letters composed (NFC), so that one id is not two."""
    if text.isascii():
        return text
    from unicodedata import normalize

    return normalize("NFC", text)


class Repeats:
    """Find what two rows may not share: an id with its schedule, and a course.

    One id may stand once for each schedule, so that a patient with two medicines has two rows.
    """

    def __init__(self) -> None:
        self._first = Notebook()

    def of_row(self, row: PatientRow, schedule: str) -> tuple[Problem, ...]:
        """Return the problem of a row whose id stood before with this schedule, and note it."""
        if not row.id:
            return ()
        line = self._first.first(f"row {row.id}\t{schedule}", str(row.line))
        if line is None:
            return ()
        what = f'"{row.id}" stands in line {line} already'
        return (Problem("id", what, "each id once for each schedule"),)

    def of_course(self, row: PatientRow, course: Course) -> tuple[Problem, ...]:
        """Return the problem of a row whose course file holds a course that stood before."""
        line = self._first.first(f"course {course.id}", str(row.line))
        if line is None:
            return ()
        what = f"this course is that of line {line} already"
        return (Problem("course", what, "one course file a patient"),)

    def close(self) -> None:
        """Give the disk back."""
        self._first.close()


def schedule_named(row: PatientRow, find: Finder) -> str:
    """Return the id of the schedule that a row names; what stands there where it is none."""
    name = row.cells.get("schedule", "")
    if not name.endswith(".toml") and "/" not in name and "\\" not in name:
        return name
    try:
        return find.schedule(name).id
    except Exception:  # reading its row meets that again, and names it
        return name


def read_guarded(
    row: PatientRow, defaults: RowDefaults, find: Finder
) -> "Patient | tuple[Problem, ...]":
    """Return the patient of a row; a mistake of dosecal itself is a problem of this row alone."""
    try:
        return read_patient(row, defaults, find)
    except Exception as error:
        return (*row.problems, unexpected(error, "course" if "course" in row.cells else ""))


def read_patients(
    rows: Iterable[PatientRow], defaults: RowDefaults, find: Finder, repeats: Repeats
) -> Iterator[tuple[PatientRow, "Patient | tuple[Problem, ...]"]]:
    """Yield each row with its patient, or with every problem of the row."""
    for row in rows:
        patient = read_guarded(row, defaults, find)
        if not isinstance(patient, Patient):
            again = repeats.of_row(row, schedule_named(row, find))
            yield row, (*again, *patient)
            continue
        again = repeats.of_row(row, patient.course.schedule.id)
        if "course" in row.cells:
            again = again or repeats.of_course(row, patient.course)
        yield row, again or patient


def row_error(name: str, row: PatientRow, problem: Problem) -> str:
    """Return a problem of a row in words: file, line, column, what is wrong."""
    column = f", column {problem.where}" if problem.where else ""
    what = Problem(f"line {row.line}{column}", problem.what, problem.allowed, problem.hint)
    return f"{name}: {what}"


def problem_words(problem: Problem) -> str:
    """Return what is wrong, and what would be right, without the place."""
    return str(Problem("", problem.what, problem.allowed, problem.hint))


def read_patient(
    row: PatientRow, defaults: RowDefaults, find: Finder
) -> Patient | tuple[Problem, ...]:
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
    return Patient(row.id, course, values.get("title", ""), values.get("course", ""))


def _unmet(
    row: PatientRow, values: dict[str, Any], schedule: Schedule, defaults: RowDefaults
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


def _course(id: str, values: dict[str, Any], schedule: Schedule, defaults: RowDefaults) -> Course:
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


def row_question(row: PatientRow, course: Course, today: date) -> Problem | None:
    """Return the question that a start far from today raises, at its column; None: it raises none.

    Args:
        row: The row.
        course: The course that it names.
        today: The day of the patient.
    """
    question = year_question(course.start, today)
    return Problem("course" if "course" in row.cells else "start", question) if question else None
