"""Names of time zones: one check for all inputs, and no wrong place is suggested."""

from pathlib import Path
from zoneinfo import available_timezones

import pytest
from click.testing import CliRunner

from dosecal.cli import main
from dosecal.errors import QuantityError
from dosecal.formats.fields import read_zone

HINTS = {
    "MSK": "for example Europe/Moscow",
    "msk": "for example Europe/Moscow",
    "CEST": "for example Europe/Berlin, Europe/Paris or Europe/Madrid",
    "EDT": "for example America/New_York",
    "PST": "for example America/Los_Angeles or Asia/Manila",
    "XYZ": "",
    "OMS": "",
    "GMT+3": "",
    "UTC+03:00": "",
    "+3": "",
    "Factory": "",
    "../etc": "",
    "": "",
    "a\0b": "",
    "Europe/Moskow": 'did you mean "Europe/Moscow"?',
    "europe/berln": 'did you mean "Europe/Berlin"?',
    "Moscow": 'did you mean "Europe/Moscow"?',
    "New York": 'did you mean "America/New_York"?',
}


@pytest.mark.parametrize(("name", "hint"), HINTS.items())
def test_what_is_no_zone_is_refused_with_places_alone(name: str, hint: str) -> None:
    with pytest.raises(QuantityError) as caught:
        read_zone(name)
    assert (caught.value.what, caught.value.hint) == (f'no time zone "{name}"', hint)
    assert caught.value.allowed == "a zone is named by a place such as Europe/Moscow"


@pytest.mark.parametrize("name", sorted(available_timezones() - {"Factory", "localtime"}))
def test_zones_of_the_database_are_taken_as_they_are(name: str) -> None:
    assert read_zone(name) == name


def test_a_zone_without_the_summer_time_of_its_name_is_remarked_on() -> None:
    command = ["upcoming", "netakimab-psoriasis", "--start", "2026-12-01", "--time", "9:00"]
    for zone, words in (("EST", "EST has the same hour all year; America/New_York"), ("CET", "")):
        found = CliRunner().invoke(main, [*command, "--tz", zone, "--today", "2026-12-01"])
        assert (found.exit_code, words in found.stderr) == (0, True)
        assert bool(words) == ("same hour" in found.stderr)


def test_every_input_says_the_same(tmp_path: Path) -> None:
    words = (
        'no time zone "MSK" (a zone is named by a place such as Europe/Moscow); '
        "for example Europe/Moscow"
    )
    course, patients = tmp_path / "a.toml", tmp_path / "p.csv"
    course.write_text(
        'format = 1\nschedule = "netakimab-psoriasis"\nid = "x"\nstart = 2026-12-01\n'
        'time = 09:00:00\ntimezone = "MSK"\n',
        encoding="utf-8",
    )
    patients.write_text(
        "id,schedule,start,time,timezone\nP1,netakimab-psoriasis,2026-12-01,09:00,MSK\n",
        encoding="utf-8",
    )
    for arguments in (
        ["upcoming", "netakimab-psoriasis", "--start", "2026-12-01", "--tz", "MSK"],
        ["status", str(course)],
        ["due", str(patients), "--today", "2026-12-01"],
    ):
        assert words in CliRunner().invoke(main, arguments).stderr
