"""The sentence of a regimen: what it says of each shape, and that it says all of it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dosecal.errors import RequestError
from dosecal.formats.schedule_file import read_schedule
from dosecal.model.dates import Interval
from dosecal.model.quantities import UNITS, Amount, WeightRange, parse_weight_range, total
from dosecal.model.schedule import (
    GIVERS,
    NO_SITES,
    ROUTES,
    Choice,
    Companion,
    DoseBand,
    Listed,
    MinGap,
    Phase,
    PrescriberEnds,
    Repeating,
    Schedule,
    Strength,
    Window,
)
from dosecal.sentence.define import Facts, define
from dosecal.sentence.meaning import meaning
from dosecal.sentence.tokens import MAX_LENGTH
from dosecal.sentence.write import sentence
from dosecal.store import catalogue

DAY = Interval(1, "day")
NOW = Interval(0, "day")


STATED = ("stated",)


def said(phase: Phase) -> Phase:
    """Return what a sentence carries of a phase: no names, and of 0 not the unit."""
    prescribed = any(choice.key == "dose" for choice in phase.choices)
    bands = tuple(
        band._replace(injections=band.injections if band.amount or prescribed else 1)
        for band in phase.bands
    )
    timing = phase.timing
    if isinstance(timing, Repeating) and timing.begins.count == 0:
        timing = timing._replace(begins=NOW)
    window = phase.window
    if window is not None:
        early, late = (each if each.count else NOW for each in window)
        window = Window(early, late) if early.count or late.count else None
    return phase._replace(
        name="", bands=bands, timing=timing, sites=NO_SITES, sources=STATED, window=window,
        choices=tuple(each._replace(sources=STATED) for each in phase.choices),
        companions=tuple(
            each._replace(sources=STATED, sites=None) for each in phase.companions
        ),
        min_gap=phase.min_gap and phase.min_gap._replace(sources=STATED),
    )  # fmt: skip


def carried(phases: tuple[Phase, ...]) -> list[Phase]:
    return [said(phase) for phase in phases]


@pytest.mark.parametrize("id", catalogue.ids())
def test_reading_a_sentence_of_the_catalogue_gives_its_phases(id: str) -> None:
    """The printed sentence is the whole of it: not only for shapes that were thought of."""
    schedule = catalogue.load(id)
    found = tuple(each.phase for each in meaning(sentence(schedule)))
    assert carried(found) == carried(schedule.phases)
    written = read_schedule(define(sentence(schedule), Facts()).encode(), id, "")
    assert carried(written.phases) == carried(schedule.phases)
    assert sentence(written) == sentence(schedule)


AMOUNTS = st.builds(
    Amount,
    st.decimals(Decimal("0.01"), 999, places=2),
    st.sampled_from(UNITS),
    st.sampled_from(["", "", "kg", "m2"]),
)  # fmt: skip
INJECTIONS = st.sampled_from([1, 1, 2, 3])


def band(amount: Amount | None, injections: int, weight: WeightRange | None) -> DoseBand:
    return DoseBand(amount, injections, weight)


def unequal(amount: Amount, more: Decimal) -> DoseBand:
    """Return a dose of two unequal injections."""
    amounts = amount._replace(per=""), amount._replace(value=amount.value + more, per="")
    return DoseBand(total(amounts), 2, None, amounts)


BANDS = st.one_of(
    st.tuples(st.builds(unequal, AMOUNTS, st.sampled_from([Decimal(1), Decimal("0.5")]))),
    st.tuples(st.builds(band, AMOUNTS, INJECTIONS, st.none())),
    st.sampled_from(
        [
            ("<= 100 kg", "> 100 kg"),
            ("< 55.5 kg", ">= 55.5 kg, <= 85 kg", "> 85 kg"),
            ("<= 55 kg", "<= 85 kg, > 55 kg", "> 85 kg"),
            ("> 0 kg",),
        ]
    ).flatmap(
        lambda ranges: st.tuples(
            *(
                st.builds(band, st.none() | AMOUNTS, INJECTIONS, st.just(parse_weight_range(each)))
                for each in ranges
            )
        )
    ),
)
SPACINGS = st.builds(Interval, st.integers(1, 8), st.sampled_from(["day", "week", "month", "year"]))
SIDES = st.builds(Interval, st.integers(0, 9), st.sampled_from(["day", "week"]))
WINDOWS = st.none() | st.builds(Window, SIDES, SIDES)
LONG = {"day": 1, "week": 7, "month": 31, "year": 366}


@st.composite
def regimens(draw: st.DrawFn) -> tuple[Phase, ...]:
    """Draw phases, of which most begin after the phase before has ended."""
    phases: list[Phase] = []
    doses = draw(st.lists(st.tuples(BANDS, st.sampled_from(ROUTES)), min_size=1, max_size=2))
    last = draw(st.sampled_from([-1, 0, 1, 20]))
    for number in range(draw(st.integers(1, 4))):
        bands, route = draw(st.sampled_from(doses))
        if draw(st.booleans()):
            route = "subcutaneous"
        ended = not phases or not (
            isinstance(phases[-1].timing, Repeating) and phases[-1].timing.doses is None
        )
        if draw(st.booleans()):
            unit = draw(st.sampled_from(["day", "week", "month"]))
            least = last // LONG[unit] + 1
            steps = draw(st.lists(st.integers(1, 6), max_size=4))
            counts = [least + draw(st.integers(0, 2))]
            for step in steps:
                counts.append(counts[-1] + step)
            timing: Listed | Repeating = Listed(unit, tuple(counts))
            last = counts[-1] * LONG[unit]
        else:
            every = draw(SPACINGS)
            weekdays: tuple[int, ...] = ()
            if draw(st.integers(0, 3)) == 0:
                every = Interval(1, "week")
                weekdays = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1))))
            on_days: tuple[int, ...] = ()
            length = every.days or 28
            if not weekdays and length > 1 and draw(st.integers(0, 2)) == 0:
                on_days = tuple(sorted(draw(st.sets(st.integers(0, length - 1), min_size=1))))
            follows = bool(phases) and ended and draw(st.booleans())
            unit = draw(st.sampled_from(["day", "week", "month", "year"]))
            least = 1 if follows else last // LONG[unit] + 1
            begins = Interval(least + draw(st.integers(0, 2)), unit)
            count = draw(st.none() | st.integers(1, 30))
            timing = Repeating(every, begins, follows, count, weekdays, on_days)
            last = (last if follows else 0) + begins.count * LONG[unit] + 7
            last += (count or 4) * LONG[every.unit] * every.count
        phases.append(
            Phase(f"phase {number}", bands, timing, route, NO_SITES, ("stated",), draw(WINDOWS))
        )
    return tuple(phases)


MG = st.decimals(Decimal("0.5"), 900, places=1).map(lambda each: Amount(each, "mg"))
NAMES = st.text("abc -é1", min_size=1, max_size=9).map(str.strip).filter(bool)
INTERVALS = st.builds(Interval, st.integers(1, 30), st.sampled_from(["day", "week", "month"]))
S = ("stated",)


def companion(medicine: str, amount: Amount, injections: int) -> Companion:
    return Companion(medicine, amount, injections, S)


def dose_choices(first: DoseBand) -> st.SearchStrategy[tuple[DoseBand, Choice | None]]:
    """Draw what is to choose of a dose, with the band that stands for it."""
    amount = first.amount or Amount(Decimal(5), "mg")
    higher = amount._replace(value=amount.value + 1)
    one = first._replace(weight=None, amount=amount, amounts=())
    return st.sampled_from([
        (first, None),
        (one._replace(amount=None), Choice("dose", sources=S)),
        (one, Choice("dose", amount, higher, sources=S)),
        (one, Choice("dose", one_of=(amount, higher), sources=S)),
    ])  # fmt: skip


@st.composite
def open_phases(draw: st.DrawFn) -> tuple[Phase, ...]:
    """Draw phases that leave something to choose, or of which more holds."""
    phases = list(draw(regimens()))
    for place, phase in enumerate(phases):
        choices = []
        if draw(st.booleans()) and phase.bands[0].weight is None:
            first, choice = draw(dose_choices(phase.bands[0]))
            phase = phase._replace(bands=(first,))
            choices += [choice] if choice else []
        timing = phase.timing
        if isinstance(timing, Listed):
            last, unit = timing.counts[-1], f"{timing.unit}s"
            if draw(st.booleans()):
                choices.append(Choice(f"{unit}[{len(timing.counts)}]", last, last + 3, sources=S))
        else:
            every = timing.every
            more = every._replace(count=every.count + 2)
            kind = draw(st.sampled_from(["", "range", "one of", "given", "lasts", "ends", "on"]))
            if kind == "on" and not timing.on_days:
                timing = timing._replace(every=Interval(1, "week"), weekdays=(0, 3))
                choices.append(Choice("on", days=2, apart=3, sources=S))
            elif not timing.weekdays and kind == "range":
                choices.append(Choice("every", every, more, sources=S))
            elif not timing.weekdays and kind == "one of":
                choices.append(Choice("every", one_of=(every, more), sources=S))
            elif not (timing.weekdays or timing.on_days) and kind == "given":
                timing = timing._replace(from_given=True)
            elif kind == "lasts":
                timing = timing._replace(doses=None, lasts=draw(INTERVALS))
            elif kind == "ends" and place + 1 < len(phases):
                timing = timing._replace(doses=None)
                least = draw(st.none() | INTERVALS)
                phase = phase._replace(ends=PrescriberEnds(least))
            if timing.follows and draw(st.booleans()):
                timing = timing._replace(begins=timing.every, after_every=True)
        if place and phases[place - 1].ends:
            if isinstance(timing, Listed):
                away = timing.counts[0]
                timing = timing._replace(counts=tuple(each - away for each in timing.counts))
                choices = [each for each in choices if each.key == "dose"]
            else:
                timing = timing._replace(begins=NOW, follows=False, after_every=False)
        phases[place] = phase._replace(timing=timing, choices=tuple(choices), **draw(MORE))
    return tuple(phases)


MORE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional={
    "weight": st.sampled_from(["< 40 kg", "> 10 kg, <= 40 kg"]).map(parse_weight_range),
    "max_dose": MG,
    "round_to": MG,
    "strength": st.builds(Strength, MG, st.sampled_from([Decimal(1), Decimal("2.5")])),
    "companions": st.lists(
        st.builds(companion, NAMES, AMOUNTS, INJECTIONS), max_size=2
    ).map(tuple),
    "given_by": st.sampled_from(GIVERS),
    "min_gap": st.builds(MinGap, INTERVALS, st.just(S), st.none() | INTERVALS),
})  # fmt: skip


@given(open_phases())
@settings(max_examples=300, deadline=None)
def test_what_is_left_open_and_what_depends_is_read_back(phases: tuple[Phase, ...]) -> None:
    words = sentence(Schedule("x", "testumab", phases, ()))
    assume(len(words) <= MAX_LENGTH)
    assert carried(tuple(each.phase for each in meaning(words))) == carried(phases), words


@given(regimens())
@settings(max_examples=300, deadline=None)
def test_reading_a_sentence_gives_the_phases_it_was_made_from(phases: tuple[Phase, ...]) -> None:
    """The sentence is read again for any shape that the format has, and nothing is lost."""
    words = sentence(Schedule("x", "testumab", phases, ()))
    assume(len(words) <= MAX_LENGTH)
    assert carried(tuple(each.phase for each in meaning(words))) == carried(phases), words


@given(regimens())
@settings(max_examples=40, deadline=None)
def test_the_file_of_a_sentence_holds_what_the_sentence_says(phases: tuple[Phase, ...]) -> None:
    words = sentence(Schedule("x", "testumab", phases, ()))
    assume(len(words) <= MAX_LENGTH)
    try:
        text = define(words, Facts())
    except RequestError as error:
        limits = (
            "overlap",
            "9999",
            "100 years",
            "has no end",
            "another dose of the phase",
            "one unit in all bands",
            '"ask" in every band',
        )
        if any(limit in str(error) for limit in limits):
            return
        raise
    written = read_schedule(text.encode(), "x", "x.toml")
    assert carried(written.phases) == carried(phases), words
    assert sentence(written) == words


def schedule_of(*phases: dict[str, object]) -> Schedule:
    """Return a schedule of phases given by their timing and what differs from 120 mg, once."""
    built = []
    for number, each in enumerate(phases):
        dose = Amount(Decimal(str(each.get("mg", 120))), "mg")
        bands = each.get("bands", (DoseBand(dose, each.get("injections", 1)),))  # type: ignore[arg-type]
        built.append(
            Phase(f"{number}", bands, each["timing"], each.get("route", "subcutaneous"),  # type: ignore[arg-type]
                  NO_SITES, (), each.get("window"))  # type: ignore[arg-type]
        )  # fmt: skip
    return Schedule("x", "testumab", tuple(built), ())


WEEKS = Listed("week", (0, 1, 2))
HALF_YEAR = Interval(6, "month")
FOUR_WEEKLY = Repeating(Interval(4, "week"), Interval(6, "week"))


@pytest.mark.parametrize(
    ("phases", "words"),
    [
        ([{"timing": WEEKS}, {"timing": FOUR_WEEKLY}],
         "120 mg at weeks 0, 1 and 2, then every 4 weeks from week 6"),
        ([{"timing": WEEKS, "injections": 2}, {"timing": FOUR_WEEKLY, "injections": 2}],
         "120 mg at weeks 0, 1 and 2, then every 4 weeks from week 6; each dose as 2 injections"),
        ([{"timing": WEEKS, "injections": 2}, {"timing": FOUR_WEEKLY}],
         ("120 mg as 2 injections at weeks 0, 1 and 2, "
         "then 120 mg as 1 injection every 4 weeks from week 6")),
        ([{"timing": WEEKS, "injections": 2}, {"timing": FOUR_WEEKLY, "mg": 60}],
         "120 mg as 2 injections at weeks 0, 1 and 2, then 60 mg every 4 weeks from week 6"),
        ([{"timing": WEEKS, "route": "intravenous"}, {"timing": FOUR_WEEKLY}],
         ("120 mg intravenously at weeks 0, 1 and 2, "
         "then 120 mg subcutaneously every 4 weeks from week 6")),
        ([{"timing": WEEKS}, {"timing": Repeating(Interval(1, "month"), Interval(28, "day"))}],
         "120 mg at weeks 0, 1 and 2, then every month from day 28"),
        ([{"timing": WEEKS}, {"timing": Repeating(HALF_YEAR, Interval(3, "month"), True)}],
         "120 mg at weeks 0, 1 and 2, then every 6 months from 3 months after the dose before"),
        ([{"timing": Repeating(Interval(1, "week"), NOW, doses=24, weekdays=(0, 3))}],
         "120 mg every week on Monday and Thursday for 24 doses"),
        ([{"timing": Repeating(DAY, NOW, doses=1)}], "120 mg every day for 1 dose"),
        ([{"timing": Repeating(Interval(3, "week"), NOW, doses=12, on_days=(0, 3, 7, 10))}],
         "120 mg on days 0, 3, 7 and 10 of every 3 weeks for 12 doses"),
        ([{"timing": Repeating(Interval(4, "week"), NOW, on_days=(1, 8))}],
         "120 mg at 1 and 8 days into every 4 weeks"),
        ([{"timing": Listed("day", (1, 8))}], "120 mg at 1 and 8 days after start"),
        ([{"timing": Listed("week", (1,))}], "120 mg at 1 week after start"),
        ([{"timing": Repeating(DAY, DAY)}], "120 mg every day from 1 day after start"),
        ([{"timing": FOUR_WEEKLY, "window": Window(Interval(2, "day"), Interval(2, "day"))}],
         "120 mg every 4 weeks from week 6 (2 days either way)"),
        ([{"timing": FOUR_WEEKLY, "window": Window(DAY, Interval(1, "week"))}],
         "120 mg every 4 weeks from week 6 (up to 1 day early, up to 1 week late)"),
        ([{"timing": FOUR_WEEKLY, "window": Window(NOW, Interval(5, "day"))}],
         "120 mg every 4 weeks from week 6 (up to 5 days late)"),
        ([{"timing": FOUR_WEEKLY, "bands": (
            DoseBand(Amount(Decimal(3), "mg", "kg"), 1, parse_weight_range("> 10 kg, <= 100 kg")),
            DoseBand(None, 1, parse_weight_range("<= 10 kg")),
            DoseBand(Amount(Decimal(300), "mg"), 2, parse_weight_range("> 100 kg")))}],
         ("3 mg/kg for body weight > 10 kg and <= 100 kg, no stated dose for body weight <= 10 kg "
         "or 300 mg as 2 injections for body weight > 100 kg every 4 weeks from week 6")),
    ],
)  # fmt: skip
def test_each_shape_is_said(phases: list[dict[str, object]], words: str) -> None:
    assert sentence(schedule_of(*phases)) == words
