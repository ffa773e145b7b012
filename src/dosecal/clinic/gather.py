"""Where a clinic's patients stand: patients files, course files and folders of course files."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from dosecal.clinic.patients_file import (
    Defaults,
    Patient,
    distinct,
    read_patient,
    read_rows,
    row_error,
)
from dosecal.clinic.spill import Seen
from dosecal.clinic.work_list import WorkList, find
from dosecal.errors import DosecalError, RequestError
from dosecal.formats.toml import MAX_BYTES
from dosecal.store.named import Finder
from dosecal.words.language import ENGLISH, Language


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
    sources: Iterable[str],
    finder: Callable[[str], Finder],
    defaults: Defaults,
    today: date,
    first: date,
    until: date,
    report: Callable[[str], None],
    language: Language = ENGLISH,
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
        language: What reasons are written in.
    """
    work, listed, missing, bad = WorkList(), 0, False, False
    for source in sources:
        for place, patient in _patients(source, finder, defaults):
            if isinstance(patient, str):
                report(patient)
                bad = True
                continue
            try:
                found = find(patient.course, patient.id, place, today, first, until, language)
            except (DosecalError, OverflowError) as error:
                report(f"{place}: {error}")
                bad = True
                continue
            work.add(found.entries)
            listed += len(found.entries)
            missing |= found.decision_missing
    return Gathered(work, listed, missing, bad)


def _patients(
    source: str, finder: Callable[[str], Finder], defaults: Defaults
) -> Iterator[tuple[str, Patient | str]]:
    """Yield where each patient stands, and the patient or what is wrong, in words."""
    try:
        if os.path.isdir(source):
            names = sorted(name for name in os.listdir(source) if name.endswith(".toml"))
            find, files = finder(source), [os.path.join(source, name) for name in names]
            yield from ((each, _course(each, find)) for each in files if _is_course(each))
            if not files:
                raise RequestError(f"{source}: no course file (.toml) in this folder")
        elif source.endswith(".toml"):
            yield source, _course(source, finder(os.path.dirname(source)))
        else:
            yield from _rows(source, finder(os.path.dirname(source)), defaults)
    except DosecalError as error:
        yield source, str(error)
    except OSError as error:
        yield source, f"cannot read {source}: {error.strerror or error}"


def _is_course(path: str) -> bool:
    from dosecal.formats.course_file import is_course

    with open(path, "rb") as file:
        return is_course(file.read(MAX_BYTES))


def _course(path: str, find: Finder) -> Patient | str:
    try:
        name = os.path.basename(path)
        return Patient(name.removesuffix(".toml"), find.course(name))
    except DosecalError as error:
        return str(error)


def _rows(path: str, find: Finder, defaults: Defaults) -> Iterator[tuple[str, Patient | str]]:
    seen = Seen()
    with open(path, "rb") as file:
        for row in distinct(read_rows(file, path), seen):
            patient = read_patient(row, defaults, find)
            if isinstance(patient, Patient):
                yield f"{path}:{row.line}", patient
            else:
                words = "\n".join(row_error(path, row, each) for each in patient)
                yield f"{path}:{row.line}", words
    seen.close()
