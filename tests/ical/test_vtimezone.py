"""Each VTIMEZONE, read by an independent evaluation of its rules, is the zone that it names."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr

from dosecal.ical.vtimezone import is_unambiguous, vtimezone_lines

# The golden lines are of past years: what later time zone data cannot change.
BERLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE
"""
NEW_YORK = """\
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
"""
LORD_HOWE = """\
BEGIN:VTIMEZONE
TZID:Australia/Lord_Howe
BEGIN:DAYLIGHT
DTSTART:19701004T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU
TZOFFSETFROM:+1030
TZOFFSETTO:+1100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19700405T020000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU
TZOFFSETFROM:+1100
TZOFFSETTO:+1030
END:STANDARD
END:VTIMEZONE
"""
NUUK = """\
BEGIN:VTIMEZONE
TZID:America/Nuuk
BEGIN:DAYLIGHT
DTSTART:19700328T230000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SA
TZOFFSETFROM:-0200
TZOFFSETTO:-0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T000000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:-0100
TZOFFSETTO:-0200
END:STANDARD
END:VTIMEZONE
"""
DUBLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Dublin
BEGIN:DAYLIGHT
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:IST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:GMT
END:STANDARD
END:VTIMEZONE
"""
TOKYO = """\
BEGIN:VTIMEZONE
TZID:Asia/Tokyo
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
TZNAME:JST
END:STANDARD
END:VTIMEZONE
"""
# Offsets of half an hour, changes at midnight or on the evening before, both hemispheres, onsets
# that no weekday of a month states in every year, negative daylight saving, laws that changed.
AWKWARD = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/Nuuk",
    "America/Santiago",
    "America/Scoresbysund",
    "America/St_Johns",
    "America/Vancouver",
    "Antarctica/Troll",
    "Asia/Almaty",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Pacific/Apia",
    "Pacific/Easter",
    "Pacific/Kwajalein",
)
SHAPE = re.compile(
    r"BEGIN:VTIMEZONE\nTZID:[A-Za-z0-9_/+-]+\n"
    r"(?:BEGIN:DAYLIGHT\n{part}END:DAYLIGHT\nBEGIN:STANDARD\n{part}END:STANDARD\n"
    r"|BEGIN:STANDARD\n{constant}END:STANDARD\n)"
    r"END:VTIMEZONE".replace(
        "{part}",
        r"DTSTART:1970\d{4}T\d{6}\n"
        r"RRULE:FREQ=YEARLY;BYMONTH=\d\d?;BYDAY=(?:[1-4]|-1)(?:MO|TU|WE|TH|FR|SA|SU)\n"
        r"TZOFFSETFROM:[+-]\d{4}\nTZOFFSETTO:[+-]\d{4}\n(?:TZNAME:[A-Za-z]{3,6}\n)?",
    ).replace(
        "{constant}",
        r"DTSTART:19700101T000000\n"
        r"TZOFFSETFROM:([+-]\d{4})\nTZOFFSETTO:\1\n(?:TZNAME:[A-Za-z]{3,6}\n)?",
    )
)


@cache
def onsets(dtstart: str, rule: str, year: int, years: int) -> list[datetime]:
    """List an observance's onsets in local time, as dateutil reads its rule."""
    if not rule:
        return [datetime.fromisoformat(dtstart)]
    recurrence = rrulestr(rule, dtstart=datetime.fromisoformat(dtstart))
    first = next(iter(recurrence))
    assert first == datetime.fromisoformat(dtstart), "DTSTART is not the rule's first instance"
    return list(recurrence.between(datetime(year, 1, 1), datetime(year + years, 1, 1), inc=True))


def offset_of(text: str) -> timedelta:
    size = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    return -size if text[0] == "-" else size


def read(lines: tuple[str, ...], first: date, last: date) -> list[tuple[datetime, timedelta]]:
    """List the instants at which an offset of the VTIMEZONE sets in, from before `first` on."""
    found = []
    for part in re.findall(r"BEGIN:(?:STANDARD|DAYLIGHT)\n(.*?)\nEND:", "\n".join(lines), re.S):
        values = dict(line.split(":", 1) for line in part.split("\n"))
        before, after = offset_of(values["TZOFFSETFROM"]), offset_of(values["TZOFFSETTO"])
        years = last.year - first.year + 3
        for local in onsets(values["DTSTART"], values.get("RRULE", ""), first.year - 1, years):
            found.append((local.replace(tzinfo=UTC) - before, after))
    return sorted(found)


def instants(
    zone: ZoneInfo, written: list[tuple[datetime, timedelta]], first: date, last: date
) -> Iterator[datetime]:
    """Yield the instants to compare: every 6 hours, and each quarter of an hour near a change."""
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    day = last + timedelta(days=1)
    end = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    step, quarter, second = timedelta(hours=6), timedelta(minutes=15), timedelta(seconds=1)
    near = {onset for onset, _ in written}
    at, before = start, start.astimezone(zone).utcoffset()
    while at < end:
        yield at
        if (now := at.astimezone(zone).utcoffset()) != before:
            near.add(at.replace(minute=0, second=0))
        at, before = at + step, now
    for change in near:
        for quarters in range(-36, 37):
            at = change + quarters * quarter
            yield from (t for t in (at - second, at) if start <= t < end)
    yield end - second


def wrong(zone: ZoneInfo, lines: tuple[str, ...], first: date, last: date) -> list[datetime]:
    """List the instants compared, of all from `first` to `last`, that the lines read wrongly."""
    written = read(lines, first, last)
    times = [onset for onset, _ in written]
    return [
        at
        for at in instants(zone, written, first, last)
        if at.astimezone(zone).utcoffset() != written[bisect_right(times, at) - 1][1]
    ]


@pytest.mark.parametrize(
    ("key", "golden"),
    [
        ("Europe/Berlin", BERLIN),
        ("America/New_York", NEW_YORK),
        ("Australia/Lord_Howe", LORD_HOWE),
        ("America/Nuuk", NUUK),
        ("Europe/Dublin", DUBLIN),
        ("Asia/Tokyo", TOKYO),
    ],
)
def test_the_lines_of_a_zone(key: str, golden: str) -> None:
    lines = vtimezone_lines(ZoneInfo(key), date(2025, 1, 1), date(2025, 12, 31))
    assert lines == tuple(golden.splitlines())


def test_every_zone_is_exact_for_a_year_or_refused() -> None:
    first, last = date(2026, 12, 1), date(2027, 11, 30)
    refused = set()
    keys = available_timezones()
    for key in sorted(keys):
        zone = ZoneInfo(key)
        lines = vtimezone_lines(zone, first, last)
        if lines is None:
            refused.add(key)
            continue
        assert SHAPE.fullmatch("\n".join(lines)), lines
        assert all(len(line) <= 75 for line in lines)
        assert not wrong(zone, lines, first, last), key
    # To refuse them all would pass what stands above: it is for Morocco and its like.
    assert len(refused) <= len(keys) // 50, refused


@pytest.mark.parametrize("key", AWKWARD)
def test_an_awkward_zone_is_exact_or_refused_whatever_the_dates(key: str) -> None:
    zone = ZoneInfo(key)
    ranges = [
        (first := date(1990, 1, 1) + timedelta(days=263 * n), first + timedelta(days=days))
        for n in range(60)
        for days in (0, 40, 200, 420)
    ]
    written = 0
    for first, last in ranges:
        lines = vtimezone_lines(zone, first, last)
        if lines is not None:
            written += 1
            assert not wrong(zone, lines, first, last), (first, last)
    assert written > len(ranges) / 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BYMONTH=3;BYDAY=-1SU", "BYMONTH=3;BYDAY=4SU"),
        ("BYMONTH=10;BYDAY=-1SU", "BYMONTH=10;BYDAY=4SU"),
        ("T020000", "T030000"),
        ("T020000", "T021500"),
        ("TZOFFSETTO:+0200", "TZOFFSETTO:+0130"),
        ("TZOFFSETFROM:+0100", "TZOFFSETFROM:+0000"),
    ],
)
def test_a_wrong_rule_would_be_caught(old: str, new: str) -> None:
    """The comparison above is no formality: each of these is an hour's or a quarter's error."""
    zone, first, last = ZoneInfo("Europe/Berlin"), date(2023, 1, 1), date(2025, 12, 31)
    assert not wrong(zone, tuple(BERLIN.splitlines()), first, last)
    text = BERLIN.replace(old, new)
    # DTSTART follows the rule: what is tested is the offset, not the first instance.
    text = text.replace("0329T", "0322T") if new.endswith("3;BYDAY=4SU") else text
    assert wrong(zone, tuple(text.splitlines()), first, last)


def test_dates_that_several_weekdays_fit_are_written_as_the_law_has_them() -> None:
    """28 March 2021 was the fourth Sunday and the last; only the last is Germany's rule."""
    zone = ZoneInfo("Europe/Berlin")
    assert vtimezone_lines(zone, date(2021, 3, 1), date(2021, 4, 1)) == tuple(BERLIN.splitlines())


def test_the_files_of_a_year_have_the_same_lines() -> None:
    """Otherwise a zone would be written anew for each patient of a clinic."""
    zone = ZoneInfo("Europe/Berlin")
    for first, last in [(1, 2), (5, 9), (11, 12)]:
        lines = vtimezone_lines(zone, date(2025, first, 3), date(2025, last, 3))
        assert lines == tuple(BERLIN.splitlines())


def test_a_zone_without_a_name_of_its_own_has_no_tzname() -> None:
    """TZNAME is optional (RFC 5545 3.8.3.2); "+04" would only repeat the offset."""
    lines = vtimezone_lines(ZoneInfo("Asia/Dubai"), date(2025, 1, 1), date(2025, 12, 31))
    assert lines == tuple(
        line.replace("+09", "+04").replace("Tokyo", "Dubai")
        for line in TOKYO.splitlines()
        if not line.startswith("TZNAME")
    )


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("Africa/Casablanca", date(2025, 1, 1), date(2025, 12, 31)),  # by the moon
        ("Africa/Casablanca", date(2025, 2, 1), date(2025, 4, 30)),  # two changes make no rule
        ("Asia/Gaza", date(2024, 1, 1), date(2025, 12, 31)),
        ("America/Mexico_City", date(2022, 1, 1), date(2023, 12, 31)),  # abolished between
        ("America/New_York", date(2006, 1, 1), date(2007, 12, 31)),  # moved between
        ("Asia/Almaty", date(2024, 1, 1), date(2024, 12, 31)),  # changed once for good
        ("Asia/Jerusalem", date(2018, 1, 1), date(2019, 12, 31)),  # 4FR, then -1FR
        ("Africa/Monrovia", date(1971, 1, 1), date(1971, 12, 31)),  # UTC-00:44:30
        ("Europe/Berlin", date(1970, 12, 31), date(1971, 12, 31)),  # before every DTSTART
    ],
)
def test_what_cannot_be_written_is_refused(key: str, first: date, last: date) -> None:
    assert vtimezone_lines(ZoneInfo(key), first, last) is None


@pytest.mark.parametrize(
    ("key", "first", "last", "rules"),
    [
        ("America/Mexico_City", date(2022, 11, 1), date(2023, 12, 31), []),
        ("America/Mexico_City", date(2022, 6, 1), date(2023, 2, 1), ["4:1SU", "10:-1SU"]),
        ("America/New_York", date(2006, 11, 6), date(2007, 12, 31), ["3:2SU", "11:1SU"]),
        ("Asia/Almaty", date(2024, 3, 1), date(2024, 12, 31), []),
        ("Asia/Almaty", date(2023, 1, 1), date(2024, 2, 28), []),
        ("Asia/Amman", date(2021, 12, 1), date(2022, 2, 24), []),  # up to the midnight skipped
        ("Asia/Amman", date(2022, 2, 25), date(2023, 12, 31), []),  # and from it on
        ("Pacific/Apia", date(2021, 1, 1), date(2021, 6, 30), ["9:-1SU", "4:1SU"]),
        ("Pacific/Norfolk", date(2019, 7, 1), date(2019, 12, 31), ["10:1SU", "4:1SU"]),
        ("Asia/Jerusalem", date(2018, 1, 1), date(2018, 12, 31), ["3:4FR", "10:-1SU"]),
        ("Asia/Jerusalem", date(2019, 1, 1), date(2019, 12, 31), ["3:-1FR", "10:-1SU"]),
    ],
)
def test_a_change_outside_the_dates_is_no_hindrance(
    key: str, first: date, last: date, rules: list[str]
) -> None:
    lines = vtimezone_lines(ZoneInfo(key), first, last)
    assert lines is not None
    found = re.findall(r"BYMONTH=(\d+);BYDAY=(\S+)", "\n".join(lines))
    assert [":".join(pair) for pair in found] == rules
    assert not wrong(ZoneInfo(key), lines, first, last)


def test_a_course_of_decades_has_one_rule() -> None:
    zone, first, last = ZoneInfo("Europe/Paris"), date(2000, 1, 1), date(2025, 12, 31)
    lines = vtimezone_lines(zone, first, last)
    assert lines is not None
    assert not wrong(zone, lines, first, last)


def test_dates_in_the_wrong_order_are_an_error() -> None:
    with pytest.raises(ValueError, match="is before first"):
        vtimezone_lines(ZoneInfo("Europe/Berlin"), date(2025, 2, 1), date(2025, 1, 31))


@pytest.mark.parametrize(
    ("key", "wall", "expected"),
    [
        ("Europe/Berlin", datetime(2025, 3, 30, 1, 59), True),
        ("Europe/Berlin", datetime(2025, 3, 30, 2, 0), False),  # skipped
        ("Europe/Berlin", datetime(2025, 3, 30, 2, 59), False),
        ("Europe/Berlin", datetime(2025, 3, 30, 3, 0), True),
        ("Europe/Berlin", datetime(2025, 10, 26, 1, 59), True),
        ("Europe/Berlin", datetime(2025, 10, 26, 2, 0), False),  # twice
        ("Europe/Berlin", datetime(2025, 10, 26, 2, 59, fold=1), False),
        ("Europe/Berlin", datetime(2025, 10, 26, 3, 0), True),
        ("Australia/Lord_Howe", datetime(2025, 4, 6, 1, 29), True),
        ("Australia/Lord_Howe", datetime(2025, 4, 6, 1, 30), False),
        ("America/Nuuk", datetime(2025, 10, 25, 23, 30), False),
        ("Asia/Tokyo", datetime(2025, 3, 30, 2, 30), True),
    ],
)
def test_a_time_that_occurs_twice_or_never_is_known(
    key: str, wall: datetime, expected: bool
) -> None:
    assert is_unambiguous(wall, ZoneInfo(key)) is expected


def test_a_rule_that_a_zone_keeps_in_few_years_is_no_law_of_it() -> None:
    """Paraguay has given up its summer time: its last change recurs by chance alone."""
    zone = ZoneInfo("America/Asuncion")
    assert vtimezone_lines(zone, date(2024, 9, 10), date(2025, 3, 29)) is None


def test_among_rules_that_are_right_for_the_dates_the_one_kept_longest_is_written() -> None:
    """Israel's summer begins on the Friday before the last Sunday of March.

    In 2025 that is 28 March, the fourth Friday (so in most years) and the last.
    """
    found = vtimezone_lines(ZoneInfo("Asia/Jerusalem"), date(2025, 1, 8), date(2025, 1, 28))
    assert found is not None
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=4FR" in found
