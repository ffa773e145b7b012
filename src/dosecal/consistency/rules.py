"""Rules that are never reached, and gaps that no plan can keep.

Only what surely never holds is called so: a rule of several clocks is looked at clock by clock.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from dosecal.consistency.phases import (
    MONTH_EDGES,
    by_weight,
    with_ends_of_choices,
)
from dosecal.errors import Problem
from dosecal.model.dates import IntervalRange
from dosecal.model.quantities import NumberRange
from dosecal.model.schedule import (
    INTERRUPTION,
    Bound,
    Clock,
    EarlyRule,
    Gap,
    MissedRule,
    Phase,
    Schedule,
    Then,
)
from dosecal.plan.timeline import Segment, lay_out

_MAY_BE_GIVEN: Final = (Then.KEEP, Then.SHIFT, Then.KEEP_OR_SHIFT, Then.GIVE_ASK)
"""What a rule says of a dose that may still be given where it stands."""
_Rule = MissedRule | EarlyRule


class _Dose(NamedTuple):
    """A dose of the schedule.

    Attributes:
        number: Counted from 1; None: any, for a phase that a step alone reaches.
        last: Whether it is the last of all.
    """

    phase: Phase
    number: int | None
    last: bool


def rule_problems(schedule: Schedule) -> list[Problem]:
    """Return every rule that is never reached, with why, and every gap that no plan can keep.

    The phases are right among themselves.
    """
    return [
        *_missed_problems(schedule.missed, schedule.phases),
        *_row_problems(schedule.missed),
        *_early_problems(schedule.early, schedule.phases),
        *_gap_problems(schedule.gaps, schedule.phases),
    ]


def _layouts(phases: tuple[Phase, ...], starts: Iterable[date]) -> Iterator[tuple[Segment, ...]]:
    """Yield the phases as a fresh course may have them, up to the first that a step ends."""
    days = tuple(starts)
    for weight in by_weight(tuple(phase.weight for phase in phases)):
        for chosen in with_ends_of_choices(phases):
            own = weight.of(chosen)
            ends = [place for place, phase in enumerate(own) if phase.ends]
            run = own[: ends[0] + 1] if ends else own
            for start in days:
                yield lay_out(run, start)


def _behind_a_step(phases: tuple[Phase, ...]) -> Iterator[Phase]:
    """Yield the phases that a fresh course reaches by a step alone, for some weight."""
    for weight in by_weight(tuple(phase.weight for phase in phases)):
        behind = False
        for phase in weight.of(phases):
            if behind:
                yield phase
            behind = behind or phase.ends is not None


def _missed_problems(rules: tuple[MissedRule, ...], phases: tuple[Phase, ...]) -> Iterator[Problem]:
    if not rules:
        return
    starts = MONTH_EDGES if any(rule.doses for rule in rules) else MONTH_EDGES[:1]
    layouts = set(_layouts(phases, starts))
    doses = {dose for segments in layouts for dose in _told_apart(segments, rules)}
    doses |= {_Dose(phase, None, last=False) for phase in _behind_a_step(phases)}
    for place, rule in enumerate(rules):
        path = f"missed[{place + 1}]"
        if empty := _empty(rule):
            yield Problem(f"{path}.{empty.clock}", f'no day meets "{empty}"', "two ends that meet")
            continue
        own = [dose for dose in doses if _is_for(rule, dose)]
        able = [dose for dose in own if not _has_no_clock(rule, dose)]
        if any(_is_reached(rule, (), dose) for dose in able):
            if not any(_is_reached(rule, rules[:place], dose) for dose in able):
                yield _covered(rules, place, able)
        else:
            what, allowed = _out_of_reach(rule, own, able)
            yield Problem(path, f"never reached: {what}", allowed)


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
    return in_phase and (rule.doses is None or dose.number is None or dose.number in rule.doses)


def _has_no_clock(rule: MissedRule, dose: _Dose) -> bool:
    """Say whether one of the rule's clocks does not run for a dose (docs/late-doses.md)."""
    return any(
        (bound.clock is Clock.SINCE_LAST and dose.number == 1)
        or (bound.clock is Clock.UNTIL_NEXT and dose.last)
        for bound in rule.clocks
    )


def _bound(rule: _Rule, clock: Clock) -> Bound | None:
    return next((bound for bound in rule.clocks if bound.clock is clock), None)


def _is_about_lateness(rule: _Rule) -> bool:
    """Say whether a rule speaks of late doses alone, and not of an interruption too."""
    return not rule.clocks or any(bound.clock not in INTERRUPTION for bound in rule.clocks)


def _empty(rule: _Rule) -> Bound | None:
    """Return a bound of a rule that no day meets, if there is one."""
    for bound in rule.clocks:
        if bound.ranges and not any(
            _is_free(bound.ranges, (), begin, date.min) for begin in MONTH_EDGES
        ):
            return bound
    return None


def _is_reached(rule: MissedRule, earlier: tuple[MissedRule, ...], dose: _Dose) -> bool:
    """Say whether a dose can meet a rule and none before it, as far as single clocks tell."""
    before = [each for each in earlier if _is_for(each, dose)]
    if any(_holds_whenever(each, rule) for each in before):
        return False
    late = _bound(rule, Clock.LATE)
    if _is_about_lateness(rule):
        if any(not each.clocks for each in before):
            return False
        alike = _of_one_clock(before, Clock.LATE)
        window = dose.phase.window
        if not any(
            _is_free(
                late.ranges if late else (), [each.ranges for each in alike], target,
                window.around(target)[1] if window else target,
            )
            for target in MONTH_EDGES
        ):  # fmt: skip
            return False
    return all(
        _is_left(bound, _of_one_clock(before, bound.clock))
        for bound in rule.clocks
        if bound.clock is not Clock.LATE
    )


def _of_one_clock(rules: Iterable[_Rule], clock: Clock) -> list[Bound]:
    """Return the bounds of the rules that look at this clock alone."""
    return [
        each.clocks[0] for each in rules if len(each.clocks) == 1 and each.clocks[0].clock is clock
    ]


def _is_left(bound: Bound, others: list[Bound]) -> bool:
    """Say whether a clock can show something within a bound and within none of the others."""
    if bound.numbers:
        return _has_number_left(bound.numbers, [each.numbers for each in others if each.numbers])
    ranges = [each.ranges for each in others]
    return any(_is_free(bound.ranges, ranges, begin, date.min) for begin in MONTH_EDGES)


def _has_number_left(numbers: NumberRange, others: list[NumberRange]) -> bool:
    edges = {numbers.first, *((each.last or 0) + 1 for each in others)}
    return any(
        edge in numbers and not any(edge in each for each in others) for edge in edges if edge
    )


def _holds_whenever(earlier: _Rule, rule: _Rule) -> bool:
    """Say whether every clock of an earlier rule surely holds where those of `rule` do."""
    if len(earlier.clocks) < 2:
        return False  # looked at clock by clock
    return all(
        (own := _bound(rule, bound.clock)) is not None and not _is_left(own, [bound])
        for bound in earlier.clocks
    )


def _is_free(
    bound: tuple[IntervalRange, ...],
    others: Iterable[tuple[IntervalRange, ...]],
    begin: date,
    after: date,
) -> bool:
    """Say whether a day later than `after` meets a bound and none of the others."""
    excluded = list(others)
    edges = {begin, max(begin, after)}
    for ranges in (bound, *excluded):
        edges |= {each.interval.after(begin) for each in ranges}
    days = {edge + timedelta(days=near) for edge in edges for near in (-1, 0, 1)}
    return any(
        all(each.holds(begin, day) for each in bound)
        and not any(all(each.holds(begin, day) for each in ranges) for ranges in excluded)
        for day in days
        if day > after
    )


def _covered(rules: tuple[MissedRule, ...], place: int, doses: list[_Dose]) -> Problem:
    rule = rules[place]
    clocks = {Clock.LATE, *(bound.clock for bound in rule.clocks)}
    before = [
        (f"missed[{number}]", each)
        for number, each in enumerate(rules[:place], 1)
        if {bound.clock for bound in each.clocks} <= clocks
        and any(_is_for(each, dose) for dose in doses)
    ]
    for each in before:
        if not any(_is_reached(rule, (each[1],), dose) for dose in doses):
            before = [each]
            break
    return Problem(f"missed[{place + 1}]", _said_covered([path for path, _ in before]),
                   "the narrower rule first")  # fmt: skip


def _said_covered(paths: list[str]) -> str:
    verb = "hold" if len(paths) > 1 else "holds"
    return f"never reached: {', '.join(paths)} {verb} for all that it is for"


def _out_of_reach(rule: MissedRule, own: list[_Dose], able: list[_Dose]) -> tuple[str, str]:
    """Return why a rule holds for no dose even by itself, and what would be right."""
    if not own:
        within = " or ".join(f'phase "{name}"' for name in rule.phases) or "the schedule"
        return f"{within} has no dose {rule.doses}", "doses count from 1 through the whole schedule"
    if not able and _bound(rule, Clock.SINCE_LAST):
        return "before dose 1 none was given, so since_last says nothing", "late, or a later dose"
    if not able:
        return "after the last dose none is due, so until_next says nothing", "late or since_last"
    late = _bound(rule, Clock.LATE)
    return f'late "{late}" is over before the window is', "late counts from the target date"


def _row_problems(rules: tuple[MissedRule, ...]) -> Iterator[Problem]:
    """Yield rules that count doses missed in a row before one for a dose that may be given yet."""
    for place, rule in enumerate(rules):
        if not _bound(rule, Clock.MISSED_IN_A_ROW) or _is_about_lateness(rule):
            continue
        for number, later in enumerate(rules[place + 1 :], place + 2):
            timed = _bound(later, Clock.LATE) or _bound(later, Clock.UNTIL_NEXT)
            if timed and later.then in _MAY_BE_GIVEN and _may_meet(rule, later):
                yield Problem(
                    f"missed[{place + 1}]",
                    f"counts doses missed in a row before missed[{number}], a rule for a dose that "
                    "may still be given",
                    "the rule for a dose that may still be given first",
                )
                break


def _may_meet(one: MissedRule, other: MissedRule) -> bool:
    """Say whether two rules may be for one dose."""
    return not (one.phases and other.phases) or bool(set(one.phases) & set(other.phases))


def _early_problems(rules: tuple[EarlyRule, ...], phases: tuple[Phase, ...]) -> Iterator[Problem]:
    shortest = min((phase.window.early.days if phase.window else 0 for phase in phases), default=0)
    for place, rule in enumerate(rules):
        path = f"early[{place + 1}]"
        if empty := _empty(rule):
            yield Problem(f"{path}.{empty.clock}", f'no day meets "{empty}"', "two ends that meet")
            continue
        early = _bound(rule, Clock.EARLY)
        begin = MONTH_EDGES[0]
        edge = begin + timedelta(days=shortest)
        if early and not _is_free(early.ranges, (), begin, edge):
            what = f'never reached: early "{early}" is within the window'
            yield Problem(path, what, "early counts from the target date")
            continue
        before = rules[:place]
        others = [each.ranges for each in _of_one_clock(before, Clock.EARLY)]
        dead = (
            any(not each.clocks or _holds_whenever(each, rule) for each in before)
            or not _is_free(early.ranges if early else (), others, begin, edge)
            or not all(
                _is_left(bound, _of_one_clock(before, bound.clock))
                for bound in rule.clocks
                if bound.clock is not Clock.EARLY
            )
        )
        if dead:
            paths = [f"early[{number}]" for number in range(1, place + 1)]
            yield Problem(path, _said_covered(paths), "the narrower rule first")


def _gap_problems(gaps: tuple[Gap, ...], phases: tuple[Phase, ...]) -> Iterator[Problem]:
    """Yield gaps between doses that there are not, or that no start and no choice can keep."""
    if not gaps:
        return
    layouts = [
        (start, segments)
        for start in MONTH_EDGES
        for segments in _layouts(phases, (start,))
    ]  # fmt: skip
    for number, gap in enumerate(gaps, 1):
        pairs = [
            (first, second)
            for start, segments in layouts
            if (first := _target(segments, gap.between[0], start))
            and (second := _target(segments, gap.between[1], start))
        ]
        if not pairs:
            most = max(_count(segments) for _, segments in layouts)
            yield Problem(
                f"gap[{number}].between", f"there is no dose {gap.between[1]}",
                f"doses from 1 to {most}, counted through the whole schedule",
            )  # fmt: skip
        elif all(second < gap.gap.after(first) for first, second in pairs):
            longest = max((second - first).days for first, second in pairs)
            yield Problem(
                f"gap[{number}].gap",
                f"{gap.gap} is longer than the schedule ever leaves between doses "
                f"{gap.between[0]} and {gap.between[1]}",
                f"at most {longest} days",
            )
        if any(gap.between == each.between for each in gaps[: number - 1]):
            yield Problem(
                f"gap[{number}].between",
                f"doses {gap.between[0]} and {gap.between[1]} have a gap already",
                "one gap for each pair",
            )


def _target(segments: tuple[Segment, ...], number: int, start: date) -> date | None:
    """Return when a dose is due, counted from 1; None: there is none."""
    for segment in segments:
        index = number - 1 - segment.first
        if segment.count is None or index < segment.count:
            return segment.target(start, index)
    return None


def _count(segments: tuple[Segment, ...]) -> int:
    last = segments[-1]
    return last.first + (last.count or 0)
