"""From a typed sentence to what it says, phase by phase: every word is read, or it is an error.

What a sentence leaves open (where a phase begins, say) stays open here; `define` decides.
"""

import re
from dataclasses import dataclass, field
from typing import Final, NoReturn

from dosecal.model.dates import Interval
from dosecal.model.hints import near_miss
from dosecal.sentence.dates import KNOWN_WORDS, WEEKDAYS, SaidDates, part, read_part
from dosecal.sentence.doses import ROUTES, SaidDose, begins_dose, injections_of, read_dose
from dosecal.sentence.further import SaidFurther, read_further
from dosecal.sentence.tokens import Cursor

EXAMPLE: Final = 'a sentence is like "120 mg at weeks 0, 1 and 2, then every 4 weeks from week 6"'

_HINTS: Final = {
    "initially": 'say when: "at week 0"',
    "loading": 'phases are told by their dates: "160 mg at week 0, then ..."',
    "maintenance": 'phases are told by their dates: "then every 4 weeks from week 6"',
    "later": 'count from the start: "at week 4"',
    "eow": 'did you mean "every 2 weeks"?',
    "biw": 'did you mean "twice weekly on ..."?',
    "tiw": 'did you mean "3 times weekly on ..."?',
    "x": 'did you mean "2 injections of 60 mg", or "for 2 doses"?',
    "\N{MULTIPLICATION SIGN}": 'did you mean "2 injections of 60 mg", or "for 2 doses"?',
} | dict.fromkeys(WEEKDAYS, 'did you mean "on Monday and Thursday"?')  # fmt: skip
_NEW_PHASE: Final = ("every", "listed")
_SHORT_UNITS: Final = {"d": "day", "w": "week", "m": "month", "y": "year"}


@dataclass
class SaidPhase:
    """What a sentence says of one phase, `dose` None: that of the phase before.

    Attributes:
        start: Where it begins in the text.
        end: Where it ends, exclusive.
    """

    start: int
    end: int = 0
    dose: SaidDose | None = None
    dates: SaidDates = field(default_factory=SaidDates)
    further: SaidFurther = field(default_factory=SaidFurther)


def read_sentence(cursor: Cursor) -> list[SaidPhase]:
    """Read a whole sentence.

    Raises:
        RequestError: A word is not read, or is wrong where it stands.
    """
    cursor.take("inject", "give", "administer")
    if not begins_dose(cursor):
        cursor.fail(cursor.peek(), "no dose", EXAMPLE)
    phases = [_phase(cursor)]
    while cursor.peek().text:
        joint = _joint(cursor)
        if not joint:
            _unread(cursor)
        if not cursor.peek().text:
            if joint != ".":
                cursor.fail(cursor.peek(), "nothing follows", "the next phase, or a full stop")
            break
        if cursor.peek().word == "each" and cursor.peek(1).word in ("dose", "as", "given"):
            _each_dose(cursor, phases)
            cursor.take(".")
            if cursor.peek().text:
                _unread(cursor)
            break
        phases.append(_phase(cursor))
    return phases


def _joint(cursor: Cursor) -> str:
    """Go over what joins two phases and return it."""
    begin = cursor.peek().start
    cursor.take(",", ";", ".")
    cursor.take("and", "&")
    if cursor.take("then", "thereafter", "afterwards") or cursor.take_all("followed by"):
        cursor.take(",")
    return cursor.text[begin : max(begin, cursor.past)].strip()


def _phase(cursor: Cursor) -> SaidPhase:
    """Read one phase: its dose and its dates, the parts in any order and each once."""
    said = SaidPhase(cursor.peek().start)
    read: set[str] = set()
    while True:
        joined = 1 if read and cursor.peek().word in (",", "and") else 0
        which = "dose" if begins_dose(cursor, joined) else part(cursor, joined)
        begins_next = said.dates.dated and (which == "dose" or (joined > 0 and which in _NEW_PHASE))
        again = which in read and which != "further"
        if which is None or again or begins_next:
            break
        cursor.index += joined
        if which == "dose":
            said.dose = read_dose(cursor)
        elif which == "further":
            read_further(cursor, said.further)
        else:
            read_part(cursor, said.dates, which)
        read.add(which)
        if cursor.peek().word == "thereafter" and not (
            begins_dose(cursor, 1) or part(cursor, 1) in _NEW_PHASE
        ):
            cursor.next()
    if not read:
        _unread(cursor)
    said.end = cursor.past
    if not said.dates.dated:
        if cursor.peek().word not in ("", ",", ";", ".", "then", "followed", "thereafter"):
            _unread(cursor)
        cursor.fail(cursor.peek(), "no dates", '"at weeks 0, 1 and 2", "every 4 weeks"')
    return said


def _each_dose(cursor: Cursor, phases: list[SaidPhase]) -> None:
    """Read "each dose as 2 injections", which holds for the whole sentence."""
    begin = cursor.next()
    cursor.take("dose")
    cursor.take("given")
    if not cursor.take("as"):
        cursor.fail(cursor.peek(), 'not "as"', '"each dose as 2 injections"')
    bands = [band for said in phases if said.dose for band in said.dose.bands]
    count = injections_of(cursor, [band.amount for band in bands])
    for band in bands:
        if band.injections not in (None, count):
            cursor.fail(begin, f"a dose before is said to be {band.injections} injections")
        band.injections = count


def _unread(cursor: Cursor) -> NoReturn:
    """Refuse the next word: no word is passed over."""
    token = cursor.peek()
    word = token.word
    known = [each for each in (*KNOWN_WORDS, *ROUTES, "then") if len(each) > 3]
    hint = near_miss(word, known) if word.isalpha() and word not in known else ""
    if glued := re.fullmatch(r"(day|week|month|year)(s?)(\d+)", word, re.ASCII):
        hint = f'did you mean "{glued[1]}{glued[2]} {glued[3]}"?'
    elif short := re.fullmatch(r"q(\d{1,3})?([dwmy])", word, re.ASCII):
        every = Interval(int(short[1] or 1), _SHORT_UNITS[short[2]])
        hint = f'did you mean "every {every}"?'
    elif word in _HINTS:
        hint = _HINTS[word]
    cursor.fail(token, "not read here", EXAMPLE, hint)
