"""Amounts, intervals, weights and bounds: what is read, and what is said of the rest."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.errors import QuantityError, RequestError
from dosecal.model.dates import Interval, Offset, parse_interval, parse_interval_range
from dosecal.model.quantities import (
    Amount,
    check_weight,
    coverage_problems,
    parse_amount,
    parse_number_range,
    parse_weight_range,
    plain,
)

AMOUNT = (
    '(a number, a space and a unit: "120 mg", "3 mg/kg", "75 mg/m2"; units: mg, mcg, g, IU, '
    "units, mL)"
)
INTERVAL = '(a whole number and a unit: "10 days", "4 weeks", "1 month", "1 year")'
HOURS = f"(at most one dose a day is planned; {INTERVAL[1:]}"
IN_DAYS = "count in smaller units instead"
BAND = '(bounds in kg with a sign: "<= 100 kg", "> 55 kg, <= 85 kg")'
NUMBERS = '(dose numbers: "2", "2-3" or ">= 4")'
FROM_1 = '(dose numbers: "2", "2-3" or ">= 4", counted from 1)'


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("120 mg", Amount(Decimal(120), "mg")),
        (" 0.5  mL ", Amount(Decimal("0.5"), "mL")),
        ("3 mg/kg", Amount(Decimal(3), "mg", "kg")),
        ("75 mg/m2", Amount(Decimal(75), "mg", "m2")),
        ("10000 IU", Amount(Decimal(10000), "IU")),
        ("5 units", Amount(Decimal(5), "units")),
        ("0.000000001 g", Amount(Decimal("1E-9"), "g")),
    ],
)
def test_amounts(text: str, amount: Amount) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f'"" is not a dose {AMOUNT}'),
        ("mg", f'"mg" is not a dose {AMOUNT}'),
        ("-3 mg", f'"-3 mg" is not a dose {AMOUNT}'),
        (".5 mg", f'".5 mg" is not a dose {AMOUNT}'),
        ("٣ mg", f'"٣ mg" is not a dose {AMOUNT}'),
        ("120mg", f'"120mg" is not a dose {AMOUNT}; did you mean "120 mg"?'),
        pytest.param(
            "1,5 mg",
            f'"1,5 mg" is not a dose {AMOUNT}; '
            "write the number with a decimal point and without thousands separators",
        ),
        ("120 µg", f'unknown unit "µg" in "120 µg" {AMOUNT}; did you mean "mcg"?'),
        ("3 MG/kg", f'unknown unit "MG/kg" in "3 MG/kg" {AMOUNT}; did you mean "mg/kg"?'),
        ("5 iu", f'unknown unit "iu" in "5 iu" {AMOUNT}; did you mean "IU"?'),
        ("5 mg/m²", f'unknown unit "mg/m²" in "5 mg/m²" {AMOUNT}; did you mean "mg/m2"?'),
        ("5 ug/m2", f'unknown unit "ug/m2" in "5 ug/m2" {AMOUNT}; did you mean "mcg/m2"?'),
        pytest.param(
            "5 mg/",
            f'unknown unit "mg/" in "5 mg/" {AMOUNT}; did you mean "mg", "mg/kg" or "mg/m2"?',
        ),
        ("5 drops", f'unknown unit "drops" in "5 drops" {AMOUNT}'),
        ("0 mg", '"0 mg" is no dose (a dose is above 0)'),
        ("0.00 mg", '"0.00 mg" is no dose (a dose is above 0)'),
    ],
)
def test_what_is_no_amount(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_amount(text)
    assert str(caught.value) == message


Parse = Callable[[str], object]


@pytest.mark.parametrize(
    ("parse", "text", "right"),
    [
        (parse_amount, "2 400 000 IU", "2400000 IU"),
        (parse_amount, "2\u202f400 IU", "2400 IU"),
        (parse_amount, "2_400 IU", "2400 IU"),
        (parse_amount, "010 mg", "10 mg"),
        (parse_amount, "00.5 mg", "0.5 mg"),
        (parse_amount, "2.400.000 IU", "2400000 IU"),
        (parse_amount, "2,400,000 IU", "2400000 IU"),
        (parse_amount, "120MG", "120 mg"),
        (parse_interval, "every 4 weeks", "4 weeks"),
        (parse_interval, "Every month", "1 month"),
        (parse_interval, "4-weeks", "4 weeks"),
        (parse_interval, "4wks", "4 weeks"),
        (parse_interval, "w4", "4 weeks"),
        (parse_interval, "Month 3", "3 months"),
        (parse_interval_range, "=< 7 days", "<= 7 days"),
        (parse_interval_range, "≥ 7 days", ">= 7 days"),
        (parse_interval_range, "up to 7 days", "<= 7 days"),
        (parse_interval_range, "less than 7 days", "< 7 days"),
        (parse_interval_range, "more than 3 months", "> 3 months"),
        (parse_weight_range, "at least 40 kg, less than 85 kg", ">= 40 kg, < 85 kg"),
        (parse_weight_range, "> 40, <= 85.5", "> 40 kg, <= 85.5 kg"),
        (parse_number_range, "at least 4", ">= 4"),
    ],
)
def test_what_was_meant_is_offered(parse: Parse, text: str, right: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse(text)
    assert caught.value.hint == f'did you mean "{right}"?'


@pytest.mark.parametrize(
    ("parse", "text", "advice"),
    [
        (parse_amount, "2.400 000 IU", ""),
        (parse_amount, "2,400 IU", "without thousands separators"),
        (parse_amount, "1e1mg", "without an exponent"),
        (parse_amount, "10-20 mg", "a range leaves the dose to the prescriber"),
        (parse_amount, "10 mg twice daily", "how often stands in every"),
        (parse_interval, "1m", ""),
        (parse_interval, "week -1", ""),
        (parse_interval, "every now and then", ""),
        (parse_interval_range, "7 days", ""),
        (parse_interval_range, "no more than 7 days", ""),
        (parse_interval_range, "3 days to 7 days", "a bound may have two ends"),
        (parse_weight_range, "up to 40 lb", ""),
    ],
)
def test_nothing_wrong_is_offered(parse: Parse, text: str, advice: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse(text)
    assert advice in caught.value.hint
    assert bool(advice) == bool(caught.value.hint)
    assert "did you mean" not in caught.value.hint


@pytest.mark.parametrize("text", ["3 mg/lb", "3 mg/"])
def test_a_hint_never_repeats_what_was_refused(text: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_amount(text)
    assert caught.value.hint != f'did you mean "{text.split()[1]}"?'


@given(st.decimals("0.001", "999999", places=3), st.sampled_from(["mg", "IU", "mg/kg", "mL"]))
def test_an_amount_is_read_back_as_it_is_written(value: Decimal, unit: str) -> None:
    amount = parse_amount(f"{value} {unit}")
    assert amount.value == value
    assert parse_amount(str(amount)) == amount


def test_an_amount_per_kg_is_exact() -> None:
    total = parse_amount("3 mg/kg").times(Decimal("72.5"))
    assert str(total) == "217.5 mg"
    assert str(parse_amount("0.1 mg/kg").times(Decimal("70.3"))) == "7.03 mg"


@pytest.mark.parametrize(
    ("number", "text"), [("0.50", "0.5"), ("1E+2", "100"), ("100", "100"), ("2.0", "2")]
)
def test_plain_numbers(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("4 weeks", 4, "week"),
        ("1 month", 1, "month"),
        ("1 weeks", 1, "week"),
        ("36525 days", 36525, "day"),
        ("100 years", 100, "year"),
        ("1200 months", 1200, "month"),
    ],
)
def test_intervals(text: str, count: int, unit: str) -> None:
    assert parse_interval(text) == Interval(count, unit)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("weekly", f'"weekly" is no interval {INTERVAL}; did you mean "1 week"?'),
        ("4weeks", f'"4weeks" is no interval {INTERVAL}; did you mean "4 weeks"?'),
        ("12 hours", f'"12 hours" is in hours {HOURS}'),
        ("4 weks", f'unknown unit "weks" in "4 weks" {INTERVAL}; did you mean "weeks"?'),
        ("4 Weeks", f'unknown unit "Weeks" in "4 Weeks" {INTERVAL}; did you mean "weeks"?'),
        ("0 weeks", f'"0 weeks" is not above 0 {INTERVAL}'),
        ("-1 week", f'"-1 week" is not a whole number above 0 {INTERVAL}'),
        (
            "1.5 weeks",
            f'"1.5 weeks" is not a whole number above 0 {INTERVAL}; {IN_DAYS}',
        ),
        ("36526 days", f'"36526 days" is beyond 100 years {INTERVAL}'),
        ("101 years", f'"101 years" is beyond 100 years {INTERVAL}'),
        ("1201 months", f'"1201 months" is beyond 100 years {INTERVAL}'),
    ],
)
def test_what_is_no_interval(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_interval(text)
    assert str(caught.value) == message


def test_zero_is_taken_where_it_is_asked_for() -> None:
    assert parse_interval("0 weeks", zero=True) == Interval(0, "week")
    assert str(parse_interval_range("> 0 days")) == "> 0 days"
    with pytest.raises(QuantityError, match=r'^"7 days" has no sign \(a sign and an interval'):
        parse_interval_range("7 days")


def test_offsets_merge_steps_of_one_kind() -> None:
    assert Offset.of(2, "week").plus(Interval(1, "day")).days == 15
    assert Offset.of(2, "week").plus(Interval(1, "month")).days is None
    assert Offset.of(1, "year").plus(Interval(1, "month")) == Offset.of(13, "month")
    assert Offset.of(2, "week").plus(Interval(1, "week"), -2) == Offset()


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("<= 100 kg", ["0.1", "100"], ["100.01"]),
        ("< 100 kg", ["99.99"], ["100"]),
        ("> 55 kg, <= 85 kg", ["55.01", "85"], ["55", "85.01"]),
        (">= 55.5 kg", ["55.5", "600"], ["55.49"]),
    ],
)
def test_weight_bands(text: str, inside: list[str], outside: list[str]) -> None:
    band = parse_weight_range(text)
    assert str(band) == text
    assert all(Decimal(kg) in band for kg in inside)
    assert not any(Decimal(kg) in band for kg in outside)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("100 kg", f'"100 kg" is no weight band {BAND}'),
        ("<= 100 lb", f'weights are in kg, not "lb", in "<= 100 lb" {BAND}'),
        ("> 5 kg, > 6 kg", f'"> 5 kg, > 6 kg" has two bounds on the same side {BAND}'),
    ],
)
def test_what_is_no_weight_band(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_weight_range(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("texts", "problems"),
    [
        (["<= 100 kg", "> 100 kg"], []),
        (["< 55 kg", ">= 55 kg, < 85 kg", ">= 85 kg"], []),
        (["< 100 kg", "> 100 kg"], ["no band covers a weight of 100 kg"]),
        (["<= 100 kg", ">= 100 kg"], ["a weight of 100 kg is in 2 bands: <= 100 kg | >= 100 kg"]),
        (["<= 100 kg"], ["no band covers a weight above 100 kg"]),
        (
            ["> 100 kg"],
            ["no band covers a weight below 100 kg", "no band covers a weight of 100 kg"],
        ),
        pytest.param([], ["no band covers every weight"]),
    ],
)
def test_every_weight_is_in_one_band(texts: list[str], problems: list[str]) -> None:
    assert list(coverage_problems(tuple(map(parse_weight_range, texts)))) == problems


@pytest.mark.parametrize("kg", ["0.2", "650"])
def test_weights_taken(kg: str) -> None:
    assert check_weight(Decimal(kg)) == Decimal(kg)


@pytest.mark.parametrize("kg", ["0", "-1", "0.19", "650.1"])
def test_weights_refused(kg: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_weight(Decimal(kg))
    assert str(caught.value) == f"a weight of {kg} kg: weights are from 0.2 to 650 kg"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2", 2, 2),
        ("2-3", 2, 3),
        ("2 - 3", 2, 3),
        (">= 4", 4, None),
        ("> 3", 4, None),
        ("<= 3", 1, 3),
        ("< 4", 1, 3),
    ],
)
def test_dose_numbers(text: str, first: int, last: int | None) -> None:
    found = parse_number_range(text)
    assert (found.first, found.last) == (first, last)
    assert first in found
    assert first - 1 not in found
    assert (99999 in found) == (last is None)
    assert last is None or (last in found and last + 1 not in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("two", f'"two" is no range of dose numbers {NUMBERS}'),
        ("0", f'"0" holds no dose number {FROM_1}'),
        ("3-2", f'"3-2" holds no dose number {FROM_1}'),
        ("< 1", f'"< 1" holds no dose number {FROM_1}'),
        (">= 0", f'">= 0" holds no dose number {FROM_1}'),
    ],
)
def test_what_are_no_dose_numbers(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_number_range(text)
    assert str(caught.value) == message
