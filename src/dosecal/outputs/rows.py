"""Lists as rows of text: the formats CSV, for a program, and Markdown, for a reader."""

import re
from collections.abc import Iterator
from typing import Final

from dosecal.outputs.formats import Listing, Screen, TextRow
from dosecal.words.text import clean

CSV_MARK: Final = b"\xef\xbb\xbf"
"""What a CSV file begins with, so that a spreadsheet reads it as UTF-8; not so on stdout."""

# Where a spreadsheet begins a cell: at the begin, and, where its computer's language separates
# cells by semicolons, after each of these too, whatever quotes stand about it.
_FORMULA: Final = re.compile(r"""(^|;)(?=[\s"']*[=+\-@＝＋－＠])""")
_PLAIN: Final = re.compile(r'\w[^",;]*')
_QUOTED: Final = re.compile('[",;]')


def csv_line(row: TextRow) -> str:
    """Return one line of CSV (RFC 4180); no cell can be read as a spreadsheet's formula."""
    return ",".join(map(_csv_cell, row))


def _csv_cell(cell: str) -> str:
    """Return a cell: no part of it that a spreadsheet may take for a cell begins a formula."""
    shown = clean(cell)
    if _PLAIN.fullmatch(shown):
        return shown
    safe = _FORMULA.sub(r"\1'", shown)
    if safe != shown or _QUOTED.search(safe):
        return '"{}"'.format(safe.replace('"', '""'))
    return safe


def write_csv(listing: Listing, screen: Screen) -> Iterator[str]:
    """Yield the lines of CSV with a header, for a program."""
    yield csv_line(listing.keys)
    yield from map(csv_line, listing.plain_rows())


def markdown_line(row: TextRow) -> str:
    """Return one row of a Markdown table."""
    return f"| {' | '.join(map(markdown_text, row))} |"


def markdown_text(text: str) -> str:
    """Return a text of anybody's as Markdown that shows it as it is."""
    return re.sub(r"([\\|*_`<>\[\]])", r"\\\1", clean(text))


def markdown_head(head: TextRow) -> str:
    """Return the first two lines of a Markdown table."""
    return f"{markdown_line(head)}\n|{' --- |' * len(head)}"


def write_markdown(listing: Listing, screen: Screen) -> Iterator[str]:
    """Yield the lines of a Markdown table, for a reader."""
    yield from markdown_head(listing.head).split("\n")
    yield from map(markdown_line, listing.rows())
    for line in listing.closing():
        yield f"\n{markdown_text(line)}"
