"""A hostile file is refused in time that grows as the file does, and always with a message.

Work is counted in lines of Python that run and in what the engine of regular expressions looks
at, as processor time: four times the text may take at most eight times as long.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest

from dosecal.errors import CourseFileError, QuantityError, ScheduleFileError
from dosecal.formats.course_file import is_course, read_course
from dosecal.formats.fields import read_date, read_zone
from dosecal.formats.schedule_file import read_schedule
from dosecal.formats.toml import MAX_BYTES
from dosecal.model import hints
from dosecal.model.dates import parse_interval, parse_interval_range
from dosecal.model.quantities import (
    parse_amount,
    parse_number_range,
    parse_surface,
    parse_weight,
    parse_weight_range,
)
from dosecal.store.catalogue import load
from hostile import HEAD, NUMBERS, TEXTS

SMALL, LARGE = 4, 16
TIMED = 20
PARSERS = (
    parse_amount, parse_interval, parse_interval_range, parse_number_range, parse_surface,
    parse_weight, parse_weight_range, read_date, read_zone,
)  # fmt: skip
LONG = (
    "<=" * 400, "1" * 5_000 + " hours", "1" * 5_000, "5" + " " * 80_000 + "days",
    " " * 80_000 + "x",
    "1 " * 40_000, "1," * 40_000, "> 5 kg, " * 10_000, "=>" * 40_000, "-" * 80_000, "1.1" * 30_000,
    "every " * 10_000, "a/" * 40_000, "7" * 4_301 + "-01-01",
)  # fmt: skip


def read(text: str) -> None:
    """Read a text as each kind of file; what is wrong with it is of no interest."""
    data = text.encode()
    is_course(data)
    with suppress(CourseFileError):
        read_course(data, "x.toml", load)
    with suppress(ScheduleFileError):
        read_schedule(data, "x", "x.toml")


def lines_run(work: Callable[[], object]) -> int:
    """Count the lines of Python that a piece of work runs."""
    count = 0

    def step(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def seconds(work: Callable[[], object]) -> float:
    """Return the least processor time of three runs."""
    found = []
    for _ in range(3):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


@pytest.mark.parametrize("name", TEXTS)
def test_four_times_the_text_is_four_times_the_lines(name: str) -> None:
    make = TEXTS[name]
    read(make(1))
    small, large = lines_run(lambda: read(make(SMALL))), lines_run(lambda: read(make(LARGE)))
    assert large <= 5 * small + 2_000, (small, large)


@pytest.mark.parametrize("name", TEXTS)
def test_four_times_the_text_is_not_sixteen_times_the_time(name: str) -> None:
    """A quadratic pattern or loop would take sixteen times as long."""
    make = TEXTS[name]
    text, longer = make(TIMED), make(4 * TIMED)
    assert len(longer) <= MAX_BYTES
    small, large = seconds(lambda: read(text)), seconds(lambda: read(longer))
    assert large <= 9 * small + 0.02, (small, large)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_too_long_to_be_shown_is_refused(name: str) -> None:
    with pytest.raises(CourseFileError) as refused:
        read_course(NUMBERS[name].encode(), "x.toml", load)
    assert len(str(refused.value)) < 1_000


@pytest.mark.parametrize(
    "phase",
    [
        "weeks = [0x{digits}]", "weeks = 0x{digits}", "days = [1, -0x{digits}]",
        'every = "{ones} hours"', 'doses = "{signs}"', "injections = 0x{digits}",
        'every = "1 week"\non = "1{spaces}x"', 'every = "{signs}"', 'dose = "{ones} mg"',
        'window = "{signs}"', 'on_days = "{spaces},{spaces}"',
    ],
)  # fmt: skip
@pytest.mark.parametrize("table", ["phase", "missed", "check"])
def test_a_hostile_schedule_is_refused(phase: str, table: str) -> None:
    text = phase.format(digits="f" * 5_000, ones="1" * 5_000, signs="<=" * 400, spaces=" " * 80_000)
    data = f'format = 1\nmedicine = "x"\n[[{table}]]\nname = "a"\n{text}\n'.encode()
    with pytest.raises(ScheduleFileError) as refused:
        read_schedule(data, "x", "x.toml")
    assert len(str(refused.value)) < 10_000


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:8])
def test_a_long_text_is_refused_at_once(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(QuantityError):
        parse(text)

    def again() -> None:
        with suppress(QuantityError):
            parse(text)

    assert lines_run(again) < 3_000


def test_a_text_of_the_longest_length_is_still_tried() -> None:
    text = "<= 7 days".ljust(hints.LONGEST)
    assert str(parse_interval_range(f"{text}  ")) == "<= 7 days"
    with pytest.raises(QuantityError, match="a text of 201 characters is too long"):
        parse_interval("7" * 201)


def test_a_log_of_a_megabyte_is_read_in_seconds() -> None:
    one = "[[given]]\ndose = {}\ndate = {}\n"
    text = HEAD + "".join(
        one.format(each, f"{2026 + each // 12 + 1}-{each % 12 + 1:02}-05") for each in range(1, 900)
    )
    assert lines_run(lambda: read(text)) < 3_000_000
