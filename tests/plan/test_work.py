"""Cost grows with the doses and no faster: work is counted, never timed."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest

from dosecal.ical.calendar_file import calendar_bytes
from dosecal.ical.revisions import CalendarPlan, Revision
from dosecal.model.course import Course, Given
from dosecal.plan.assess import doses
from dosecal.store import catalogue
from dosecal.words.reasons import reason_text

PSORIASIS = catalogue.load("netakimab-psoriasis")
BY_MONTHS = catalogue.load("ofatumumab-multiple-sclerosis-eu")
START = date(2026, 1, 5)
BASE = Revision(0, datetime(2026, 1, 1, tzinfo=UTC))


def calls(work: Callable[[], object]) -> int:
    """Count the calls, Python's own and those of C, that a piece of work makes."""
    count = 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    work()  # what is kept from then on is in the count of neither size
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def plan(size: int) -> Callable[[], object]:
    return lambda: list(islice(doses(Course(PSORIASIS, "c", START)), size))


def plan_by_months(size: int) -> Callable[[], object]:
    return lambda: list(islice(doses(Course(BY_MONTHS, "c", START)), size))


def plan_recorded(size: int) -> Callable[[], object]:
    log = tuple(Given(n + 1, START + timedelta(days=28 * n)) for n in range(size))
    return lambda: list(islice(doses(Course(PSORIASIS, "c", START, log=log)), size))


def write(size: int) -> Callable[[], object]:
    course = Course(PSORIASIS, "c", START, time(9), "Europe/Berlin")
    planned = list(islice(doses(course), size))
    words = reason_text(PSORIASIS)
    return lambda: calendar_bytes(
        course, CalendarPlan(tuple(planned), {}, BASE, date(2500, 1, 1)), reason_text=words
    )


@pytest.mark.parametrize("work", [plan, plan_by_months, plan_recorded, write])
def test_twice_the_doses_are_twice_the_work(work: Callable[[int], Callable[[], object]]) -> None:
    once, twice = calls(work(150)), calls(work(300))
    assert 1.9 * once < twice < 2.1 * once


class Counted(int):
    """A dose number that counts how often it is compared."""

    compared = 0

    def __gt__(self, other: int) -> bool:
        Counted.compared += 1
        return int(self) > int(other)


def test_a_record_is_looked_through_once() -> None:
    """Not once a dose, which no count of calls would show."""
    found = []
    for size in (100, 200):
        log = tuple(
            Given(Counted(n + 1), START + timedelta(days=28 * n)) for n in range(1, size, 2)
        )
        Counted.compared = 0
        assert len(list(islice(doses(Course(PSORIASIS, "c", START, log=log)), size))) == size
        found.append(Counted.compared)
    assert 0 < found[1] <= 2.5 * found[0]  # with the places of a sorted list, n log n
