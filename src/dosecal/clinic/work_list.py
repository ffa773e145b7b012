"""The clinic's work list: who is due, late or to be checked between two dates."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from dosecal.clinic.spill import scratch
from dosecal.model.course import Course
from dosecal.model.history import history
from dosecal.model.schedule import CheckTime, Listed, Then
from dosecal.plan.assess import doses
from dosecal.plan.late import OPEN_QUESTIONS
from dosecal.plan.walk import OPEN, AssessedDose, Status
from dosecal.words.language import ENGLISH, Language
from dosecal.words.reasons import reasons_text

if TYPE_CHECKING:
    from sqlite3 import Connection

IN_MEMORY: Final = 20_000
"""So many entries are sorted in memory, inclusive; more are sorted on disk."""


class Entry(NamedTuple):
    """One line of the list: a dose, or a dated check (`number` 0).

    Attributes:
        first: Whether it stands before all others: late, or given and still to be decided.
        day: When it is to be done; ISO 8601, as every date here.
        clock: "09:00", or "".
        source: Where the patient stands: a file, and the line of a patients file.
        check: Names of the checks: the dated one, or those that belong before this dose.
        target: When the dose was or is due.
        why: The reasons of the dose, in the reader's language.
        name: What the reader's language calls the medicine.
    """

    first: bool
    day: str
    clock: str
    patient: str
    source: str
    number: int
    medicine: str
    dose: str = ""
    injections: int = 0
    sites: tuple[str, ...] = ()
    phase: str = ""
    target: str = ""
    earliest: str = ""
    latest: str = ""
    status: str = ""
    check: tuple[str, ...] = ()
    why: str = ""
    name: str = ""


class Found(NamedTuple):
    """The entries of one course, and whether a decision is missing that no source states."""

    entries: tuple[Entry, ...]
    decision_missing: bool


def find(
    course: Course,
    patient: str,
    source: str,
    today: date,
    first: date,
    until: date,
    language: Language = ENGLISH,
) -> Found:
    """Return what is to be done for one patient from `first` to `until`, both inclusive.

    Late doses are found whatever their date, and so is a dose given whose question is open.

    Args:
        course: The patient's.
        patient: The patient's id.
        source: Where the patient stands.
        today: The day for which doses are assessed.
        first: The first date.
        until: The last date.
        language: What reasons and the medicine's name are written in; renderers put the rest
            into words.

    Raises:
        RequestError: A dose depends on a body weight that is not known.
    """
    clock = course.clock.strftime("%H:%M") if course.clock else ""
    last_given = history(course).last_given
    undecided: list[AssessedDose] = []
    listed: list[AssessedDose] = []
    acting: AssessedDose | None = None
    for dose in doses(course, today):
        if dose.number > last_given and min(dose.day, dose.target) > max(until, today):
            break
        if dose.status is Status.GIVEN:
            undecided = [] if dose.then is Then.RESTART else undecided
            undecided += [dose] if dose.undecided else []
        elif dose.status in OPEN:
            acting = acting or dose
            if dose.status is Status.LATE or first <= dose.day <= until:
                listed.append(dose)
    entries = [
        _dose_entry(course, dose, patient, source, clock, language) for dose in undecided + listed
    ]
    for check in course.schedule.checks:
        if isinstance(check.when, Listed):
            entries += (
                Entry(False, day.isoformat(), "", patient, source, 0, course.schedule.medicine,
                      status="check", check=(check.name,),
                      name=course.schedule.named(language.code).medicine)
                for index in range(len(check.when.counts))
                if first <= (day := check.when.offset(index).after(course.start)) <= until
            )  # fmt: skip
    missing = bool(undecided) or (acting is not None and acting.then in OPEN_QUESTIONS)
    return Found(tuple(entries), missing)


def _dose_entry(
    course: Course, dose: AssessedDose, patient: str, source: str, clock: str, language: Language
) -> Entry:
    schedule = course.schedule
    before: tuple[str, ...] = ()
    if dose.status in OPEN:
        before = tuple(
            check.name
            for check in schedule.checks
            if check.when is CheckTime.BEFORE_EACH_DOSE
            or (check.when is CheckTime.BEFORE_START and dose.number == 1)
        )
    return Entry(
        dose.status not in (Status.DUE, Status.UPCOMING),
        dose.day.isoformat(),
        clock,
        patient,
        source,
        dose.number,
        schedule.medicine,
        str(dose.amount),
        dose.injections,
        dose.sites,
        dose.phase.name,
        dose.target.isoformat(),
        dose.earliest.isoformat(),
        dose.latest.isoformat(),
        dose.status.value,
        before,
        reasons_text(schedule, dose, language),
        schedule.named(language.code).medicine,
    )


class WorkList:
    """Entries in the order of the list, in flat memory whatever their number.

    What stands first comes in order of its target; all else in order of date and time of day.
    """

    def __init__(self) -> None:
        self._few: list[tuple[str, Entry]] = []
        self._many: Connection | None = None

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries in any order."""
        for entry in entries:
            when = f"0 {entry.target}" if entry.first else f"1 {entry.day} {entry.clock}"
            self._few.append((f"{when}\t{entry.patient}\t{entry.number:06}", entry))
        if len(self._few) > IN_MEMORY:
            self._spill()

    def _spill(self) -> None:
        import json

        if self._many is None:
            self._many = scratch()
            self._many.execute("CREATE TABLE entries (place TEXT, entry TEXT)")
        rows = ((place, json.dumps(entry)) for place, entry in self._few)
        self._many.executemany("INSERT INTO entries VALUES (?, ?)", rows)
        self._few = []

    def __iter__(self) -> Iterator[Entry]:
        if self._many is None:
            self._few.sort(key=lambda each: each[0])
            yield from (entry for _, entry in self._few)
            return
        import json

        self._spill()
        for (text,) in self._many.execute("SELECT entry FROM entries ORDER BY place, rowid"):
            entry = Entry._make(json.loads(text))
            yield entry._replace(sites=tuple(entry.sites), check=tuple(entry.check))

    def close(self) -> None:
        """Give the disk back."""
        if self._many is not None:
            self._many.close()
