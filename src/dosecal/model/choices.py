"""Choices: what a label leaves to the prescriber or the person, chosen within its bounds.

The middle or an end of a range is never taken silently: a phase with an open choice is not planned.
"""

import itertools
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from dosecal.errors import ChoicesOpenError, NoSuchChoiceError, OpenChoice, QuantityError
from dosecal.model.dates import WEEKDAYS, Interval, parse_interval
from dosecal.model.hints import near_miss
from dosecal.model.quantities import Amount, parse_amount
from dosecal.model.schedule import Choice, Listed, Phase, Repeating, Schedule
from dosecal.model.values import value

Chosen = Interval | Amount | int | tuple[int, ...]
"""A value chosen: a spacing, a dose, an offset, or days of the week (0 is Monday)."""

_WRITTEN: Final = "PHASE.KEY=VALUE"


@value
class Wanted(NamedTuple):
    """A choice as it was written, `maintenance.every=12 weeks`: not yet held against its bounds."""

    phase: str
    key: str
    text: str


def parse_choose(text: str) -> Wanted:
    """Split "maintenance.every=12 weeks" into phase, key and value.

    The first `=` ends the name, and of what stands before it the part after the last dot is the
    key, so a phase may be named "0.25 mg". Spaces round the `=` do not count.

    >>> parse_choose("0.25 mg.every = 12 weeks")
    Wanted(phase='0.25 mg', key='every', text='12 weeks')

    Raises:
        QuantityError: It is not written so.
    """
    name, equals, chosen = text.partition("=")
    phase, dot, key = name.strip().rpartition(".")
    if not (equals and dot and phase and key and chosen.strip()):
        example = f'{_WRITTEN}: "maintenance.every=12 weeks"'
        raise QuantityError(f'"{text}" is no choice', example)
    return Wanted(phase.strip(), key.strip(), chosen.strip())


def read_choice(choice: Choice, text: str) -> Chosen:
    """Read what was chosen, in the unit of its bounds.

    Raises:
        QuantityError: It is no such value, or lies outside the bounds.
    """
    if choice.days:
        return _read_weekdays(choice, text)
    if choice.key == "every":
        return _within(choice, text, parse_interval(text))
    if choice.key == "dose":
        amount = parse_amount(text)
        bounded = choice.low is not None or choice.one_of
        return _within(choice, text, amount) if bounded else amount
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII):
        raise QuantityError(f'"{text}" is no bare number', f"{choice}: for example {choice.low}")
    return _within(choice, text, int(text))


def _within(choice: Choice, text: str, chosen: Interval | Amount | int) -> Interval | Amount | int:
    if choice.one_of:
        if chosen in choice.one_of:
            return chosen
        raise QuantityError(f'"{text}" is none of those to choose', f"one of: {choice}")
    sizes = [_size(each) for each in (choice.low, chosen, choice.high)]
    (unit, low), (own_unit, size), (_, high) = sizes
    if own_unit != unit:
        raise QuantityError(f'"{text}" is not in {unit}', f"from {choice}, in that unit")
    if not low <= size <= high:
        raise QuantityError(f'"{text}" lies outside the range', f"from {choice}")
    return chosen


def _size(amount: Interval | Amount | int | None) -> tuple[str, Decimal]:
    """Return the unit of a value and how many of it it is."""
    match amount:
        case Interval():
            return f"{amount.unit}s", Decimal(amount.count)
        case Amount():
            return f"{amount.unit}{'/' + amount.per if amount.per else ''}", amount.value
        case _:
            return "", Decimal(amount or 0)


def _read_weekdays(choice: Choice, text: str) -> tuple[int, ...]:
    allowed = f"{choice}: for example {','.join(spread_weekdays_names(choice))}"
    days = []
    for part in text.split(","):
        name = part.strip().capitalize()
        if name not in WEEKDAYS:
            hint = near_miss(name, WEEKDAYS)
            raise QuantityError(f'"{part.strip()}" is no weekday', allowed, hint)
        days.append(WEEKDAYS.index(name))
    chosen = tuple(sorted(set(days)))
    if len(chosen) != len(days):
        raise QuantityError(f'"{text}" names a day twice', allowed)
    if len(chosen) != choice.days:
        raise QuantityError(f'"{text}" is {len(chosen)} days', allowed)
    if least_apart(chosen) < choice.apart:
        raise QuantityError(
            f'"{text}" has days only {Interval(least_apart(chosen), "day")} apart', allowed
        )
    return chosen


def least_apart(days: tuple[int, ...]) -> int:
    """Return the fewest days between two of these weekdays, round the week; 7 for one alone."""
    round_the_week = (*days, days[0] + 7)
    return min(late - early for early, late in itertools.pairwise(round_the_week))


def spread_weekdays(days: int, apart: int) -> tuple[int, ...]:
    """Return so many weekdays, so far apart, from Monday on: what stands for an open choice."""
    return tuple(apart * number for number in range(days))


def spread_weekdays_names(choice: Choice) -> tuple[str, ...]:
    """Return weekdays that a choice allows, by their names."""
    return tuple(WEEKDAYS[day] for day in spread_weekdays(choice.days, choice.apart))


def with_choice(phase: Phase, key: str, chosen: Chosen) -> Phase:
    """Return a phase with a choice made: closed in that key.

    Args:
        phase: The phase.
        key: The key of one of its choices.
        chosen: Its value, as `read_choice` returns it.
    """
    left = tuple(each for each in phase.choices if each.key != key)
    phase = phase._replace(choices=left)
    timing = phase.timing
    if isinstance(chosen, Amount):
        return phase._replace(bands=(phase.bands[0]._replace(amount=chosen),))
    if isinstance(timing, Listed) and isinstance(chosen, int):
        place = _place(key)
        counts = (*timing.counts[:place], chosen, *timing.counts[place + 1 :])
        return phase._replace(timing=timing._replace(counts=counts))
    if isinstance(timing, Repeating) and isinstance(chosen, Interval):
        begins = chosen if timing.after_every else timing.begins
        return phase._replace(timing=timing._replace(every=chosen, begins=begins))
    if isinstance(timing, Repeating) and not isinstance(chosen, int | Interval):
        return phase._replace(timing=timing._replace(weekdays=chosen))
    raise TypeError(f'{chosen!r} is no value of "{key}" in phase "{phase.name}"')


def _place(key: str) -> int:
    """Return which offset "weeks[2]" names, counted from 0."""
    return int(key.partition("[")[2].removesuffix("]")) - 1


def with_choices(schedule: Schedule, wanted: Iterable[Wanted]) -> Schedule:
    """Return a schedule with choices made as they were written.

    Raises:
        NoSuchChoiceError: A phase is unknown, a key is not open, or one stands twice.
        QuantityError: A value is none that may be chosen; it names the choice.
    """
    phases = {phase.name: phase for phase in schedule.phases}
    made: set[tuple[str, str]] = set()
    for each in wanted:
        name = f"{each.phase}.{each.key}"
        phase = phases.get(each.phase)
        found = [choice for choice in phase.choices if choice.key == each.key] if phase else []
        if (each.phase, each.key) in made:
            raise NoSuchChoiceError(f'"{name}" is chosen twice', said(schedule))
        if phase is None:
            what = f'there is no phase "{each.phase}"'
            raise NoSuchChoiceError(what, said(schedule), near_miss(each.phase, phases))
        if not found:
            raise NoSuchChoiceError(f'"{name}" is not open', said(schedule))
        try:
            phases[each.phase] = with_choice(phase, each.key, read_choice(found[0], each.text))
        except QuantityError as error:
            raise QuantityError(f"{name}: {error.what}", error.allowed, error.hint) from error
        made.add((each.phase, each.key))
    return schedule._replace(phases=tuple(phases.values()))


def open_choices(phases: Iterable[Phase]) -> tuple[tuple[str, Choice], ...]:
    """Return what is still to choose in these phases, each with the name of its phase."""
    return tuple((phase.name, choice) for phase in phases for choice in phase.choices)


def said(schedule: Schedule, phases: Iterable[Phase] | None = None) -> tuple[OpenChoice, ...]:
    """Return what is still to choose, with its bounds and who leaves it open.

    Args:
        schedule: Whose sources are named.
        phases: Those that are looked at; None: all of the schedule.
    """
    chosen_from = schedule.phases if phases is None else phases
    return tuple(
        OpenChoice(f"{name}.{choice.key}", str(choice), schedule.source_titles(choice.sources))
        for name, choice in open_choices(chosen_from)
    )


def refuse_open(schedule: Schedule, phases: Iterable[Phase]) -> None:
    """Refuse to plan phases in which something is still to choose.

    Raises:
        ChoicesOpenError: With every choice that is open.
    """
    found = said(schedule, phases)
    if found:
        raise ChoicesOpenError(found)
