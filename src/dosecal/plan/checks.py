"""When checks are due: what other than a dose belongs on the calendar.

Dated checks count from the start; after a restart, or a step that begins the schedule again, those
of the schedule are counted from the new start, and those before the start are named again
(docs/late-doses.md, "Restart"). Asked by the list, the work list, the page and the calendar.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import count
from typing import NamedTuple

from dosecal.model.course import Course
from dosecal.model.dates import Interval
from dosecal.model.history import history
from dosecal.model.reasons import BeforeRecord, Restarted, SteppedTo
from dosecal.model.schedule import Check, CheckTime, Listed, Repeating, Then
from dosecal.model.values import value
from dosecal.plan.timeline import targets
from dosecal.plan.walk import OPEN, AssessedDose, Status


@value
class DatedCheck(NamedTuple):
    """A check that is due on a day."""

    check: Check
    day: date


def dated_checks(
    course: Course, doses: Iterable[AssessedDose], first: date, last: date
) -> tuple[DatedCheck, ...]:
    """Return the checks that are due from `first` to `last`, both inclusive, in order of date.

    Args:
        course: Whose.
        doses: Its doses from the first to those on `last`, in order of number.
        first: The first date.
        last: The last date.
    """
    checks = course.schedule.checks
    dated = [each for each in checks if not isinstance(each.when, CheckTime)]
    leading = [each for each in checks if each.lead]
    if not (dated or leading):
        return ()
    known = tuple(doses)
    found = [
        DatedCheck(each.check, each.day)
        for each in (*_from_starts(course, dated, known, last), *_leading(leading, known))
        if first <= each.day <= last
    ]
    return tuple(sorted(found, key=lambda each: (each.day, each.check.name)))


def _from_starts(
    course: Course, checks: list[Check], doses: tuple[AssessedDose, ...], last: date
) -> Iterator[DatedCheck]:
    """Yield the dated checks of every start, each until the schedule is begun again."""
    starts = [course.start, *restarts(course, doses)]
    ends = [*starts[1:], date.max]
    last = min(last, _last_dose(course, doses))
    for start, end in zip(starts, ends, strict=True):
        before_too = start == course.start
        for check in checks:
            until = end if isinstance(check.when, Listed) else min(last, end)
            for day in _days(check, start, until):
                if day < end and (before_too or day >= start):
                    yield DatedCheck(check, day)


def _last_dose(course: Course, doses: tuple[AssessedDose, ...]) -> date:
    """Return the day of the last dose there is: a check that repeats ends with it."""
    timing = course.schedule.phases[-1].timing
    if isinstance(timing, Repeating) and timing.doses is None and timing.lasts is None:
        return date.max
    planned = targets(course.schedule.phases, course.start)
    return max((*planned, *(each.day for each in doses)), default=date.max)


def _days(check: Check, start: date, last: date) -> Iterator[date]:
    """Yield the days of a dated check up to `last`, inclusive."""
    when = check.when
    if isinstance(when, Listed):
        yield from (when.offset(index).after(start) for index in range(len(when.counts)))
    elif isinstance(when, Repeating):
        first = when.begins.after(start)
        for turn in count() if when.doses is None else range(when.doses):
            day = when.every.after(first, turn)
            if day > last:
                return
            yield day


def _leading(checks: list[Check], doses: tuple[AssessedDose, ...]) -> Iterator[DatedCheck]:
    """Yield the checks that come so long before each dose that is to be given."""
    for check in checks:
        if check.lead:
            for dose in doses:
                if dose.status in OPEN:
                    yield DatedCheck(check, check.lead.after(dose.target, -1))


def restarts(course: Course, doses: Iterable[AssessedDose]) -> tuple[date, ...]:
    """Return the days on which the schedule was, or is to be, begun again."""
    found: dict[date, None] = {}
    first_phase = course.schedule.phases[0].name
    for dose in doses:
        if dose.then is Then.RESTART and dose.status in (Status.GIVEN, Status.LATE, Status.DUE):
            found[dose.day] = None
        for why in dose.reasons:
            if isinstance(why, Restarted) or (
                isinstance(why, SteppedTo) and why.phase == first_phase and why.on > course.start
            ):
                found[why.on] = None
    return tuple(sorted(found))


def before_start(course: Course, doses: Iterable[AssessedDose]) -> tuple[Check, ...]:
    """Return the checks that are to be done before the start, while it or a restart is at hand.

    They are named until dose 1 is given; after a restart until the dose after the one that
    restarted is given; and not of a course that was begun under treatment.

    Args:
        course: Whose.
        doses: Its doses up to the one to act on.
    """
    checks = tuple(each for each in course.schedule.checks if each.when is CheckTime.BEFORE_START)
    if not checks:
        return ()
    at_hand = not history(course).steps
    for dose in doses:
        if dose.status is Status.GIVEN:
            restarted = dose.then is Then.RESTART
            at_hand = restarted
            if any(isinstance(each, BeforeRecord) for each in dose.reasons):
                at_hand = False
        elif dose.status in OPEN:
            if dose.then is Then.RESTART:
                at_hand = True
            break
    return checks if at_hand else ()


def at_doses(course: Course, dose: AssessedDose) -> tuple[Check, ...]:
    """Return the checks that belong to a dose that is to be given, without a date of their own."""
    when = {CheckTime.BEFORE_EACH_DOSE, CheckTime.AFTER_EACH_DOSE}
    if dose.status is Status.LATE:
        when.add(CheckTime.BEFORE_A_LATE_DOSE)
    return tuple(each for each in course.schedule.checks if each.when in when and not each.lead)


def every_of(check: Check) -> Interval | None:
    """Return how often a check repeats, or None where it does not."""
    return check.when.every if isinstance(check.when, Repeating) else None
