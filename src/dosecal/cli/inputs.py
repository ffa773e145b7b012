"""What the command line names, as values: today, schedules and courses.

Here alone the clock and the environment are read.
"""

import os
import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from dosecal.errors import RequestError
from dosecal.store import named

if TYPE_CHECKING:
    from dosecal.cli.options import Request
    from dosecal.clinic.patients_file import Today
    from dosecal.model.course import Course
    from dosecal.model.schedule import Schedule
    from dosecal.outputs.formats import Screen
    from dosecal.words.language import Language


def today(given: date | None, zone: str = "") -> date:
    """Return today: as given, else from SOURCE_DATE_EPOCH, else from the clock (DATE-7).

    Args:
        given: The day that somebody said it is.
        zone: Where the patient lives, whose day it is; "": not known.
    """
    if given is not None:
        return given
    instant = epoch()
    if zone:
        from zoneinfo import ZoneInfo

        return (instant or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()
    return instant.date() if instant else date.today()


def on(day: "date | timedelta", today: date) -> date:
    """Return the day that a date or a word such as "yesterday" names.

    Raises:
        RequestError: It lies beyond the calendar.
    """
    return day if isinstance(day, date) else today + day


def patients_today(given: date | None) -> "Today":
    """Return today of each patient: as given, else the day where the patient lives (DATE-4)."""
    from dosecal.clinic.patients_file import Today

    if given is not None:
        return Today(given)
    return Today(today(None), epoch() or datetime.now(UTC))


def now() -> datetime:
    """Return the present instant in UTC, in whole seconds: SOURCE_DATE_EPOCH, else the clock's."""
    return epoch() or datetime.now(UTC).replace(microsecond=0)


def epoch() -> datetime | None:
    """Return the instant that SOURCE_DATE_EPOCH states, or None."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise RequestError(
            f'SOURCE_DATE_EPOCH is "{text}"; it is a whole number of seconds since 1970'
        ) from None


def columns() -> int:
    """Return how wide the terminal is that the results go to; 0 where they go elsewhere."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 0
    from shutil import get_terminal_size

    return get_terminal_size().columns


def language(lang: str, course: "Course | None" = None) -> "Language":
    """Return the reader's language: the option's, else the course's, else the environment's."""
    from dosecal.model.languages import of_environment
    from dosecal.words.language import language as find

    return find(lang or (course.language if course else "") or of_environment(os.environ))


def screen() -> "Screen":
    """Return what the results go to: a terminal, coloured unless NO_COLOR says no, or none."""
    from dosecal.outputs.formats import Screen

    wide = columns()
    return Screen(wide, coloured=bool(wide) and not os.environ.get("NO_COLOR"))


def plan_course(plan: str, request: "Request") -> "Course":
    """Return what PLAN and its options name; a plan without a course file has no record."""
    return as_course(named.plan(plan), plan, request)


def as_course(found: "Schedule | Course", plan: str, request: "Request") -> "Course":
    """Return what was found under the name PLAN with its options, as a course."""
    from dosecal.model.choices import with_choices
    from dosecal.model.course import Avoid, Chosen, Course

    if isinstance(found, Course):
        course = found
        if request.start not in (None, course.start):
            raise RequestError(
                f"{plan} is a course file that starts on {course.start}: leave --start out"
            )
    else:
        if request.start is None:
            raise RequestError(
                f"{plan} is a schedule: give the day of its week 0 with --start DATE"
            )
        identity = f"{found.id}\n{request.start.isoformat()}\n{request.owner}"
        course = Course(found, id=identity, start=request.start)
    if request.clock is not None and not (request.zone or course.zone):
        raise RequestError(
            "--time needs the time zone of the patient: add --tz, for example --tz Europe/Moscow"
        )
    choices = tuple(Chosen(each.phase, each.key, each.text) for each in request.choices)
    if choices:
        with_choices(course.schedule, request.choices)
    _check_avoid(course, request.avoid)
    return course._replace(
        clock=request.clock or course.clock,
        zone=request.zone or course.zone,
        weight_kg=request.weight or course.weight_kg,
        bsa_m2=request.surface or course.bsa_m2,
        choices=(*course.choices, *choices),
        caregiver=request.caregiver or course.caregiver,
        avoid=(*course.avoid, *(Avoid(site) for site in request.avoid)),
    )


def _check_avoid(course: "Course", avoid: tuple[str, ...]) -> None:
    """Refuse to avoid a whole region where the schedule tells its sides apart.

    Raises:
        RequestError: A site to avoid is none of this schedule's.
    """
    from dosecal.model.schedule import SIDES

    areas = {area for phase in course.schedule.phases for area in phase.sites.one_area}
    for site in avoid:
        if not site.startswith(SIDES) and site.replace("-", " ") not in areas:
            raise RequestError(
                f'no site "{site}": this schedule tells its sides apart, left-{site} and '
                f"right-{site}"
            )
