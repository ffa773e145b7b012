"""A course's calendar from change to change: whose events they are and what they say."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from icalendar import Calendar

from dosecal.cli import main

HEAD = 'format = 1\nschedule = "netakimab-psoriasis"\nid = "{}"\nstart = 2026-12-01\n'
AT = "recorded = 2026-12-{:02}T10:00:00Z\n"
GIVEN_1 = "[[given]]\ndose = 1\ndate = 2026-12-01\n" + AT.format(1)
SKIPPED_2 = "[[skipped]]\ndose = 2\n" + AT.format(8)
GIVEN_4 = "[[given]]\ndose = 4\ndate = 2027-01-12\n" + AT.format(20)
HOLD = "[[hold]]\nfrom = 2027-02-01\nuntil = 2027-02-20\n" + AT.format(21)


def events(folder: Path, log: str, id: str = "anna") -> dict[int, dict[str, object]]:
    """Return the events of a course by the number of their dose."""
    course, out = folder / "x.toml", folder / "x.ics"
    course.write_text(HEAD.format(id) + log, encoding="utf-8")
    found = CliRunner().invoke(main, ["ics", str(course), "-o", str(out)])
    assert found.exit_code == 0, found.output
    calendar: Any = Calendar.from_ical(out.read_bytes())
    return {
        int(str(event["SUMMARY"]).partition("dose ")[2].split()[0]): {
            "uid": str(event["UID"]),
            "title": str(event["SUMMARY"]),
            "status": str(event["STATUS"]),
            "day": event["DTSTART"].dt.isoformat(),
            "sequence": event["SEQUENCE"],
            "changed": event["LAST-MODIFIED"].dt,
            "alarms": len(event.walk("VALARM")),
        }
        for event in calendar.walk("VEVENT")
    }


LOGS = ["", GIVEN_1, GIVEN_1 + SKIPPED_2, GIVEN_1 + SKIPPED_2 + GIVEN_4]


def test_no_two_people_share_an_event_and_one_person_keeps_every_one(tmp_path: Path) -> None:
    anna = {str(each["uid"]) for each in events(tmp_path, "").values()}
    boris = {str(each["uid"]) for each in events(tmp_path, "", "boris").values()}
    assert len(anna) == len(boris) == 15
    assert not anna & boris
    first = {number: each["uid"] for number, each in events(tmp_path, "").items()}
    for log in LOGS:
        later = events(tmp_path, log)
        assert {number: later[number]["uid"] for number in first} == first


@pytest.mark.parametrize(
    ("log", "number", "title", "status", "sequence", "alarms"),
    [
        ("", 1, "Injection, dose 1", "CONFIRMED", 0, 1),
        (GIVEN_1, 1, "Injection, dose 1 (given)", "CONFIRMED", 1, 0),
        (GIVEN_1, 2, "Injection, dose 2", "CONFIRMED", 0, 1),
        (LOGS[2], 2, "Cancelled: Injection, dose 2", "CANCELLED", 1, 0),
        (LOGS[3], 3, "Cancelled: Injection, dose 3", "CANCELLED", 1, 0),
        (LOGS[3], 4, "Injection, dose 4 (given)", "CONFIRMED", 1, 0),
        (HOLD, 5, "On hold: Injection, dose 5", "TENTATIVE", 1, 0),
        (HOLD, 6, "Injection, dose 6", "CONFIRMED", 0, 1),
    ],
)
def test_what_an_event_says(
    tmp_path: Path, log: str, number: int, title: str, status: str, sequence: int, alarms: int
) -> None:
    event = events(tmp_path, log)[number]
    assert (event["title"], event["status"]) == (title, status)
    assert (event["sequence"], event["alarms"]) == (sequence, alarms)


def test_only_what_changed_is_revised(tmp_path: Path) -> None:
    found = events(tmp_path, LOGS[3])
    start = datetime(2026, 12, 1, tzinfo=UTC)
    # dose 3 is missed and later sites change with dose 4, whose sites nobody noted
    assert found[1]["changed"] == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert found[2]["changed"] == datetime(2026, 12, 8, 10, tzinfo=UTC)
    assert found[4]["changed"] == datetime(2026, 12, 20, 10, tzinfo=UTC)
    assert events(tmp_path, HOLD)[6]["changed"] in (start, datetime(2026, 12, 21, 10, tzinfo=UTC))
    assert [found[number]["sequence"] for number in sorted(found)] == [1, 1, 1, 1, *[0] * 11]


@pytest.mark.parametrize(("day", "doses"), [("2027-06-01", 15), ("2027-06-02", 28)])
def test_a_calendar_reaches_six_months_beyond_the_last_dose_in_whole_years(
    tmp_path: Path, day: str, doses: int
) -> None:
    assert len(events(tmp_path, f"[[given]]\ndose = 9\ndate = {day}\n")) == doses


def test_no_event_leaves_the_calendar_when_a_dose_is_taken_back(tmp_path: Path) -> None:
    log = "[[given]]\ndose = 9\ndate = 2027-06-02\n[[void]]\ndose = 9\n"
    assert len(events(tmp_path, log)) == 28


def test_a_void_is_a_change_too(tmp_path: Path) -> None:
    void = "[[void]]\ndose = 1\n" + AT.format(2)
    event = events(tmp_path, GIVEN_1 + void)[1]
    assert (event["title"], event["sequence"]) == ("Injection, dose 1", 2)
    assert event["changed"] == datetime(2026, 12, 2, 10, tzinfo=UTC)


def test_a_dose_that_drops_out_of_the_plan_is_cancelled(tmp_path: Path) -> None:
    """A decision that begins the schedule again, and is then taken back, ends later."""
    schedule = (
        'format = 1\nmedicine = "x"\n[[phase]]\nname = "p"\ndose = "1 mg"\nweeks = [0, 1]\n'
        'source = "s"\n[sources.s]\ntitle = "S"\nbasis = "label"\n'
    )
    (tmp_path / "two.toml").write_text(schedule, encoding="utf-8")
    course, out = tmp_path / "x.toml", tmp_path / "x.ics"
    head = HEAD.format("c").replace("netakimab-psoriasis", "two.toml")
    log = (
        "[[given]]\ndose = 1\ndate = 2026-12-01\n[[given]]\ndose = 2\ndate = 2026-12-12\n"
        'then = "restart"\n[[decided]]\ndose = 2\nthen = "keep"\n'
    )
    course.write_text(head + log, encoding="utf-8")
    found = CliRunner().invoke(main, ["ics", str(course), "-o", str(out)])
    assert found.exit_code == 0, found.output
    calendar: Any = Calendar.from_ical(out.read_bytes())
    dropped = {str(each["SUMMARY"]): each for each in calendar.events}[
        "Cancelled: Injection, dose 3"
    ]
    assert (str(dropped["STATUS"]), dropped["SEQUENCE"]) == ("CANCELLED", 1)
    assert "the plan no longer has this dose" in dropped["DESCRIPTION"]


def calls_of_ics(folder: Path, entries: int) -> int:
    """Count the functions that `ics` calls on a course of so many weekly doses."""
    course = folder / "long.toml"
    head = (
        'format = 1\nschedule = "etanercept-rheumatoid-arthritis"\nid = "c"\nstart = 2000-01-03\n'
    )
    log = "".join(
        f"[[given]]\ndose = {number}\ndate = {day}\nrecorded = {day}T10:00:00Z\n"
        f'amount = "50 mg"\ninjections = 1\nsites = ["left-thigh"]\n'
        for number in range(1, entries + 1)
        for day in [date(2000, 1, 3) + timedelta(weeks=number - 1, days=number % 5 == 0)]
    )
    course.write_text(head + log, encoding="utf-8")
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        found = CliRunner().invoke(main, ["ics", str(course), "-o", str(folder / "long.ics")])
    finally:
        sys.setprofile(None)
    assert found.exit_code == 0, found.output
    return calls


def test_twice_the_entries_are_little_more_than_twice_the_work(tmp_path: Path) -> None:
    """Each fifth dose is given a day late; 2.2 times at most, in calls and not in time."""
    calls_of_ics(tmp_path, 5)  # imports
    assert calls_of_ics(tmp_path, 1600) <= 2.2 * calls_of_ics(tmp_path, 800)


def test_two_events_make_a_calendar_with_a_name_and_one_does_not(tmp_path: Path) -> None:
    course, out = tmp_path / "x.toml", tmp_path / "x.ics"
    course.write_text(HEAD.format("anna"), encoding="utf-8")
    for count in (1, 2):
        run = CliRunner().invoke(main, ["ics", str(course), "-o", str(out), "--count", str(count)])
        assert run.exit_code == 0, run.output
        data = out.read_bytes()
        assert data.count(b"BEGIN:VEVENT") == count
        assert data.count(b"\r\nNAME:") == data.count(b"X-WR-CALNAME:") == count - 1
