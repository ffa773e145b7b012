"""Reminders: what is read, what is refused, and when the alarm rings."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from icalendar import Calendar

from dosecal.cli import main
from dosecal.errors import QuantityError
from dosecal.formats.fields import EVENING, parse_reminder, parse_reminders


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 day", timedelta(days=1)),
        ("2 hours", timedelta(hours=2)),
        ("30 minutes", timedelta(minutes=30)),
        ("1 week", timedelta(days=7)),
        ("0 minutes", timedelta()),
        ("90 minutes before", timedelta(minutes=90)),
        (" 1  Hour ", timedelta(hours=1)),
        ("60 days", timedelta(days=60)),
        ("evening before", EVENING),
        ("Evening  before", EVENING),
    ],
)
def test_a_reminder_is_read(text: str, found: timedelta | time) -> None:
    assert parse_reminder(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '"" is no reminder'),
        ("soon", '"soon" is no reminder'),
        ("1", '"1" is no reminder'),
        ("1.5 hours", "is no reminder"),
        ("-1 day", "is no reminder"),
        ("1 month", 'no unit "month"'),
        ("2 hurs", 'did you mean "hours"?'),
        ("1 day after", "is no reminder"),
        ("61 days", "too early (at most 60 days)"),
        ("999999 weeks", "too early"),
        ("٣ days", "is no reminder"),
        ("none", "is no reminder"),
    ],
)
def test_what_is_no_reminder_is_refused(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_reminder(text)
    assert message in str(caught.value)


def test_several_and_none() -> None:
    assert parse_reminders(()) is None
    assert parse_reminders(("NONE",)) == ()
    both = parse_reminders(("1 day", "24 hours", "evening before"))
    assert both == (timedelta(days=1), EVENING)
    with pytest.raises(QuantityError, match="stands beside another"):
        parse_reminders(("none", "1 day"))


def written(folder: Path, *arguments: str) -> list[Any]:
    """Return the events of a year of doses every 4 weeks."""
    path = folder / "c.ics"
    found = CliRunner().invoke(
        main, ["ics", "netakimab-psoriasis", "-o", str(path), *arguments], catch_exceptions=False
    )
    assert found.exit_code == 0, found.stderr
    return list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


@pytest.mark.parametrize(
    ("zone", "clock", "start"),
    [
        ("Europe/Berlin", "09:00", "2027-03-28"),  # the clocks change in the night before
        ("Europe/Berlin", "09:00", "2027-10-31"),
        ("Europe/Berlin", "02:30", "2027-10-31"),  # a time that occurs twice
        ("America/Nuuk", "00:30", "2027-03-28"),  # they change at 23:00 of the day before
        ("Australia/Lord_Howe", "09:00", "2027-04-04"),
        ("Africa/Casablanca", "09:00", "2027-02-07"),
        ("Pacific/Apia", "23:50", "2027-01-01"),
    ],
)
def test_the_evening_before_is_at_eight_by_the_clock(
    tmp_path: Path, zone: str, clock: str, start: str
) -> None:
    """Whatever the clocks do between the evening and the dose."""
    found = written(tmp_path, "--start", start, "--time", clock, "--tz", zone, "--remind",
                    "evening before")  # fmt: skip
    assert len(found) == 15
    for event in found:
        (alarm,) = event.walk("VALARM")
        at = (event["DTSTART"].dt.astimezone(UTC) + alarm["TRIGGER"].dt).astimezone(ZoneInfo(zone))
        day = event["DTSTART"].dt.astimezone(ZoneInfo(zone)).date()
        assert at.replace(tzinfo=None) == datetime.combine(day - timedelta(days=1), time(20))


def test_a_change_of_the_clocks_lengthens_or_shortens_the_evening(tmp_path: Path) -> None:
    found = written(tmp_path, "--start", "2027-03-28", "--time", "09:00", "--tz", "Europe/Berlin",
                    "--remind", "evening before", "--until", "2027-04-04")  # fmt: skip
    triggers = [event.walk("VALARM")[0]["TRIGGER"].to_ical() for event in found]
    assert triggers == [b"-PT12H", b"-PT13H"]


def test_all_day_events_count_from_midnight(tmp_path: Path) -> None:
    found = written(tmp_path, "--start", "2027-03-28", "--until", "2027-03-28", "--remind",
                    "2 hours", "--remind", "evening before", "--remind", "1 day")  # fmt: skip
    (event,) = found
    assert event["DTSTART"].dt == date(2027, 3, 28)
    assert [each["TRIGGER"].to_ical() for each in event.walk("VALARM")] == [
        b"-PT2H", b"-PT4H", b"-P1D",
    ]  # fmt: skip
    assert not [each for each in written(tmp_path, "--start", "2027-03-28", "--remind", "none")
                if each.walk("VALARM")]  # fmt: skip


def test_a_wrong_reminder_exits_2(tmp_path: Path) -> None:
    found = CliRunner().invoke(
        main, ["ics", "netakimab-psoriasis", "--start", "2027-01-01", "--remind", "soon",
               "-o", str(tmp_path / "x.ics")]
    )  # fmt: skip
    assert found.exit_code == 2
    assert '"1 day", "2 hours", "30 minutes", "evening before" or "none"' in found.stderr
