"""Rows of text for a reader, in the formats that hold rows: table, CSV and Markdown."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

Row = Sequence[str]
NARROWEST: Final = 24
"""The fewest columns of a terminal in which a text is wrapped."""


def clean(text: str) -> str:
    """Return text on one line, without control characters that could move a terminal's cursor."""
    return "".join(
        " " if char in "\r\n\t\u2028\u2029" else char
        for char in text
        if char in "\r\n\t\u2028\u2029" or unicodedata.category(char) not in ("Cc", "Cs")
    )


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0
        if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def to_table(head: Row, rows: Sequence[Row]) -> str:
    """Return aligned columns; empty columns are left out."""
    return "\n".join(line for lines in table_lines(head, rows) for line in lines)


def table_lines(head: Row, rows: Sequence[Row], columns: int | None = None) -> list[list[str]]:
    """Return aligned columns: the lines of the head, then those of each row.

    Args:
        head: The heads of the columns.
        rows: The rows.
        columns: How wide the terminal is: the last column is wrapped to fit, where at least
            `NARROWEST` columns are left for it; None: nothing is wrapped.
    """
    cleaned = [[isolated(clean(cell)) for cell in row] for row in rows]
    shown = [n for n in range(len(head)) if any(row[n] for row in cleaned)] or [0]
    lines = [[head[n] for n in shown], *([row[n] for n in shown] for row in cleaned)]
    widths = [max(width(line[n]) for line in lines) for n in range(len(shown))]
    before = sum(widths[:-1]) + 2 * (len(widths) - 1)
    room = None
    if columns is not None and columns - before >= NARROWEST:
        room = columns - before
    table = []
    for *cells, last in lines:
        begin = "".join(
            cell + " " * (size - width(cell) + 2) for cell, size in zip(cells, widths, strict=False)
        )
        first, *rest = wrapped(last, room) if room else [last]
        table.append([(begin + first).rstrip(), *(" " * before + each for each in rest)])
    return table


def isolated(text: str) -> str:
    """Return a text that holds right-to-left letters so that it does not turn the line round."""
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in text):
        return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return text


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text as lines of at most so many columns, broken at spaces where there are any."""
    lines = [""]
    for word in text.split(" "):
        space = " " if lines[-1] else ""
        if width(lines[-1]) + len(space) + width(word) <= columns:
            lines[-1] += space + word
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if width(lines[-1]) + width(char) > columns:
                lines.append("")
            lines[-1] += char
    return lines


def to_csv(head: Row, rows: Sequence[Row]) -> str:
    """Return CSV with a header (RFC 4180, LF); no cell can be read as a spreadsheet's formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(
        ["'" + cell if re.match(r"[=+\-@]", cell) else cell for cell in map(clean, row)]
        for row in rows
    )
    return out.getvalue().rstrip("\n")


def to_markdown(head: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table."""

    def line(cells: Row) -> str:
        escaped = (re.sub(r"([\\|*_`<>\[\]])", r"\\\1", clean(cell)) for cell in cells)
        return f"| {' | '.join(escaped)} |"

    return "\n".join([line(head), f"|{' --- |' * len(head)}", *(line(row) for row in rows)])
