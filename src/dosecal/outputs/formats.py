"""The formats in which a result is written: one table, which the command line's choices come from.

A format is a module of this package with the functions that the table names. It is imported when
it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

TextRow = Sequence[str]
"""The cells of a row."""
Rows = Callable[[], Iterable[TextRow]]
"""How rows are made, when a format asks for them."""


class Screen(NamedTuple):
    """What a result is written on: how many columns wide (0: no terminal), and whether coloured."""

    columns: int = 0
    coloured: bool = False


class Listing(NamedTuple):
    """A list of things, each made when a format asks for it.

    Attributes:
        head: The heads of the columns for a reader.
        rows: The rows for a reader.
        keys: The heads of the columns for a program.
        plain_rows: The rows for a program.
        objects: The things for a program that reads JSON.
        short_rows: The rows for a reader of a terminal, where those of `rows` are long.
        below: The lines under the table of a terminal.
        statuses: The status of each row, which a terminal may colour; empty: none has one.
        closing: Lines that end the list in every format for readers.
    """

    head: TextRow
    rows: Rows
    keys: TextRow
    plain_rows: Rows
    objects: Callable[[], list[dict[str, Any]]]
    short_rows: Rows | None = None
    below: Callable[[], Iterable[str]] = tuple
    statuses: Sequence[str] = ()
    closing: Callable[[], Iterable[str]] = tuple


class Report(NamedTuple):
    """One thing told: as text for a reader, as an object for a program."""

    text: Callable[[], str]
    object: Callable[[], dict[str, Any]]


class Format(NamedTuple):
    """Where a format's functions stand, as "module.function" of this package.

    Attributes:
        listing: What writes a `Listing` on a `Screen` and yields lines.
        report: What writes a `Report` so; "" where the format has none.
    """

    listing: str
    report: str = ""


FORMATS: Final = {
    "table": Format("terminal.write_listing", "terminal.write_report"),
    "json": Format("objects.write_listing", "objects.write_report"),
    "csv": Format("rows.write_csv"),
    "markdown": Format("rows.write_markdown"),
}
"""The formats by name; the first is the one where nobody names any."""
OF_REPORTS: Final = tuple(name for name, each in FORMATS.items() if each.report)
"""The formats that a `Report` has."""


def write_listing(form: str, listing: Listing, screen: Screen) -> Iterator[str]:
    """Yield the lines of a list in a format.

    Raises:
        KeyError: There is no such format.
    """
    return _function(FORMATS[form].listing)(listing, screen)


def write_report(form: str, report: Report, screen: Screen) -> Iterator[str]:
    """Yield the lines of a report in a format.

    Raises:
        KeyError: There is no such format, or it has no reports.
    """
    if form not in OF_REPORTS:
        raise KeyError(form)
    return _function(FORMATS[form].report)(report, screen)


def _function(name: str) -> Callable[[Any, Screen], Iterator[str]]:
    module, function = name.split(".")
    found: Callable[[Any, Screen], Iterator[str]] = getattr(
        import_module(f"dosecal.outputs.{module}"), function
    )
    return found
