"""When checks are due: what other than a dose belongs on the calendar.

Dated checks count from the start; after a restart, or a step that begins the schedule again, they
are counted from the new start, and those before the start are named again (docs/late-doses.md,
"Restart"). The list, the work list, the page and the calendar ask here.
"""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import NamedTuple

from dosecal.model.course import Course
from dosecal.model.history import History, history
from dosecal.model.reasons import BeforeRecord, Restarted, SteppedTo
from dosecal.model.schedule import Check, CheckTime, Listed, Repeating, Then
from dosecal.model.values import value
from dosecal.plan.assess import doses
from dosecal.plan.timeline import targets
from dosecal.plan.walk import OPEN, AssessedDose, Status


@value
class DatedCheck(NamedTuple):
    """A check that is due on a day.

    Attributes:
        place: Which of its dates it is: what tells it from the others, whatever day it moves to.
        before_start: Whether it lies before the day that it is counted from.
    """

    day: date
    check: Check
    place: str
    before_start: bool = False


def dated_checks(
    course: Course, first: date, last: date, today: date | None = None
) -> tuple[DatedCheck, ...]:
    """Return the checks that are due from `first` to `last`, both inclusive, in order of date.

    Args:
        course: Whose.
        first: The first date.
        last: The last date.
        today: The day for which the doses stand; None: as the log alone has them.
    """
    checks = course.schedule.checks
    if all(isinstance(each.when, CheckTime) and not each.lead for each in checks):
        return ()
    known = tuple(_until(course, last, today))
    found = (*_from_starts(course, known, last), *_before_doses(checks, known))
    inside = (each for each in found if first <= each.day <= last)
    return tuple(sorted(inside, key=lambda each: (each.day, each.check.name, each.place)))


def _until(course: Course, last: date, today: date | None) -> Iterator[AssessedDose]:
    """Yield the doses with a target up to `last`, and those that a check so long before needs."""
    recorded = history(course).last_recorded
    leads = [each.lead for each in course.schedule.checks if each.lead]
    end = max((lead.after(last) for lead in leads), default=last)
    for dose in doses(course, today):
        if dose.target > end and dose.number > recorded:
            return
        yield dose


def _from_starts(
    course: Course, known: tuple[AssessedDose, ...], last: date
) -> Iterator[DatedCheck]:
    """Yield the dated checks of every start, each until the schedule is begun again.

    While the treatment is stopped there are none.
    """
    starts = (course.start, *_restarts(course, known))
    last = min(last, _last_dose(course, known))
    stops = _stops(history(course))
    for start, end in zip(starts, (*starts[1:], date.max), strict=True):
        again = "" if start == course.start else f"@{start}"
        for check in course.schedule.checks:
            for place, day in _days(check, start, min(last, end)):
                if any(stop <= day < resumed for stop, resumed in stops):
                    continue
                if day < end and (not again or day >= start):
                    yield DatedCheck(day, check, place + again, day < start)


def _stops(record: History) -> list[tuple[date, date]]:
    """Return from which day the treatment was stopped, inclusive, to which, exclusive."""
    steps = [step.on for step, _ in record.steps]
    return [
        (stop.on, min((on for on in steps if on >= stop.on), default=date.max))
        for stop in record.stops
    ]


def _days(check: Check, start: date, last: date) -> Iterator[tuple[str, date]]:
    """Yield the dates of a check; of one that repeats, those up to `last`, inclusive."""
    when = check.when
    if isinstance(when, Listed):
        for index, number in enumerate(when.counts):
            yield f"{when.unit} {number}", when.offset(index).after(start)
    elif isinstance(when, Repeating):
        first = when.begins.after(start)
        for turn in count() if when.doses is None else range(when.doses):
            day = when.every.after(first, turn)
            if day > last:
                return
            yield f"every {when.every} {turn}", day


def _before_doses(
    checks: tuple[Check, ...], known: tuple[AssessedDose, ...]
) -> Iterator[DatedCheck]:
    """Yield the checks that come so long before each dose that is to be given."""
    for check in checks:
        if check.lead:
            for dose in known:
                if dose.status in OPEN:
                    day = check.lead.after(dose.target, -1)
                    yield DatedCheck(day, check, f"dose {dose.number}")


def _last_dose(course: Course, known: tuple[AssessedDose, ...]) -> date:
    """Return the day of the last dose there is: a check that repeats ends with it."""
    timing = course.schedule.phases[-1].timing
    if isinstance(timing, Repeating) and timing.doses is None and timing.lasts is None:
        return date.max
    planned = targets(course.schedule.phases, course.start)
    return max((*planned, *(each.day for each in known)), default=date.max)


def _restarts(course: Course, known: tuple[AssessedDose, ...]) -> tuple[date, ...]:
    """Return the days on which the schedule was, or is to be, begun again, in order."""
    found: set[date] = set()
    first_phase = course.schedule.phases[0].name
    for dose in known:
        if dose.then is Then.RESTART and dose.status in (Status.GIVEN, Status.LATE, Status.DUE):
            found.add(dose.day)
        for why in dose.reasons:
            if isinstance(why, Restarted) or (
                isinstance(why, SteppedTo) and why.phase == first_phase and why.on > course.start
            ):
                found.add(why.on)
    return tuple(sorted(found))


def before_start(course: Course, today: date | None = None) -> tuple[Check, ...]:
    """Return the checks that are to be done before the start, while it or a restart is at hand.

    They are named until dose 1 is given; after a restart until the dose after the one that
    restarted is given; and not of a course that was begun under treatment.
    """
    checks = tuple(each for each in course.schedule.checks if each.when is CheckTime.BEFORE_START)
    if not checks:
        return ()
    at_hand = not history(course).steps
    for dose in doses(course, today):
        if dose.status is Status.GIVEN:
            taken_before = any(isinstance(each, BeforeRecord) for each in dose.reasons)
            at_hand = dose.then is Then.RESTART and not taken_before
        elif dose.status in OPEN:
            at_hand = at_hand or dose.then is Then.RESTART
            break
        elif dose.status is Status.HELD and dose.target > (today or dose.target):
            break  # a hold without an end covers all that is to come
    return checks if at_hand else ()


def at_dose(course: Course, dose: AssessedDose) -> tuple[Check, ...]:
    """Return the checks without a date of their own that belong to a dose still to be given."""
    if dose.status not in OPEN:
        return ()
    when = {CheckTime.BEFORE_EACH_DOSE, CheckTime.AFTER_EACH_DOSE}
    if dose.status is Status.LATE:
        when.add(CheckTime.BEFORE_A_LATE_DOSE)
    return tuple(each for each in course.schedule.checks if each.when in when and not each.lead)
