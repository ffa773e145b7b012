"""Where the rows of a patient become a calendar file: one maker of calendars in each process.

A file comes into being under a name of its own and is then renamed, so that whatever interrupts
the work leaves only whole ones.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from dosecal.clinic.journal import WrittenCalendar
from dosecal.clinic.patients_file import (
    Patient,
    PatientRow,
    RowDefaults,
    Today,
    Unexpected,
    read_guarded,
    row_question,
    unexpected,
)
from dosecal.errors import DosecalError, Problem
from dosecal.ical.calendar_file import (
    CalendarPart,
    Template,
    calendar_of_several,
    calendar_template,
)
from dosecal.ical.events import CalendarOptions
from dosecal.ical.revisions import CalendarPlan, calendar_plan
from dosecal.model.course import Course
from dosecal.model.languages import known_code
from dosecal.model.schedule import Schedule, digest
from dosecal.plan.advice import acting
from dosecal.plan.walk import AssessedDose
from dosecal.store.files import OWN_CALENDAR, begins_with, not_ours, pour, replacing
from dosecal.store.named import Finder
from dosecal.words.language import language
from dosecal.words.reasons import reason_text

WORKSHOP: Final = ".dosecal"
"""The folder in the clinic's folder that holds unfinished files and the journal."""
RESTS: Final = (
    r"\d+\.tmp(\.[0-9a-f]{8}\.new)?",
    r"(index|errors)\.csv(\.[0-9a-f]{8})?\.new",
    r"(index|errors)\.csv\.tmp",  # of earlier versions
)
"""The names of unfinished files in it."""
_KEPT: Final = 256  # schedules kept at once
_PLANS: Final = 512  # calendars kept at once, some megabytes
_SHARED: Final = itemgetter(
    *(n for n, name in enumerate(Course._fields) if name not in ("schedule", "id", "log"))
)
"""What of a course, but for its schedule, those share who begin alike."""


class BatchSettings(NamedTuple):
    """What holds for all patients of a batch.

    Attributes:
        folder: Where the calendars go.
        find: How schedules and course files are found; other processes get a copy.
        defaults: What holds for rows that do not say.
        today: The day of each patient.
        version: Of everything that forms the bytes.
        options: What all calendars show; in English, for a language is read where it is needed.
        language: The code of the language of the patients who name none.
        limit: At most so many doses a patient; None: no limit.
        first: The first date, inclusive; None: each patient's start.
        until: The last date, inclusive; None: a year from the first.
        epoch: The instant that counts as the time of every event's last change, or None.
    """

    folder: Path
    find: Finder
    defaults: RowDefaults
    today: Today
    version: str
    options: CalendarOptions
    language: str = "en"
    limit: int | None = None
    first: date | None = None
    until: date | None = None
    epoch: datetime | None = None


class CalendarTask(NamedTuple):
    """A calendar to make: the rows of one patient, of different schedules.

    Attributes:
        rows: The rows; more than one where the patient has several medicines.
        file: The calendar's name in the folder; "" where a row is wrong already.
        known: What an earlier run has noted of the file.
        patients: What was read of the rows already, one a row; empty: nothing yet.
    """

    rows: tuple[PatientRow, ...]
    file: str
    known: WrittenCalendar | None = None
    patients: tuple[Patient | tuple[Problem, ...], ...] = ()


class CalendarResult(NamedTuple):
    """What came of a task.

    Attributes:
        written: The calendar, or None.
        kept: Whether it stood already as it would be written.
        problems: Each with the row that it is of.
        questions: What a reader should look at, each with its row.
    """

    written: WrittenCalendar | None = None
    kept: bool = False
    problems: tuple[tuple[PatientRow, Problem], ...] = ()
    questions: tuple[tuple[PatientRow, Problem], ...] = ()

    @property
    def broken(self) -> bool:
        """Whether something went wrong that is no mistake of the user's."""
        return any(isinstance(problem, Unexpected) for _, problem in self.problems)


class _Plan(NamedTuple):
    """What those who begin alike share: the calendar but for its UIDs, and the index's cells.

    Attributes:
        planned: What the calendar holds.
        template: The calendar.
        first: Date of its first dose, ISO 8601.
        next: Date of the next dose, or "".
        doses: How many it holds.
        ends: Whether the plan goes on after the calendar and no dose in it is still to come.
    """

    planned: CalendarPlan
    template: Template
    first: str
    next: str
    doses: int
    ends: bool


class CalendarMaker:
    """Makes calendars of rows: one in each process, with what it has read already."""

    def __init__(self, settings: BatchSettings, *, write: bool) -> None:
        self._settings = settings
        self._write = write
        self._named: dict[tuple[Schedule, str], Schedule] = {}
        self._plans: dict[tuple[object, ...], _Plan] = {}
        self._options: dict[tuple[str, str], CalendarOptions] = {}
        same = (
            settings.version, settings.options, settings.limit, settings.first, settings.until,
            settings.epoch,
        )  # fmt: skip
        self._same = sha256(repr(same).encode()).hexdigest()
        self._temporary = self._path(f"{WORKSHOP}{os.sep}{os.getpid()}.tmp")

    def patient(self, row: PatientRow) -> Patient | tuple[Problem, ...]:
        """Return the patient of a row, or what is wrong."""
        return read_guarded(row, self._settings.defaults, self._settings.find)

    def make(self, task: CalendarTask) -> CalendarResult:
        """Write the calendar of a patient's rows if it does not stand already.

        Raises:
            OSError: The folder cannot be written: that holds for all rows.
        """
        read = task.patients or tuple(map(self.patient, task.rows))
        patients = [each for each in read if isinstance(each, Patient)]
        if len(patients) < len(read):
            return _not_written(task, read)
        try:
            questions = tuple(self._questions(task.rows, patients))
            if not begins_with(self._path(task.file), OWN_CALENDAR):
                raise not_ours(self._path(task.file))
            alike = [self._alike(each) for each in patients]
            asked = self._digest(patients, alike)
            if task.known and self._stands(task.file, task.known, asked, patients):
                return CalendarResult(task.known, kept=True, questions=questions)
            plans = [self._plan(*each) for each in zip(patients, alike, strict=True)]
            made = [plan for plan in plans if isinstance(plan, _Plan)]
            if len(made) < len(plans):
                return _not_written(
                    task, tuple(() if isinstance(plan, _Plan) else (plan,) for plan in plans)
                )
            return CalendarResult(
                self._written(task.file, asked, patients, made), questions=questions
            )
        except OSError:
            raise
        except Exception as error:
            return _not_written(task, ((_problem(error),), *((),) * (len(patients) - 1)))

    def _questions(
        self, rows: Iterable[PatientRow], patients: Iterable[Patient]
    ) -> Iterator[tuple[PatientRow, Problem]]:
        for row, patient in zip(rows, patients, strict=True):
            today = self._settings.today.of(patient.course.zone)
            if question := row_question(row, patient.course, today):
                yield row, question

    def _days(self, patients: Iterable[Patient]) -> list[str]:
        return sorted(self._settings.today.of(each.course.zone).isoformat() for each in patients)

    def _stands(
        self, file: str, known: WrittenCalendar, asked: str, patients: Iterable[Patient]
    ) -> bool:
        """Say whether a calendar stands as it would be written now."""
        days = self._days(patients)
        if known.asked != asked or not known.today <= days[0] <= days[-1] <= (
            known.next or days[-1]
        ):
            return False
        try:
            with open(self._path(file), "rb") as old:
                return sha256(old.read()).hexdigest() == known.digest
        except FileNotFoundError:
            return False

    def _path(self, file: str) -> str:
        """Return the path of a file."""
        return f"{self._settings.folder}{os.sep}{file}"

    def _written(
        self, file: str, asked: str, patients: list[Patient], plans: list[_Plan]
    ) -> WrittenCalendar:
        """Put the calendar of a patient's plans in its place, and return what is noted of it."""
        known_digest = ""
        if self._write:
            data = plans[0].template.filled(patients[0].course.id)
            if len(plans) > 1:
                data = calendar_of_several(
                    [self._part(*each) for each in zip(patients, plans, strict=True)]
                )
            known_digest = sha256(data).hexdigest()
            with replacing(self._path(file), self._temporary, lock=False) as descriptor:
                pour(descriptor, data)
        coming = [plan.next for plan in plans if plan.next]
        return WrittenCalendar(
            asked,
            known_digest,
            min(plan.first for plan in plans),
            min(coming, default=""),
            sum(plan.doses for plan in plans),
            any(plan.ends for plan in plans),
            self._days(patients)[-1],
        )

    def _plan(self, patient: Patient, alike: tuple[object, ...]) -> _Plan | Problem:
        """Return what is planned for a patient, or why nothing can be.

        It is made once for all who have no record and are alike.

        Args:
            patient: The patient.
            alike: What the plan is made from.
        """
        alone = patient.course.log is not None
        if not alone and alike in self._plans:
            return self._plans[alike]
        try:
            plan = self._new_plan(patient)
        except OSError:
            raise
        except Exception as error:
            return _problem(error)
        if not alone:
            if len(self._plans) == _PLANS:
                self._plans.clear()
            self._plans[alike] = plan
        return plan

    def _new_plan(self, patient: Patient) -> _Plan:
        settings, course = self._settings, self._named_course(patient.course)
        planned = calendar_plan(
            course, settings.limit, settings.first, settings.until, settings.epoch
        )
        from_start = planned.doses if settings.first is None else ()
        due = next_day(course, from_start, settings.today.of(course.zone))
        part = self._part_of(patient, planned)
        template = calendar_template(
            part.course, planned, reason_text=part.reason_text, options=part.options
        )
        days = [dose.day for dose in planned.doses]
        return _Plan(
            planned,
            template,
            min(days).isoformat(),
            due.isoformat() if due else "",
            len(days),
            due is not None and due > max(days),
        )

    def _part(self, patient: Patient, plan: _Plan) -> CalendarPart:
        return self._part_of(patient, plan.planned)

    def _part_of(self, patient: Patient, planned: CalendarPlan) -> CalendarPart:
        """Return a patient's course for a calendar, in the patient's language."""
        options = self._shown(self._language(patient.course), patient.title)
        course = self._named_course(patient.course)
        words = reason_text(course.citing, options.language)
        return CalendarPart(course, planned, words, options)

    def _language(self, course: Course) -> str:
        """Return the code of the language that a patient's calendar is in."""
        return known_code(course.language or self._settings.language)

    def _shown(self, code: str, title: str) -> CalendarOptions:
        """Return what a calendar in a language shows; `title` is what the row says, or ""."""
        if (code, title) not in self._options:
            options = replace(self._settings.options, language=language(code))
            if title:
                options = replace(options, title="medicine" if title == "medicine" else "discreet")
            self._options[code, title] = options
        return self._options[code, title]

    def _named_course(self, course: Course) -> Course:
        """Return a course whose schedules have their names in its language."""
        code = self._language(course)
        return course.with_schedules(lambda each: self._in_language(each, code))

    def _in_language(self, schedule: Schedule, code: str) -> Schedule:
        """Return a schedule with its names in a language: one value, whose texts are kept."""
        key = (schedule, code)
        if key not in self._named:
            if len(self._named) == _KEPT:
                self._named.clear()
            self._named[key] = schedule.named(code)
        return self._named[key]

    def _alike(self, patient: Patient) -> tuple[object, ...]:
        """Return everything that a calendar is made from but the course's id and its log."""
        course = patient.course
        return (
            digest(course.schedule), patient.title, self._language(course), *_SHARED(course)
        )  # fmt: skip

    def _digest(self, patients: Iterable[Patient], alike: Iterable[tuple[object, ...]]) -> str:
        parts = [
            (patient.course.id, patient.course.log, each)
            for patient, each in zip(patients, alike, strict=True)
        ]
        return sha256(repr((self._same, parts)).encode("utf-8", "replace")).hexdigest()


def _problem(error: Exception) -> Problem:
    """Return what is said of an error that keeps a row from becoming a calendar."""
    if isinstance(error, DosecalError):
        return Problem("", str(error))
    if isinstance(error, OverflowError):
        return Problem("", "its doses run past the year 9999")
    return unexpected(error)


def _not_written(
    task: CalendarTask, found: Sequence[Patient | tuple[Problem, ...]]
) -> CalendarResult:
    """Return that no calendar is written of a patient's rows.

    A calendar that lacked one of a patient's medicines would look whole, so a row that is right is
    not written where another of the same patient is wrong.

    Args:
        task: The task.
        found: For each row its problems; a patient, or nothing, where it is right.
    """
    problems: list[tuple[PatientRow, Problem]] = []
    wrong = [
        row.line
        for row, each in zip(task.rows, found, strict=True)
        if each and not isinstance(each, Patient)
    ]
    for row, each in zip(task.rows, found, strict=True):
        if each and not isinstance(each, Patient):
            problems += ((row, problem) for problem in each)
        else:
            what = f"not written, because line {wrong[0]} of the same patient is wrong"
            problems.append((row, Problem("id", what, "one calendar holds all rows of an id")))
    return CalendarResult(problems=tuple(problems))


def next_day(course: Course, planned: Iterable[AssessedDose], today: date) -> date | None:
    """Return the date of the dose to act on as of a day, or None where none is left.

    Without a record doses of the past are taken as given, so that the plan itself tells.

    Args:
        course: The course.
        planned: The first doses of the plan, as many as are known already.
        today: The day.
    """
    if course.log is None:
        for dose in planned:
            if dose.latest >= today:
                return max(dose.target, today)
    dose_to_act_on = acting(course, today)
    return dose_to_act_on.day if dose_to_act_on else None
