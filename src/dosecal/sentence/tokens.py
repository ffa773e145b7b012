"""The words of a typed sentence, each with its place, and how a mistake in them is told.

Characters are replaced one by one only, so that a place in the text is a place in what was typed.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple, NoReturn

from dosecal.errors import Problem, QuantityError, RequestError
from dosecal.model.dates import TIME_UNITS, Interval, parse_interval

MAX_LENGTH: Final = 1_000
"""The longest sentence taken, inclusive, in characters: a label's has about a hundred."""

_SHOWN: Final = 40
_SAME: Final = str.maketrans(
    {"\N{EN DASH}": "-", "\N{MINUS SIGN}": "-", "\N{HYPHEN}": "-", "\N{NON-BREAKING HYPHEN}": "-",
     "\t": " ", "\n": " ", "\r": " "}
)  # fmt: skip
_TOKEN: Final = re.compile(r"<=|>=|\+/-|\"|[^\s,;()<>\u2264\u2265\u00b1=\"]+|\S")
_ABBREVIATED: Final = ("s.c.", "i.v.", "i.m.")
_COUNTS: Final = {
    word: count
    for count, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve")
    )
}  # fmt: skip
UNIT_WORDS: Final = {f"{unit}{ending}": unit for unit in TIME_UNITS for ending in ("", "s")}


class Token(NamedTuple):
    """A word, number or sign of a sentence; `start` and `end` (exclusive) count characters from 0.

    The empty word stands after the last.
    """

    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The word in lower case."""
        return self.text.lower()

    @property
    def whole(self) -> int | None:
        """The whole number that it is, in digits or in letters, or None."""
        if re.fullmatch(r"\d{1,9}", self.text, re.ASCII):
            return int(self.text)
        return _COUNTS.get(self.word)

    @property
    def in_digits(self) -> bool:
        """Whether it begins with a digit."""
        return self.text[:1].isdigit()


def clean(text: str) -> str:
    """Return a typed sentence with plain spaces and hyphens, of the same length.

    Raises:
        RequestError: It is empty, too long, or holds a character that no sentence has.
    """
    if len(text) > MAX_LENGTH:
        raise RequestError(f"the sentence has {len(text)} characters; at most {MAX_LENGTH}")
    text = text.translate(_SAME).replace("m\N{SUPERSCRIPT TWO}", "m2")
    for place, each in enumerate(text, 1):
        kind = unicodedata.category(each)
        if kind.startswith("C"):
            raise RequestError(f"character {place} is a control character (U+{ord(each):04X})")
        if kind.startswith("N") and each not in "0123456789":
            raise RequestError(f'character {place}, "{each}": write numbers with the digits 0 to 9')
    text = "".join(" " if each.isspace() else each for each in text)
    if not text.strip():
        raise RequestError("the sentence is empty")
    return text


def tokens(text: str) -> tuple[Token, ...]:
    """Split a clean sentence; a full stop after a word is a sign of its own."""
    found = []
    for match in _TOKEN.finditer(text):
        word, start = match[0], match.start()
        if word.endswith(".") and len(word) > 1 and word.lower() not in _ABBREVIATED:
            cut = match.end() - 1
            found += [Token(word[:-1], start, cut), Token(".", cut, match.end())]
        else:
            found.append(Token(word, start, match.end()))
    return (*found, Token("", len(text), len(text)))


class Cursor:
    """A place among the words of a sentence, going forward."""

    def __init__(self, text: str) -> None:
        self.text = clean(text)
        self.tokens = tokens(self.text)
        self.index = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return a word ahead without going there."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        """Go over one word; the end is never passed."""
        token = self.peek()
        self.index = min(self.index + 1, len(self.tokens) - 1)
        return token

    def take(self, *words: str) -> Token | None:
        """Go over the next word if it is one of these."""
        return self.next() if self.peek().word in words else None

    def take_all(self, phrase: str) -> bool:
        """Go over the next words if they are these."""
        words = phrase.split()
        if all(self.peek(ahead).word == word for ahead, word in enumerate(words)):
            self.index += len(words)
            return True
        return False

    def take_count(self, of: str) -> int:
        """Read a whole number."""
        token = self.next()
        if token.whole is None:
            self.fail(token, f"no whole number of {of}")
        return token.whole

    def take_interval(self, *, zero: bool = False) -> Interval:
        """Read a number and a unit of time."""
        number, unit = self.next(), self.next()
        if unit.word in ("to", "or", "-"):
            self.fail(unit, "a range leaves the date open", 'one interval: "4 weeks"')
        text = f"{number.text if number.whole is None else number.whole} {unit.word}"
        try:
            return parse_interval(text.strip(), zero=zero)
        except QuantityError as error:
            self.fail(number, error.what, error.allowed, error.hint)

    @property
    def past(self) -> int:
        """Where the last word read ends."""
        return self.tokens[self.index - 1].end if self.index else 0

    def fail(self, token: Token, what: str, allowed: str = "", hint: str = "") -> NoReturn:
        """Say what is wrong with a word, and where it stands."""
        index = self.tokens.index(token)
        after = ""
        if index:
            before = self.text[self.tokens[max(0, index - 3)].start : self.tokens[index - 1].end]
            after = f' after "{clipped(before)}"'
        if not token.text:
            where = f"the sentence ends{after}"
        else:
            where = f'character {token.start + 1}, "{clipped(token.text)}"{after}'
        raise RequestError(str(Problem(where, what, allowed, hint)))

    def ambiguous(
        self, start: int, end: int, why: str, readings: Iterable[tuple[Iterable["Edit"], str]]
    ) -> NoReturn:
        """Refuse what can be read in more than one way, with a sentence for each way.

        Args:
            start: Where it begins.
            end: Where it ends, exclusive.
            why: What is open.
            readings: For each way, what to change in the sentence and what that means.
        """
        phrase = clipped(self.text[start:end])
        lines = [f'"{phrase}" {why}. Type the one that your source means:']
        for edits, meaning in readings:
            lines.append(f'  "{edited(self.text, edits)}"' + (f"  ({meaning})" if meaning else ""))
        raise RequestError("\n".join(lines))


class Edit(NamedTuple):
    """Put `text` in place of the characters from `start` to `end` (exclusive)."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a sentence with changes made."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return " ".join(text.split())


def clipped(text: str) -> str:
    """Return a text as a message shows it: cut where it is long."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
