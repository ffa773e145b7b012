"""What follows from a course: its doses, those to come, and what is to be done today."""

from collections.abc import Iterator
from datetime import date

from dosecal.api.sound import sound_course
from dosecal.model.course import Course
from dosecal.plan import advice, assess
from dosecal.plan import upcoming as lists
from dosecal.plan.advice import Advice
from dosecal.plan.assess import Horizon
from dosecal.plan.walk import AssessedDose

_SHOWN = 6  # as the list of the command has it


def doses(course: Course, today: date | None = None) -> Iterator[AssessedDose]:
    """Yield the doses of a course in order of number; without end where it is open-ended.

    Args:
        course: Whose doses.
        today: The day for which to say what is late and what is to be done; None follows the
            log alone: whatever is neither recorded nor passed over is `upcoming` on its target.

    Raises:
        RequestError: A dose depends on what is not known of the person, or on what nobody chose.
        OverflowError: The doses run past the year 9999.
        UnsoundError: The course is none that a file could hold.
    """
    return assess.doses(sound_course(course), today)


def within(course: Course, horizon: Horizon, today: date | None = None) -> Iterator[AssessedDose]:
    """Yield the doses of a course up to a horizon, and all that were given before it.

    Arguments and errors are those of `doses`.
    """
    return assess.within(sound_course(course), horizon, today)


def upcoming(
    course: Course,
    today: date,
    *,
    first: date | None = None,
    count: int | None = None,
    until: date | None = None,
) -> tuple[AssessedDose, ...]:
    """Return the doses to come in order of date, and before them all that are late.

    Args:
        course: Whose doses.
        today: The day for which they are assessed.
        first: The first date listed, inclusive; None: today.
        count: At most so many doses, late ones included; None: 6, or all up to `until`.
        until: The last date listed, inclusive; None: no limit.

    Raises:
        RequestError: A dose depends on what is not known of the person, or on what nobody chose.
        UnsoundError: The course is none that a file could hold.
    """
    if count is None and until is None:
        count = _SHOWN
    return lists.upcoming(sound_course(course), today, first or today, count, until)


def advise(course: Course, today: date) -> Advice:
    """Say where a course stands on a day: which dose is due or late, and what its rule says.

    Raises:
        RequestError: A dose depends on what is not known of the person, or on what nobody chose.
        UnsoundError: The course is none that a file could hold.
    """
    return advice.advise(sound_course(course), today)
