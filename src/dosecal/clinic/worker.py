"""Where a row of a patients file becomes a calendar file: one desk in each process.

A file comes into being under a name of its own and is then renamed, so that whatever interrupts
the work leaves only whole ones.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from dosecal.clinic.journal import Written
from dosecal.clinic.patients_file import Defaults, Patient, Row, read_patient
from dosecal.errors import DosecalError, Problem
from dosecal.ical.calendar_file import Template, calendar_template
from dosecal.ical.events import CalendarOptions
from dosecal.ical.revisions import calendar_plan
from dosecal.model.course import Course
from dosecal.model.languages import known_code
from dosecal.model.schedule import Schedule
from dosecal.plan.advice import acting
from dosecal.plan.walk import AssessedDose
from dosecal.store.files import OWN_CALENDAR, not_ours
from dosecal.store.named import Finder
from dosecal.words.language import language
from dosecal.words.reasons import reason_text

WORKSHOP: Final = ".dosecal"
"""The folder in the clinic's folder that holds unfinished files and the journal."""
_KEPT: Final = 256  # schedules kept at once
_MODELS: Final = 512  # calendars kept at once, some megabytes


class Settings(NamedTuple):
    """What holds for all patients of a batch.

    Attributes:
        folder: Where the calendars go.
        find: How schedules and course files are found; other processes get a copy.
        version: Of everything that forms the bytes.
        options: What all calendars show; in English, for a language is read where it is needed.
        language: The code of the language of the patients who name none.
        epoch: The instant that counts as the time of every event's last change, or None.
    """

    folder: Path
    find: Finder
    defaults: Defaults
    today: date
    version: str
    options: CalendarOptions
    language: str = "en"
    limit: int | None = None
    first: date | None = None
    until: date | None = None
    epoch: datetime | None = None


class Task(NamedTuple):
    """One row to work on: its file, what is known of it, and the patient if read already."""

    row: Row
    file: str
    known: Written | None = None
    patient: Patient | tuple[Problem, ...] | None = None


class Result(NamedTuple):
    """What came of a row: a calendar (`kept`: it stood already), or problems."""

    written: Written | None = None
    kept: bool = False
    problems: tuple[Problem, ...] = ()


class _Model(NamedTuple):
    """What those who begin alike share: the calendar but for its UIDs, and the index's cells.

    Attributes:
        template: The calendar.
        first: Date of its first dose, ISO 8601.
        next: Date of the next dose, or "".
        doses: How many it holds.
        ends: Whether the plan goes on after the calendar and no dose in it is still to come.
    """

    template: Template
    first: str
    next: str
    doses: int
    ends: bool


class Desk:
    """Where rows become calendars: one in each process, with what it has read already."""

    def __init__(self, settings: Settings, *, write: bool) -> None:
        self._settings = settings
        self._write = write
        self._digests: dict[int, tuple[Schedule, str]] = {}
        self._named: dict[tuple[int, str], tuple[Schedule, Schedule]] = {}
        self._models: dict[tuple[object, ...], _Model] = {}
        self._options: dict[tuple[str, str], CalendarOptions] = {}
        same = (
            settings.version, settings.options, settings.limit, settings.first, settings.until,
            settings.epoch,
        )  # fmt: skip
        self._same = sha256(repr(same).encode()).hexdigest()
        self._temporary = self._path(f"{WORKSHOP}{os.sep}{os.getpid()}.tmp")

    def patient(self, row: Row) -> Patient | tuple[Problem, ...]:
        """Return the patient of a row, or what is wrong."""
        return read_patient(row, self._settings.defaults, self._settings.find)

    def do(self, task: Task) -> Result:
        """Write the calendar of a row if it does not stand already."""
        patient = task.patient or self.patient(task.row)
        if not isinstance(patient, Patient):
            return Result(problems=patient)
        try:
            self._refuse_other_kind(task.file)
            alike = self._alike(patient)
            asked = self._digest(patient.course, alike)
            if task.known and self._stands(task.file, task.known, asked):
                return Result(task.known, kept=True)
            return Result(self._made(patient, task.file, asked, alike))
        except DosecalError as error:
            return Result(problems=(Problem("", str(error)),))
        except OverflowError:
            what = "its doses run past the year 9999"
            return Result(problems=(Problem("", what),))

    def _refuse_other_kind(self, file: str) -> None:
        path = self._path(file)
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode) or not begins_with(path, OWN_CALENDAR):
            raise not_ours(path)

    def _stands(self, file: str, known: Written, asked: str) -> bool:
        """Say whether a calendar stands as it would be written now."""
        today = self._settings.today.isoformat()
        if known.asked != asked or not known.today <= today <= (known.next or today):
            return False
        try:
            with open(self._path(file), "rb") as old:
                return sha256(old.read()).hexdigest() == known.digest
        except FileNotFoundError:
            return False

    def _path(self, file: str) -> str:
        """Return the path of a file."""
        return f"{self._settings.folder}{os.sep}{file}"

    def _made(self, patient: Patient, file: str, asked: str, alike: tuple[object, ...]) -> Written:
        course, today = patient.course, self._settings.today.isoformat()
        model = self._models.get(alike) if course.log is None else None
        if model is None:
            model = self._model(patient)
            if course.log is None:
                if len(self._models) == _MODELS:
                    self._models.clear()
                self._models[alike] = model
        digest = ""
        if self._write:
            data = model.template.filled(course.id)
            digest = sha256(data).hexdigest()
            self._put(file, data)
        return Written(asked, digest, model.first, model.next, model.doses, model.ends, today)

    def _model(self, patient: Patient) -> _Model:
        settings, course = self._settings, patient.course
        planned = calendar_plan(
            course, settings.limit, settings.first, settings.until, settings.epoch
        )
        from_start = planned.doses if settings.first is None else ()
        due = next_day(course, from_start, settings.today)
        options = self._shown(self._language(course), patient.title)
        course = course._replace(schedule=self._in_language(course.schedule, options.language.code))
        template = calendar_template(
            course, planned,
            reason_text=reason_text(course.schedule, options.language), options=options,
        )  # fmt: skip
        days = [dose.day for dose in planned.doses]
        return _Model(
            template,
            min(days).isoformat(),
            due.isoformat() if due else "",
            len(days),
            due is not None and due > max(days),
        )

    def _put(self, file: str, data: bytes) -> None:
        descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb", buffering=0) as new:
            left = memoryview(data)
            while left:  # a disk can take a part
                left = left[new.write(left) :]
        os.replace(self._temporary, self._path(file))

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

    def _in_language(self, schedule: Schedule, code: str) -> Schedule:
        """Return a schedule with its names in a language: one value, whose texts are kept."""
        key = (id(schedule), code)
        if key not in self._named:
            if len(self._named) == _KEPT:
                self._named.clear()
            self._named[key] = (schedule, schedule.named(code))  # the first, so its id stays its
        return self._named[key][1]

    def _alike(self, patient: Patient) -> tuple[object, ...]:
        """Return everything that a calendar is made from but the course's id and its log."""
        course = patient.course
        found = self._digests.get(id(course.schedule))
        if found is None:
            if len(self._digests) == _KEPT:
                self._digests.clear()
            found = (course.schedule, sha256(repr(course.schedule).encode()).hexdigest())
            self._digests[id(course.schedule)] = found  # holds the schedule, so its id stays its
        return (
            found[1], patient.title, course.start, course.clock, course.zone, course.weight_kg,
            course.caregiver, self._language(course), course.avoid,
        )  # fmt: skip

    def _digest(self, course: Course, alike: tuple[object, ...]) -> str:
        parts = (self._same, course.id, course.log, alike)
        return sha256(repr(parts).encode("utf-8", "replace")).hexdigest()


def next_day(course: Course, planned: Iterable[AssessedDose], today: date) -> date | None:
    """Return the date of the dose to act on as of a day, or None where none is left.

    Without a record doses of the past are taken as given, so that the plan itself tells.

    Args:
        course: Whose.
        planned: The first doses of the plan, as many as are known already.
        today: The day.
    """
    if course.log is None:
        for dose in planned:
            if dose.latest >= today:
                return max(dose.target, today)
    dose_to_act_on = acting(course, today)
    return dose_to_act_on.day if dose_to_act_on else None


def begins_with(path: str | Path, begin: bytes) -> bool:
    """Say whether a file begins with these bytes."""
    with open(path, "rb") as file:
        return file.read(len(begin)) == begin
