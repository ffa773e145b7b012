"""What the texts and lists of a schedule file may be: as the reader takes them, and for editors."""

import itertools
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from dosecal.errors import MAX_SHOWN, QuantityError, described
from dosecal.formats.keys import (
    Kind,
    Schema,
    integer_kind,
    list_kind,
    parsed_kind,
    text_kind,
)
from dosecal.model.dates import (
    MAX_DAYS,
    MAX_MONTHS,
    TIME_UNITS,
    TWO_ENDS,
    parse_interval,
    parse_interval_ranges,
    unit_in_full,
)
from dosecal.model.hints import Slip, slip_hint
from dosecal.model.quantities import (
    UNITS,
    Amount,
    parse_amount,
    parse_number_range,
    parse_weight_range,
)
from dosecal.model.schedule import MOST_INJECTIONS, WarmUp

AS_PRESCRIBED: Final = "as prescribed"
"""The dose of a phase whose source leaves it wholly to the prescriber."""
LONGEST: Final = {"days": MAX_DAYS, "weeks": MAX_DAYS // 7, "months": MAX_MONTHS}

# What editors check as one types; the parsers are stricter and say more.
_SIGN: Final = "(?:<=|>=|<|>)"
_NUMBER: Final = r"\d{1,9}(?:\.\d{1,9})?"
_ABOVE_0: Final = r"(?:0*[1-9]\d*(?:\.\d+)?|0+\.\d*[1-9]\d*)"
_TIME_UNIT: Final = f"(?:{'|'.join(TIME_UNITS)})"
_AMOUNT: Final = rf"{_ABOVE_0}\s+(?:{'|'.join(UNITS)})(?:/(?:kg|m2))?"
_WHOLE_AMOUNT: Final = rf"{_ABOVE_0}\s+(?:{'|'.join(UNITS)})"
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


def _parse_whole_amount(text: str) -> Amount:
    """Read an amount that is none per kg or m2."""
    amount = parse_amount(text)
    if amount.per:
        raise QuantityError(f'"{text}" is per {amount.per}', 'a whole amount: "120 mg"')
    return amount


def _parse_dose(text: str) -> Any:
    """Read a dose, or the words that leave it to the prescriber."""
    if text == AS_PRESCRIBED:
        return text
    try:
        return parse_amount(text)
    except QuantityError as error:
        hint = _as_range(text, parse_amount) or error.hint
        raise QuantityError(error.what, error.allowed, hint) from error


def _parse_every(text: str) -> Any:
    """Read a spacing; of a range, how it is written."""
    try:
        return parse_interval(text)
    except QuantityError as error:
        hint = _as_range(text, parse_interval) or error.hint
        raise QuantityError(error.what, error.allowed, hint) from error


def _as_range(text: str, parse: Callable[[str], object]) -> str:
    """Return `did you mean { from = "...", to = "..." }?` for a range in words, or ""."""
    match = re.fullmatch(
        r"(?:every\s+)?([\d.]+)\s*(?:-|–|to|or)\s*([\d.]+)\s+(\S+)", text, re.ASCII
    )
    ends = (f"{match[1]} {match[3]}", f"{match[2]} {match[3]}") if match else ()
    try:
        for end in ends:
            parse(end)
    except QuantityError:
        return ""
    return f'did you mean {{ from = "{ends[0]}", to = "{ends[1]}" }}?' if ends else ""


def _parse_strength(text: str) -> Amount:
    """Read "150 mg/mL" as the amount in a mL."""
    allowed = 'an amount in a mL: "150 mg/mL"'
    if not text.endswith("/mL"):
        raise QuantityError(f'"{text}" is no strength', allowed)
    amount = _parse_whole_amount(text.removesuffix("/mL"))
    if amount.unit == "mL":
        raise QuantityError(f'"{text}" is no strength', allowed)
    return amount


def _parse_volume(text: str) -> Decimal:
    """Read "2 mL" as a number of mL."""
    amount = _parse_whole_amount(text)
    if amount.unit != "mL":
        raise QuantityError(f'"{text}" is no volume', 'a volume: "2 mL"')
    return amount.value


def _parse_after(text: str) -> Any:
    """Read the time after the phase before; "every" is one interval of the phase itself."""
    return text if text == "every" else parse_interval(text)


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


OffsetRange = tuple[int, int]
"""An offset that the prescriber chooses: the least and the most, both inclusive."""


def offsets_kind(
    unit: str, *, before_start: bool = False, origin: str = "the start", ranges: bool = False
) -> Kind:
    """Return the kind of offsets from `origin`, in order.

    Args:
        unit: Of all of them, in the plural.
        before_start: Whether they may be negative.
        origin: What they count from.
        ranges: Whether one may be a range to choose from, `{ from = 4, to = 8 }`.
    """
    most = LONGEST[unit]
    low = -most if before_start else 0
    words = f"list of whole numbers of {unit} from {origin}, in order"
    allowed = f"whole {unit}, counted from 0 at {origin}, each later than the one before: [0, 1, 2]"
    if before_start:
        allowed = f"whole {unit} from {origin}, negative before it, in order: [-4, 12]"

    def whole(each: object) -> int:
        number = _whole(each, unit, allowed)
        if number < low:
            raise QuantityError(f"{number} lies before {origin}", allowed)
        return number

    def offset(each: object) -> int | OffsetRange:
        if not (ranges and isinstance(each, dict)):
            return whole(each)
        if set(each) != {"from", "to"}:
            raise QuantityError("a table that is no range", "{ from = 4, to = 8 }")
        first, last = whole(each["from"]), whole(each["to"])
        if first >= last:
            raise QuantityError(f"from {first} to {last} is no range", "from below to")
        return first, last

    def read(value: object) -> tuple[int | OffsetRange, ...]:
        if not isinstance(value, list):
            hint = _as_offsets(value, read)
            raise QuantityError(f"{described(value)} is no list of offsets", allowed, hint)
        if not value:
            raise QuantityError("the list is empty", allowed)
        offsets = tuple(offset(each) for each in value)
        for past, each in itertools.pairwise(offsets):
            _refuse_unless_later(past, each, allowed)
        return offsets

    number: Schema = {"type": "integer", "minimum": low, "maximum": most}
    item: Schema = number
    if ranges:
        item = {"anyOf": [number, range_schema(number)]}
        words = f"{words}; an offset to choose is {{ from, to }}"
    schema = {"type": "array", "items": item, "minItems": 1, "uniqueItems": True}
    return Kind(words, schema, read)


def _whole(each: object, unit: str, allowed: str) -> int:
    """Return a whole number of a unit, at most 100 years of them either way."""
    if isinstance(each, Decimal):
        hint = "count in days instead" if unit != "days" else ""
        raise QuantityError(f"{described(each)} is not whole", allowed, hint)
    if isinstance(each, bool) or not isinstance(each, int):
        number = isinstance(each, str) and re.fullmatch(r"-?\d+", each, re.ASCII)
        hint = "write it without quotes" if number else ""
        raise QuantityError(f"{described(each)} is no whole number", allowed, hint)
    if abs(each) > (most := LONGEST[unit]):
        raise QuantityError(f"{described(each)} {unit} is beyond 100 years", f"at most {most}")
    return each


def _refuse_unless_later(past: int | OffsetRange, each: int | OffsetRange, allowed: str) -> None:
    """Refuse an offset that does not come after the one before it, whatever is chosen of them."""
    last = past[1] if isinstance(past, tuple) else past
    first = each[0] if isinstance(each, tuple) else each
    if last >= first and (isinstance(past, tuple) or isinstance(each, tuple)):
        what = f"{first} does not come after {last}, the most of what there is to choose"
        raise QuantityError(what, "each later than the one before, whatever is chosen")
    if last == first:
        raise QuantityError(f"{first} stands twice", allowed)
    if first < last:
        raise QuantityError(f"{first} stands after {last}", allowed)


def range_schema(end: Schema) -> Schema:
    """Return the JSON Schema of a table of from and to."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"from": end, "to": end},
        "required": ["from", "to"],
    }


def needles_kind() -> Kind:
    """Return the kind of injections: how many, or what each holds where they are unequal."""
    count = integer_kind(1, MOST_INJECTIONS)
    each_holds = parsed_kind('amount such as "100 mg"', _parse_whole_amount, _WHOLE_AMOUNT)

    def read(value: object) -> int | tuple[Amount, ...]:
        if not isinstance(value, list):
            number: int = count.read(value)
            return number
        if not 2 <= len(value) <= MOST_INJECTIONS:
            allowed = f"from 2 to {MOST_INJECTIONS} amounts, one for each injection"
            raise QuantityError(f"a list of {len(value)}", allowed)
        amounts = tuple(each_holds.read(each) for each in value)
        if len(set(amounts)) == 1:
            raise QuantityError("all of them are equal", f"injections = {len(amounts)}")
        if len({each.unit for each in amounts}) > 1:
            raise QuantityError("the units differ", "one unit in all of them")
        return amounts

    several: Schema = {
        "type": "array", "items": each_holds.schema, "minItems": 2, "maxItems": MOST_INJECTIONS,
    }  # fmt: skip
    words = f"{count.words}, or a list of amounts, one for each injection"
    return Kind(words, {"anyOf": [count.schema, several]}, read)


def _pair_kind() -> Kind:
    """Return the kind of two numbers of doses, the earlier first."""
    number = integer_kind(1, MAX_DAYS)

    def read(value: object) -> tuple[int, int]:
        if not isinstance(value, list) or len(value) != 2:
            raise QuantityError(f"{described(value)} is no pair of doses", "two numbers: [1, 3]")
        first, second = (number.read(each) for each in value)
        if first >= second:
            raise QuantityError(f"{first} does not come before {second}", "the earlier dose first")
        return first, second

    schema: Schema = {"type": "array", "items": number.schema, "minItems": 2, "maxItems": 2}
    return Kind("list of two numbers of doses, counted from 1", schema, read)


TEXT: Final = text_kind()
SOURCE: Final = list_kind(text_kind("source id"), single=True)
AMOUNT: Final = parsed_kind('dose such as "120 mg" or "3 mg/kg"', parse_amount, _AMOUNT)
DOSE: Final = parsed_kind(
    f'dose such as "120 mg", "3 mg/kg" or "75 mg/m2", or "{AS_PRESCRIBED}"',
    _parse_dose,
    rf"{_AMOUNT}|{AS_PRESCRIBED}",
)
WHOLE_AMOUNT: Final = parsed_kind('amount such as "10 mg"', _parse_whole_amount, _WHOLE_AMOUNT)
STRENGTH: Final = parsed_kind(
    'amount in a mL such as "150 mg/mL"',
    _parse_strength,
    rf"{_ABOVE_0}\s+(?:{'|'.join(unit for unit in UNITS if unit != 'mL')})/mL",
)
VOLUME: Final = parsed_kind('volume such as "2 mL"', _parse_volume, rf"{_ABOVE_0}\s+mL")
NEEDLES: Final = needles_kind()
BAND_DOSE: Final = parsed_kind(
    'dose such as "45 mg" or "3 mg/kg", or "ask"', _parse_band_dose, rf"{_AMOUNT}|ask"
)
WEIGHT_BAND: Final = parsed_kind(
    'bounds in kg such as "> 55 kg, <= 85 kg"',
    parse_weight_range,
    rf"{_WEIGHT}(?:\s*,\s*{_WEIGHT})?",
)
INTERVAL: Final = parsed_kind('interval such as "4 weeks"', parse_interval, _INTERVAL)
EVERY: Final = parsed_kind('interval such as "4 weeks"', _parse_every, _INTERVAL)
INTERVAL_OR_0: Final = parsed_kind('interval such as "3 days"', _interval_or_zero, _INTERVAL_OR_0)
AFTER: Final = parsed_kind(
    'interval such as "4 weeks", or "every"', _parse_after, rf"{_INTERVAL}|every"
)
WINDOW_LENGTH: Final = parsed_kind('interval such as "3 days"', _parse_window, _INTERVAL)
PLACE: Final = parsed_kind(
    'offset such as "week 6" or "day 42"', _parse_place, rf"{_TIME_UNIT}\s+\d{{1,7}}"
)
BOUND: Final = parsed_kind(
    'bound such as "<= 7 days"',
    parse_interval_ranges,
    rf"{_BOUND}(?:\s*,\s*{_BOUND})?",
    if_list=TWO_ENDS,
)
NUMBERS: Final = parsed_kind(
    'dose numbers such as "2-3" or ">= 4"',
    parse_number_range,
    rf"\d{{1,5}}(?:\s*-\s*\d{{1,5}})?|{_SIGN}\s*\d{{1,5}}",
)
ROW: Final = parsed_kind(
    'number of doses such as ">= 2"',
    parse_number_range,
    rf"\d{{1,5}}(?:\s*-\s*\d{{1,5}})?|{_SIGN}\s*\d{{1,5}}",
)
DOSE_PAIR: Final = _pair_kind()
RELOAD_DAYS: Final = offsets_kind("days", origin="the day it begins")
WARM_UP: Final = parsed_kind(
    'minutes such as "15 to 30 minutes", or "none"',
    _parse_warm_up,
    r"none|\d{1,4}(?:\s+to\s+\d{1,4})?\s+minutes?",
)
URL: Final = parsed_kind("address", _parse_url, r'https?://[^\s<>"]+')
