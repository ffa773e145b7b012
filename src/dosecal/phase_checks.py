"""What the phases of a schedule may not say against each other, from whatever start.

A phase must begin after the one before it has ended, a window must not reach the next dose, and
no gap between administrations may be longer than the schedule itself leaves.
"""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from dosecal.dates import Interval
from dosecal.errors import Problem
from dosecal.plan import Segment, lay_out
from dosecal.schedule import Listed, MinGap, Phase, Repeating

_FIRST_START: Final = date(2027, 1, 1)
_STARTS: Final = 1461
"""Four years of starts, a leap year among them: every length of months in a row."""
MONTH_EDGES: Final = tuple(
    sorted(
        date(_FIRST_START.year + month // 12, month % 12 + 1, 1) - timedelta(days=before)
        for month in range(49)
        for before in (0, 1)
    )
)
"""The first and last days of the months of four years: from one of them months are longest and
from one they are shortest."""


def phase_problems(phases: tuple[Phase, ...], min_gap: MinGap | None) -> Iterator[Problem]:
    """Yield what is wrong between phases that are right each for itself."""
    yield from _windows(phases)
    if min_gap:
        yield from _gaps(phases, min_gap)
    endless = tuple(_after_the_endless(phases))
    yield from endless or _order(phases)


def _after_the_endless(phases: tuple[Phase, ...]) -> Iterator[Problem]:
    for number, (before, here) in enumerate(itertools.pairwise(phases), 2):
        unending = isinstance(before.timing, Repeating) and before.timing.doses is None
        if unending and isinstance(here.timing, Repeating) and here.timing.follows:
            yield Problem(
                f"phase[{number}].after",
                f'phase "{before.name}" has no end',
                "doses in the phase before, or from",
            )


def _windows(phases: tuple[Phase, ...]) -> Iterator[Problem]:
    for number, phase in enumerate(phases, 1):
        between = spacing(phase)
        if phase.window is None or between is None:
            continue
        for end in (phase.window.early, phase.window.late):
            if _can_reach(end, between):
                shortest = "" if between.in_months == end.in_months else _shortest_words(between)
                yield Problem(
                    f"phase[{number}].window",
                    f"a window of {end} reaches another dose of the phase",
                    f"less than the {between} between two doses{shortest}",
                )
                break


def _gaps(phases: tuple[Phase, ...], min_gap: MinGap) -> Iterator[Problem]:
    for phase in phases:
        between = spacing(phase)
        if between and _is_always_longer(min_gap.gap, between):
            yield Problem(
                "min_gap.gap",
                f'{min_gap.gap} is longer than what phase "{phase.name}" leaves between doses',
                f"at most {between}",
            )


def spacing(phase: Phase) -> Interval | None:
    """Return the shortest time between two doses of a phase; None where it has one dose."""
    timing = phase.timing
    if isinstance(timing, Listed):
        steps = [late - early for early, late in itertools.pairwise(timing.counts)]
        return Interval(min(steps), timing.unit) if steps else None
    if timing.doses == 1:
        return None
    days, length = timing.on_days or timing.weekdays, _days(timing.every)[0]
    if len(days) < 2:
        return timing.every
    steps = [late - early for early, late in itertools.pairwise(days)]
    return Interval(min(*steps, length - days[-1] + days[0]), "day")


def _can_reach(length: Interval, between: Interval) -> bool:
    """Say whether from some day `length` is as long as `between`, or longer."""
    if length.in_months and between.in_months:
        return length.months >= between.months
    return _days(length)[1] >= _days(between)[0]


def _is_always_longer(length: Interval, between: Interval) -> bool:
    """Say whether `length` is longer than `between` from whatever day."""
    if length.in_months and between.in_months:
        return length.months > between.months
    return _days(length)[0] > _days(between)[1]


def _shortest_words(interval: Interval) -> str:
    return f", which can be {_days(interval)[0]} days" if interval.in_months else ""


def _days(interval: Interval) -> tuple[int, int]:
    """Return the fewest and the most days that an interval can be (DATE-2)."""
    if not interval.in_months:
        return interval.days, interval.days
    spans = [(interval.after(day) - day).days for day in MONTH_EDGES]
    return min(spans), max(spans)


def _order(phases: tuple[Phase, ...]) -> Iterator[Problem]:
    """Yield every phase that begins before the one before it has ended, from any start."""
    reported: set[int] = set()
    alike = _starts_are_alike(phases)
    for day in range(1 if alike else _STARTS):
        start = _FIRST_START + timedelta(days=day)
        try:
            segments = lay_out(phases, start)
            overlaps = [each for each in _overlaps(segments, start) if each not in reported]
        except OverflowError:
            yield Problem("phase", "the phases run past the year 9999", "shorter ones")
            return
        for number in overlaps:
            reported.add(number)
            yield _overlap(segments, number, start, alike=alike)


def _overlap(segments: tuple[Segment, ...], number: int, start: date, *, alike: bool) -> Problem:
    before, here = segments[number - 1], segments[number]
    what = f"begins on day {(here.target(start, 0) - start).days}, "
    if before.count:
        last = before.target(start, before.count - 1)
        what += f'but phase "{before.phase.name}" has a dose on day {(last - start).days}'
    else:
        what += f'before phase "{before.phase.name}" has a dose'
    if not alike:
        what += f" (with a start on {start})"
    allowed = "a phase begins after the one before it"
    return Problem(f"phase[{number + 1}]", f"overlap: {what}", allowed)


def _overlaps(segments: tuple[Segment, ...], start: date) -> Iterator[int]:
    for number in range(1, len(segments)):
        before, here = segments[number - 1], segments[number]
        count = before.count
        if count == 0 or (count and before.target(start, count - 1) >= here.target(start, 0)):
            yield number


def _starts_are_alike(phases: tuple[Phase, ...]) -> bool:
    """Say whether the order of phases is the same from any start, so that one is enough to try.

    It is in days alone, and in calendar months alone. Of the last phase the first dose counts.
    """
    *earlier, last = phases
    begins_in_days = isinstance(last.timing, Repeating) and not (
        last.timing.begins.in_months or last.timing.weekdays
    )
    in_days = all(map(_in_days, earlier)) and (begins_in_days or _in_days(last))
    return in_days or all(map(_in_months, phases))


def _in_days(phase: Phase) -> bool:
    timing = phase.timing
    if isinstance(timing, Listed):
        return timing.unit in ("day", "week")
    return not (timing.every.in_months or timing.begins.in_months or timing.weekdays)


def _in_months(phase: Phase) -> bool:
    timing = phase.timing
    if isinstance(timing, Listed):
        return timing.unit == "month"
    from_months = timing.begins.in_months or timing.begins.count == 0
    return timing.every.in_months and from_months and not timing.on_days
