"""How commands print their results on stdout, and what they say beside them on stderr."""

from datetime import date
from typing import TYPE_CHECKING

import click

from dosecal.cli import inputs
from dosecal.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dosecal.model.course import Course
    from dosecal.outputs.formats import Listing, Report
    from dosecal.plan.walk import AssessedDose


def listing(form: str, found: "Listing") -> None:
    """Print a list in a format, as wide as the terminal."""
    from dosecal.outputs.formats import write_listing

    for line in write_listing(form, found, inputs.screen()):
        click.echo(line)


def report(form: str, found: "Report") -> None:
    """Print a report in a format, as wide as the terminal."""
    from dosecal.outputs.formats import write_report

    for line in write_report(form, found, inputs.screen()):
        click.echo(line)


def say_caregiver(doses: "Iterable[AssessedDose]") -> None:
    """Say how sites for a caregiver only are offered, where a dose has none for want of it."""
    from dosecal.model.reasons import NoSites

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

    from dosecal.ical.revisions import calendar_plan

    try:
        calendar_plan(course, None, today, None, None)
    except RequestError:
        way = "the schedule has none after it"
    click.echo(f"dosecal: the last dose in it, {last}, lies in the past; {way}", err=True)
