"""Rows of text for a reader, in the formats that hold rows: table, CSV and Markdown."""

import re
from collections.abc import Iterable, Sequence

Row = Sequence[str]


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
    from unicodedata import category, combining, east_asian_width

    return sum(
        0
        if combining(char) or category(char) in ("Mn", "Me", "Cf")
        else 2
        if east_asian_width(char) in "WF"
        else 1
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
    widths = column_widths(head, rows)
    if not any(widths):
        widths[0] = width(head[0])
    return "\n".join(table_line(line, widths) for line in (head, *rows))


def csv_line(row: Row) -> str:
    """Return one line of CSV (RFC 4180); no cell can be read as a spreadsheet's formula."""
    cells = ("'" + cell if re.match(r"[=+\-@]", cell) else cell for cell in map(clean, row))
    return ",".join(
        '"{}"'.format(cell.replace('"', '""')) if '"' in cell or "," in cell else cell
        for cell in cells
    )


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
