"""Which events on a server are ours, and what an event says: the one place that knows the mark.

Each event that is published carries `X-DOSECAL-MARK: seal-digest`. The seal is over what the event
says and the course's id: it fits as long as nobody else changed the event, and nobody without the
course's file can make one. The digest is over our bytes: it tells an older form of the same event,
such as the rules of a time zone after a change of law.
"""

import json
import re
from collections.abc import Container
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from icalendar import Calendar as Parsed

MARK: Final = b"X-DOSECAL-MARK"

_MARKED: Final = re.compile(rb"^" + MARK + rb":([0-9a-f]+)-([0-9a-f]+)\r?$", re.MULTILINE)
_STRUCTURE: Final = re.compile(
    rb"^(?:(BEGIN:VEVENT|BEGIN:VALARM|END:VALARM)\r?$|UID:([^\r\n]+))", re.MULTILINE
)
_BOOKKEEPING: Final = {
    "UID", "DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "PRIORITY",
    "DTSTART", "DTEND", "DURATION",
}  # fmt: skip
_DEFAULTS: Final = {"STATUS": "CONFIRMED", "TRANSP": "OPAQUE", "CLASS": "PUBLIC"}


def marked(data: bytes, secret: str) -> bytes:
    """Return an event with its mark."""
    line = b"%s:%s-%s\r\n" % (MARK, _seal(said(data), secret), _digest(data))
    alarm = data.find(b"\r\nBEGIN:VALARM\r\n")
    place = (alarm if alarm >= 0 else data.index(b"\r\nEND:VEVENT\r\n")) + 2
    return data[:place] + line + data[place:]


def is_ours(data: bytes, known: Container[str], secret: str) -> bool:
    """Say whether an event is the course's: by a UID that it knows, or by its unbroken mark."""
    return event_uid(data) in known or is_intact(data, secret)


def is_intact(data: bytes, secret: str) -> bool:
    """Say whether we wrote this event so, for this course, and nobody changed what it says."""
    mark = _MARKED.search(data)
    return mark is not None and mark[1] == _seal(said(data), secret)


def is_same(planned: bytes, held: bytes) -> bool:
    """Say whether the server's event says what is planned, and is not our older form of it."""
    theirs, ours = _MARKED.search(held), _MARKED.search(planned)
    if theirs and ours and theirs[1] == ours[1] and theirs[2] != ours[2]:
        return False  # the same in our older bytes: the rules of its time zone, its SEQUENCE
    return said(planned) == said(held)


def event_uid(data: bytes) -> str:
    """Return the UID of an object's first event, "" where it has none, in one pass over it."""
    in_event = in_alarm = False
    for line in _STRUCTURE.finditer(data):
        match line[1]:
            case b"BEGIN:VEVENT":
                in_event, in_alarm = True, False
            case b"BEGIN:VALARM":
                in_alarm = True
            case b"END:VALARM":
                in_alarm = False
            case None if in_event and not in_alarm:
                return line[2].decode("utf-8", "replace")
    return ""


def said(data: bytes) -> list[object]:
    """Return what the events of an object say, however it is written.

    Times as instants, defaults filled in; without what programs keep books with, without
    extensions, and of an alarm only when it rings.
    """
    try:
        return [_event_said(event) for event in Parsed.from_ical(data).walk("VEVENT")]
    except Exception:  # whatever a library makes of what somebody else broke
        return ["unreadable", data.decode("utf-8", "replace")]


def day_and_title(data: bytes) -> str:
    """Return the day and the title of an event, as the server's text has them."""
    try:
        event = Parsed.from_ical(data).walk("VEVENT")[0]
        start = _value(event, "DTSTART")
    except Exception:  # as above
        return "an event that cannot be read"
    day = start.date() if isinstance(start, datetime) else start
    return f"{day} {event.get('SUMMARY', '')}"


def _seal(what: object, secret: str) -> bytes:
    return _digest(json.dumps([secret, what]).encode())


def _digest(data: bytes) -> bytes:
    return sha256(data).hexdigest()[:24].encode()


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
        for alarm in event.subcomponents  # not what lies deeper: many events within each other
        if alarm.name == "VALARM" and str(alarm.get("ACTION", "")).upper() != "NONE"
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
