"""A time zone as a calendar file states it: one VTIMEZONE that every client reads alike.

RFC 5545 lets a VTIMEZONE list any number of observances, but clients do not read them all: Outlook
keeps one STANDARD and one DAYLIGHT and needs BYDAY; Thunderbird, ical.js and vobject misread lists
of RDATE. All of them read one yearly rule for each direction of the clock change. A zone is written
so or, where that would put any instant of the file at a wrong offset, not at all.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import Final, Self
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)
_SECOND: Final = timedelta(seconds=1)
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ONSET_YEAR: Final = 1970  # the year of every DTSTART; what lies before it is not written
_LAST_YEAR: Final = 9900  # beyond it there is no room for the years around
_YEARS_COMPARED: Final = 28  # a full turn of the weekdays through the calendar
_YEARS_REQUIRED: Final = 7  # of those; a date of Morocco's recurs by chance, in five at most


@dataclass(frozen=True, slots=True)
class _Change:
    """A clock change; `after` is the offset from its instant (in UTC) on."""

    instant: datetime
    before: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class _Rule:
    """A change every year on the `ordinal`-th (1 to 4, or -1: the last) weekday of a month."""

    month: int
    ordinal: int
    weekday: int
    local: time  # in the offset before the change (RFC 5545 3.6.5)
    before: timedelta
    after: timedelta

    @classmethod
    def giving(cls, change: _Change) -> set[Self]:
        """Return the rules, one or two, that have the change among their onsets."""
        onset = change.instant.replace(tzinfo=None) + change.before
        # A fifth weekday is not written: it would skip years, and Outlook cannot read it.
        ordinals = {(onset.day + 6) // 7} - {5}
        if (onset + _WEEK).month != onset.month:
            ordinals.add(-1)
        return {
            cls(onset.month, nth, onset.weekday(), onset.time(), change.before, change.after)
            for nth in ordinals
        }

    def onset(self, year: int) -> datetime:
        """Return the onset of a year in local time, in the offset before the change."""
        # The last one is the week before the first one of the next month.
        start = date(year, self.month, 1)
        if self.ordinal < 0:
            start = (start + 31 * _DAY).replace(day=1)
        day = start + (self.weekday - start.weekday()) % 7 * _DAY
        weeks = self.ordinal - 1 if self.ordinal > 0 else self.ordinal
        return datetime.combine(day + weeks * _WEEK, self.local)

    def changes(self, years: Iterable[int]) -> list[_Change]:
        """Return the changes that the rule makes in the years."""
        return [
            _Change(self.onset(year).replace(tzinfo=UTC) - self.before, self.before, self.after)
            for year in years
        ]

    def years_kept(self, zone: ZoneInfo, year: int) -> int:
        """Count the years, of those compared around `year`, in which the zone has this change."""
        years = range(year - _YEARS_COMPARED // 2, year + _YEARS_COMPARED // 2)
        return sum(
            (_offset(zone, change.instant - _SECOND), _offset(zone, change.instant))
            == (self.before, self.after)
            for change in self.changes(years)
        )


def vtimezone_lines(zone: ZoneInfo, first: date, last: date) -> tuple[str, ...] | None:
    """Write a zone as one VTIMEZONE that is right at every instant of the dates given.

    It has at most one STANDARD and one DAYLIGHT part, each with a yearly rule whose onset is in the
    offset before the change (RFC 5545 3.6.5, 3.8.5.3). The part with the larger offset is the
    DAYLIGHT, also where the law calls the winter's time the exception (Europe/Dublin). A zone
    without changes is one STANDARD without a rule.

    The lines are those of the whole years that the dates lie in, where such lines exist; otherwise
    they are right for the dates alone, so that a change outside them is no hindrance.

    Args:
        zone: The time zone; its key becomes the TZID.
        first: The first local date of the file, inclusive.
        last: The last local date of the file, inclusive; an event that ends on the next day counts.

    Returns:
        The content lines, without line ends; None where no such rule is exact (Africa/Casablanca, a
        law that changes between the dates, years up to 1970): the file is then written in UTC.

    Raises:
        ValueError: `last` is before `first`.
    """
    if last < first:
        raise ValueError(f"last ({last}) is before first ({first})")
    if first.year <= _ONSET_YEAR or last.year > _LAST_YEAR:
        return None
    whole_years = _lines(zone, date(first.year, 1, 1), date(last.year, 12, 31))
    return whole_years or _lines(zone, first, last)


def is_unambiguous(wall: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a wall-clock time occurs exactly once there: not skipped and not repeated."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first == second


@lru_cache(maxsize=1024)
def _lines(zone: ZoneInfo, first: date, last: date) -> tuple[str, ...] | None:
    """Write a zone so that it is right from `first` to `last`, both inclusive, or return None."""
    start, end = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last + _DAY)
    )
    around = [c for year in range(first.year - 1, last.year + 2) for c in _changes(zone, year)]
    inside = [c for c in around if start < c.instant < end]
    offset = _offset(zone, start)
    # Seconds are those of a local mean time, which clients round.
    if any(o % timedelta(minutes=1) for o in (offset, *(c.after for c in inside))):
        return None
    names = {c.after: _name(zone, c.instant) for c in around}
    if inside:
        rules = _fit(zone, around, inside, start, end)
        if rules is None:
            return None
        parts = [
            line
            for kind, rule in zip(("DAYLIGHT", "STANDARD"), rules, strict=True)
            for line in _observance(
                kind,
                rule.onset(_ONSET_YEAR),  # the first instance, as RFC 5545 3.8.5.3 wants
                rule.before,
                rule.after,
                names[rule.after],
                f"FREQ=YEARLY;BYMONTH={rule.month};BYDAY={rule.ordinal}{_WEEKDAYS[rule.weekday]}",
            )
        ]
    else:
        onset = datetime(_ONSET_YEAR, 1, 1)
        parts = _observance("STANDARD", onset, offset, offset, _name(zone, start))
    return ("BEGIN:VTIMEZONE", f"TZID:{zone.key}", *parts, "END:VTIMEZONE")


def _fit(
    zone: ZoneInfo,
    around: Sequence[_Change],
    inside: Sequence[_Change],
    start: datetime,
    end: datetime,
) -> tuple[_Rule, _Rule] | None:
    """Find the two rules, forward and back, that make the changes inside and no others there.

    Where several do (28 March is the fourth Sunday and the last), it is the ones that the zone
    keeps in the most years; one that it keeps in few is a coincidence of dates, not its law.
    """
    low, high = sorted((inside[0].before, inside[0].after))
    choices = []
    for direction in ((low, high), (high, low)):
        given = [_Rule.giving(c) for c in inside if (c.before, c.after) == direction]
        # A direction without a change inside needs a rule all the same: that of one nearby.
        near = (_Rule.giving(c) for c in around if (c.before, c.after) == direction)
        rules = set.intersection(*given) if given else set[_Rule]().union(*near)
        kept = {rule: rule.years_kept(zone, start.year) for rule in rules}
        choices.append(
            sorted(
                (rule for rule in rules if kept[rule] >= _YEARS_REQUIRED),
                key=lambda rule: (-kept[rule], rule.ordinal, rule.month, rule.weekday),
            )
        )
    years = range(start.year - 1, end.year + 2)
    for forward, back in product(*choices):
        made = sorted(forward.changes(years) + back.changes(years), key=lambda c: c.instant)
        before_start = [c for c in made if c.instant <= start]
        written = [c for c in made if start < c.instant < end]
        if before_start[-1].after == inside[0].before and written == inside:
            return forward, back
    return None


@lru_cache(maxsize=4096)
def _changes(zone: ZoneInfo, year: int) -> tuple[_Change, ...]:
    """Return the changes of a zone's offset in a year of UTC, its first instant excluded.

    zoneinfo does not list them, so the offsets of successive days are compared: nowhere have two
    changes since 2000 been less than six days apart.
    """
    changes = []
    day = datetime(year, 1, 1, tzinfo=UTC)
    before = _offset(zone, day)
    while day.year == year:
        after = _offset(zone, day + _DAY)
        if after != before:
            changes.append(_Change(_instant(zone, day, before), before, after))
        day, before = day + _DAY, after
    return tuple(changes)


def _instant(zone: ZoneInfo, day: datetime, before: timedelta) -> datetime:
    """Return, to the second, when in the 24 hours after `day` the offset stops being `before`."""
    seconds = range(_DAY // _SECOND)
    passed = bisect_left(seconds, True, key=lambda n: _offset(zone, day + n * _SECOND) != before)
    return day + passed * _SECOND


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    """Return a zone's offset at an instant."""
    return instant.astimezone(zone).utcoffset() or timedelta()


def _name(zone: ZoneInfo, instant: datetime) -> str:
    """Return the abbreviation in use at an instant, or "" where it is only the offset ("+03")."""
    name = instant.astimezone(zone).tzname() or ""
    return name if name.isascii() and name.isalpha() else ""


def _observance(
    kind: str, onset: datetime, before: timedelta, after: timedelta, name: str, rule: str = ""
) -> list[str]:
    """Return the lines of a STANDARD or DAYLIGHT part; without a name or a rule, none of it."""
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset:%Y%m%dT%H%M%S}",
        *([f"RRULE:{rule}"] if rule else []),
        f"TZOFFSETFROM:{_utc_offset(before)}",
        f"TZOFFSETTO:{_utc_offset(after)}",
        *([f"TZNAME:{name}"] if name else []),
        f"END:{kind}",
    ]


def _utc_offset(offset: timedelta) -> str:
    """Write an offset as RFC 5545 3.3.14 does: +0530; never the -0000 that it forbids."""
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
