"""Dates, weights and zones as people type them: one reader each, for options, tables and files."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from dosecal.cli import main
from dosecal.errors import QuantityError
from dosecal.formats.fields import READERS, read_date, read_zone
from dosecal.model.dates import MAX_DAYS, MAX_DOSE, in_other_calendars, year_question
from dosecal.model.quantities import parse_surface, parse_weight

TODAY = date(2026, 11, 29)
RIGHT = "YYYY-MM-DD; in Excel: Format Cells, Custom, yyyy-mm-dd"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("26-12-01", f'"26-12-01" can be 2001-12-26 or 2026-12-01 ({RIGHT})'),
        ("26/12/31", f'"26/12/31" can be 2026-12-31 or 2031-12-26 ({RIGHT})'),
        ("26-13-01", f'"26-13-01" is no date ({RIGHT})'),
        ("26.12.01", f'"26.12.01" is no date ({RIGHT}); did you mean "2001-12-26"?'),
        ("26-12-2001", f'"26-12-2001" is no date ({RIGHT}); did you mean "2001-12-26"?'),
        ("1405-09-10", ("1405-09-10 is not allowed (years 1900 to 2999); 1405 is 2026 or 2027 in "
                       "the Persian calendar")),
        ("0026-12-01", "0026-12-01 is not allowed (years 1900 to 2999)"),
    ],
)  # fmt: skip
def test_a_date_that_can_be_two_is_asked_about(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as refused:
        read_date(text)
    assert str(refused.value) == message


AHEAD = "more than two years from today: is the year right?"
BACK = "more than 30 years before today: is the year right?"


@pytest.mark.parametrize(
    ("start", "question"),
    [
        ("2028-11-29", ""),
        ("2028-11-30", f"it starts on 2028-11-30, {AHEAD}"),
        ("1996-11-29", ""),
        ("1996-11-28", f"it starts on 1996-11-28, {BACK}"),
        ("2569-12-01", f"it starts on 2569-12-01, {AHEAD} 2569 is 2026 in the Buddhist era"),
        ("2570-01-01", f"it starts on 2570-01-01, {AHEAD} 2570 is 2027 in the Buddhist era"),
        ("2083-08-15",
         f"it starts on 2083-08-15, {AHEAD} 2083 is 2026 or 2027 in the Nepali calendar"),
        ("1405-09-10",
         f"it starts on 1405-09-10, {BACK} 1405 is 2026 or 2027 in the Persian calendar"),
        ("2126-12-01", f"it starts on 2126-12-01, {AHEAD}"),
        ("9999-12-31", f"it starts on 9999-12-31, {AHEAD}"),
        ("0001-01-01", f"it starts on 0001-01-01, {BACK}"),
    ],
)  # fmt: skip
def test_a_start_far_from_today_raises_a_question(start: str, question: str) -> None:
    assert year_question(date.fromisoformat(start), TODAY) == question


def test_the_question_of_the_year_is_asked_on_every_day_there_is() -> None:
    """A leap day, and the ends of the calendar, where two years or thirty cannot be added."""
    assert year_question(date(2030, 2, 28), date(2028, 2, 29)) == ""
    assert year_question(date(2030, 3, 1), date(2028, 2, 29)) != ""
    for today in (date.min, date.max):
        assert year_question(today, today) == ""


def test_the_years_of_other_calendars_are_those_of_known_days() -> None:
    """1 Farvardin 1405 was 21 March 2026; 1 Baisakh 2083 was 14 April 2026; 2569 BE is 2026."""
    assert in_other_calendars(1405).startswith("1405 is 2026 or 2027")
    assert in_other_calendars(2083).startswith("2083 is 2026 or 2027")
    assert in_other_calendars(2569).startswith("2569 is 2026 in")
    assert in_other_calendars(2026) == ""


NO_WEIGHTS = (
    "7_2", "1e2", "７２", "+72", "-72", "72,5", "72.", ".5", "0x48", "nan", "inf", " ", "", "72 kg",
    "72.1234", "10000",
)  # fmt: skip


def as_option(text: str) -> str:
    command = [
        "upcoming",
        "ustekinumab-psoriasis",
        "--start",
        "2026-12-01",
        "--today",
        "2026-12-01",
    ]
    found = CliRunner().invoke(main, [*command, f"--weight={text}"])
    assert found.exit_code in (0, 2)
    return found.stderr


@pytest.mark.parametrize("text", NO_WEIGHTS)
def test_a_weight_is_refused_alike_wherever_it_stands(text: str) -> None:
    with pytest.raises(QuantityError) as refused:
        parse_weight(text)
    assert f'"{text.strip()}" is no weight in kg (a number: 72.5)' in as_option(text)
    with pytest.raises(QuantityError) as in_a_table:
        READERS["weight_kg"](text)
    assert str(in_a_table.value) == str(refused.value)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("0.2", True), ("650", True), ("72.125", True),
        ("0.199", False), ("650.001", False), ("0", False),
    ],
)  # fmt: skip
def test_a_weight_has_bounds_that_are_included(text: str, taken: bool, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'format = 1\nschedule = "ustekinumab-psoriasis"\nid = "x"\nstart = 2026-12-01\n'
        f"weight_kg = {text}\n"
    )
    said = (as_option(text), CliRunner().invoke(main, ["check", str(path)]).output)
    if taken:
        assert parse_weight(text) == Decimal(text)
        assert said[0] == ""
        assert said[1].endswith(": ok\n")
        return
    with pytest.raises(QuantityError, match=r"weights are from 0\.2 to 650 kg"):
        parse_weight(text)
    assert all("weights are from 0.2 to 650 kg" in each for each in said)


@pytest.mark.parametrize("text", ["0.1", "1.73", "4"])
def test_body_surfaces_taken(text: str) -> None:
    assert parse_surface(text) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.09", "a body surface of 0.09 m2: body surfaces are from 0.1 to 4 m2"),
        ("4.001", "a body surface of 4.001 m2: body surfaces are from 0.1 to 4 m2"),
        ("1,73", '"1,73" is no body surface in m2 (a number: 1.73); did you mean "1.73"?'),
        ("1_7", '"1_7" is no body surface in m2 (a number: 1.73)'),
    ],
)
def test_body_surfaces_refused(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as refused:
        parse_surface(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("right/Europe/Berlin", 'did you mean "Europe/Berlin"?'),
        ("posix/UTC", 'did you mean "UTC"?'),
        ("right/Europe/Nowhere", ""),
        ("right/", ""),
        ("right/right/UTC", ""),
        ("Europe//Berlin", 'did you mean "Europe/Berlin"?'),
        ("/Europe/Berlin", 'did you mean "Europe/Berlin"?'),
        ("zone.tab", ""),
        ("tzdata.zi", ""),
    ],
)
def test_what_a_system_has_beside_the_database_is_no_zone(zone: str, hint: str) -> None:
    with pytest.raises(QuantityError) as refused:
        read_zone(zone)
    assert refused.value.hint == hint


def test_a_hundred_years_of_days_stand_once() -> None:
    assert MAX_DOSE == MAX_DAYS
    source = Path(main.callback.__code__.co_filename).parents[1]  # type: ignore[union-attr]
    found = [
        path.name for path in sorted(source.rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if "36525" in line.replace("_", "")
    ]  # fmt: skip
    assert found == ["dates.py"]
