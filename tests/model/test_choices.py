"""Choices: read within their bounds, made in a phase, and never taken silently."""

from decimal import Decimal

import pytest

from dosecal.errors import ChoicesOpenError, NoSuchChoiceError, QuantityError
from dosecal.model.choices import (
    Wanted,
    least_apart,
    open_choices,
    parse_choose,
    read_choice,
    refuse_open,
    with_choices,
)
from dosecal.model.dates import Interval
from dosecal.model.quantities import Amount
from dosecal.model.schedule import (
    NO_SITES,
    Choice,
    DoseBand,
    Listed,
    Phase,
    Repeating,
    Schedule,
    Source,
)

WEEK = Interval(1, "week")
EVERY = Choice("every", Interval(10, "week"), Interval(14, "week"), sources=("label",))
EITHER = Choice("every", one_of=(Interval(8, "week"), Interval(3, "month")))
MG = Choice("dose", Amount(Decimal(150), "mg"), Amount(Decimal(300), "mg"))
PER_KG = Choice("dose", Amount(Decimal(1), "mg", "kg"), Amount(Decimal(2), "mg", "kg"))
ANY = Choice("dose")
DAYS = Choice("on", days=3, apart=2)
ONE_DAY = Choice("on", days=1, apart=7)
WEEKS = Choice("weeks[2]", 4, 8)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("maintenance.every=12 weeks", Wanted("maintenance", "every", "12 weeks")),
        (" maintenance.every = 12 weeks ", Wanted("maintenance", "every", "12 weeks")),
        ("0.25 mg.dose=0.5 mg", Wanted("0.25 mg", "dose", "0.5 mg")),
        ("a.weeks[2]=6", Wanted("a", "weeks[2]", "6")),
        ("a = b.every=12 weeks", None),
        ("a.every=12 = x", Wanted("a", "every", "12 = x")),
        ("every=12 weeks", None),
        ("a.every", None),
        ("a.every=", None),
        (".every=1 week", None),
        ("a.=1 week", None),
    ],
)
def test_the_first_equals_sign_and_the_last_dot_part_a_choice(
    text: str, wanted: Wanted | None
) -> None:
    if wanted is None:
        with pytest.raises(QuantityError, match=r"is no choice \(PHASE\.KEY=VALUE"):
            parse_choose(text)
    else:
        assert parse_choose(text) == wanted


@pytest.mark.parametrize(
    ("choice", "text", "chosen"),
    [
        (EVERY, "10 weeks", Interval(10, "week")),
        (EVERY, "14 weeks", Interval(14, "week")),
        (EITHER, "3 months", Interval(3, "month")),
        (MG, "150 mg", Amount(Decimal(150), "mg")),
        (MG, "212.5 mg", Amount(Decimal("212.5"), "mg")),
        (PER_KG, "1.5 mg/kg", Amount(Decimal("1.5"), "mg", "kg")),
        (ANY, "7 units", Amount(Decimal(7), "units")),
        (DAYS, "Fri, mon,Wed", (0, 2, 4)),
        (DAYS, "Sun,Tue,Thu", (1, 3, 6)),
        (ONE_DAY, "Sun", (6,)),
        (WEEKS, "8", 8),
    ],
)
def test_what_lies_within_the_bounds_is_taken(choice: Choice, text: str, chosen: object) -> None:
    assert read_choice(choice, text) == chosen


@pytest.mark.parametrize(
    ("choice", "text", "message"),
    [
        (EVERY, "9 weeks", '"9 weeks" lies outside the range (from 10 to 14 weeks)'),
        (EVERY, "15 weeks", '"15 weeks" lies outside the range (from 10 to 14 weeks)'),
        (EVERY, "84 days", '"84 days" is not in weeks (from 10 to 14 weeks, in that unit)'),
        (EITHER, "9 weeks",
         '"9 weeks" is none of those to choose (one of: 8 weeks or 3 months)'),
        (MG, "149.9 mg", '"149.9 mg" lies outside the range (from 150 to 300 mg)'),
        (MG, "0.2 g", '"0.2 g" is not in mg (from 150 to 300 mg, in that unit)'),
        (PER_KG, "150 mg", '"150 mg" is not in mg/kg (from 1 to 2 mg/kg, in that unit)'),
        (DAYS, "Mon,Wed,Sun",
         ('"Mon,Wed,Sun" has days only 1 day apart '
         "(3 weekdays, at least 2 days apart: for example Mon,Wed,Fri)")),
        (DAYS, "Mon,Wed",
         '"Mon,Wed" is 2 days (3 weekdays, at least 2 days apart: for example Mon,Wed,Fri)'),
        (DAYS, "Mon,Mon,Wed",
         ('"Mon,Mon,Wed" names a day twice '
         "(3 weekdays, at least 2 days apart: for example Mon,Wed,Fri)")),
        (WEEKS, "6 weeks", '"6 weeks" is no bare number (weeks 4 to 8: for example 4)'),
        (WEEKS, "9", '"9" lies outside the range (from weeks 4 to 8)'),
    ],
)  # fmt: skip
def test_what_lies_outside_is_refused_with_the_bounds(
    choice: Choice, text: str, message: str
) -> None:
    with pytest.raises(QuantityError) as caught:
        read_choice(choice, text)
    assert str(caught.value) == message


def test_days_are_apart_round_the_week() -> None:
    assert [least_apart(days) for days in ((0,), (0, 6), (0, 3), (1, 3, 5))] == [7, 1, 3, 2]


def phase(name: str, timing: Listed | Repeating, *choices: Choice) -> Phase:
    bands = (DoseBand(Amount(Decimal(150), "mg"), 1),)
    return Phase(name, bands, timing, "subcutaneous", NO_SITES, ("label",), choices=choices)


SCHEDULE = Schedule(
    "x", "testumab",
    (
        phase("start", Listed("week", (0, 4)), WEEKS, MG),
        phase("days", Repeating(WEEK, Interval(3, "month"), weekdays=(0, 2, 4)), DAYS),
        phase("maintenance",
              Repeating(EVERY.low, EVERY.low, follows=True, after_every=True), EVERY),  # type: ignore[arg-type]
    ),
    (Source("label", "Leaflet, section 3", "label"),),
)  # fmt: skip
CHOSEN = (
    Wanted("start", "weeks[2]", "6"), Wanted("start", "dose", "300 mg"),
    Wanted("days", "on", "Tue,Thu,Sat"), Wanted("maintenance", "every", "12 weeks"),
)  # fmt: skip


def test_a_choice_closes_its_key_and_no_other() -> None:
    chosen = with_choices(SCHEDULE, CHOSEN)
    start, days, maintenance = chosen.phases
    assert start.timing == Listed("week", (0, 6))
    assert start.bands[0].amount == Amount(Decimal(300), "mg")
    assert isinstance(days.timing, Repeating)
    assert days.timing.weekdays == (1, 3, 5)
    assert isinstance(maintenance.timing, Repeating)
    assert maintenance.timing.every == maintenance.timing.begins == Interval(12, "week")
    assert open_choices(chosen.phases) == ()
    refuse_open(chosen, chosen.phases)
    half = with_choices(SCHEDULE, CHOSEN[1:])
    assert open_choices(half.phases) == (("start", WEEKS),)


def test_what_is_open_is_named_with_its_bounds_and_source() -> None:
    with pytest.raises(ChoicesOpenError) as caught:
        refuse_open(SCHEDULE, SCHEDULE.phases[1:])
    assert str(caught.value) == (
        "the schedule leaves open, and the prescriber chooses:\n"
        "  days.on: 3 weekdays, at least 2 days apart\n"
        "  maintenance.every: 10 to 14 weeks (Leaflet, section 3)"
    )


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ((Wanted("maintenence", "every", "12 weeks"),), 'there is no phase "maintenence"'),
        ((Wanted("maintenance", "dose", "12 mg"),), '"maintenance.dose" is not open'),
        ((*CHOSEN, CHOSEN[0]), '"start.weeks[2]" is chosen twice'),
    ],
)
def test_what_is_no_choice_is_refused_with_those_there_are(
    wanted: tuple[Wanted, ...], message: str
) -> None:
    with pytest.raises(NoSuchChoiceError) as caught:
        with_choices(SCHEDULE, wanted)
    assert str(caught.value).startswith(f"{message} (to choose: start.weeks[2]: weeks 4 to 8; ")
    assert "maintenance.every: 10 to 14 weeks" in str(caught.value)


def test_a_value_outside_names_its_choice() -> None:
    with pytest.raises(QuantityError, match=r'^maintenance\.every: "9 weeks" lies outside'):
        with_choices(SCHEDULE, [Wanted("maintenance", "every", "9 weeks")])
