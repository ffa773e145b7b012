"""A course as a calendar file (RFC 5545), in the one form that every client reads alike.

One VEVENT a dose or dated check, no recurrence; a time zone as `vtimezone` writes it, or UTC where
it cannot be written so. There is no clock and no chance in it: the same input gives the same bytes.
`icalendar` escapes the text, once for each distinct one; its VTIMEZONE and its folding, which
splits escapes, are not used (docs/decisions).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import vText

from dosecal.assess import AssessedDose, Status
from dosecal.course import Course
from dosecal.dates import at_wall_time
from dosecal.errors import RequestError
from dosecal.language import ENGLISH, Language
from dosecal.reasons import Reason
from dosecal.revisions import Revision
from dosecal.schedule import CheckTime, Listed, Preparation
from dosecal.vtimezone import is_unambiguous, vtimezone_lines
from dosecal.wording import in_injections, sites_words

UID_NAMESPACE: Final = UUID("6d0f2d0c-5a2b-5c0e-9a57-3f1a7f0c4e21")
"""What the UIDs are made in; it never changes, or every calendar would show its doses twice."""

LENGTH: Final = timedelta(minutes=15)
"""How long a timed event lasts."""
REMIND_TIMED: Final = (timedelta(minutes=15),)
REMIND_ALL_DAY: Final = (timedelta(hours=15),)  # 9:00 on the day before

_HEAD: Final = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dosecal//dosecal//EN\r\nCALSCALE:GREGORIAN\r\n"
)
_TAIL: Final = b"END:VCALENDAR\r\n"
_DAY: Final = timedelta(days=1)
_FOLD: Final = 75  # octets of a line, its end not counted (RFC 5545 3.1)
_UNITS: Final = (("D", 86_400), ("H", 3_600), ("M", 60), ("S", 1))
_BREAKS: Final = re.compile("[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f]+")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_CANCELLED: Final = (Status.SKIPPED, Status.MISSED)


@dataclass(frozen=True, slots=True)
class CalendarOptions:
    """What the person wants to see.

    Attributes:
        title: "discreet" ("Injection, dose 4") or "medicine" ("netakimab 120 mg, dose 4").
        private: Whether the file is to hold nothing of the medicine, its dose or the sites.
        remind: How long before the start each alarm is, 0 or more and in whole seconds; empty for
            none; None for one: 15 minutes before, or for an all-day event 9:00 the day before.
        language: What the texts are written in.
    """

    title: Literal["discreet", "medicine"] = "discreet"
    private: bool = False
    remind: tuple[timedelta, ...] | None = None
    language: Language = ENGLISH


class _When(NamedTuple):
    """A timed event, its two ends in the zone of the patient."""

    start: datetime
    end: datetime


class _Event(NamedTuple):
    """What one VEVENT says; `when` is None for a whole day."""

    day: date
    key: str
    revision: Revision
    when: _When | None
    title: str
    description: tuple[str, ...]
    status: str
    remind: tuple[timedelta, ...]


def calendar_bytes(
    course: Course,
    doses: Iterable[AssessedDose],
    revisions: Mapping[int, Revision],
    base: Revision,
    *,
    until: date,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions | None = None,
) -> bytes:
    """Write the doses and the dated checks of a course as a calendar file.

    Args:
        course: Whose; without a time of day its events are all-day.
        doses: The doses to write, each once.
        revisions: The state of each dose's event, by its number.
        base: The state of every event that is not among `revisions`.
        until: The last day on which a dated check is written, inclusive; none is too early.
        reason_text: Puts a reason into words.
        options: What is shown.

    Raises:
        RequestError: There is nothing to write, a time of day has no known time zone, or a
            reminder is after the start.
        OverflowError: An event ends after the year 9999.
    """
    zone = _zone(course)
    options = options or CalendarOptions()
    events = _events(course, doses, revisions, base, zone, until, reason_text, options)
    vtimezone = _vtimezone(events, zone)
    out = [_HEAD]
    if len(events) > 1:
        name = options.language.text("Injections")
        out += (_text("NAME", name), _text("X-WR-CALNAME", name))
    out += (_fold(line.encode()) for line in vtimezone)
    for event in events:
        _write(out, event, uid(course, event.key), zone if vtimezone else None)
    out.append(_TAIL)
    return b"".join(out)


def calendar_items(
    course: Course,
    doses: Iterable[AssessedDose],
    revisions: Mapping[int, Revision],
    base: Revision,
    *,
    until: date,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield (UID, calendar of that event alone), as a server stores them (RFC 4791 4.1).

    Arguments and errors are those of `calendar_bytes`; no calendar has a name.
    """
    zone = _zone(course)
    for event in _events(
        course, doses, revisions, base, zone, until, reason_text, options or CalendarOptions()
    ):
        vtimezone = _vtimezone([event], zone)
        key = uid(course, event.key)
        out = [_HEAD, *(_fold(line.encode()) for line in vtimezone)]
        _write(out, event, key, zone if vtimezone else None)
        out.append(_TAIL)
        yield key, b"".join(out)


def uid(course: Course, key: str) -> str:
    """Return the UID of an event: made from the course's id and the dose, readable in neither."""
    return str(uuid5(UID_NAMESPACE, f"{_utf8_safe(course.id)}/{key}"))


def _events(
    course: Course,
    doses: Iterable[AssessedDose],
    revisions: Mapping[int, Revision],
    base: Revision,
    zone: ZoneInfo | None,
    until: date,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions,
) -> list[_Event]:
    """Return the events in order of their days: checks first, doses in their order."""
    events = [
        *_check_events(course, base, until, options),
        *(
            _dose_event(course, dose, zone, revisions.get(dose.number, base), reason_text, options)
            for dose in doses
        ),
    ]
    if not events:
        raise RequestError("no dose lies within these dates: there is nothing to write")
    return sorted(events, key=lambda event: event.day)


def _zone(course: Course) -> ZoneInfo | None:
    if course.clock is None:
        return None
    try:
        return ZoneInfo(course.zone)
    except (KeyError, ValueError, OSError) as error:
        what = f'"{course.zone}" is no known time zone' if course.zone else "no time zone is given"
        raise RequestError(f'{what}: a time of day needs one, for example "Europe/Berlin"') from (
            error
        )


def _vtimezone(events: list[_Event], zone: ZoneInfo | None) -> tuple[str, ...]:
    """Return the VTIMEZONE of the events that are written in local time; () where none is."""
    local = [event.when for event in events if event.when and _is_local(event.when, zone)]
    if zone is None or not local:
        return ()
    first = min(when.start.date() for when in local)
    last = max(when.end.date() for when in local)
    return vtimezone_lines(zone, first, last) or ()


def _is_local(when: _When, zone: ZoneInfo | None) -> bool:
    """Say whether both ends are wall-clock times that occur once; else the event is in UTC."""
    return (
        zone is not None
        and zone.key != "UTC"
        and all(is_unambiguous(end.replace(tzinfo=None), zone) for end in when)
    )


def _dose_event(
    course: Course,
    dose: AssessedDose,
    zone: ZoneInfo | None,
    revision: Revision,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions,
) -> _Event:
    when = None
    if zone is not None:
        start = at_wall_time(dose.day, course.clock or time(), zone)
        when = _When(start, (start.astimezone(UTC) + LENGTH).astimezone(zone))
    text = options.language.text
    title = text("Injection, dose {number}", number=dose.number)
    if options.title == "medicine" and not options.private:
        medicine, amount = course.schedule.medicine, options.language.amount(dose.amount)
        title = text(
            "{medicine} {dose}, dose {number}",
            medicine=_clean(medicine), dose=amount, number=dose.number,
        ).strip()  # fmt: skip
    status, remind = "CONFIRMED", _reminders(options, all_day=when is None)
    if dose.status is Status.GIVEN:
        title, remind = text("{title} (given)", title=title), ()
    elif dose.status in _CANCELLED:
        title, status, remind = text("Cancelled: {title}", title=title), "CANCELLED", ()
    elif dose.status is Status.HELD:
        title, status, remind = text("On hold: {title}", title=title), "TENTATIVE", ()
    if options.private:
        description = [text("Dose {number}", number=dose.number)]
    else:
        description = [
            *_description(course, dose, options.language),
            *map(reason_text, dose.reasons),
        ]
    return _Event(
        dose.day, str(dose.number), revision, when, title, tuple(description), status, remind
    )


def _description(course: Course, dose: AssessedDose, language: Language) -> Iterator[str]:
    """Yield the lines on what is injected, where and how."""
    schedule, text = course.schedule, language.text
    yield f"{schedule.medicine} ({schedule.brand})" if schedule.brand else schedule.medicine
    yield in_injections(dose, language)
    if dose.sites:
        sites = sites_words(dose.sites, language)
        if len(set(dose.sites)) > 1:
            yield text("Sites: {sites}", sites=sites)
        else:
            yield text("Site: {sites}", sites=sites)
    phase, _ = language.of_schedule(dose.phase.name)
    yield text("Phase: {phase}", phase=phase)
    if dose.status is Status.GIVEN or dose.status in _CANCELLED:
        return
    if dose.earliest != dose.latest:
        yield f"In time from {dose.earliest} to {dose.latest}"
    if schedule.preparation:
        yield from _preparation(schedule.preparation, language)
    for check in schedule.checks:
        name, _ = language.of_schedule(check.name)
        if check.when is CheckTime.BEFORE_START and dose.number == 1:
            yield text("Before the start: {check}", check=name)
        elif check.when is CheckTime.BEFORE_EACH_DOSE:
            yield text("Before each dose: {check}", check=name)


def _preparation(preparation: Preparation, language: Language) -> Iterator[str]:
    if warm_up := preparation.warm_up:
        if warm_up.most == 0:
            yield language.text("Warm-up: none")
        elif warm_up.least == warm_up.most:
            yield language.plural(
                "Warm-up: {count} minute out of the fridge before injecting",
                "Warm-up: {count} minutes out of the fridge before injecting",
                warm_up.most,
            )
        else:
            yield language.text(
                "Warm-up: {least} to {most} minutes out of the fridge before injecting",
                least=warm_up.least, most=warm_up.most,
            )  # fmt: skip
    if preparation.storage:
        storage, _ = language.of_schedule(preparation.storage)
        yield language.text("Storage: {storage}", storage=storage)


def _check_events(
    course: Course, base: Revision, until: date, options: CalendarOptions
) -> Iterator[_Event]:
    """Yield an all-day event for each date of a check that has dates, up to `until`, inclusive."""
    remind = () if options.remind == () else REMIND_ALL_DAY
    seen = set()
    for check in course.schedule.checks:
        if not isinstance(check.when, Listed):
            continue
        for index, count in enumerate(check.when.counts):
            key = f"check/{_utf8_safe(check.name)}/{check.when.unit} {count}"
            day = check.when.offset(index).after(course.start)
            if day > until or key in seen:
                continue
            seen.add(key)
            if count < 0:
                title = options.language.text("Check before the injections")
            else:
                title = options.language.text("Check for the injections")
            name, _ = options.language.of_schedule(check.name)
            if options.title == "medicine" and not options.private:
                title = name
            description = () if options.private else (name,)
            yield _Event(day, key, base, None, title, description, "CONFIRMED", remind)


def _reminders(options: CalendarOptions, *, all_day: bool) -> tuple[timedelta, ...]:
    if options.remind is None:
        return REMIND_ALL_DAY if all_day else REMIND_TIMED
    for before in options.remind:
        if before < timedelta() or before.microseconds:
            raise RequestError(
                f"no reminder can be {before} before the start: give whole seconds, 0 or more"
            )
    return tuple(dict.fromkeys(options.remind))


def _write(out: list[bytes], event: _Event, uid: str, zone: ZoneInfo | None) -> None:
    """Append an event; in local time where the file has the zone's VTIMEZONE and it is exact."""
    changed = _utc(event.revision.changed)
    if event.when is None:
        start = f"DTSTART;VALUE=DATE:{_date(event.day)}"
        end = f"DTEND;VALUE=DATE:{_date(event.day + _DAY)}"
    elif zone is not None and _is_local(event.when, zone):
        start = f"DTSTART;TZID={zone.key}:{_wall(event.when.start)}"
        end = f"DTEND;TZID={zone.key}:{_wall(event.when.end)}"
    else:
        start, end = f"DTSTART:{_utc(event.when.start)}", f"DTEND:{_utc(event.when.end)}"
    title = _clean(event.title) or "Injection"
    description = "\n".join(filter(None, map(_clean, event.description)))
    out.append(
        f"BEGIN:VEVENT\r\nUID:{uid}\r\n"
        f"DTSTAMP:{changed}\r\nLAST-MODIFIED:{changed}\r\n"
        f"SEQUENCE:{event.revision.sequence}\r\n{start}\r\n{end}\r\n".encode()
    )
    out.append(_text("SUMMARY", title))
    if description:
        out.append(_text("DESCRIPTION", description))
    out.append(
        f"STATUS:{event.status}\r\nTRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\n"
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE\r\n".encode()
    )
    for before in event.remind:
        out.append(f"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:{_trigger(before)}\r\n".encode())
        out.append(_text("DESCRIPTION", title))
        out.append(b"END:VALARM\r\n")
    out.append(b"END:VEVENT\r\n")


def _date(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _wall(at: datetime) -> str:
    return f"{_date(at)}T{at.hour:02}{at.minute:02}{at.second:02}"


def _utc(at: datetime) -> str:
    return f"{_wall(at.astimezone(UTC))}Z"


def _trigger(before: timedelta) -> str:
    """Write a time before the start in the largest unit that makes it a whole number."""
    seconds = before // timedelta(seconds=1)
    if seconds == 0:
        return "PT0S"
    unit, size = next(each for each in _UNITS if seconds % each[1] == 0)
    return f"-P{'' if unit == 'D' else 'T'}{seconds // size}{unit}"


def _utf8_safe(text: str) -> str:
    """Replace what UTF-8 cannot hold: a lone surrogate."""
    return _SURROGATES.sub("\ufffd", text)


@lru_cache(maxsize=4096)
def _clean(text: str) -> str:
    """Return a text as one line: no line break of any kind, no other control character."""
    return _utf8_safe(_CONTROLS.sub("", _BREAKS.sub(" ", text))).strip()


@lru_cache(maxsize=4096)
def _text(name: str, value: str) -> bytes:
    """Return the content line of a clean text, escaped (RFC 5545 3.3.11) and folded.

    Backslashes are escaped here: `icalendar` 7.3.0 takes one before an N for a line break.
    """
    escaped = rb"\\".join(vText(part).to_ical() for part in value.split("\\"))
    return _fold(name.encode() + b":" + escaped)


def _fold(line: bytes) -> bytes:
    """Fold a line at 75 octets, never inside a character or an escape (RFC 5545 3.1)."""
    parts, start, room = [], 0, _FOLD
    while len(line) - start > room:
        cut = start + room
        while line[cut] & 0xC0 == 0x80:  # inside a UTF-8 character
            cut -= 1
        part = line[start:cut]
        if (len(part) - len(part.rstrip(b"\\"))) % 2:  # its last backslash begins an escape
            cut -= 1
        parts.append(line[start:cut])
        start, room = cut, _FOLD - 1  # the space that begins the next line counts
    parts.append(line[start:])
    return b"\r\n ".join(parts) + b"\r\n"
