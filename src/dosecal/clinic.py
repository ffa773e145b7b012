"""Where a clinic's patients stand: patients files, course files and folders of course files."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dosecal.course_file import is_course
from dosecal.due import WorkList, find
from dosecal.errors import DosecalError, RequestError
from dosecal.patients_file import (
    Defaults,
    Finder,
    Patient,
    distinct,
    read_patient,
    read_rows,
    row_error,
)
from dosecal.seen import Seen
from dosecal.tables import MAX_BYTES


class Gathered(NamedTuple):
    """A work list, how long it is, and what was found while making it.

    Attributes:
        decision_missing: Whether some patient's dose to act on leaves something to ask.
        bad: Whether a file or row is wrong, so that the list is not complete.
    """

    work: WorkList
    listed: int
    decision_missing: bool
    bad: bool


def gather(
    sources: Iterable[Path],
    finder: Callable[[Path], Finder],
    defaults: Defaults,
    today: date,
    first: date,
    until: date,
    report: Callable[[str], None],
) -> Gathered:
    """Return what is to be done for all patients from `first` to `until`, both inclusive.

    Args:
        sources: Patients files, course files (.toml) and folders of course files.
        finder: How what a file names is found, from the folder in which it lies.
        defaults: What holds for rows of a patients file that do not say.
        today: The day for which doses are assessed.
        first: The first date.
        until: The last date.
        report: Told of each problem.
    """
    work, listed, missing, bad = WorkList(), 0, False, False
    for source in sources:
        for place, patient in _patients(source, finder, defaults):
            if isinstance(patient, str):
                report(patient)
                bad = True
                continue
            try:
                found = find(patient.course, patient.id, place, today, first, until)
            except (DosecalError, OverflowError) as error:
                report(f"{place}: {error}")
                bad = True
                continue
            work.add(found.entries)
            listed += len(found.entries)
            missing |= found.decision_missing
    return Gathered(work, listed, missing, bad)


def _patients(
    source: Path, finder: Callable[[Path], Finder], defaults: Defaults
) -> Iterator[tuple[str, Patient | str]]:
    """Yield where each patient stands, and the patient or what is wrong, in words."""
    try:
        if source.is_dir():
            find, files = finder(source), sorted(source.glob("*.toml"))
            yield from ((str(each), _course(each, find)) for each in files if _is_course(each))
            if not files:
                raise RequestError(f"{source}: no course file (.toml) in this folder")
        elif source.suffix == ".toml":
            yield str(source), _course(source, finder(source.parent))
        else:
            yield from _rows(source, finder(source.parent), defaults)
    except DosecalError as error:
        yield str(source), str(error)
    except OSError as error:
        yield str(source), f"cannot read {source}: {error.strerror or error}"


def _is_course(path: Path) -> bool:
    with path.open("rb") as file:
        return is_course(file.read(MAX_BYTES))


def _course(path: Path, find: Finder) -> Patient | str:
    try:
        return Patient(path.stem, find.course(path.name))
    except DosecalError as error:
        return str(error)


def _rows(path: Path, find: Finder, defaults: Defaults) -> Iterator[tuple[str, Patient | str]]:
    seen = Seen()
    with path.open("rb") as file:
        for row in distinct(read_rows(file, str(path)), seen):
            patient = read_patient(row, defaults, find)
            if isinstance(patient, Patient):
                yield f"{path}:{row.line}", patient
            else:
                words = "\n".join(row_error(str(path), row, each) for each in patient)
                yield f"{path}:{row.line}", words
    seen.close()
