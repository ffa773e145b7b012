"""Text on a line: cleaned, measured in columns, broken where it may be."""

import re
from typing import Final

_AFTER_COMMA: Final = "(?<=[、，；：。])(?!$)"


def clean(text: str) -> str:
    """Return text on one line, without control characters that could move a terminal's cursor."""
    if text.isprintable():
        return text
    from unicodedata import category

    return "".join(
        " " if char in "\r\n\t\u2028\u2029" else char
        for char in text
        if char in "\r\n\t\u2028\u2029" or category(char) not in ("Cc", "Cs")
    )


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
