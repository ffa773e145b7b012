"""What was given in a course, as its log says it, and what was not: the history of a course."""

from collections.abc import Iterator
from datetime import date, time
from itertools import islice
from typing import NamedTuple

from dosecal.model.course import Course, Extra, Given
from dosecal.model.history import History, Repeated, history, hour_on
from dosecal.model.quantities import Amount
from dosecal.model.reasons import BeforeRecord, OffTarget
from dosecal.model.values import value
from dosecal.plan.assess import doses
from dosecal.plan.walk import AssessedDose, Status

_Day = date  # where a field is called date


@value
class Administration(NamedTuple):
    """One administration, or one dose that was given before the record began.

    Attributes:
        number: Of the dose; 0 for one outside the plan.
        date: The day as it was told; of a dose given before the record, its target.
        at: The hour, where one was told.
        target: When the dose was due; None for one outside the plan.
        days_off: Days from the target to the day for which it counts, negative before it; None
            where nobody told the day.
        phase: The name of the phase; "" for one outside the plan.
        amount: What was given.
        injections: Needles that made it up.
        sites: Where, as far as it was noted.
        lot: The batch number, or "".
        expiry: Until when the pack was usable, inclusive.
        note: What was written beside it, or "".
        by: Who recorded it, or "".
        counts: Whether it counts as the dose; False where the dose was to be repeated.
        in_time: Whether it lies in the window of its dose; None where that is not known, or is
            not asked: of what has no number, does not count, or was given before the record.
        recorded: Whether an entry says so; False of a dose given before the record began.
        planned: The dose that it is; None for one outside the plan or one that does not count.
        zone: The time zone of that day, or "".
    """

    number: int
    date: _Day
    at: time | None
    target: "_Day | None"
    days_off: int | None
    phase: str
    amount: Amount
    injections: int
    sites: tuple[str, ...]
    lot: str = ""
    expiry: "_Day | None" = None
    note: str = ""
    by: str = ""
    counts: bool = True
    in_time: bool | None = None
    recorded: bool = True
    planned: AssessedDose | None = None
    zone: str = ""

    @property
    def is_extra(self) -> bool:
        """Whether it was outside the plan."""
        return self.number == 0


@value
class CourseHistory(NamedTuple):
    """What became of the doses of a course.

    Attributes:
        given: In order of time.
        skipped: Doses left out on purpose, in order of number.
        missed: Doses neither given nor left out on purpose.
        held: Doses that lay in a hold or after the treatment was stopped.
    """

    given: tuple[Administration, ...]
    skipped: tuple[AssessedDose, ...] = ()
    missed: tuple[AssessedDose, ...] = ()
    held: tuple[AssessedDose, ...] = ()

    @property
    def of(self) -> int:
        """How many recorded administrations count as a dose of the plan."""
        return sum(each.in_time is not None for each in self.given)

    @property
    def in_time(self) -> int:
        """How many of those were given in time."""
        return sum(each.in_time is True for each in self.given)


def course_history(
    course: Course, today: date, first: date | None = None, until: date | None = None
) -> CourseHistory:
    """Return what became of the doses of a course up to a day.

    Args:
        course: Whose.
        today: The day: no dose due after it is looked at, unless it is recorded.
        first: The first date, inclusive: that of an administration, the target of other doses.
        until: The last date, inclusive.

    Raises:
        RequestError: A dose depends on what is not known of the person, or not chosen.
    """
    record = history(course)
    given = [*_extras(record), *_repeated(course, record)]
    others: dict[Status, list[AssessedDose]] = {}
    for dose in _up_to(course, record, today):
        if dose.status is Status.GIVEN:
            given.append(_administered(record, dose))
        elif _within(dose.target, first, until):
            others.setdefault(dose.status, []).append(dose)
    kept = [
        each._replace(zone=hour_on(course, record.zoned, each.date).zone)
        for each in given
        if _within(each.date, first, until)
    ]
    kept.sort(key=lambda each: (each.date, each.at or time.min, each.number))
    return CourseHistory(
        tuple(kept), *(tuple(others.get(each, ()))
                       for each in (Status.SKIPPED, Status.MISSED, Status.HELD)),
    )  # fmt: skip


def _up_to(course: Course, record: History, today: date) -> Iterator[AssessedDose]:
    """Yield the doses that are recorded, or due by today."""
    for dose in doses(course, today):
        if dose.number > record.last_recorded and dose.target > today:
            return
        yield dose


def _within(day: date, first: date | None, until: date | None) -> bool:
    return (first is None or first <= day) and (until is None or day <= until)


def _administered(record: History, dose: AssessedDose) -> Administration:
    entry = dose.entry
    if entry is None or any(isinstance(each, BeforeRecord) for each in dose.reasons):
        return Administration(
            dose.number, dose.day, None, dose.target, None, dose.phase.name, dose.amount,
            dose.injections, (), recorded=False, planned=dose,
        )  # fmt: skip
    days_off = (record.counted(entry) - dose.target).days
    return Administration(
        dose.number, entry.date, entry.at, dose.target, days_off, dose.phase.name, dose.amount,
        dose.injections, dose.sites, entry.lot, entry.expiry, entry.note, entry.by,
        in_time=_in_time(dose, days_off), planned=dose,
    )  # fmt: skip


def _in_time(dose: AssessedDose, days_off: int) -> bool:
    """Say whether a dose was given in its window.

    A rule for an interruption, and that for two doses on one day, speak of doses in time too.
    """
    off = next((each for each in dose.reasons if isinstance(each, OffTarget)), None)
    if off is None:
        return True
    if off.too_soon or not (off.interrupted or off.doubled):
        return False
    return (dose.earliest - dose.target).days <= days_off <= (dose.latest - dose.target).days


def _extras(record: History) -> Iterator[Administration]:
    for each in record.extras:
        yield Administration(
            0, each.date, each.at, None, None, "", each.amount, each.injections, each.sites,
            each.lot, each.expiry, each.note, each.by,
        )  # fmt: skip


def _repeated(course: Course, record: History) -> Iterator[Administration]:
    """Yield the administrations that do not count, each as its dose stood when it was entered."""
    for number, several in record.repeated.items():
        for each in several:
            dose = _as_entered(course, number, each)
            given = each.given
            sites = dose.sites if given.sites is None else given.sites
            days_off = (record.counted(given) - dose.target).days
            yield Administration(
                number, given.date, given.at, dose.target, days_off, dose.phase.name,
                dose.amount, dose.injections, sites, given.lot, given.expiry, given.note,
                given.by, counts=False,
            )  # fmt: skip


def _as_entered(course: Course, number: int, repeated: Repeated) -> AssessedDose:
    """Return a dose as it stood when an administration that no longer counts was entered."""
    log = course.log or ()
    place = log.index(repeated.given)
    then = course._replace(log=log[: place + 1])
    return next(islice(doses(then), number - 1, None))


def lot_words(lot: str) -> str:
    """Return a batch number as it is compared: spaces and capitals tell no two packs apart."""
    return "".join(lot.split()).casefold()


def has_lot(course: Course, lot: str) -> bool:
    """Say whether a batch is named anywhere in the log of a course."""
    wanted = lot_words(lot)
    return any(
        isinstance(each, Given | Extra) and lot_words(each.lot) == wanted
        for each in course.log or ()
    )


def only_lot(found: CourseHistory, lot: str) -> CourseHistory:
    """Return a history with the administrations of one batch alone."""
    wanted = lot_words(lot)
    return CourseHistory(tuple(each for each in found.given if lot_words(each.lot) == wanted))
