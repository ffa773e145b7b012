"""Late and early doses: which missed-dose rule covers a dose, and what it says.

Source: section by section in docs/late-doses.md; the rules themselves stand in the schedules.
"""

from datetime import date, timedelta
from typing import NamedTuple

from dosecal.model.schedule import Clock, MissedRule, Phase, Schedule, Then, Window
from dosecal.model.values import value
from dosecal.plan.timeline import Slot


@value
class Verdict(NamedTuple):
    """What holds for a dose given, or to be given, on some day.

    Attributes:
        days: Days after the target; negative before it.
        then: What the source says; None where the dose is in time, `ask` where no rule covers it.
        sources: Ids of the sources of the rule; where no rule covers the dose, of those that
            state none: the phase's.
        too_soon: Whether the shortest allowed gap forbids the day.
        stated: Whether a rule covers the dose.
        doubled: Whether another dose was given that day (a rule of dosecal's own).
    """

    days: int
    then: Then | None
    sources: tuple[str, ...] = ()
    too_soon: bool = False
    stated: bool = False
    doubled: bool = False


def acceptable(window: Window | None, target: date) -> tuple[date, date]:
    """Return the earliest and latest date in time, both inclusive (DATE-3)."""
    return window.around(target) if window else (target, target)


def judge(
    schedule: Schedule,
    phase: Phase,
    slot: Slot,
    target: date,
    on: date,
    next_target: date | None,
    last_given: date | None,
) -> Verdict:
    """Say what holds for a dose on the day `on`: the first rule that matches wins.

    Args:
        schedule: Whose rules count.
        phase: The phase of the dose.
        slot: Its place in the schedule.
        target: When it was due.
        on: When it is given, or thought to be.
        next_target: When the next dose is due, if there is one.
        last_given: When the dose before was given, if one was.
    """
    days = (on - target).days
    gap = schedule.min_gap
    if gap and last_given and on < gap.gap.after(last_given):
        return Verdict(days, Then.ASK, gap.sources, too_soon=True)
    earliest, latest = acceptable(phase.window, target)
    if on < earliest:
        return Verdict(days, Then.ASK, phase.sources)
    if on <= latest:
        return Verdict(days, None)
    for rule in schedule.missed:
        if _matches(rule, phase, slot, target, on, next_target, last_given):
            return Verdict(days, rule.then, rule.sources, stated=True)
    return Verdict(days, Then.ASK, phase.sources)


def every_lateness_is_covered(rules: tuple[MissedRule, ...]) -> bool:
    """Say whether no late dose of any phase is left without a rule."""
    wide = [
        rule
        for rule in rules
        if rule.clock in (None, Clock.LATE) and not rule.phases and not rule.doses
    ]
    target = date(2024, 1, 1)
    edges = [rule.range.interval.after(target) for rule in wide if rule.range]
    probes = {edge + timedelta(days=days) for edge in (target, *edges) for days in (-1, 0, 1)}
    return all(
        any(rule.range is None or rule.range.holds(target, probe) for rule in wide)
        for probe in probes
        if probe > target
    )


def not_doubled(verdict: Verdict, on: date, last_given: date | None) -> Verdict:
    """Return the verdict; `ask` where the dose before was given on the day itself.

    Two doses on one day are never the answer, whatever a rule says of each: dosecal's own rule.
    """
    if last_given != on or verdict.too_soon:
        return verdict
    return Verdict(verdict.days, Then.ASK, doubled=True)


def _matches(
    rule: MissedRule,
    phase: Phase,
    slot: Slot,
    target: date,
    on: date,
    next_target: date | None,
    last_given: date | None,
) -> bool:
    if rule.phases and phase.name not in rule.phases:
        return False
    if rule.doses and slot.position + 1 not in rule.doses:
        return False
    if rule.clock is None or rule.range is None:
        return True
    begin, end = {
        Clock.LATE: (target, on),
        Clock.UNTIL_NEXT: (on, next_target),
        Clock.SINCE_LAST: (last_given, on),
    }[rule.clock]
    return begin is not None and end is not None and rule.range.holds(begin, end)
