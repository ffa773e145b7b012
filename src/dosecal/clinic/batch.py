"""A calendar for every patient of a clinic, in flat memory whatever their number.

Rows are independent: they are worked on here or in other processes, and what is written does
not depend on how many those are.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from itertools import islice
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from dosecal.clinic.file_names import collision_key, marked_name, safe_name
from dosecal.clinic.interrupt import Interruptible, deaf
from dosecal.clinic.journal import Journal, journal
from dosecal.clinic.patients_file import (
    Patient,
    PatientRow,
    Repeats,
    problem_words,
    read_ids,
    read_rows,
    schedule_named,
)
from dosecal.clinic.spill import Notebook
from dosecal.clinic.worker import (
    RESTS,
    WORKSHOP,
    BatchSettings,
    CalendarMaker,
    CalendarResult,
    CalendarTask,
)
from dosecal.errors import BatchEndedError, PatientsFileError, Problem, RequestError
from dosecal.outputs.rows import CSV_MARK, csv_line
from dosecal.store.files import begins_with, not_ours, private_folder, remove_rests, replacing
from dosecal.store.named import Finder

INDEX: Final = ("id", "file", "first_dose", "next_dose", "doses")
ERRORS: Final = ("line", "id", "column", "problem")
_CHUNK: Final = 100  # rows handed to another process at once
_AHEAD: Final = 2  # chunks a process that wait for it, so that memory stays flat
_LISTEN: Final = 0.1  # seconds of waiting between two looks whether Ctrl-C was pressed


class BatchSummary(NamedTuple):
    """How a batch went.

    Attributes:
        written: Calendars that were written now.
        kept: Calendars that stood already.
        bad: Rows that are wrong.
        ended: Calendars that end before the patient's next dose.
        broken: Whether something went wrong that is no mistake of the user's.
    """

    written: int = 0
    kept: int = 0
    bad: int = 0
    ended: int = 0
    broken: bool = False


class BatchRequest(NamedTuple):
    """What a batch is asked for.

    Attributes:
        open_file: Opens the patients file.
        name: How messages name it.
        settings: What holds for all patients.
        jobs: How many processes work; the files are the same whatever it is.
        resume: Whether calendars that stand as they would be written are kept.
        strict: Whether nothing is written unless all rows are good.
    """

    open_file: Callable[[], BinaryIO]
    name: str
    settings: BatchSettings
    jobs: int = 1
    resume: bool = False
    strict: bool = False


class Observer(NamedTuple):
    """Who is told how a batch goes, and asked whether it goes on.

    Attributes:
        work: Asked between two rows whether to go on.
        problem: Told of each problem of a row.
        question: Told of what a reader should look at.
        progress: Told how many rows are done, as they are.
    """

    work: Interruptible
    problem: Callable[[PatientRow, Problem], None]
    question: Callable[[PatientRow, Problem], None]
    progress: Callable[[int], None]


def run(request: BatchRequest, observer: Observer) -> BatchSummary:
    """Write the calendars, `index.csv`, and `errors.csv` if any row is bad.

    Raises:
        PatientsFileError: The file as a whole is wrong, or holds no patient.
        RequestError: The folder cannot be used.
        KeyboardInterrupt: Ctrl-C was pressed; what is written is whole.
    """
    with closing(_rows_by_id(request, observer)) as counts:
        _check_folder(request.settings.folder)
        if request.strict:
            checked = _checked(request, counts, observer)
            if checked.bad:
                return checked
        return _written_in_words(request, counts, observer)


def _written_in_words(request: BatchRequest, counts: Notebook, observer: Observer) -> BatchSummary:
    """Write the calendars; what the system refuses is said in words."""
    try:
        return _written(request, counts, observer)
    except OSError as error:
        folder = request.settings.folder
        raise RequestError(f"cannot write in {folder}: {error.strerror or error}") from error


def _rows_by_id(request: BatchRequest, observer: Observer) -> Notebook:
    """Return how many rows each id has: all rows of an id become one calendar.

    Raises:
        PatientsFileError: The file as a whole is wrong, or holds no patient.
    """
    counts, empty = Notebook(), True
    with request.open_file() as file:
        for id in read_ids(file, request.name):
            observer.work.check()
            empty = False
            if id and (before := counts.first(id, "1")) is not None:
                counts.put(id, str(int(before) + 1))
    if empty:
        problem = Problem("", "no patient stands below the header", "one line a patient")
        raise PatientsFileError(request.name, (problem,))
    return counts


def _check_folder(folder: Path) -> None:
    """Refuse a folder that is none, or in which a list of somebody else's has a name of ours."""
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"{folder} is no folder")
    for name, head in (("index.csv", INDEX), ("errors.csv", ERRORS)):
        begin = f"{csv_line(head)}\n".encode()
        if not begins_with(str(folder / name), CSV_MARK + begin, begin):
            raise not_ours(folder / name)


def _checked(request: BatchRequest, counts: Notebook, observer: Observer) -> BatchSummary:
    """Go through all rows without writing anything."""
    bad = number = 0
    broken = False
    with request.open_file() as file:
        for task, result in _results(request, file, counts, None, observer.work):
            for row, problem in result.problems:
                observer.problem(row, problem)
            bad += len(task.rows) if result.problems else 0
            broken |= result.broken
            number += len(task.rows)
            observer.progress(number)
    return BatchSummary(bad=bad, broken=broken)


def _written(request: BatchRequest, counts: Notebook, observer: Observer) -> BatchSummary:
    """Write the calendars, and note the results in the index, the errors and the journal."""
    folder = request.settings.folder
    workshop = folder / WORKSHOP
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_folder(str(workshop))
    written = kept = bad = ended = number = 0
    broken = False
    with journal(workshop) as known:
        remove_rests(str(workshop), RESTS)
        if not request.resume:
            known.forget()
        with (
            request.open_file() as file,
            _csv_file(folder / "index.csv", INDEX) as index,
            _csv_file(folder / "errors.csv", ERRORS) as errors,
        ):
            for task, result in _results(request, file, counts, known, observer.work):
                for row, question in result.questions:
                    observer.question(row, question)
                for row, problem in result.problems:
                    observer.problem(row, problem)
                    errors((str(row.line), row.id, problem.where, problem_words(problem)))
                if made := result.written:
                    known.put(task.file, made)
                    id = task.rows[0].id
                    index((id, task.file, made.first, made.next, str(made.doses)))
                    ended += made.ends
                    written += not result.kept
                    kept += result.kept
                else:
                    bad += len(task.rows)
                broken |= result.broken
                number += len(task.rows)
                observer.progress(number)
    if not bad:
        (folder / "errors.csv").unlink()
    return BatchSummary(written, kept, bad, ended, broken)


@contextmanager
def _csv_file(path: Path, head: tuple[str, ...]) -> Iterator[Callable[[tuple[str, ...]], None]]:
    """Write a CSV file row by row; it takes its place only when it is whole.

    It begins with the mark by which a spreadsheet knows UTF-8.
    """
    temporary = str(path.parent / WORKSHOP / f"{path.name}.new")
    with replacing(str(path), temporary) as descriptor:
        with open(descriptor, "w", encoding="utf-8", newline="", closefd=False) as file:

            def write(cells: tuple[str, ...]) -> None:
                file.write(f"{csv_line(cells)}\n")

            file.write(CSV_MARK.decode())
            write(head)
            yield write
        os.fsync(descriptor)


class _Together:
    """Puts the rows of each id together, in flat memory: they may stand far apart."""

    def __init__(self, counts: Notebook) -> None:
        self._counts = counts
        self._noted = Notebook()

    def add(self, row: PatientRow, *, counts: bool) -> tuple[PatientRow, ...]:
        """Take a row; return all rows of its id once the last is there, else nothing.

        Args:
            row: The row.
            counts: Whether it is one of them; one that stood before is not.
        """
        of_all = int(self._counts.get(row.id) or 1)
        if not row.id or of_all == 1:
            return (row,) if counts else ()
        import json

        seen = int(self._noted.get(f"seen {row.id}") or 0) + 1
        self._noted.put(f"seen {row.id}", str(seen))
        if counts:
            self._noted.put(f"{seen} of {row.id}", json.dumps(row))
        if seen < of_all:
            return ()
        found = []
        for number in range(1, seen + 1):
            if text := self._noted.get(f"{number} of {row.id}"):
                line, id, cells, problems = json.loads(text)
                found.append(
                    PatientRow(line, id, cells, tuple(Problem(*each) for each in problems))
                )
                self._noted.remove(f"{number} of {row.id}")
        return tuple(found)

    def close(self) -> None:
        """Give the disk back."""
        self._noted.close()


def _tasks(
    rows: Iterable[PatientRow], counts: Notebook, maker: CalendarMaker, find: Finder
) -> Iterator[CalendarTask]:
    """Yield the calendars to make, each with the rows of its patient; none has a file yet.

    A row that another one excludes comes alone, with that for its problem.
    """
    repeats, together = Repeats(), _Together(counts)
    for row in rows:
        patient = maker.patient(row) if "course" in row.cells and not row.problems else None
        if isinstance(patient, Patient):
            again = repeats.of_row(row, patient.course.schedule.id)
            again = again or repeats.of_course(row, patient.course)
        else:
            again = repeats.of_row(row, schedule_named(row, find))
        if again:
            others = patient or maker.patient(row)
            problems = again if isinstance(others, Patient) else (*again, *others)
            yield CalendarTask((row,), "", None, (problems,))
        if whole := together.add(row, counts=not again):
            read = (patient,) if patient is not None and whole == (row,) else ()
            yield CalendarTask(whole, "", None, read)
    repeats.close()
    together.close()


def _with_files(tasks: Iterable[CalendarTask], known: Journal | None) -> Iterator[CalendarTask]:
    """Give each calendar its name, which no other has, and what is known of it."""
    taken = Notebook()
    for task in tasks:
        row = task.rows[0]
        if any(each.problems for each in task.rows) or (
            task.patients and not isinstance(task.patients[0], Patient)
        ):
            yield task
            continue
        name = safe_name(row.id)
        if taken.first(collision_key(name), str(row.line)) is not None:
            name = marked_name(row.id)
            if (line := taken.first(collision_key(name), str(row.line))) is not None:
                problem = Problem("id", f"its file would be that of line {line}", "another id")
                yield task._replace(patients=((problem,),) * len(task.rows))
                continue
        file = f"{name}.ics"
        yield task._replace(file=file, known=known.get(file) if known else None)
    taken.close()


def _results(
    request: BatchRequest,
    file: BinaryIO,
    counts: Notebook,
    known: Journal | None,
    work: Interruptible,
) -> Iterator[tuple[CalendarTask, CalendarResult]]:
    """Yield each task and what comes of it, in order; without a journal nothing is written."""
    settings, jobs, write = request.settings, request.jobs, known is not None
    maker = CalendarMaker(settings, write=write)
    rows = read_rows(file, request.name)
    tasks = _with_files(_tasks(rows, counts, maker, settings.find), known)
    if jobs == 1:
        for task in tasks:
            work.check()
            yield task, maker.make(task)
        return
    pool = ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_begin, initargs=(settings, write)
    )
    waiting: deque[tuple[list[CalendarTask], Future[list[CalendarResult]]]] = deque()
    try:
        while chunk := list(islice(tasks, _CHUNK)):
            with deaf():  # it starts the processes
                waiting.append((chunk, pool.submit(_make, chunk)))
            work.check()
            if len(waiting) > _AHEAD * jobs:
                yield from _awaited(*waiting.popleft(), work)
        while waiting:
            yield from _awaited(*waiting.popleft(), work)
    except BrokenProcessPool as error:
        raise BatchEndedError from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _awaited(
    tasks: list[CalendarTask], future: Future[list[CalendarResult]], work: Interruptible
) -> Iterator[tuple[CalendarTask, CalendarResult]]:
    while not wait((future,), _LISTEN).done:
        work.check()
    work.check()
    return zip(tasks, future.result(), strict=True)


_maker: CalendarMaker


def _begin(settings: BatchSettings, write: bool) -> None:
    """Prepare another process, which ends when the first one does, however that ends."""
    global _maker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for Windows, where `deaf` is not
    _maker = CalendarMaker(settings, write=write)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _make(tasks: list[CalendarTask]) -> list[CalendarResult]:
    return [_maker.make(task) for task in tasks]
