"""Amounts of medicine, body weights and the bounds that select by them: exact decimals.

A dose is never rounded and a unit is never converted: "120 mg" stays 120 mg.
"""

import itertools
import operator
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from dosecal.errors import QuantityError, RequestError
from dosecal.model.hints import SIGN_SLIPS, Slip, bounded, near_miss, slip_hint
from dosecal.model.values import value

UNITS: Final = ("mg", "mcg", "g", "IU", "units", "mL")
MIN_WEIGHT_KG: Final = Decimal("0.2")
"""The smallest body weight taken, inclusive: below the lightest newborn on record, so a slip."""
MAX_WEIGHT_KG: Final = Decimal(650)
"""The largest weight taken, inclusive: above the heaviest person on record, so a slip of a key."""
MIN_SURFACE_M2: Final = Decimal("0.1")
"""The smallest body surface taken, inclusive: a newborn has some 0.2 m2."""
MAX_SURFACE_M2: Final = Decimal(4)
"""The largest body surface taken, inclusive: 300 kg at 1.9 m are some 4 m2 (Mosteller)."""

_NUMBER: Final = r"(?:0|[1-9]\d{0,8})(?:\.\d{1,9})?"
_WITH_COMMA: Final = r"\d{1,3}\.\d{1,3}"
_LONGEST_SIZE: Final = 60
_AMOUNT: Final = rf"({_NUMBER})\s+(\S+)"
_WEIGHT_BOUND: Final = rf"(<=|>=|<|>)\s*({_NUMBER})\s+(\S+)"
_SPELLINGS: Final = {
    "µg": "mcg", "μg": "mcg", "ug": "mcg", "microgram": "mcg", "micrograms": "mcg",
    "milligram": "mg", "milligrams": "mg", "gram": "g", "grams": "g", "gr": "g",
    "iu": "IU", "i.u.": "IU", "ie": "IU", "unit": "units", "u": "units",
    "ml": "mL", "millilitre": "mL", "milliliter": "mL", "cc": "mL",
}  # fmt: skip

PER: Final[dict[str, Literal["", "kg", "m2"]]] = {"": "", "kg": "kg", "m2": "m2"}
"""What a dose may be multiplied by: nothing, each kg of body weight, each m2 of body surface."""
_KNOWN_UNITS: Final = (*UNITS, *(f"{name}/{per}" for name in UNITS for per in ("kg", "m2")))

_COMPARE: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def plain(number: Decimal) -> str:
    """Write a decimal without exponent or trailing zeros: 0.50 is "0.5", 1E+2 is "100".

    Source: ISMP, List of Error-Prone Abbreviations: no trailing zero, always a leading zero.
    """
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _spelled(unit: str) -> str:
    """Return a unit as it is written here: "µg/kg" is "mcg/kg"; others stay."""
    base, slash, per = unit.partition("/")
    known = {name.lower(): name for name in UNITS} | _SPELLINGS
    return f"{known.get(base.lower(), base)}{slash}{per}"


_SLIPS: Final[tuple[Slip, ...]] = (
    (r"0+(\d.*)", lambda found: found[1]),
    (rf"({_NUMBER})([^\s\d.,].*)", lambda found: f"{found[1]} {_spelled(found[2])}"),
    (
        r"(\d{1,3}(?:[ _'\u00a0\u202f]\d{3})+|\d{1,3}(?:[.,]\d{3}){2,})\s+(\S+)",
        lambda found: f"{re.sub('[^0-9]', '', found[1])} {found[2]}",
    ),
    (r"\d[\d.]*e[+-]?\d.*", "write the number without an exponent"),
    (
        rf"{_NUMBER}\s*(?:-|–|to)\s*\d.*",
        "a range leaves the dose to the prescriber",
    ),
    (r"\d+,\d.*", "write the number with a decimal point and without thousands separators"),
    (r"\S+\s+\S+\s.*(?:day|dai|week|month).*", "how often stands in every, weeks, days or months"),
)
_BAND_SLIPS: Final[tuple[Slip, ...]] = (
    (r"[<>=\d\s.,]+", lambda found: re.sub(r"\d(?=\s*(?:,|$))", r"\g<0> kg", found[0])),
    *SIGN_SLIPS,
)


@value
class Amount(NamedTuple):
    """An amount of medicine, above 0.

    Attributes:
        value: How much of `unit`, exactly.
        unit: One of `UNITS`.
        per: "" for a whole dose; "kg" for each kg of body weight, "m2" for each square metre of
            body surface.
    """

    value: Decimal
    unit: str
    per: Literal["", "kg", "m2"] = ""

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}{'/' + self.per if self.per else ''}"

    def times(self, size: Decimal) -> "Amount":
        """Return the amount for one person, exactly: 3 mg/kg at 72.5 kg is 217.5 mg.

        Args:
            size: The body weight in kg, or the body surface in m2, as `per` says.
        """
        return Amount(self.value * size, self.unit)


def parse_amount(text: str) -> Amount:
    """Read "120 mg", "3 mg/kg" or "75 mg/m2".

    Raises:
        QuantityError: It is not a number above 0, a space and a known unit.
    """
    allowed = (
        f'a number, a space and a unit: "120 mg", "3 mg/kg", "75 mg/m2"; units: {", ".join(UNITS)}'
    )
    text = bounded(text, allowed)
    match = re.fullmatch(_AMOUNT, text, re.ASCII)
    if match is None:
        hint = slip_hint(text, _SLIPS, parse_amount)
        raise QuantityError(f'"{text}" is not a dose', allowed, hint)
    value, unit = Decimal(match[1]), match[2]
    base, slash, per = unit.partition("/")
    if base not in UNITS or per not in PER or (slash and not per):
        raise QuantityError(f'unknown unit "{unit}" in "{text}"', allowed, _unit_hint(unit))
    if value == 0:
        raise QuantityError(f'"{text}" is no dose', "a dose is above 0")
    return Amount(value, base, PER[per])


def _unit_hint(unit: str) -> str:
    """Return what was meant by a unit that is none, or ""."""
    base, slash, per = unit.partition("/")
    spelled = _SPELLINGS.get(base.lower()) or next(
        (name for name in UNITS if name.lower() == base.lower()), None
    )
    squared = per.lower() in ("m²", "sqm", "m^2", "m2")
    if per.lower() == "kg" or squared:
        per = "m2" if squared else "kg"
        return f'did you mean "{spelled}/{per}"?' if spelled else near_miss(unit, _KNOWN_UNITS)
    if slash:
        return (
            f'did you mean "{spelled}", "{spelled}/kg" or "{spelled}/m2"?'
            if spelled and not per
            else "a dose is an amount, or an amount per kg or m2: write the amount worked out "
            "otherwise"
        )
    return f'did you mean "{spelled}"?' if spelled else near_miss(unit, _KNOWN_UNITS)


def total(amounts: tuple[Amount, ...]) -> Amount:
    """Return the sum of amounts in one unit."""
    return amounts[0]._replace(value=sum((each.value for each in amounts), Decimal(0)))


@value
class WeightRange(NamedTuple):
    """The body weights, in kg, that meet every one of `bounds`: (operator, kg) pairs."""

    bounds: tuple[tuple[str, Decimal], ...]

    def __str__(self) -> str:
        return ", ".join(f"{sign} {plain(kg)} kg" for sign, kg in self.bounds)

    def __contains__(self, weight_kg: Decimal) -> bool:  # type: ignore[override]  # of weights
        return all(_COMPARE[sign](weight_kg, kg) for sign, kg in self.bounds)


def parse_weight_range(text: str) -> WeightRange:
    """Read "<= 100 kg" or a range with two ends, "> 55 kg, <= 85 kg".

    Raises:
        QuantityError: It is not one or two bounds in kg with an explicit sign.
    """
    allowed = 'bounds in kg with a sign: "<= 100 kg", "> 55 kg, <= 85 kg"'
    text = bounded(text, allowed)
    bounds = []
    for part in text.split(","):
        match = re.fullmatch(_WEIGHT_BOUND, part.strip(), re.ASCII)
        if match is None:
            hint = slip_hint(text, _BAND_SLIPS, parse_weight_range)
            raise QuantityError(f'"{text}" is no weight band', allowed, hint)
        if match[3] != "kg":
            raise QuantityError(f'weights are in kg, not "{match[3]}", in "{text}"', allowed)
        bounds.append((match[1], Decimal(match[2])))
    if len({sign[0] for sign, _ in bounds}) != len(bounds):
        raise QuantityError(f'"{text}" has two bounds on the same side', allowed)
    band = WeightRange(tuple(bounds))
    edges = [Decimal(0), *(kg for _, kg in bounds), MAX_WEIGHT_KG]
    probes = (*edges, *((low + high) / 2 for low, high in itertools.pairwise(sorted(edges))))
    if not any(weight > 0 and weight in band for weight in probes):
        raise QuantityError(f'"{text}" holds no weight', allowed)
    return band


def weight_probes(ranges: tuple[WeightRange, ...]) -> Iterator[tuple[Decimal, str]]:
    """Yield a weight above 0 kg of each kind that ranges tell apart, and its kind in words.

    Bounds are the only places where membership changes, so it is enough to look at each
    bound, between each two neighbours, below the lowest and above the highest.
    """
    low = Decimal(0)
    for edge in sorted({kg for each in ranges for _, kg in each.bounds if kg > 0}):
        name = f"between {plain(low)} and {plain(edge)} kg" if low else f"below {plain(edge)} kg"
        yield (low + edge) / 2, name
        yield edge, f"of {plain(edge)} kg"
        low = edge
    yield low + 1, f"above {plain(low)} kg" if low else "every weight"


def coverage_problems(ranges: tuple[WeightRange, ...]) -> tuple[str, ...]:
    """Say which weights above 0 kg are in no range or in more than one."""
    problems = []
    for probe, name in weight_probes(ranges):
        found = [str(each) for each in ranges if probe in each]
        if not found:
            problems.append(
                f"no band covers {name if name == 'every weight' else 'a weight ' + name}"
            )
        elif len(found) > 1:
            problems.append(f"a weight {name} is in {len(found)} bands: {' | '.join(found)}")
    return tuple(problems)


def check_weight(weight_kg: Decimal) -> Decimal:
    """Return a person's weight in kg if it is from `MIN_WEIGHT_KG` to `MAX_WEIGHT_KG`, inclusive.

    Raises:
        RequestError: It is not.
    """
    return _checked(weight_kg, MIN_WEIGHT_KG, MAX_WEIGHT_KG, ("a weight", "weights are", "kg"))


def check_surface(bsa_m2: Decimal) -> Decimal:
    """Return a body surface in m2 if it is from `MIN_SURFACE_M2` to `MAX_SURFACE_M2`, inclusive.

    Raises:
        RequestError: It is not.
    """
    words = ("a body surface", "body surfaces are", "m2")
    return _checked(bsa_m2, MIN_SURFACE_M2, MAX_SURFACE_M2, words)


def _checked(size: Decimal, least: Decimal, most: Decimal, words: tuple[str, str, str]) -> Decimal:
    if not (size.is_finite() and least <= size <= most):
        one, all_are, unit = words
        short = size.is_finite() and abs(size.adjusted()) < 10
        shown = plain(size) if short else f"{size:.6g}"
        raise RequestError(
            f"{one} of {shown} {unit}: {all_are} from {plain(least)} to {plain(most)} {unit}"
        )
    return size


def parse_weight(text: str) -> Decimal:
    """Read a body weight in kg, "72.5": the one reader for options, tables and course files.

    Raises:
        QuantityError: It is no plain decimal of up to three places, or out of bounds.
    """
    return _parse_size(text, ("no weight in kg", "a number: 72.5"), check_weight)


def parse_surface(text: str) -> Decimal:
    """Read a body surface in m2, "1.73".

    Raises:
        QuantityError: It is no plain decimal of up to three places, or out of bounds.
    """
    return _parse_size(text, ("no body surface in m2", "a number: 1.73"), check_surface)


def _parse_size(text: str, words: tuple[str, str], check: Callable[[Decimal], Decimal]) -> Decimal:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text, re.ASCII):
        point = text.replace(",", ".") if len(text) <= _LONGEST_SIZE else ""
        hint = f'did you mean "{point}"?' if re.fullmatch(_WITH_COMMA, point, re.ASCII) else ""
        shown = text if len(text) <= _LONGEST_SIZE else f"{text[: _LONGEST_SIZE - 3]}..."
        raise QuantityError(f'"{shown}" is {words[0]}', words[1], hint)
    try:
        return check(Decimal(text))
    except RequestError as error:
        raise QuantityError(str(error), "") from error


@value
class NumberRange(NamedTuple):
    """Dose numbers from `first` to `last`, both inclusive; `last` None is without end."""

    first: int
    last: int | None

    def __str__(self) -> str:
        if self.last is None:
            return f">= {self.first}"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def __contains__(self, number: int) -> bool:  # type: ignore[override]  # of numbers
        return self.first <= number and (self.last is None or number <= self.last)


def parse_number_range(text: str) -> NumberRange:
    """Read "2", "2-3", ">= 4", "> 3", "<= 3" or "< 4" as dose numbers, which count from 1.

    Raises:
        QuantityError: It is none of these, or holds no dose number.
    """
    allowed = 'dose numbers: "2", "2-3" or ">= 4"'
    text = bounded(text, allowed)
    if match := re.fullmatch(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?", text, re.ASCII):
        return _number_range(text, int(match[1]), int(match[2] or match[1]), allowed)
    if match := re.fullmatch(r"(<=|>=|<|>)\s*(\d{1,5})", text, re.ASCII):
        edge = int(match[2]) + {">": 1, "<": -1}.get(match[1], 0)
        if match[1][0] == ">":
            return _number_range(text, edge, None, allowed)
        return _number_range(text, 1, edge, allowed)
    hint = slip_hint(text, SIGN_SLIPS, parse_number_range)
    raise QuantityError(f'"{text}" is no range of dose numbers', allowed, hint)


def _number_range(text: str, first: int, last: int | None, allowed: str) -> NumberRange:
    if first < 1 or (last is not None and last < first):
        raise QuantityError(f'"{text}" holds no dose number', f"{allowed}, counted from 1")
    return NumberRange(first, last)
