"""Schedules and courses from the bytes of their files, and back; the caller opens the files."""

from collections.abc import Callable

from dosecal.api.sound import known_sound, sound_course, sound_schedule
from dosecal.formats import course_file, schedule_file, schedule_tables
from dosecal.model.course import Course
from dosecal.model.schedule import Schedule
from dosecal.store import catalogue


def load(id: str) -> Schedule:
    """Return a schedule of the catalogue.

    Raises:
        RequestError: There is none with this id.
    """
    return known_sound(catalogue.load(id))


def read_schedule(data: bytes, id: str, file: str = "") -> Schedule:
    """Return the schedule of a file.

    Args:
        data: The bytes of the file.
        id: The schedule's id, which is the file's stem.
        file: How messages name the file; "": by the id.

    Raises:
        ScheduleFileError: With every problem found.
    """
    return known_sound(schedule_file.read_schedule(data, id, file or f"{id}.toml"))


def read_course(
    data: bytes, file: str = "course.toml", find: Callable[[str], Schedule] = load
) -> Course:
    """Return the course of a file.

    Args:
        data: The bytes of the file.
        file: How messages name it.
        find: Returns the schedule that the file names, by id or path; it raises `RequestError`
            where there is none. Without it the catalogue is asked.

    Raises:
        CourseFileError: With every problem found.
        ScheduleFileError: A schedule that it names is wrong.
    """
    return known_sound(course_file.read_course(data, file, find))


def course_bytes(course: Course, schedule: str = "") -> bytes:
    """Return a course as a new file that reads back as the same course.

    A file that somebody keeps is added to and not written anew, for comments stand in it, too:
    `entry_bytes(course.log[-1])` is what goes to its end.

    Args:
        course: Whose; without a log, what is recorded from now on begins one.
        schedule: How the file names the schedule: an id of the catalogue, or a path relative to
            the file; "": by the schedule's id.
    """
    return course_file.course_bytes(sound_course(course), schedule)


def schedule_bytes(schedule: Schedule) -> bytes:
    """Return a schedule as its file, which reads back as the same schedule."""
    return schedule_tables.schedule_text(sound_schedule(schedule)).encode("utf-8")
