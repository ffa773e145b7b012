"""Text on a line: cleaned, measured in columns, broken where it may be."""

import re
from typing import Final

_AFTER_COMMA: Final = "(?<=[、，；：。])(?!$)"
BIDI_CONTROLS: Final = "\u202a-\u202e\u2066-\u2069"
"""The characters that turn the order of letters round until another ends it, as a range of re."""
_BREAKS: Final = "[\t-\r\x1c-\x1e\x85\u2028\u2029]+"
_CONTROLS: Final = "[\x00-\x1f\x7f-\x9f]+"
_SURROGATES: Final = "[\ud800-\udfff]"


def one_line(text: str) -> str:
    """Return a text of anybody's as one line: nothing in it moves a cursor or begins another.

    Line breaks become a space, control characters go, and what UTF-8 cannot hold is
    U+FFFD. A calendar keeps a text so.
    """
    if text.isprintable():
        return text
    return utf8_safe(re.sub(_CONTROLS, "", re.sub(_BREAKS, " ", text)))


def clean(text: str) -> str:
    """Return a text of anybody's as one line that does nothing to what it stands in.

    As `one_line`, and what turns the order of letters round is shown, as "<U+202E>": a line of a
    terminal, a cell and a sentence of a page hold other texts beside it.
    """
    if text.isprintable():
        return text
    return re.sub(f"[{BIDI_CONTROLS}]", lambda found: f"<U+{ord(found[0]):04X}>", one_line(text))


def utf8_safe(text: str) -> str:
    """Replace what UTF-8 cannot hold: a lone surrogate."""
    return re.sub(_SURROGATES, "\ufffd", text)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(char) in ("Mn", "Me", "Cf") else 2 if east_asian_width(char) in "WF" else 1
        for char in text
    )


def isolated(text: str) -> str:
    """Return a text that holds right-to-left letters so that it does not turn the line round."""
    if text.isascii():
        return text
    from unicodedata import bidirectional

    if any(bidirectional(char) in ("R", "AL") for char in text):
        return f"\u2068{text}\u2069"  # first strong isolate, its end
    return text


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text as lines of at most so many columns; only a word that is longer is cut."""
    if width(text) <= columns:
        return [text]
    lines = [""]
    for space, word in _words(text):
        if lines[-1] and width(lines[-1]) + len(space) + width(word) <= columns:
            lines[-1] += space + word
            continue
        if lines[-1]:
            lines.append("")
        for part in (word,) if width(word) <= columns else word:
            if width(lines[-1]) + width(part) > columns:
                lines.append("")
            lines[-1] += part
    return lines


def longest_word(text: str) -> int:
    """Return how many columns a text takes where it is broken as often as it can be."""
    return max(width(word) for _, word in _words(text))


def _words(text: str) -> list[tuple[str, str]]:
    """Return what is not broken, each part with the space before it.

    Chinese has no spaces; it is broken after its commas and stops.
    """
    words: list[tuple[str, str]] = []
    for word in text.split(" "):
        first, *more = re.split(_AFTER_COMMA, word)
        words += [(" ", first), *(("", each) for each in more)]
    return words
