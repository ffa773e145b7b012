"""Reminders as a person writes them: "1 day", "2 hours", "evening before", "none"."""

import re
from collections.abc import Iterable
from datetime import time, timedelta
from typing import Final

from dosecal.errors import QuantityError
from dosecal.model.hints import near_miss

EVENING: Final = time(20)
"""What "evening before" means: this hour, by the patient's clock, on the day before."""
LONGEST: Final = timedelta(days=60)

ALLOWED: Final = '"1 day", "2 hours", "30 minutes", "evening before" or "none"'
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080}
_LENGTH: Final = re.compile(r"(\d{1,6}) *([a-z]+)", re.ASCII)


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
        raise QuantityError(f'"{text}" is no reminder', ALLOWED)
    unit = match[2] if match[2] in _MINUTES else match[2].removesuffix("s")
    if unit not in _MINUTES:
        hint = near_miss(match[2], [*_MINUTES, *(f"{each}s" for each in _MINUTES)])
        raise QuantityError(f'"{text}" is no reminder: no unit "{match[2]}"', ALLOWED, hint)
    before = timedelta(minutes=int(match[1]) * _MINUTES[unit])
    if before > LONGEST:
        raise QuantityError(f'"{text}" is too early', f"at most {LONGEST.days} days")
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
