"""One piece of work, timed inside its own process: `python parts.py PART PATIENTS [wall]`.

`compare.py` runs each part in turn and compares them. A part prints the seconds of the processor
(`wall`: of the clock), without imports and set-up, and how many doses, events or files it made, as
JSON.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from dosecal import AssessedDose, Course, load
from dosecal.ical.calendar_file import Template, calendar_bytes, calendar_template
from dosecal.ical.revisions import CalendarPlan, Revision
from dosecal.plan.assess import doses
from dosecal.words.reasons import reason_text

DOSES = 15
FIRST = date(2026, 1, 5)
CLOCK = time(9)
ZONE = ZoneInfo("Europe/Berlin")
LENGTH = timedelta(minutes=15)
CHANGED = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULE = "netakimab-psoriasis"
Run = Callable[[], int]
"""What is timed; it returns how many doses, events or files it made."""
SITES = ("left-thigh", "right-thigh", "left-abdomen", "right-abdomen")


class Ready(NamedTuple):
    """An event as a library is given it: the values, none of its text escaped or formatted."""

    uid: str
    title: str
    description: str
    start: datetime
    end: datetime


def starts(patients: int) -> list[date]:
    """Return the days on which the patients start: those of a year, again and again."""
    return [FIRST + timedelta(days=number % 365) for number in range(patients)]


def courses(patients: int) -> list[Course]:
    """Return the patients as dosecal takes them."""
    schedule = load(SCHEDULE)
    return [
        Course(schedule, f"patient-{number}", start, CLOCK, ZONE.key)
        for number, start in enumerate(starts(patients))
    ]


def plans(patients: int) -> Iterator[tuple[Course, list[AssessedDose]]]:
    """Yield each patient with the planned doses."""
    for course in courses(patients):
        yield course, list(islice(doses(course), DOSES))


def _plan(listed: list[AssessedDose]) -> CalendarPlan:
    return CalendarPlan(tuple(listed), {}, Revision(0, CHANGED), listed[-1].day)


def written(planned: Iterable[tuple[Course, list[AssessedDose]]]) -> Iterator[bytes]:
    """Yield the calendar of each patient."""
    words = reason_text(load(SCHEDULE))
    for course, listed in planned:
        yield calendar_bytes(course, _plan(listed), reason_text=words)


def expand_plain(patients: int) -> Run:
    """Loop over the offsets of this one schedule, written down by hand, with a window of 0 days."""
    phases = (("loading", range(3)), ("maintenance", range(6, 54, 4)))
    early = late = timedelta()

    def run() -> int:
        made = 0
        for start in starts(patients):
            found = []
            number = 0
            for phase, weeks in phases:
                for week in weeks:
                    number += 1
                    target = start + timedelta(weeks=week)
                    place = 2 * (number - 1) % 4
                    found.append(
                        {
                            "number": number,
                            "phase": phase,
                            "target": target,
                            "earliest": target - early,
                            "latest": target + late,
                            "dose": "120 mg",
                            "injections": 2,
                            "sites": SITES[place : place + 2],
                        }
                    )
            made += len(found)
        return made

    return run


def expand_rruleset(patients: int) -> Run:
    """Let `dateutil.rruleset` give the dates, and nothing but the dates."""
    from dateutil.rrule import WEEKLY, rrule, rruleset

    def run() -> int:
        made = 0
        for start in starts(patients):
            rules = rruleset()
            first = datetime.combine(start, time())
            rules.rrule(rrule(WEEKLY, dtstart=first, count=3))
            rules.rrule(
                rrule(WEEKLY, interval=4, dtstart=first + timedelta(weeks=6), count=DOSES - 3)
            )
            made += len(list(rules))
        return made

    return run


def expand_dosecal(patients: int) -> Run:
    """Plan with dosecal: status, reasons and missed-dose rules besides the fields of the loop."""
    schedule = load(SCHEDULE)

    def run() -> int:
        made = 0
        for number, start in enumerate(starts(patients)):
            course = Course(schedule, f"patient-{number}", start, CLOCK, ZONE.key)
            made += len(list(islice(doses(course), DOSES)))
        return made

    return run


def write_dosecal(patients: int) -> Run:
    """Write each calendar on its own, VTIMEZONE and all, from doses planned before."""
    planned = list(plans(patients))

    def run() -> int:
        return sum(data.count(b"BEGIN:VEVENT") for data in written(planned))

    return run


def write_shared(patients: int) -> Run:
    """Write calendars as `batch` does: those who begin on the same day share all but the UIDs."""
    planned = list(plans(patients))
    words = reason_text(load(SCHEDULE))

    def run() -> int:
        made = 0
        templates: dict[date, Template] = {}
        for course, listed in planned:
            template = templates.get(course.start)
            if template is None:
                template = templates[course.start] = calendar_template(
                    course, _plan(listed), reason_text=words
                )
            made += template.filled(course.id).count(b"BEGIN:VEVENT")
        return made

    return run


def ready(patients: int) -> list[list[Ready]]:
    """Return the events of each patient, as read back from what dosecal writes."""
    from icalendar import Calendar

    def events(data: bytes) -> list[Any]:
        return list(Calendar.from_ical(data).walk("VEVENT"))

    return [
        [
            Ready(
                str(event["UID"]),
                str(event["SUMMARY"]),
                str(event["DESCRIPTION"]),
                event["DTSTART"].dt.astimezone(ZONE),
                event["DTEND"].dt.astimezone(ZONE),
            )
            for event in events(data)
        ]
        for data in written(plans(patients))
    ]


def write_icalendar(patients: int) -> Run:
    """Write with `icalendar` as its documentation shows it, without any VTIMEZONE."""
    return _icalendar(patients, zones=False)


def write_icalendar_zones(patients: int) -> Run:
    """Write with `icalendar`, which adds the VTIMEZONE itself."""
    return _icalendar(patients, zones=True)


def _icalendar(patients: int, *, zones: bool) -> Run:
    from icalendar import Alarm, Calendar, Event

    people = ready(patients)

    def run() -> int:
        made = 0
        for events in people:
            calendar = Calendar()
            calendar.add("prodid", "-//benchmark//EN")
            calendar.add("version", "2.0")
            for each in events:
                event = Event()
                event.add("uid", each.uid)
                event.add("dtstamp", CHANGED)
                event.add("last-modified", CHANGED)
                event.add("sequence", 0)
                event.add("dtstart", each.start)
                event.add("dtend", each.end)
                event.add("summary", each.title)
                event.add("description", each.description)
                event.add("status", "CONFIRMED")
                event.add("transp", "TRANSPARENT")
                event.add("class", "PRIVATE")
                event.add("x-microsoft-cdo-busystatus", "FREE")
                alarm = Alarm()
                alarm.add("action", "DISPLAY")
                alarm.add("trigger", -LENGTH)
                alarm.add("description", each.title)
                event.add_component(alarm)
                calendar.add_component(event)
            if zones:
                calendar.add_missing_timezones()
            made += calendar.to_ical().count(b"BEGIN:VEVENT")
        return made

    return run


def write_ics(patients: int) -> Run:
    """Write with `ics` from PyPI, which turns every time into UTC."""
    from ics import Calendar, DisplayAlarm, Event

    people = ready(patients)

    def run() -> int:
        made = 0
        for events in people:
            calendar = Calendar()
            for each in events:
                event = Event(
                    name=each.title,
                    begin=each.start,
                    end=each.end,
                    uid=each.uid,
                    description=each.description,
                    created=CHANGED,
                    last_modified=CHANGED,
                    transparent=True,
                    status="CONFIRMED",
                    classification="PRIVATE",
                    alarms=[DisplayAlarm(trigger=-LENGTH, display_text=each.title)],
                )
                calendar.events.add(event)
            made += calendar.serialize().count("BEGIN:VEVENT")
        return made

    return run


def write_vobject(patients: int) -> Run:
    """Write with `vobject`."""
    import vobject

    people = ready(patients)
    changed = CHANGED.replace(tzinfo=vobject.icalendar.utc)  # it knows no other UTC

    def run() -> int:
        made = 0
        for events in people:
            calendar = vobject.iCalendar()
            for each in events:
                event = calendar.add("vevent")
                event.add("uid").value = each.uid
                event.add("dtstamp").value = changed
                event.add("last-modified").value = changed
                event.add("sequence").value = "0"
                event.add("dtstart").value = each.start
                event.add("dtend").value = each.end
                event.add("summary").value = each.title
                event.add("description").value = each.description
                event.add("status").value = "CONFIRMED"
                event.add("transp").value = "TRANSPARENT"
                event.add("class").value = "PRIVATE"
                event.add("x-microsoft-cdo-busystatus").value = "FREE"
                alarm = event.add("valarm")
                alarm.add("action").value = "DISPLAY"
                alarm.add("trigger").value = -LENGTH
                alarm.add("description").value = each.title
            made += calendar.serialize().count("BEGIN:VEVENT")
        return made

    return run


def floor_lines(patients: int) -> Run:
    """Join the lines of whole files that are ready: not even a date or a UID is made."""
    people = [data.decode().splitlines(keepends=True) for data in written(plans(patients))]

    def run() -> int:
        return sum("".join(lines).encode().count(b"BEGIN:VEVENT") for lines in people)

    return run


def floor_strings(patients: int) -> Run:
    """Put ready-made texts around what differs from event to event: the UID and two times."""
    (sample,) = written(plans(1))
    head, *events = sample.decode().split("BEGIN:VEVENT\r\n")
    tails = ["SUMMARY:" + event.partition("SUMMARY:")[2] for event in events]
    stamps = "DTSTAMP:20260101T000000Z\r\nLAST-MODIFIED:20260101T000000Z\r\nSEQUENCE:0\r\n"
    planned = [(course.id, [dose.day for dose in listed]) for course, listed in plans(patients)]

    def run() -> int:
        made = 0
        for id, days in planned:
            out = [head]
            for number, (day, tail) in enumerate(zip(days, tails, strict=True), 1):
                when = day.strftime("%Y%m%d")
                out.append(
                    f"BEGIN:VEVENT\r\nUID:{uuid5(NAMESPACE_URL, f'{id}/{number}')}\r\n{stamps}"
                    f"DTSTART;TZID=Europe/Berlin:{when}T090000\r\n"
                    f"DTEND;TZID=Europe/Berlin:{when}T091500\r\n{tail}"
                )
            made += "".join(out).encode().count(b"BEGIN:VEVENT")
        return made

    return run


def files(patients: int) -> Run:
    """Create a file for each patient, of bytes that are ready, and rename it into its place."""
    (data,) = written(plans(1))

    def run() -> int:
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder, "x.tmp")
            for number in range(patients):
                temporary.write_bytes(data)
                temporary.replace(Path(folder, f"patient-{number}.ics"))
        return patients

    return run


def events_json(patients: int) -> list[list[dict[str, str]]]:
    """Return the events as the JavaScript libraries are given them."""
    return [
        [
            {
                "uid": each.uid,
                "title": each.title,
                "description": each.description,
                "start": each.start.astimezone(UTC).isoformat(),
                "end": each.end.astimezone(UTC).isoformat(),
            }
            for each in events
        ]
        for events in ready(patients)
    ]


PARTS: dict[str, Callable[[int], Run]] = {
    "expand plain": expand_plain,
    "expand rruleset": expand_rruleset,
    "expand dosecal": expand_dosecal,
    "write lines": floor_lines,
    "write strings": floor_strings,
    "write dosecal": write_dosecal,
    "write shared": write_shared,
    "write icalendar": write_icalendar,
    "write icalendar zones": write_icalendar_zones,
    "write ics": write_ics,
    "write vobject": write_vobject,
    "files": files,
}


def main() -> None:
    """Do one part and print what it took."""
    part, patients = sys.argv[1], int(sys.argv[2])
    if part == "events":
        json.dump(events_json(patients), sys.stdout)
        return
    try:
        run = PARTS[part](patients)
    except ImportError as error:
        json.dump({"missing": error.name}, sys.stdout)
        return
    clock = perf_counter if "wall" in sys.argv[3:] else process_time
    begin = clock()
    made = run()
    json.dump({"seconds": clock() - begin, "made": made}, sys.stdout)


if __name__ == "__main__":
    main()
