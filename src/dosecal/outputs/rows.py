"""Lists as rows of text: the formats CSV, for a program, and Markdown, for a reader."""

import re
from collections.abc import Iterator
from typing import Final

from dosecal.outputs.formats import Listing, Screen, TextRow
from dosecal.words.text import clean

_FORMULA: Final = frozenset("=+-@")


def csv_line(row: TextRow) -> str:
    """Return one line of CSV (RFC 4180); no cell can be read as a spreadsheet's formula."""
    return ",".join(map(_csv_cell, row))


def _csv_cell(cell: str) -> str:
    cell = clean(cell)
    if cell[:1] in _FORMULA:
        cell = "'" + cell
    return '"{}"'.format(cell.replace('"', '""')) if '"' in cell or "," in cell else cell


def write_csv(listing: Listing, screen: Screen) -> Iterator[str]:
    """Yield the lines of CSV with a header, for a program."""
    yield csv_line(listing.keys)
    yield from map(csv_line, listing.plain_rows())


def markdown_line(row: TextRow) -> str:
    """Return one row of a Markdown table."""
    escaped = (re.sub(r"([\\|*_`<>\[\]])", r"\\\1", clean(cell)) for cell in row)
    return f"| {' | '.join(escaped)} |"


def markdown_head(head: TextRow) -> str:
    """Return the first two lines of a Markdown table."""
    return f"{markdown_line(head)}\n|{' --- |' * len(head)}"


def write_markdown(listing: Listing, screen: Screen) -> Iterator[str]:
    """Yield the lines of a Markdown table, for a reader."""
    yield from markdown_head(listing.head).split("\n")
    yield from map(markdown_line, listing.rows())
