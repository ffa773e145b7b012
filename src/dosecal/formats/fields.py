"""What people type for a date, a time, a zone or a reminder, in tables and options.

Whatever Excel made of it is refused by name.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any, Final

from dosecal.errors import QuantityError, RequestError
from dosecal.model.course import Avoid
from dosecal.model.dates import FIRST_YEAR, LAST_YEAR, in_other_calendars
from dosecal.model.hints import near_miss, nearest, suggested
from dosecal.model.languages import LANGUAGES, known_code
from dosecal.model.quantities import parse_weight
from dosecal.model.schedule import ALL_SITES

TITLES: Final = ("discreet", "medicine")
EVENING: Final = time(20)
"""What "evening before" means: this hour, by the patient's clock, on the day before."""
_EARLIEST: Final = timedelta(days=60)

_REMINDER: Final = '"1 day", "2 hours", "30 minutes", "evening before" or "none"'
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080}
_LENGTH: Final = re.compile(r"(\d{1,6}) *([a-z]+)", re.ASCII)
_ZONE: Final = "a zone is named by a place such as Europe/Moscow"
_NO_ZONES: Final = ("Factory", "localtime", "posixrules")
_ZONE_NAME: Final = r"[A-Za-z][\w+-]*(?:/[A-Za-z0-9][\w+-]*){0,2}"
_COPIES: Final = ("right/", "posix/")
"""Folders of copies that some systems have: `right/` counts leap seconds, and `posix/` is no name
of the database."""
_CENTRAL_EUROPE: Final = "Europe/Berlin, Europe/Paris or Europe/Madrid"
_EASTERN_EUROPE: Final = "Europe/Kyiv, Europe/Athens or Europe/Helsinki"
_PLACES: Final = {
    "AEST": "Australia/Sydney or Australia/Brisbane", "AEDT": "Australia/Sydney",
    "BST": "Europe/London",
    "CET": _CENTRAL_EUROPE, "CEST": _CENTRAL_EUROPE, "MET": _CENTRAL_EUROPE,
    "MEZ": _CENTRAL_EUROPE, "MESZ": _CENTRAL_EUROPE,
    "CDT": "America/Chicago", "CST": "America/Chicago or Asia/Shanghai",
    "EET": _EASTERN_EUROPE, "EEST": _EASTERN_EUROPE,
    "EDT": "America/New_York", "EST": "America/New_York or America/Panama",
    "HST": "Pacific/Honolulu", "IST": "Asia/Kolkata, Asia/Jerusalem or Europe/Dublin",
    "JST": "Asia/Tokyo", "MDT": "America/Denver", "MSK": "Europe/Moscow",
    "MST": "America/Denver or America/Phoenix",
    "PDT": "America/Los_Angeles", "PST": "America/Los_Angeles or Asia/Manila",
    "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon",
}  # fmt: skip
"""Abbreviations, and places where they hold: one can hold in several, and for half a year."""
_ABBREVIATION: Final = r"[A-Z]{1,5}"
_PLACE: Final = r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.+"
_NO_SUMMER_TIME: Final = ("EST", "MST", "HST")
"""Zones of the database that bear the abbreviation of a zone with summer time, and have none."""
_NEAR_A_PLACE: Final = 0.75
_DATE: Final = "YYYY-MM-DD; in Excel: Format Cells, Custom, yyyy-mm-dd"
_DAY_0_OF_EXCEL: Final = date(1899, 12, 30)


def shown(text: str) -> str:
    """Return a text as a message shows it: no invisible characters, cut short."""
    text = "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in text[:61])
    return text if len(text) <= 60 else f"{text[:57]}..."


def read_date(text: str, allowed: str = _DATE) -> date:
    """Read a date as YYYY-MM-DD; what Excel makes of one is refused with what it may have been.

    Args:
        text: What was written.
        allowed: What a message says would be right.

    Raises:
        QuantityError: It is none.
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            what = f"{text}: there is no such day"
            raise QuantityError(what, _length_of_month(text) or "YYYY-MM-DD") from error
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            hint = in_other_calendars(day.year)
            years = f"years {FIRST_YEAR} to {LAST_YEAR}"
            raise QuantityError(f"{text} is not allowed", years, hint)
        return day
    meant = sorted({each.isoformat() for each in _meant_days(text)})
    what = f'"{shown(text)}" is no date'
    if len(meant) > 1:
        what = f'"{shown(text)}" can be {" or ".join(meant)}'
    hint = f'did you mean "{meant[0]}"?' if len(meant) == 1 else ""
    raise QuantityError(what, allowed, hint)


def _length_of_month(text: str) -> str:
    """Return how long the month of a date as YYYY-MM-DD is, in words, or "" where there is none."""
    from calendar import month_name, monthrange  # only a mistake needs it

    year, month = int(text[:4]), int(text[5:7])
    if not year or not 1 <= month <= 12:
        return ""
    return f"{month_name[month]} {year} has {monthrange(year, month)[1]} days"


def _meant_days(text: str) -> Iterator[date]:
    """Yield the days that a date in another notation may mean."""
    if match := re.match(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)(?!\d)", text, re.ASCII):
        orders = [(int(match[1]), int(match[2]), int(match[3]))]
    elif match := re.match(r"(\d\d?)[-/.](\d\d?)[-/.](\d{4}|\d\d)(?!\d)", text, re.ASCII):
        one, two, three = (int(part) for part in match.groups())
        short = len(match[3]) == 2
        year = three + (2000 if short else 0)
        orders = [(year, one, two), (year, two, one)]
        if short and len(match[1]) == 2 and "." not in match[0]:  # 26-12-01 is 1 December, too
            orders.append((2000 + one, two, three))
    elif match := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text, re.ASCII):
        orders = [(int(match[1]), int(match[2]), int(match[3]))]
    elif match := re.fullmatch(r"(\d{4})-?W(\d\d)-?([1-7])", text, re.ASCII):
        with suppress(ValueError):
            yield date.fromisocalendar(int(match[1]), int(match[2]), int(match[3]))
        return
    elif re.fullmatch(r"[34567]\d{4}", text, re.ASCII):  # Excel counts days
        yield _DAY_0_OF_EXCEL + timedelta(days=int(text))
        return
    else:
        return
    for year, month, day in orders:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def read_clock(text: str) -> time:
    """Read a time of day as HH:MM, or as Excel writes it: 9:00, 09:00:00.

    Raises:
        QuantityError: It is none.
    """
    match = re.fullmatch(r"(\d\d?):(\d\d)(?::00)?", text, re.ASCII)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise QuantityError(f'"{shown(text)}" is no time of day', "HH:MM, 00:00 to 23:59")
    return time(int(match[1]), int(match[2]))


@lru_cache(maxsize=1024)
def read_zone(text: str) -> str:
    """Return the name of a time zone if the IANA database has it.

    Raises:
        QuantityError: There is none.
    """
    from zoneinfo import ZoneInfo

    try:
        if (
            text in _NO_ZONES
            or text.startswith(_COPIES)
            or not re.fullmatch(_ZONE_NAME, text, re.ASCII)
        ):
            raise ValueError(text)
        ZoneInfo(text)
    except (OSError, ValueError, KeyError) as error:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise QuantityError(f'no time zone "{shown}"', _ZONE, _places_meant(text)) from error
    return text


def remark(zone: str) -> str:
    """Return what a person who chose a zone may not know of it, or ""."""
    if zone not in _NO_SUMMER_TIME:
        return ""
    return f"{zone} has the same hour all year; {_PLACES[zone]} may be meant"


def _places_meant(text: str) -> str:
    """Return the places that may be meant, or ""."""
    if text.startswith(_COPIES):
        return suggested(text.partition("/")[2], read_zone)
    if places := _PLACES.get(text.upper()):
        return f"for example {places}"
    if re.fullmatch(_ABBREVIATION, text) or len(text) > 60:
        return ""
    from zoneinfo import available_timezones

    places_known = sorted(name for name in available_timezones() if re.fullmatch(_PLACE, name))
    cities = {name.rpartition("/")[2]: name for name in places_known}
    place = text.strip().replace(" ", "_")
    near = nearest(place, places_known, _NEAR_A_PLACE) or cities.get(
        nearest(place, cities, _NEAR_A_PLACE), ""
    )
    return f'did you mean "{near}"?' if near else ""


def read_flag(text: str) -> bool:
    """Read yes or no.

    Raises:
        QuantityError: It is neither.
    """
    if text.casefold() in ("yes", "true", "1"):
        return True
    if text.casefold() in ("no", "false", "0"):
        return False
    raise QuantityError(f'"{shown(text)}" is not clear', "yes or no")


def read_sites(text: str) -> tuple[Avoid, ...]:
    """Read sites separated by commas, semicolons or spaces: "left-thigh right-thigh".

    Raises:
        QuantityError: One is unknown.
    """
    sites = tuple(dict.fromkeys(site for site in re.split(r"[,;|\s]+", text) if site))
    for site in sites:
        if site not in ALL_SITES:
            known = f"sites, separated by spaces, of: {', '.join(ALL_SITES)}"
            raise QuantityError(f'no site "{shown(site)}"', known, near_miss(site, ALL_SITES))
    return tuple(Avoid(site) for site in sites)


def read_title(text: str) -> str:
    """Read what the event titles are to show.

    Raises:
        QuantityError: It is no known choice.
    """
    if text not in TITLES:
        raise QuantityError(
            f'unknown title "{shown(text)}"', f"one of: {', '.join(TITLES)}",
            near_miss(text, TITLES),
        )  # fmt: skip
    return text


def read_language(text: str) -> str:
    """Read a language code.

    Raises:
        QuantityError: It is none.
    """
    try:
        return known_code(text)
    except RequestError:
        known = ", ".join(LANGUAGES)
        hint = near_miss(text, LANGUAGES)
        raise QuantityError(f'no language "{shown(text)}"', f"one of {known}", hint) from None


def parse_reminder(text: str) -> timedelta | time:
    """Read one reminder: how long before the start, or an hour of the day before.

    >>> parse_reminder("2 hours")
    datetime.timedelta(seconds=7200)

    Raises:
        QuantityError: It is neither.
    """
    words = " ".join(text.lower().split()).removesuffix(" before")
    if words == "evening":
        return EVENING
    match = _LENGTH.fullmatch(words)
    if match is None:
        raise QuantityError(f'"{text}" is no reminder', _REMINDER)
    unit = match[2] if match[2] in _MINUTES else match[2].removesuffix("s")
    if unit not in _MINUTES:
        hint = near_miss(match[2], [*_MINUTES, *(f"{each}s" for each in _MINUTES)])
        raise QuantityError(f'"{text}" is no reminder: no unit "{match[2]}"', _REMINDER, hint)
    before = timedelta(minutes=int(match[1]) * _MINUTES[unit])
    if before > _EARLIEST:
        raise QuantityError(f'"{text}" is too early', f"at most {_EARLIEST.days} days")
    return before


def parse_reminders(texts: Iterable[str]) -> tuple[timedelta | time, ...] | None:
    """Read all reminders of an event, in their order; None where none is asked for.

    Raises:
        QuantityError: One is none, or "none" stands beside another.
    """
    given = tuple(texts)
    if not given:
        return None
    if any(" ".join(text.lower().split()) == "none" for text in given):
        if len(given) > 1:
            raise QuantityError('"none" stands beside another reminder', "one or the other")
        return ()
    return tuple(dict.fromkeys(map(parse_reminder, given)))


READERS: Final[dict[str, Callable[[str], Any]]] = {
    "start": read_date,
    "time": read_clock,
    "timezone": read_zone,
    "weight_kg": parse_weight,
    "caregiver": read_flag,
    "language": read_language,
    "avoid": read_sites,
    "title": read_title,
}
"""How the columns with a form of their own are read; each raises `QuantityError`."""
