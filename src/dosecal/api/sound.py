"""Schedules and courses built in Python, held to what a file is held to before they are used.

What was found sound is known by its digest and not looked at again: a file that was read, a course
to which an entry was just added.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Final, TypeVar

from dosecal.consistency.field_types import misfits
from dosecal.errors import Problem, UnsoundError
from dosecal.model.course import Course
from dosecal.model.schedule import Schedule

_T = TypeVar("_T", bound=Course | Schedule)

_KEPT: Final = 4096
"""So many digests are kept at most."""
_SOUND: Final[set[str]] = set()


def known_sound(value: _T) -> _T:
    """Take a value as sound, because it comes from where only sound ones come from; return it."""
    _know(_digest(value))
    return value


def sound_schedule(schedule: Schedule) -> Schedule:
    """Return a schedule if a file could say it.

    Raises:
        UnsoundError: No file could; with every problem.
    """
    _refuse(schedule, Schedule, _schedule_problems)
    return schedule


def sound_course(course: Course) -> Course:
    """Return a course if a file could say it.

    Raises:
        UnsoundError: No file could; with every problem.
    """
    _refuse(course, Course, _course_problems)
    return course


def _refuse(value: _T, kind: type[_T], problems: Callable[[_T], Iterable[Problem]]) -> None:
    digest = _digest(value)
    if type(value) is kind and digest in _SOUND:
        return
    if found := tuple(problems(value)):
        raise UnsoundError(found)
    _know(digest)


def _know(digest: str) -> None:
    if len(_SOUND) >= _KEPT:
        _SOUND.clear()
    _SOUND.add(digest)


def _digest(value: object) -> str:
    """Return what tells a value from every other: its text names each type, and lists from tuples.

    Two values that are equal need not be alike, as 1 and True.
    """
    return sha256(repr(value).encode("utf-8", "replace")).hexdigest()


def _schedule_problems(schedule: Schedule) -> Iterable[Problem]:
    from dosecal.formats.schedule_file import problems

    # a source that nothing names any more is a slip in a file and harms nobody here
    return (each for each in problems(schedule) if each.what != "unused source")


def _course_problems(course: Course) -> Iterator[Problem]:
    from dosecal.formats.course_checks import course_problems

    if found := tuple(misfits(course, Course)):
        yield from found
        return
    others = ((f"others[{place}].", each) for place, (_, each) in enumerate(course.others, 1))
    unsound = False
    for where, schedule in (("schedule.", course.schedule), *others):
        try:
            sound_schedule(schedule)
        except UnsoundError as error:
            unsound = True
            yield from (each._replace(where=where + each.where) for each in error.problems)
    yield from course_problems(course, planned=not unsound)
