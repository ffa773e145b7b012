"""What a server's calendar lacks of a course, and how it is put right: the difference and no more.

Nothing is kept between two runs. Each event carries a mark (`X-DOSECAL-MARK`): a seal over what it
says, which only the course's own file can make, and a digest of its bytes. While the seal holds
nobody else changed the event, so it may be replaced or removed; where it does not the event is
somebody's own by now and stays until told otherwise. What has neither a UID nor a seal of this
course is not looked at.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol

from icalendar import Calendar as Parsed

from dosecal.ical.calendar_file import check_key, uid
from dosecal.model.course import Course
from dosecal.model.schedule import Listed
from dosecal.sync.connection import printable
from dosecal.sync.server import Server, Stored

MARK: Final = b"X-DOSECAL-MARK"
MOST_DOSES: Final = 5_000
"""Dose numbers whose events are known by their UIDs alone, a dose a day for thirteen years."""

_UID: Final = re.compile(rb"^BEGIN:VEVENT\r?$.*?^UID:([^\r\n]+)", re.MULTILINE | re.DOTALL)
_ALARM: Final = re.compile(rb"^BEGIN:VALARM\r?$.*?^END:VALARM\r?$", re.MULTILINE | re.DOTALL)
_MARKED: Final = re.compile(rb"^" + MARK + rb":([0-9a-f]+)-([0-9a-f]+)\r?$", re.MULTILINE)
_BOOKKEEPING: Final = {
    "UID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "PRIORITY",
    "DTSTART", "DTEND", "DURATION",
}  # fmt: skip
_DEFAULTS: Final = {"STATUS": "CONFIRMED", "TRANSP": "OPAQUE", "CLASS": "PUBLIC"}


class Outcome(StrEnum):
    """What becomes of one event."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    LEFT = "changed on the server"
    REFUSED = "refused by the server"


class Change(NamedTuple):
    """One event of the difference: what is planned, what the server holds, and what is done."""

    outcome: Outcome
    uid: str
    planned: bytes | None
    was: Stored | None

    @property
    def is_ours(self) -> bool:
        """Say whether we make it, or leave what another made."""
        return self.outcome not in (Outcome.LEFT, Outcome.REFUSED)

    def __str__(self) -> str:
        there = _headline(self.was.data) if self.was else ""
        if self.planned is None:
            return f"{self.outcome}: {there}"
        left = f", there {there}" if self.outcome is Outcome.LEFT else ""
        return f"{self.outcome}: {_headline(self.planned)}{left}"


class Plan(NamedTuple):
    """What a calendar is to hold of one course.

    Attributes:
        items: The events by UID, each with its mark.
        known: UIDs that are the course's, planned or not.
        secret: The course's id, which seals the marks.
    """

    items: dict[str, bytes]
    known: frozenset[str]
    secret: str


class Target(Protocol):
    """The calendar that is written to."""

    def create(self, uid: str, data: bytes) -> bool:
        """Create an event; False where something is there, or the UID elsewhere."""

    def change(self, was: Stored, data: bytes) -> bool:
        """Replace an event; False where it is no longer what was read."""

    def remove(self, was: Stored) -> bool:
        """Remove an event; False where it is no longer what was read."""

    def read(self, url: str) -> Stored | None:
        """Return one object as it is now, or None where there is none."""

    def address(self, uid: str) -> str:
        """Return where the event of this UID is created."""


def plan(course: Course, items: Iterable[tuple[str, bytes]]) -> Plan:
    """Return what a calendar is to hold: the events that `calendar_items` yields, marked."""
    keys = [str(number) for number in range(1, MOST_DOSES + 1)]
    for check in course.schedule.checks:
        if isinstance(check.when, Listed):
            keys += [check_key(check.name, check.when.unit, count) for count in check.when.counts]
    known = frozenset(uid(course, key) for key in keys)
    return Plan({key: marked(data, course.id) for key, data in items}, known, course.id)


def marked(data: bytes, secret: str) -> bytes:
    """Return an event with its mark."""
    line = b"%s:%s-%s\r\n" % (MARK, _seal(_said(data), secret), _digest(data))
    alarm = data.find(b"\r\nBEGIN:VALARM\r\n")
    place = (alarm if alarm >= 0 else data.index(b"\r\nEND:VEVENT\r\n")) + 2
    return data[:place] + line + data[place:]


def difference(plan: Plan, stored: Iterable[Stored], *, overwrite: bool = False) -> list[Change]:
    """Return what is to be done, in the order of the plan, and removals last by their day.

    With `overwrite` events that somebody else changed are put right, too.
    """
    held: dict[str, Stored] = {}
    for each in stored:
        key = _event_uid(each.data)
        ours = key in plan.items or key in plan.known or _is_intact(each.data, plan.secret)
        if ours and (key not in held or each.url.endswith(f"/{key}.ics")):
            held[key] = each
    changes = []
    removed = sorted(held.keys() - plan.items.keys(), key=lambda key: _headline(held[key].data))
    for key in [*plan.items, *removed]:
        planned, was = plan.items.get(key), held.get(key)
        if was is None:
            changes.append(Change(Outcome.CREATED, key, planned, None))
            continue
        if planned is not None and _is_same(planned, was.data):
            continue
        outcome = Outcome.REMOVED if planned is None else Outcome.CHANGED
        if not overwrite and not _is_intact(was.data, plan.secret):
            outcome = Outcome.LEFT
        changes.append(Change(outcome, key, planned, was))
    return changes


def publish(
    server: Server, name: str, plan: Plan, *, overwrite: bool = False, dry_run: bool = False
) -> Iterator[Change]:
    """Put a plan on a server, in the calendar of that name, which is made where it is missing.

    Yields each change once it is made, or with `dry_run` what would be made.

    Raises:
        ServerError: The server failed; every change that was yielded stands.
    """
    calendar = server.calendar(name)
    if calendar is None and not dry_run:
        calendar = server.make(name)
    changes = difference(plan, calendar.stored() if calendar else (), overwrite=overwrite)
    yield from send(calendar, changes) if calendar and not dry_run else changes


def send(target: Target, changes: Iterable[Change]) -> Iterator[Change]:
    """Make the changes one by one and yield each as it turned out.

    What somebody changed between reading and writing is read again and left, unless it is by then
    what it is to be.

    Raises:
        ServerError: The server failed; every change before it stands, and none is half made.
    """
    for change in changes:
        done, url = True, change.was.url if change.was else target.address(change.uid)
        match change:
            case Change(Outcome.CREATED, key, bytes(planned)):
                done = target.create(key, planned)
            case Change(Outcome.CHANGED, _, bytes(planned), Stored() as was):
                done = target.change(was, planned)
            case Change(Outcome.REMOVED, _, _, Stored() as was):
                done = target.remove(was)
        if done:
            yield change
            continue
        now = target.read(url)
        if now is None and change.outcome is Outcome.REMOVED:
            yield change
        elif now is None or (change.was and _said(now.data) == _said(change.was.data)):
            yield change._replace(outcome=Outcome.REFUSED)
        elif change.planned is None or not _is_same(change.planned, now.data):
            yield change._replace(outcome=Outcome.LEFT, was=now)


def _is_same(planned: bytes, held: bytes) -> bool:
    """Say whether the server's event says what is planned, and is not our older form of it."""
    theirs, ours = _MARKED.search(held), _MARKED.search(planned)
    if theirs and ours and theirs[0].rstrip() != ours[0].rstrip() and theirs[1] == ours[1]:
        return False  # the same in our older bytes: the rules of its time zone, its SEQUENCE
    return _said(planned) == _said(held)


def _is_intact(data: bytes, secret: str) -> bool:
    """Say whether we wrote this event so, for this course, and nobody changed what it says."""
    mark = _MARKED.search(data)
    return mark is not None and mark[1] == _seal(_said(data), secret)


def _seal(said: object, secret: str) -> bytes:
    return _digest(json.dumps([secret, said]).encode())


def _digest(data: bytes) -> bytes:
    return sha256(data).hexdigest()[:24].encode()


def _event_uid(data: bytes) -> str:
    """Return the UID of an object's first event, without reading all of it."""
    found = _UID.search(_ALARM.sub(b"", data))
    return found[1].decode("utf-8", "replace") if found else ""


def _said(data: bytes) -> list[object]:
    """Return what the events of an object say, however it is written.

    Times as instants, defaults filled in; without what programs keep books with, without
    extensions, and of an alarm only when it rings.
    """
    try:
        return [_event_said(event) for event in Parsed.from_ical(data).walk("VEVENT")]
    except Exception:  # whatever a library makes of what somebody else broke
        return ["unreadable", data.decode("utf-8", "replace")]


def _event_said(event: Any) -> list[object]:
    texts = {
        name: sorted(each.to_ical().decode() for each in _listed(value))
        for name, value in event.items()
        if name not in _BOOKKEEPING and not name.startswith("X-")
    }
    for name, default in _DEFAULTS.items():
        texts.setdefault(name, [default])
    start, end, length = (_value(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    if end is None and isinstance(start, date) and isinstance(length, timedelta):
        end = start + length
    alarms = {
        _instant(_value(alarm, "TRIGGER"))
        for alarm in event.walk("VALARM")
        if str(alarm.get("ACTION", "")).upper() != "NONE"
    }
    ends = [_instant(start), _instant(end)]
    return [str(event.get("UID", "")), *ends, sorted(texts.items()), sorted(alarms)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _value(component: Any, name: str) -> object:
    """Return a date, time or length, or whatever stands there in its place."""
    value = component.get(name)
    return getattr(value, "dt", value)


def _instant(at: object) -> str:
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(UTC).isoformat()
    return str(at)


def _headline(data: bytes) -> str:
    """Return the day and the title of an event."""
    try:
        event = Parsed.from_ical(data).walk("VEVENT")[0]
        start = _value(event, "DTSTART")
    except Exception:  # as above
        return "an event that cannot be read"
    day = start.date() if isinstance(start, datetime) else start
    return printable(f"{day} {event.get('SUMMARY', '')}")
