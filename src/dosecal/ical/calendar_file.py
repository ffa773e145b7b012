"""A course as a calendar file (RFC 5545), in the one form that every client reads alike.

One VEVENT a dose or dated check, no recurrence; a time zone as `vtimezone` writes it, or UTC where
it cannot be written so. There is no clock and no chance in it: the same input gives the same bytes.
What many events share is put together once and kept: the texts of a schedule, the two ends of a
time of day in a zone, a VTIMEZONE. A clinic's ten thousand calendars and a single one take the
same way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha1
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from dosecal.errors import RequestError
from dosecal.ical.content_lines import (
    day_text,
    fold,
    text_line,
    trigger,
    utc_text,
    wall_text,
)
from dosecal.ical.events import (
    CalendarOptions,
    Shown,
    dose_shown,
    extra_shown,
    manner_of,
    said,
    text_shown,
)
from dosecal.ical.revisions import CalendarPlan, ExtraEvent, Revision
from dosecal.ical.vtimezone import is_unambiguous, vtimezone_lines
from dosecal.model.course import Course
from dosecal.model.dates import at_wall_time
from dosecal.model.history import history, hour_on
from dosecal.model.reasons import Reason
from dosecal.plan.checks import before_start, dated_checks
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.text import utf8_safe

UID_NAMESPACE: Final = UUID("6d0f2d0c-5a2b-5c0e-9a57-3f1a7f0c4e21")
"""What the UIDs are made in; it never changes, or every calendar would show its doses twice."""

LENGTH: Final = timedelta(minutes=15)
"""How long a timed event lasts."""
REMIND_TIMED: Final = (timedelta(minutes=15),)
REMIND_ALL_DAY: Final = (timedelta(hours=15),)  # 9:00 on the day before

_HEAD: Final = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dosecal//dosecal//EN\r\nCALSCALE:GREGORIAN\r\n"
)
_BEGIN: Final = b"BEGIN:VEVENT\r\nUID:"
_TAIL: Final = b"END:VCALENDAR\r\n"
_VARIANT: Final = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
_DAY: Final = timedelta(days=1)
_KEPT: Final = 8192
"""How many spans, stamps and alarms are kept at most: some megabytes of each."""


class _Span(NamedTuple):
    """From when to when an event is.

    Attributes:
        start: The instant, in the zone of the patient; None for a whole day.
        last: The day on which it ends.
        local: Its two lines in local time; None for a whole day, and where a clock change makes
            one of the ends ambiguous.
        plain: Its two lines without a zone: in UTC, or of the whole day.
        zone: The name of its zone; "" for a whole day.
    """

    start: datetime | None
    last: date
    local: bytes | None
    plain: bytes
    zone: str = ""


class Template(NamedTuple):
    """A calendar without its UIDs: the same for all who begin alike.

    Attributes:
        begin: The bytes before the first UID.
        events: For each event what its UID is made from, and the bytes after the UID.
    """

    begin: bytes
    events: tuple[tuple[bytes, bytes], ...]

    def filled(self, id: str) -> bytes:
        """Return the calendar of the course of this id."""
        uid_of = _uids(id)
        parts = [self.begin]
        for key, after in self.events:
            parts.append(uid_of(key))
            parts.append(after)
        return b"".join(parts)


class _Event(NamedTuple):
    """One VEVENT; `key` is what its UID is made from."""

    day: date
    key: bytes
    revision: Revision
    span: _Span
    shown: Shown
    remind: tuple[timedelta, ...]


def calendar_bytes(
    course: Course,
    planned: CalendarPlan,
    *,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions | None = None,
) -> bytes:
    """Write the doses and the dated checks of a course as a calendar file.

    Args:
        course: Whose; without a time of day its events are all-day.
        planned: What it holds; no dated check is too early.
        reason_text: Puts a reason into words.
        options: What is shown.

    Raises:
        RequestError: There is nothing to write, a time of day has no known time zone, or a
            reminder is after the start.
        OverflowError: An event ends after the year 9999.
    """
    template = calendar_template(course, planned, reason_text=reason_text, options=options)
    return template.filled(course.id)


def calendar_template(
    course: Course,
    planned: CalendarPlan,
    *,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions | None = None,
) -> Template:
    """Return the calendar of a course without its UIDs: `filled` with an id it is the file.

    Arguments and errors are those of `calendar_bytes`; the course's id is not looked at.
    """
    options = options or CalendarOptions()
    events = _events(course, planned, reason_text, options)
    zones = _zones(events)
    head = _HEAD
    if len(events) > 1:
        name = options.language.text("Injections")
        head += text_line("NAME", name) + text_line("X-WR-CALNAME", name)
    return _template(head, events, zones)


class CalendarPart(NamedTuple):
    """One of the courses that a calendar holds; what it says is as for `calendar_bytes`."""

    course: Course
    planned: CalendarPlan
    reason_text: Callable[[Reason], str]
    options: CalendarOptions


def calendar_of_several(parts: Sequence[CalendarPart]) -> bytes:
    """Write several courses, as those of one person, as one calendar file, in order of the days.

    The name of the calendar is in the language of the first. Of one course it is the bytes of
    `calendar_bytes`, and the errors are its.
    """
    by_part = [(_events(*part[:2], part.reason_text, part.options), part.course) for part in parts]
    zones = _zones([event for events, _ in by_part for event in events])
    placed = []
    for events, course in by_part:
        uid_of = _uids(course.id)
        for event in events:
            text = _BEGIN + uid_of(event.key) + _body(event, zones)
            placed.append((event.day, text))
    placed.sort(key=lambda each: each[0])
    head = _HEAD
    if len(placed) > 1:
        name = parts[0].options.language.text("Injections")
        head += text_line("NAME", name) + text_line("X-WR-CALNAME", name)
    return b"".join([head, *zones.values(), *(text for _, text in placed), _TAIL])


def _template(head: bytes, events: Sequence[_Event], zones: Mapping[str, bytes]) -> Template:
    """Return the events; in local time where their zone's VTIMEZONE is exact."""
    bodies = [_body(event, zones) for event in events]
    afters = [*(body + _BEGIN for body in bodies[:-1]), bodies[-1] + _TAIL]
    keys = (event.key for event in events)
    begin = b"".join([head, *zones.values(), _BEGIN])
    return Template(begin, tuple(zip(keys, afters, strict=True)))


def calendar_items(
    course: Course,
    planned: CalendarPlan,
    *,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield (UID, calendar of that event alone), as a server stores them (RFC 4791 4.1).

    Arguments and errors are those of `calendar_bytes`; no calendar has a name.
    """
    options = options or CalendarOptions()
    for event in _events(course, planned, reason_text, options):
        alone = _template(_HEAD, (event,), _zones([event]))
        yield _uids(course.id)(event.key).decode(), alone.filled(course.id)


def shares_an_event(one: bytes, other: bytes) -> bool:
    """Say whether two calendar files hold an event of one UID: they are of the same course."""
    return not _uids_in(one).isdisjoint(_uids_in(other))


def _uids_in(data: bytes) -> set[bytes]:
    return {line[4:] for line in data.split(b"\r\n") if line.startswith(b"UID:")}


def uid(course: Course, key: str) -> str:
    """Return the UID of an event: made from the course's id and the dose, readable in neither."""
    return _uids(course.id)(key.encode()).decode()


def _uids(id: str) -> Callable[[bytes], bytes]:
    """Return the function from an event's key to its UID: a UUID of version 5 (RFC 9562 5.5).

    It is `uuid.uuid5`, the part that all UIDs of a course begin with digested once.
    """
    begun = sha1(UID_NAMESPACE.bytes + f"{utf8_safe(id)}/".encode(), usedforsecurity=False).copy

    def uid_of(key: bytes) -> bytes:
        digest = begun()
        digest.update(key)
        text = digest.hexdigest()
        return (
            f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"
        ).encode()

    return uid_of


def check_key(name: str, place: str) -> str:
    """Return what the UID of a dated check is made from: its name, and which of its dates."""
    return f"check/{utf8_safe(name)}/{place}"


def extra_key(place: int) -> str:
    """Return what the UID of an administration outside the plan is made from: which it is."""
    return f"extra/{place}"


def _events(
    course: Course,
    planned: CalendarPlan,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions,
) -> list[_Event]:
    """Return the events in order of their days: checks first, doses in their order."""
    opening = _opening(course, planned.doses)
    events = list(_check_events(course, planned.base, planned.until, options))
    for dose in planned.doses:
        span = _span(dose)
        manner = manner_of(dose.schedule or course.schedule, options, course.label)
        told = said(dose, reason_text, opening=dose.number == opening)
        shown = dose_shown(manner, told)
        remind = _reminders(options, dose.day, span.start) if shown.reminds else ()
        number = dose.number
        revision = planned.revisions.get(number, planned.base)
        events.append(_Event(dose.day, b"%d" % number, revision, span, shown, remind))
    events += _extra_events(course, planned.extras, options)
    if not events:
        raise RequestError("no dose lies within these dates: there is nothing to write")
    events.sort(key=lambda event: event.day)
    return events


def _extra_events(
    course: Course, extras: Sequence[ExtraEvent], options: CalendarOptions
) -> Iterator[_Event]:
    """Yield the events of what was given outside the plan: at its hour, or all-day."""
    zoned = history(course).zoned
    for place, extra, revision, taken_back in extras:
        zone = hour_on(course, zoned, extra.date).zone
        span = _whole_day(extra.date)
        if extra.at is not None and zone:
            span = _timed(extra.date, extra.at, _zone(zone))
        shown = extra_shown(course.schedule, extra, options, course.label, taken_back=taken_back)
        yield _Event(extra.date, extra_key(place).encode(), revision, span, shown, ())


def _opening(course: Course, doses: Sequence[AssessedDose]) -> int:
    """Return before which dose the checks before the start are to be done; 0: before none."""
    coming = next((dose.number for dose in doses if dose.status is Status.UPCOMING), 0)
    return coming if coming and before_start(course) else 0


def _span(dose: AssessedDose) -> _Span:
    """Return from when to when the event of a dose is: at the hour of its own day (DATE-4).

    One that was given is at the hour that was told, where the zone of that hour is known.
    """
    clock, zone = dose.hour
    if dose.entry is not None and dose.entry.at is not None and zone:
        clock = dose.entry.at
    return _whole_day(dose.day) if clock is None else _timed(dose.day, clock, _zone(zone))


@lru_cache(maxsize=_KEPT)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        what = f'"{name}" is no known time zone' if name else "no time zone is given"
        raise RequestError(f'{what}: a time of day needs one, for example "Europe/Berlin"') from (
            error
        )


def _zones(events: Sequence[_Event]) -> dict[str, bytes]:
    """Return the VTIMEZONE of each zone of which events can be written in local time."""
    days: dict[str, tuple[date, date]] = {}
    for event in events:
        if event.span.local:
            first, last = days.get(event.span.zone, (event.day, event.span.last))
            days[event.span.zone] = (min(first, event.day), max(last, event.span.last))
    written = {
        zone: _block(vtimezone_lines(ZoneInfo(zone), first, last) or ())
        for zone, (first, last) in days.items()
    }
    return {zone: block for zone, block in written.items() if block}


@lru_cache(maxsize=_KEPT)
def _block(lines: tuple[str, ...]) -> bytes:
    return b"".join(fold(line.encode()) for line in lines)


@lru_cache(maxsize=_KEPT)
def _timed(day: date, clock: time, zone: ZoneInfo) -> _Span:
    """Return the span of an event at a time of day (DATE-4)."""
    start = at_wall_time(day, clock, zone)
    end = (start.astimezone(UTC) + LENGTH).astimezone(zone)
    local = None
    if zone.key != "UTC" and all(
        is_unambiguous(each.replace(tzinfo=None), zone) for each in (start, end)
    ):
        tzid = f";TZID={zone.key}:"
        local = f"DTSTART{tzid}{wall_text(start)}\r\nDTEND{tzid}{wall_text(end)}\r\n".encode()
    plain = f"DTSTART:{utc_text(start)}\r\nDTEND:{utc_text(end)}\r\n".encode()
    return _Span(start, end.date(), local, plain, zone.key)


@lru_cache(maxsize=_KEPT)
def _whole_day(day: date) -> _Span:
    next_day = day + _DAY
    lines = (
        f"DTSTART;VALUE=DATE:{day_text(day)}\r\nDTEND;VALUE=DATE:{day_text(next_day)}\r\n".encode()
    )
    return _Span(None, day, None, lines)


def _check_events(
    course: Course, base: Revision, until: date, options: CalendarOptions
) -> Iterator[_Event]:
    """Yield an all-day event for each date of a check that has dates, up to `until`, inclusive."""
    remind = () if options.remind == () else REMIND_ALL_DAY
    seen = set()
    for each in dated_checks(course, date.min, until):
        key = check_key(each.check.name, each.place)
        if key in seen:
            continue
        seen.add(key)
        if each.before_start:
            title = options.language.text("Check before the injections")
        else:
            title = options.language.text("Check for the injections")
        name = options.language.stated(each.check.name)
        if options.title == "medicine" and not options.private:
            title = name
        description = () if options.private else (name,)
        shown = text_shown(title, description, "CONFIRMED", reminds=True)
        yield _Event(each.day, key.encode(), base, _whole_day(each.day), shown, remind)


def _reminders(
    options: CalendarOptions, day: date, start: datetime | None
) -> tuple[timedelta, ...]:
    """Return how long before its start an event's alarms are, a clock change between counted."""
    if options.remind is None:
        return REMIND_TIMED if start else REMIND_ALL_DAY
    found = []
    for each in options.remind:
        before = each
        if isinstance(before, time):
            if start:
                alarm = at_wall_time(day - _DAY, before, start.tzinfo or UTC)
                before = start.astimezone(UTC) - alarm.astimezone(UTC)
            else:
                before = datetime.combine(day, time()) - datetime.combine(day - _DAY, before)
        if before < timedelta() or before.microseconds:
            raise RequestError(
                f"no reminder can be {before} before the start: give whole seconds, 0 or more"
            )
        found.append(before)
    return tuple(dict.fromkeys(found))


def _body(event: _Event, zones: Mapping[str, bytes]) -> bytes:
    """Return the bytes of an event after its UID."""
    return b"".join(
        (
            _revised(event.revision),
            (event.span.local if event.span.zone in zones else None) or event.span.plain,
            event.shown.lines,
            _alarms(event.shown.title, event.remind),
            b"END:VEVENT\r\n",
        )
    )


@lru_cache(maxsize=_KEPT)
def _revised(revision: Revision) -> bytes:
    changed = utc_text(revision.changed)
    return (
        f"\r\nDTSTAMP:{changed}\r\nLAST-MODIFIED:{changed}\r\nSEQUENCE:{revision.sequence}\r\n"
    ).encode()


@lru_cache(maxsize=_KEPT)
def _alarms(title: str, remind: tuple[timedelta, ...]) -> bytes:
    return b"".join(
        f"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:{trigger(before)}\r\n".encode()
        + text_line("DESCRIPTION", title)
        + b"END:VALARM\r\n"
        for before in remind
    )
