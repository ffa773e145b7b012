"""The commands for a clinic: many patients at once."""

import os
import sys
from datetime import date, time
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

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
    USAGE,
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
from dosecal.store.files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.clinic.batch import BatchRequest, BatchSummary
    from dosecal.clinic.gather import Gathered
    from dosecal.clinic.patients_file import PatientRow
    from dosecal.ical.events import CalendarOptions
    from dosecal.words.language import Language

_SHOWN: Final = 20  # problems shown where errors.csv holds all of them
_QUIET: Final = 2.0  # seconds of work without a progress line
_EACH: Final = 0.2  # seconds between two of them
_LINES: Final = 1000  # lines printed at once

BROKEN: Final = 1
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
    return open_regular(path)


def _is_plain(path: str) -> bool:
    return os.path.isfile(path) or os.path.isdir(path)


class _Progress:
    """A line on stderr that says how far the work is, if it is a terminal and the work is long."""

    def __init__(self, path: str) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()
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
def batch(**values: Any) -> None:
    """Write a calendar for every patient of a clinic.

    index.csv lists them. A row that is wrong is listed in errors.csv, the others get their
    calendars, and the exit code is 11. The columns are id, schedule, start and, if you like,
    time, timezone, weight_kg, caregiver, language, avoid, course and title; docs/clinic.md
    describes them.
    """
    asked = _BatchOptions(**values)
    _check_dates(asked.first, asked.until)
    progress, told = _Progress(asked.patients), _Told(asked)
    try:
        with Interruptible() as work:
            from dosecal.clinic.batch import Observer, run

            observer = Observer(work, told.problem, told.question, progress)
            done = run(_batch_request(asked, progress), observer)
    except KeyboardInterrupt:
        progress.end()
        click.echo("dosecal: interrupted; --resume goes on from here", err=True)
        sys.exit(INTERRUPTED)
    finally:
        progress.end()
    told.end()
    _say_batch(asked, done)
    sys.exit(BROKEN if done.broken else WRONG if done.bad else 0)


class _BatchOptions(NamedTuple):
    """What the options of `batch` say; None, False or empty where they are not given."""

    patients: str
    folder: "Path"
    clock: time | None
    zone: str | None
    limit: int | None
    first: date | None
    until: date | None
    today: date | None
    clinic: str
    lang: str
    options: "CalendarOptions"
    jobs: int
    resume: bool
    strict: bool


def _check_dates(first: date | None, until: date | None) -> None:
    if first and until and until < first:
        raise RequestError(f"--until {until} lies before --from {first}")


def _batch_request(asked: _BatchOptions, progress: _Progress) -> "BatchRequest":
    """Return what is asked for, with what the clock and the environment say."""
    from importlib.metadata import version

    from dosecal.clinic.batch import BatchRequest
    from dosecal.clinic.patients_file import RowDefaults
    from dosecal.clinic.worker import BatchSettings

    settings = BatchSettings(
        asked.folder,
        named.Shelf().beside(os.path.dirname(asked.patients)),
        RowDefaults(asked.clock, asked.zone or "", asked.clinic),
        inputs.patients_today(asked.today),
        f"{version('dosecal')} {version('icalendar')}",
        asked.options,
        inputs.language(asked.lang).code,
        asked.limit,
        asked.first,
        asked.until,
        inputs.epoch(),
    )
    return BatchRequest(
        progress.open, asked.patients, settings, asked.jobs, asked.resume, asked.strict
    )


class _Told:
    """What is said of rows as they are read; of very many problems only the first."""

    def __init__(self, asked: _BatchOptions) -> None:
        self._file = asked.patients
        self._most = sys.maxsize if asked.strict else _SHOWN
        self._problems = self._questions = 0

    def problem(self, row: "PatientRow", problem: Problem) -> None:
        """Say what is wrong with a row."""
        self._problems += 1
        if self._problems <= self._most:
            self._say(row, problem)

    def question(self, row: "PatientRow", question: Problem) -> None:
        """Say what is to be looked at in a row."""
        self._questions += 1
        if self._questions <= _SHOWN:
            self._say(row, question)

    def _say(self, row: "PatientRow", problem: Problem) -> None:
        from dosecal.clinic.patients_file import row_error

        click.echo(f"dosecal: {row_error(self._file, row, problem)}", err=True)

    def end(self) -> None:
        """Say how many more there were."""
        for count, most, what in (
            (self._problems, self._most, "more problem"),
            (self._questions, _SHOWN, "more question"),
        ):
            if count > most:
                click.echo(f"dosecal: ... {say.counted(count - most, what)}", err=True)


def _say_batch(asked: _BatchOptions, done: "BatchSummary") -> None:
    """Say how a batch went."""
    if asked.strict and done.bad:
        click.echo(f"dosecal: {_rows(done.bad)} wrong: nothing was written", err=True)
        return
    kept = f", {done.kept} kept as they were" if done.kept else ""
    click.echo(f"{asked.folder}: {say.counted(done.written, 'calendar')} written{kept}", err=True)
    if done.ended and asked.limit is None and asked.until is None:
        click.echo(
            f"dosecal: {done.ended} of the calendars end before the next dose, because they "
            "cover a year from the start; --from DATE writes later ones", err=True,
        )  # fmt: skip
    if done.bad:
        click.echo(f"dosecal: {_rows(done.bad)} wrong: see {asked.folder / 'errors.csv'}", err=True)


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
def due(**values: Any) -> None:
    """List who is due, late or to be checked, by day.

    Takes patients files, course files and folders of course files; lists today and the six days
    after it. What is late, or given and still to be decided, comes first whatever its date.
    Doses of a patients file are taken as given once they are past, for nothing records them.

    Exits 12 if a decision is missing that no source states, and 11 if a file or row is wrong;
    the others are listed all the same.
    """
    from dosecal.clinic.gather import WEEK, Asked, gather
    from dosecal.clinic.patients_file import RowDefaults
    from dosecal.clinic.work_list_text import FORMS, ListReader

    options = _DueOptions(**values)
    today, language = inputs.patients_today(options.today), inputs.language(options.lang)
    first = options.first or today.day
    until = options.until or first + WEEK
    if STREAM in options.sources:
        raise RequestError('"-" would be a stream; name a file')
    _check_dates(first, until)
    asked = Asked(
        options.sources, named.Shelf().beside, RowDefaults(options.clock, options.zone or ""),
        today, options.first, options.until,
    )  # fmt: skip
    form = FORMS[options.form]
    reader = ListReader(language, len(options.sources) > 1, inputs.columns())
    found = gather(
        asked,
        lambda item: form.row(item, reader),
        lambda message: click.echo(f"dosecal: {message}", err=True),
    )
    lines = form.lines(found.work, found.unread, reader)
    while some := list(islice(lines, _LINES)):
        click.echo("\n".join(some))
    if not len(found.work) and not found.unread:
        _say_nobody(first, until, language)
    found.work.close()
    sys.exit(_exit_code(found))


class _DueOptions(NamedTuple):
    """What the options of `due` say; None or empty where they are not given."""

    sources: tuple[str, ...]
    first: date | None
    until: date | None
    clock: time | None
    zone: str | None
    today: date | None
    lang: str
    form: str


def _say_nobody(first: date, until: date, language: "Language") -> None:
    nobody = language.text(
        "nobody is due, late or to be checked from {first} to {until}", first=first, until=until
    )
    click.echo(f"dosecal: {nobody}", err=True)


def _exit_code(found: "Gathered") -> int:
    """Return the gravest of what was found."""
    if found.broken:
        return BROKEN
    if found.wrong:
        return WRONG
    if found.unread:
        return USAGE
    return DECISION_MISSING if found.decision_missing else 0


COMMANDS = {"batch": batch, "due": due}
