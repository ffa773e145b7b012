"""Course files on the disk: entries appended, one writer at a time."""

from collections.abc import Callable
from datetime import datetime
from os.path import isfile
from typing import TYPE_CHECKING, TypeVar, cast

from dosecal.errors import NoCourseFileError
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
        after = with_entry(before, make(before), now)
        entry = (after.log or ())[-1]
        made[:] = [(before, after, cast("E", entry))]
        gap = b"" if not stands or stands.endswith(b"\n") else b"\n"
        addition = gap + entry_bytes(entry)
        course_of(stands + addition, path)
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
