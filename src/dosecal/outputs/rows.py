"""Rows of text for a reader: their cells, and the formats CSV and Markdown."""

import re
from collections.abc import Sequence
from typing import Final

from dosecal.words.text import clean

Row = Sequence[str]

_FORMULA: Final = frozenset("=+-@")


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
