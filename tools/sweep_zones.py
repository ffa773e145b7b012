"""For every time zone and a year of doses: every reader gives the instants that zoneinfo gives.

The suite takes a sample (test_zones.py). The whole, about ten minutes:

    python tools/sweep_zones.py
    python tools/sweep_zones.py --year 2030 --zones Europe/Berlin Africa/Cairo
    python tools/sweep_zones.py --write FOLDER    # the files alone, for other readers

ical.js, the reader of Thunderbird, takes part where `node` finds it (`npm install ical.js`).
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import vobject
from dateutil.tz import tzical
from icalendar import Calendar

from dosecal import Course, Horizon, load, within
from dosecal.ical.calendar_file import calendar_bytes
from dosecal.ical.revisions import CalendarPlan, first_revision
from dosecal.model.dates import Interval, at_wall_time
from dosecal.model.history import Hour
from dosecal.model.schedule import Repeating
from dosecal.plan.walk import AssessedDose

CLOCKS = (time(2, 30), time(9))
Reader = Callable[[bytes], list[datetime]]


@cache
def a_dose_a_day(year: int) -> tuple[Course, tuple[AssessedDose, ...]]:
    """Return a course of a dose a day, without a time yet, and its doses of the year."""
    schedule = load("netakimab-psoriasis")
    daily = schedule.phases[0]._replace(timing=Repeating(Interval(1, "day"), Interval(0, "day")))
    course = Course(
        schedule._replace(phases=(daily,), checks=()), id="a", start=date(year, 1, 1), log=()
    )
    return course, tuple(within(course, Horizon(until=date(year, 12, 31))))


def doses_and_file(zone: str, clock: time, year: int) -> tuple[list[datetime], bytes]:
    """Return a year of doses, each Sunday and around each change of the clocks, and their file."""
    course, every = a_dose_a_day(year)
    course = course._replace(id=f"{zone} {clock} {year}", clock=clock, zone=zone)
    near = {
        day + timedelta(days=each) for day in changes(ZoneInfo(zone), year) for each in range(-2, 3)
    }
    hour = Hour(clock, zone)
    doses = [
        dose._replace(hour=hour) for dose in every if dose.day.weekday() == 6 or dose.day in near
    ]
    data = calendar_bytes(
        course,
        CalendarPlan(tuple(doses), {}, first_revision(course), date(year, 12, 31)),
        reason_text=str,
    )
    instants = [at_wall_time(dose.day, clock, ZoneInfo(zone)).astimezone(UTC) for dose in doses]
    return instants, data


def changes(zone: ZoneInfo, year: int) -> Iterator[date]:
    """Yield the days of a year after whose noon the next noon is not 24 hours away."""
    noon = datetime(year, 1, 1, 12, tzinfo=zone)
    for _ in range(366):
        after = noon + timedelta(days=1)
        if noon.utcoffset() != after.utcoffset():
            yield after.date()
        noon = after


def by_icalendar(data: bytes) -> list[datetime]:
    """Read with icalendar, which takes a known zone's name for the zone."""
    events: list[Any] = list(Calendar.from_ical(data).walk("VEVENT"))
    return [event["DTSTART"].dt for event in events]


def by_vobject(data: bytes) -> list[datetime]:
    """Read with vobject, which follows the file's own VTIMEZONE."""
    (calendar,) = vobject.readComponents(data.decode())
    return [event.dtstart.value for event in calendar.vevent_list]


def by_dateutil(data: bytes) -> list[datetime]:
    """Read the file's VTIMEZONE with dateutil, and the rest by its lines."""
    text = data.decode().replace("\r\n ", "")
    zones = tzical(StringIO(text)) if "BEGIN:VTIMEZONE" in text else None
    found = []
    for event in text.split("BEGIN:VEVENT")[1:]:
        (line,) = (each for each in event.split("\r\n") if each.startswith("DTSTART"))
        name, value = line.split(":")
        at = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
        zone = zones.get(name.split("TZID=")[1]) if zones and "TZID=" in name else UTC
        found.append(at.replace(tzinfo=zone))
    return found


ICAL_JS = """
const m = require('ical.js'), ICAL = m.default || m, fs = require('fs');
const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(0, 'utf8')));
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
console.log(JSON.stringify(calendar.getAllSubcomponents('vevent').map(
  (event) => new ICAL.Event(event).startDate.toJSDate().toISOString())));
"""


def by_ical_js(data: bytes) -> list[datetime]:
    """Read with ical.js, which follows the file's own VTIMEZONE."""
    found = subprocess.run(["node", "-e", ICAL_JS], input=data, capture_output=True, check=True)
    return [datetime.fromisoformat(each) for each in json.loads(found.stdout)]


READERS: dict[str, Reader] = {
    "icalendar": by_icalendar,
    "vobject": by_vobject,
    "dateutil": by_dateutil,
}


def disagreements(
    zone: str, clock: time, year: int, readers: dict[str, Reader]
) -> tuple[int, list[str]]:
    """Return how many doses were read, and each reading that is not zoneinfo's."""
    instants, data = doses_and_file(zone, clock, year)
    wrong = []
    for name, read in readers.items():
        found = [at.astimezone(UTC) for at in read(data)]
        wrong += [
            f"{zone} {clock:%H:%M}: {name} reads {there:%Y-%m-%d %H:%M}Z for {here:%Y-%m-%d %H:%M}Z"
            for here, there in zip(instants, found, strict=True)
            if here != there
        ]
    return len(instants), wrong


def main() -> int:
    """Sweep the zones; exit 1 where a reader disagrees."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--year", type=int, default=2027)
    options.add_argument("--zones", nargs="*", default=[])
    options.add_argument("--write", type=Path)
    given = options.parse_args()
    readers = dict(READERS)
    if (
        shutil.which("node")
        and not subprocess.run(["node", "-e", "require('ical.js')"], capture_output=True).returncode
    ):
        readers["ical.js"] = by_ical_js
    zones = given.zones or sorted(available_timezones() - {"Factory", "localtime"})
    total, wrong = 0, []
    for zone in zones:
        for clock in CLOCKS:
            if given.write:
                name = f"{zone.replace('/', '_')}-{clock:%H%M}.ics"
                (given.write / name).write_bytes(doses_and_file(zone, clock, given.year)[1])
                continue
            count, found = disagreements(zone, clock, given.year, readers)
            total += count
            wrong += found
            sys.stdout.writelines(f"{line}\n" for line in found)
    sys.stdout.write(
        f"{len(zones)} zones, {given.year}, {total} doses, readers {', '.join(readers)}: "
        f"{len(wrong)} disagreements\n"
    )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
