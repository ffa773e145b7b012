"""A course as a calendar file (RFC 5545), in the one form that every client reads alike.

One VEVENT a dose or dated check, no recurrence; a time zone as `vtimezone` writes it, or UTC where
it cannot be written so. There is no clock and no chance in it: the same input gives the same bytes.
What many events share is put together once and kept: the texts of a schedule, the two ends of a
time of day in a zone, a VTIMEZONE. A clinic's ten thousand calendars and a single one take the
same way.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha1
from typing import Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from dosecal.assess import AssessedDose, Status
from dosecal.content_lines import (
    clean,
    day_text,
    fold,
    text_line,
    trigger,
    utc_text,
    utf8_safe,
    wall_text,
)
from dosecal.course import Course
from dosecal.dates import at_wall_time
from dosecal.errors import RequestError
from dosecal.reasons import Reason
from dosecal.revisions import Revision
from dosecal.schedule import CheckTime, Listed, Preparation, Schedule
from dosecal.vtimezone import is_unambiguous, vtimezone_lines

UID_NAMESPACE: Final = UUID("6d0f2d0c-5a2b-5c0e-9a57-3f1a7f0c4e21")
"""What the UIDs are made in; it never changes, or every calendar would show its doses twice."""

NAME: Final = "Injections"
LENGTH: Final = timedelta(minutes=15)
"""How long a timed event lasts."""
REMIND_TIMED: Final = (timedelta(minutes=15),)
REMIND_ALL_DAY: Final = (timedelta(hours=15),)  # 9:00 on the day before

_HEAD: Final = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dosecal//dosecal//EN\r\nCALSCALE:GREGORIAN\r\n"
)
_TAIL: Final = b"END:VCALENDAR\r\n"
_DAY: Final = timedelta(days=1)
_KEPT: Final = 8192
"""How many spans, stamps and alarms are kept at most: some megabytes."""
_KEPT_SCHEDULES: Final = 64
_KEPT_OF_A_SCHEDULE: Final = 512
_CANCELLED: Final = (Status.SKIPPED, Status.MISSED)


@dataclass(frozen=True, slots=True)
class CalendarOptions:
    """What the person wants to see.

    Attributes:
        title: "discreet" ("Injection, dose 4", of an intravenous one "Infusion, dose 4") or
            "medicine" ("netakimab 120 mg, dose 4").
        private: Whether the file is to hold nothing of the medicine, its dose or the sites.
        remind: How long before the start each alarm is, 0 or more and in whole seconds; empty for
            none; None for one: 15 minutes before, or for an all-day event 9:00 the day before.
    """

    title: Literal["discreet", "medicine"] = "discreet"
    private: bool = False
    remind: tuple[timedelta, ...] | None = None


class _Span(NamedTuple):
    """From when to when an event is.

    Attributes:
        start: The instant, in the zone of the patient; None for a whole day.
        last: The day on which it ends.
        local: Its two lines in local time; None for a whole day, and where a clock change makes
            one of the ends ambiguous.
        plain: Its two lines without a zone: in UTC, or of the whole day.
    """

    start: datetime | None
    last: date
    local: bytes | None
    plain: bytes


class _Shown(NamedTuple):
    """What an event says of itself, whoever it is for and whenever it is."""

    title: str
    lines: bytes
    reminds: bool


class _Event(NamedTuple):
    """One VEVENT; `key` is what its UID is made from."""

    day: date
    key: str
    revision: Revision
    span: _Span
    shown: _Shown
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
    options = options or CalendarOptions()
    events = _events(course, doses, revisions, base, until, reason_text, options)
    vtimezone = _vtimezone(events, course.zone)
    out = [_HEAD]
    if len(events) > 1:
        out += (text_line("NAME", NAME), text_line("X-WR-CALNAME", NAME))
    out.append(vtimezone)
    uid_of = _uids(course)
    for event in events:
        _write(out, event, uid_of(event.key), local=vtimezone != b"")
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
    uid_of = _uids(course)
    options = options or CalendarOptions()
    for event in _events(course, doses, revisions, base, until, reason_text, options):
        key, vtimezone = uid_of(event.key), _vtimezone([event], course.zone)
        out = [_HEAD, vtimezone]
        _write(out, event, key, local=vtimezone != b"")
        out.append(_TAIL)
        yield key, b"".join(out)


def uid(course: Course, key: str) -> str:
    """Return the UID of an event: made from the course's id and the dose, readable in neither."""
    return _uids(course)(key)


def _uids(course: Course) -> Callable[[str], str]:
    """Return the function from an event's key to its UID: a UUID of version 5 (RFC 9562 5.5).

    It is `uuid.uuid5`, the part that all UIDs of a course begin with digested once.
    """
    begin = UID_NAMESPACE.bytes + f"{utf8_safe(course.id)}/".encode()
    begun = sha1(begin, usedforsecurity=False)

    def uid_of(key: str) -> str:
        digest = begun.copy()
        digest.update(key.encode())
        text = digest.hexdigest()
        variant = "89ab"[int(text[16], 16) % 4]
        return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"

    return uid_of


def _events(
    course: Course,
    doses: Iterable[AssessedDose],
    revisions: Mapping[int, Revision],
    base: Revision,
    until: date,
    reason_text: Callable[[Reason], str],
    options: CalendarOptions,
) -> list[_Event]:
    """Return the events in order of their days: checks first, doses in their order."""
    zone, clock = _zone(course), course.clock
    texts = _texts(course.schedule, options)
    events = list(_check_events(course, base, until, options))
    for dose in doses:
        span = _whole_day(dose.day)
        if clock is not None and zone is not None:
            span = _timed(dose.day, clock, zone)
        shown = texts.of(dose, reason_text)
        remind = _reminders(options, all_day=span.start is None) if shown.reminds else ()
        number = dose.number
        revision = revisions.get(number, base)
        events.append(_Event(dose.day, str(number), revision, span, shown, remind))
    if not events:
        raise RequestError("no dose lies within these dates: there is nothing to write")
    events.sort(key=lambda event: event.day)
    return events


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


def _vtimezone(events: list[_Event], zone: str) -> bytes:
    """Return the VTIMEZONE of the events that can be written in local time; empty without any."""
    local = [event for event in events if event.span.local]
    if not local:
        return b""
    first = min(event.day for event in local)
    last = max(event.span.last for event in local)
    return _block(vtimezone_lines(ZoneInfo(zone), first, last) or ())


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
    return _Span(start, end.date(), local, plain)


@lru_cache(maxsize=_KEPT)
def _whole_day(day: date) -> _Span:
    next_day = day + _DAY
    lines = (
        f"DTSTART;VALUE=DATE:{day_text(day)}\r\nDTEND;VALUE=DATE:{day_text(next_day)}\r\n".encode()
    )
    return _Span(None, day, None, lines)


class _Texts:
    """What the events of one schedule say, each put together once for all who are on it."""

    def __init__(self, schedule: Schedule, options: CalendarOptions) -> None:
        self.schedule = schedule
        self.options = options
        self._known: dict[tuple[object, ...], _Shown] = {}

    def of(self, dose: AssessedDose, reason_text: Callable[[Reason], str]) -> _Shown:
        """Return what the event of a dose says; reasons are this person's own and not kept."""
        if dose.reasons:
            reasons = tuple(map(reason_text, dose.reasons))
            return _dose_shown(self.schedule, dose, reasons, self.options)
        key = (
            dose.number, dose.phase.name, dose.amount, dose.injections, dose.sites, dose.status
        )  # fmt: skip
        shown = self._known.get(key)
        if shown is None:
            if len(self._known) == _KEPT_OF_A_SCHEDULE:
                self._known.clear()
            shown = self._known[key] = _dose_shown(self.schedule, dose, (), self.options)
        return shown


_SCHEDULES: Final[dict[tuple[int, CalendarOptions], _Texts]] = {}


def _texts(schedule: Schedule, options: CalendarOptions) -> _Texts:
    """Return the texts of this very schedule: to compare two would take longer than to write."""
    texts = _SCHEDULES.get((id(schedule), options))
    if texts is None:
        if len(_SCHEDULES) == _KEPT_SCHEDULES:
            _SCHEDULES.clear()
        # It holds the schedule, so that no other can get its id.
        texts = _SCHEDULES[id(schedule), options] = _Texts(schedule, options)
    return texts


def _dose_shown(
    schedule: Schedule, dose: AssessedDose, reasons: tuple[str, ...], options: CalendarOptions
) -> _Shown:
    """Put into words what the event of a dose says."""
    title = f"Injection, dose {dose.number}"
    if dose.phase.route == "intravenous":
        title = f"Infusion, dose {dose.number}"
    if options.title == "medicine" and not options.private:
        title = f"{clean(schedule.medicine)} {dose.amount}, dose {dose.number}".strip()
    status, reminds = "CONFIRMED", False
    if dose.status is Status.GIVEN:
        title = f"{title} (given)"
    elif dose.status in _CANCELLED:
        title, status = f"Cancelled: {title}", "CANCELLED"
    elif dose.status is Status.HELD:
        title, status = f"On hold: {title}", "TENTATIVE"
    else:
        reminds = True
    if options.private:
        description = [f"Dose {dose.number}"]
    else:
        description = [*_description(schedule, dose), *reasons]
    return _shown(title, description, status, reminds=reminds)


def _description(schedule: Schedule, dose: AssessedDose) -> Iterator[str]:
    """Yield the lines on what is injected, where and how."""
    yield f"{schedule.medicine} ({schedule.brand})" if schedule.brand else schedule.medicine
    yield (
        f"{dose.amount} in {dose.injections} injections"
        if dose.injections > 1
        else str(dose.amount)
    )
    if dose.sites:
        sites = tuple(dict.fromkeys(site.replace("-", " ") for site in dose.sites))
        yield f"{'Sites' if len(sites) > 1 else 'Site'}: {', '.join(sites)}"
    yield f"Phase: {dose.phase.name}"
    if dose.status is Status.GIVEN or dose.status in _CANCELLED:
        return
    if dose.earliest != dose.latest:
        yield f"In time from {dose.earliest} to {dose.latest}"
    if schedule.preparation:
        yield from _preparation(schedule.preparation)
    for check in schedule.checks:
        if check.when is CheckTime.BEFORE_START and dose.number == 1:
            yield f"Before the start: {check.name}"
        elif check.when is CheckTime.BEFORE_EACH_DOSE:
            yield f"Before each dose: {check.name}"


def _preparation(preparation: Preparation) -> Iterator[str]:
    if warm_up := preparation.warm_up:
        if warm_up.most == 0:
            yield "Warm-up: none"
        elif warm_up.least == warm_up.most:
            yield f"Warm-up: {warm_up.most} minutes out of the fridge before injecting"
        else:
            yield (
                f"Warm-up: {warm_up.least} to {warm_up.most} minutes out of the fridge "
                "before injecting"
            )
    if preparation.storage:
        yield f"Storage: {preparation.storage}"


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
            key = f"check/{utf8_safe(check.name)}/{check.when.unit} {count}"
            day = check.when.offset(index).after(course.start)
            if day > until or key in seen:
                continue
            seen.add(key)
            title = f"Check {'before' if count < 0 else 'for'} the injections"
            if options.title == "medicine" and not options.private:
                title = check.name
            description = () if options.private else (check.name,)
            shown = _shown(title, description, "CONFIRMED", reminds=True)
            yield _Event(day, key, base, _whole_day(day), shown, remind)


def _shown(title: str, description: Iterable[str], status: str, *, reminds: bool) -> _Shown:
    title = clean(title) or "Injection"
    described = "\n".join(filter(None, map(clean, description)))
    lines = (
        text_line("SUMMARY", title),
        text_line("DESCRIPTION", described) if described else b"",
        f"STATUS:{status}\r\nTRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\n".encode(),
        b"X-MICROSOFT-CDO-BUSYSTATUS:FREE\r\n",
    )
    return _Shown(title, b"".join(lines), reminds)


def _reminders(options: CalendarOptions, *, all_day: bool) -> tuple[timedelta, ...]:
    if options.remind is None:
        return REMIND_ALL_DAY if all_day else REMIND_TIMED
    for before in options.remind:
        if before < timedelta() or before.microseconds:
            raise RequestError(
                f"no reminder can be {before} before the start: give whole seconds, 0 or more"
            )
    return tuple(dict.fromkeys(options.remind))


def _write(out: list[bytes], event: _Event, uid: str, *, local: bool) -> None:
    """Append an event; in local time where the file has the zone's VTIMEZONE and it is exact."""
    out += (
        b"BEGIN:VEVENT\r\nUID:",
        uid.encode(),
        _revised(event.revision),
        (event.span.local if local else None) or event.span.plain,
        event.shown.lines,
        _alarms(event.shown.title, event.remind),
        b"END:VEVENT\r\n",
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
