"""A course's calendar from change to change: whose events they are and what they say."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

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
    course, out = folder / "x.toml", folder / f"{id}.ics"
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


# Entries of a life that does not follow the plan


def calendar_of(folder: Path, log: str, *options: str, head: str = "") -> list[Any]:
    """Return the events of a course in the order of the file."""
    course, out = folder / "x.toml", folder / "x.ics"
    course.write_text(HEAD.format("anna") + head + log, encoding="utf-8")
    found = CliRunner().invoke(main, ["ics", str(course), "-o", str(out), *options])
    assert found.exit_code == 0, found.output
    calendar: Any = Calendar.from_ical(out.read_bytes())
    return list(calendar.walk("VEVENT"))


def told(event: Any) -> tuple[str, str, str, int]:
    """Return the day, title, status and sequence of an event."""
    when = event["DTSTART"].dt.isoformat()
    return when, str(event["SUMMARY"]), str(event["STATUS"]), int(event["SEQUENCE"])


EXTRA = '[[given]]\nextra = true\ndate = {}\namount = "60 mg"\ninjections = 1\n'
ZONE = 'time = 09:00:00\ntimezone = "Europe/Berlin"\n'
VOID_EXTRA = "[[void]]\nextra = true\n"
LOT = 'lot = "7K221"\n'


def extras(found: list[Any]) -> list[Any]:
    return [each for each in found if "Extra" in each["SUMMARY"] or "extra" in each["SUMMARY"]]


def test_an_extra_dose_is_an_event_all_day_or_at_its_hour(tmp_path: Path) -> None:
    log = EXTRA.format("2026-12-05") + EXTRA.format("2026-12-06") + "at = 21:40:00\n"
    found = extras(calendar_of(tmp_path, log, head=ZONE))
    assert [told(each) for each in found] == [
        ("2026-12-05", "Extra injection (given)", "CONFIRMED", 0),
        ("2026-12-06T21:40:00+01:00", "Extra injection (given)", "CONFIRMED", 0),
    ]
    assert [len(each.walk("VALARM")) for each in found] == [0, 0]


def test_the_uid_of_an_extra_dose_is_of_its_place_those_taken_back_counted(tmp_path: Path) -> None:
    from dosecal.ical.calendar_file import UID_NAMESPACE

    def uid(place: int) -> str:
        return str(uuid5(UID_NAMESPACE, f"anna/extra/{place}"))

    log = EXTRA.format("2026-12-05") + VOID_EXTRA + AT.format(6)
    (gone,) = extras(calendar_of(tmp_path, log))
    assert gone["UID"] == uid(1)
    assert told(gone) == ("2026-12-05", "Cancelled: Extra injection", "CANCELLED", 1)
    assert gone["LAST-MODIFIED"].dt == datetime(2026, 12, 6, 10, tzinfo=UTC)
    found = extras(calendar_of(tmp_path, log + EXTRA.format("2026-12-03")))
    assert {str(each["UID"]): str(each["STATUS"]) for each in found} == {
        uid(1): "CANCELLED", uid(2): "CONFIRMED",
    }  # fmt: skip


def test_an_extra_dose_changes_no_event_of_the_plan(tmp_path: Path) -> None:
    before = [told(each) for each in calendar_of(tmp_path, "")]
    after = calendar_of(tmp_path, EXTRA.format("2026-12-05"))
    assert [told(each) for each in after if each not in extras(after)] == before


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 1),
        (("--from", "2026-12-05"), 1),
        (("--from", "2026-12-06"), 0),
        (("--until", "2026-12-05"), 1),
        (("--until", "2026-12-04"), 0),
        (("--count", "1"), 0),
        (("--count", "2"), 1),
    ],
)
def test_extra_doses_lie_within_the_dates_asked_for(
    tmp_path: Path, options: tuple[str, ...], count: int
) -> None:
    assert len(extras(calendar_of(tmp_path, EXTRA.format("2026-12-05"), *options))) == count


def test_what_was_given_says_amount_and_lot_but_not_in_private(tmp_path: Path) -> None:
    log = (
        '[[given]]\ndose = 1\ndate = 2026-12-01\namount = "60 mg"\ninjections = 1\n' + LOT
        + EXTRA.format("2026-12-05") + LOT
    )  # fmt: skip
    first, extra, *_ = calendar_of(tmp_path, log)
    for event in (first, extra):
        assert "\n60 mg\n" in event["DESCRIPTION"]
        assert "Lot: 7K221" in event["DESCRIPTION"]
    first, extra, *_ = calendar_of(tmp_path, log, "--private")
    assert (first["DESCRIPTION"], "DESCRIPTION" in extra) == ("Dose 1", False)
    for event in calendar_of(tmp_path, log, "--private", "--title", "medicine"):
        assert not {"7K221", "netakimab", "60 mg"} & {
            word for word in ("7K221", "netakimab", "60 mg") if word in str(event.to_ical())
        }


@pytest.mark.parametrize(
    ("options", "title", "extra"),
    [
        ((), "Injection (Tuesday pen), dose 1", "Extra injection (Tuesday pen) (given)"),
        (
            ("--private",),
            "Injection (Tuesday pen), dose 1",
            "Extra injection (Tuesday pen) (given)",
        ),
        (
            ("--title", "medicine"),
            "netakimab (Tuesday pen) 120 mg, dose 1",
            "netakimab (Tuesday pen) 60 mg, extra dose (given)",
        ),
    ],
)
def test_a_title_carries_the_label_of_the_course(
    tmp_path: Path, options: tuple[str, ...], title: str, extra: str
) -> None:
    found = calendar_of(
        tmp_path, EXTRA.format("2026-12-05"), *options, head='label = "Tuesday pen"\n'
    )
    assert [str(each["SUMMARY"]) for each in found[:2]] == [title, extra]


STOP = "[[stopped]]\non = 2027-01-01\n" + AT.format(20)


def test_after_a_stop_later_events_are_cancelled(tmp_path: Path) -> None:
    before, after = events(tmp_path, GIVEN_1), events(tmp_path, GIVEN_1 + STOP)
    assert before.keys() == after.keys()
    for number, event in after.items():
        if event["day"] < "2027-01-01":  # type: ignore[operator]
            assert event == before[number]
        else:
            assert (event["status"], event["sequence"]) == ("CANCELLED", 1)
            assert (event["uid"], event["day"]) == (before[number]["uid"], before[number]["day"])
            assert (event["alarms"], event["changed"]) == (
                0,
                datetime(2026, 12, 20, 10, tzinfo=UTC),
            )


def test_a_stop_that_is_taken_back_brings_the_events_back(tmp_path: Path) -> None:
    void = "[[void]]\nstop = true\n" + AT.format(21)
    before, after = events(tmp_path, GIVEN_1), events(tmp_path, GIVEN_1 + STOP + void)
    for number, event in after.items():
        assert (event["status"], event["day"]) == ("CONFIRMED", before[number]["day"])
        assert event["sequence"] == (0 if number in (2, 3) else 1 if number == 1 else 2)


def test_a_step_after_a_stop_resumes_with_the_same_events(tmp_path: Path) -> None:
    step = '[[stepped]]\nto = "maintenance"\non = 2027-03-02\n' + AT.format(21)
    before, after = events(tmp_path, GIVEN_1), events(tmp_path, GIVEN_1 + STOP + step)
    resumed = [n for n, each in after.items() if each["day"] == "2027-03-02"]
    (first,) = resumed
    assert after[first]["uid"] == before[first]["uid"]
    assert (after[first]["status"], after[first]["sequence"]) == ("CONFIRMED", 2)
    assert after[first + 1]["status"] == "CONFIRMED"


def test_a_moved_dose_keeps_its_uid_with_a_higher_sequence(tmp_path: Path) -> None:
    moved = "[[moved]]\ndose = 2\nto = 2026-12-10\ndecided = true\n" + AT.format(2)
    before, after = events(tmp_path, GIVEN_1), events(tmp_path, GIVEN_1 + moved)
    assert (after[2]["uid"], after[2]["day"]) == (before[2]["uid"], "2026-12-10")
    assert (after[2]["sequence"], after[3]) == (1, before[3])
    again = events(tmp_path, GIVEN_1 + moved + moved.replace("12-10", "12-11"))
    assert (again[2]["day"], again[2]["sequence"]) == ("2026-12-11", 2)
    shift = events(tmp_path, GIVEN_1 + moved + 'then = "shift"\n')
    assert (shift[3]["day"], shift[3]["sequence"]) == ("2026-12-17", 1)


def test_events_before_a_change_of_the_zone_stay(tmp_path: Path) -> None:
    zoned = (
        '[[zoned]]\ntimezone = "America/New_York"\ntime = 21:00:00\non = 2026-12-10\n'
        + AT.format(9)
    )
    before = [told(each) for each in calendar_of(tmp_path, GIVEN_1, head=ZONE)]
    after = [told(each) for each in calendar_of(tmp_path, GIVEN_1 + zoned, head=ZONE)]
    assert after[:2] == before[:2]
    assert after[2][0] == "2026-12-15T21:00:00-05:00"


def test_no_dated_check_comes_after_a_stop(tmp_path: Path) -> None:
    schedule = (
        'format = 1\nmedicine = "x"\n[[phase]]\nname = "p"\ndose = "1 mg"\nfrom = "week 0"\n'
        'every = "4 weeks"\nsource = "s"\n[[check]]\nname = "blood"\nfrom = "week 0"\n'
        'every = "4 weeks"\nsource = "s"\n[sources.s]\ntitle = "S"\nbasis = "label"\n'
    )
    (tmp_path / "c.toml").write_text(schedule, encoding="utf-8")
    course, out = tmp_path / "x.toml", tmp_path / "x.ics"
    head = HEAD.format("c").replace("netakimab-psoriasis", "c.toml")
    course.write_text(head + STOP.replace("2027-01-01", "2026-12-29"), encoding="utf-8")
    found = CliRunner().invoke(main, ["ics", str(course), "-o", str(out)])
    assert found.exit_code == 0, found.output
    calendar: Any = Calendar.from_ical(out.read_bytes())
    days = [
        each["DTSTART"].dt.isoformat() for each in calendar.events if "Check" in each["SUMMARY"]
    ]
    assert days == ["2026-12-01"]


def test_an_hour_that_was_told_without_a_zone_is_all_day(tmp_path: Path) -> None:
    log = GIVEN_1 + "at = 21:40:00\n" + EXTRA.format("2026-12-05") + "at = 21:40:00\n"
    first, extra, *_ = calendar_of(tmp_path, log)
    assert [told(each)[0] for each in (first, extra)] == ["2026-12-01", "2026-12-05"]


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
