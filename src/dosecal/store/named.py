"""What a person names: schedules by id or path, courses by path, read from the disk."""

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from dosecal.errors import CourseFileError, Problem
from dosecal.store.files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.model.course import Course
    from dosecal.model.schedule import Schedule

_KEPT: Final = 256  # schedules kept at once


class Finder(NamedTuple):
    """How the schedules and the course files that a row names are found, by id or path.

    Both raise `RequestError` or a `FileError`.
    """

    schedule: Callable[[str], "Schedule"]
    course: Callable[[str], "Course"]


def read(path: "str | Path") -> bytes:
    """Return the bytes of a file of the user's; of one that is too large, enough to tell.

    Raises:
        RequestError: It cannot be read, or is a folder, a pipe or a device.
    """
    from dosecal.formats.toml import MAX_BYTES

    return read_regular(path, MAX_BYTES + 1)


def looks_like_path(name: str) -> bool:
    """Say whether a name is that of a file and no id of the catalogue."""
    return name.endswith(".toml") or "/" in name or "\\" in name or os.path.isfile(name)


def schedule(name: str, beside: "str | Path" = "") -> "Schedule":
    """Return the schedule that an id or a path names.

    Args:
        name: What stands on the command line or in a course file.
        beside: The folder from which a path counts; empty: from where one stands.
    """
    if looks_like_path(name):
        path = os.path.join(beside, name)
        return _schedule_of(read(path), path)
    from dosecal.store import catalogue

    return catalogue.load(name)


def _schedule_of(data: bytes, path: str) -> "Schedule":
    from dosecal.formats.schedule_file import read_schedule

    id, _ = os.path.splitext(os.path.basename(path))
    return read_schedule(data, id, path)


def course_of(data: bytes, path: "str | Path") -> "Course":
    """Return the course that a course file holds; a schedule's path counts from that file."""
    from dosecal.formats.course_file import read_course

    folder = os.path.dirname(os.path.realpath(path))
    return read_course(data, str(path), lambda name: schedule(name, folder))


def plan(name: str) -> "Schedule | Course":
    """Return what PLAN names, a schedule or the course of a course file; a file is read once."""
    if not looks_like_path(name):
        return schedule(name)
    from dosecal.formats.course_file import is_course

    data = read(name)
    return course_of(data, name) if is_course(data) else _schedule_of(data, name)


def beside(name: str, course: "Path") -> str:
    """Return how a course file names a schedule: an id as it is, a path relative to the file."""
    if not looks_like_path(name):
        return name
    folder = os.path.dirname(os.path.realpath(course))
    return os.path.relpath(os.path.realpath(name), folder).replace(os.sep, "/")


def refuse_copy(path: "str | Path", id: str, other: "str | Path") -> None:
    """Refuse a course file whose course another file holds, as a sync program leaves copies.

    Args:
        path: The file.
        id: The id of its course.
        other: The first file with this id; the same file, too, is none other.

    Raises:
        CourseFileError: They are two files.
    """
    if os.path.realpath(path) == os.path.realpath(other):
        return
    what = f'"{id}" is the id of {other} too'
    raise CourseFileError(
        str(path), (Problem("id", what, "one of them is a copy: compare them and move one away"),)
    )


def is_course(name: str) -> bool:
    """Say whether PLAN names a course file."""
    if not looks_like_path(name):
        return False
    from dosecal.formats.course_file import is_course as holds_course

    return holds_course(read(name))


class Shelf:
    """The schedules and course files that a clinic's files name; a schedule is read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Schedule] = {}

    def beside(self, folder: str) -> "Finder":
        """Return how names are found where paths count from `folder`."""
        return Finder(partial(self.schedule, folder), partial(self.course, folder))

    def schedule(self, folder: str, name: str) -> "Schedule":
        """Return the schedule of an id or a path."""
        if (folder, name) not in self._known:
            if len(self._known) == _KEPT:
                self._known.clear()
            self._known[folder, name] = schedule(name, folder)
        return self._known[folder, name]

    def course(self, folder: str, name: str) -> "Course":
        """Return the course of a course file."""
        from dosecal.formats.course_file import read_course

        path = os.path.join(folder, name)
        beside = os.path.dirname(os.path.realpath(path))
        return read_course(read(path), path, partial(self.schedule, beside))
