"""The calendar file: read back by a library, and read as bytes where a library would forgive."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from dosecal.errors import RequestError
from dosecal.ical import calendar_file as calendar
from dosecal.ical import events as event_texts
from dosecal.ical.calendar_file import UID_NAMESPACE, calendar_bytes, calendar_items, uid
from dosecal.ical.events import CalendarOptions
from dosecal.ical.revisions import CalendarPlan, Revision
from dosecal.model.course import Avoid, Course, Given, Hold, Skipped
from dosecal.model.dates import Interval, at_wall_time
from dosecal.model.quantities import Amount, parse_weight_range
from dosecal.model.schedule import (
    Check,
    CheckTime,
    DoseBand,
    Listed,
    Phase,
    Preparation,
    Repeating,
    Schedule,
    SiteRules,
    Source,
    WarmUp,
    Window,
)
from dosecal.plan.assess import Horizon, within
from dosecal.plan.walk import AssessedDose, Status
from dosecal.store import catalogue
from prescribed import prescribed

BASE = Revision(0, datetime(2026, 11, 22, 10, 30, tzinfo=UTC))
SITES = SiteRules(("thigh", "abdomen"))
BANDS = (DoseBand(Amount(Decimal(120), "mg"), 2),)
HOSTILE = (
    "neta\r\nATTENDEE:mailto:x@y\rSTATUS:CANCELLED\nBEGIN:VALARM; a,b \\ \\N\\n \U0001f489"
    "\u2028X-A:1\u2029X-B:2\x85X-C:3\x0bX-D:4\x00\x1b\x7f\x9f \ud800 " + "\U0001f489\\;," * 125
)


def schedule(medicine: str = "netakimab", checks: tuple[Check, ...] = ()) -> Schedule:
    return Schedule(
        "netakimab",
        medicine,
        (
            Phase("loading", BANDS, Listed("week", (0, 1, 2)), "subcutaneous", SITES, ("a",)),
            Phase(
                "maintenance",
                BANDS,
                Repeating(Interval(4, "week"), Interval(6, "week")),
                "subcutaneous",
                SITES,
                ("a",),
            ),
        ),
        (Source("a", "the label", "label"),),
        brand="Efleira",
        sites=SITES,
        checks=checks,
        preparation=Preparation(("a",), WarmUp(15, 30), "2 to 8 C"),
    )


def course(zone: str = "", clock: time | None = None, **changes: Any) -> Course:
    made = Course(schedule(), "c-1", date(2026, 1, 5), clock, zone, log=())
    return made._replace(**changes)


def written(
    of: Course, options: CalendarOptions | None = None, doses: Iterable[AssessedDose] = (), **k: Any
) -> bytes:
    planned = tuple(doses) or tuple(within(of, Horizon.a_year_from(of.start)))
    named: dict[str, Any] = {
        "reason_text": lambda reason: type(reason).__name__,
    } | k
    until = named.pop("until", date(2026, 12, 31))
    plan = CalendarPlan(planned, named.pop("revisions", {}), BASE, until)
    return calendar_bytes(of, plan, options=options, **named)


def lines(data: bytes) -> list[str]:
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


def events(data: bytes) -> list[Any]:
    return list(Calendar.from_ical(data).walk("VEVENT"))


@pytest.mark.parametrize("private", [False, True])
def test_an_intravenous_dose_is_an_infusion(private: bool) -> None:
    first, then = schedule().phases
    mixed = schedule()._replace(phases=(first._replace(route="intravenous"), then))
    found = events(written(course(schedule=mixed), CalendarOptions(private=private)))
    assert [str(each["SUMMARY"]) for each in found][2:4] == [
        "Infusion, dose 3", "Injection, dose 4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "clock", "start"),
    [
        ("Europe/Moscow", time(9), date(2026, 1, 5)),
        ("America/New_York", time(9), date(2026, 1, 5)),
        ("America/New_York", time(23, 50), date(2026, 1, 5)),
        ("Australia/Lord_Howe", time(9), date(2026, 1, 5)),
        ("Africa/Casablanca", time(9), date(2026, 1, 5)),
        ("Europe/Berlin", time(2, 30), date(2026, 3, 15)),  # week 2: 29 March, 2:30 is skipped
        ("Europe/Berlin", time(2, 30), date(2026, 10, 11)),  # week 2: 25 October, 2:30 comes twice
        ("Europe/Berlin", time(1, 50), date(2026, 3, 15)),  # ends beyond the gap
        ("UTC", time(9), date(2026, 1, 5)),
    ],
)
def test_every_dose_is_at_its_wall_clock_time(zone: str, clock: time, start: date) -> None:
    """DATE-4: the time of day where the patient lives, through every clock change."""
    of = course(zone, clock, start=start)
    planned = list(within(of, Horizon(count=14)))
    data = written(of, doses=planned)
    found = events(data)
    assert len(found) == 14
    for event, dose in zip(found, planned, strict=True):
        expected = at_wall_time(dose.day, clock, ZoneInfo(zone)).astimezone(UTC)
        assert event["DTSTART"].dt.astimezone(UTC) == expected
        assert event["DTEND"].dt.astimezone(UTC) == expected + timedelta(minutes=15)
        (alarm,) = event.walk("VALARM")
        assert alarm["TRIGGER"].dt == timedelta(minutes=-15)
    assert data.count(b"BEGIN:VTIMEZONE") == (zone not in ("UTC", "Africa/Casablanca"))


def test_a_time_that_occurs_twice_is_written_in_utc() -> None:
    """TZID with a repeated time is read as the first by some clients and the second by others."""
    found = lines(written(course("Europe/Berlin", time(2, 30), start=date(2026, 10, 11))))
    starts = [line for line in found if line.startswith("DTSTART") and "1970" not in line]
    assert starts[:3] == [
        "DTSTART;TZID=Europe/Berlin:20261011T023000",
        "DTSTART;TZID=Europe/Berlin:20261018T023000",
        "DTSTART:20261025T003000Z",
    ]


def test_no_vtimezone_where_no_event_uses_it() -> None:
    of = course("Europe/Berlin", time(2, 30), start=date(2026, 10, 25))
    data = written(of, doses=list(within(of, Horizon(count=1))))
    assert b"VTIMEZONE" not in data
    assert b"DTSTART:20261025T003000Z" in data


def test_all_day_without_a_time() -> None:
    data = written(course())
    found = events(data)
    assert [each["DTSTART"].dt for each in found[:3]] == [
        date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19),
    ]  # fmt: skip
    assert all(each["DTEND"].dt - each["DTSTART"].dt == timedelta(days=1) for each in found)
    assert {
        str(each["TRIGGER"].to_ical().decode()) for e in found for each in e.walk("VALARM")
    } == {"-PT15H"}
    assert b"VTIMEZONE" not in data


def test_the_lines_of_a_file() -> None:
    of = course("Europe/Moscow", time(9))
    data = written(of, doses=list(within(of, Horizon(count=1))))
    found = lines(data)
    assert found[:4] == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//dosecal//dosecal//EN", "CALSCALE:GREGORIAN",
    ]  # fmt: skip
    assert not [line for line in found if line.startswith(("NAME", "X-WR"))]  # one event
    event = found[found.index("BEGIN:VEVENT") :]
    assert event[1].startswith("UID:")
    assert event[2:] == [
        "DTSTAMP:20261122T103000Z",
        "LAST-MODIFIED:20261122T103000Z",
        "SEQUENCE:0",
        "DTSTART;TZID=Europe/Moscow:20260105T090000",
        "DTEND;TZID=Europe/Moscow:20260105T091500",
        "SUMMARY:Injection\\, dose 1",
        (
            "DESCRIPTION:netakimab (Efleira)\\n120 mg in 2 injections\\n"
            "Sites: left thigh\\, right thigh\\nPhase: loading\\n"
            "Warm-up: 15 to 30 minutes out of the fridge before injecting\\nStorage: 2 to 8 C"
        ),
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "CLASS:PRIVATE",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT15M",
        "DESCRIPTION:Injection\\, dose 1",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    assert "X-WR-CALNAME:Injections" in lines(written(of))


def test_statuses_titles_and_revisions() -> None:
    log = (
        Given(1, date(2026, 1, 5), ("left-thigh", "right-thigh")),
        Skipped(2),
        Given(4, date(2026, 2, 16), ("left-thigh", "right-thigh")),
        Hold(date(2026, 3, 10), date(2026, 3, 20)),
    )
    later = Revision(3, datetime(2027, 1, 1, tzinfo=UTC))
    found = events(written(course("Europe/Moscow", time(9), log=log), revisions={2: later}))
    rows = [
        (str(e["SUMMARY"]), str(e["STATUS"]), int(e["SEQUENCE"]), len(e.walk("VALARM")))
        for e in found[:6]
    ]
    assert rows == [
        ("Injection, dose 1 (given)", "CONFIRMED", 0, 0),
        ("Cancelled: Injection, dose 2", "CANCELLED", 3, 0),
        ("Cancelled: Injection, dose 3", "CANCELLED", 0, 0),
        ("Injection, dose 4 (given)", "CONFIRMED", 0, 0),
        ("On hold: Injection, dose 5", "TENTATIVE", 0, 0),
        ("Injection, dose 6", "CONFIRMED", 0, 1),
    ]
    assert found[1]["LAST-MODIFIED"].dt == later.changed
    assert str(found[2]["DESCRIPTION"]).endswith("\nNextHasCome")


def test_medicine_in_the_title_is_asked_for() -> None:
    found = events(written(course(), CalendarOptions(title="medicine")))
    assert str(found[3]["SUMMARY"]) == "netakimab 120 mg, dose 4"


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(), "PT0S"),
        (timedelta(days=2), "-P2D"),
        (timedelta(hours=26), "-PT26H"),
        (timedelta(minutes=90), "-PT90M"),
        (timedelta(seconds=61), "-PT61S"),
    ],
)
def test_reminders(before: timedelta, text: str) -> None:
    options = CalendarOptions(remind=(before, timedelta(minutes=5), before))
    found = [line for line in lines(written(course(), options)) if line.startswith("TRIGGER")]
    assert found[:2] == [f"TRIGGER:{text}", "TRIGGER:-PT5M"]
    assert len(found) == 2 * len(events(written(course())))


def test_no_reminder_at_all() -> None:
    assert b"VALARM" not in written(course(), CalendarOptions(remind=()))


@pytest.mark.parametrize("before", [timedelta(minutes=-1), timedelta(microseconds=1)])
def test_a_reminder_is_never_after_the_start(before: timedelta) -> None:
    with pytest.raises(RequestError, match="reminder"):
        written(course(), CalendarOptions(remind=(before,)))


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd"])
def test_a_time_of_day_needs_a_known_zone(zone: str) -> None:
    with pytest.raises(RequestError, match="time zone"):
        written(course(zone, time(9)))


def test_nothing_to_write_is_refused() -> None:
    nothing = CalendarPlan((), {}, BASE, date(2027, 1, 1))
    with pytest.raises(RequestError, match="nothing to write"):
        calendar_bytes(course(), nothing, reason_text=str)


CHECKS = (
    Check("screening for tuberculosis", CheckTime.BEFORE_START, ("a",)),
    Check("pregnancy test", CheckTime.BEFORE_EACH_DOSE, ("a",)),
    Check("blood count", Listed("week", (-4, 0, 12, 60)), ("a",)),
)


def test_checks() -> None:
    of = course("Europe/Moscow", time(9), schedule=schedule(checks=CHECKS))
    found = events(written(of))
    checks = [e for e in found if str(e["SUMMARY"]).startswith("Check")]
    assert [(e["DTSTART"].dt, str(e["SUMMARY"]), str(e["DESCRIPTION"])) for e in checks] == [
        (date(2025, 12, 8), "Check before the injections", "blood count"),
        (date(2026, 1, 5), "Check for the injections", "blood count"),
        (date(2026, 3, 30), "Check for the injections", "blood count"),
    ]
    assert all(e.walk("VALARM")[0]["TRIGGER"].dt == timedelta(hours=-15) for e in checks)
    doses = [str(e["DESCRIPTION"]) for e in found if e not in checks]
    assert ["Before the start: screening" in each for each in doses[:2]] == [True, False]
    assert all("\nBefore each dose: pregnancy test" in each for each in doses)
    by_name = events(written(of, CalendarOptions(title="medicine")))
    assert str(by_name[0]["SUMMARY"]) == "blood count"


def test_events_stand_in_order_of_date() -> None:
    found = events(written(course(schedule=schedule(checks=CHECKS))))
    days = [each["DTSTART"].dt for each in found]
    assert days == sorted(days)
    assert len({str(each["UID"]) for each in found}) == len(found)


def test_private_leaves_nothing_of_the_medicine() -> None:
    log = (Given(1, date(2026, 1, 7), ("left-thigh", "right-thigh")),)
    of = course("Europe/Moscow", time(9), schedule=schedule(checks=CHECKS), log=log)
    data = written(of, CalendarOptions(title="medicine", private=True)).replace(b"\r\n ", b"")
    for word in (b"netakimab", b"efleira", b"120", b"thigh", b"loading", b"fridge", b"blood",
                 b"tubercul", b"pregnancy", b"offtarget"):  # fmt: skip
        texts = [line for line in data.lower().split(b"\r\n") if not line.startswith(
            (b"uid", b"dt", b"last-modified", b"tz", b"rrule"))]  # fmt: skip
        assert not [line for line in texts if word in line], word
    doses = [e for e in events(data) if "dose" in str(e["SUMMARY"])]
    assert str(doses[3]["DESCRIPTION"]) == "Dose 4"


def test_the_same_input_gives_the_same_bytes_and_uids_tell_people_apart() -> None:
    of = course("Europe/Moscow", time(9))
    assert written(of) == written(of)

    def uids(data: bytes) -> set[str]:
        return {str(each["UID"]) for each in events(data)}

    assert uids(written(of)) == uids(written(of, CalendarOptions(private=True)))
    assert not uids(written(of)) & uids(written(of._replace(id="c-2")))


def test_items_are_the_events_of_the_file_one_by_one() -> None:
    of = course("Europe/Berlin", time(9))
    planned = tuple(within(of, Horizon.a_year_from(of.start)))
    plan = CalendarPlan(planned, {}, BASE, date(2026, 12, 31))
    items = dict(calendar_items(of, plan, reason_text=lambda reason: ""))
    whole = events(written(of, reason_text=lambda reason: ""))
    assert len(items) == len(whole) > 10
    for event in whole:
        (item,) = events(items[str(event["UID"])])
        assert item.to_ical() == event.to_ical()
    for data in items.values():
        assert not [line for line in lines(data) if line.startswith(("NAME", "X-WR", "METHOD"))]
        assert data.count(b"BEGIN:VTIMEZONE") == 1


def test_uids_never_change() -> None:
    """A calendar that was handed out is updated by its UIDs: another would double every dose."""
    assert str(events(written(course()))[0]["UID"]) == "fe6ee3d4-1f7f-5e21-8610-fc945dbe3145"


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_uids_are_uuids_of_version_5(id: str, key: str) -> None:
    """RFC 9562 5.5, as the standard library makes them from the same name."""
    assert uid(course(id=id), key) == str(uuid5(UID_NAMESPACE, f"{id}/{key}"))


@pytest.mark.parametrize("zone", ["", "Europe/Moscow", "America/New_York", "Africa/Casablanca"])
def test_icalendar_reads_and_writes_the_same_lines(zone: str) -> None:
    """Every schedule of the catalogue: what `icalendar` has read it writes as we did."""

    def told(data: bytes) -> list[str]:
        return sorted(";".join(sorted(line.split(";"))) for line in lines(data))

    for each in catalogue.schedules():
        clock = time(9) if zone else None
        of = prescribed(each, date(2026, 1, 5), clock=clock, zone=zone)
        data = written(of, CalendarOptions(title="medicine"))
        again = Calendar.from_ical(data).to_ical(sorted=False)
        assert told(again) == told(data)


def test_what_is_kept_of_one_calendar_changes_no_other() -> None:
    """The same calendars in another order and with nothing kept: the same bytes."""
    by_weight = (
        DoseBand(Amount(Decimal(45), "mg"), 1, parse_weight_range("<= 100 kg")),
        DoseBand(Amount(Decimal(90), "mg"), 1, parse_weight_range("> 100 kg, <= 150 kg")),
        DoseBand(Amount(Decimal(90), "mg"), 2, parse_weight_range("> 150 kg")),
    )
    phase = Phase("one", by_weight, Listed("week", (0, 4)), "subcutaneous", SITES, ("a",))
    banded, usual = schedule()._replace(phases=(phase,)), schedule()
    windowed = usual._replace(
        phases=tuple(
            each._replace(window=Window(Interval(1, "day"), Interval(3, "day")))
            for each in usual.phases
        )
    )
    both = ("left-thigh", "right-thigh")
    people: tuple[dict[str, Any], ...] = (
        {},
        {"schedule": schedule(checks=CHECKS)},
        {"schedule": schedule("other")._replace(brand="")},
        {"avoid": (Avoid("left-thigh"),)},
        {"log": (Given(1, date(2026, 1, 5), both),)},
        {"log": (Given(1, date(2026, 1, 7), both),)},
        {"log": (Skipped(1),)},
        {"schedule": banded, "weight_kg": Decimal(70)},
        {"schedule": banded, "weight_kg": Decimal(120)},
        {"schedule": banded, "weight_kg": Decimal(160)},
        {"start": date(2026, 7, 1)},
        {"schedule": windowed},
        {"schedule": windowed, "start": date(2026, 1, 6)},
    )
    wanted = [
        (course(zone, clock, **{"schedule": usual, **person}), options)
        for person in people
        for zone, clock in (("", None), ("Europe/Moscow", time(9)), ("Europe/Berlin", time(9, 5)))
        for options in (CalendarOptions(), CalendarOptions("medicine"), CalendarOptions(remind=()))
    ]
    once = [written(of, options) for of, options in wanted]
    for kept in (
        calendar._timed, calendar._whole_day, calendar._revised, calendar._alarms,
        event_texts.dose_shown,
    ):  # fmt: skip
        kept.cache_clear()
    event_texts._SCHEDULES.clear()
    again = [written(of, options) for of, options in reversed(wanted)]
    assert once == again[::-1]
    assert len(set(once)) == len(once)


def test_each_event_tells_the_window_of_its_own_dose() -> None:
    """Also where another person's calendar with other dates was written before."""
    window = Window(Interval(1, "day"), Interval(3, "day"))
    of = schedule()
    of = of._replace(phases=tuple(each._replace(window=window) for each in of.phases))
    for start in (date(2026, 1, 5), date(2026, 1, 6)):
        person = course(schedule=of, start=start)
        planned = list(within(person, Horizon.a_year_from(start)))
        for event, dose in zip(events(written(person, doses=planned)), planned, strict=True):
            first, last = dose.target - timedelta(days=1), dose.target + timedelta(days=3)
            assert f"\nIn time from {first} to {last}\n" in str(event["DESCRIPTION"])


def assert_well_formed(data: bytes, like: bytes) -> None:
    """The file has the properties of `like`, in its order, and keeps the rules for lines."""
    data.decode()
    assert data.endswith(b"\r\n")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert not any(c < 32 or c == 127 for c in line), line
        text = line.decode()  # no character is cut in two
        assert not set(text) & {"\u2028", "\u2029", *map(chr, range(0x80, 0xA0))}
    for line in data.split(b"\r\n")[:-1]:
        assert (len(line) - len(line.rstrip(b"\\"))) % 2 == 0, line  # no escape is cut in two
    names = [line.split(":")[0] for line in lines(data)]
    assert names == [line.split(":")[0] for line in lines(like)]


@given(st.text(st.characters(codec=None)))
@example(HOSTILE)
@example("\\" * 300)
@example("x\\New\\nline")
@example("")
def test_no_text_can_start_a_property(text: str) -> None:
    """What somebody types is shown, and does nothing else."""
    hostile = schedule(text, checks=(Check(text, Listed("week", (-1,)), ("a",)),))._replace(
        brand=text
    )
    plain = schedule("m", checks=(Check("m", Listed("week", (-1,)), ("a",)),))
    of = course(schedule=hostile)
    planned = list(within(of, Horizon(count=2)))
    options = CalendarOptions(title="medicine")
    said = {"reason_text": lambda reason: text}
    data = written(of, options, doses=planned, **said)
    like = written(course(schedule=plain), options, doses=planned, **said)
    if events(data)[0].get("DESCRIPTION") is None:  # a check without a name is said nothing of
        like = like.replace(b"DESCRIPTION:m\r\n", b"", 1)
    assert_well_formed(data, like)
    for event in events(data):
        assert str(event["SUMMARY"])
        assert "\n" not in str(event["SUMMARY"])


def test_a_hostile_medicine_is_read_back_as_typed() -> None:
    of = course(schedule=schedule("a\\New; b, c \U0001f489"))
    (title, *_) = (e["SUMMARY"] for e in events(written(of, CalendarOptions(title="medicine"))))
    assert str(title) == "a\\New; b, c \U0001f489 120 mg, dose 1"


def test_late_and_due_doses_are_confirmed() -> None:
    of = course()
    planned = list(within(of, Horizon(count=2), today=date(2026, 1, 7)))
    assert planned[0].status is Status.LATE
    assert str(events(written(of, doses=planned))[0]["STATUS"]) == "CONFIRMED"
