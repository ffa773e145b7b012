"""The targets of a schedule from a start: rules DATE-1, DATE-2 and DATE-5, and what moves them.

A `Timeline` is where a schedule puts its doses: from the start when all goes well, moved by a
shift when one was given late, laid out anew by a restart.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from dosecal.model.dates import Interval, Offset
from dosecal.model.schedule import Listed, Phase, Repeating
from dosecal.model.values import value

_ANY_DAY: Final = date(2027, 1, 1)


@value
class Segment(NamedTuple):
    """The doses of one phase on a timeline.

    Attributes:
        phase: The phase.
        begin: Offset from start of the first target; with weekdays, of the first possible day.
        first: Position of its first dose, counted from 0 through the whole schedule.
        count: How many doses, or None: without end.
        days: Where all its targets are days from start, those of its first `len(days)` doses;
            each further turn through them adds `turn` days. Empty where the calendar counts.
    """

    phase: Phase
    begin: Offset
    first: int
    count: int | None  # type: ignore[assignment]  # hides tuple.count
    days: tuple[int, ...] = ()
    turn: int = 0

    def target(self, start: date, index: int) -> date:
        """Return the date of its `index`-th dose, from 0, always counted from start (DATE-1)."""
        if days := self.days:
            turns, nth = divmod(index, len(days))
            return start + timedelta(days[nth] + turns * self.turn)
        timing = self.phase.timing
        if isinstance(timing, Listed) or not timing.weekdays:
            return self.offset(start, index).after(start)
        begin = self.begin.after(start)
        ahead = sorted((weekday - begin.weekday()) % 7 for weekday in timing.weekdays)
        week, nth = divmod(index, len(ahead))
        return begin + timedelta(days=7 * week + ahead[nth])

    def offset(self, start: date, index: int) -> Offset:
        """Return the offset from start of its `index`-th dose, from 0; in days on weekdays."""
        timing = self.phase.timing
        if isinstance(timing, Listed):
            return timing.offset(index)
        if timing.weekdays:
            return Offset.of((self.target(start, index) - start).days, "day")
        if timing.on_days:
            past, nth = divmod(index, len(timing.on_days))
            return self.begin.plus(timing.every, past).plus(Interval(timing.on_days[nth], "day"))
        return self.begin.plus(timing.every, index)

    def last_offset(self, start: date) -> Offset:
        """Return the offset from start of the last target, of a segment that ends."""
        if self.count is None:
            raise AssertionError("an endless phase has no last target")
        return self.offset(start, self.count - 1)

    def count_before(self, start: date, end: date) -> int:
        """Count the targets that lie strictly before `end`: a phase's end is exclusive (DATE-5)."""
        low, high = 0, 1
        while self.target(start, high - 1) < end:
            low, high = high, high * 2
        while low < high:
            middle = (low + high) // 2
            if self.target(start, middle) < end:
                low = middle + 1
            else:
                high = middle
        return low


def lay_out(phases: tuple[Phase, ...], start: date) -> tuple[Segment, ...]:
    """Return the phases with their counts: each ends before the next begins (DATE-5).

    Raises:
        OverflowError: A phase begins after the year 9999.
    """
    return _laid_out_in_days(phases) or _lay_out(phases, start)


@lru_cache(maxsize=256)
def _laid_out_in_days(phases: tuple[Phase, ...]) -> tuple[Segment, ...]:
    """Return what is the same from any start; () where the calendar counts."""
    segments = _lay_out(phases, _ANY_DAY)
    return segments if all(each.days for each in segments) else ()


def _lay_out(phases: tuple[Phase, ...], start: date) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for phase in phases:
        timing = phase.timing
        own = len(timing.counts) if isinstance(timing, Listed) else timing.doses
        if isinstance(timing, Listed):
            begin = timing.offset(0)
        elif timing.follows:
            begin = segments[-1].last_offset(start).plus(timing.begins)
        else:
            begin = Offset().plus(timing.begins)
        days, turn = _in_days(timing, begin)
        segment = Segment(phase, begin, 0, own, days, turn)
        if segments:
            before = segments[-1]
            count = before.count
            if count is None:
                count = before.count_before(start, segment.target(start, 0))
                segments[-1] = before._replace(count=count)
            segment = segment._replace(first=before.first + count)
        segments.append(segment)
    return tuple(segments)


def _in_days(timing: Listed | Repeating, begin: Offset) -> tuple[tuple[int, ...], int]:
    """Return `days` and `turn` of a segment."""
    if isinstance(timing, Listed):
        offsets = [timing.offset(index).days for index in range(len(timing.counts))]
        days = tuple(each for each in offsets if each is not None)
        return (days, 0) if len(days) == len(offsets) else ((), 0)
    if begin.days is None or timing.every.in_months or timing.weekdays:
        return (), 0
    return tuple(begin.days + day for day in timing.on_days or (0,)), timing.every.days


@value
class Anchor(NamedTuple):
    """A dose given late from which the rest of its repeating phase is counted."""

    segment: int
    index: int  # type: ignore[assignment]  # hides tuple.index
    given: date


@value
class Slot(NamedTuple):
    """A dose's place: `position` in the schedule, its segment's number, `index` in that."""

    position: int
    segment: int
    index: int  # type: ignore[assignment]  # hides tuple.index


@value
class Timeline(NamedTuple):
    """Where a schedule puts its doses, and what has moved them.

    Attributes:
        start: Day 0: the course's start, or the day of the last restart.
        segments: The phases laid out from there.
        first_number: The number of the dose at position 0.
        moved_days: By how many days the doses move that are not counted from the anchor.
        anchor: From where the present repeating phase is counted, if it was shifted.
    """

    start: date
    segments: tuple[Segment, ...]
    first_number: int = 1
    moved_days: int = 0
    anchor: Anchor | None = None

    @classmethod
    def begin(cls, phases: tuple[Phase, ...], start: date, first_number: int = 1) -> "Timeline":
        """Lay the phases out from `start`."""
        return cls(start, lay_out(phases, start), first_number)

    def slot(self, number: int) -> Slot | None:
        """Return the place of a dose number, or None after the last dose."""
        position = number - self.first_number
        for place, segment in enumerate(self.segments):
            index, count = position - segment.first, segment.count
            if count is None or index < count:
                return Slot(position, place, index)
        return None

    def phase(self, slot: Slot) -> Phase:
        """Return the phase of a slot."""
        return self.segments[slot.segment].phase

    def target(self, slot: Slot) -> date:
        """Return the target date of a slot (DATE-1).

        Raises:
            OverflowError: It lies after the year 9999.
        """
        segment, anchor = self.segments[slot.segment], self.anchor
        if anchor and anchor.segment == slot.segment:
            timing = segment.phase.timing
            if isinstance(timing, Repeating):
                return timing.every.after(anchor.given, slot.index - anchor.index)
        target = segment.target(self.start, slot.index)
        return target + timedelta(self.moved_days) if self.moved_days else target

    def shifted(self, slot: Slot, target: date, given: date) -> "Timeline":
        """Return the timeline after the dose of `slot`, due on `target`, was given on `given`.

        In a repeating phase the k-th later dose is `given` + k intervals; what is listed (or on
        weekdays or on stated days of each interval), and every later phase, moves by as many days
        as the dose was late; shifts add up. Source: docs/late-doses.md, "shift".
        """
        moved = self.moved_days + (given - target).days
        segments, here = self.segments, self.segments[slot.segment]
        timing = here.phase.timing
        if isinstance(timing, Listed) or timing.weekdays or timing.on_days:
            return self._replace(moved_days=moved, anchor=None)
        anchor = Anchor(slot.segment, slot.index, given)
        if here.count is not None and timing.every.in_months and segments[slot.segment + 1 :]:
            # Months from another day can run past the next phase's first target: DATE-5 ends
            # this phase before it.
            follower = segments[slot.segment + 1]
            end = follower.target(self.start, 0) + timedelta(days=moved)
            count = here.count
            while count > slot.index + 1 and (
                timing.every.after(given, count - 1 - slot.index) >= end
            ):
                count -= 1
            segments = (
                *segments[: slot.segment],
                here._replace(count=count),
                *(
                    each._replace(first=each.first - (here.count - count))
                    for each in segments[slot.segment + 1 :]
                ),
            )
        return self._replace(segments=segments, moved_days=moved, anchor=anchor)

    def restarted(self, number: int, given: date) -> "Timeline":
        """Return the schedule begun again on `given`: dose `number` is its first."""
        return Timeline.begin(tuple(each.phase for each in self.segments), given, number)


def targets(phases: tuple[Phase, ...], start: date) -> Iterator[date]:
    """Yield the targets of a schedule in order; without end where it is open-ended."""
    timeline = Timeline.begin(phases, start)
    number = 1
    while slot := timeline.slot(number):
        yield timeline.target(slot)
        number += 1
