"""The commands on the catalogue and on a PLAN."""

import sys
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import click

from dosecal.cli import inputs
from dosecal.cli.options import (
    EXIT_CODES,
    FORMAT,
    USAGE,
    DateParam,
    FileParam,
    Request,
    plan_options,
    table_or_json,
)
from dosecal.errors import FileError, RequestError

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.rows import Row


def _print_rows(form: str, head: "Row", rows: "Iterable[Row]") -> None:
    from dosecal import rows as writers

    write = {
        "table": writers.to_table, "csv": writers.to_csv, "markdown": writers.to_markdown
    }[form]  # fmt: skip
    click.echo(write(head, tuple(rows)))


@click.command("list")
@click.argument("words", nargs=-1)
@click.option("--medicine", help="Only this medicine.")
@FORMAT
def list_(words: tuple[str, ...], medicine: str | None, form: str) -> None:
    """Show the catalogue, or what of it holds all WORDS.

    Id, medicine, indication and the regimen in a sentence.
    """
    from dosecal import catalogue

    found = []
    for entry in catalogue.entries():
        names = f"{entry.id} {entry.medicine} {entry.brand} {entry.indication}".lower()
        if all(word.lower() in names for word in words) and (
            medicine is None or medicine.lower() == entry.medicine.lower()
        ):
            found.append(entry)
    if form == "json":
        from dosecal.render_json import to_json

        click.echo(to_json([entry._asdict() for entry in found]))
        return
    head = ("id", "medicine", "indication", "regimen")
    _print_rows(
        form, head, ((each.id, each.medicine, each.indication, each.regimen) for each in found)
    )
    if not found:
        click.echo("dosecal: nothing in the catalogue matches; `dosecal list` shows all", err=True)


@click.command()
@click.argument("plan")
@click.option("--start", type=DateParam(), help="Day 0: shows dates beside the weeks.")
@table_or_json
def show(plan: str, start: date | None, form: str) -> None:
    """Explain a schedule: phases, first doses, sites, rules, sources.

    Compare it with the prescription before you use the dates.
    """
    from dosecal.render_show import explanation_object, explanation_text

    schedule, started = inputs.plan_schedule(plan)
    start = start or started
    if form == "json":
        from dosecal.render_json import to_json

        click.echo(to_json(explanation_object(schedule, start)))
    else:
        click.echo(explanation_text(schedule, start))


@click.command()
@click.argument("plan")
@plan_options
@FORMAT
def upcoming(plan: str, request: Request, form: str) -> None:
    """Print the upcoming-dose list.

    From today on, 6 doses unless --count or --until says otherwise; late doses come first.
    """
    from dosecal import listing
    from dosecal.reasons import NoSites

    course = inputs.plan_course(plan, request)
    today = inputs.today(request.today, course.zone)
    first = request.first or today
    count = 6 if request.limit is None and request.until is None else request.limit
    listed = listing.upcoming(course, today, first, count, request.until)
    if form == "json":
        from dosecal.render_json import dose_object, to_json

        click.echo(to_json([dose_object(course, dose) for dose in listed]))
        return
    _print_rows(form, listing.HEAD, listing.rows(course, listed))
    if form == "table":
        for line in listing.check_lines(course, listed, first, request.until):
            click.echo(line)
    if not listed:
        click.echo("dosecal: no dose in this range", err=True)
    if any(isinstance(why, NoSites) and why.why.caregiver_only
           for dose in listed for why in dose.reasons):  # fmt: skip
        click.echo(
            "dosecal: sites for a caregiver only are offered with --caregiver, or in a course file "
            "caregiver = true",
            err=True,
        )


@click.command()
@click.argument("plan")
@plan_options
@click.option("-o", "--output", required=True, type=FileParam(),
              help="The calendar file to write.")  # fmt: skip
@click.option("--title", type=click.Choice(["discreet", "medicine"]), default="discreet",
              show_default=True, help="What the event titles show.")  # fmt: skip
@click.option("--private", is_flag=True, help="No medicine, dose or site anywhere in the file.")
def ics(plan: str, request: Request, output: "Path", title: str, private: bool) -> None:
    """Write the calendar file.

    The whole plan from its start, one year unless --count, --from or --until says otherwise.
    """
    from dosecal.calendar import CalendarOptions, calendar_bytes
    from dosecal.files import write_whole
    from dosecal.revisions import calendar_plan
    from dosecal.wording import reason_text

    course = inputs.plan_course(plan, request)
    planned = calendar_plan(course, request.limit, request.first, request.until, inputs.epoch())
    data = calendar_bytes(
        course,
        planned.doses,
        planned.revisions,
        planned.base,
        until=planned.until,
        reason_text=reason_text(course.schedule),
        options=CalendarOptions(
            title="medicine" if title == "medicine" else "discreet", private=private
        ),
    )
    write_whole(output, data)
    days = [dose.day for dose in planned.doses]
    click.echo(f"{output}: {len(days)} doses, {min(days)} to {max(days)}", err=True)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FileParam())
def check(files: "tuple[Path, ...]") -> None:
    """Validate schedule and course files.

    Every problem of every file is shown, and what rests on inference alone. A file that cannot be
    read is named on stderr, and the others are checked all the same.
    """
    from dosecal.course_file import is_course
    from dosecal.schedule_file import read_schedule

    code = 0
    for path in files:
        try:
            data = inputs.read(path)
            inferred: tuple[str, ...] = ()
            if is_course(data):
                inputs.course_of(data, path)
            else:
                inferred = read_schedule(data, path.stem, str(path)).on_inference_alone()
        except FileError as error:
            click.echo(str(error))
            code = max(code, EXIT_CODES[type(error)])
        except RequestError as error:
            click.echo(f"dosecal: {error}", err=True)
            code = max(code, USAGE)
        else:
            click.echo(f"{path}: ok")
            if inferred:
                click.echo(
                    f"{path}: note: {', '.join(inferred)}: on inference alone; "
                    "compare with the label, then name it as the source"
                )
    sys.exit(code)


@click.command()
def schema() -> None:
    """Print the JSON Schema of schedule files.

    Editors complete and check a schedule file by it.
    """
    from dosecal.render_json import to_json
    from dosecal.schedule_format import schedule_schema

    click.echo(to_json(schedule_schema()))


COMMANDS = {
    "list": list_,
    "show": show,
    "upcoming": upcoming,
    "ics": ics,
    "check": check,
    "schema": schema,
}
