"""Rows of text for a reader: their cells, and the formats CSV and Markdown."""

import re
from collections.abc import Sequence
from typing import Final

Row = Sequence[str]
_AFTER_COMMA: Final = "(?<=[、，；：。])(?!$)"

_FORMULA: Final = frozenset("=+-@")


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


def csv_line(row: Row) -> str:
    """Return one line of CSV (RFC 4180); no cell can be read as a spreadsheet's formula."""
    return ",".join(map(_csv_cell, row))


def _csv_cell(cell: str) -> str:
    cell = clean(cell)
    if cell[:1] in _FORMULA:
        cell = "'" + cell
    return '"{}"'.format(cell.replace('"', '""')) if '"' in cell or "," in cell else cell


def to_csv(head: Row, rows: Sequence[Row]) -> str:
    """Return CSV with a header."""
    return "\n".join(map(csv_line, (head, *rows)))


def markdown_line(row: Row) -> str:
    """Return one row of a Markdown table."""
    escaped = (re.sub(r"([\\|*_`<>\[\]])", r"\\\1", clean(cell)) for cell in row)
    return f"| {' | '.join(escaped)} |"


def markdown_head(head: Row) -> str:
    """Return the first two lines of a Markdown table."""
    return f"{markdown_line(head)}\n|{' --- |' * len(head)}"


def to_markdown(head: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    return "\n".join([markdown_head(head), *map(markdown_line, rows)])
