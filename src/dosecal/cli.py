"""The command line: it alone reads the clock and the environment, prints and exits.

Heavy imports happen in the command that needs them, so that every command starts fast.
"""

import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from dosecal.errors import (
    CourseFileError,
    DosecalError,
    PatientsFileError,
    RequestError,
    ScheduleFileError,
)

if TYPE_CHECKING:
    from dosecal.course import Course
    from dosecal.language import Language
    from dosecal.rows import Row
    from dosecal.schedule import Schedule

EXIT_CODES: Final[dict[type[DosecalError], int]] = {
    ScheduleFileError: 10,
    CourseFileError: 11,
    PatientsFileError: 11,
}
USAGE: Final = 2
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999


class _Commands(click.Group):
    """The commands; a user's mistake becomes a message on stderr and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DosecalError as error:
            click.echo(f"dosecal: {error}", err=True)
            ctx.exit(EXIT_CODES.get(type(error), USAGE))


class DateParam(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date."""
        if isinstance(value, date):
            return value
        try:
            if len(value) != len("2026-12-01"):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a date; write it as YYYY-MM-DD: 2026-12-01', param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value}: years from {FIRST_YEAR} to {LAST_YEAR} are allowed", param, ctx)
        return day


class TimeParam(click.ParamType[time]):
    """A time of day as HH:MM."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> time:
        """Read the time."""
        if isinstance(value, time):
            return value
        try:
            if len(value) != len("09:00"):
                raise ValueError
            return time.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a time of day; write it as HH:MM: 09:00', param, ctx)


class ZoneParam(click.ParamType[str]):
    """An IANA time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that the zone exists."""
        from zoneinfo import ZoneInfo, available_timezones

        try:
            if value in ("Factory", "localtime", "posixrules"):
                raise ValueError
            ZoneInfo(value)
        except (OSError, ValueError, KeyError):
            from dosecal.quantities import near_miss

            hint = near_miss(value, available_timezones())
            self.fail(
                f'no time zone "{value}"; zones are named like Europe/Moscow'
                f"{'; ' + hint if hint else ''}",
                param,
                ctx,
            )
        return str(value)


class WeightParam(click.ParamType[Decimal]):
    """A body weight in kg."""

    name = "kg"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read the weight exactly."""
        from dosecal.quantities import check_weight

        try:
            weight = Decimal(value)
            if not weight.is_finite():
                raise InvalidOperation
            return check_weight(weight)
        except (InvalidOperation, ValueError):
            self.fail(f'"{value}" is not a weight in kg; write for example 72.5', param, ctx)
        except RequestError as error:
            self.fail(str(error), param, ctx)


class SiteParam(click.ParamType[str]):
    """A site such as left-thigh."""

    name = "site"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that the site exists."""
        from dosecal.quantities import near_miss
        from dosecal.sites import ALL_SITES

        site = str(value).replace(" ", "-")
        if site not in ALL_SITES:
            hint = near_miss(site, ALL_SITES)
            self.fail(
                f'no site "{value}"; the sites are {", ".join(ALL_SITES)}'
                f"{'; ' + hint if hint else ''}",
                param,
                ctx,
            )
        return site


TODAY = click.option(
    "--today",
    type=DateParam(),
    help="The day to count as today. [default: SOURCE_DATE_EPOCH's day, else the clock's]",
)
PLAN_OPTIONS: Final = (
    click.option("--start", type=DateParam(), help="Day 0: the date of the label's week 0."),
    click.option("--time", "clock", type=TimeParam(), help="Time of day; without it, all-day."),
    click.option("--tz", "zone", type=ZoneParam(), help="Time zone, such as Europe/Moscow."),
    click.option("--weight", type=WeightParam(), help="Body weight in kg."),
    click.option("--caregiver", is_flag=True, help="Somebody else injects."),
    click.option("--avoid", type=SiteParam(), multiple=True, help="A site not to use; repeatable."),
    click.option("--count", type=click.IntRange(1, 100_000), help="At most so many doses."),
    click.option("--from", "first", type=DateParam(), help="First date, inclusive."),
    click.option("--until", type=DateParam(), help="Last date, inclusive."),
    TODAY,
    click.option("--for", "owner", default="", help="Whose plan it is: a label."),
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown"]),
    default="table",
    show_default=True,
    help="How the result is written.",
)


def plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command on a PLAN takes."""
    for option in reversed(PLAN_OPTIONS):
        command = option(command)
    return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="dosecal")
def main() -> None:
    """Dated injections, reminders and late-dose rules from a schedule as the label states it.

    PLAN is a schedule id from the catalogue (`dosecal list`), a path to a schedule file (both
    with --start), or a path to a course file. dosecal computes dates from a stated schedule;
    the prescriber decides.
    """


def _today(given: date | None, zone: str = "") -> date:
    """Return today: as given, else from SOURCE_DATE_EPOCH, else from the clock (DATE-7)."""
    if given is not None:
        return given
    if (now := _epoch()) is not None:
        return now.date()
    if zone:
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo(zone)).date()
    return date.today()


def _epoch() -> datetime | None:
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise RequestError(
            f'SOURCE_DATE_EPOCH is "{text}"; it is a whole number of seconds since 1970'
        ) from None


def _schedule(plan: str) -> "Schedule":
    """Return the schedule that PLAN names: a file if it looks like one, else an id."""
    path = Path(plan)
    if path.is_file() or path.suffix == ".toml" or "/" in plan or "\\" in plan:
        from dosecal.schedule_file import read_schedule

        return read_schedule(_read(path), path.stem, plan)
    from dosecal import catalogue

    return catalogue.load(plan)


def _read(path: Path) -> bytes:
    from dosecal.tables import MAX_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise RequestError(f"cannot read {path!r}: {error}") from None


def _course(
    plan: str,
    start: date | None,
    clock: time | None,
    zone: str | None,
    weight: Decimal | None,
    caregiver: bool,
    avoid: Iterable[str],
    owner: str,
) -> "Course":
    """Return what PLAN and its options name as a course without a record."""
    from dosecal.course import Course
    from dosecal.sites import Avoid

    schedule = _schedule(plan)
    if start is None:
        raise RequestError(f"{plan} is a schedule: give the day of its week 0 with --start DATE")
    if clock is not None and zone is None:
        raise RequestError("--time needs the time zone of the patient: add --tz, for example "
                           "--tz Europe/Moscow")  # fmt: skip
    return Course(
        schedule,
        id=f"{schedule.id}\n{start.isoformat()}\n{owner}",
        start=start,
        clock=clock,
        zone=zone or "",
        weight_kg=weight,
        caregiver=caregiver,
        avoid=tuple(Avoid(site) for site in avoid),
    )


def _language(option: str, of_course: str) -> "Language":
    """Return the reader's language: the option's, else the course's, else the environment's."""
    from dosecal.language import language, of_environment

    return language(option or of_course or of_environment(os.environ))


def _check_dates(first: date | None, until: date | None) -> None:
    if first and until and until < first:
        raise RequestError(f"--until {until} lies before --from {first}")


def _print_rows(form: str, head: "Row", rows: "Iterable[Row]") -> None:
    from dosecal import rows as writers

    write = {
        "table": writers.to_table, "csv": writers.to_csv, "markdown": writers.to_markdown
    }[form]  # fmt: skip
    click.echo(write(head, tuple(rows)))


@main.command("list")
@click.argument("words", nargs=-1)
@click.option("--medicine", help="Only this medicine.")
@FORMAT
def list_(words: tuple[str, ...], medicine: str | None, form: str) -> None:
    """Show the catalogue, or what of it holds all WORDS: id, medicine, indication, regimen."""
    from dosecal import catalogue
    from dosecal.sentence import sentence

    found = []
    for schedule in catalogue.schedules():
        names = f"{schedule.id} {schedule.medicine} {schedule.brand} {schedule.indication}".lower()
        if all(word.lower() in names for word in words) and (
            medicine is None or medicine.lower() == schedule.medicine.lower()
        ):
            found.append(schedule)
    if form == "json":
        from dosecal.render_json import to_json

        keys = ("id", "medicine", "brand", "indication", "jurisdiction")
        click.echo(
            to_json(
                [
                    {key: getattr(each, key) for key in keys} | {"regimen": sentence(each)}
                    for each in found
                ]
            )
        )
        return
    head = ("id", "medicine", "indication", "regimen")
    _print_rows(
        form, head, ((each.id, each.medicine, each.indication, sentence(each)) for each in found)
    )
    if not found:
        click.echo("dosecal: nothing in the catalogue matches; `dosecal list` shows all", err=True)


@main.command()
@click.argument("plan")
@click.option("--start", type=DateParam(), help="Day 0: shows dates beside the weeks.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table",
              show_default=True, help="How the result is written.")  # fmt: skip
def show(plan: str, start: date | None, form: str) -> None:
    """Explain a schedule: phases, first doses as weeks and dates, sites, rules, sources.

    Compare it with the prescription before you use the dates.
    """
    from dosecal.render_show import explanation_object, explanation_text

    schedule = _schedule(plan)
    if form == "json":
        from dosecal.render_json import to_json

        click.echo(to_json(explanation_object(schedule, start)))
    else:
        click.echo(explanation_text(schedule, start))


@main.command()
@click.argument("plan")
@plan_options
@FORMAT
def upcoming(
    plan: str,
    start: date | None,
    clock: time | None,
    zone: str | None,
    weight: Decimal | None,
    caregiver: bool,
    avoid: tuple[str, ...],
    count: int | None,
    first: date | None,
    until: date | None,
    today: date | None,
    owner: str,
    form: str,
) -> None:
    """Print the upcoming-dose list: from today on, 6 doses unless --count or --until says more."""
    from dosecal import listing

    course = _course(plan, start, clock, zone, weight, caregiver, avoid, owner)
    day = _today(today, course.zone)
    _check_dates(first, until)
    if count is None and until is None:
        count = 6
    listed = listing.upcoming(course, day, first or day, count, until)
    if form == "json":
        from dosecal.render_json import dose_object, to_json

        click.echo(to_json([dose_object(course, dose) for dose in listed]))
        return
    _print_rows(form, listing.HEAD, listing.rows(course, listed))
    if form == "table":
        for line in listing.check_lines(course, listed, first or day, until):
            click.echo(line)
    if not listed:
        click.echo("dosecal: no dose in this range", err=True)


@main.command()
@click.argument("plan")
@plan_options
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="The calendar file to write.")  # fmt: skip
@click.option("--title", type=click.Choice(["discreet", "medicine"]), default="discreet",
              show_default=True, help="What the event titles show.")  # fmt: skip
@click.option("--private", is_flag=True, help="No medicine, dose or site anywhere in the file.")
def ics(
    plan: str,
    start: date | None,
    clock: time | None,
    zone: str | None,
    weight: Decimal | None,
    caregiver: bool,
    avoid: tuple[str, ...],
    count: int | None,
    first: date | None,
    until: date | None,
    today: date | None,
    owner: str,
    output: Path,
    title: str,
    private: bool,
) -> None:
    """Write the calendar file: the whole plan from its start, one year unless told otherwise."""
    from dosecal.assess import Horizon, within
    from dosecal.calendar import CalendarOptions, Revision, calendar_bytes
    from dosecal.files import write_whole
    from dosecal.wording import reason_text

    course = _course(plan, start, clock, zone, weight, caregiver, avoid, owner)
    _check_dates(first, until)
    horizon = Horizon(count, until)
    if count is None and until is None:
        horizon = Horizon.a_year_from(first or course.start)
    doses = [dose for dose in within(course, horizon) if first is None or dose.day >= first]
    if not doses:
        raise RequestError("no dose in this range; nothing was written")
    base = Revision(0, _epoch() or datetime.combine(course.start, time(), UTC))
    data = calendar_bytes(
        course,
        doses,
        {},
        base,
        until=horizon.until or doses[-1].day,
        reason_text=reason_text(course.schedule),
        options=CalendarOptions(
            title="medicine" if title == "medicine" else "discreet", private=private
        ),
    )
    write_whole(output, data)
    click.echo(f"{output}: {len(doses)} doses, {doses[0].day} to {doses[-1].day}", err=True)


@main.command("print")
@click.argument("plan")
@plan_options
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="The page to write.")  # fmt: skip
@click.option("--lang", default="", help="Language of the page: de, en, es, fr, ru or zh.")
@click.option("--private", is_flag=True, help="Nothing on the page tells the medicine or illness.")
@click.option("--pdf", is_flag=True, help="Write PDF; needs the extra dosecal[pdf].")
@click.option("--paper", type=click.Choice(["A4", "Letter"]), default="A4", show_default=True,
              help="Paper of a PDF; a browser asks the printer.")  # fmt: skip
def print_(
    plan: str,
    start: date | None,
    clock: time | None,
    zone: str | None,
    weight: Decimal | None,
    caregiver: bool,
    avoid: tuple[str, ...],
    count: int | None,
    first: date | None,
    until: date | None,
    today: date | None,
    owner: str,
    output: Path,
    lang: str,
    private: bool,
    pdf: bool,
    paper: str,
) -> None:
    """Write the page for the fridge: one year from today, unless told otherwise."""
    from dataclasses import replace

    from dosecal import listing, render_page
    from dosecal.assess import Horizon
    from dosecal.files import write_whole

    pdf = pdf or output.suffix.lower() == ".pdf"
    if output.suffix.lower() != (wanted := ".pdf" if pdf else ".html"):
        raise RequestError(f"{output}: name the page with {wanted} at its end")
    course = _course(plan, start, clock, zone, weight, caregiver, avoid, owner)
    language = _language(lang, course.language)
    course = replace(course, schedule=course.schedule.named(language.code))
    if private:
        course = replace(course, schedule=render_page.private(course.schedule))
    day = _today(today, course.zone)
    _check_dates(first, until)
    begin = first or day
    if count is None and until is None:
        until = Horizon.a_year_from(begin).until
    listed = listing.upcoming(course, day, begin, count, until)
    last = until or max((dose.day for dose in listed), default=begin)
    data = render_page.page(course, listed, begin, last, day, language, owner)
    if pdf:
        from dosecal.render_pdf import pdf_bytes

        data = pdf_bytes(data, paper)
    write_whole(output, data)
    click.echo(f"{output}: {len(listed)} doses, {listed[0].day} to {listed[-1].day}", err=True)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Validate schedule files; every problem of every file is shown."""
    from dosecal.schedule_file import read_schedule

    code = 0
    for path in files:
        try:
            read_schedule(_read(path), path.stem, str(path))
        except ScheduleFileError as error:
            click.echo(str(error))
            code = EXIT_CODES[ScheduleFileError]
        else:
            click.echo(f"{path}: ok")
    sys.exit(code)
