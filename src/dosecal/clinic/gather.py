"""Where a clinic's patients stand: patients files, course files and folders of course files."""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from dosecal.clinic.patients_file import (
    Patient,
    Repeats,
    RowDefaults,
    Today,
    Unexpected,
    problem_words,
    read_patients,
    read_rows,
    row_error,
    row_question,
    unexpected,
)
from dosecal.clinic.spill import Notebook
from dosecal.clinic.work_list import ListedRow, WorkItem, WorkList, find
from dosecal.clinic.work_list_text import Unread
from dosecal.errors import DosecalError, FileError, Problem, RequestError
from dosecal.model.dates import year_question
from dosecal.store.courses import course_files
from dosecal.store.files import open_regular
from dosecal.store.named import Finder

WEEK: Final = timedelta(days=6)
"""How long a list reaches where nobody says: this day is its last."""


class Asked(NamedTuple):
    """What a work list is asked for.

    Attributes:
        sources: Patients files, course files (.toml) and folders of course files.
        finder: How what a file names is found, from the folder in which it lies.
        defaults: What holds for rows of a patients file that do not say.
        today: The day of each patient, for which doses are assessed.
        first: The first date, inclusive; None: each patient's day.
        until: The last date, inclusive; None: six days after the first.
    """

    sources: tuple[str, ...]
    finder: Callable[[str], Finder]
    defaults: RowDefaults
    today: Today
    first: date | None = None
    until: date | None = None

    def dates(self, today: date) -> tuple[date, date]:
        """Return the first and the last date of the list of a patient whose day is `today`."""
        first = self.first or today
        return first, self.until or first + WEEK


class Gathered(NamedTuple):
    """A work list, and what was found while making it.

    Attributes:
        decision_missing: Whether some patient's dose to act on leaves something to ask; that of a
            course that was withdrawn again counts, for `wrong` is graver.
        unread: What could not be read, so that the list is not complete.
        wrong: Whether a course or patients file, or a row of one, is wrong.
        broken: Whether something went wrong that is no mistake of the user's.
    """

    work: WorkList
    decision_missing: bool
    unread: tuple[Unread, ...]
    wrong: bool
    broken: bool


class _PatientPlace(NamedTuple):
    """Where a patient stands: its words, and the file, the line and its column for the course."""

    words: str
    file: str
    line: int = 0
    column: str = ""


class _NotRead(NamedTuple):
    """What could not be read: what is wrong with it, and the words that say so.

    Attributes:
        wrong: Whether a file is wrong, and not only one that cannot be used.
        broken: Whether it is no mistake of the user's.
    """

    unread: tuple[Unread, ...]
    words: str
    wrong: bool = True
    broken: bool = False


def gather(
    asked: Asked, row_of: Callable[[WorkItem], ListedRow], report: Callable[[str], None]
) -> Gathered:
    """Return what is to be done for all patients.

    Each file and row is guarded: what cannot be read is named, and the others are listed.

    Args:
        asked: What the list is asked for.
        row_of: Makes a row of the list of an item.
        report: Told of each problem, and of what a reader should look at.
    """
    return _Gathering(asked, row_of, report).all()


class _Gathering:
    """The making of a work list: what is listed so far, and what could not be read."""

    def __init__(
        self, asked: Asked, row_of: Callable[[WorkItem], ListedRow], report: Callable[[str], None]
    ) -> None:
        self._asked, self._row_of, self._report = asked, row_of, report
        self._work = WorkList()
        self._courses = Notebook()  # by id: where the course stands that was read first
        self._asks = False
        self._unread: list[Unread] = []
        self._wrong = self._broken = False

    def all(self) -> Gathered:
        """Go through all sources."""
        for source in self._asked.sources:
            for place, patient in self._patients(source):
                if isinstance(patient, _NotRead):
                    self._say(patient)
                elif self._is_first(place, patient):
                    self._list(place, patient)
        self._courses.close()
        return Gathered(
            self._work, self._asks, tuple(self._unread),
            self._wrong, self._broken,
        )  # fmt: skip

    def _say(self, found: _NotRead) -> None:
        self._report(found.words)
        self._unread += found.unread
        self._wrong |= found.wrong
        self._broken |= found.broken

    def _list(self, place: _PatientPlace, patient: Patient) -> None:
        """Put what is to be done for a patient on the list."""
        try:
            today = self._asked.today.of(patient.course.zone)
            found = find(patient, place.words, today, *self._asked.dates(today))
            rows = [(item, self._row_of(item)) for item in found.items]
        except (DosecalError, OverflowError) as error:
            what = str(error)
            if isinstance(error, OverflowError):
                what = "its doses run past the year 9999"
            self._say(_not_read(place, patient.id, what))
            return
        except Exception as error:
            self._say(_broken(place, patient.id, error))
            return
        for item, row in rows:
            self._work.add(item, row)
        self._asks |= found.decision_missing

    def _is_first(self, place: _PatientPlace, patient: Patient) -> bool:
        """Say whether a course is to be listed: not a second time, and no copy of another's file.

        Of two files that hold one course neither is to be trusted: what was listed of the first is
        withdrawn. Of two rows of patients files the first counts.
        """
        if not place.column:  # a row that is all there is of its course
            return True
        id, file = patient.course.id, os.path.realpath(place.file)
        if place.line:
            file = os.path.realpath(os.path.join(os.path.dirname(place.file), patient.file))
        noted = self._courses
        first_file = noted.first(f"file {id}", file)
        first_line = noted.first(f"line {id}", str(place.line))
        first_id = noted.first(f"id {id}", patient.id)
        first_words = noted.first(f"place {id}", place.words)
        if first_file is None:
            return True
        rows = place.line > 0 and first_line != "0"
        if first_file == file and (not rows or first_words == place.words):
            return False
        what = f"this course is that of {first_words} already"
        if rows:
            self._say(_not_read(place, patient.id, what, "one course file a patient"))
            return False
        allowed = "one of them is a copy: neither is listed; compare them and move one away"
        self._say(_not_read(place, patient.id, what, allowed))
        if noted.first(f"copied {id}", "yes") is None:
            self._work.withdraw(id)
            what = f"this course is that of {place.words} too ({allowed})"
            line = int(first_line or 0)
            source = str(first_words).removesuffix(f":{line}")
            where = _PatientPlace(str(first_words), source, line, "course" if line else "id")
            self._unread += _not_read(where, str(first_id), what).unread
        return False

    def _patients(self, source: str) -> Iterator[tuple[_PatientPlace, Patient | _NotRead]]:
        """Yield where each patient of a source stands, and the patient or what is wrong."""
        place = _PatientPlace(source, source, 0, "id")
        name = os.path.basename(source.rstrip("/\\")) or source
        try:
            folder = os.path.isdir(source)
            find = self._asked.finder(source if folder else os.path.dirname(source))
            if folder:
                for each in course_files(source):
                    yield _PatientPlace(each, each, 0, "id"), self._course(each, find)
            elif source.endswith(".toml"):
                yield place, self._course(source, find)
            else:
                yield from self._rows(source, find)
        except DosecalError as error:
            yield place, _file_not_read(source, name, error)
        except OSError as error:
            words = f"cannot read {source}: {error.strerror or error}"
            yield place, _file_not_read(source, name, RequestError(words))
        except Exception as error:
            yield place, _broken(place, name, error)

    def _course(self, path: str, find: Finder) -> Patient | _NotRead:
        name = os.path.basename(path)
        id = name.removesuffix(".toml")
        try:
            patient = Patient(id, find.course(name), file=path)
        except DosecalError as error:
            return _file_not_read(path, id, error)
        except Exception as error:
            return _broken(_PatientPlace(path, path), id, error)
        course = patient.course
        if question := year_question(course.start, self._asked.today.of(course.zone)):
            self._report(str(Problem(f"{path}: start", question)))
        return patient

    def _rows(self, path: str, find: Finder) -> Iterator[tuple[_PatientPlace, Patient | _NotRead]]:
        repeats = Repeats()
        with open_regular(path) as file:
            rows = read_rows(file, path)
            for row, patient in read_patients(rows, self._asked.defaults, find, repeats):
                column = "course" if "course" in row.cells else ""
                place = _PatientPlace(f"{path}:{row.line}", path, row.line, column)
                if isinstance(patient, Patient):
                    today = self._asked.today.of(patient.course.zone)
                    if question := row_question(row, patient.course, today):
                        self._report(row_error(path, row, question))
                    yield place, patient
                    continue
                id = row.id or f"line {row.line}"
                unread = (
                    Unread(id, path, row.line, each.where, problem_words(each)) for each in patient
                )
                words = "\n".join(row_error(path, row, each) for each in patient)
                broken = any(isinstance(each, Unexpected) for each in patient)
                yield place, _NotRead(tuple(unread), words, broken=broken)
        repeats.close()


def _not_read(place: _PatientPlace, id: str, what: str, allowed: str = "") -> _NotRead:
    """Return that a patient could not be listed."""
    problem = Problem("", what, allowed)
    unread = Unread(id, place.file, place.line, place.column, str(problem))
    where = place.words
    if place.line:
        column = f", column {place.column}" if place.column else ""
        where = f"{place.file}: line {place.line}{column}"
    return _NotRead((unread,), f"{where}: {problem}")


def _broken(place: _PatientPlace, id: str, error: Exception) -> _NotRead:
    """Return that a mistake of dosecal itself keeps a patient from being listed."""
    found = _not_read(place, id, unexpected(error).what)
    return found._replace(wrong=False, broken=True)


def _file_not_read(path: str, id: str, error: DosecalError) -> _NotRead:
    """Return that a file could not be read, with each of its problems."""
    if not isinstance(error, FileError):
        return _NotRead((Unread(id, path, 0, "", error.in_one_line),), str(error), wrong=False)
    unread = (Unread(id, error.file, 0, each.where, problem_words(each)) for each in error.problems)
    return _NotRead(tuple(unread), str(error))
