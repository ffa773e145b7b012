"""Content lines of a calendar file (RFC 5545): texts escaped and folded, times and durations.

`icalendar` escapes the text, once for each distinct one; its folding, which splits escapes, is
not used (docs/decisions).
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from icalendar import vText

from dosecal.words.text import one_line

_FOLD: Final = 75  # octets of a line, its end not counted (RFC 5545 3.1)
_UNITS: Final = (("D", 86_400), ("H", 3_600), ("M", 60), ("S", 1))


def day_text(day: date) -> str:
    """Write a date: 20261201."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def wall_text(at: datetime) -> str:
    """Write a date and time of day as they stand: 20261201T090000."""
    return f"{day_text(at)}T{at.hour:02}{at.minute:02}{at.second:02}"


def utc_text(at: datetime) -> str:
    """Write an instant in UTC: 20261201T060000Z."""
    return f"{wall_text(at.astimezone(UTC))}Z"


def trigger(before: timedelta) -> str:
    """Write a time before the start in the largest unit that makes it a whole number."""
    seconds = before // timedelta(seconds=1)
    if seconds == 0:
        return "PT0S"
    unit, size = next(each for each in _UNITS if seconds % each[1] == 0)
    return f"-P{'' if unit == 'D' else 'T'}{seconds // size}{unit}"


@lru_cache(maxsize=4096)
def clean_line(text: str) -> str:
    """Return a text as one clean line without spaces around it."""
    return one_line(text).strip()


@lru_cache(maxsize=4096)
def text_line(name: str, value: str) -> bytes:
    """Return the content line of a clean text, escaped (RFC 5545 3.3.11) and folded.

    Backslashes are escaped here: `icalendar` 7.3.0 takes one before an N for a line break.
    """
    escaped = rb"\\".join(vText(part).to_ical() for part in value.split("\\"))
    return fold(name.encode() + b":" + escaped)


def fold(line: bytes) -> bytes:
    """Fold a line at 75 octets, never inside a character or an escape (RFC 5545 3.1)."""
    parts, start, room = [], 0, _FOLD
    while len(line) - start > room:
        cut = start + room
        while line[cut] & 0xC0 == 0x80:  # inside a UTF-8 character
            cut -= 1
        part = line[start:cut]
        if (len(part) - len(part.rstrip(b"\\"))) % 2:  # its last backslash begins an escape
            cut -= 1
        parts.append(line[start:cut])
        start, room = cut, _FOLD - 1  # the space that begins the next line counts
    parts.append(line[start:])
    return b"\r\n ".join(parts) + b"\r\n"
