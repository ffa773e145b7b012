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
from contextlib import contextmanager
from itertools import islice
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from dosecal.clinic.file_names import collision_key, marked_name, safe_name
from dosecal.clinic.interrupt import Interruptible, deaf
from dosecal.clinic.journal import Journal, journal
from dosecal.clinic.patients_file import Patient, Row, distinct, read_rows
from dosecal.clinic.spill import Seen
from dosecal.clinic.worker import WORKSHOP, Desk, Result, Settings, Task, begins_with
from dosecal.errors import BatchEndedError, PatientsFileError, Problem, RequestError
from dosecal.outputs.rows import csv_line
from dosecal.store.files import not_ours

INDEX: Final = ("id", "file", "first_dose", "next_dose", "doses")
ERRORS: Final = ("line", "id", "column", "problem")
_CHUNK: Final = 100  # rows handed to another process at once
_AHEAD: Final = 2  # chunks a process that wait for it, so that memory stays flat
_LISTEN: Final = 0.1  # seconds of waiting between two looks whether Ctrl-C was pressed


class Summary(NamedTuple):
    """How a batch went: calendars written now, those that stood, bad rows, calendars that end."""

    written: int = 0
    kept: int = 0
    bad: int = 0
    ended: int = 0


def run(
    open_file: Callable[[], BinaryIO],
    name: str,
    settings: Settings,
    *,
    jobs: int = 1,
    resume: bool = False,
    strict: bool = False,
    work: Interruptible,
    report: Callable[[Row, Problem], None],
    progress: Callable[[int], None],
) -> Summary:
    """Write the calendars, `index.csv`, and `errors.csv` if any row is bad.

    Args:
        open_file: Opens the patients file.
        name: How messages name it.
        settings: What holds for all.
        jobs: How many processes work; the files are the same whatever it is.
        resume: Whether calendars that stand as they would be written are kept.
        strict: Whether nothing is written unless all rows are good.
        work: Asked between two rows whether to go on.
        report: Told of each problem.
        progress: Told how many rows are done, as they are.

    Raises:
        PatientsFileError: The file as a whole is wrong, or holds no patient.
        RequestError: The folder cannot be used.
        KeyboardInterrupt: Ctrl-C was pressed; what is written is whole.
    """
    with open_file() as file:
        rows = read_rows(file, name)
        if settings.folder.exists() and not settings.folder.is_dir():
            raise RequestError(f"{settings.folder} is no folder")
        for file_name, head in (("index.csv", INDEX), ("errors.csv", ERRORS)):
            _refuse_other_csv(settings.folder / file_name, head)
        if strict:
            summary = _checked(_results(rows, settings, jobs, None, work), name, report, progress)
            if summary.bad:
                return summary
    workshop = settings.folder / WORKSHOP
    try:
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        workshop.mkdir(mode=0o700, exist_ok=True)
        with journal(workshop) as known, open_file() as file:
            for left in workshop.glob("*.tmp"):
                left.unlink()
            if not resume:
                known.forget()
            results = _results(read_rows(file, name), settings, jobs, known, work)
            return _written(results, name, settings.folder, known, report, progress)
    except OSError as error:
        raise RequestError(f"cannot write in {settings.folder}: {error.strerror or error}") from (
            error
        )


def _checked(
    results: Iterable[tuple[Task, Result]],
    name: str,
    report: Callable[[Row, Problem], None],
    progress: Callable[[int], None],
) -> Summary:
    """Go through all rows without writing anything."""
    summary, number = Summary(), 0
    for number, (task, result) in enumerate(results, 1):
        for problem in result.problems:
            report(task.row, problem)
        summary = summary._replace(bad=summary.bad + bool(result.problems))
        progress(number)
    _refuse_empty(number, name)
    return summary


def _written(
    results: Iterable[tuple[Task, Result]],
    name: str,
    folder: Path,
    known: Journal,
    report: Callable[[Row, Problem], None],
    progress: Callable[[int], None],
) -> Summary:
    """Note the results in the index, the errors and the journal."""
    written = kept = bad = ended = number = 0
    with (
        _csv_file(folder / "index.csv", INDEX) as index,
        _csv_file(folder / "errors.csv", ERRORS) as errors,
    ):
        for number, (task, result) in enumerate(results, 1):
            row, made = task.row, result.written
            for problem in result.problems:
                report(row, problem)
                what = str(Problem("", problem.what, problem.allowed, problem.hint))
                errors((str(row.line), row.id, problem.where, what))
            if made:
                known.put(task.file, made)
                index((row.id, task.file, made.first, made.next, str(made.doses)))
                ended += made.ends
            written += made is not None and not result.kept
            kept += result.kept
            bad += made is None
            progress(number)
        _refuse_empty(number, name)
    if not bad:
        (folder / "errors.csv").unlink()
    return Summary(written, kept, bad, ended)


def _refuse_empty(rows: int, name: str) -> None:
    if not rows:
        problem = Problem("", "no patient stands below the header", "one line a patient")
        raise PatientsFileError(name, (problem,))


@contextmanager
def _csv_file(path: Path, head: tuple[str, ...]) -> Iterator[Callable[[tuple[str, ...]], None]]:
    """Write a CSV file row by row; it takes its place only when it is whole."""
    temporary = path.parent / WORKSHOP / f"{path.name}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", newline="") as file:

        def write(cells: tuple[str, ...]) -> None:
            file.write(f"{csv_line(cells)}\n")

        write(head)
        yield write
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)


def _refuse_other_csv(path: Path, head: tuple[str, ...]) -> None:
    """Refuse to write over a file that no batch has written."""
    begin = ",".join(head).encode() + b"\n"
    if os.path.lexists(path) and not (path.is_file() and begins_with(path, begin)):
        raise not_ours(path)


def _tasks(rows: Iterable[Row], desk: "Desk", known: Journal | None) -> Iterator[Task]:
    """Give each row its file, and find what two rows may not share."""
    seen = Seen()
    for row in distinct(rows, seen):
        if row.problems:
            yield Task(row, "")
            continue
        name = safe_name(row.id)
        if seen.first(f"file {collision_key(name)}", row.line) is not None:
            name = marked_name(row.id)
            if (line := seen.first(f"file {collision_key(name)}", row.line)) is not None:
                problem = Problem("id", f"its file would be that of line {line}", "another id")
                yield Task(row._replace(problems=(problem,)), "")
                continue
        patient = None
        if "course" in row.cells:
            patient = desk.patient(row)
            if isinstance(patient, Patient):
                line = seen.first(f"course {patient.course.id}", row.line)
                if line is not None:
                    what = f"this course is that of line {line} already"
                    patient = (Problem("course", what, "one course file a patient"),)
        file = f"{name}.ics"
        yield Task(row, file, known.get(file) if known else None, patient)
    seen.close()


def _results(
    rows: Iterable[Row],
    settings: Settings,
    jobs: int,
    known: Journal | None,
    work: Interruptible,
) -> Iterator[tuple[Task, Result]]:
    """Yield each row and what comes of it, in order; without a journal nothing is written."""
    desk = Desk(settings, write=known is not None)
    tasks = _tasks(rows, desk, known)
    if jobs == 1:
        for task in tasks:
            work.check()
            yield task, desk.do(task)
        return
    pool = ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_begin, initargs=(settings, known is not None)
    )
    waiting: deque[tuple[list[Task], Future[list[Result]]]] = deque()
    try:
        while chunk := list(islice(tasks, _CHUNK)):
            with deaf():  # it starts the processes
                waiting.append((chunk, pool.submit(_do, chunk)))
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
    tasks: list[Task], future: Future[list[Result]], work: Interruptible
) -> Iterator[tuple[Task, Result]]:
    while not wait((future,), _LISTEN).done:
        work.check()
    work.check()
    return zip(tasks, future.result(), strict=True)


_desk: "Desk"


def _begin(settings: Settings, write: bool) -> None:
    """Prepare another process, which ends when the first one does, however that ends."""
    global _desk
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for Windows, where `deaf` is not
    _desk = Desk(settings, write=write)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(tasks: list[Task]) -> list[Result]:
    return [_desk.do(task) for task in tasks]
