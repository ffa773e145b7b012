"""The targets of a schedule from a start: rules DATE-1, DATE-2 and DATE-5, and what moves them.

A `Timeline` is where a schedule puts the doses from some number on: from the start when all goes
well; moved by a shift, counted anew from a dose given or from a choice, laid out anew by a restart
or a step. What moves the plan cuts it after a dose and says where the rest goes, so a timeline
knows nothing of the doses before the last cut.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from dosecal.model.dates import Interval, Offset, add_months
from dosecal.model.schedule import Listed, Phase, Reload, Repeating
from dosecal.model.values import value

_ANY_DAY: Final = date(2027, 1, 1)


@value
class Segment(NamedTuple):
    """The doses of one phase on a timeline, or those of it that a cut has left.

    Attributes:
        phase: The phase.
        begin: Offset from `base` of the first target; with weekdays, of the first possible day.
        first: How many doses of the timeline come before it.
        count: How many doses, or None: without end.
        days: Where all its targets are days from `base`, those of its first `len(days)` doses;
            each further turn through them adds `turn` days. Empty where the calendar counts.
        position: Place in the schedule of its first dose, from 0, as a fresh course has it.
        base: From what day its offsets count; None: from the timeline's start.
        passed: How many doses of the phase lie before its first.
        moved: By how many days shifts have moved it.
        dates: Targets of their own in place of offsets: the doses of a reload.
        ends_on: Where a phase that lasts a stated time ends, exclusive, once it was cut.
        is_rest: Whether doses of the phase have come before it, on a timeline before this one.
    """

    phase: Phase
    begin: Offset
    first: int
    count: int | None  # type: ignore[assignment]  # hides tuple.count
    days: tuple[int, ...] = ()
    turn: int = 0
    position: int = 0
    base: date | None = None
    passed: int = 0
    moved: int = 0
    dates: tuple[date, ...] = ()
    ends_on: date | None = None
    is_rest: bool = False

    def target(self, start: date, index: int) -> date:
        """Return the date of its `index`-th dose, from 0, always counted from its base (DATE-1)."""
        if self.dates:
            return self.dates[index] + timedelta(days=self.moved)
        base = self.base or start
        if days := self.days:
            turns, nth = divmod(index, len(days))
            return base + timedelta(days[nth] + turns * self.turn + self.moved)
        timing = self.phase.timing
        if isinstance(timing, Repeating) and timing.weekdays:
            begin = self.begin.after(base)
            ahead = sorted((weekday - begin.weekday()) % 7 for weekday in timing.weekdays)
            week, nth = divmod(index, len(ahead))
            return begin + timedelta(days=7 * week + ahead[nth] + self.moved)
        target = self.offset(start, index).after(base)
        return target + timedelta(self.moved) if self.moved else target

    def offset(self, start: date, index: int) -> Offset:
        """Return the offset from its base of its `index`-th dose, without shifts."""
        timing = self.phase.timing
        if isinstance(timing, Listed):
            zero = 0 if self.base is None else timing.counts[0]
            return Offset.of(timing.counts[index + self.passed] - zero, timing.unit)
        if timing.weekdays:
            away = self.target(start, index) - (self.base or start)
            return Offset.of(away.days - self.moved, "day")
        if timing.on_days:
            past, nth = divmod(index + self.passed, len(timing.on_days))
            return self.begin.plus(timing.every, past).plus(Interval(timing.on_days[nth], "day"))
        return self.begin.plus(timing.every, index)

    def last_offset(self, start: date) -> Offset:
        """Return the offset from its base of the last target, of a segment that ends."""
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

    def end(self, start: date) -> date | None:
        """Return where a phase that lasts a stated time ends, exclusive; None of any other."""
        timing = self.phase.timing
        if self.ends_on or isinstance(timing, Listed) or timing.lasts is None:
            return self.ends_on
        if timing.weekdays or timing.on_days:
            return timing.lasts.after(self.target(start, 0))
        ends = self.begin.plus(timing.lasts).after(self.base or start)
        return ends + timedelta(days=self.moved)

    @property
    def is_bounded_by_the_next(self) -> bool:
        """Whether it is the next phase that ends it."""
        timing = self.phase.timing
        return isinstance(timing, Repeating) and timing.doses is None and timing.lasts is None


def lay_out(phases: tuple[Phase, ...], start: date) -> tuple[Segment, ...]:
    """Return the phases with their counts: each ends before the next begins (DATE-5).

    A phase that the prescriber ends goes on; what is behind it has no place before the step.

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
        if isinstance(timing, Listed):
            begin = timing.offset(0)
        elif timing.follows:
            begin = segments[-1].last_offset(start).plus(_after(timing))
        else:
            begin = Offset().plus(timing.begins)
        days, turn = _in_days(timing, begin)
        segment = Segment(phase, begin, 0, None, days, turn)
        segments.append(segment._replace(count=_own_count(segment, start)))
        if phase.ends:
            break
    return _counted(segments, start)


def _own_count(segment: Segment, start: date) -> int | None:
    """Return how many doses a whole phase states of itself; None: others end it, or nobody."""
    timing = segment.phase.timing
    if isinstance(timing, Listed):
        return len(timing.counts)
    if ends := segment.end(start):
        return segment.count_before(start, ends)
    return timing.doses


def _counted(segments: list[Segment], start: date) -> tuple[Segment, ...]:
    """Return the segments each ended by the next, and with their places one after the other."""
    whole: list[Segment] = []
    first, position = 0, segments[0].position if segments else 0
    for place, segment in enumerate(segments):
        count = segment.count
        if count is None and place + 1 < len(segments):
            count = segment.count_before(start, segments[place + 1].target(start, 0))
        whole.append(segment._replace(count=count, first=first, position=position))
        first, position = first + (count or 0), position + (count or 0)
    return tuple(whole)


def _after(timing: Repeating) -> Interval:
    return timing.every if timing.after_every else timing.begins


def _in_days(timing: Listed | Repeating, begin: Offset) -> tuple[tuple[int, ...], int]:
    """Return `days` and `turn` of a segment."""
    if isinstance(timing, Listed):
        offsets = [timing.offset(index).days for index in range(len(timing.counts))]
        days = tuple(each for each in offsets if each is not None)
        return (days, 0) if len(days) == len(offsets) else ((), 0)
    if begin.days is None or timing.every.in_months or timing.weekdays:
        return (), 0
    if timing.lasts and timing.lasts.in_months:
        return (), 0
    return tuple(begin.days + day for day in timing.on_days or (0,)), timing.every.days


@value
class Slot(NamedTuple):
    """A dose's place: `position` in the schedule from 0, its segment's number, `index` in that."""

    position: int
    segment: int
    index: int  # type: ignore[assignment]  # hides tuple.index


@value
class Timeline(NamedTuple):
    """Where a schedule puts its doses from the number `first_number` on.

    Attributes:
        start: Day 0: the course's start, or the day of the last restart.
        segments: The phases laid out from there.
        first_number: The number of the first dose on it.
        phases: All phases of the schedule, those that a step alone reaches too.
    """

    start: date
    segments: tuple[Segment, ...]
    first_number: int = 1
    phases: tuple[Phase, ...] = ()

    @classmethod
    def begin(cls, phases: tuple[Phase, ...], start: date, first_number: int = 1) -> "Timeline":
        """Lay the phases out from `start`."""
        return cls(start, lay_out(phases, start), first_number, phases)

    @classmethod
    def step(
        cls, phases: tuple[Phase, ...], place: int, on: date, number: int, phase_dose: int = 1
    ) -> "Timeline":
        """Return the plan whose dose `number`, due on `on`, is of the phase at `place`.

        Later phases follow at the distances between their first targets.

        Args:
            phases: Of the schedule.
            place: Of the phase, from 0.
            on: When the dose is due.
            number: Its number.
            phase_dose: Which dose of its phase it is, from 1.
        """
        passed = phase_dose - 1
        segment = _stepped_into(phases[place], on, passed)
        fresh = {each.phase.name: each.position for each in lay_out(phases, on)}
        known = phases[place].name in fresh
        position = fresh[phases[place].name] + passed if known else number - 1
        segments = [segment._replace(position=position)]
        own = _begins(phases[place])
        first = _first_target(phases[place], on, passed)
        for phase in () if segment.phase.ends else phases[place + 1 :]:
            segments.append(_follower(phase, segments[-1], own, first, on))
            if phase.ends:
                break
        return cls(on, _counted(segments, on), number, phases)

    def slot(self, number: int) -> Slot | None:
        """Return the place of a dose number, or None after the last dose."""
        index = number - self.first_number
        for place, segment in enumerate(self.segments):
            count = segment.count
            if count is None or index < count:
                return Slot(segment.position + index, place, index)
            index -= count
        return None

    def phase(self, slot: Slot) -> Phase:
        """Return the phase of a slot."""
        return self.segments[slot.segment].phase

    def target(self, slot: Slot) -> date:
        """Return the target date of a slot (DATE-1).

        Raises:
            OverflowError: It lies after the year 9999.
        """
        return self.segments[slot.segment].target(self.start, slot.index)

    def shifted(self, slot: Slot, number: int, target: date, given: date) -> "Timeline":
        """Return the timeline after dose `number`, due on `target`, was given on `given`.

        In a repeating phase the k-th later dose is `given` + k intervals; what is listed (or on
        weekdays or on stated days of each interval), and every later phase, moves by as many days
        as the dose was late; shifts add up. Source: docs/late-doses.md, "shift".
        """
        days = (given - target).days
        here = self.segments[slot.segment]
        rest, later = self._cut(slot, days)
        if rest is None or not _is_evenly_spaced(rest):
            return self._with(number, rest and rest._replace(moved=rest.moved + days), later)
        return self._with(number, self._bounded(_counted_from(rest, given), here, later), later)

    def counted_from(self, slot: Slot, number: int, given: date) -> "Timeline":
        """Return the timeline whose next doses of the phase count from the day one was given.

        Later phases stay where they are; the phase ends where they begin.
        """
        rest, later = self._cut(slot, 0)
        if rest is not None and _is_evenly_spaced(rest):
            rest = _counted_from(rest, given)
        return self._with(number, rest and self._recounted(rest, later), later)

    def reloaded(self, slot: Slot, number: int, given: date, reload: Reload) -> "Timeline":
        """Return the timeline after dose `number`, given on `given`, began a reload."""
        here = self.segments[slot.segment]
        dates = tuple(given + timedelta(days=day) for day in reload.days[1:])
        on = reload.resume.after(dates[-1] if dates else given)
        rest, later = self._cut(slot, 0)
        old = rest.target(self.start, 0) if rest else None
        if old is None and later:
            old = later[0].target(self.start, 0)
        days = (on - old).days if old else 0
        if rest is not None:
            if _is_evenly_spaced(rest):
                rest = rest._replace(base=on, begin=Offset(), moved=0, days=(), turn=0)
                rest = _in_days_of(rest)
            else:
                rest = rest._replace(moved=rest.moved + days)
        later = [each._replace(moved=each.moved + days) for each in later]
        phase = here.phase._replace(bands=reload.bands or here.phase.bands)
        extra = Segment(phase, Offset(), 0, len(dates), dates=dates, position=slot.position)
        return self._with(number, extra if dates else None, [*([rest] if rest else []), *later])

    def rephased(self, changes: Mapping[str, Phase], since: date) -> "Timeline":
        """Return the timeline on which phases are others from a day on: a choice, a weight.

        Their doses from that day on are counted anew, one interval after the last target before
        it, and none of them comes before that day. What follows a last target moves with it.

        Args:
            changes: The changed phases, by the name that each has on the timeline.
            since: From which day on they hold.
        """
        segments: list[Segment] = []
        changed = False
        for segment in self.segments:
            new = changes.get(segment.phase.name)
            parts = [segment]
            if new is not None and new != segment.phase and not segment.dates:
                parts = self._changed(segment, new, since)
                changed = changed or parts != [segment]
            segments += parts
        phases = tuple(changes.get(each.name, each) for each in self.phases)
        if not changed:
            return self._replace(phases=phases)
        return self._replace(segments=self._chained(segments), phases=phases)

    def _changed(self, segment: Segment, phase: Phase, since: date) -> list[Segment]:
        """Return a segment as it is before a day, and of a changed phase from then on."""
        timing = phase.timing
        if isinstance(timing, Listed):
            return [segment._replace(phase=phase, days=(), turn=0)]
        passed = segment.count_before(self.start, since)
        if segment.count is not None and passed >= segment.count:
            return [segment]
        if timing == segment.phase.timing:
            return self._split(segment, passed, segment._replace(phase=phase))
        if passed == 0 and not segment.is_rest:
            return [_in_days_of(segment._replace(phase=phase, days=(), turn=0))]
        before = self._one_before(segment, passed)
        base, begin = before, Offset().plus(timing.every)
        if timing.weekdays:
            base, begin = max(before + timedelta(days=1), since), Offset()
        elif timing.every.after(before) < since:
            base, begin = since, Offset()
        rest = segment._replace(
            phase=phase, base=base, begin=begin, moved=0, days=(), turn=0, passed=0,
            ends_on=segment.end(self.start), is_rest=True,
        )  # fmt: skip
        return self._split(segment, passed, _in_days_of(rest))

    def _split(self, segment: Segment, passed: int, rest: Segment) -> list[Segment]:
        """Return the first doses of a segment, and the rest of it: as given, or cut off it."""
        left = None if segment.count is None else segment.count - passed
        if rest.base == segment.base and rest.begin == segment.begin and passed:
            cut = _as_later_turns(rest, segment, self.start, passed)
            rest = cut._replace(is_rest=True)
        rest = rest._replace(count=left, position=segment.position + passed)
        return [segment._replace(count=passed), rest] if passed else [rest]

    def _one_before(self, segment: Segment, index: int) -> date:
        """Return the target before the dose at `index`, also where it lies before the segment."""
        if index:
            return segment.target(self.start, index - 1)
        timing = segment.phase.timing
        if not isinstance(timing, Repeating) or timing.weekdays or timing.on_days:
            return segment.target(self.start, 0) - timedelta(days=1)
        first = segment.begin.plus(timing.every, -1).after(segment.base or self.start)
        return first + timedelta(days=segment.moved)

    def _chained(self, segments: list[Segment]) -> tuple[Segment, ...]:
        """Return segments whose ends and followers fit their dates again."""
        placed: list[Segment] = []
        for place, segment in enumerate(segments):
            before = placed[-1] if placed else None
            is_new = before is not None and before.phase.name != segment.phase.name
            if before is not None and is_new and _follows(segment.phase) and before.count:
                timing = segment.phase.timing
                assert isinstance(timing, Repeating)  # noqa: S101 - that is what follows
                last = before.target(self.start, before.count - 1)
                days = (_after(timing).after(last) - segment.target(self.start, 0)).days
                segment = segment._replace(moved=segment.moved + days)
            follower = segments[place + 1] if place + 1 < len(segments) else None
            ends = segment.end(self.start)
            if follower is not None and segment.is_bounded_by_the_next:
                same = follower.phase.name == segment.phase.name
                ends = None if same or _follows(follower.phase) else follower.target(self.start, 0)
            if ends and not segment.dates and not isinstance(segment.phase.timing, Listed):
                most = segment.count_before(self.start, ends)
                is_first_part = follower is not None and follower.is_rest
                segment = segment._replace(
                    count=min(most, segment.count or most) if is_first_part else most
                )
            first = sum(each.count or 0 for each in placed)
            placed.append(segment._replace(first=first))
        return tuple(placed)

    def restarted(self, number: int, given: date) -> "Timeline":
        """Return the schedule begun again on `given`: dose `number` is its first."""
        return Timeline.begin(self.phases, given, number)

    def _cut(self, slot: Slot, days: int) -> tuple[Segment | None, list[Segment]]:
        """Return what is left of a phase after a dose, and the later phases moved by `days`."""
        here = self.segments[slot.segment]
        passed = slot.index + 1
        left = None if here.count is None else here.count - passed
        later = [
            each._replace(moved=each.moved + days) for each in self.segments[slot.segment + 1 :]
        ]
        if left == 0:
            return None, later
        ends_on = here.end(self.start)
        rest = here._replace(
            is_rest=True, count=left, position=here.position + passed,
            ends_on=ends_on and ends_on + timedelta(days=days),
        )  # fmt: skip
        if here.dates:
            return rest._replace(dates=here.dates[passed:]), later
        if isinstance(here.phase.timing, Listed):
            # the same offsets from the same base, but for those that have passed
            base = here.base or self.start
            if here.base is None:
                first = here.phase.timing.offset(0)
                if first.days is None:
                    return _as_dates(rest, here, self.start, passed), later
                base += timedelta(days=first.days)
            return rest._replace(base=base, passed=here.passed + passed, days=()), later
        return _as_later_turns(rest, here, self.start, passed), later

    def _bounded(self, rest: Segment, here: Segment, later: list[Segment]) -> Segment:
        """Return a shifted rest that its next phase ends earlier than it did (DATE-5).

        Months from another day can run past the next phase's first target.
        """
        timing = here.phase.timing
        if rest.count is None or not isinstance(timing, Repeating) or not timing.every.in_months:
            return rest
        if not later:
            return rest
        end, count = later[0].target(self.start, 0), rest.count
        while count > 0 and rest.target(self.start, count - 1) >= end:
            count -= 1
        return rest._replace(count=count)

    def _recounted(self, rest: Segment, later: list[Segment]) -> Segment:
        """Return a rest with as many doses as its end leaves, now that its dates have changed."""
        if rest.dates or isinstance(rest.phase.timing, Listed):
            return rest
        ends = rest.ends_on
        if rest.is_bounded_by_the_next and later and not _follows(later[0].phase):
            ends = later[0].target(self.start, 0)
        return rest._replace(count=rest.count_before(self.start, ends)) if ends else rest

    def _with(self, number: int, rest: Segment | None, later: list[Segment]) -> "Timeline":
        """Return the timeline from the dose after `number` on."""
        segments = [*([rest] if rest else []), *later]
        first = 0
        placed = []
        for each in segments:
            placed.append(each._replace(first=first))
            first += each.count or 0
        return self._replace(segments=tuple(placed), first_number=number + 1)


def _is_evenly_spaced(segment: Segment) -> bool:
    timing = segment.phase.timing
    return not (segment.dates or isinstance(timing, Listed) or timing.weekdays or timing.on_days)


def _follows(phase: Phase) -> bool:
    return isinstance(phase.timing, Repeating) and phase.timing.follows


def _counted_from(rest: Segment, given: date) -> Segment:
    """Return the rest of an evenly spaced phase, one interval after `given` and on."""
    timing = rest.phase.timing
    assert isinstance(timing, Repeating)  # noqa: S101 - only that is evenly spaced
    begin = Offset().plus(timing.every)
    return _in_days_of(rest._replace(base=given, begin=begin, moved=0, days=(), turn=0))


def _in_days_of(segment: Segment) -> Segment:
    days, turn = _in_days(segment.phase.timing, segment.begin)
    return segment._replace(days=days, turn=turn)


def _as_dates(rest: Segment, here: Segment, start: date, passed: int) -> Segment:
    """Return what is left of a phase as dates, where its offsets count months from the start."""
    assert here.count is not None  # noqa: S101 - a list has an end
    left = tuple(here.target(start, index) for index in range(passed, here.count))
    return rest._replace(dates=left, moved=0)


def _as_later_turns(rest: Segment, here: Segment, start: date, passed: int) -> Segment:
    """Return what is left of a repeating phase, counted from where it was counted."""
    timing = here.phase.timing
    assert isinstance(timing, Repeating)  # noqa: S101 - lists are cut elsewhere
    if timing.weekdays:
        first = here.target(start, passed) - timedelta(days=here.moved)
        return rest._replace(base=first, begin=Offset())
    if timing.on_days:
        return rest._replace(passed=here.passed + passed, days=(), turn=0)
    return _in_days_of(rest._replace(begin=here.begin.plus(timing.every, passed)))


def _stepped_into(phase: Phase, on: date, passed: int) -> Segment:
    """Return a phase whose dose after `passed` others is due on `on`."""
    timing = phase.timing
    if isinstance(timing, Listed):
        segment = Segment(phase, Offset(), 0, len(timing.counts) - passed)
        if passed and timing.offset(passed).days is None:
            months = timing.counts[passed]
            dates = (Offset.of(each - months, timing.unit).after(on) for each in timing.counts)
            return segment._replace(dates=tuple(dates)[passed:])
        away = (timing.offset(passed).days or 0) - (timing.offset(0).days or 0)
        return segment._replace(base=on - timedelta(days=away), passed=passed)
    segment = Segment(phase, Offset(), 0, None, base=on)
    if timing.on_days:
        base = on - timedelta(days=timing.on_days[passed % len(timing.on_days)])
        segment = segment._replace(base=base, passed=passed % len(timing.on_days))
    if timing.lasts:
        segment = segment._replace(ends_on=timing.lasts.after(_first_target(phase, on, passed)))
        count: int | None = segment.count_before(on, segment.ends_on or on)
    else:
        count = None if timing.doses is None else timing.doses - passed
    return (
        segment._replace(count=count)
        if timing.on_days
        else _in_days_of(segment._replace(count=count))
    )


def _first_target(phase: Phase, on: date, passed: int) -> date:
    """Return when a phase began whose dose after `passed` others is due on `on`."""
    timing = phase.timing
    if isinstance(timing, Listed):
        return Offset.of(timing.counts[0] - timing.counts[passed], timing.unit).after(on)
    turns = passed // len(timing.on_days or (0,)) if timing.on_days else passed
    if timing.weekdays:
        return on - timedelta(days=7 * (passed // len(timing.weekdays)))
    return timing.every.after(on, -turns)


def _begins(phase: Phase) -> Offset:
    """Return where a phase begins, from the start; the start where it states nothing."""
    timing = phase.timing
    if isinstance(timing, Listed):
        return timing.offset(0)
    return Offset() if timing.follows else Offset().plus(timing.begins)


def _follower(phase: Phase, before: Segment, own: Offset, first: date, start: date) -> Segment:
    """Return a phase that comes after a step, at its stated distance.

    Args:
        phase: The phase.
        before: The phase before it.
        own: Where the phase of the step begins in a fresh course.
        first: When that phase began.
        start: Day 0 of the timeline.
    """
    timing = phase.timing
    if isinstance(timing, Repeating) and timing.follows:
        begin = before.last_offset(start).plus(_after(timing))
        segment = Segment(phase, begin, 0, None, base=before.base)
        if before.dates and before.count:
            last = before.target(start, before.count - 1)
            segment = segment._replace(base=last, begin=Offset().plus(_after(timing)))
        segment = _in_days_of(segment)
        return segment._replace(count=_own_count(segment, start))
    begins = _begins(phase)
    day_0 = first
    if own.days is not None and begins.days is not None:
        day_0 = first - timedelta(days=own.days)
    elif own.steps:
        in_months, count = own.steps[-1]
        day_0 = add_months(first, -count) if in_months else first - timedelta(days=count)
    if isinstance(timing, Listed):
        if begins.days is None:
            dates = tuple(timing.offset(each).after(day_0) for each in range(len(timing.counts)))
            return Segment(phase, Offset(), 0, len(dates), dates=dates)
        base = day_0 + timedelta(days=begins.days)
        return Segment(phase, Offset(), 0, len(timing.counts), base=base)
    segment = _in_days_of(Segment(phase, begins, 0, None, base=day_0))
    return segment._replace(count=_own_count(segment, start))


def targets(phases: tuple[Phase, ...], start: date) -> Iterator[date]:
    """Yield the targets of a schedule in order; without end where it is open-ended."""
    timeline = Timeline.begin(phases, start)
    number = 1
    while slot := timeline.slot(number):
        yield timeline.target(slot)
        number += 1
