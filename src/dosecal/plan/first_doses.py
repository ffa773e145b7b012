"""The first doses of a schedule from its start: where they fall when each is given on its day."""

from datetime import date
from typing import Final, NamedTuple

from dosecal.model.dates import Offset
from dosecal.model.schedule import Phase, Repeating, Schedule
from dosecal.model.values import value
from dosecal.plan.timeline import Timeline

SHOWN: Final = 12
"""So many doses are shown where nobody says how many."""
A_MONDAY: Final = date(2024, 1, 1)
"""The start from which doses on weekdays are counted where none is known."""


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
) -> tuple[FirstDose, ...]:
    """Return the doses from `first` to `until`, or from the first one where no start is known.

    Args:
        schedule: Whose doses.
        start: Day 0; None: not known, and no date bounds the doses.
        count: At most so many; None: `SHOWN`, or all up to `until` where that bounds them.
        first: The first date, inclusive; None: no bound.
        until: The last date, inclusive; None: no bound.

    Raises:
        OverflowError: The doses run past the year 9999.
    """
    if start is None:
        first = until = None
    if count is None and until is None:
        count = SHOWN
    day_0 = start or A_MONDAY
    timeline = Timeline.begin(schedule.phases, day_0)
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
