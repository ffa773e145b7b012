"""How commands print their results on stdout, and what they say beside them on stderr."""

from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import click

from dosecal.cli import inputs
from dosecal.cli.ways import Typed
from dosecal.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dosecal.model.course import Course, Entry, Extra
    from dosecal.outputs.formats import Listing, Report
    from dosecal.plan.walk import AssessedDose
    from dosecal.words.language import Language


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


def say_year(course: "Course", today: date) -> None:
    """Ask about a start so far from today that its year may be another calendar's."""
    from dosecal.model.dates import year_question

    if question := year_question(course.start, today):
        click.echo(f"dosecal: {question}", err=True)


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


def say_given(before: "Course", after: "Course", number: int, file: "Path", today: date) -> None:
    """Say how a given dose stands now, and what it leaves open."""
    from dosecal.plan.assess import doses
    from dosecal.plan.walk import Status
    from dosecal.words.doses import dose_line
    from dosecal.words.reasons import cited_by_id, reasons_text, source_lines

    language = inputs.language("", after)
    text = language.text
    was = {each.number: each.status for each in islice(doses(before), number)}
    given, missed = None, []
    for each in islice(doses(after, today), number):
        given = each
        if each.status is Status.MISSED and was.get(each.number) is not Status.MISSED:
            missed.append(str(each.number))
    if given is None:
        raise AssertionError("a dose that was recorded is there")
    click.echo(text("dose {number} given {line}", number=number, line=dose_line(given, language)))
    if why := reasons_text(cited_by_id(after.citing), given, language):
        click.echo(f"  {why}")
    say_next(before, after, file, today)
    for line in source_lines(after.citing, [given], language):
        click.echo(line)
    if missed:
        words = text(
            "now counted as missed, because neither given nor skipped: dose {numbers}",
            numbers=", ".join(missed),
        )
        click.echo(f"dosecal: {words}", err=True)
    if given.undecided:
        say_question(given, file, language)


def say_question(given: "AssessedDose", file: "Path", language: "Language") -> None:
    """Say what a dose leaves to ask, and how the answer is recorded."""
    from dosecal.model.reasons import Part

    ways = Typed(file)
    if any(isinstance(each, Part) for each in given.reasons):
        words = language.text(
            "ask your prescriber about the rest, then: {command}",
            command=ways.decide_part(given.number),
        )
    else:
        words = language.text(
            "no rule says when the next dose is due; ask your prescriber, then: {command}",
            command=ways.decide(given.number),
        )
    click.echo(f"dosecal: {words}", err=True)


def say_extra(before: "Course", after: "Course", given: "Extra", file: "Path", today: date) -> None:
    """Say what a dose outside the plan was, and what comes next."""
    from dosecal.words.doses import day_words, in_injections, sites_words

    language = inputs.language("", after)
    line = f"{day_words(given.date, language)}: " + in_injections(
        given.amount, given.injections, language
    )
    if given.sites:
        line += f", {sites_words(given.sites, language)}"
    click.echo(language.text("extra dose given {line}", line=line))
    say_next(before, after, file, today)


def say_next(before: "Course", after: "Course", file: "Path", today: date) -> None:
    """Say which dose is the next one, and how it stands."""
    from dosecal.model.reasons import Near
    from dosecal.plan.advice import advise
    from dosecal.plan.walk import Status
    from dosecal.words.doses import STATUSES, day_words
    from dosecal.words.reasons import reason_text

    language = inputs.language("", after)
    text, advice = language.text, advise(after, today)
    held = [each for each in advice.passed if each.status is Status.HELD]
    dose = advice.dose or (held[0] if held else None)
    if dose is None:
        return
    words = text(
        "next: dose {number} on {date} ({status})", number=dose.number,
        date=day_words(dose.target, language), status=text(STATUSES[dose.status]),
    )  # fmt: skip
    if dose.status in (Status.DUE, Status.LATE):
        status = f"`{Typed(file).status()}`"
        words += "; " + text("{command} says what to do", command=status)
    click.echo(words)
    for why in dose.reasons:
        if isinstance(why, Near):
            click.echo(f"  {reason_text(after.citing, language)(why)}")


def say_dry_run(course: "Course") -> None:
    """Say that nothing was written."""
    words = inputs.language("", course).text("only shown: nothing was written")
    click.echo(f"dosecal: {words}", err=True)


def say_traceability(course: "Course", on: date) -> None:
    """Remind of the batch number where a source of what was given on a day asks for it."""
    from dosecal.plan.entries import schedule_on

    note = schedule_on(course, on).traceability
    if note is not None:
        language = inputs.language("", course)
        words = language.text(
            "the source asks for the batch number ({option}): {text}", option="--lot",
            text=language.stated(note.text),
        )  # fmt: skip
        click.echo(f"dosecal: {words}", err=True)


def entry_words(entry: "Entry", language: "Language") -> str:
    """Write which entry of a log one is."""
    from dosecal.model.course import (
        Chosen,
        Decided,
        Extra,
        Given,
        Hold,
        HoldEnd,
        Moved,
        Skipped,
        Stepped,
        Stocked,
        Stopped,
        Weighed,
        Zoned,
    )

    text = language.text
    match entry:
        case Given():
            return text("dose {number}, given on {date}", number=entry.dose, date=entry.date)
        case Skipped():
            return text("dose {number}, skipped", number=entry.dose)
        case Hold():
            return text("the hold from {date}", date=entry.first)
        case HoldEnd():
            return text("the end of the hold on {date}", date=entry.on)
        case Decided():
            return text(
                "the decision about dose {number}: {then}", number=entry.dose, then=entry.then
            )
        case Moved():
            return text("dose {number}, agreed for {date}", number=entry.dose, date=entry.to)
        case Extra():
            return text("the extra dose of {date}", date=entry.date)
        case Stepped():
            return text("the step to phase {phase} on {date}", phase=entry.to, date=entry.on)
        case Stopped():
            return text("the stop on {date}", date=entry.on)
        case Zoned():
            return text("the time zone {zone} from {date} on", zone=entry.zone, date=entry.on)
        case Chosen():
            return text(
                "the choice {name} = {value}", name=f"{entry.phase}.{entry.key}", value=entry.text
            )
        case Weighed():
            return text("the weight of {weight} kg", weight=language.number(entry.kg))
        case Stocked():
            return text("the count of the supply on {date}", date=entry.on)
        case _:
            raise AssertionError("such an entry is never taken back")
