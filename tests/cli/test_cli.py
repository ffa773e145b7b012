"""The commands as a user types them: results, streams, exit codes and files."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main
from dosecal.store import catalogue

START = ("--start", "2026-12-01", "--today", "2026-12-01")
MOSCOW = ("--time", "09:00", "--tz", "Europe/Moscow")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_list_filters_by_words_and_medicine() -> None:
    assert len(run("list").stdout.splitlines()) == len(catalogue.ids()) + 1
    assert len(json.loads(run("list", "netakimab", "--format", "json").stdout)) == 3
    assert run("list", "--medicine", "Ofatumumab").stdout.count("\nofatumumab-") == 2
    for words in (("эфлейра",), ("ЭФЛЕЙРА",), ("efleira",), ("нетакимаб",)):
        assert run("list", *words).stdout.count("\nnetakimab-") == 3
    assert "also" not in json.loads(run("list", "эфлейра", "--format", "json").stdout)[0]


def test_list_suggests_what_may_be_meant_and_finds_no_medicine_taken_beside() -> None:
    near = run("list", "netakinab", "psoriasis")
    assert (near.exit_code, near.stdout) == (0, "")
    assert near.stderr == (
        'dosecal: nothing in the catalogue matches "netakinab psoriasis"; did you mean '
        '"netakimab psoriasis"? `dosecal list` shows all\n'
    )
    assert run("list", "methotrexate").stderr == (
        'dosecal: nothing in the catalogue matches "methotrexate"; `dosecal list` shows all\n'
    )


def test_what_is_empty_says_so_and_has_no_lone_header() -> None:
    nothing = run("list", "zzz")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert 'nothing in the catalogue matches "zzz"' in nothing.stderr
    assert run("list", "zzz", "--format", "csv").stdout == "id,medicine,indication,regimen\n"
    before = ("upcoming", "netakimab-psoriasis", *START, "--until", "2026-12-01", "--from",
              "2026-11-01")  # fmt: skip
    assert run(*before).stdout.startswith("No.")
    none = run("upcoming", "netakimab-psoriasis", *START[:2], "--today", "2026-10-01",
               "--until", "2026-11-01")  # fmt: skip
    assert (none.exit_code, none.stdout) == (0, "")
    assert (
        "no dose on or after 2026-10-01 and until 2026-11-01; the course starts on" in none.stderr
    )


@pytest.mark.parametrize("name", ["netakimab", "Efleira", "Эфлейра", "эфлейра", "netakimabb"])
def test_the_name_of_a_medicine_is_answered_with_all_its_regimens(
    name: str, tmp_path: Path
) -> None:
    found = run("upcoming", name, *START)
    assert found.exit_code == 2
    lines = found.stderr.splitlines()
    assert lines[0].endswith("did you mean one of these:")
    assert [line.split(" - ")[0] for line in lines[1:4]] == [
        "  netakimab-ankylosing-spondylitis",
        "  netakimab-psoriasis",
        "  netakimab-psoriatic-arthritis",
    ]
    assert lines[3].endswith(" - psoriatic arthritis, active, adults, alone or with methotrexate")
    assert lines[4:] == ["`dosecal list` shows the catalogue"]
    patients = tmp_path / "p.csv"
    patients.write_text(f"id,schedule,start\nP1,{name},2026-12-01\n", encoding="utf-8")
    row = run("due", str(patients), "--today", "2026-12-01").stderr.splitlines()[0]
    assert "did you mean one of these: netakimab-ankylosing-spondylitis - ankylosing" in row
    assert row.endswith("with methotrexate")


def test_other_names_are_answered_too() -> None:
    named = [each for each in catalogue.ids() if each.startswith("adalimumab-")]
    assert run("show", "humirra").stderr.count("adalimumab-") == len(named) > 3
    more = len(catalogue.found(["psoriasis"])) - 8
    assert f"and {more} more" in run("show", "psoriasis").stderr
    assert 'did you mean "netakimab-psoriasis"? `dos' in run("show", "netakimab psoriasis").stderr
    assert "no file of that name; `dosecal list` shows" in run("show", "").stderr


def test_show_prints_weeks_and_dates() -> None:
    shown = run("show", "netakimab-psoriasis", "--start", "2026-12-01").stdout
    assert "   4  week 6        2027-01-12 Tue  maintenance" in shown
    assert "always: the sources state no rule; ask your prescriber" in shown


@pytest.mark.parametrize(
    ("id", "weeks"),
    [
        ("netakimab-psoriasis", [0, 1, 2, *range(6, 52, 4)]),
        ("netakimab-ankylosing-spondylitis", [0, 1, 2, *range(4, 53, 2)]),
        ("netakimab-psoriatic-arthritis", [0, 1, 2, 4, 6, 8, 10, *range(14, 52, 4)]),
    ],
)
def test_a_year_of_netakimab(id: str, weeks: list[int]) -> None:
    found = run("upcoming", id, *START, "--until", "2027-11-30", "--format", "json")
    doses = json.loads(found.stdout)
    from datetime import date

    day_0 = date(2026, 12, 1)
    assert [(date.fromisoformat(each["date"]) - day_0).days for each in doses] == [
        7 * week for week in weeks
    ]
    assert all(len(set(each["sites"])) == 2 == each["injections"] for each in doses)


def test_upcoming_has_the_keys_of_the_contract() -> None:
    found = run("upcoming", "netakimab-psoriasis", *START, *MOSCOW, "--format", "json")
    doses = json.loads(found.stdout)
    assert len(doses) == 6
    assert list(doses[0]) == [
        "number", "phase", "target_date", "date", "earliest_date", "latest_date", "at",
        "dose", "injections", "sites", "status", "reason",
        "medicine", "amounts", "with", "given_by", "then", "lot", "note", "reason_codes",
    ]  # fmt: skip
    assert doses[0]["at"] == "2026-12-01T09:00:00+03:00"
    assert [each["status"] for each in doses] == ["due", *["upcoming"] * 5]


def test_without_a_record_the_past_is_taken_as_given() -> None:
    found = run("upcoming", "netakimab-psoriasis", "--start", "2026-12-01", "--today",
                "2027-01-20", "--count", "1", "--format", "json")  # fmt: skip
    assert json.loads(found.stdout)[0]["number"] == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("upcoming", "netakimab-psoriasis"), "give the day of its week 0 with --start DATE"),
        (("upcoming", "netakimab-psoriasi", *START), 'did you mean "netakimab-psoriasis"?'),
        (("upcoming", "no/such.toml", *START), "cannot read no/such.toml: No such file"),
        (("upcoming", "netakimab-psoriasis", "--start", "1.12.2026"), "write it as YYYY-MM-DD"),
        (("upcoming", "netakimab-psoriasis", *START, "--time", "9"), "no time of day (HH:MM"),
        (("upcoming", "netakimab-psoriasis", *START, "--time", "09:00:30"), "no time of day"),
        (("upcoming", "netakimab-psoriasis", *START, "--count", "ten"),
         '"ten" is not a whole number from 1 to'),
        (("upcoming", "netakimab-psoriasis", *START, "--count", "0"), "a whole number from 1 to"),
        (("upcomming",), "Did you mean 'upcoming'?"),
        (("status", "netakimab-psoriasis"), "dosecal new NAME.toml --schedule netakimab-psoriasis"),
        (("record", "netakimab-psoriasis", "--on", "2026-12-01"), "no course file; to begin"),
        (("ics", "netakimab-psoriasis", *START, "-o", "-"), '"-" would be a stream; name a file'),
        (("batch", "p.csv", "-o", "-"), '"-" would be a stream'),
        (("batch", "-", "-o", "out"), "- is a stream, which can be read only once"),
        (("due", "-"), '"-" would be a stream'),
        (("upcoming", "netakimab-psoriasis", *START, "--time", "09:00"), "add --tz"),
        (("upcoming", "netakimab-psoriasis", *START, "--tz", "Europe/Moskow"), "Europe/Moscow"),
        (("upcoming", "netakimab-psoriasis", *START, "--tz", "../etc"), "no time zone"),
         (("upcoming", "netakimab-psoriasis", *START, "--weight", "nan"), "is no weight in kg"),
         (("upcoming", "netakimab-psoriasis", *START, "--avoid", "knee"), "no site"),
        (("upcoming", "netakimab-psoriasis", *START, "--from", "2027-01-01", "--until",
          "2026-12-01"), "lies before --from"),
    ],
)  # fmt: skip
def test_wrong_usage_says_what_is_right(arguments: tuple[str, ...], message: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert message in found.stderr


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("2026-02-30", "2026-02-30: there is no such day (February 2026 has 28 days)"),
        ("2024-02-30", "February 2024 has 29 days"),
        ("2026-13-01", "there is no such day (YYYY-MM-DD)"),
        ("0000-02-30", "there is no such day (YYYY-MM-DD)"),
        ("2026-1-5", 'did you mean "2026-01-05"?'),
        ("01.12.2026", '"01.12.2026" can be 2026-01-12 or 2026-12-01 (write it as YYYY-MM-DD)'),
        ("2026-W05-1", 'did you mean "2026-01-26"?'),
        ("2026-W60-1", '"2026-W60-1" is no date (write it as YYYY-MM-DD)'),
        ("20260131", 'did you mean "2026-01-31"?'),
        ("0026-12-01", "years 1900 to 2999"),
    ],
)
def test_a_date_in_another_notation_is_answered_with_what_may_be_meant(
    written: str, message: str
) -> None:
    found = run("upcoming", "netakimab-psoriasis", "--start", written)
    assert (found.exit_code, found.stdout) == (2, "")
    assert message in found.stderr
    if written == "2026-W60-1":
        assert "did you mean" not in found.stderr


def test_a_time_is_taken_as_in_a_patients_file() -> None:
    asked = ("upcoming", "netakimab-psoriasis", *START, "--tz", "Europe/Moscow", "--time")
    assert run(*asked, "9:00").stdout == run(*asked, "09:00").stdout


def test_check_reports_on_stdout_and_exits_10(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("format = 1\n", encoding="utf-8")
    found = run("check", str(bad))
    assert found.exit_code == 10
    assert found.stdout.count("missing") == 3
    good = Path(__file__).parents[2] / "schedules" / "netakimab-psoriasis.toml"
    assert run("check", str(good)).stdout == f"{good}: ok\n"


def test_check_goes_on_after_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("format = 1\n", encoding="utf-8")
    good = Path(__file__).parents[2] / "schedules" / "netakimab-psoriasis.toml"
    none = tmp_path / "none.toml"
    found = run("check", str(none), str(tmp_path), str(good))
    assert (found.exit_code, found.stdout) == (2, f"{good}: ok\n")
    assert f"dosecal: cannot read {none}: No such file" in found.stderr
    assert f"dosecal: cannot read {tmp_path}: Is a directory" in found.stderr
    assert run("check", str(none), str(bad)).exit_code == 10


def test_check_names_what_rests_on_inference_alone(tmp_path: Path) -> None:
    """What `define` writes is right, and nobody's statement until its source is named."""
    own = tmp_path / "own.toml"
    defined = run("define", "10 mg at weeks 0 and 1, then every 4 weeks from week 5")
    rule = '[[missed]]\nlate = "<= 7 days"\nthen = "keep"\nsource = ["label", "own"]\n'
    own.write_text(defined.stdout, encoding="utf-8")
    found = run("check", str(own))
    alone = "on inference alone; compare with the label, then name it as the source"
    note = f"{own}: note: phase[1], phase[2]: {alone}\n"
    assert (found.exit_code, found.stdout) == (0, f"{own}: ok\n{note}")
    label = '[sources.own]\ntitle = "t"\nbasis = "inference"\n'
    whole = defined.stdout.replace('basis = "inference"', 'basis = "label"')
    (name,) = re.findall(r"\[sources\.(\w+)\]", whole)
    rule = rule.replace('"label"', f'"{name}"')
    own.write_text(whole + rule + label, encoding="utf-8")
    assert run("check", str(own)).stdout == f"{own}: ok\n"
    own.write_text(whole + rule.replace(f'"{name}", ', "") + label, encoding="utf-8")
    assert "note: missed[1]: on inference alone" in run("check", str(own)).stdout


def test_ics_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "a.ics", tmp_path / "b.ics"
    for path in (first, second):
        found = run("ics", "netakimab-psoriasis", "--start", "2026-12-01", *MOSCOW, "-o", str(path))
        assert (found.exit_code, found.stdout) == (0, "")
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().count(b"BEGIN:VEVENT") == 15


def test_ics_leaves_other_files_alone_and_nothing_half_written(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine", encoding="utf-8")
    found = run("ics", "netakimab-psoriasis", *START, "-o", str(other))
    assert (found.exit_code, other.read_text(encoding="utf-8")) == (2, "mine")
    assert "give another name, or move it away" in found.stderr
    missing = run("ics", "netakimab-psoriasis", *START, "-o", str(tmp_path / "no" / "x.ics"))
    assert missing.exit_code == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == ["notes.txt"]


def test_a_calendar_that_ends_in_the_past_says_so(tmp_path: Path) -> None:
    def asked(*more: str) -> Result:
        return run("ics", "erenumab-migraine-eu", "--start", "2025-05-05", "--today", "2026-11-23",
                   "-o", str(tmp_path / "a.ics"), *more)  # fmt: skip

    words = "last dose in it, 2026-05-04, lies in the past; --from 2026-11-23 or a later --until"
    assert words in asked().stderr
    for enough in (("--from", "2026-11-23"), ("--until", "2026-12-31")):
        assert "past" not in asked(*enough).stderr
    finite = tmp_path / "finite.toml"
    whole = Path("schedules/netakimab-psoriasis.toml").read_text("utf-8")
    finite.write_text(whole.replace('from = "week 6"', 'from = "week 6"\ndoses = 2'), "utf-8")
    ended = run("ics", str(finite), "--start", "2025-05-05", "--today", "2026-11-23",
                "--count", "1", "-o", str(tmp_path / "b.ics"))  # fmt: skip
    assert "b.ics: 1 dose, 2025-05-05 to 2025-05-05\n" in ended.stderr
    assert "lies in the past; the schedule has none after it" in ended.stderr


LISTED = [("upcoming", "netakimab-psoriasis", *START), ("list",), ("--help",), ("list", "--help")]


@pytest.mark.parametrize("arguments", LISTED)
def test_a_result_that_has_no_room_is_said_and_no_traceback(arguments: tuple[str, ...]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [sys.executable, "-m", "dosecal", *arguments], stdout=full, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
    assert found.stderr == "dosecal: cannot write the result: No space left on device\n"
    assert found.returncode == 2


@pytest.mark.parametrize("arguments", LISTED)
def test_a_reader_who_has_gone_ends_it_silently(arguments: tuple[str, ...]) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as gone:
        found = subprocess.run(
            [sys.executable, "-m", "dosecal", *arguments], stdout=gone, stderr=subprocess.PIPE
        )
    assert (found.returncode, found.stderr) == (141, b"")
