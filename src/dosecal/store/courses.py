"""Course files on the disk: entries appended, one writer at a time; several of them read."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from os.path import isfile
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from dosecal.errors import CourseFileError, DosecalError, NoCourseFileError, Problem, RequestError
from dosecal.model.course import Course, Entry, with_entry
from dosecal.store.named import course_of, read

if TYPE_CHECKING:
    from pathlib import Path

E = TypeVar("E", bound=Entry)


def append(
    path: "Path", make: Callable[[Course], E], now: datetime, *, dry_run: bool = False
) -> tuple[Course, Course, E]:
    """Add an entry to a course file; return the course before and after it, and the entry.

    Args:
        path: The course file.
        make: From the course as it stands to the entry; what it raises leaves the file untouched.
        now: The instant of the recording, UTC. An entry is never earlier than the one before it:
            the order of entry shows in the times, too.
        dry_run: Whether nothing is written.

    Raises:
        NoCourseFileError: There is no such file.
        CourseFileError: What stands, or would stand, is wrong.
    """
    from dosecal.formats.course_file import entry_bytes
    from dosecal.store.files import extend

    made: list[tuple[Course, Course, E]] = []

    def more(stands: bytes) -> bytes:
        before = course_of(stands, path)
        *_, entry = with_entry(before, make(before), now).log or ()
        gap = b"" if not stands or stands.endswith(b"\n") else b"\n"
        addition = gap + entry_bytes(entry)
        after = course_of(stands + addition, path)  # with the schedule that a step goes to
        made[:] = [(before, after, cast("E", entry))]
        return addition

    check_there(path)
    if dry_run:
        more(read(path))
    else:
        extend(path, more)
    return made[0]


def check_there(path: "Path | str") -> None:
    """Refuse a path at which no course file is.

    Raises:
        NoCourseFileError: There is none.
    """
    if not isfile(path):
        from dosecal.store.catalogue import ids

        raise NoCourseFileError(str(path), is_schedule=str(path) in ids())


class Found(NamedTuple):
    """A course file that was read: its path as it was named, and its course or what is wrong."""

    path: str
    course: Course | DosecalError


def several(sources: Sequence[str]) -> tuple[Found, ...]:
    """Read course files and folders of them, each file once, in the order in which they are named.

    Of two files with one id neither course is returned: one of them is a copy, and nobody knows
    which is right.

    Args:
        sources: Paths; of a folder its course files are read, in order of their names.
    """
    found: dict[str, Found] = {}
    for source in sources:
        try:
            paths = course_files(source) if os.path.isdir(source) else (source,)
        except RequestError as error:
            found.setdefault(os.path.realpath(source), Found(source, error))
            continue
        for path in paths:
            if (file := os.path.realpath(path)) not in found:
                found[file] = Found(path, _course_or_error(path))
    by_id: dict[str, list[str]] = {}
    for each in found.values():
        if isinstance(each.course, Course):
            by_id.setdefault(each.course.id, []).append(each.path)
    return tuple(_unless_copied(each, by_id) for each in found.values())


def _unless_copied(found: Found, by_id: dict[str, list[str]]) -> Found:
    if not isinstance(found.course, Course) or len(by_id[found.course.id]) == 1:
        return found
    others = ", ".join(path for path in by_id[found.course.id] if path != found.path)
    what = f'"{found.course.id}" is the id of {others} too'
    hint = "one of them is a copy: neither is read; compare them and move one away"
    return Found(found.path, CourseFileError(found.path, (Problem("id", what, "", hint),)))


def _course_or_error(path: str) -> Course | DosecalError:
    try:
        check_there(path)
        return course_of(read(path), path)
    except DosecalError as error:
        return error


def course_files(folder: str) -> tuple[str, ...]:
    """Return the course files of a folder, in order of their names, and what cannot be told.

    Raises:
        RequestError: There is none, or the folder cannot be read.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
    except OSError as error:
        raise RequestError(f"cannot read {folder}: {error.strerror or error}") from None
    if not names:
        raise RequestError(f"{folder}: no course file (.toml) in this folder")
    return tuple(path for name in names if _may_be_course(path := os.path.join(folder, name)))


def _may_be_course(path: str) -> bool:
    """Say whether a file holds a course, or cannot be read, which is then said of it."""
    from dosecal.formats.course_file import is_course

    try:
        data = read(path)
        return is_course(data) or not data.strip() or b"\0" in data  # a course that was damaged
    except Exception:
        return True
