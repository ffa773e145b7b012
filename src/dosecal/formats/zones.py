"""Time zones by name: those of the IANA database, and places alone are suggested."""

import re
from functools import lru_cache
from typing import Final

from dosecal.errors import QuantityError
from dosecal.model.hints import nearest, suggested

ALLOWED: Final = "a zone is named by a place such as Europe/Moscow"
_NO_ZONES: Final = ("Factory", "localtime", "posixrules")
_NAME: Final = r"[A-Za-z][\w+-]*(?:/[A-Za-z0-9][\w+-]*){0,2}"
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
_NEAR: Final = 0.75


@lru_cache(maxsize=1024)
def read_zone(text: str) -> str:
    """Return the name of a time zone if the IANA database has it.

    Raises:
        QuantityError: There is none.
    """
    from zoneinfo import ZoneInfo

    try:
        if text in _NO_ZONES or text.startswith(_COPIES) or not re.fullmatch(_NAME, text, re.ASCII):
            raise ValueError(text)
        ZoneInfo(text)
    except (OSError, ValueError, KeyError) as error:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        raise QuantityError(f'no time zone "{shown}"', ALLOWED, _hint(text)) from error
    return text


def remark(zone: str) -> str:
    """Return what a person who chose a zone may not know of it, or ""."""
    if zone not in _NO_SUMMER_TIME:
        return ""
    return f"{zone} has the same hour all year; {_PLACES[zone]} may be meant"


def _hint(text: str) -> str:
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
    near = nearest(place, places_known, _NEAR) or cities.get(nearest(place, cities, _NEAR), "")
    return f'did you mean "{near}"?' if near else ""
