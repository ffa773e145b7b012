"""The commands for a clinic: many patients at once."""

import os
import sys
from datetime import date, time, timedelta
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from dosecal.cli import inputs, say
from dosecal.cli.options import (
    ANY_DOSE,
    DECISION_MISSING,
    EXIT_CODES,
    FORMAT,
    LANGUAGE_CODES,
    STREAM,
    TODAY,
    DateParam,
    FileParam,
    NumberParam,
    TimeParam,
    ZoneParam,
    calendar_options,
)
from dosecal.clinic.interrupt import Interruptible
from dosecal.errors import INTERRUPTED, PatientsFileError, Problem, RequestError
from dosecal.store import named

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.clinic.batch import Summary
    from dosecal.clinic.patients_file import Row
    from dosecal.ical.events import CalendarOptions

_SHOWN: Final = 20  # problems shown where errors.csv holds all of them
_QUIET: Final = 2.0  # seconds of work without a progress line
_EACH: Final = 0.2  # seconds between two of them
_LINES: Final = 1000  # lines printed at once

WEEK: Final = timedelta(days=6)

WRONG: Final = EXIT_CODES[PatientsFileError]
PATIENTS = click.argument("patients", metavar="PATIENTS.csv", type=click.Path())
CLOCK = click.option(
    "--time", "clock", type=TimeParam(), help="Time of day of the patients whose row names none."
)
ZONE = click.option(
    "--tz",
    "zone",
    type=ZoneParam(),
    help="Time zone of the patients whose row names none.",
)


def _open(path: str) -> BinaryIO:
    """Open a patients file, which is read twice: the second time when all is known to be well."""
    if path == STREAM or (os.path.exists(path) and not _is_plain(path)):
        raise RequestError(
            f"{path} is a stream, which can be read only once: save it as a file, and name that one"
        )
    try:
        return open(path, "rb")
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise RequestError(f"cannot read {path!r}: {error}") from None


def _is_plain(path: str) -> bool:
    return os.path.isfile(path) or os.path.isdir(path)


class _Progress:
    """A line on stderr that says how far the work is, if it is a terminal and the work is long."""

    def __init__(self, path: str) -> None:
        self._shown = sys.stderr.isatty()
        self._next = monotonic() + _QUIET
        self._path = path
        self._file: BinaryIO | None = None
        self._written = False

    def open(self) -> BinaryIO:
        """Open the file whose reading is the progress."""
        self._file = _open(self._path)
        return self._file

    def __call__(self, rows: int) -> None:
        """Show how many rows are done, now and then."""
        if not self._shown or monotonic() < self._next:
            return
        self._next = monotonic() + _EACH
        size = os.path.getsize(self._path)
        read = self._file.tell() if self._file and not self._file.closed else size
        part = f", {100 * read // size} % of the file read" if size else ""
        click.echo(f"\r{say.counted(rows, 'patient')}{part}\x1b[K", err=True, nl=False)
        self._written = True

    def end(self) -> None:
        """Take the line away."""
        if self._written:
            click.echo("\r\x1b[K", err=True, nl=False)


@click.command()
@PATIENTS
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=FileParam(),
    help="The folder for the calendars; made if it is not there.",
)
@CLOCK
@ZONE
@click.option("--count", "limit", type=ANY_DOSE, help="At most so many doses a patient.")
@click.option("--from", "first", type=DateParam(), help="First date, inclusive.")
@click.option("--until", type=DateParam(), help="Last date, inclusive.")
@TODAY
@click.option(
    "--for",
    "clinic",
    default="",
    help="The clinic: keeps its UIDs apart from those of a clinic with the same ids.",
)
@click.option(
    "--lang",
    default="",
    help=f"Language of the patients whose row names none: {LANGUAGE_CODES}. "
    "[default: the environment's]",
)
@calendar_options
@click.option(
    "--jobs",
    type=NumberParam(1, 256),
    default=1,
    show_default=True,
    help="How many processes work; the files are the same.",
)
@click.option("--resume", is_flag=True, help="Keep the calendars that stand as they would be.")
@click.option("--strict", is_flag=True, help="Write nothing unless every row is good.")
def batch(
    patients: str,
    folder: "Path",
    clock: time | None,
    zone: str | None,
    limit: int | None,
    first: date | None,
    until: date | None,
    today: date | None,
    clinic: str,
    lang: str,
    options: "CalendarOptions",
    jobs: int,
    resume: bool,
    strict: bool,
) -> None:
    """Write a calendar for every patient of a clinic.

    index.csv lists them. A row that is wrong is listed in errors.csv, the others get their
    calendars, and the exit code is 11. The columns are id, schedule, start and, if you like,
    time, timezone, weight_kg, caregiver, language, avoid, course and title; docs/clinic.md
    describes them.
    """
    if first and until and until < first:
        raise RequestError(f"--until {until} lies before --from {first}")
    shown = 0
    progress = _Progress(patients)

    def report(row: "Row", problem: Problem) -> None:
        from dosecal.clinic.patients_file import row_error

        nonlocal shown
        shown += 1
        if strict or shown <= _SHOWN:
            click.echo(f"dosecal: {row_error(patients, row, problem)}", err=True)

    def work_through(work: Interruptible) -> "Summary":
        from importlib.metadata import version

        from dosecal.clinic.batch import run
        from dosecal.clinic.patients_file import Defaults
        from dosecal.clinic.worker import Settings

        settings = Settings(
            folder,
            named.Shelf().beside(os.path.dirname(patients)),
            Defaults(clock, zone or "", clinic),
            inputs.today(today),
            f"{version('dosecal')} {version('icalendar')}",
            options,
            inputs.language(lang).code,
            limit,
            first,
            until,
            inputs.epoch(),
        )
        return run(
            progress.open, patients, settings, jobs=jobs, resume=resume, strict=strict,
            work=work, report=report, progress=progress,
        )  # fmt: skip

    try:
        with Interruptible() as work:
            done = work_through(work)
    except KeyboardInterrupt:
        progress.end()
        click.echo("dosecal: interrupted; --resume goes on from here", err=True)
        sys.exit(INTERRUPTED)
    finally:
        progress.end()
    if strict and done.bad:
        click.echo(f"dosecal: {_rows(done.bad)} wrong: nothing was written", err=True)
        sys.exit(WRONG)
    if shown > _SHOWN and not strict:
        click.echo(f"dosecal: ... {say.counted(shown - _SHOWN, 'more problem')}", err=True)
    kept = f", {done.kept} kept as they were" if done.kept else ""
    click.echo(f"{folder}: {say.counted(done.written, 'calendar')} written{kept}", err=True)
    if done.ended and limit is None and until is None:
        click.echo(
            f"dosecal: {done.ended} of the calendars end before the next dose, because they "
            "cover a year from the start; --from DATE writes later ones", err=True,
        )  # fmt: skip
    if done.bad:
        click.echo(f"dosecal: {_rows(done.bad)} wrong: see {folder / 'errors.csv'}", err=True)
        sys.exit(WRONG)


def _rows(count: int) -> str:
    return f"{count} row{' is' if count == 1 else 's are'}"


@click.command()
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    metavar="PATIENTS.csv|COURSE|FOLDER...",
    type=click.Path(),
)
@click.option("--from", "first", type=DateParam(), help="First date, inclusive. [default: today]")
@click.option(
    "--until", type=DateParam(), help="Last date, inclusive. [default: six days after the first]"
)
@CLOCK
@ZONE
@TODAY
@click.option(
    "--lang",
    default="",
    help=f"Language of the list: {LANGUAGE_CODES}. [default: the environment's]",
)
@FORMAT
def due(
    sources: tuple[str, ...],
    first: date | None,
    until: date | None,
    clock: time | None,
    zone: str | None,
    today: date | None,
    lang: str,
    form: str,
) -> None:
    """List who is due, late or to be checked, by day.

    Takes patients files, course files and folders of course files; lists today and the six days
    after it. What is late, or given and still to be decided, comes first whatever its date.
    Doses of a patients file are taken as given once they are past, for nothing records them.

    Exits 12 if a decision is missing that no source states, and 11 if a file or row is wrong;
    the others are listed all the same.
    """
    from dosecal.clinic import work_list_text as render_due
    from dosecal.clinic.gather import gather
    from dosecal.clinic.patients_file import Defaults

    day, language = inputs.today(today), inputs.language(lang)
    first = first or day
    until = until or first + WEEK
    if STREAM in sources:
        raise RequestError('"-" would be a stream; name a file')
    if until < first:
        raise RequestError(f"--until {until} lies before --from {first}")
    found = gather(
        sources,
        named.Shelf().beside,
        Defaults(clock, zone or ""),
        day,
        first,
        until,
        lambda message: click.echo(f"dosecal: {message}", err=True),
        language,
    )
    several = len(sources) > 1
    lines = {
        "table": lambda: render_due.to_table(
            found.work, language, sources=several, columns=inputs.columns()
        ),
        "markdown": lambda: render_due.to_markdown(found.work, language, sources=several),
        "csv": lambda: render_due.to_csv(found.work),
        "json": lambda: render_due.to_json(found.work),
    }[form]()
    while some := list(islice(lines, _LINES)):
        click.echo("\n".join(some))
    if not found.listed:
        nobody = language.text(
            "nobody is due, late or to be checked from {first} to {until}", first=first, until=until
        )
        click.echo(f"dosecal: {nobody}", err=True)
    found.work.close()
    if found.bad:
        sys.exit(WRONG)
    sys.exit(DECISION_MISSING if found.decision_missing else 0)


COMMANDS = {"batch": batch, "due": due}
