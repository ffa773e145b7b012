"""Late and early doses: which rule covers a dose, what it says, and when a dose is passed over.

Source: section by section in docs/late-doses.md; the rules themselves stand in the schedules.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from dosecal.model.dates import Interval, IntervalRange
from dosecal.model.schedule import (
    INTERRUPTION,
    Bound,
    Clock,
    EarlyRule,
    Gap,
    MinGap,
    MissedRule,
    Phase,
    Schedule,
    Then,
    Window,
)
from dosecal.model.values import value

PASSING: Final = frozenset({Then.KEEP, Then.KEEP_OR_SHIFT, Then.GIVE_ASK, Then.ASK})
"""Under these a dose is passed over once the next one has come: a dose is never doubled."""
OPEN_QUESTIONS: Final = (Then.ASK, Then.GIVE_ASK)
"""What leaves something to ask the prescriber."""
_NEAR: Final = range(-3, 4)  # months have 28 to 31 days, so counted back an edge is this near


@value
class Verdict(NamedTuple):
    """What holds for a dose given, or to be given, on some day.

    Attributes:
        days: Days after the target; negative before it.
        then: What the source says; None where the dose is in time, `ask` where no rule covers it.
        sources: Ids of the sources of the rule; where no rule covers the dose, of those that
            state none: the phase's.
        too_soon: Whether a shortest gap forbids the day.
        rule: The rule that covers the dose; None: none does.
        doubled: Whether something of the course was given that day (a rule of dosecal's own).
        early_rules: Whether the dose is early and the schedule's rules for early doses do not
            allow it.
    """

    days: int
    then: Then | None
    sources: tuple[str, ...] = ()
    too_soon: bool = False
    rule: MissedRule | EarlyRule | None = None
    doubled: bool = False
    early_rules: bool = False


@value
class Known(NamedTuple):
    """What is known of a dose when it is judged.

    Attributes:
        phase: Its phase.
        position: Its place in the schedule, from 0.
        target: When it was or is due.
        earliest: The first day in time, inclusive.
        latest: The last day in time, inclusive.
        next_target: When the next dose is due, skipped or not, if there is one.
        next_open: When the next dose is due that was not skipped in advance.
        last: When something was given before it, an extra dose too; None: never.
        start: Day 0: the course's start, or the day of the latest restart.
        missed_before: How many doses directly before it are missed.
        interrupted: Whether the dose before it was held, skipped or missed.
        free: The first day that the gaps allow for an administration, inclusive; None: any.
        gap_sources: Who states that gap.
        never_passed: Whether nothing passes it over: a gap of the schedule names it, or the next
            dose is counted from the day it is given.
        fixed_on: When a recorded step begins its phase, or the next dose was agreed for: a day that
            no shift moves.
    """

    phase: Phase
    position: int
    target: date
    earliest: date
    latest: date
    next_target: date | None
    next_open: date | None
    last: date | None
    start: date
    missed_before: int = 0
    interrupted: bool = False
    free: date | None = None
    gap_sources: tuple[str, ...] = ()
    never_passed: bool = False
    fixed_on: date | None = None


def acceptable(window: Window | None, target: date) -> tuple[date, date]:
    """Return the earliest and latest date in time, both inclusive (DATE-3)."""
    return window.around(target) if window else (target, target)


def allowed_from(gap: MinGap | Gap, since: date) -> date:
    """Return the first day on which an administration after one on `since` counts."""
    until = gap.gap.after(since)
    return until - timedelta(days=gap.grace.days) if gap.grace else until


def judge(schedule: Schedule, dose: Known, on: date) -> Verdict:
    """Say what holds for a dose on the day `on`: the first rule that matches wins."""
    days = (on - dose.target).days
    if dose.free and on < dose.free:
        return Verdict(days, Then.ASK, dose.gap_sources, too_soon=True)
    if on < dose.earliest:
        return _early(schedule, dose, on, days)
    in_time = on <= dose.latest
    if in_time and not dose.interrupted:
        return Verdict(days, None)
    for rule in schedule.missed:
        if in_time and not _speaks_of_interruption(rule):
            continue
        if _is_for(rule, dose) and all(_shows(each, dose, on) for each in rule.clocks):
            return Verdict(days, rule.then, rule.sources, rule=rule)
    return Verdict(days, None if in_time else Then.ASK, () if in_time else dose.phase.sources)


def _early(schedule: Schedule, dose: Known, on: date, days: int) -> Verdict:
    for rule in schedule.early:
        if all(_shows(each, dose, on) for each in rule.clocks):
            return Verdict(days, rule.then, rule.sources, rule=rule)
    if not schedule.early:
        return Verdict(days, Then.ASK, dose.phase.sources)
    sources = tuple(dict.fromkeys(id for rule in schedule.early for id in rule.sources))
    return Verdict(days, Then.ASK, sources, early_rules=True)


def _speaks_of_interruption(rule: MissedRule) -> bool:
    return bool(rule.clocks) and all(each.clock in INTERRUPTION for each in rule.clocks)


def _is_for(rule: MissedRule, dose: Known) -> bool:
    in_phase = not rule.phases or dose.phase.name in rule.phases
    return in_phase and (rule.doses is None or dose.position + 1 in rule.doses)


def _shows(bound: Bound, dose: Known, on: date) -> bool:
    """Say whether a clock shows on a day what a rule wants; a clock that does not run does not."""
    if bound.clock is Clock.MISSED_IN_A_ROW:
        return bound.numbers is not None and dose.missed_before + 1 in bound.numbers
    begin, end = {
        Clock.LATE: (dose.target, on),
        Clock.UNTIL_NEXT: (on, dose.next_target),
        Clock.SINCE_LAST: (dose.last, on),
        Clock.SINCE_START: (dose.start, on),
        Clock.EARLY: (on, dose.target),
    }[bound.clock]
    return begin is not None and end is not None and bound.holds(begin, end)


def not_doubled(verdict: Verdict, on: date, last: date | None) -> Verdict:
    """Return the verdict; `ask` where something of the course was given on the day itself.

    Two doses on one day are never the answer, whatever a rule says of each: dosecal's own rule.
    """
    if last != on or verdict.too_soon:
        return verdict
    return Verdict(verdict.days, Then.ASK, doubled=True)


def passed_over(schedule: Schedule, dose: Known, until: date) -> tuple[date, Verdict] | None:
    """Return on which day an open dose was passed over, and what its rule said; None: it was not.

    It is passed over when its rule says to skip it, or when the next target has come and the
    rule is one that would otherwise have two doses given (docs/late-doses.md, "One at a time").

    Args:
        schedule: Whose rules count.
        dose: The dose, neither given nor skipped.
        until: The last day that is looked at, inclusive.
    """
    if dose.never_passed:
        if dose.fixed_on is None or dose.fixed_on > until:
            return None
        day = max(dose.fixed_on, dose.target)
        return day, judge(schedule, dose, day)
    for day in _turning_days(schedule, dose, until):
        verdict = judge(schedule, dose, day)
        if verdict.then is Then.SKIP:
            return day, verdict
        if dose.fixed_on and dose.fixed_on <= day:
            return day, verdict
        passes = verdict.then is None or verdict.then in PASSING
        if passes and dose.next_open and dose.next_open <= day:
            return day, verdict
    return None


def _turning_days(schedule: Schedule, dose: Known, until: date) -> Iterator[date]:
    """Yield in order the days up to `until` from which something else may hold for a late dose."""
    first = dose.latest + timedelta(days=1)
    coming = tuple(filter(None, (dose.next_open, dose.fixed_on)))
    first = min(first, *coming) if coming else first  # a step, or a day agreed, in its window
    if first > until:
        return
    days = {first}
    days.update(coming)
    if schedule.missed:
        marks = (dose.target, dose.next_target, dose.last, dose.start)
        days.update(turns(schedule.missed, marks))
    yield from sorted(day for day in days if first <= day <= until)


def turns(rules: Iterable[MissedRule], marks: Iterable[date | None]) -> set[date]:
    """Return the days near which a rule begins or ceases to hold, counted from these marks."""
    spans = {each.interval for rule in rules for bound in rule.clocks for each in bound.ranges}
    edges = {
        span.after(mark, times)
        for mark in marks
        if mark is not None
        for span in (Interval(0, "day"), *spans)
        for times in (-1, 1)
    }
    return {edge + timedelta(days=near) for edge in edges for near in _NEAR}


def every_lateness_is_covered(rules: tuple[MissedRule, ...]) -> bool:
    """Say whether no late dose of any phase is left without a rule."""
    wide = [
        [bound for each in rule.clocks for bound in each.ranges]
        for rule in rules
        if not rule.phases
        and not rule.doses
        and all(each.clock is Clock.LATE for each in rule.clocks)
    ]
    target = date(2024, 1, 1)
    edges = [bound.interval.after(target) for bounds in wide for bound in bounds]
    probes = {edge + timedelta(days=days) for edge in (target, *edges) for days in (-1, 0, 1)}
    return all(any(_all_hold(bounds, target, probe) for bounds in wide) for probe in probes
               if probe > target)  # fmt: skip


def _all_hold(bounds: list[IntervalRange], target: date, probe: date) -> bool:
    return all(bound.holds(target, probe) for bound in bounds)
