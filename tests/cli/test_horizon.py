"""DATE-6 and DATE-7, at the command line, where the horizon and today come from."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from dosecal.cli import main
from dosecal.plan.assess import Horizon

PLAN = ("netakimab-psoriasis", "--start", "2026-12-01")


def listed(*arguments: str, epoch: str = "") -> list[str]:
    found = CliRunner(env={"SOURCE_DATE_EPOCH": epoch}).invoke(
        main, ["upcoming", *PLAN, *arguments, "--format", "json"]
    )
    assert found.exit_code == 0, found.stderr
    return [each["date"] for each in json.loads(found.stdout)]


def test_date_6_a_year_excludes_its_own_day_a_year_later() -> None:
    """Inclusive would give a dose every 52 weeks and a day twice in one year."""
    assert Horizon.a_year_from(date(2026, 12, 1)).until == date(2027, 11, 30)
    assert Horizon.a_year_from(date(2028, 2, 29)).until == date(2029, 2, 27)


def test_date_6_until_is_inclusive_and_count_alone_has_no_year() -> None:
    """A person who names a last day means that day too; one who counts doses means doses."""
    assert listed("--today", "2026-12-01", "--until", "2027-01-12")[-1] == "2027-01-12"
    assert len(listed("--today", "2026-12-01", "--until", "2027-01-11")) == 3
    assert listed("--today", "2026-12-01", "--count", "30")[-1] == "2029-01-09"


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ("--from 2027-06-01 --count 2", "20270601 20270629"),
        ("--from 2027-06-02 --count 1", "20270629"),
        ("--from 2029-01-01 --count 1", "20290109"),
        ("--from 2027-06-01 --count 9 --until 2027-06-29", "20270601 20270629"),
        ("--count 2 --until 2027-06-29", "20261201 20261208"),
    ],
)
def test_date_6_a_calendar_counts_from_its_first_date(
    tmp_path: Path, asked: str, days: str
) -> None:
    """Who asks for two doses from June means two doses from June, not the first two of all."""
    file = tmp_path / "x.ics"
    found = CliRunner().invoke(main, ["ics", *PLAN, *asked.split(), "-o", str(file)])
    assert found.exit_code == 0, found.stderr
    starts = re.findall(r"DTSTART;VALUE=DATE:(\d+)", file.read_text(encoding="utf-8"))
    assert starts == days.split()


@pytest.mark.parametrize(
    ("today", "first"), [("2026-12-08", "2026-12-08"), ("2026-12-09", "2026-12-15")]
)
def test_date_7_today_is_an_argument_and_goes_before_the_epoch(today: str, first: str) -> None:
    """A clock read below the command line would make yesterday's list impossible to repeat."""
    assert listed("--today", today, epoch="0")[0] == first


def test_date_7_the_epoch_is_today_without_an_argument() -> None:
    """Reproducible builds set it once for every tool (reproducible-builds.org)."""
    assert listed(epoch="1797984000")[0] == "2027-01-12"  # 2026-12-23


def test_date_7_the_calendar_does_not_know_what_day_it_is(tmp_path: Path) -> None:
    """One input, one file: a calendar that knew the day would change without a reason."""
    files = []
    for number, today in enumerate(("2026-12-01", "2027-06-01")):
        file = tmp_path / f"{number}.ics"
        CliRunner().invoke(main, ["ics", *PLAN, "--today", today, "-o", str(file)])
        files.append(file.read_bytes())
    assert files[0] == files[1]
