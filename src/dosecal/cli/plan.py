"""The commands on the catalogue and on a PLAN."""

import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from dosecal.cli import inputs, say, ways
from dosecal.cli.options import (
    EXIT_CODES,
    FORMAT,
    LANGUAGE_CODES,
    USAGE,
    FileParam,
    Request,
    calendar_options,
    plan_options,
    report_format,
)
from dosecal.errors import FileError, RequestError
from dosecal.store import named

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.ical.events import CalendarOptions
    from dosecal.model.course import Course


def _say_no_dose(course: "Course", first: date | None, until: date | None) -> None:
    asked = [f"on or after {first}" if first else "", f"until {until}" if until else ""]
    dates = " and ".join(filter(None, asked))
    click.echo(f"dosecal: no dose {dates}; the course starts on {course.start}", err=True)


@click.command("list")
@click.argument("words", nargs=-1)
@click.option("--medicine", help="Only this medicine.")
@click.option(
    "--lang",
    default="",
    help=f"Language of the table: {LANGUAGE_CODES}. [default: the environment's]",
)
@FORMAT
def list_(words: tuple[str, ...], medicine: str | None, lang: str, form: str) -> None:
    """Show the catalogue, or what of it holds all WORDS.

    A word is a medicine, brand, illness, class, route or country, in any language of dosecal, or
    the beginning of one; the name of a medicine finds that medicine alone. JSON and CSV are in
    English.
    """
    from dosecal.outputs.catalogue import catalogue_listing
    from dosecal.store import catalogue

    found = [
        entry
        for entry in catalogue.found(words)
        if medicine is None or medicine.casefold() == entry.medicine.casefold()
    ]
    say.listing(form, catalogue_listing(found, inputs.language(lang)))
    if not found:
        asked = tuple(filter(None, (*words, medicine or "")))
        meant = catalogue.near(asked)
        hint = f'did you mean "{meant}"? ' if meant else ""
        click.echo(
            f'dosecal: nothing in the catalogue matches "{" ".join(asked)}"; {hint}'
            "`dosecal list` shows all",
            err=True,
        )


@click.command()
@click.argument("plan")
@plan_options
@report_format
def show(plan: str, request: Request, form: str) -> None:
    """Explain a schedule: phases, first doses, sites, rules, sources.

    Compare it with the prescription before you use the dates. --start, or a course file, shows
    dates beside the weeks, --weight the dose of this person, --caregiver and --avoid the sites
    that are left (--today: on that day). 12 first doses unless --count or --until says otherwise;
    --from and --until count where the start is known. --time, --tz and --for change nothing here.
    """
    from dosecal.model.course import Course
    from dosecal.outputs.show import Explained, explanation_report
    from dosecal.plan.upcoming import A_MONDAY, first_doses

    stated = named.plan(plan)
    known = request.start is not None or isinstance(stated, Course)
    course = inputs.as_course(stated, plan, request if known else request._replace(start=A_MONDAY))
    start, first, until = None, None, None
    if known:
        start, first, until = course.start, request.first, request.until
    found = first_doses(course.schedule, start, request.limit, first, until, course.weight_kg)
    today = inputs.today(request.today, course.zone)
    explained = Explained(course, found, known, first, today, ways.START)
    say.report(form, explanation_report(explained, inputs.language(request.lang, course)))
    if not found:
        _say_no_dose(course, first, until)


@click.command()
@click.argument("plan")
@plan_options
@FORMAT
def upcoming(plan: str, request: Request, form: str) -> None:
    """Print the upcoming-dose list.

    From today on, 6 doses unless --count or --until says otherwise; late doses come first.
    """
    from dosecal.outputs.upcoming import upcoming_listing
    from dosecal.plan.upcoming import upcoming as upcoming_doses

    course = inputs.plan_course(plan, request)
    today = inputs.today(request.today, course.zone)
    say.say_year(course, today)
    first = request.first or today
    count = 6 if request.limit is None and request.until is None else request.limit
    listed = upcoming_doses(course, today, first, count, request.until)
    language = inputs.language(request.lang, course)
    say.listing(form, upcoming_listing(course, listed, today, first, request.until, language))
    if not listed:
        _say_no_dose(course, first, request.until)
    say.say_caregiver(listed)


@click.command()
@click.argument("plan")
@plan_options
@click.option("-o", "--output", required=True, type=FileParam(),
              help="The calendar file to write.")  # fmt: skip
@calendar_options
def ics(plan: str, request: Request, output: "Path", options: "CalendarOptions") -> None:
    """Write the calendar file.

    The whole plan from its start, one year unless --count, --from or --until says otherwise.
    """
    from dataclasses import replace

    from dosecal.ical.calendar_file import calendar_bytes, shares_an_event
    from dosecal.ical.revisions import calendar_plan
    from dosecal.store.files import write_whole
    from dosecal.words.reasons import reason_text

    course = inputs.plan_course(plan, request)
    language = inputs.language(request.lang, course)
    course = course.with_schedules(lambda each: each.named(language.code))
    planned = calendar_plan(course, request.limit, request.first, request.until, inputs.epoch())
    data = calendar_bytes(
        course,
        planned,
        reason_text=reason_text(course.citing, language),
        options=replace(options, language=language),
    )
    write_whole(output, data, may_replace=lambda stands: shares_an_event(stands, data))
    days = [dose.day for dose in planned.doses]
    say.say_written(output, days)
    today = inputs.today(request.today, course.zone)
    say.say_year(course, today)
    say.say_past(course, max(days), today, f"--from {today} or a later --until writes later ones")
    for dose in planned.beyond:
        click.echo(
            f"dosecal: dose {dose.number} has moved to {dose.day}, after --until: a calendar "
            "with an earlier file still shows it on its old day", err=True,
        )  # fmt: skip
    say.say_caregiver(planned.doses)


@click.command("print")
@click.argument("plan")
@plan_options
@click.option("-o", "--output", required=True, type=FileParam(), help="The page to write.")
@click.option("--private", is_flag=True, help="Nothing on the page tells the medicine or illness.")
@click.option("--pdf", is_flag=True, help='Write PDF; needs the extra "pdf".')
@click.option("--paper", type=click.Choice(["A4", "Letter"]), default="A4", show_default=True,
              help="Paper of a PDF; a browser asks the printer.")  # fmt: skip
def print_(
    plan: str, request: Request, output: "Path", private: bool, pdf: bool, paper: str
) -> None:
    """Write the page for the fridge: one year from today, unless told otherwise."""
    from dosecal.model.course import without_notes
    from dosecal.page import page as render_page
    from dosecal.plan.advice import advise
    from dosecal.plan.assess import Horizon
    from dosecal.plan.upcoming import upcoming as upcoming_doses
    from dosecal.store.files import write_whole

    pdf = pdf or output.suffix.lower() == ".pdf"
    if output.suffix.lower() != (wanted := ".pdf" if pdf else ".html"):
        raise RequestError(f"{output}: name the page with {wanted} at its end")
    course = inputs.plan_course(plan, request)
    language = inputs.language(request.lang, course)
    course = course.with_schedules(lambda each: each.named(language.code))
    if private:
        course = without_notes(course).with_schedules(render_page.private)
    today = inputs.today(request.today, course.zone)
    say.say_year(course, today)
    first, until = request.first or today, request.until
    if request.limit is None and until is None:
        until = Horizon.a_year_from(first).until
    listed = upcoming_doses(course, today, first, request.limit, until)
    advice = advise(course, today)
    if not listed and advice.stopped:
        raise RequestError(
            f"the treatment was stopped on {advice.stopped.on}: no dose is left to print"
        )
    data = render_page.page(
        course, listed, first, today, language, request.owner,
        undecided=advice.undecided, stopped=advice.stopped,
    )  # fmt: skip
    if pdf:
        from dosecal.page.pdf import pdf_bytes

        data = pdf_bytes(data, paper)
    write_whole(output, data)
    days = [dose.day for dose in listed]
    say.say_written(output, days)
    say.say_caregiver(listed)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FileParam())
def check(files: "tuple[Path, ...]") -> None:
    """Validate schedule and course files.

    Two files that hold one course are named: one of them is a copy. Every problem of every file is
    shown, and what rests on inference alone. A file that cannot be read is named on stderr, and the
    others are checked all the same.
    """
    from dosecal.formats.course_file import is_course
    from dosecal.formats.schedule_file import read_schedule

    code = 0
    courses: dict[str, Path] = {}
    for path in files:
        try:
            data = named.read(path)
            inferred: tuple[str, ...] = ()
            if is_course(data):
                id = named.course_of(data, path).id
                named.refuse_copy(path, id, courses.setdefault(id, path))
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
    from dosecal.formats.schedule_keys import schedule_schema
    from dosecal.outputs.objects import to_json

    click.echo(to_json(schedule_schema()))


COMMANDS = {each.name: each for each in (list_, show, upcoming, ics, print_, check, schema)}
