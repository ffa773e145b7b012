"""The commands on a course file: begin it, write down what happened, ask where it stands."""

import sys
from datetime import date, time
from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from dosecal.cli import inputs, say
from dosecal.cli.options import (
    ANY_DOSE,
    DECISION_MISSING,
    LANG,
    LANGUAGE_CODES,
    TODAY,
    DateParam,
    FileParam,
    SiteParam,
    TextParam,
    TimeParam,
    WeightParam,
    ZoneParam,
    report_format,
)
from dosecal.cli.remedies import in_words
from dosecal.cli.ways import Typed
from dosecal.errors import RequestError
from dosecal.model.course import Course, Decided, Entry, Given, Hold, Skipped
from dosecal.model.schedule import Then
from dosecal.plan.walk import Status
from dosecal.store import courses, named

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from dosecal.words.language import Language

_DECISIONS: Final = click.Choice(["keep", "shift", "restart"])
_FAR_AHEAD: Final = 24  # months
_COURSE: Final = click.argument("course", type=FileParam())


@click.command()
@_COURSE
@click.option(
    "--schedule",
    type=TextParam(),
    required=True,
    help="Id of the catalogue, or path to a schedule file.",
)
@click.option(
    "--start", type=DateParam(), required=True, help="Day 0: the date of the label's week 0."
)
@click.option("--time", "clock", type=TimeParam(), help="Time of day; without it, all-day.")
@click.option("--tz", "zone", type=ZoneParam(), help="Time zone, such as Europe/Moscow.")
@click.option("--weight", type=WeightParam(), help="Body weight in kg.")
@click.option("--caregiver", is_flag=True, help="Somebody else injects: all sites are offered.")
@click.option("--avoid", type=SiteParam(), multiple=True, help="A site not to use; repeatable.")
@click.option(
    "--lang",
    "language",
    type=TextParam(),
    help=f"Language of the texts: {LANGUAGE_CODES}.",
)
@TODAY
def new(
    course: "Path",
    schedule: str,
    start: date,
    clock: time | None,
    zone: str | None,
    weight: "Decimal | None",
    caregiver: bool,
    avoid: tuple[str, ...],
    language: str | None,
    today: date | None,
) -> None:
    """Begin a course: write a new course file, private to you.

    It never replaces a file.
    """
    from os.path import relpath
    from pathlib import Path
    from uuid import uuid4

    from dosecal.formats.course_file import new_bytes
    from dosecal.model.dates import add_months
    from dosecal.store.files import create

    if clock is not None and zone is None:
        raise RequestError("--time needs the time zone of the patient: add --tz, for example "
                           "--tz Europe/Moscow")  # fmt: skip
    named.schedule(schedule)
    if named.looks_like_path(schedule):
        folder = course.resolve().parent
        schedule = Path(relpath(Path(schedule).resolve(), folder)).as_posix()
    values = {
        "schedule": schedule,
        "id": str(uuid4()),
        "start": start,
        "time": clock,
        "timezone": zone,
        "weight_kg": weight,
        "caregiver": caregiver or None,
        "language": language or None,
    }
    data = new_bytes(values, avoid)
    begun = named.course_of(data, course)
    try:
        for phase in begun.schedule.phases:
            phase.dose_for(weight)
    except RequestError as error:  # it would stop every later command
        raise RequestError(f"{course} was not begun: {in_words(error)}") from None
    create(course, data)
    begun_words = inputs.language("", begun).text(
        "{course}: begun; {command} says what is next",
        course=course, command=f"`{Typed(course).status()}`",
    )  # fmt: skip
    click.echo(begun_words, err=True)
    if start > add_months(inputs.today(today, begun.zone), _FAR_AHEAD):
        click.echo(
            f"dosecal: it starts on {start}, more than two years from today: is the year right?",
            err=True,
        )


@click.command()
@_COURSE
@click.option("--on", type=DateParam(), required=True, help="The day it was given.")
@click.option(
    "--dose",
    "number",
    type=ANY_DOSE,
    help="Which dose. [default: the first not given, skipped or, on that day, missed]",
)
@click.option(
    "--site",
    "sites",
    type=SiteParam(),
    multiple=True,
    help="Where, one for each injection. [default: the planned sites]",
)
@click.option("--then", type=_DECISIONS, help="What was decided about the doses after it.")
@click.option("--note", type=TextParam(), default="", help="Anything; it stays in the file.")
@click.option("--any-site", is_flag=True, help="Record a site that the rules exclude.")
@TODAY
def record(
    course: "Path",
    on: date,
    number: int | None,
    sites: tuple[str, ...],
    then: str | None,
    note: str,
    any_site: bool,
    today: date | None,
) -> None:
    """Write an administration down.

    A fact can always be recorded. Where no rule says when the next dose is due, `status` asks for
    the decision.
    """
    from dosecal.plan.entries import administration

    def entry(of: Course) -> Given:
        return administration(
            of, on, inputs.today(today, of.zone), number=number, sites=sites,
            then=Then(then) if then else None, note=note, any_site=any_site,
        )  # fmt: skip

    before, after, given = courses.append(course, entry, inputs.now())
    _say_given(before, after, given.dose, course, inputs.today(today, after.zone))


@click.command()
@_COURSE
@click.option("--dose", "number", type=ANY_DOSE, required=True, help="Which dose.")
@click.option("--note", type=TextParam(), default="", help="Why; it stays in the file.")
def skip(course: "Path", number: int, note: str) -> None:
    """Write down that a dose is left out. Later dates stay."""
    from dosecal.plan.assess import doses
    from dosecal.plan.entries import skip as skipped
    from dosecal.words.doses import day_words

    _, after, _ = courses.append(
        course, lambda of: skipped(of, number, inputs.today(None, of.zone), note), inputs.now()
    )
    language = inputs.language("", after)
    due = next(each.target for each in doses(after) if each.number == number)
    click.echo(
        language.text(
            "dose {number}, due {date}, recorded as skipped",
            number=number, date=day_words(due, language),
        )
    )  # fmt: skip


@click.command()
@_COURSE
@click.option("--from", "first", type=DateParam(), required=True, help="First day, inclusive.")
@click.option("--until", type=DateParam(), help="Last day, inclusive. [default: without an end]")
@click.option("--reason", type=TextParam(), default="", help="Why; it stays in the file.")
def hold(course: "Path", first: date, until: date | None, reason: str) -> None:
    """Pause the course: doses in the hold are not due. After it the rules decide."""
    from dosecal.plan.entries import hold as pause

    _, after, _ = courses.append(course, lambda of: pause(first, until, reason), inputs.now())
    text = inputs.language("", after).text
    if until:
        click.echo(text("on hold from {first} until {last}", first=first, last=until))
        return
    ended_with = Typed(course).end_hold()
    click.echo(
        text("on hold from {first} until ended with: {command}", first=first, command=ended_with)
    )


@click.command()
@_COURSE
@click.option("--dose", "number", type=ANY_DOSE, required=True, help="Which recorded dose.")
@click.option("--then", type=_DECISIONS, required=True, help="What the prescriber decided.")
@TODAY
def decide(course: "Path", number: int, then: str, today: date | None) -> None:
    """Record the decision about a dose given off its date.

    The plan follows it: later dates stay (keep), are counted from the day it was given (shift), or
    the schedule begins again with it (restart).
    """
    from dosecal.plan.entries import decision

    before, after, _ = courses.append(
        course, lambda of: decision(of, number, Then(then)), inputs.now()
    )
    _say_given(before, after, number, course, inputs.today(today, after.zone))


@click.command()
@_COURSE
@click.option("--dose", "number", type=ANY_DOSE, help="The dose whose latest entry to take back.")
@click.option("--hold", "holds", is_flag=True, help="Take back the latest hold instead.")
def void(course: "Path", number: int | None, holds: bool) -> None:
    """Take back the latest entry about a dose, or the latest hold. It stays in the file."""
    from dosecal.plan.entries import void as taken_back

    if (number is None) != holds:
        raise RequestError("name what to take back: either --dose N or --hold")
    taken: list[Entry] = []

    def entry(of: Course) -> Entry:
        voiding, past = taken_back(of, number)
        taken.append(past)
        return voiding

    _, after, _ = courses.append(course, entry, inputs.now())
    language = inputs.language("", after)
    click.echo(language.text("no longer counts: {entry}", entry=_entry_words(taken[-1], language)))


@click.command()
@click.argument("course")
@TODAY
@LANG
@report_format
def status(course: str, today: date | None, lang: str, form: str) -> None:
    """Say what is due or late today and what the source says to do.

    Exits 12 while a decision is missing that no source states.
    """
    from dosecal.outputs.status import status_report
    from dosecal.plan.advice import advise

    courses.check_there(course)
    found = named.course_of(named.read(course), course)
    advice = advise(found, inputs.today(today, found.zone))
    language = inputs.language(lang, found)
    found = found._replace(schedule=found.schedule.named(language.code))
    say.report(form, status_report(found, advice, Typed(course), language))
    if form == "table":
        say.say_caregiver([advice.dose] if advice.dose else [])
    sys.exit(DECISION_MISSING if advice.decision_missing else 0)


def _say_given(before: Course, after: Course, number: int, file: "Path", today: date) -> None:
    """Say how a given dose stands now, and what it leaves open."""
    from dosecal.plan.assess import doses
    from dosecal.words.doses import STATUSES, day_words, dose_line
    from dosecal.words.reasons import cited_by_id, reasons_text, source_lines

    language = inputs.language("", after)
    text = language.text
    was = {each.number: each.status for each in islice(doses(before), number)}
    missed = []
    for each in doses(after, today):
        if each.number < number:
            if each.status is Status.MISSED and was.get(each.number) is not Status.MISSED:
                missed.append(str(each.number))
        elif each.number == number:
            given = each
            line = dose_line(given, language)
            click.echo(text("dose {number} given {line}", number=number, line=line))
            if why := reasons_text(cited_by_id(after.schedule), given, language):
                click.echo(f"  {why}")
        elif each.status in (Status.UPCOMING, Status.HELD, Status.DUE, Status.LATE):
            words = text(
                "next: dose {number} on {date} ({status})", number=each.number,
                date=day_words(each.target, language), status=text(STATUSES[each.status]),
            )  # fmt: skip
            if each.status in (Status.DUE, Status.LATE):
                status = f"`{Typed(file).status()}`"
                words += "; " + text("{command} says what to do", command=status)
            click.echo(words)
            break
    for each_line in source_lines(after.schedule, [given], language):
        click.echo(each_line)
    if missed:
        words = text(
            "now counted as missed, because neither given nor skipped: dose {numbers}",
            numbers=", ".join(missed),
        )
        click.echo(f"dosecal: {words}", err=True)
    if given.undecided:
        words = text(
            "no rule says when the next dose is due; ask your prescriber, then: {command}",
            command=Typed(file).decide(number),
        )
        click.echo(f"dosecal: {words}", err=True)


def _entry_words(entry: Entry, language: "Language") -> str:
    text = language.text
    match entry:
        case Given():
            return text("dose {number}, given on {date}", number=entry.dose, date=entry.date)
        case Skipped():
            return text("dose {number}, skipped", number=entry.dose)
        case Hold():
            return text("the hold from {date}", date=entry.first)
        case Decided():
            return text(
                "the decision about dose {number}: {then}", number=entry.dose, then=entry.then
            )
        case _:
            raise AssertionError("a void is never taken back")


COMMANDS = {
    each.name: each for each in (new, record, skip, hold, decide, void, status)
}  # fmt: skip
