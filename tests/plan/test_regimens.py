"""Shapes that labels take, each as a file: dates, doses and injections as counted without dosecal.

What is expected is counted here with datetime and dateutil alone. The files in cases/regimens are
shapes, not labels.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import NamedTuple

import pytest
from dateutil.relativedelta import relativedelta

from dosecal.errors import ChoicesOpenError, RequestError
from dosecal.formats.schedule_file import read_schedule
from dosecal.model.choices import parse_choose, with_choices
from dosecal.model.course import Course
from dosecal.plan.assess import doses

FOLDER = Path(__file__).parents[1] / "cases" / "regimens"
STARTS = (date(2026, 12, 1), date(2027, 1, 31), date(2027, 8, 31), date(2028, 2, 29))
MOST = 60
END = date(2200, 1, 1)

Dose = tuple[date, str, int]
Expected = Callable[[date], Iterator[Dose]]


def weeks(day: date, *counts: int) -> Iterator[date]:
    return (day + timedelta(weeks=count) for count in counts)


def days(day: date, *counts: int) -> Iterator[date]:
    return (day + timedelta(days=count) for count in counts)


def months(day: date, *counts: int) -> Iterator[date]:
    return (day + relativedelta(months=count) for count in counts)


def each(day: date, step: int, first: int = 0, count: int = MOST) -> Iterator[date]:
    """Yield dates `step` days apart."""
    return days(day, *range(first, first + step * count, step))


def each_month(day: date, step: int, first: int = 0, count: int = MOST) -> Iterator[date]:
    return months(day, *range(first, first + step * count, step))


def on(day: date, names: str, count: int = MOST, until: date = END) -> Iterator[date]:
    """Yield the days of the week named from `day` on, before `until`."""
    every = (day + timedelta(days=n) for n in range(7 * count + 7))
    found = (each for each in every if f"{each:%a}" in names.split())
    return islice(takewhile(lambda each: each < until, found), count)


def give(dates: Iterator[date], dose: str, injections: int = 1) -> Iterator[Dose]:
    return ((day, dose, injections) for day in dates)


def steps(day: date, names: str, doses: list[str], length: int) -> Iterator[Dose]:
    """Yield doses on days of the week, another amount after each `length` days."""
    for number, dose in enumerate(doses):
        begin = day + timedelta(days=length * number)
        last = number == len(doses) - 1
        yield from give(on(begin, names, until=END if last else begin + timedelta(length)), dose)


def last(dates: Iterator[date]) -> date:
    return list(dates)[-1]


def lengthening(s: date) -> Iterator[Dose]:
    """Count 7 doses on alternate days, then weekly for 4, monthly for 3, and every 3 months."""
    weekly = s + timedelta(days=6 * 2 + 7)
    last_weekly = weekly + timedelta(weeks=3)
    late = months(last_weekly, 1, 2, 3, *range(6, 900, 3))
    return give(chain(each(s, 2, count=7), each(weekly, 7, count=4), late), "1000 mcg")


def shortening(s: date) -> Iterator[Dose]:
    second = s + relativedelta(months=1)
    return give(chain([s, second], days(second, 21, 35), each(second, 3, 35 + 7)), "10 mg")


def pairs(s: date, cycles: list[date]) -> Iterator[Dose]:
    return give((day + timedelta(days=n) for day in cycles for n in (0, 14)), "1000 mg")


CASES: dict[str, tuple[str | None, Expected]] = {
    "weeks-0-4-then-every-8-weeks": (None, lambda s: give(
        chain(weeks(s, 0, 4), each(s, 56, 84)), "100 mg")),
    "weeks-0-4-then-every-12-weeks-by-weight": ("90", lambda s: give(
        chain(weeks(s, 0, 4), each(s, 84, 112)), "200 mg", 2)),
    "double-dose-weeks-0-2-4-then-every-2-weeks": (None, lambda s: chain(
        give(weeks(s, 0, 2, 4), "400 mg", 2), give(each(s, 14, 42), "200 mg"))),
    "twice-weekly-for-24-doses-then-weekly": (None, lambda s: give(
        chain(on(s, "Mon Thu", 24), each(last(on(s, "Mon Thu", 24)), 7, 7)), "50 mg")),
    "every-calendar-month": (None, lambda s: give(each_month(s, 1), "50 mg")),
    "weekly-after-every-2-weeks-by-weight": ("100.5", lambda s: chain(
        give(each(s, 14, count=6), "804 mg", 4), give(each(s, 7, 77), "162 mg"))),
    "every-2-weeks-in-several-injections": (None, lambda s: give(each(s, 14), "375 mg", 3)),
    "double-first-dose-then-every-2-weeks": (None, lambda s: chain(
        give(iter([s]), "600 mg", 2), give(each(s, 14, 14), "300 mg"))),
    "three-weight-bands-every-4-weeks": ("59.99", lambda s: give(each(s, 28), "200 mg")),
    "first-3-every-4-weeks-then-every-8": (None, lambda s: give(
        chain(weeks(s, 0, 4, 8), each(s, 56, 112)), "30 mg")),
    "weekly-titration-in-five-steps": (None, lambda s: chain(
        *(give(each(s, 7, 28 * n, 4), dose)
          for n, dose in enumerate(["0.25 mg", "0.5 mg", "1 mg", "1.7 mg"])),
        give(each(s, 7, 112), "2.4 mg"))),
    "weekly-titration-with-a-last-step-of-its-own-length": (None, lambda s: chain(
        give(each(s, 7, 0, 4), "2.5 mg"), give(each(s, 7, 28, 8), "5 mg"),
        give(each(s, 7, 84), "7.5 mg"))),
    "daily-for-two-years": (None, lambda s: give(each(s, 1, count=730), "20 mcg")),
    "every-6-months": (None, lambda s: give(each_month(s, 6), "60 mg")),
    "every-13-weeks-with-a-late-window": (None, lambda s: give(each(s, 91), "150 mg")),
    "every-3-months": (None, lambda s: give(each_month(s, 3), "11.25 mg")),
    "day-0-and-day-7-then-monthly-at-own-sites": (None, lambda s: chain(
        give(iter([s]), "150 mg"), give(days(s, 7), "100 mg"),
        give(each_month(s + timedelta(days=35), 1), "75 mg"))),
    "months-0-1-then-every-2-months-from-3": (None, lambda s: give(
        months(s, 0, 1, *range(3, 900, 2)), "600 mg")),
    "months-0-1-6-and-done": (None, lambda s: give(months(s, 0, 1, 6), "0.5 mL")),
    "days-0-7-21-and-month-12": (None, lambda s: give(
        chain(days(s, 0, 7, 21), months(s, 12)), "1 mL")),
    "days-0-3-7-14-and-done": (None, lambda s: give(days(s, 0, 3, 7, 14), "1 mL")),
    "booster-every-10-years": (None, lambda s: give(
        months(s, 0, 1, 7, *range(120, 9000, 120)), "0.5 mL")),
    "three-times-a-week": (None, lambda s: give(on(s, "Mon Wed Fri"), "40 mg")),
    "three-times-a-week-in-four-steps": (None, lambda s: steps(
        s, "Mon Wed Fri", ["8.8 mcg", "22 mcg", "33 mcg", "44 mcg"], 14)),
    "every-other-day-in-steps": (None, lambda s: chain(
        *(give(each(s, 2, 14 * n, 7), dose)
          for n, dose in enumerate(["0.0625 mg", "0.125 mg", "0.1875 mg"])),
        give(each(s, 2, 42), "0.25 mg"))),
    "titration-on-listed-days-then-every-2-weeks": (None, lambda s: chain(
        give(days(s, 0), "63 mcg"), give(days(s, 14), "94 mcg"), give(each(s, 14, 28), "125 mcg"))),
    "weekly-on-one-weekday": (None, lambda s: give(on(s, "Sun"), "15 mg")),
    "alternate-days-then-weekly-then-monthly-then-quarterly": (None, lengthening),
    "one-dose": (None, lambda s: give(iter([s]), "1000 mg")),
    "two-doses-a-week-apart-per-kg-with-a-cap": ("49.9", lambda s: give(
        days(s, 0, 7), "748.5 mg")),
    "week-0-week-6-then-every-10-weeks": (None, lambda s: give(
        chain([s], each(s, 70, 42)), "1000 mg")),
    "days-0-14-28-then-monthly": (None, lambda s: give(
        chain(days(s, 0, 14), each_month(s + timedelta(days=28), 1)), "500 mg", 2)),
    "double-start-then-every-28-days": (None, lambda s: chain(
        give(days(s, 0), "240 mg", 2), give(each(s, 28, 28), "80 mg"))),
    "12-monthly-doses-and-done": (None, lambda s: give(each_month(s, 1, count=12), "210 mg", 2)),
    "12-monthly-doses-then-half-yearly": (None, lambda s: chain(
        give(each_month(s, 1, count=12), "210 mg", 2), give(each_month(s, 6, 12), "60 mg"))),
    "every-4-weeks-per-kg-in-steps": ("72.5", lambda s: give(each(s, 28), "72.5 mg")),
    "four-weekly-loading-doses-per-kg-then-every-2-weeks": ("61.35", lambda s: chain(
        give(weeks(s, 0, 1, 2, 3), "184.05 mg"), give(each(s, 14, 28), "92.025 mg"))),
    "every-2-weeks-then-every-4": (None, lambda s: give(
        chain(each(s, 14, count=13), each(s, 28, 12 * 14 + 28)), "300 mg")),
    "infusions-then-self-injection": (None, lambda s: chain(
        give(weeks(s, 0, 4, 8), "600 mg"), give(each(s, 56, 84), "360 mg"))),
    "one-infusion-by-weight-then-every-8-weeks": ("85", lambda s: chain(
        give(iter([s]), "390 mg"), give(each(s, 56, 56), "90 mg"))),
    "infusions-at-weeks-0-2-then-every-2-weeks-from-6": (None, lambda s: chain(
        give(weeks(s, 0, 2), "300 mg"), give(each(s, 14, 42), "108 mg"))),
    "infusion-every-28-days": (None, lambda s: give(each(s, 28), "300 mg")),
    "half-doses-weeks-0-2-then-every-6-months": (None, lambda s: chain(
        give(weeks(s, 0, 2), "300 mg"), give(each_month(s, 6, 6), "600 mg"))),
    "months-0-3-then-every-6-months": (None, lambda s: give(
        months(s, 0, 3, *range(9, 900, 6)), "284 mg")),
    "weeks-0-1-2-3-4-then-monthly": (None, lambda s: give(
        chain(weeks(s, 0, 1, 2, 3, 4), each_month(s, 1, 2)), "300 mg", 2)),
    "quarterly-in-three-injections": (None, lambda s: give(each_month(s, 3), "675 mg", 3)),
    "double-first-dose-then-monthly": (None, lambda s: chain(
        give(iter([s]), "240 mg", 2), give(each_month(s, 1, 1), "120 mg"))),
    "step-up-on-days-then-weekly-then-every-2-weeks": ("80", lambda s: chain(
        give(days(s, 0), "4.8 mg"), give(days(s, 3), "24 mg"), give(days(s, 6), "120 mg"),
        give(each(s, 7, 13, 24), "120 mg"), give(each(s, 14, 13 + 23 * 7 + 14), "120 mg"))),
    "four-days-of-a-21-day-cycle-8-times": (None, lambda s: give(
        days(s, *(21 * cycle + n for cycle in range(8) for n in (0, 3, 7, 10))), "2 mg")),
    "seven-days-of-a-28-day-cycle": (None, lambda s: give(
        days(s, *(28 * cycle + n for cycle in range(20) for n in range(7))), "100 mg")),
    "two-infusions-two-weeks-apart-every-24-weeks": (None, lambda s: pairs(
        s, list(each(s, 168)))),
    "two-doses-a-fortnight-apart-every-6-months": (None, lambda s: pairs(
        s, list(each_month(s, 6)))),
    "weekly-8-times-every-2-weeks-8-times-then-every-4": ("62.5", lambda s: give(
        chain(each(s, 7, 0, 8), each(s, 14, 56, 8), each(s, 28, 168)), "1000 mg")),
    "five-monthly-doses-of-a-season": ("4.2", lambda s: give(
        each_month(s, 1, count=5), "63 mg")),
    "large-numbers-of-units": (None, lambda s: give(on(s, "Tue Thu Sat"), "3000000 IU")),
    "yearly": (None, lambda s: give(each_month(s, 12), "5 mg")),
    "shortening-spacing": (None, shortening),
    "weekdays-until-a-month-then-every-two-months": (None, lambda s: give(
        chain(on(s, "Mon Fri", until=s + relativedelta(months=1)), each_month(s, 2, 1)), "5 mg")),
}  # fmt: skip


class Open(NamedTuple):
    """A shape that leaves something to choose, or depends on more than the start.

    Attributes:
        expected: Its doses, counted without dosecal.
        choices: What was chosen.
        weight: Body weight in kg.
        bsa: Body surface in m2.
    """

    expected: Expected
    choices: tuple[str, ...] = ()
    weight: str | None = None
    bsa: str | None = None


def before(dates: Iterator[date], end: date) -> list[date]:
    return list(takewhile(lambda each: each < end, dates))


def weekly_for_3_months(s: date) -> Iterator[Dose]:
    weekly = before(each(s, 7), s + relativedelta(months=3))
    return give(chain(weekly, each_month(weekly[-1], 1, 1)), "20 mg")


def twice_weekly_for_a_month(s: date) -> Iterator[Dose]:
    first = next(on(s, "Mon Thu"))
    twice = before(on(s, "Mon Thu"), first + relativedelta(months=1))
    return give(chain(twice, each(twice[-1], 7, 7)), "50 mg")


def at_least_30_days_apart(s: date) -> Iterator[Dose]:
    """Count each month from the start, and move a date that comes too soon to day 30."""
    last = date.min
    for target in each_month(s, 1):
        last = max(target, last + timedelta(days=30)) if last > date.min else target
        yield last, "10 mg", 1


OPEN: dict[str, list[Open]] = {
    "every-10-to-14-weeks-as-chosen": [
        Open(lambda s: give(each(s, 84), "90 mg"), ("only.every=12 weeks",)),
        Open(lambda s: give(each(s, 98), "90 mg"), ("only.every = 14 weeks",))],
    "weeks-0-4-then-every-8-or-12-weeks-as-chosen": [
        Open(lambda s: give(chain(weeks(s, 0, 4), each(s, 84, 28 + 84)), "90 mg"),
             ("maintenance.every=12 weeks",))],
    "monthly-at-a-dose-as-chosen": [
        Open(lambda s: give(each_month(s, 1), "212.5 mg"), ("only.dose=212.5 mg",))],
    "weekly-at-a-dose-as-prescribed": [
        Open(lambda s: give(each(s, 7), "7 units"), ("only.dose=7 units",))],
    "three-weekdays-of-ones-choice": [
        Open(lambda s: give(on(s, "Tue Thu Sun"), "40 mg"), ("only.on=Sun,Tue,Thu",))],
    "weekly-for-3-months-then-monthly": [Open(weekly_for_3_months)],
    "twice-weekly-for-a-month-then-weekly": [Open(twice_weekly_for_a_month)],
    "monthly-for-6-months-from-month-1": [
        Open(lambda s: chain(give(iter([s]), "10 mg"),
                             give(each_month(s, 1, 1, count=6), "20 mg")))],
    "weekly-until-the-prescriber-steps": [Open(lambda s: give(each(s, 7), "2.5 mg"))],
    "monthly-counted-from-the-day-given": [Open(lambda s: give(each_month(s, 1), "300 mg"))],
    "series-of-3-at-months-as-chosen": [
        Open(lambda s: give(months(s, 0, 2, 8), "0.5 mL"),
             ("series.months[3]=8", "series.months[2]=2"))],
    "spacing-by-weight": [
        Open(lambda s: give(chain([s], each(s, 14, 28)), "20 mg"), weight="39.9"),
        Open(lambda s: chain(give(iter([s]), "20 mg"), give(each(s, 28, 28), "40 mg")),
             weight="40")],
    "per-kg-rounded-and-capped-by-volume": [
        Open(lambda s: give(each(s, 7), "370 mg", 2), weight="61.3"),
        Open(lambda s: give(each(s, 7), "30 mg"), weight="4.2"),
        Open(lambda s: give(each(s, 7), "400 mg", 2), weight="66.7"),
        Open(lambda s: give(each(s, 7), "300 mg"), weight="50.8")],
    "per-square-metre-every-3-weeks": [
        Open(lambda s: give(each(s, 21), "129.75 mg"), bsa="1.73")],
    "unequal-injections-then-one": [
        Open(lambda s: chain(give(iter([s]), "300 mg", 2),
                             give(each_month(s, 1, 1), "100 mg")))],
    "series-with-another-medicine-on-day-0": [
        Open(lambda s: give(days(s, 0, 3, 7, 14), "1 mL"), weight="61")],
    "months-0-1-6-with-gaps-between-pairs": [
        Open(lambda s: give(iter([s, max(s + relativedelta(months=1), s + timedelta(days=30)),
                                  s + relativedelta(months=6)]), "1 mL"))],
    "monthly-with-a-gap-of-its-own": [Open(at_least_30_days_apart)],
}  # fmt: skip


def course(name: str, start: date, weight: str | None) -> Course:
    schedule = read_schedule((FOLDER / f"{name}.toml").read_bytes(), name, name)
    return Course(schedule, name, start, weight_kg=Decimal(weight) if weight else None)


def test_every_shape_is_expected() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(CASES | OPEN)
    for path in FOLDER.glob("*.toml"):
        assert "no label states it" in path.read_text("utf-8")


@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize("name", CASES)
def test_a_shape_gives_the_dates_doses_and_injections(name: str, start: date) -> None:
    weight, expected = CASES[name]
    found = [
        (dose.target, str(dose.amount), dose.injections)
        for dose in islice(doses(course(name, start, weight)), MOST)
    ]
    assert found == list(islice(expected(start), MOST))


@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize(
    ("name", "case"),
    [pytest.param(name, case, id=f"{name}-{n}") for name, cases in OPEN.items()
     for n, case in enumerate(cases)],
)  # fmt: skip
def test_an_open_shape_gives_its_doses_once_it_is_chosen(
    name: str, case: Open, start: date
) -> None:
    plain = course(name, start, case.weight)
    plain = plain._replace(bsa_m2=Decimal(case.bsa) if case.bsa else None)
    chosen = plain._replace(schedule=with_choices(plain.schedule, map(parse_choose, case.choices)))
    found = [(dose.day, str(dose.amount), dose.injections) for dose in islice(doses(chosen), MOST)]
    assert found == list(islice(case.expected(start), MOST))
    if case.choices:
        with pytest.raises(ChoicesOpenError):
            next(doses(plain))


@pytest.mark.parametrize("name", [name for name, (weight, _) in CASES.items() if weight])
def test_a_dose_by_weight_asks_for_the_weight(name: str) -> None:
    with pytest.raises(RequestError, match=r"depends on body weight \(.*\d.*\)$"):
        list(islice(doses(course(name, STARTS[0], None)), MOST))


@pytest.mark.parametrize(
    ("name", "weight", "dose", "injections"),
    [
        ("weeks-0-4-then-every-12-weeks-by-weight", "89.9", "100 mg", 1),
        ("three-weight-bands-every-4-weeks", "60", "300 mg", 2),
        ("three-weight-bands-every-4-weeks", "30", "200 mg", 1),
        ("one-infusion-by-weight-then-every-8-weeks", "55", "260 mg", 1),
        ("one-infusion-by-weight-then-every-8-weeks", "85.1", "520 mg", 1),
        ("two-doses-a-week-apart-per-kg-with-a-cap", "50", "750 mg", 1),
        ("every-4-weeks-per-kg-in-steps", "24.9", "20 mg", 1),
    ],
)
def test_a_weight_at_a_bound_is_in_its_band(
    name: str, weight: str, dose: str, injections: int
) -> None:
    first = next(doses(course(name, STARTS[0], weight)))
    assert (str(first.amount), first.injections) == (dose, injections)


def test_a_weight_for_which_no_dose_is_stated_is_answered() -> None:
    with pytest.raises(RequestError, match=r"states no dose for a weight of 29\.9 kg"):
        next(doses(course("three-weight-bands-every-4-weeks", STARTS[0], "29.9")))
