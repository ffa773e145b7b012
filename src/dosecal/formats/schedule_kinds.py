"""What the texts and lists of a schedule file may be: as the reader takes them, and for editors."""

import itertools
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from dosecal.errors import QuantityError
from dosecal.formats.keys import MAX_SHOWN, Kind, described, list_kind, parsed_kind, text_kind
from dosecal.model.dates import (
    MAX_DAYS,
    MAX_MONTHS,
    ONE_BOUND,
    TIME_UNITS,
    parse_interval,
    parse_interval_range,
    unit_in_full,
)
from dosecal.model.hints import Slip, slip_hint
from dosecal.model.quantities import UNITS, parse_amount, parse_number_range, parse_weight_range
from dosecal.model.schedule import WarmUp

LONGEST: Final = {"days": MAX_DAYS, "weeks": MAX_DAYS // 7, "months": MAX_MONTHS}

# What editors check as one types; the parsers are stricter and say more.
_SIGN: Final = "(?:<=|>=|<|>)"
_NUMBER: Final = r"\d{1,9}(?:\.\d{1,9})?"
_ABOVE_0: Final = r"(?:0*[1-9]\d*(?:\.\d+)?|0+\.\d*[1-9]\d*)"
_TIME_UNIT: Final = f"(?:{'|'.join(TIME_UNITS)})"
_AMOUNT: Final = rf"{_ABOVE_0}\s+(?:{'|'.join(UNITS)})(?:/kg)?"
_INTERVAL: Final = rf"0*[1-9]\d*\s+{_TIME_UNIT}s?"
_INTERVAL_OR_0: Final = rf"\d+\s+{_TIME_UNIT}s?"
_BOUND: Final = rf"{_SIGN}\s*{_INTERVAL_OR_0}"
_WEIGHT: Final = rf"{_SIGN}\s*{_NUMBER}\s+kg"


_PLACE_SLIPS: Final[tuple[Slip, ...]] = (
    (r"d(?:ay)?(?:-|\s*)\d+", 'days count from 0: a label\'s Day 8 is "day 7"'),
    (r"(\d+)(?:-|\s*)([a-z]+)", lambda found: f"{unit_in_full(found[2])} {found[1]}"),
    (r"([a-z]+)(?:-|\s*)(\d+)", lambda found: f"{unit_in_full(found[1])} {found[2]}"),
    (r"[a-z]+\s+\d+\.\d+", "count in days instead"),
)


def _interval_or_zero(text: str) -> Any:
    return parse_interval(text, zero=True)


def _parse_place(text: str) -> Any:
    """Read "week 6", "day 42", "month 3" as the time from start."""
    allowed = 'an offset from start: "week 6", "day 42", "month 3" or "year 1"'
    match = re.fullmatch(r"(day|week|month|year)\s+(\d{1,7})", text, re.ASCII)
    if match is None:
        hint = slip_hint(text, _PLACE_SLIPS, _parse_place)
        raise QuantityError(f'"{text}" is no offset', allowed, hint)
    return parse_interval(f"{int(match[2])} {match[1]}s", zero=True)


_EITHER_WAY: Final[tuple[Slip, ...]] = ((r"(?:±|\+/?-)\s*(\d+\s+[a-z]+)", lambda found: found[1]),)


def _parse_window(text: str) -> Any:
    try:
        return parse_interval(text)
    except QuantityError as error:
        hint = slip_hint(text, _EITHER_WAY, parse_interval) or error.hint
        raise QuantityError(error.what, error.allowed, hint) from error


_WARM_UP_SLIPS: Final[tuple[Slip, ...]] = (
    (r"(\d{1,2})\s*(?:h|hours?)", lambda found: f"{60 * int(found[1])} minutes"),
    (r"(\d+)\s*m(?:in|ins|inutes?)?", lambda found: f"{found[1]} minutes"),
    (
        r"(\d+)\s*(?:-|–|to)\s*(\d+)\s*m(?:in|ins|inutes?)?",
        lambda found: f"{found[1]} to {found[2]} minutes",
    ),
)


def _parse_warm_up(text: str) -> WarmUp:
    allowed = '"30 minutes", "15 to 30 minutes" or "none"'
    if text == "none":
        return WarmUp(0, 0)
    match = re.fullmatch(r"(\d{1,4})(?:\s+to\s+(\d{1,4}))?\s+minutes?", text, re.ASCII)
    if match is None or int(match[1]) == 0 or int(match[2] or match[1]) < int(match[1]):
        hint = slip_hint(text, _WARM_UP_SLIPS, _parse_warm_up)
        raise QuantityError(f'"{text}" is no time out of the fridge', allowed, hint)
    return WarmUp(int(match[1]), int(match[2] or match[1]))


def _parse_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"]+", text):
        raise QuantityError(f'"{text}" is no address', "an address that begins with https://")
    return text


def _parse_band_dose(text: str) -> Any:
    if text == "ask":
        return None
    try:
        return parse_amount(text)
    except QuantityError as error:
        allowed = f'{error.allowed}; "ask" where the source states none for these weights'
        raise QuantityError(error.what, allowed, error.hint) from error


def _as_offsets(value: object, read: Callable[[object], object]) -> str:
    """Return `did you mean [...]?` for whole numbers that stand without brackets, or ""."""
    text = f"{value}" if type(value) in (int, str) else ""
    if len(text) > MAX_SHOWN or not re.fullmatch(
        r"\s*\[?\s*-?\d{1,9}(?:\s*,\s*-?\d{1,9})*\s*\]?\s*", text, re.ASCII
    ):
        return ""
    numbers = [int(each) for each in re.findall(r"-?\d+", text)]
    try:
        read(numbers)
    except QuantityError:
        return ""
    return f"did you mean {numbers}?"


def offsets_kind(unit: str, *, before_start: bool = False, origin: str = "the start") -> Kind:
    """Return the kind of offsets from `origin`, in order; negative ones only `before_start`."""
    most = LONGEST[unit]
    low = -most if before_start else 0
    words = f"list of whole numbers of {unit} from {origin}, in order"
    allowed = f"whole {unit}, counted from 0 at {origin}, each later than the one before: [0, 1, 2]"
    if before_start:
        allowed = f"whole {unit} from {origin}, negative before it, in order: [-4, 12]"

    def read(value: object) -> tuple[int, ...]:
        if not isinstance(value, list):
            hint = _as_offsets(value, read)
            raise QuantityError(f"{described(value)} is no list of offsets", allowed, hint)
        if not value:
            raise QuantityError("the list is empty", allowed)
        for each in value:
            if isinstance(each, Decimal):
                hint = "count in days instead" if unit != "days" else ""
                raise QuantityError(f"{described(each)} is not whole", allowed, hint)
            if isinstance(each, bool) or not isinstance(each, int):
                number = isinstance(each, str) and re.fullmatch(r"-?\d+", each, re.ASCII)
                hint = "write it without quotes" if number else ""
                raise QuantityError(f"{described(each)} is no whole number", allowed, hint)
            if abs(each) > most:
                shown = f"{described(each)} {unit}"
                raise QuantityError(f"{shown} is beyond 100 years", f"at most {most}")
            if each < low:
                raise QuantityError(f"{each} lies before {origin}", allowed)
        for past, each in itertools.pairwise(value):
            if past == each:
                raise QuantityError(f"{each} stands twice", allowed)
            if each < past:
                raise QuantityError(f"{each} stands after {past}", allowed)
        return tuple(value)

    schema = {
        "type": "array",
        "items": {"type": "integer", "minimum": low, "maximum": most},
        "minItems": 1,
        "uniqueItems": True,
    }
    return Kind(words, schema, read)


TEXT: Final = text_kind()
SOURCE: Final = list_kind(text_kind("source id"), single=True)
DOSE: Final = parsed_kind('dose such as "120 mg" or "3 mg/kg"', parse_amount, _AMOUNT)
BAND_DOSE: Final = parsed_kind(
    'dose such as "45 mg" or "3 mg/kg", or "ask"', _parse_band_dose, rf"{_AMOUNT}|ask"
)
WEIGHT_BAND: Final = parsed_kind(
    'bounds in kg such as "> 55 kg, <= 85 kg"',
    parse_weight_range,
    rf"{_WEIGHT}(?:\s*,\s*{_WEIGHT})?",
)
INTERVAL: Final = parsed_kind('interval such as "4 weeks"', parse_interval, _INTERVAL)
INTERVAL_OR_0: Final = parsed_kind('interval such as "3 days"', _interval_or_zero, _INTERVAL_OR_0)
WINDOW_LENGTH: Final = parsed_kind('interval such as "3 days"', _parse_window, _INTERVAL)
PLACE: Final = parsed_kind(
    'offset such as "week 6" or "day 42"', _parse_place, rf"{_TIME_UNIT}\s+\d{{1,7}}"
)
BOUND: Final = parsed_kind(
    'bound such as "<= 7 days"',
    parse_interval_range,
    _BOUND,
    if_list=ONE_BOUND,
)
NUMBERS: Final = parsed_kind(
    'dose numbers such as "2-3" or ">= 4"',
    parse_number_range,
    rf"\d{{1,5}}(?:\s*-\s*\d{{1,5}})?|{_SIGN}\s*\d{{1,5}}",
)
WARM_UP: Final = parsed_kind(
    'minutes such as "15 to 30 minutes", or "none"',
    _parse_warm_up,
    r"none|\d{1,4}(?:\s+to\s+\d{1,4})?\s+minutes?",
)
URL: Final = parsed_kind("address", _parse_url, r'https?://[^\s<>"]+')
