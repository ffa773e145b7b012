"""What was given in a course, for the doctor: administrations, and how many were in time."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from dosecal.model.course import Course
from dosecal.model.dates import at_wall_time
from dosecal.model.reasons import BeforeRecord, Part
from dosecal.outputs.formats import Listing, TextRow
from dosecal.plan.administrations import Administration, CourseHistory
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.doses import STATUSES, sites_words
from dosecal.words.language import Language, marked
from dosecal.words.reasons import off_words, reason_text

HEAD: Final = (
    marked("No."), marked("Date"), marked("Day"), marked("Time"), marked("Target"),
    marked("Off target"), marked("Dose"), marked("Injections"), marked("Sites"), marked("Lot"),
    marked("Expiry"), marked("Phase"), marked("Recorded by"), marked("Notes"),
)  # fmt: skip
KEYS: Final = (
    "number", "extra", "date", "at", "target_date", "days_off", "phase", "amount", "injections",
    "sites", "lot", "expiry", "note", "by", "counted",
)  # fmt: skip
"""The keys of an administration, as JSON and CSV have them."""
OF_SEVERAL: Final = (marked("Course"), marked("Medicine"))
EXTRA: Final = marked("extra")
DOES_NOT_COUNT: Final = marked("does not count: the dose was to be given again")


class Filed(NamedTuple):
    """The history of a course, and the file in which the course stands."""

    path: str
    course: Course
    history: CourseHistory


def history_listing(filed: Filed, language: Language) -> Listing:
    """Return what was given in a course, with how many doses were in time below it."""
    course, found = filed.course, filed.history
    return Listing(
        head=tuple(language.text(each) for each in HEAD),
        rows=lambda: (_row(course, each, language) for each in found.given),
        keys=KEYS,
        plain_rows=lambda: (_plain(administration_object(each)) for each in found.given),
        objects=lambda: [administration_object(each) for each in found.given],
        closing=lambda: summary_lines(found, language),
    )


def histories_listing(every: Sequence[Filed], language: Language) -> Listing:
    """Return what was given in several courses, in order of the dates."""
    listed = sorted(
        ((each, given) for each in every for given in each.history.given),
        key=lambda pair: (pair[1].date, pair[0].path, pair[1].number),
    )

    def row_object(filed: Filed, given: Administration) -> dict[str, Any]:
        named = {
            "course": filed.path,
            "medicine": filed.course.schedule.medicine,
            "label": filed.course.label or None,
        }
        return {**named, **administration_object(given)}

    def rows() -> Iterator[TextRow]:
        for filed, given in listed:
            medicine = filed.course.schedule.named(language.code).medicine
            row = _row(filed.course, given, language)
            yield (filed.path, filed.course.label or medicine, *row)

    return Listing(
        head=tuple(language.text(each) for each in (*OF_SEVERAL, *HEAD)),
        rows=rows,
        keys=("course", "medicine", "label", *KEYS),
        plain_rows=lambda: (_plain(row_object(*pair)) for pair in listed),
        objects=lambda: [row_object(*pair) for pair in listed],
    )


def remarks(course: Course, given: Administration, language: Language) -> str:
    """Return what is to be said of an administration: what it was, and what was noted."""
    said = []
    if not given.recorded:
        said.append(reason_text(course.citing, language)(BeforeRecord()))
    if not given.counts:
        said.append(language.text(DOES_NOT_COUNT))
    said += [
        language.text(
            "{given} of {dose} given",
            given=language.amount(each.given), dose=language.amount(each.dose),
        )
        for each in (given.planned.reasons if given.planned else ())
        if isinstance(each, Part)
    ]  # fmt: skip
    return "; ".join((*said, given.note) if given.note else said)


def _row(course: Course, given: Administration, language: Language) -> TextRow:
    phase = language.stated(given.phase) if given.phase else ""
    off = "" if given.days_off is None else off_words(given.days_off, language)
    return (
        language.text(EXTRA) if given.is_extra else str(given.number),
        given.date.isoformat(),
        language.weekday(given.date),
        given.at.strftime("%H:%M") if given.at else "",
        given.target.isoformat() if given.target else "",
        off,
        language.amount(given.amount),
        str(given.injections),
        sites_words(given.sites, language),
        given.lot,
        given.expiry.isoformat() if given.expiry else "",
        phase,
        given.by,
        remarks(course, given, language),
    )


def summary_lines(found: CourseHistory, language: Language) -> Iterator[str]:
    """Yield how many doses were in time, and which were not given."""
    text = language.text
    if found.of:
        yield text("given in time: {count} of {all}", count=found.in_time, all=found.of)
    before = [str(each.number) for each in found.given if not each.recorded]
    if before:
        words = text("given before this record began, days not recorded: {doses}",
                     doses=_spans(list(map(int, before))))  # fmt: skip
        yield words
    for status, doses in (
        (Status.SKIPPED, found.skipped), (Status.MISSED, found.missed), (Status.HELD, found.held),
    ):  # fmt: skip
        if doses:
            numbers = _spans([each.number for each in doses])
            yield text("{status}: {doses}", status=text(STATUSES[status]), doses=numbers)


def _spans(numbers: Sequence[int]) -> str:
    """Write numbers, those that follow each other as a span with a dash."""
    spans: list[list[int]] = []
    for each in numbers:
        if spans and each == spans[-1][1] + 1:
            spans[-1][1] = each
        else:
            spans.append([each, each])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)


def administration_object(given: Administration) -> dict[str, Any]:
    """Return an administration with the keys of the contract."""
    return {
        "number": given.number or None,
        "extra": given.is_extra,
        "date": given.date.isoformat(),
        "at": _instant(given),
        "target_date": _iso(given.target),
        "days_off": given.days_off,
        "phase": given.phase or None,
        "amount": str(given.amount),
        "injections": given.injections,
        "sites": list(given.sites),
        "lot": given.lot or None,
        "expiry": _iso(given.expiry),
        "note": given.note or None,
        "by": given.by or None,
        "counted": given.counts,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _instant(given: Administration) -> str | None:
    """Return the hour in ISO 8601, with its offset where the zone is known (DATE-4)."""
    if given.at is None:
        return None
    from datetime import datetime

    if not given.zone:
        return datetime.combine(given.date, given.at).isoformat()
    from zoneinfo import ZoneInfo

    return at_wall_time(given.date, given.at, ZoneInfo(given.zone)).isoformat()


def history_object(filed: Filed) -> dict[str, Any]:
    """Return the history of a course as a JSON object."""
    course, found = filed.course, filed.history
    return {
        "course": filed.path,
        "schedule": course.schedule.id,
        "medicine": course.schedule.medicine,
        "start": course.start.isoformat(),
        "given": [administration_object(each) for each in found.given],
        "skipped": _numbers(found.skipped),
        "missed": _numbers(found.missed),
        "held": _numbers(found.held),
        "in_time": found.in_time,
        "of": found.of,
    }


def _numbers(doses: Sequence[AssessedDose]) -> list[int]:
    return [each.number for each in doses]


def _plain(found: dict[str, Any]) -> TextRow:
    """Return the values of an object as the cells of CSV."""
    return tuple(map(_plain_cell, found.values()))


def _plain_cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
    return str(value)
