"""What else a typed sentence says of a phase: rounding, who injects, another medicine, a gap."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from dosecal.model.dates import Interval
from dosecal.model.quantities import Amount, WeightRange
from dosecal.model.schedule import Strength
from dosecal.sentence.doses import any_amount, injections_of, weights_of, whole_amount
from dosecal.sentence.tokens import Cursor
from dosecal.sentence.write import GIVER_WORDS

FURTHER: Final = ("rounded", "only", "with", "never")
_GIVERS: Final = {words.removeprefix("given by "): giver for giver, words in GIVER_WORDS.items()}


class SaidCompanion(NamedTuple):
    """Another medicine at the same visit."""

    medicine: str
    amount: Amount
    injections: int


@dataclass
class SaidFurther:
    """What else is said of one phase; None and empty: it does not say.

    Attributes:
        gap: The shortest time between two of its doses, and its grace.
    """

    round_to: Amount | None = None
    max_dose: Amount | None = None
    strength: Strength | None = None
    companions: tuple[SaidCompanion, ...] = ()
    given_by: str = ""
    gap: tuple[Interval, Interval | None] | None = None
    weight: WeightRange | None = None


def further_word(cursor: Cursor, ahead: int = 0) -> bool:
    """Say whether one of these things begins here."""
    words = tuple(cursor.peek(ahead + further).word for further in range(2))
    return words[0] in FURTHER or words in (("at", "most"), ("in", "injections"), ("given", "by"))


def read_further(cursor: Cursor, said: SaidFurther) -> None:
    """Read one of these things.

    Raises:
        RequestError: It is said twice, or is not read.
    """
    head = cursor.next()
    match head.word:
        case "rounded":
            if not cursor.take_all("to the nearest"):
                cursor.fail(cursor.peek(), "not to what", '"rounded to the nearest 10 mg"')
            said.round_to = whole_amount(cursor)
        case "at":
            cursor.next()
            said.max_dose = whole_amount(cursor)
            if not cursor.take_all("a dose"):
                cursor.fail(cursor.peek(), 'not "a dose"', '"at most 320 mg a dose"')
        case "in":
            said.strength = _strength(cursor)
        case "with":
            said.companions = (*said.companions, _companion(cursor))
        case "given":
            said.given_by = _giver(cursor)
        case "never":
            said.gap = _gap(cursor)
        case _:
            if said.weight is not None:
                cursor.fail(head, "a second body weight", "one for each phase")
            said.weight = weights_of(cursor)


def _strength(cursor: Cursor) -> Strength:
    """Read "injections of at most 2 mL at 150 mg/mL"."""
    allowed = '"in injections of at most 2 mL at 150 mg/mL"'
    if not cursor.take_all("injections of at most"):
        cursor.fail(cursor.peek(), "not read here", allowed)
    number = cursor.peek()
    most = whole_amount(cursor)
    if most.unit != "mL" or not cursor.take("at"):
        cursor.fail(number, "no volume", allowed)
    amount, unit = cursor.next(), cursor.next()
    base, slash, per = unit.text.partition("/")
    if not slash or per != "mL":
        cursor.fail(unit, "no strength", allowed)
    return Strength(_amount_of(cursor, f"{amount.text} {base}"), most.value)


def _amount_of(cursor: Cursor, text: str) -> Amount:
    inner = Cursor(text)
    amount = whole_amount(inner)
    if inner.peek().text:
        cursor.fail(cursor.peek(), "no strength")
    return amount


def _companion(cursor: Cursor) -> SaidCompanion:
    """Read `5 mg of "hyaluronidase" as 2 injections`."""
    allowed = """'with 5 mg of "hyaluronidase" as 2 injections'"""
    if not cursor.peek().in_digits:
        cursor.fail(cursor.peek(), "no dose of another medicine", allowed)
    amount = any_amount(cursor)
    if not cursor.take("of"):
        cursor.fail(cursor.peek(), "of what?", allowed)
    opened = cursor.peek()
    if not cursor.take('"'):
        cursor.fail(opened, "a medicine stands in quotes", allowed)
    while cursor.peek().text not in ('"', ""):
        cursor.next()
    closed = cursor.peek()
    name = cursor.text[opened.end : closed.start].strip()
    if not cursor.take('"') or not name:
        cursor.fail(closed, "no name of a medicine in quotes", allowed)
    count = injections_of(cursor, [amount]) if cursor.take("as") else 1
    return SaidCompanion(name, amount, count)


def _giver(cursor: Cursor) -> str:
    cursor.next()
    giver = next((giver for words, giver in _GIVERS.items() if cursor.take_all(words)), "")
    if not giver:
        known = " or ".join(f'"{each}"' for each in _GIVERS)
        cursor.fail(cursor.peek(), "given by whom?", known)
    return giver


def _gap(cursor: Cursor) -> tuple[Interval, Interval | None]:
    """Read "never closer than 26 days with a grace of 4 days"."""
    if not cursor.take_all("closer than"):
        cursor.fail(cursor.peek(), 'not "closer than"', '"never closer than 26 days"')
    gap = cursor.take_interval()
    grace = cursor.take_interval() if cursor.take_all("with a grace of") else None
    return gap, grace
