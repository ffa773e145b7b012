"""Rows of text for a reader, in the formats that hold rows: table, CSV and Markdown."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence

Row = Sequence[str]


def clean(text: str) -> str:
    """Return text on one line, without control characters that could move a terminal's cursor."""
    if text.isprintable():
        return text
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
    cleaned = [[clean(cell) for cell in row] for row in rows]
    shown = [n for n in range(len(head)) if any(row[n] for row in cleaned)] or [0]
    lines = [[head[n] for n in shown], *([row[n] for n in shown] for row in cleaned)]
    widths = [max(width(line[n]) for line in lines) for n in range(len(shown))]
    return "\n".join(
        "  ".join(
            cell + " " * (size - width(cell)) for cell, size in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def csv_row(row: Row) -> list[str]:
    """Return clean cells, none of which can be read as a spreadsheet's formula."""
    return ["'" + cell if re.match(r"[=+\-@]", cell) else cell for cell in map(clean, row)]


def to_csv(head: Row, rows: Sequence[Row]) -> str:
    """Return CSV with a header (RFC 4180, LF); no cell can be read as a spreadsheet's formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(map(csv_row, rows))
    return out.getvalue().rstrip("\n")


def to_markdown(head: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table."""

    def line(cells: Row) -> str:
        escaped = (re.sub(r"([\\|*_`<>\[\]])", r"\\\1", clean(cell)) for cell in cells)
        return f"| {' | '.join(escaped)} |"

    return "\n".join([line(head), f"|{' --- |' * len(head)}", *(line(row) for row in rows)])
