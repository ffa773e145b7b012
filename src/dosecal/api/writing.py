"""What is written of a course: its calendar file, and objects for JSON."""

from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from dosecal.api.sound import sound_course
from dosecal.model.course import Course
from dosecal.plan.advice import Advice
from dosecal.plan.walk import AssessedDose
from dosecal.words.language import Language
from dosecal.words.language import language as known_language


def _language(course: Course, code: str) -> Language:
    return known_language(code or course.language or "en")


def calendar(
    course: Course,
    language: str = "",
    *,
    title: Literal["discreet", "medicine"] = "discreet",
    private: bool = False,
    remind: tuple[timedelta | time, ...] | None = None,
    first: date | None = None,
    until: date | None = None,
    count: int | None = None,
    now: datetime | None = None,
) -> bytes:
    """Return the calendar file of a course: one event a dose, and one a check that has a date.

    The same arguments give the same bytes: no clock is read.

    Args:
        course: Whose; without a time of day its events are all-day.
        language: Code of the language that it is written in; "": the course's own, else English.
        title: "discreet" ("Injection, dose 4") or "medicine" ("netakimab 120 mg, dose 4").
        private: Whether it is to hold nothing of the medicine, its dose or the sites.
        remind: When each alarm is: so long before the start, or at that time of the day before;
            empty for none; None for one, 15 minutes before a time of day, else 9:00 the day before.
        first: The first date, inclusive; None: the start.
        until: The last date, inclusive; with neither it nor `count` it is one year.
        count: At most so many doses.
        now: Where nothing is recorded: what counts as the last change; None: the start.

    Raises:
        RequestError: There is no such language, no dose within these dates, a time of day without
            a time zone, or a reminder after the start.
        OverflowError: An event ends after the year 9999.
        UnsoundError: The course is none that a file could hold.
    """
    from dosecal.ical.calendar_file import calendar_bytes
    from dosecal.ical.events import CalendarOptions
    from dosecal.ical.revisions import calendar_plan
    from dosecal.words.reasons import reason_text

    spoken = _language(sound_course(course), language)
    course = course.with_schedules(lambda each: each.named(spoken.code))
    return calendar_bytes(
        course,
        calendar_plan(course, count, first, until, now),
        reason_text=reason_text(course.citing, spoken),
        options=CalendarOptions(title, private, remind, spoken),
    )


def dose_object(course: Course, dose: AssessedDose, language: str = "") -> dict[str, Any]:
    """Return a dose of a course as an object for JSON, with the keys that docs/api.md names.

    Only its reason is in a language: that of the code; "" is the course's own, else English.
    """
    from dosecal.outputs.objects import dose_object as written

    return written(course, dose, _language(course, language))


def status_object(course: Course, advice: Advice, language: str = "") -> dict[str, Any]:
    """Return where a course stands as an object for JSON, with the keys that docs/api.md names.

    Only its reasons are in a language: that of the code; "" is the course's own, else English.
    """
    from dosecal.outputs.status import status_object as written

    return written(course, advice, _language(course, language))
