"""Tables and lines as a terminal shows them: aligned in any script, and no wider than it is."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from dosecal.outputs.formats import Listing, Report, Screen, TextRow
from dosecal.words.text import clean, isolated, longest_word, width, wrapped

READABLE: Final = 40
"""The fewest columns of a terminal to which a column of long texts is wrapped."""
_WHOLE: Final = 8
"""A cell of so many columns is not broken: that of a dose, "120 mg"."""
_GAP: Final = 2
_COLOURS: Final = {"late": "\x1b[31m\x1b[1m", "due": "\x1b[32m\x1b[1m"}
"""The statuses that stand out: late in bold red, due in bold green."""
_PLAIN: Final = "\x1b[0m"
_INDENT: Final = 4
_WHOLE_PART: Final = r"(?=\bdosecal [a-z]+ )|(?=https?://\S+$)"


class Table(NamedTuple):
    """How the rows of a table stand.

    Attributes:
        head: The heads of the columns.
        widths: How wide each column is; 0 where it is left out, for all its cells are empty.
        columns: How wide the terminal is; 0: nothing is wrapped.
        below: Whether the last column stands below its rows, for its texts are long.
        stacked: Whether each row is a block of lines, for the columns have no room side by side.
    """

    head: TextRow
    widths: Sequence[int]
    columns: int = 0
    below: bool = False
    stacked: bool = False

    def first(self) -> list[str]:
        """Return the lines of the head; none where each cell stands after its own."""
        return [] if self.stacked else self._side_by_side(self.head)

    def lines(self, row: TextRow) -> list[str]:
        """Return the lines of a row."""
        cells = [_shown(cell) for cell in row]
        if self.stacked:
            return list(self._block(cells))
        lines = self._side_by_side(cells)
        if self.below and cells[-1]:
            lines += [" " * _INDENT + each for each in wrapped(cells[-1], self.columns - _INDENT)]
        return lines

    def _side_by_side(self, cells: Sequence[str]) -> list[str]:
        shown = [(cell, size) for cell, size in zip(cells, self.widths, strict=True) if size]
        parts = [wrapped(cell, size) for cell, size in shown]
        return [
            (" " * _GAP)
            .join(
                part + " " * (size - width(part))
                for part, (_, size) in zip(line, shown, strict=True)
            )
            .rstrip()
            for line in zip_longest(*parts, fillvalue="")
        ]

    def _block(self, cells: Sequence[str]) -> Iterator[str]:
        """Yield a row as lines of cells, each after its head; all lines but the first indented."""
        room = self.columns - _INDENT
        filled = [(name, cell) for name, cell in zip(self.head, cells, strict=True) if cell]
        pairs = [f"{name}{': ' if n else ' '}{cell}" for n, (name, cell) in enumerate(filled)]
        lines: list[str] = []
        for pair in pairs:
            if lines and width(lines[-1]) + _GAP + width(pair) <= room:
                lines[-1] += " " * _GAP + pair
            else:
                lines.append(pair)
        for number, line in enumerate(lines):
            first, *more = wrapped(line, room)
            yield f"  {first}" if number else first
            yield from (" " * _INDENT + each for each in more)


def _shown(text: str) -> str:
    return isolated(clean(text))


def table(head: TextRow, rows: Iterable[TextRow], columns: int = 0) -> Table:
    """Return how rows stand in a terminal.

    The widest columns are wrapped until the table fits, and none so far that a word is cut: where
    that is not enough, the rows are blocks.

    Args:
        head: The heads of the columns.
        rows: The rows; gone through once.
        columns: How wide the terminal is; 0: nothing is wrapped.
    """
    widths, least = [0] * len(head), [0] * len(head)
    for row in rows:
        for n, cell in enumerate(map(_shown, row)):
            if (size := width(cell)) > widths[n]:
                widths[n] = size
            if columns and size > least[n]:
                least[n] = max(least[n], min(size, _WHOLE), longest_word(cell))
    if not any(widths):
        widths[0] = 1
    for n, name in enumerate(head):
        if widths[n]:
            widths[n], least[n] = max(widths[n], width(name)), max(least[n], longest_word(name))
    if not columns:
        return Table(head, widths)
    below = columns - _total(widths[:-1]) < READABLE < widths[-1]
    if below:
        widths[-1] = least[-1] = 0
    if _total(least) > columns:
        return Table(head, widths, columns, stacked=True)
    while _total(widths) > columns:
        widest = max((n for n in range(len(head)) if widths[n] > least[n]), key=widths.__getitem__)
        widths[widest] -= 1
    return Table(head, widths, columns, below)


def _total(widths: Sequence[int]) -> int:
    return sum(size + _GAP for size in widths if size) - _GAP


def folded(text: str, columns: int) -> Iterator[str]:
    """Yield the lines of a text, those that are too long folded and indented by two more.

    A command and an address at the end of a line are never broken, so that they can be copied, even
    where they are wider than the terminal.

    Args:
        text: One or more lines.
        columns: How wide the terminal is; 0: nothing is folded.
    """
    for line in text.split("\n"):
        if not columns or width(line) <= columns:
            yield line
            continue
        body = line.lstrip(" ")
        indent = " " * (len(line) - len(body))
        for part in re.split(_WHOLE_PART, body):
            whole = part.startswith(("dosecal ", "http"))
            for each in [part] if whole else wrapped(part.rstrip(), columns - len(indent) - 2):
                yield indent + each
                if body:
                    indent, body = f"{indent}  ", ""


def write_listing(listing: Listing, screen: Screen) -> Iterator[str]:
    """Yield a list as a table that fits the screen, and what stands below; no head without rows."""
    rows = tuple((listing.short_rows or listing.rows)())
    if rows:
        found = table(listing.head, rows, screen.columns)
        yield from found.first()
        for row, status in zip_longest(rows, listing.statuses, fillvalue=""):
            colour = _COLOURS.get(status, "") if screen.coloured else ""
            for line in found.lines(row):
                yield f"{colour}{line}{_PLAIN}" if colour else line
    for line in (*listing.closing(), *listing.below()):
        yield from folded(line, screen.columns)


def write_report(report: Report, screen: Screen) -> Iterator[str]:
    """Yield a report as lines that fit the screen."""
    yield from folded(report.text(), screen.columns)
