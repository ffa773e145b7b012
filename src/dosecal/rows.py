"""Rows of text for a reader, in the formats that hold rows: table, CSV and Markdown."""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

Row = Sequence[str]
READABLE: Final = 40
"""The fewest columns of a terminal to which a column of long texts is wrapped."""
NARROWEST: Final = 10
"""The fewest columns of a terminal to which a column of a table is wrapped: those of a date."""

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


def column_widths(head: Row, rows: Iterable[Row]) -> list[int]:
    """Return the width of each column; 0 where all its cells are empty and it is left out."""
    widths = [0] * len(head)
    for row in rows:
        widths = [max(size, width(clean(cell))) for size, cell in zip(widths, row, strict=True)]
    return [size and max(size, width(name)) for size, name in zip(widths, head, strict=True)]


def table_line(cells: Row, widths: Sequence[int]) -> str:
    """Return one line of aligned columns."""
    padded = (
        cell + " " * (size - width(cell))
        for cell, size in zip(map(clean, cells), widths, strict=True)
        if size
    )
    return "  ".join(padded).rstrip()


def to_table(head: Row, rows: Sequence[Row]) -> str:
    """Return aligned columns; empty columns are left out."""
    return "\n".join(line for lines in table_lines(head, rows) for line in lines)


def table_lines(head: Row, rows: Sequence[Row], columns: int | None = None) -> list[list[str]]:
    """Return aligned columns: the lines of the head, then those of each row.

    Args:
        head: The heads of the columns.
        rows: The rows.
        columns: How wide the terminal is: the widest columns are wrapped until the table fits,
            none to less than `NARROWEST`, and a last column of long texts, left less than
            `READABLE`, stands below its rows. None: nothing is wrapped.
    """
    cleaned = [[isolated(clean(cell)) for cell in row] for row in rows]
    shown = [n for n in range(len(head)) if any(row[n] for row in cleaned)] or [0]
    table = [[head[n] for n in shown], *([row[n] for n in shown] for row in cleaned)]
    widths = [max(width(line[n]) for line in table) for n in range(len(shown))]
    below = [""] * len(table)
    if columns and columns - _total(widths[:-1]) < READABLE < widths[-1]:
        below = ["", *(row[-1] for row in table[1:])]
        table, widths = [row[:-1] for row in table], widths[:-1]
    while columns and _total(widths) > columns and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return [
        _lines(row, widths) + ([f"    {line}" for line in wrapped(text, (columns or 0) - 4)]
                               if text else [])
        for row, text in zip(table, below, strict=True)
    ]  # fmt: skip


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
    return [
        "  ".join(
            part + " " * (size - width(part)) for part, size in zip(line, widths, strict=True)
        ).rstrip()
        for line in zip_longest(*cells, fillvalue="")
    ]


def isolated(text: str) -> str:
    """Return a text that holds right-to-left letters so that it does not turn the line round."""
    if text.isascii():
        return text
    from unicodedata import bidirectional

    if any(bidirectional(char) in ("R", "AL") for char in text):
        return f"\u2068{text}\u2069"  # first strong isolate, its end
    return text


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text as lines of at most so many columns, broken at spaces where there are any."""
    if width(text) <= columns:
        return [text]
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
