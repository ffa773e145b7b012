"""What the command line names, as values: today, schedules and courses.

Here alone the clock and the environment are read.
"""

import os
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from dosecal.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dosecal.assess import AssessedDose
    from dosecal.cli.options import Request
    from dosecal.course import Course
    from dosecal.language import Language
    from dosecal.schedule import Schedule


def today(given: date | None, zone: str = "") -> date:
    """Return today: as given, else from SOURCE_DATE_EPOCH, else from the clock (DATE-7)."""
    if given is not None:
        return given
    if (instant := epoch()) is not None:
        return instant.date()
    if zone:
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo(zone)).date()
    return date.today()


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
    if not sys.stdout.isatty():
        return 0
    from shutil import get_terminal_size

    return get_terminal_size().columns


def read(path: "str | Path") -> bytes:
    """Return the bytes of a file of the user's; of one that is too large, enough to tell."""
    from dosecal.toml_reader import MAX_BYTES

    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise RequestError(f"cannot read {path!r}: {error}") from None


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
        from dosecal.schedule_file import read_schedule

        path = os.path.join(beside, name)
        id, _ = os.path.splitext(os.path.basename(path))
        return read_schedule(read(path), id, path)
    from dosecal import catalogue

    return catalogue.load(name)


def course_of(data: bytes, path: "str | Path") -> "Course":
    """Return the course that a course file holds; a schedule's path counts from that file."""
    from dosecal.course_file import read_course

    folder = os.path.dirname(os.path.realpath(path))
    return read_course(data, str(path), lambda name: schedule(name, folder))


def is_course(plan: str) -> bool:
    """Say whether PLAN names a course file."""
    if not looks_like_path(plan):
        return False
    from dosecal.course_file import is_course as holds_course

    return holds_course(read(plan))


def language(lang: str, course: "Course | None" = None) -> "Language":
    """Return the reader's language: the option's, else the course's, else the environment's."""
    from dosecal.language import language as find
    from dosecal.language import of_environment

    return find(lang or (course.language if course else "") or of_environment(os.environ))


def plan_course(plan: str, request: "Request") -> "Course":
    """Return what PLAN and its options name; a plan without a course file has no record."""
    from dosecal.course import Course
    from dosecal.sites import Avoid

    if is_course(plan):
        course = course_of(read(plan), plan)
        if request.start not in (None, course.start):
            raise RequestError(
                f"{plan} is a course file that starts on {course.start}: leave --start out"
            )
    else:
        found = schedule(plan)
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
    return course._replace(
        clock=request.clock or course.clock,
        zone=request.zone or course.zone,
        weight_kg=request.weight or course.weight_kg,
        caregiver=request.caregiver or course.caregiver,
        avoid=(*course.avoid, *(Avoid(site) for site in request.avoid)),
    )


def say_caregiver(doses: "Iterable[AssessedDose]") -> None:
    """Say how sites for a caregiver only are offered, where a dose has none for want of it."""
    import click

    from dosecal.reasons import NoSites

    if any(isinstance(why, NoSites) and why.why.caregiver_only
           for dose in doses for why in dose.reasons):  # fmt: skip
        click.echo(
            "dosecal: sites for a caregiver only are offered with --caregiver, or in a course file "
            "caregiver = true",
            err=True,
        )


def counted(count: int, thing: str) -> str:
    """Return how many things there are, in English: "1 dose", "2 doses"."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def say_written(path: "Path", days: "list[date]") -> None:
    """Say which file is written, and the doses on which days it holds."""
    import click

    click.echo(f"{path}: {counted(len(days), 'dose')}, {min(days)} to {max(days)}", err=True)


def say_past(course: "Course", last: date, today: date, way: str) -> None:
    """Say that a calendar ends in the past, and `way`, which gives later doses, if there are any.

    Args:
        course: Whose calendar.
        last: The day of the last dose in it.
        today: The day.
        way: How later doses are asked for.
    """
    if last >= today:
        return
    import click

    from dosecal.revisions import calendar_plan

    try:
        calendar_plan(course, None, today, None, None)
    except RequestError:
        way = "the schedule has none after it"
    click.echo(f"dosecal: the last dose in it, {last}, lies in the past; {way}", err=True)
