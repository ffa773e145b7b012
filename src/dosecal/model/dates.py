"""Dates: intervals, offsets from the start, calendar months and wall-clock times.

The rules DATE-1 to DATE-5 of docs/date-rules.md; each function names the rule that it does.
Days, weeks, months and years are kept apart: a calendar month is never a number of days.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from dosecal.errors import QuantityError
from dosecal.model.hints import SIGN_SLIPS, Slip, bounded, near_miss, slip_hint, suggested
from dosecal.model.values import value

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TIME_UNITS: Final = ("day", "week", "month", "year")
MAX_DAYS: Final = 36_525
"""The longest interval or offset taken, inclusive: 100 years, in days."""
MAX_DOSE: Final = MAX_DAYS
"""The highest dose number taken, inclusive: 100 years of daily doses."""
MAX_MONTHS: Final = 1_200
"""The longest interval or offset taken, inclusive: 100 years, in calendar months."""

FIRST_YEAR: Final = 1900
"""The first year taken in a date of a person's course, inclusive: an earlier one is a slip."""
LAST_YEAR: Final = 2999
"""The last year taken in a date of a person's course, inclusive."""

_CALENDARS: Final = (
    ("the Buddhist era", 543, 543),
    ("the Nepali calendar", 57, 56),
    ("the Persian calendar", -621, -622),
)
"""Calendars that count years otherwise: what to take from theirs for the year here in which it
begins and for the one in which it ends (the Thai year begins on 1 January since 1941)."""
_MONTHS_AHEAD: Final = 24
_MONTHS_BACK: Final = 360
_USUAL_START: Final = range(-30 * 365, 2 * 365)
"""Days after today that lie within both, so that no months, which take an import, are counted."""

_WORDS: Final = {
    "daily": "1 day", "weekly": "1 week", "fortnightly": "2 weeks", "monthly": "1 month",
    "quarterly": "3 months", "yearly": "1 year", "annually": "1 year",
    "day": "1 day", "week": "1 week", "month": "1 month", "year": "1 year",
}  # fmt: skip
_SHORT: Final = {
    "d": "days", "w": "weeks", "wk": "weeks", "wks": "weeks", "mo": "months", "mos": "months",
    "y": "years", "yr": "years", "yrs": "years",
}  # fmt: skip
TWO_ENDS: Final = 'a bound may have two ends: ">= 3 days, <= 7 days"'
"""What to write for a rule that holds from some day to another."""
_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "year": 12}
_INTERVAL: Final = r"([+-]?\d+(?:[.,]\d+)?)\s+([A-Za-z]+)"
_BOUND: Final = r"(<=|>=|<|>)\s*(.+)"


@lru_cache(maxsize=1 << 14)
def add_months(day: date, months: int) -> date:
    """Return `day` moved by calendar months, back if negative (DATE-2).

    Where the month is too short the result is that month's last day: 31 January + 1 month is
    28 or 29 February, and + 2 months is 31 March, because months add up before they are applied.

    Raises:
        OverflowError: The result lies outside the years 1 to 9999.
    """
    from dateutil.relativedelta import relativedelta  # few schedules count in months

    try:
        return day + relativedelta(months=months)
    except ValueError as error:
        raise OverflowError(str(error)) from error


@value
class Interval(NamedTuple):
    """A length of time as stated: `count` of one of `TIME_UNITS` ("4 weeks" stays 4 weeks)."""

    count: int  # type: ignore[assignment]  # hides tuple.count
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    @property
    def in_months(self) -> bool:
        """Whether it is counted in calendar months or years (DATE-2)."""
        return self.unit in _MONTHS

    @property
    def days(self) -> int:
        """Its days; 0 where it is counted in months. A week is 7 days (DATE-2)."""
        return self.count * _DAYS.get(self.unit, 0)

    @property
    def months(self) -> int:
        """Its calendar months; 0 where it is counted in days. A year is 12 months (DATE-2)."""
        return self.count * _MONTHS.get(self.unit, 0)

    def after(self, day: date, times: int = 1) -> date:
        """Return the date `times` intervals after `day` (DATE-2)."""
        if self.in_months:
            return add_months(day, self.months * times)
        return day + timedelta(days=self.days * times)


def parse_interval(text: str, *, zero: bool = False) -> Interval:
    """Read "4 weeks", "1 month", "10 days" or "1 year".

    Args:
        text: What stands in the file.
        zero: Whether 0 is taken too.

    Raises:
        QuantityError: It is not a whole number above 0 (or of 0) and a unit, or beyond 100 years.
    """
    allowed = 'a whole number and a unit: "10 days", "4 weeks", "1 month", "1 year"'
    text = bounded(text, allowed)
    match = re.fullmatch(_INTERVAL, text, re.ASCII)
    if match is None:
        hint = slip_hint(text, _SLIPS, parse_interval)
        raise QuantityError(f'"{text}" is no interval', allowed, hint)
    number, unit = match[1], match[2]
    if unit.lower() in ("hour", "hours", "h", "hr", "hrs", "minute", "minutes"):
        days, over = divmod(int(number), 24) if number.isdigit() else (0, 1)
        hint = suggested(_in_full(str(days), "day"), parse_interval) if not over else ""
        raise QuantityError(
            f'"{text}" is in hours', f"at most one dose a day is planned; {allowed}", hint
        )
    base = unit.lower().removesuffix("s")
    if base not in TIME_UNITS or unit not in (base, base + "s"):
        known = [*TIME_UNITS, *(name + "s" for name in TIME_UNITS)]
        hint = near_miss(unit, known)
        if base in _SHORT or unit.lower() in _SHORT:
            hint = suggested(_in_full(number, unit), parse_interval)
        raise QuantityError(f'unknown unit "{unit}" in "{text}"', allowed, hint)
    if not number.isdigit():
        hint = "count in smaller units instead" if re.search("[.,]", number) else ""
        raise QuantityError(f'"{text}" is not a whole number above 0', allowed, hint)
    interval = Interval(int(number[:7]), base)
    if interval.count == 0 and not zero:
        raise QuantityError(f'"{text}" is not above 0', allowed)
    if interval.days > MAX_DAYS or interval.months > MAX_MONTHS:
        raise QuantityError(f'"{text}" is beyond 100 years', allowed)
    return interval


def unit_in_full(unit: str) -> str:
    """Return one unit of time as it is written here: "wks" is "week"; others stay."""
    unit = unit.lower()
    return _SHORT.get(unit, unit).removesuffix("s")


def _in_full(number: str, unit: str) -> str:
    """Return a number and a unit as an interval is written: "4" and "w" as "4 weeks"."""
    return f"{number} {unit_in_full(unit)}{'' if number == '1' else 's'}"


_SLIPS: Final[tuple[Slip, ...]] = (
    (rf"(?:every\s+)?({'|'.join(_WORDS)})", lambda found: _WORDS[found[1].lower()]),
    (r"every\s+(\d+\s+[a-z]+)", lambda found: found[1]),
    (r"(\d+)-?([a-z]+)", lambda found: _in_full(found[1], found[2])),
    (r"([a-z]+)(?:-|\s*)(\d+)", lambda found: _in_full(found[2], found[1])),
)
_BOUND_SLIPS: Final = ((r"\d+\s*(?:[a-z]+\s*)?(?:-|–|to)\s*\d.*", TWO_ENDS), *SIGN_SLIPS)


@value
class Offset(NamedTuple):
    """Time from a date to a target date: steps of days or of calendar months, in order.

    Neighbouring steps of one kind are one step, so months add up before they are applied
    (DATE-2), and days followed by months count the months from that day.

    Attributes:
        steps: (is it months?, how many) pairs; empty is the date itself.
    """

    steps: tuple[tuple[bool, int], ...] = ()

    @classmethod
    def of(cls, count: int, unit: str) -> "Offset":
        """Return the offset of `count` days, weeks, months or years; `count` may be negative."""
        return cls().plus(Interval(count, unit))

    def plus(self, interval: Interval, times: int = 1) -> "Offset":
        """Return this offset and `times` intervals after it."""
        months = interval.in_months
        count = (interval.months if months else interval.days) * times
        if count == 0:
            return self
        if self.steps and self.steps[-1][0] == months:
            count += self.steps[-1][1]
            return Offset((*self.steps[:-1], (months, count)) if count else self.steps[:-1])
        return Offset((*self.steps, (months, count)))

    def after(self, day: date) -> date:
        """Return the date that lies this offset after `day` (DATE-1, DATE-2).

        Raises:
            OverflowError: The date lies outside the years 1 to 9999.
        """
        for months, count in self.steps:
            day = add_months(day, count) if months else day + timedelta(days=count)
        return day

    @property
    def days(self) -> int | None:
        """Its length in days, or None where it holds calendar months."""
        if not self.steps:
            return 0
        return self.steps[0][1] if len(self.steps) == 1 and not self.steps[0][0] else None


@value
class IntervalRange(NamedTuple):
    """Lengths of time that meet `sign` ("<=", "<", ">=" or ">") with `interval`.

    A bound in months compares dates, so that it too follows DATE-2.
    """

    sign: str
    interval: Interval

    def __str__(self) -> str:
        return f"{self.sign} {self.interval}"

    def holds(self, begin: date, end: date) -> bool:
        """Say whether the time from `begin` to `end` is within the bound."""
        edge = self.interval.after(begin)
        return {"<=": end <= edge, "<": end < edge, ">=": end >= edge, ">": end > edge}[self.sign]


def parse_interval_range(text: str) -> IntervalRange:
    """Read "<= 7 days", "> 3 months" and the like; the sign is never left out.

    Raises:
        QuantityError: The sign is missing, or what follows is no interval.
    """
    allowed = 'a sign and an interval: "<= 7 days"'
    text = bounded(text, allowed)
    match = re.fullmatch(_BOUND, text, re.ASCII)
    if match is None:
        hint = slip_hint(text, _BOUND_SLIPS, parse_interval_range)
        raise QuantityError(f'"{text}" has no sign', allowed, hint)
    if len(re.findall("[<>]", text)) > 1:
        allowed = 'one sign and interval: "<= 7 days"'
        raise QuantityError(f'"{text}" has two signs', allowed, TWO_ENDS)
    return IntervalRange(match[1], parse_interval(match[2], zero=True))


def parse_interval_ranges(text: str) -> tuple[IntervalRange, ...]:
    """Read a bound with one end or two: "<= 7 days", "> 3 days, <= 7 days".

    Raises:
        QuantityError: A part is none, or both limit the same side.
    """
    parts = text.split(",")
    if len(parts) > 2:
        raise QuantityError(f'"{text}" has {len(parts)} ends', 'one or two: "> 3 days, <= 7 days"')
    ranges = tuple(parse_interval_range(part) for part in parts)
    if len({each.sign[0] for each in ranges}) != len(ranges):
        allowed = 'one end below and one above: "> 3 days, <= 7 days"'
        raise QuantityError(f'"{text}" has two bounds on the same side', allowed)
    return ranges


def a_year_after(day: date) -> date:
    """Return the same day a year later; the last possible date where the calendar ends."""
    try:
        return add_months(day, 12)
    except OverflowError:
        return date.max


def in_other_calendars(year: int, first: int = 1990, last: int = 2100) -> str:
    """Return which year from `first` to `last`, both inclusive, another calendar may mean, or "".

    >>> in_other_calendars(2569)
    '2569 is 2026 in the Buddhist era'
    """
    readings = []
    for calendar, begin, end in _CALENDARS:
        meant = sorted({year - begin, year - end})
        if any(first <= each <= last for each in meant):
            readings.append(f"{' or '.join(map(str, meant))} in {calendar}")
    return f"{year} is {', or '.join(readings)}" if readings else ""


def year_question(start: date, today: date) -> str:
    """Return the question that a start far from today raises, or "".

    >>> year_question(date(2569, 12, 1), date(2026, 11, 1))[:64]
    'it starts on 2569-12-01, more than two years from today: is the '

    Args:
        start: Day 0 of a course; up to two years ahead and 30 years back, both inclusive, it
            raises none.
        today: The day of the patient.
    """
    if (start - today).days in _USUAL_START:
        return ""
    if start > _months_from(today, _MONTHS_AHEAD):
        far = "more than two years from today"
    elif start < _months_from(today, -_MONTHS_BACK):
        far = "more than 30 years before today"
    else:
        return ""
    near = in_other_calendars(start.year, today.year - 30, today.year + 2)
    return f"it starts on {start}, {far}: is the year right?{f' {near}' if near else ''}"


def _months_from(day: date, months: int) -> date:
    try:
        return add_months(day, months)
    except OverflowError:
        return date.max if months > 0 else date.min


def at_wall_time(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return the instant of a wall-clock time in a zone (DATE-4).

    A time that a clock change skips moves forward by the gap; of one that occurs twice the
    first is taken. Going to UTC and back does the first, `fold=0` the second (PEP 495).
    """
    return datetime.combine(day, clock, zone).astimezone(UTC).astimezone(zone)
