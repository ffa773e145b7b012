"""Missed-dose rules that no dose can ever meet: a rule like that is a slip of its author.

A rule is tried on every dose that the rules tell apart and on every lateness about their bounds.
The clocks are taken as independent of each other, so that only what is surely never reached counts.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dosecal.dates import IntervalRange
from dosecal.errors import Problem
from dosecal.phase_checks import MONTH_EDGES
from dosecal.plan import Segment, lay_out
from dosecal.schedule import Clock, MissedRule, Phase


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
    late = [each.bound for each in before if each.clock in (None, Clock.LATE)]
    if None in late:
        return False
    by_lateness = rule.bound if rule.clock is Clock.LATE else None
    if not any(
        _is_free(by_lateness, late, target, dose.phase.window.around(target)[1]
                 if dose.phase.window else target)
        for target in MONTH_EDGES
    ):  # fmt: skip
        return False
    if rule.clock in (None, Clock.LATE):
        return True
    alike = [each.bound for each in before if each.clock is rule.clock]
    return any(_is_free(rule.bound, alike, begin, date.min) for begin in MONTH_EDGES)


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
    return f'late "{rule.bound}" is over before the window is', "late counts from the target date"
