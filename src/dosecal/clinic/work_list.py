"""The clinic's work list: who is due, late or to be checked between two dates."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from dosecal.clinic.patients_file import Patient
from dosecal.clinic.spill import scratch
from dosecal.model.course import Course
from dosecal.model.history import history
from dosecal.model.schedule import CheckTime, Schedule
from dosecal.model.values import value
from dosecal.plan.advice import Standing
from dosecal.plan.assess import doses
from dosecal.plan.checks import at_dose, before_start, dated_checks
from dosecal.plan.walk import OPEN, AssessedDose, Status

if TYPE_CHECKING:
    from sqlite3 import Connection

IN_MEMORY: Final = 20_000
"""So many rows are sorted in memory, inclusive; more are sorted on disk."""


@value
class WorkItem(NamedTuple):
    """One thing to be done for a patient: a dose, or a dated check (`dose` None).

    Attributes:
        patient: The patient, with the course.
        place: Where the patient stands: a file, and the line of a patients file.
        day: The day on which it is to be done; of a dose recorded, the day it was given.
        dose: The dose.
        checks: The names of the dated check, or of those that belong before this dose.
    """

    patient: Patient
    place: str
    day: date
    dose: AssessedDose | None
    checks: tuple[str, ...]

    @property
    def schedule(self) -> Schedule:
        """The schedule that the dose is of, which may be that of a step."""
        return (self.dose.schedule if self.dose else None) or self.patient.course.schedule

    @property
    def urgent(self) -> bool:
        """Whether it stands before all others: late, or given and still to be decided."""
        return self.dose is not None and self.dose.status not in (Status.DUE, Status.UPCOMING)


@value
class PatientsWork(NamedTuple):
    """What is to be done for one patient.

    Attributes:
        decision_missing: Whether the dose to act on, recorded or not, leaves something to ask.
    """

    items: tuple[WorkItem, ...]
    decision_missing: bool


def find(patient: Patient, place: str, today: date, first: date, until: date) -> PatientsWork:
    """Return what is to be done for one patient from `first` to `until`, both inclusive.

    Whatever its date, the dose that is late is found (one a course: no two are ever to be given),
    and the dose last given off its window whose question is open.

    Args:
        patient: The patient.
        place: Where the patient stands.
        today: The day of the patient, for which doses are assessed.
        first: The first date.
        until: The last date.

    Raises:
        RequestError: A dose depends on a body weight that is not known.
        OverflowError: The doses run past the year 9999.
    """
    course = patient.course
    last_given = history(course).last_given
    standing = Standing()
    late: AssessedDose | None = None
    coming: list[AssessedDose] = []
    for dose in doses(course, today):
        if dose.number > last_given and min(dose.day, dose.target) > max(until, today):
            break
        standing.take(dose)
        if dose.status is Status.LATE:
            late = late or dose
        elif dose.status in OPEN and first <= dose.day <= until:
            coming.append(dose)
    listed = [each for each in (standing.undecided, late, *coming) if each]
    items = [
        WorkItem(patient, place, each.day, each, _checks_at(course, each, standing.dose, today))
        for each in listed
    ]
    items += (
        WorkItem(patient, place, each.day, None, (each.check.name,))
        for each in dated_checks(course, first, until, today)
    )
    return PatientsWork(tuple(items), standing.decision_missing)


def _checks_at(
    course: Course, dose: AssessedDose, acting: AssessedDose | None, today: date
) -> tuple[str, ...]:
    """Return the names of the checks that belong to a dose that is still to be given."""
    first = before_start(course, today) if dose is acting else ()
    there = (each for each in at_dose(course, dose) if each.when is not CheckTime.AFTER_EACH_DOSE)
    return tuple(each.name for each in (*first, *there))


@value
class ListedRow(NamedTuple):
    """A row of the list as its reader sees it: final texts, in their language.

    Attributes:
        heading: What stands above the group of the row, the same for all of the group.
        cells: The cells of its columns.
        below: The lines that stand below it.
    """

    heading: str
    cells: tuple[str, ...]
    below: tuple[str, ...] = ()


class WorkList:
    """Rows in the order of the list, in flat memory whatever their number.

    What is urgent comes first, in order of its target; all else in order of date and time of day.
    The rows of a course can be withdrawn again.
    """

    def __init__(self) -> None:
        self._few: list[tuple[str, str, ListedRow]] = []
        self._many: Connection | None = None

    def add(self, item: WorkItem, row: ListedRow) -> None:
        """Add the row of an item; in any order."""
        clock, dose = item.patient.course.clock, item.dose
        when = f"1 {item.day} {clock.strftime('%H:%M') if clock and dose else ''}"
        if item.urgent and dose:
            when = f"0 {dose.target}"
        number = dose.number if dose else 0
        place = f"{when}\t{item.patient.id}\t{number:06}"
        self._few.append((place, item.patient.course.id, row))
        if len(self._few) > IN_MEMORY:
            self._spill()

    def withdraw(self, course: str) -> None:
        """Take the rows of the course of an id out again."""
        self._few = [each for each in self._few if each[1] != course]
        if self._many is not None:
            self._many.execute("DELETE FROM rows WHERE course = ?", (course,))

    def _spill(self) -> None:
        import json

        if self._many is None:
            self._many = scratch()
            self._many.execute("CREATE TABLE rows (place TEXT, course TEXT, row TEXT)")
        rows = (
            (place.encode("utf-8", "replace").decode(), course, json.dumps(row))
            for place, course, row in self._few
        )
        self._many.executemany("INSERT INTO rows VALUES (?, ?, ?)", rows)
        self._few = []

    def __iter__(self) -> Iterator[ListedRow]:
        if self._many is None:
            self._few.sort(key=lambda each: each[0])
            yield from (row for _, _, row in self._few)
            return
        import json

        self._spill()
        for (text,) in self._many.execute("SELECT row FROM rows ORDER BY place, rowid"):
            heading, cells, below = json.loads(text)
            yield ListedRow(heading, tuple(cells), tuple(below))

    def __len__(self) -> int:
        on_disk = 0
        if self._many is not None:
            (on_disk,) = self._many.execute("SELECT count(*) FROM rows").fetchone()
        return len(self._few) + int(on_disk)

    def __bool__(self) -> bool:
        return True

    def close(self) -> None:
        """Give the disk back."""
        if self._many is not None:
            self._many.close()


def in_groups(rows: Iterable[ListedRow]) -> Iterator[tuple[str, Iterator[ListedRow]]]:
    """Yield the headings of rows in order, each with the rows below it."""
    from itertools import groupby

    yield from groupby(rows, lambda row: row.heading)
