"""The upcoming-dose list: its rows, and what stands below them."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from dosecal.model.course import Course
from dosecal.model.schedule import CheckTime
from dosecal.outputs.formats import Listing, TextRow
from dosecal.outputs.objects import dose_object
from dosecal.plan.checks import before_start, dated_checks
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.doses import STATUSES, sites_words
from dosecal.words.language import ENGLISH, Language, marked
from dosecal.words.reasons import cited_by_id, reasons_text, source_lines

HEAD: Final = (
    marked("No."), marked("Date"), marked("Day"), marked("Time"), marked("Earliest"),
    marked("Latest"), marked("Dose"), marked("Injections"), marked("Sites"), marked("Phase"),
    marked("Status"), marked("Why"),
)  # fmt: skip


RECORDED: Final = (marked("Lot"), marked("Note"))
"""What is recorded of a dose, for a program."""


def upcoming_listing(
    course: Course,
    listed: tuple[AssessedDose, ...],
    today: date,
    first: date,
    until: date | None,
    language: Language,
) -> Listing:
    """Return the list of these doses.

    Args:
        course: Whose doses.
        listed: The doses, in order.
        today: The day on which the list is made.
        first: The first date asked for, inclusive.
        until: The last one, inclusive; None: the last dose's.
        language: The reader's.
    """
    by_id = course._replace(schedule=cited_by_id(course.citing))

    def below() -> Iterator[str]:
        yield from check_lines(course, listed, today, first, until, language)
        yield from source_lines(course.citing, listed, language)

    return Listing(
        head=tuple(language.text(each) for each in HEAD),
        rows=lambda: rows(course, listed, today, language),
        keys=(*HEAD, *RECORDED),
        plain_rows=lambda: plain_rows(course, listed, today, language),
        objects=lambda: [dose_object(course, dose, language) for dose in listed],
        short_rows=lambda: rows(by_id, listed, today, language),
        below=below,
        statuses=[dose.status for dose in listed],
    )


def rows(
    course: Course, listed: tuple[AssessedDose, ...], today: date, language: Language
) -> Iterator[TextRow]:
    """Yield the cells of each dose for a reader, in the order of `HEAD`.

    Its window is shown only where there is one.
    """
    for dose in listed:
        clock = dose.hour.clock
        if dose.status is Status.GIVEN:
            clock = dose.entry.at if dose.entry else None
        status = language.text(STATUSES[dose.status])
        if dose.status is Status.DUE and dose.day == today:
            status = language.text("due today")
        phase = language.stated(dose.phase.name)
        window = dose.earliest != dose.latest
        yield (
            str(dose.number),
            dose.day.isoformat(),
            language.weekday(dose.day),
            clock.strftime("%H:%M") if clock else "",
            dose.earliest.isoformat() if window else "",
            dose.latest.isoformat() if window else "",
            language.amount(dose.amount),
            str(dose.injections),
            sites_words(dose.sites, language),
            phase,
            status,
            reasons_text(course.citing, dose, language),
        )


def plain_rows(
    course: Course, listed: tuple[AssessedDose, ...], today: date, language: Language
) -> Iterator[TextRow]:
    """Yield the cells of each dose for a program: English, but for the reasons."""
    for dose, row in zip(listed, rows(course, listed, today, ENGLISH), strict=True):
        why = reasons_text(course.citing, dose, language)
        lot, note = (dose.entry.lot, dose.entry.note) if dose.entry else ("", "")
        yield (*row[:-2], dose.status.value, why, lot, note)


def check_lines(
    course: Course,
    listed: tuple[AssessedDose, ...],
    today: date,
    first: date,
    until: date | None,
    language: Language,
) -> Iterator[str]:
    """Yield a line for each check that belongs to the list: dated ones in it, and undated ones."""
    if not listed:
        return
    last = until or max(dose.day for dose in listed)
    text = language.text
    for check in before_start(course, today):
        yield text("Before the start: {check}", check=language.stated(check.name))
    for check in course.schedule.checks:
        if isinstance(check.when, CheckTime) and check.when in _AT_DOSES and not check.lead:
            yield text(_AT_DOSES[check.when], check=language.stated(check.name))
    for each in dated_checks(course, first, last, today):
        words = text("check: {check}", check=language.stated(each.check.name))
        yield f"{each.day.isoformat()} {language.weekday(each.day)}  {words}"


_AT_DOSES: Final = {
    CheckTime.BEFORE_EACH_DOSE: marked("Before each dose: {check}"),
    CheckTime.BEFORE_A_LATE_DOSE: marked("Before a late dose: {check}"),
    CheckTime.AFTER_EACH_DOSE: marked("After each dose: {check}"),
}
