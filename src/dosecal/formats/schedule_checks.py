"""What the phases of a schedule may not say against each other, from whatever start.

A phase must begin after the one before it has ended, a window must not reach the next dose, and
no gap between administrations may be longer than the schedule itself leaves.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from dosecal.errors import Problem
from dosecal.model.dates import Interval, IntervalRange
from dosecal.model.schedule import Clock, Listed, MinGap, MissedRule, Phase, Repeating
from dosecal.plan.timeline import Segment, lay_out

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


class _Dose(NamedTuple):
    """A dose of the schedule: its number, counted from 1, and whether it is the last of all."""

    phase: Phase
    number: int
    last: bool


def rule_problems(rules: tuple[MissedRule, ...], phases: tuple[Phase, ...]) -> Iterator[Problem]:
    """Yield every rule that is never reached, with why; the phases are right among themselves."""
    if not rules:
        return
    starts = MONTH_EDGES if any(rule.doses for rule in rules) else MONTH_EDGES[:1]
    layouts = {lay_out(phases, start) for start in starts}
    doses = {dose for segments in layouts for dose in _told_apart(segments, rules)}
    for place, rule in enumerate(rules):
        own = [dose for dose in doses if _is_for(rule, dose)]
        able = [dose for dose in own if not _has_no_clock(rule, dose)]
        if any(_is_reached(rule, (), dose) for dose in able):
            if not any(_is_reached(rule, rules[:place], dose) for dose in able):
                yield _covered(rules, place, able)
        else:
            what, allowed = _out_of_reach(rule, own, able)
            yield Problem(f"missed[{place + 1}]", f"never reached: {what}", allowed)


def _told_apart(segments: tuple[Segment, ...], rules: tuple[MissedRule, ...]) -> Iterator[_Dose]:
    """Yield a dose of every kind that a rule may be for: bounds lie at them or next to them."""
    edges = {1, 2}
    for rule in rules:
        if rule.doses:
            edges |= {rule.doses.first, (rule.doses.last or rule.doses.first) + 1}
            edges |= {rule.doses.last or rule.doses.first}
    for segment in segments:
        first = segment.first + 1
        end = None if segment.count is None else segment.first + segment.count
        for number in {first, *edges, *([end - 1, end] if end else [])}:
            if first <= number and (end is None or number <= end):
                yield _Dose(segment.phase, number, segment is segments[-1] and number == end)


def _is_for(rule: MissedRule, dose: _Dose) -> bool:
    in_phase = not rule.phases or dose.phase.name in rule.phases
    return in_phase and (rule.doses is None or dose.number in rule.doses)


def _has_no_clock(rule: MissedRule, dose: _Dose) -> bool:
    """Say whether the rule's clock does not run for a dose (docs/late-doses.md, "The rules")."""
    return (rule.clock is Clock.SINCE_LAST and dose.number == 1) or (
        rule.clock is Clock.UNTIL_NEXT and dose.last
    )


def _is_reached(rule: MissedRule, earlier: tuple[MissedRule, ...], dose: _Dose) -> bool:
    """Say whether some lateness of a dose meets a rule and none before it."""
    before = [each for each in earlier if _is_for(each, dose)]
    late = [each.range for each in before if each.clock in (None, Clock.LATE)]
    if None in late:
        return False
    by_lateness = rule.range if rule.clock is Clock.LATE else None
    if not any(
        _is_free(by_lateness, late, target, dose.phase.window.around(target)[1]
                 if dose.phase.window else target)
        for target in MONTH_EDGES
    ):  # fmt: skip
        return False
    if rule.clock in (None, Clock.LATE):
        return True
    alike = [each.range for each in before if each.clock is rule.clock]
    return any(_is_free(rule.range, alike, begin, date.min) for begin in MONTH_EDGES)


def _is_free(
    bound: IntervalRange | None,
    others: Iterable[IntervalRange | None],
    begin: date,
    after: date,
) -> bool:
    """Say whether a day later than `after` lies within a bound and within none of the others."""
    bounds = [each for each in (bound, *others) if each]
    edges = {begin, max(begin, after), *(each.interval.after(begin) for each in bounds)}
    days = {edge + timedelta(days=near) for edge in edges for near in (-1, 0, 1)}
    return any(
        (bound is None or bound.holds(begin, day))
        and not any(each.holds(begin, day) for each in others if each)
        for day in days
        if day > after
    )


def _covered(rules: tuple[MissedRule, ...], place: int, doses: list[_Dose]) -> Problem:
    rule = rules[place]
    clocks = (None, Clock.LATE, rule.clock)
    before = [
        (f"missed[{number}]", each)
        for number, each in enumerate(rules[:place], 1)
        if each.clock in clocks and any(_is_for(each, dose) for dose in doses)
    ]
    for each in before:
        if not any(_is_reached(rule, (each[1],), dose) for dose in doses):
            before = [each]
            break
    verb = "hold" if len(before) > 1 else "holds"
    what = f"never reached: {', '.join(path for path, _ in before)} {verb} for all that it is for"
    return Problem(f"missed[{place + 1}]", what, "the narrower rule first")


def _out_of_reach(rule: MissedRule, own: list[_Dose], able: list[_Dose]) -> tuple[str, str]:
    """Return why a rule holds for no dose even by itself, and what would be right."""
    if not own:
        within = " or ".join(f'phase "{name}"' for name in rule.phases) or "the schedule"
        return f"{within} has no dose {rule.doses}", "doses count from 1 through the whole schedule"
    if not able and rule.clock is Clock.SINCE_LAST:
        return "before dose 1 none was given, so since_last says nothing", "late, or a later dose"
    if not able:
        return "after the last dose none is due, so until_next says nothing", "late or since_last"
    return f'late "{rule.range}" is over before the window is', "late counts from the target date"
