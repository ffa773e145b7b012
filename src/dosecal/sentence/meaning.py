"""The phases that a typed sentence states; what it leaves open is refused with its readings.

Labels and people write one thing and mean two: "then every 4 weeks", "day 1", "for 4 weeks".
Each is refused, and each reading is offered as a sentence that says it. Nothing is guessed; what
every reading agrees on is taken.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple, NoReturn

from dosecal.errors import RequestError
from dosecal.model.dates import Interval, Offset
from dosecal.model.languages import joined
from dosecal.model.schedule import (
    NO_SITES,
    Choice,
    Companion,
    DoseBand,
    Listed,
    MinGap,
    Phase,
    Repeating,
)
from dosecal.plan.timeline import lay_out
from dosecal.sentence.dates import SaidDates
from dosecal.sentence.doses import SaidDose
from dosecal.sentence.further import SaidFurther
from dosecal.sentence.read import SaidPhase, read_sentence
from dosecal.sentence.tokens import Cursor, Edit, clipped
from dosecal.sentence.write import ROUTE_WORDS, injections_words

SOURCE_ID: Final = "stated"

_A_START: Final = date(2027, 1, 1)
_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31


class Stated(NamedTuple):
    """A phase that a sentence states, and its words."""

    phase: Phase
    words: str


def meaning(text: str) -> tuple[Stated, ...]:
    """Return the phases that a sentence states.

    Raises:
        RequestError: The sentence is wrong, or can be read in more than one way.
    """
    cursor = Cursor(text)
    said = read_sentence(cursor)
    for each in said:
        _check_dates(cursor, each)
    _refuse_first_day_1(cursor, said)
    for each in said:
        _refuse_cycle_day_1(cursor, each)
        _refuse_after(cursor, each)
    _refuse_open_injections(cursor, said)
    _refuse_open_routes(cursor, said)
    phases: list[Phase] = []
    for number, each in enumerate(said, 1):
        follower = said[number] if number < len(said) else None
        phases.append(_phase(cursor, each, phases, follower))
    return tuple(
        Stated(phase, cursor.text[each.start : each.end])
        for phase, each in zip(phases, said, strict=True)
    )


def _refuse(cursor: Cursor, said: SaidPhase, what: str, right: str = "") -> NoReturn:
    words = clipped(cursor.text[said.start : said.end])
    raise RequestError(f'"{words}": {what}{f" ({right})" if right else ""}')


def _check_dates(cursor: Cursor, said: SaidPhase) -> None:
    """Refuse parts that do not go together."""
    dates = said.dates
    if dates.counts:
        if dates.every:
            _refuse(cursor, said, "lists its doses and repeats",
                    f'"every {dates.every} from {dates.unit} {dates.counts[-1]}", or "at ..., '
                    'then every ... from ..."')  # fmt: skip
        if (dates.begins or dates.weekdays or dates.lasts or dates.until or dates.ends
                or dates.from_given):  # fmt: skip
            _refuse(cursor, said, "lists its doses and says more of their dates",
                    "a list stands alone")  # fmt: skip
        if dates.doses not in (None, len(dates.counts)):
            _refuse(cursor, said, f"lists {len(dates.counts)} doses and says {dates.doses}")
        return
    if dates.times > 1 and not dates.weekdays:
        days = "Monday and Thursday" if dates.times == 2 else "Monday, Wednesday and Friday"
        _refuse(cursor, said, f"{dates.times} doses a week on which days?",
                f'name them: "... weekly on {days}"')  # fmt: skip
    if dates.on_choice and (dates.weekdays != dates.on_choice or dates.on_days):
        _refuse(cursor, said, "leaves the weekdays to choose and names some", "one of them")
    if dates.times and dates.weekdays and dates.times != len(dates.weekdays):
        _refuse(cursor, said, f"{dates.times} doses a week, but weekdays for "
                f"{len(dates.weekdays)}")  # fmt: skip
    if len([each for each in (dates.doses, dates.lasts, dates.until, dates.ends) if each]) > 1:
        _refuse(cursor, said, "says twice when it ends", '"for 4 doses"')


def _refuse_first_day_1(cursor: Cursor, said: list[SaidPhase]) -> None:
    """Refuse a first dose on "day 1" or in "week 1": labels begin to count at 0 or at 1."""
    dates = said[0].dates
    first = dates.counts[0] if dates.counts else dates.begins.count if dates.begins else 0
    if first != 1 or dates.after_start or dates.follows:
        return
    unit = dates.unit or (dates.begins.unit if dates.begins else "")
    earlier = [
        Edit(token.start, token.end, str((token.whole or 1) - 1))
        for each in said
        for its_unit, token in each.dates.offsets
        if its_unit == unit
    ]
    counts = dates.counts or (1,)
    plural = "" if counts == (1,) else "s"
    after = f"{joined([str(each) for each in counts])} {unit}{plural} after start"
    later = Edit(*dates.begin_places, f"at {after}" if dates.counts else after)
    start, end = dates.begin_places
    cursor.ambiguous(
        start, end, f"does not say if {unit} 1 is the first {unit} or comes 1 {unit} later",
        [(earlier, f"{unit} 1 is the start, which is {unit} 0 here"),
         ([later], f"the first dose is 1 {unit} after the start")],
    )  # fmt: skip


def _refuse_cycle_day_1(cursor: Cursor, said: SaidPhase) -> None:
    """Refuse "on days 1 and 8 of every 3 weeks": labels call the first day of a cycle day 1."""
    dates = said.dates
    if not dates.day_numbers or dates.on_days[0] != 1:
        return
    earlier = [
        Edit(token.start, token.end, str((token.whole or 1) - 1)) for token in dates.day_numbers
    ]
    days = joined([str(each) for each in dates.on_days])
    plural = "" if dates.on_days == (1,) else "s"
    of = cursor.text.index("of", dates.begin_places[1])
    later = Edit(dates.begin_places[0], of + len("of"), f"at {days} day{plural} into")
    cursor.ambiguous(
        *dates.begin_places, "does not say if day 1 is the first day or comes 1 day later",
        [(earlier, "day 1 is the first day, which is day 0 here"),
         ([later], "1 day after the first day")],
    )  # fmt: skip


def _refuse_after(cursor: Cursor, said: SaidPhase) -> None:
    """Refuse "every 4 weeks after week 2": is the first dose at week 2 or at week 6?"""
    dates = said.dates
    if dates.after and dates.every and dates.begins:
        start, end = dates.begin_places
        places = (dates.begins, _sum(dates.begins, dates.every))
        cursor.ambiguous(
            start, end, "does not say when its first dose is",
            [([Edit(start, end, f"from {_place(each)}")], "") for each in places if each],
        )  # fmt: skip


def _doses(said: list[SaidPhase]) -> Iterator[SaidDose]:
    return (each.dose for each in said if each.dose)


def _refuse_open_injections(cursor: Cursor, said: list[SaidPhase]) -> None:
    """Refuse a dose without a number of injections where the same dose has one elsewhere."""
    bands = [band for dose in _doses(said) for band in dose.bands if band.amount]
    for band in bands:
        same = [each for each in bands if each.amount == band.amount]
        counts = {1} | {each.injections for each in same if each.injections}
        if band.injections is None and len(counts) > 1:
            silent = [each for each in same if each.injections is None]
            cursor.ambiguous(
                band.start, band.end, "does not say how many injections; elsewhere it does",
                [([Edit(each.end, each.end, f" {injections_words(count)}") for each in silent], "")
                 for count in sorted(counts)],
            )  # fmt: skip


def _refuse_open_routes(cursor: Cursor, said: list[SaidPhase]) -> None:
    """Refuse a dose without a route where another dose has one that is not subcutaneous."""
    doses = list(_doses(said))
    routes = {"subcutaneous"} | {dose.route for dose in doses if dose.route}
    silent = [dose for dose in doses if dose.route is None]
    if len(routes) > 1 and silent:
        cursor.ambiguous(
            silent[0].bands[0].start, silent[0].end,
            "does not say by which route; elsewhere the sentence does",
            [([Edit(dose.end, dose.end, f" {ROUTE_WORDS[route]}") for dose in silent], "")
             for route in sorted(routes)],
        )  # fmt: skip


def _phase(
    cursor: Cursor, said: SaidPhase, before: list[Phase], follower: SaidPhase | None
) -> Phase:
    dose, dates = said.dose, said.dates
    choices: list[Choice] = []
    if dose is None:
        bands, route = before[-1].bands, before[-1].route
        choices += [each for each in before[-1].choices if each.key == "dose"]
    else:
        bands = tuple(DoseBand(each.amount, each.injections or 1, each.weight, each.amounts)
                      for each in dose.bands)  # fmt: skip
        route = dose.route or "subcutaneous"
        choices += [dose.choice] if dose.choice else []
    choices += dates.choices
    timing: Listed | Repeating
    if dates.every is None:
        timing = Listed(dates.unit, dates.counts)
    else:
        begins, follows = dates.begins, dates.follows
        if dates.after_every:
            begins = dates.every
        if before and before[-1].ends:
            begins = _of_a_step(cursor, said)
        if follows and before and _endless(before[-1]):
            _refuse(cursor, said, "the phase before has no end", '"for 4 doses" in that phase')
        if begins is None:
            begins, follows = _begins(cursor, said, dates.every, before)
        doses = dates.doses
        if dates.until:
            doses = _count(cursor, said, Repeating(dates.every, begins, follows), follower)
        timing = Repeating(
            dates.every, begins, follows, doses, dates.weekdays, dates.on_days, dates.lasts,
            dates.from_given, dates.after_every,
        )  # fmt: skip
    name = f"phase {len(before) + 1}"
    phase = Phase(name, bands, timing, route, NO_SITES, (SOURCE_ID,), dates.window,
                  choices=tuple(each._replace(sources=(SOURCE_ID,)) for each in choices),
                  ends=dates.ends)  # fmt: skip
    return _with_further(phase, said.further)


def _of_a_step(cursor: Cursor, said: SaidPhase) -> Interval:
    """Return where a phase begins whose first dose is the prescriber's step: it says nothing."""
    if said.dates.begins:
        _refuse(cursor, said, "begins when the prescriber says, and states another time",
                "the interval alone")  # fmt: skip
    return Interval(0, "day")


def _with_further(phase: Phase, said: SaidFurther) -> Phase:
    """Return a phase with what else is said of it."""
    sources = (SOURCE_ID,)
    companions = tuple(Companion(*each, sources) for each in said.companions)
    gap = MinGap(said.gap[0], sources, said.gap[1]) if said.gap else None
    return phase._replace(
        weight=said.weight, max_dose=said.max_dose, round_to=said.round_to,
        strength=said.strength, companions=companions, given_by=said.given_by, min_gap=gap,
    )  # fmt: skip


def _count(cursor: Cursor, said: SaidPhase, timing: Repeating, follower: SaidPhase | None) -> int:
    """Return how many doses "until week 12" are, if there is only one reading.

    It is open whether a dose on the last day is meant, unless the next phase begins there.
    """
    dates = said.dates
    until, start, end = dates.until or (timing.every, 0, 0)
    ((months, step),) = Offset().plus(timing.every).steps
    span = Offset().plus(until).plus(timing.begins, -1)
    of_each = len(dates.weekdays or dates.on_days) or 1
    whole, rest = divmod(span.steps[0][1] if span.steps else 0, step)
    kinds = [each[0] for each in span.steps]
    if kinds != [months] or whole < 0 or (rest and of_each > 1) or timing.follows or dates.choices:
        _refuse(cursor, said, "does not say how many doses", '"for 4 doses"')
    counts = [whole + 1] if rest else [whole * of_each or 1, whole * of_each + 1]
    if follower and not follower.dates.follows:
        next_begins = follower.dates.begins
        if follower.dates.counts:
            next_begins = Interval(follower.dates.counts[0], follower.dates.unit)
        gap = Offset().plus(next_begins).plus(timing.begins, -1).steps if next_begins else ()
        if [each[0] for each in gap] == [months]:
            fits = [count for count in counts if (count - 1) // of_each * step < gap[0][1]]
            counts = fits or counts
    if len(set(counts)) > 1:
        cursor.ambiguous(
            start, end, "does not say whether a dose on its last day is meant",
            [([Edit(start, end, f"for {count} dose{'' if count == 1 else 's'}")], "")
             for count in counts],
        )  # fmt: skip
    return counts[0]


def _endless(phase: Phase) -> bool:
    timing = phase.timing
    return isinstance(timing, Repeating) and timing.doses is None and timing.lasts is None


def _begins(
    cursor: Cursor, said: SaidPhase, every: Interval, before: list[Phase]
) -> tuple[Interval, bool]:
    """Return where a phase begins that does not say it, if there is only one way to read it."""
    if not before:
        return Interval(0, every.unit), False
    if any(phase.choices or phase.weight for phase in before):
        _refuse(cursor, said, "does not say where it begins",
                f'add for example "from {every} after the dose before"')  # fmt: skip
    if _endless(before[-1]):
        _refuse(cursor, said, "does not say where it begins, and the phase before has no end",
                'add for example "from week 12", or "for 4 doses" to the phase before')  # fmt: skip
    ways: dict[tuple[Interval, bool], str] = {}
    try:
        for way, why in _ways(every, said.dates, before):
            ways.setdefault(way, why)
    except OverflowError:
        _refuse(cursor, said, "begins beyond all dates")
    (begins, follows), *others = ways
    if others:
        place = said.dates.every_end
        cursor.ambiguous(
            said.start, said.end, "does not say where it begins",
            [([Edit(place, place, " from " + (f"{at} after the dose before" if after else
                                              _place(at)))], why)
             for (at, after), why in ways.items()],
        )  # fmt: skip
    return begins, follows


def _ways(
    every: Interval, dates: SaidDates, before: list[Phase]
) -> Iterator[tuple[tuple[Interval, bool], str]]:
    """Yield where "then every ..." can begin: a place, whether it counts from the last dose, why.

    It is read as counted from the last dose, from the start, and at the spacing before.
    """
    past = before[-1].timing
    from_last = f"{every} after the dose before"
    if isinstance(past, Repeating) and (past.weekdays or past.on_days):
        yield (every, True), from_last
        if not (past.follows or past.begins.in_months or past.every.in_months):
            spacings = -(-(past.doses or 0) // len(past.weekdays or past.on_days))
            days = past.begins.days + past.every.days * spacings
            whole = f"where the {past.every.unit}s before end"
            yield (_interval(False, days, {every.unit}), False), whole
        return
    units = {every.unit, past.unit if isinstance(past, Listed) else past.every.unit}
    last = lay_out(_since_step(before), _A_START)[-1].last_offset(_A_START)

    def after_last(interval: Interval) -> tuple[Interval, bool]:
        (months, count), *more = last.plus(interval).steps
        return (interval, True) if more else (_interval(months, count, units), False)

    yield after_last(every), from_last
    if dates.weekdays:
        yield after_last(Interval(1, "day")), "the first of these days after the dose before"
        return
    if len(last.steps) < 2:
        months, count = last.steps[0] if last.steps else (every.in_months, 0)
        if every.in_months:
            step, ahead = every.months, count if months else count // _SHORTEST_MONTH
        else:
            step, ahead = every.days, count * _LONGEST_MONTH if months else count
        place = _interval(every.in_months, (ahead // step + 1) * step, units)
        yield (place, False), f"counted in steps of {every} from the start"
    gap = past.every if isinstance(past, Repeating) else None
    if isinstance(past, Listed) and len(past.counts) > 1:
        gap = Interval(past.counts[-1] - past.counts[-2], past.unit)
    if gap:
        yield after_last(gap), f"{gap} after the dose before, like the doses before it"


def _since_step(phases: list[Phase]) -> tuple[Phase, ...]:
    """Return the phases from the last step of the prescriber on."""
    ends = [place for place, phase in enumerate(phases) if phase.ends]
    return tuple(phases[ends[-1] + 1 if ends else 0 :])


def _interval(months: bool, count: int, units: set[str]) -> Interval:
    """Return a number of days or of months in the unit of those that it belongs with."""
    if months:
        return Interval(count // 12, "year") if units == {"year"} else Interval(count, "month")
    if count % 7 or "day" in units:
        return Interval(count, "day")
    return Interval(count // 7, "week")


def _place(offset: Interval) -> str:
    return f"{offset.unit} {offset.count}"


def _sum(offset: Interval, every: Interval) -> Interval | None:
    """Return the offset one spacing later, or None where days and months do not add up."""
    total = Offset().plus(offset).plus(every).steps
    return _interval(*total[0], {offset.unit, every.unit}) if len(total) == 1 else None
