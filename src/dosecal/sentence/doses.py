"""The dose of a phase in a typed sentence: amounts, injections, routes and weight bands."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from dosecal.errors import QuantityError
from dosecal.model.quantities import (
    UNITS,
    Amount,
    WeightRange,
    parse_amount,
    parse_weight_range,
    total,
)
from dosecal.model.schedule import Choice
from dosecal.sentence.tokens import UNIT_WORDS, Cursor, Token
from dosecal.sentence.write import ROUTE_WORDS

ROUTES: Final = {
    word: route
    for route, adverb in ROUTE_WORDS.items()
    for word in (route, adverb)
} | {
    "sc": "subcutaneous", "s.c.": "subcutaneous",
    "im": "intramuscular", "i.m.": "intramuscular",
    "iv": "intravenous", "i.v.": "intravenous", "id": "intradermal", "i.d.": "intradermal",
}  # fmt: skip
DOSE_UNITS: Final = {unit.lower() for unit in UNITS} | {"\u00b5g", "\u03bcg", "ug", "unit"}
_NO_UNIT: Final = (
    "", ",", ";", ".", "(", ")", "at", "on", "in", "as", "for", "from", "every", "then", "and",
    "weekly", "monthly", "daily", "once",
)  # fmt: skip
_INJECTIONS: Final = ("injection", "injections")
_BOUND_WORDS: Final = {
    "<=": "<=", "\u2264": "<=", "up to": "<=", "at most": "<=",
    "<": "<", "under": "<", "below": "<", "less than": "<",
    ">=": ">=", "\u2265": ">=", "at least": ">=", "from": ">=",
    ">": ">", "over": ">", "above": ">", "more than": ">",
}  # fmt: skip
_SIDES: Final = {"less": "<=", "below": "<=", "under": "<=", "more": ">=", "above": ">=",
                 "over": ">="}  # fmt: skip


@dataclass
class SaidBand:
    """A dose as it is said.

    Attributes:
        injections: None where it is not said.
        amounts: What each injection holds, where they are unequal.
        start: Where the amount begins in the text.
        end: Where it ends, exclusive: a number of injections that is not said could be there.
    """

    amount: Amount | None
    injections: int | None
    start: int
    end: int
    weight: WeightRange | None = None
    amounts: tuple[Amount, ...] = ()


@dataclass
class SaidDose:
    """The dose of one phase.

    Attributes:
        choice: What is left to choose of it; its band then holds the least.
        end: Where a route that is not said could be.
    """

    bands: list[SaidBand] = field(default_factory=list)
    choice: Choice | None = None
    route: str | None = None
    end: int = 0


def begins_dose(cursor: Cursor, ahead: int = 0) -> bool:
    """Say whether a dose stands here, and no offset."""
    token, follower = cursor.peek(ahead), cursor.peek(ahead + 1)
    if token.word == "no":
        return follower.word == "stated"
    if token.word == "a":
        return follower.word == "dose"
    if token.word == "either":
        return follower.in_digits
    numeric = token.in_digits or token.whole is not None
    return numeric and follower.word not in (*UNIT_WORDS, "times")


def read_dose(cursor: Cursor) -> SaidDose:
    """Read a dose: one for everybody, or one for each weight band."""
    dose = SaidDose()
    while True:
        first = cursor.peek()
        if not dose.bands and (chosen := _choice(cursor)):
            dose.choice, band = chosen
            while _more(cursor, dose, band):
                pass
            if band.weight is not None:
                cursor.fail(first, "a dose to choose with a body weight",
                            '"only for body weight ..." at the end of the phase')  # fmt: skip
        else:
            band = _band(cursor, dose)
        dose.bands.append(band)
        dose.end = cursor.past
        if band.weight is None:
            if len(dose.bands) > 1:
                cursor.fail(first, "no body weight", 'as for the dose before: "for body weight"')
            return dose
        mark = cursor.index
        cursor.take(",")
        cursor.take("or", "and")
        if cursor.index == mark or not begins_dose(cursor):
            cursor.index = mark
            return dose


def _choice(cursor: Cursor) -> tuple[Choice, SaidBand] | None:
    """Read a dose to choose: "150 to 300 mg", "either 150 mg or 300 mg", "a dose as prescribed"."""
    start = cursor.peek().start
    if cursor.take_all("a dose as prescribed"):
        return Choice("dose"), SaidBand(None, None, start, cursor.past)
    if cursor.peek().word == "a":
        cursor.fail(cursor.peek(1), "which dose?", '"a dose as prescribed", "150 to 300 mg"')
    if cursor.take("either"):
        amounts = [_amount(cursor)]
        while cursor.peek().word in (",", "or") and begins_dose(cursor, 1):
            cursor.next()
            amounts.append(_amount(cursor))
        if len(amounts) == 1:
            cursor.fail(cursor.peek(), 'not "or"', '"either 150 mg or 300 mg"')
        return Choice("dose", one_of=tuple(amounts)), SaidBand(amounts[0], None, start, cursor.past)
    ends = _ends_of_range(cursor)
    if ends is None:
        return None
    number = cursor.peek()
    cursor.index += ends[2]
    high = _amount(cursor, ends[1])
    low = high._replace(value=Decimal(ends[0]))
    if low.value >= high.value:
        cursor.fail(number, f"from {low} to {high} is no range", "from below to")
    return Choice("dose", low, high), SaidBand(low, None, start, cursor.past)


def _ends_of_range(cursor: Cursor) -> tuple[str, str, int] | None:
    """Return both numbers of "150 to 300" or "150-300", and how many words stand before the last.

    The last number is then read with its unit.
    """
    number = r"\d{1,9}(?:\.\d{1,9})?"
    first, middle, last = (cursor.peek(ahead) for ahead in range(3))
    if match := re.fullmatch(rf"({number})-({number})", first.text, re.ASCII):
        return match[1], match[2], 0
    numbers = all(re.fullmatch(number, each.text, re.ASCII) for each in (first, last))
    if numbers and middle.word in ("to", "-"):
        return first.text, last.text, 2
    return None


def injections_of(cursor: Cursor, amounts: list[Amount | None]) -> int:
    """Read "2 injections", "2 injections of 60 mg" or "two 60 mg injections" of these doses."""
    begin, each = cursor.peek(), None
    count = cursor.take_count("injections")
    if cursor.peek().in_digits:
        each = _amount(cursor)
        _injections(cursor)
    else:
        _injections(cursor)
        if cursor.take("of"):
            each = _amount(cursor)
            cursor.take("each")
    for amount in amounts:
        if each and amount and amount != _times(each, count):
            cursor.fail(begin, f"{count} x {each} is {_times(each, count)}, not {amount}")
    return count


def _injections(cursor: Cursor) -> None:
    if not cursor.take(*_INJECTIONS):
        cursor.fail(cursor.peek(), 'not "injections"', '"2 injections", "two 60 mg injections"')


def _times(each: Amount, count: int) -> Amount:
    return each._replace(value=each.value * count)


def _amount(cursor: Cursor, value: str = "") -> Amount:
    """Read an amount; `value` stands for its number where that is part of a longer word."""
    number, follower, decimals = cursor.next(), cursor.peek(), cursor.peek(1)
    text = value or number.text
    if follower.text == "," and follower.start == number.end and decimals.start == follower.end:
        text = f"{text},{decimals.text}"
    elif follower.word in ("x", "\N{MULTIPLICATION SIGN}"):
        cursor.fail(follower, "not read", '"2 injections of 60 mg"')
    elif re.fullmatch(r"[\d.]+", text) and follower.word not in _NO_UNIT:
        text = f"{text} {cursor.next().text}"
        if cursor.take_all("per kg"):
            text += "/kg"
        elif cursor.take_all("per m2"):
            text += "/m2"
    try:
        amount = parse_amount(text)
    except QuantityError as error:
        cursor.fail(number, error.what, error.allowed, error.hint)
    if amount.per == "kg" and not cursor.take_all("of body weight"):
        cursor.take_all("body weight")
    if amount.per == "m2" and not cursor.take_all("of body surface"):
        cursor.take_all("body surface")
    return amount


def whole_amount(cursor: Cursor) -> Amount:
    """Read an amount that is none per kg or m2."""
    token = cursor.peek()
    amount = _amount(cursor)
    if amount.per:
        cursor.fail(token, f"per {amount.per}", 'a whole amount: "120 mg"')
    return amount


def any_amount(cursor: Cursor) -> Amount:
    """Read an amount, also per kg or m2."""
    return _amount(cursor)


def _band(cursor: Cursor, dose: SaidDose) -> SaidBand:
    start = cursor.peek().start
    if cursor.take_all("no stated dose"):
        band = SaidBand(None, None, start, cursor.past)
    elif cursor.peek().whole is not None and (
        cursor.peek(1).word in _INJECTIONS or cursor.peek(1).in_digits
    ):
        count = cursor.take_count("injections")
        of = cursor.take(*_INJECTIONS)
        if of and not cursor.take("of"):
            cursor.fail(cursor.peek(), "no dose", 'what one injection holds: "of 60 mg"')
        each = _amount(cursor)
        if of:
            cursor.take("each")
        else:
            _injections(cursor)
        band = SaidBand(_times(each, count), count, start, cursor.past)
    else:
        amounts = [_amount(cursor)]
        while cursor.take("+"):
            amounts.append(_amount(cursor))
        band = SaidBand(amounts[0], None, start, cursor.past)
        if len(amounts) > 1:
            band = _unequal(cursor, tuple(amounts), start)
    while _more(cursor, dose, band):
        pass
    return band


def _unequal(cursor: Cursor, amounts: tuple[Amount, ...], start: int) -> SaidBand:
    """Read "in 2 injections" after "100 mg + 200 mg"."""
    begin = cursor.peek()
    if len({(each.unit, each.per) for each in amounts}) > 1 or amounts[0].per:
        cursor.fail(begin, "amounts that do not add up", "whole amounts in one unit")
    if not cursor.take("in"):
        cursor.fail(begin, 'not "in"', f'"in {len(amounts)} injections"')
    count = cursor.take_count("injections")
    _injections(cursor)
    if count != len(amounts):
        cursor.fail(begin, f"{len(amounts)} amounts in {count} injections", "one for each")
    if len(set(amounts)) == 1:
        cursor.fail(begin, "all of them are equal", f'"{count} injections of {amounts[0]}"')
    return SaidBand(total(amounts), count, start, cursor.past, amounts=amounts)


def _more(cursor: Cursor, dose: SaidDose, band: SaidBand) -> bool:
    """Read one of the things that may follow an amount; say whether there was one."""
    mark = cursor.index
    opened = cursor.take("(")
    token = cursor.peek()
    bare = opened and token.whole is not None and cursor.peek(1).word not in UNIT_WORDS
    if cursor.take("as") or cursor.take_all("given as") or bare:
        count = injections_of(cursor, [band.amount])
        if band.injections not in (None, count):
            cursor.fail(token, f"the number of injections was {band.injections} before")
        band.injections = count
    elif route := ROUTES.get(token.word):
        cursor.next()
        cursor.take("infusion", "injection")
        if dose.route not in (None, route):
            cursor.fail(token, f"the route was {dose.route} before", "one route a phase")
        dose.route = route
    elif _begins_weights(cursor):
        if band.weight is not None:
            cursor.fail(token, "a second weight band", "one for each dose")
        band.weight = weights_of(cursor)
    else:
        cursor.index = mark
        return False
    if opened and not cursor.take(")"):
        cursor.fail(cursor.peek(), 'no ")"')
    return True


def _begins_weights(cursor: Cursor) -> bool:
    ahead = 1 if cursor.peek().word in ("for", "if") else 0
    token = cursor.peek(ahead)
    if token.word in ("body", "weight", "weighing"):
        return True
    near = [cursor.peek(ahead + further).word for further in range(4)]
    bound = token.word in _BOUND_WORDS or " ".join(near[:2]) in _BOUND_WORDS
    kg = next((further for further, word in enumerate(near) if word.startswith("kg")), 0)
    return kg > 0 and (bound or (ahead > 0 and token.in_digits))


def weights_of(cursor: Cursor) -> WeightRange:
    """Read "for body weight > 10 kg and <= 100 kg"."""
    begin = cursor.peek()
    cursor.take("for", "if")
    if not cursor.take("weighing"):
        cursor.take("body")
        cursor.take("weight")
    bounds = [_bound(cursor)]
    mark = cursor.index
    cursor.take(",")
    cursor.take("and")
    if cursor.index > mark and _begins_weights(cursor):
        bounds.append(_bound(cursor))
    else:
        cursor.index = mark
    try:
        return parse_weight_range(", ".join(bounds))
    except QuantityError as error:
        cursor.fail(begin, error.what, error.allowed, error.hint)


def _bound(cursor: Cursor) -> str:
    """Read "<= 100 kg", "over 100 kg", "100 kg or less"."""
    allowed = '"<= 100 kg", "over 100 kg", "100 kg or less"'
    begin, sign = cursor.peek(), ""
    for words, known in _BOUND_WORDS.items():
        if cursor.take_all(words):
            sign = known
            break
    number, unit = cursor.next(), cursor.next()
    if not number.in_digits or unit.word != "kg":
        cursor.fail(begin, "no body weight in kg", allowed)
    if not sign:
        side = cursor.peek(1).word if cursor.peek().word in ("or", "and") else ""
        if side not in _SIDES:
            cursor.fail(_last(begin, unit), "does not say which weights", allowed)
        cursor.index += 2
        sign = _SIDES[side]
    return f"{sign} {number.text} kg"


def _last(begin: Token, unit: Token) -> Token:
    return begin if begin.text else unit
