"""Which doses a list holds: those to come of a course, and the first ones of a schedule."""

from datetime import date
from decimal import Decimal
from itertools import takewhile
from typing import Final, NamedTuple

from dosecal.model.course import Course
from dosecal.model.dates import Offset
from dosecal.model.history import history
from dosecal.model.schedule import Phase, Repeating, Schedule
from dosecal.model.values import value
from dosecal.plan.assess import doses
from dosecal.plan.timeline import Timeline
from dosecal.plan.walk import AssessedDose, Status

SHOWN: Final = 12
"""So many doses are shown where nobody says how many."""
A_MONDAY: Final = date(2024, 1, 1)
"""The start from which doses on weekdays are counted where none is known."""


def upcoming(
    course: Course, today: date, first: date, count: int | None, until: date | None
) -> tuple[AssessedDose, ...]:
    """Return the doses from `first` on in order of date, and before them all that are late.

    Args:
        course: Whose doses.
        today: The day for which they are assessed.
        first: The first date listed, inclusive.
        count: At most so many doses, late ones included; None: no limit.
        until: The last date listed, inclusive; None: no limit. One of both is needed.
    """
    open_ones = 0  # a missed dose may be due after them, where a later one was given early
    late: list[AssessedDose] = []
    later: list[AssessedDose] = []
    last_given = history(course).last_given
    for dose in doses(course, today):
        beyond = until is not None and dose.day > until
        full = count is not None and open_ones >= count
        if dose.number > last_given and (full or (beyond and dose.target > today)):
            break
        if dose.status is Status.LATE:
            late.append(dose)
        elif dose.day >= first and not beyond:
            later.append(dose)
        else:
            continue
        open_ones += dose.number > last_given
    later.sort(key=lambda dose: (dose.day, dose.number))
    return tuple((late + later)[:count])


@value
class FirstDose(NamedTuple):
    """A planned dose: its target date is `day`, None where the start is not known."""

    number: int
    phase: Phase
    offset: Offset
    day: date | None


def on_weekdays(phase: Phase) -> bool:
    """Say whether the doses of a phase fall on weekdays: their offsets hang on that of day 0."""
    return isinstance(phase.timing, Repeating) and bool(phase.timing.weekdays)


def first_doses(
    schedule: Schedule,
    start: date | None,
    count: int | None = None,
    first: date | None = None,
    until: date | None = None,
    weight_kg: Decimal | None = None,
) -> tuple[FirstDose, ...]:
    """Return the doses from `first` to `until`, or from the first one where no start is known.

    Args:
        schedule: Whose doses.
        start: Day 0; None: not known, and no date bounds the doses.
        count: At most so many; None: `SHOWN`, or all up to `until` where that bounds them.
        first: The first date, inclusive; None: no bound.
        until: The last date, inclusive; None: no bound.
        weight_kg: Of whom; None: not known, and only the doses before a phase of some weights
            alone are the same for everybody.

    Raises:
        OverflowError: The doses run past the year 9999.
    """
    if start is None:
        first = until = None
    if count is None and until is None:
        count = SHOWN
    day_0 = start or A_MONDAY
    phases = schedule.phases
    if weight_kg is None:
        phases = tuple(takewhile(lambda each: each.weight is None, phases))
    else:
        phases = tuple(each for each in phases if not each.weight or weight_kg in each.weight)
    timeline = Timeline.begin(phases, day_0)
    found: list[FirstDose] = []
    number = 0
    while count is None or len(found) < count:
        slot = timeline.slot(number := number + 1)
        if slot is None or (until and timeline.target(slot) > until):
            break
        segment, target = timeline.segments[slot.segment], timeline.target(slot)
        if first is None or target >= first:
            offset = segment.offset(day_0, slot.index)
            found.append(FirstDose(number, segment.phase, offset, target if start else None))
    return tuple(found)
