"""What the phases of a schedule may not say against each other, from whatever start.

A phase must begin after the one before it has ended, a window must not reach the next dose, and
no gap between administrations may be longer than the schedule itself leaves.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from dosecal.errors import Problem
from dosecal.model.choices import Chosen, spread_weekdays, with_choice
from dosecal.model.dates import Interval
from dosecal.model.quantities import Amount, WeightRange, weight_probes
from dosecal.model.schedule import Choice, Listed, MinGap, Phase, Repeating, Schedule
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


_MOST_CHOICES: Final = 5
"""Of so many open choices every way to take their ends is tried; of more, all low and all high."""


class OneWeight(NamedTuple):
    """The phases for a body weight: which of them, counted from 0, and an example of the weight.

    Attributes:
        weight_kg: None where no phase is for some weights alone.
        words: Which weights these are, in words; "" for all.
    """

    weight_kg: Decimal | None
    words: str
    places: tuple[int, ...]

    def of(self, phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
        """Return those of the phases."""
        return tuple(phases[place] for place in self.places)


def by_weight(ranges: tuple[WeightRange | None, ...]) -> tuple[OneWeight, ...]:
    """Return which phases there are for each body weight, given the weights of each phase."""
    stated = tuple(each for each in ranges if each)
    if not stated:
        return (OneWeight(None, "", tuple(range(len(ranges)))),)
    return tuple(
        OneWeight(
            weight, words,
            tuple(place for place, each in enumerate(ranges) if each is None or weight in each),
        )
        for weight, words in weight_probes(stated)
    )  # fmt: skip


def with_ends_of_choices(phases: tuple[Phase, ...]) -> Iterator[tuple[Phase, ...]]:
    """Yield the phases with every open choice at one of its ends, in every way there is."""
    open_ones = [
        (place, choice)
        for place, phase in enumerate(phases)
        for choice in phase.choices
        if choice.key != "dose"
    ]
    ways: Iterable[tuple[int, ...]] = itertools.product((0, 1), repeat=len(open_ones))
    if len(open_ones) > _MOST_CHOICES:
        ways = ((end,) * len(open_ones) for end in (0, 1))
    for way in ways:
        chosen = list(phases)
        for (place, choice), end in zip(open_ones, way, strict=True):
            chosen[place] = with_choice(chosen[place], choice.key, _end(choice, end))
        yield tuple(chosen)


def _end(choice: Choice, end: int) -> Chosen:
    """Return an end of what may be chosen: 0 is the least, 1 the most."""
    if choice.days:
        days = spread_weekdays(choice.days, choice.apart)
        return days if end == 0 else tuple(6 - day for day in reversed(days))
    values = choice.one_of or (choice.low, choice.high)
    ordered = sorted((each for each in values if each is not None), key=_length)
    return ordered[-end]


def _length(value: Interval | Amount | int) -> tuple[int, Decimal]:
    if isinstance(value, Interval):
        return _days(value)[1], Decimal(0)
    return (value, Decimal(0)) if isinstance(value, int) else (0, value.value)


def phase_problems(schedule: Schedule) -> Iterator[Problem]:
    """Yield what is wrong between phases that are right each for itself, whatever is chosen."""
    phases = schedule.phases
    weights = by_weight(tuple(phase.weight for phase in phases))
    seen: set[str] = set()
    unplaced = list(_unplaced(phases, weights))
    yield from unplaced
    for chosen in with_ends_of_choices(phases):
        problems: list[Iterable[Problem]] = [_windows(chosen), _own_gaps(chosen)]
        if schedule.min_gap:
            problems.append(_gaps(chosen, schedule.min_gap))
        if not unplaced:
            problems += [_order(chosen, each) for each in weights]
        for problem in itertools.chain.from_iterable(problems):
            if problem.where not in seen:
                seen.add(problem.where)
                yield problem


def _unplaced(phases: tuple[Phase, ...], weights: tuple[OneWeight, ...]) -> Iterator[Problem]:
    """Yield why phases have no place in time, so that their order cannot be looked at."""
    seen: set[int] = set()
    endings: set[bool] = set()
    for each in weights:
        if not each.places:
            allowed = "the phases left for any weight make a whole schedule"
            yield Problem("phase", f"no phase is for a weight {each.words}", allowed)
            continue
        endings.add(_is_endless(phases[each.places[-1]]))
        for past, here in itertools.pairwise(each.places):
            if here not in seen and (problem := _no_place(phases, past, here)):
                seen.add(here)
                yield problem
        last = each.places[-1]
        if phases[last].ends and last not in seen:
            seen.add(last)
            words = "no phase follows" + (f" for a weight {each.words}" if each.words else "")
            yield Problem(
                f"phase[{last + 1}].ends", words,
                "a phase behind it; the last phase goes on for ever",
            )  # fmt: skip
    yield from _behind_steps(phases, weights)
    if len(endings) > 1 and not seen:
        short = next(
            each for each in weights if each.places and not _is_endless(phases[each.places[-1]])
        )
        yield Problem(
            "phase",
            f'the phases for a weight {short.words} end with "{phases[short.places[-1]].name}", '
            "those for another weight go on",
            "the phases left for any weight make a whole schedule",
        )


def _is_endless(phase: Phase) -> bool:
    timing = phase.timing
    return isinstance(timing, Repeating) and timing.doses is None and timing.lasts is None


def _no_place(phases: tuple[Phase, ...], past: int, here: int) -> Problem | None:
    before, timing = phases[past], phases[here].timing
    if not before.ends and _is_endless(before) and _follows(phases[here]):
        return Problem(
            f"phase[{here + 1}].after",
            f'phase "{before.name}" has no end',
            "doses in the phase before, or from",
        )
    behind = isinstance(timing, Repeating) and (timing.follows or timing.begins.count)
    if before.ends and behind:
        return Problem(
            f"phase[{here + 1}]", "begins at a stated time behind a phase that the prescriber ends",
            "neither from nor after: its first dose is the step",
        )  # fmt: skip
    return None


def _follows(phase: Phase) -> bool:
    return isinstance(phase.timing, Repeating) and phase.timing.follows


def _behind_steps(phases: tuple[Phase, ...], weights: tuple[OneWeight, ...]) -> Iterator[Problem]:
    """Yield phases further behind a step that are counted from a start they have not."""
    seen: set[int] = set()
    for each in weights:
        stepped = False
        for past, here in itertools.pairwise(each.places):
            directly = phases[past].ends is not None
            if stepped and not directly and not _follows(phases[here]) and here not in seen:
                seen.add(here)
                yield Problem(
                    f"phase[{here + 1}]",
                    "is counted from the start, but the phase before begins with a step",
                    "after, counted from the phase before",
                )
            stepped = stepped or directly


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


def _own_gaps(phases: tuple[Phase, ...]) -> Iterator[Problem]:
    for number, phase in enumerate(phases, 1):
        between, own = spacing(phase), phase.min_gap
        if own and between and _is_always_longer(own.gap, between):
            yield Problem(
                f"phase[{number}].min_gap.gap",
                f"{own.gap} is longer than the {between} between two doses",
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


def _order(phases: tuple[Phase, ...], weight: OneWeight) -> Iterator[Problem]:
    """Yield every phase that begins before the one before it has ended, from any start."""
    reported: set[int] = set()
    for places in _runs(phases, weight.places):
        run = tuple(phases[place] for place in places)
        alike = _starts_are_alike(run)
        for day in range(1 if alike else _STARTS):
            start = _FIRST_START + timedelta(days=day)
            try:
                segments = lay_out(run, start)
                overlaps = [each for each in _overlaps(segments, start)
                            if places[each] not in reported]  # fmt: skip
            except OverflowError:
                yield Problem("phase", "the phases run past the year 9999", "shorter ones")
                return
            for number in overlaps:
                reported.add(places[number])
                found = _overlap(segments, number, places[number], start, alike=alike)
                words = f" for a weight {weight.words}" if weight.words else ""
                yield found._replace(what=f"{found.what}{words}")


def _runs(phases: tuple[Phase, ...], places: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the phases from one step of the prescriber to the next, the first from the start."""
    run: list[int] = []
    for place in places:
        run.append(place)
        if phases[place].ends:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _overlap(
    segments: tuple[Segment, ...], number: int, place: int, start: date, *, alike: bool
) -> Problem:
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
    return Problem(f"phase[{place + 1}]", f"overlap: {what}", allowed)


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
    lasts_months = timing.lasts is not None and timing.lasts.in_months
    return not (
        timing.every.in_months or timing.begins.in_months or timing.weekdays or lasts_months
    )


def _in_months(phase: Phase) -> bool:
    timing = phase.timing
    if isinstance(timing, Listed):
        return timing.unit == "month"
    from_months = timing.begins.in_months or timing.begins.count == 0
    lasts_months = timing.lasts is None or timing.lasts.in_months
    return timing.every.in_months and from_months and lasts_months and not timing.on_days
