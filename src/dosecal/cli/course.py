"""The commands on a course file: begin it, write down what happened, ask where it stands."""

import os
import sys
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

import click

from dosecal.cli import inputs, say
from dosecal.cli.options import (
    ANY_DOSE,
    BY,
    DECISION_MISSING,
    DRY_RUN,
    EXIT_CODES,
    FORMAT,
    LANG,
    LANGUAGE_CODES,
    STREAM,
    TODAY,
    USAGE,
    AmountParam,
    ChoiceParam,
    DateParam,
    DayParam,
    FileParam,
    NumberParam,
    SiteParam,
    SurfaceParam,
    TextParam,
    TimeParam,
    WeightParam,
    ZoneParam,
    report_format,
    site_named,
)
from dosecal.cli.ways import Typed, in_words
from dosecal.errors import DosecalError, RequestError, printable
from dosecal.model.course import Course, Extra, Given
from dosecal.model.schedule import DECISIONS, Then
from dosecal.store import courses, named

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.model.course import Entry
    from dosecal.model.schedule import Schedule
    from dosecal.outputs.history import Filed
    from dosecal.words.language import Language

_DECISIONS: Final = click.Choice([each.value for each in DECISIONS])
_COURSE: Final = click.argument("course", type=FileParam())


@click.command()
@_COURSE
@click.option(
    "--schedule",
    type=TextParam(),
    required=True,
    help="Id of the catalogue, or path to a schedule file.",
)
@click.option("--start", type=DayParam(), help="Day 0: the date of the label's week 0.")
@click.option(
    "--taken-until",
    type=DayParam(),
    help="Doses due up to that day, inclusive, were given as planned before this record.",
)
@click.option(
    "--phase", type=TextParam(), help="Where the start is not known: the phase of the last dose."
)
@click.option("--last", type=DayParam(), help="With --phase: when the last dose was given.")
@click.option(
    "--phase-dose", type=ANY_DOSE, help="With --phase: which dose of its phase that was, from 1."
)
@click.option("--time", "clock", type=TimeParam(), help="Time of day; without it, all-day.")
@click.option("--tz", "zone", type=ZoneParam(), help="Time zone, such as Europe/Moscow.")
@click.option("--weight", type=WeightParam(), help="Body weight in kg.")
@click.option("--bsa", "surface", type=SurfaceParam(), help="Body surface in m2.")
@click.option("--caregiver", is_flag=True, help="Somebody else injects: all sites are offered.")
@click.option("--avoid", type=SiteParam(), multiple=True, help="A site not to use; repeatable.")
@click.option(
    "--sites", type=SiteParam(), multiple=True,
    help="A site in one's own order; repeatable, the first first.",
)  # fmt: skip
@click.option("--label", type=TextParam(), help="A discreet word of one's own for titles.")
@click.option(
    "--choose", "choices", type=ChoiceParam(), multiple=True,
    help="What the schedule leaves open, as PHASE.KEY=VALUE; repeatable.",
)  # fmt: skip
@click.option(
    "--lang",
    "language",
    type=TextParam(),
    help=f"Language of the texts: {LANGUAGE_CODES}.",
)
@BY
@TODAY
def new(
    course: "Path",
    schedule: str,
    today: date | None,
    by: str,
    **given: Any,
) -> None:
    """Begin a course: write a new course file, private to you.

    It never replaces a file. Who is under treatment already begins with --taken-until, or, where
    the start is not known, with --phase and --last.
    """
    from dosecal.errors import ChoicesOpenError
    from dosecal.formats.course_file import entry_bytes
    from dosecal.plan.assess import doses
    from dosecal.store.files import create

    if course.suffix != ".toml":
        raise RequestError(f"{course}: name a course file with .toml at its end")
    day = inputs.today(today, given["zone"] or "")
    data = _head(course, schedule, given, day)
    for entry in _begun_before(given, day):
        data += entry_bytes(entry._replace(recorded=inputs.now(), by=by))
    begun = named.course_of(data, course)
    still_open = None
    try:
        next(doses(begun))
        for phase in begun.schedule.phases:
            if not phase.choices and phase.weight is None:
                phase.dose_for(begun.weight_kg, begun.bsa_m2)
    except ChoicesOpenError as error:
        still_open = error
    except RequestError as error:  # it would stop every later command
        raise RequestError(f"{course} was not begun: {in_words(error)}") from None
    create(course, data)
    begun_words = inputs.language("", begun).text(
        "{course}: begun; {command} says what is next",
        course=course, command=f"`{Typed(course).status()}`",
    )  # fmt: skip
    click.echo(begun_words, err=True)
    if still_open:
        click.echo(f"dosecal: still to choose: {in_words(still_open)}", err=True)
    say.say_year(begun, day)


def _head(course: "Path", schedule: str, given: dict[str, Any], today: date) -> bytes:
    """Return the head of a new course file, from what the options say.

    Raises:
        RequestError: They do not go together.
    """
    from uuid import uuid4

    from dosecal.formats.course_file import course_bytes
    from dosecal.model.choices import with_choices
    from dosecal.model.course import Avoid, Chosen

    if given["clock"] is not None and given["zone"] is None:
        raise RequestError("--time needs the time zone of the patient: add --tz, for example "
                           "--tz Europe/Moscow")  # fmt: skip
    if (given["phase"] is None) != (given["last"] is None):
        raise RequestError("--phase and --last go together: the phase, and when its dose was given")
    if (given["start"] is None) == (given["last"] is None):
        raise RequestError("a course begins with --start DATE, or, where the start is not known, "
                           "with --phase NAME --last DATE")  # fmt: skip
    if given["taken_until"] is not None and given["last"] is not None:
        raise RequestError("--taken-until goes with --start; --last says it with --phase")
    found = named.schedule(schedule)
    with_choices(found, given["choices"])
    if given["last"] is not None and given["phase_dose"] is None:
        _check_endless(found, given["phase"])
    start = given["start"] if given["last"] is None else given["last"]
    begun = Course(
        found,
        str(uuid4()),
        inputs.on(start, today),
        given["clock"],
        given["zone"] or "",
        given["weight"],
        given["caregiver"],
        given["language"] or "",
        tuple(map(Avoid, given["avoid"])),
        bsa_m2=given["surface"],
        label=given["label"] or "",
        sites=given["sites"],
        choices=tuple(Chosen(each.phase, each.key, each.text) for each in given["choices"]),
    )
    return course_bytes(begun, named.beside(schedule, course))


def _check_endless(schedule: "Schedule", name: str) -> None:
    """Refuse a phase that ends where nobody says how far it is.

    Raises:
        RequestError: It has so many doses; how many are taken decides how many are to come.
    """
    from dosecal.model.schedule import Listed

    for phase, following in zip_longest(schedule.phases, schedule.phases[1:]):
        timing = phase.timing
        ends = isinstance(timing, Listed) or timing.doses or timing.lasts or following
        if phase.name == name and ends and phase.ends is None:
            raise RequestError(f'phase "{name}" ends: add --phase-dose N, which of its doses '
                               "--last was, counted from 1")  # fmt: skip


def _begun_before(given: dict[str, Any], today: date) -> "tuple[Entry, ...]":
    """Return the entries with which a course under treatment begins."""
    from dosecal.model.course import Stepped, Taken

    if given["taken_until"] is not None:
        return (Taken(_past(given["taken_until"], today, "--taken-until")),)
    if given["last"] is not None:
        last = _past(given["last"], today, "--last")
        return Stepped(given["phase"], last, phase_dose=given["phase_dose"] or 1), Taken(last)
    return ()


def _past(day: Any, today: date, option: str) -> date:
    """Return the day of an option that says what was given: none to come.

    Raises:
        RequestError: It lies after today.
    """
    found = inputs.on(day, today)
    if found > today:
        raise RequestError(f"{option} {found} lies after today, {today}: no dose is given yet that "
                           "is to come")  # fmt: skip
    return found


@click.command()
@_COURSE
@click.option("--on", type=DayParam(), required=True, help="The day it was given.")
@click.option("--at", type=TimeParam(), help="The hour: a dose near its hour counts for its day.")
@click.option(
    "--dose",
    "number",
    type=ANY_DOSE,
    help="Which dose. [default: the first not given, skipped or, on that day, missed]",
)
@click.option(
    "--site",
    "sites",
    type=TextParam(),
    multiple=True,
    help="Where, one for each injection. [default: the planned sites]",
)
@click.option("--amount", type=AmountParam(), help="What was given. [default: the dose]")
@click.option("--injections", type=NumberParam(1, 20), help="How many injections it was.")
@click.option("--lot", type=TextParam(), default="", help="The batch number.")
@click.option("--expiry", type=DateParam(), help="Until when the pack was usable.")
@click.option("--then", type=_DECISIONS, help="What was decided about the doses after it.")
@click.option("--note", type=TextParam(), default="", help="Anything; it stays in the file.")
@click.option(
    "--any-site", is_flag=True, help="Record a site that the rules exclude, or any place."
)
@click.option("--extra", is_flag=True, help="A dose outside the plan: it has no number.")
@BY
@DRY_RUN
@TODAY
def record(
    course: "Path",
    on: Any,
    number: int | None,
    sites: tuple[str, ...],
    then: str | None,
    any_site: bool,
    extra: bool,
    dry_run: bool,
    today: date | None,
    **facts: Any,
) -> None:
    """Write an administration down.

    A fact can always be recorded. Where no rule says when the next dose is due, `status` asks for
    the decision.
    """
    from dosecal.plan.entries import administration
    from dosecal.plan.entries import extra as outside

    places = tuple(site_named(each, any_site=any_site) for each in sites)
    if extra and (number is not None or then):
        raise RequestError("an extra dose has no number and moves nothing: leave --dose and --then "
                           "out")  # fmt: skip

    def entry(of: Course) -> Given | Extra:
        day = inputs.today(today, of.zone)
        if extra:
            return outside(of, inputs.on(on, day), day, sites=places, **facts)
        return administration(
            of, inputs.on(on, day), day, number=number, sites=places,
            then=Then(then) if then else None, any_site=any_site, **facts,
        )  # fmt: skip

    before, after, given = courses.append(course, entry, inputs.now(), dry_run=dry_run)
    day = inputs.today(today, after.zone)
    if isinstance(given, Given):
        say.say_given(before, after, given.dose, course, day)
    else:
        say.say_extra(before, after, given, course, day)
    if not facts["lot"]:
        say.say_traceability(after, given.date)
    if dry_run:
        say.say_dry_run(after)


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


@click.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("--lot", type=TextParam(), default="", help="Only what was given of this batch.")
@click.option("--from", "first", type=DateParam(), help="First date, inclusive.")
@click.option("--until", type=DateParam(), help="Last date, inclusive.")
@click.option("-o", "--output", type=FileParam(), help="Write a page of one course, as .html.")
@TODAY
@LANG
@FORMAT
def history(
    sources: tuple[str, ...],
    output: "Path | None",
    lot: str,
    first: date | None,
    until: date | None,
    today: date | None,
    lang: str,
    form: str,
) -> None:
    """Show what was given: date, dose, amount, sites, lot, days off the target, notes.

    SOURCES is a course file; or several, or folders of them, as for --lot: who got it? Then what
    cannot be read is named, and the exit code is 11; the others are listed all the same.
    """
    from dosecal.outputs.formats import Report
    from dosecal.outputs.history import Filed, history_listing, history_object
    from dosecal.plan.administrations import course_history

    if first and until and until < first:
        raise RequestError(f"--until {until} lies before --from {first}")
    if STREAM in sources:
        raise RequestError('"-" would be a stream; name a file')
    if output is not None and output.suffix.lower() != ".html":
        raise RequestError(f"{output}: name the page with .html at its end")
    if lot or len(sources) > 1 or os.path.isdir(sources[0]):
        if output is not None:
            raise RequestError("a page shows one course: name its file, without --lot")
        sys.exit(_several_histories(sources, lot, (first, until), today, lang, form))
    path = sources[0]
    courses.check_there(path)
    course = named.course_of(named.read(path), path)
    found = course_history(course, inputs.today(today, course.zone), first, until)
    language = inputs.language(lang, course)
    filed = Filed(path, course, found)
    shown = course.with_schedules(lambda each: each.named(language.code))
    if output is not None:
        _write_history(output, filed._replace(course=shown), language, today)
    elif form == "json":
        say.report(form, Report(str, lambda: history_object(filed)))
    else:
        say.listing(form, history_listing(filed._replace(course=shown), language))
    if not found.given:
        click.echo(f"dosecal: {language.text('nothing is recorded as given')}", err=True)


def _write_history(
    output: "Path", filed: "Filed", language: "Language", today: date | None
) -> None:
    """Write the page of what was given in a course."""
    from dosecal.outputs.history import remarks, summary_lines
    from dosecal.page.history import history_page
    from dosecal.store.files import write_whole

    course, found = filed.course, filed.history
    data = history_page(
        course, found, [remarks(course, each, language) for each in found.given],
        inputs.today(today, course.zone), language, tuple(summary_lines(found, language)),
    )  # fmt: skip
    write_whole(output, data)
    click.echo(f"{output}: {say.counted(len(found.given), 'administration')}", err=True)


def _several_histories(
    sources: tuple[str, ...],
    lot: str,
    dates: "tuple[date | None, date | None]",
    today: date | None,
    lang: str,
    form: str,
) -> int:
    """Print what was given in several courses; return the exit code."""
    from dosecal.outputs.formats import Report
    from dosecal.outputs.history import Filed, histories_listing
    from dosecal.plan.administrations import course_history, has_lot, only_lot

    language = inputs.language(lang)
    filed, errors, code = [], [], 0
    found = courses.several(sources)
    for each in found:
        try:
            if isinstance(each.course, DosecalError):
                raise each.course
            if lot and not has_lot(each.course, lot):
                continue
            day = inputs.today(today, each.course.zone)
            given = course_history(each.course, day, *dates)
            filed.append(Filed(each.path, each.course, only_lot(given, lot) if lot else given))
        except (DosecalError, OverflowError) as error:
            told = error if isinstance(error, DosecalError) else _past_the_calendar(each.path)
            click.echo(f"dosecal: {printable(_at(each.path, told))}", err=True)
            errors.append({"course": each.path, "problem": told.in_one_line})
            code = max(code, EXIT_CODES.get(type(told), USAGE))
    listed = histories_listing(filed, language)
    if form == "json":
        say.report(form, Report(str, lambda: {"rows": listed.objects(), "errors": errors}))
    else:
        say.listing(form, listed)
    if not any(each.history.given for each in filed):
        read = len(found) - len(errors)
        words = language.plural(
            "nothing is recorded as given in {count} course that could be read",
            "nothing is recorded as given in {count} courses that could be read", read,
        )  # fmt: skip
        if lot:
            words = language.plural(
                "lot {lot}: nothing of it is recorded in {count} course that could be read",
                "lot {lot}: nothing of it is recorded in {count} courses that could be read",
                read, lot=lot,
            )  # fmt: skip
        click.echo(f"dosecal: {printable(words)}", err=True)
    return code


def _at(path: str, error: DosecalError) -> str:
    """Return what is wrong with a course, with the name of its file."""
    words = in_words(error)
    return words if path in words else f"{path}: {words}"


def _past_the_calendar(path: str) -> RequestError:
    return RequestError(f"{path}: its doses run past the year 9999")


COMMANDS = {each.name: each for each in (new, record, status, history)}
