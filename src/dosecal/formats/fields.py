"""What people type for a date, a time or a weight, in cells of a patients file and in options.

Whatever Excel made of it is refused by name.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final

from dosecal.errors import QuantityError, RequestError
from dosecal.formats.zones import read_zone
from dosecal.model.course import Avoid
from dosecal.model.dates import FIRST_YEAR, LAST_YEAR
from dosecal.model.hints import near_miss
from dosecal.model.languages import LANGUAGES, known_code
from dosecal.model.quantities import check_weight
from dosecal.model.schedule import ALL_SITES

TITLES: Final = ("discreet", "medicine")
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
            raise QuantityError(f"{text} is not allowed", f"years {FIRST_YEAR} to {LAST_YEAR}")
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
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        orders = [(year, int(match[1]), int(match[2])), (year, int(match[2]), int(match[1]))]
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


def read_weight(text: str) -> Decimal:
    """Read a body weight in kg.

    Raises:
        QuantityError: It is none.
    """
    if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text, re.ASCII):
        point = text.replace(",", ".")
        hint = f'did you mean "{point}"?' if re.fullmatch(r"\d{1,3}\.\d{1,3}", point) else ""
        raise QuantityError(f'"{shown(text)}" is no weight in kg', "a number: 72.5", hint)
    try:
        return check_weight(Decimal(text))
    except RequestError as error:
        raise QuantityError(str(error), "") from error


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


READERS: Final[dict[str, Callable[[str], Any]]] = {
    "start": read_date,
    "time": read_clock,
    "timezone": read_zone,
    "weight_kg": read_weight,
    "caregiver": read_flag,
    "language": read_language,
    "avoid": read_sites,
    "title": read_title,
}
"""How the columns with a form of their own are read; each raises `QuantityError`."""
