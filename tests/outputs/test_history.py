"""What was given is shown as the log says it: nothing more, and nothing left out."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main

HEAD = (
    'format = 1\nschedule = "netakimab-psoriasis"\nid = "{id}"\nstart = 2026-12-01\n'
    'time = 09:00:00\ntimezone = "Europe/Berlin"\n'
)
GIVEN = '[[given]]\ndose = {0}\ndate = {1}\namount = "120 mg"\ninjections = 2\n'
LOG = (
    GIVEN.format(1, "2026-12-01")
    + 'sites = ["left-thigh", "right-thigh"]\nat = 21:40:00\nlot = "7K221"\nexpiry = 2027-03-01\n'
    'note = "hurt"\nby = "nurse"\n'
    + GIVEN.format(2, "2026-12-07").replace("120 mg", "60 mg").replace("= 2\n[", "= 1\n[")
    + 'lot = "7k 221"\n[[decided]]\ndose = 2\nthen = "repeat"\non = 2026-12-09\n'
    + GIVEN.format(2, "2026-12-11")
    + '[[given]]\nextra = true\ndate = 2026-12-13\namount = "60 mg"\ninjections = 1\n'
    'sites = ["left-abdomen"]\nlot = "X1"\n'
    "[[skipped]]\ndose = 3\n"
)


def write(folder: Path, log: str, name: str = "x") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(HEAD.format(id=name) + log, encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["history", *map(str, arguments)])


def told(path: Path, *more: str) -> dict[str, Any]:
    found = run(path, "--today", "2027-02-10", "--format", "json", *more)
    assert found.exit_code == 0, found.output
    result: dict[str, Any] = json.loads(found.stdout)
    return result


def test_every_key_of_the_contract(tmp_path: Path) -> None:
    found = told(write(tmp_path, LOG))
    assert list(found) == [
        "course", "schedule", "medicine", "start", "given", "skipped", "missed", "held",
        "in_time", "of",
    ]  # fmt: skip
    assert found["given"][0] == {
        "number": 1, "extra": False, "date": "2026-12-01", "at": "2026-12-01T21:40:00+01:00",
        "target_date": "2026-12-01", "days_off": 0, "phase": "loading", "amount": "120 mg",
        "injections": 2, "sites": ["left-thigh", "right-thigh"], "lot": "7K221",
        "expiry": "2027-03-01", "note": "hurt", "by": "nurse", "counted": True,
    }  # fmt: skip
    assert found["given"][3] == {
        "number": None, "extra": True, "date": "2026-12-13", "at": None, "target_date": None,
        "days_off": None, "phase": None, "amount": "60 mg", "injections": 1,
        "sites": ["left-abdomen"], "lot": "X1", "expiry": None, "note": None, "by": None,
        "counted": True,
    }  # fmt: skip


def test_an_administration_that_does_not_count_stands_as_it_was_entered(tmp_path: Path) -> None:
    second, again = told(write(tmp_path, LOG))["given"][1:3]
    assert (second["number"], second["counted"], second["amount"]) == (2, False, "60 mg")
    assert (second["target_date"], second["days_off"]) == ("2026-12-08", -1)
    assert (again["number"], again["counted"]) == (2, True)
    assert (again["target_date"], again["days_off"]) == ("2026-12-09", 2)


def test_what_was_not_given_and_how_many_were_in_time(tmp_path: Path) -> None:
    found = told(write(tmp_path, LOG))
    assert (found["in_time"], found["of"]) == (1, 2)  # an extra dose and one repeated never count
    assert (found["skipped"], found["missed"], found["held"]) == ([3], [4], [])
    hold = "[[hold]]\nfrom = 2026-12-20\nuntil = 2027-01-20\n"
    found = told(write(tmp_path, LOG + hold))
    assert (found["skipped"], found["missed"], found["held"]) == ([3], [], [4])


def test_the_window_says_what_is_in_time(tmp_path: Path) -> None:
    schedule = (
        'format = 1\nmedicine = "x"\n[[phase]]\nname = "p"\ndose = "1 mg"\nfrom = "week 0"\n'
        'every = "4 weeks"\nwindow = { early = "2 days", late = "3 days" }\nsource = "s"\n'
        '[sources.s]\ntitle = "S"\nbasis = "label"\n'
    )
    (tmp_path / "w.toml").write_text(schedule, encoding="utf-8")
    days = ("2026-12-01", "2026-12-26", "2027-01-29", "2027-02-27")
    log = "".join(f"[[given]]\ndose = {n}\ndate = {day}\n" for n, day in enumerate(days, 1))
    path = write(tmp_path, log)
    text = path.read_text("utf-8").replace("netakimab-psoriasis", "w.toml")
    path.write_text(text, encoding="utf-8")
    found = told(path, "--today", "2027-02-27")
    assert [each["days_off"] for each in found["given"]] == [0, -3, 3, 4]
    assert (found["in_time"], found["of"]) == (2, 4)


def test_a_dose_after_midnight_counts_for_its_day(tmp_path: Path) -> None:
    path = write(tmp_path, GIVEN.format(1, "2026-12-02") + "at = 00:30:00\n")
    text = path.read_text("utf-8").replace("09:00:00", "22:00:00")
    path.write_text(text, encoding="utf-8")
    found = told(path)
    assert found["given"][0]["date"] == "2026-12-02"
    assert (found["given"][0]["days_off"], found["in_time"]) == (0, 1)


def test_doses_before_the_record_are_listed_as_such(tmp_path: Path) -> None:
    path = write(tmp_path, "[[taken]]\nuntil = 2026-12-10\n" + GIVEN.format(3, "2026-12-16"))
    found = told(path)
    first, second, third = found["given"]
    assert (first["days_off"], first["sites"], first["date"]) == (None, [], "2026-12-01")
    assert second["target_date"] == "2026-12-08"
    assert third["days_off"] == 1
    assert (found["in_time"], found["of"]) == (0, 1)  # nobody recorded the days of the others
    text = run(path, "--today", "2027-01-01").stdout
    assert text.count("given as planned before this record began") == 2
    assert "given before this record began, days not recorded: 1–2" in text


def test_what_is_taken_back_is_not_told(tmp_path: Path) -> None:
    log = GIVEN.format(1, "2026-12-01") + "[[void]]\ndose = 1\n"
    extra = '[[given]]\nextra = true\ndate = 2026-12-13\namount = "60 mg"\n[[void]]\nextra = true\n'
    assert told(write(tmp_path, log + extra))["given"] == []


@pytest.mark.parametrize(
    ("dates", "given", "skipped"),
    [
        (("--from", "2026-12-07"), [2, 2, None], [3]),
        (("--from", "2026-12-08"), [2, None], [3]),
        (("--until", "2026-12-11"), [1, 2, 2], []),
        (("--until", "2026-12-10"), [1, 2], []),
        (("--from", "2026-12-16"), [], []),
    ],
)
def test_both_dates_are_inclusive(
    tmp_path: Path, dates: tuple[str, str], given: list[int | None], skipped: list[int]
) -> None:
    found = told(write(tmp_path, LOG), *dates)
    assert [each["number"] for each in found["given"]] == given
    assert found["skipped"] == skipped


def test_the_table_names_lot_expiry_hour_part_and_notes(tmp_path: Path) -> None:
    log = LOG + GIVEN.format(4, "2027-01-12").replace("120 mg", "60 mg")
    found = run(write(tmp_path, log), "--today", "2027-02-10")
    lines = found.stdout.splitlines()
    assert lines[1].split() == [
        "1", "2026-12-01", "Tue", "21:40", "2026-12-01", "on", "its", "target", "date", "120",
        "mg", "2", "left", "thigh,", "right", "thigh", "7K221", "2027-03-01", "loading", "nurse",
        "hurt",
    ]  # fmt: skip
    assert lines[2].endswith("does not count: the dose was to be given again")
    assert lines[4].startswith("extra")
    assert lines[5].endswith("60 mg of 120 mg given")
    assert lines[6:8] == ["given in time: 2 of 3", "skipped: 3"]


def test_csv_has_the_keys_of_json(tmp_path: Path) -> None:
    path = write(tmp_path, LOG)
    rows = list(csv.DictReader(io.StringIO(run(path, "--format", "csv").stdout)))
    assert list(rows[0]) == list(told(path)["given"][0])
    assert [each["number"] for each in rows] == ["1", "2", "2", ""]
    assert rows[0]["lot"] == "7K221"
    assert rows[3]["extra"] == "yes"
    assert rows[1]["counted"] == "no"


def test_markdown_ends_with_what_was_in_time(tmp_path: Path) -> None:
    found = run(write(tmp_path, LOG), "--today", "2027-02-10", "--format", "markdown").stdout
    assert found.count("\n| ") == 5
    assert found.endswith("\n\ngiven in time: 1 of 2\n\nskipped: 3\n\nmissed: 4\n")


def test_the_words_are_the_readers(tmp_path: Path) -> None:
    found = run(write(tmp_path, LOG), "--today", "2027-02-10", "--lang", "de").stdout
    assert "Abweichung" in found.splitlines()[0]
    assert "rechtzeitig gegeben: 1 von 2" in found


def test_nothing_given_is_said(tmp_path: Path) -> None:
    found = run(write(tmp_path, ""), "--today", "2026-12-01")
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr == "dosecal: nothing is recorded as given\n"


# Who got a lot?


def test_who_got_a_lot_over_a_folder(tmp_path: Path) -> None:
    write(tmp_path, LOG, "anna")
    write(tmp_path, GIVEN.format(1, "2026-12-02") + 'lot = "7K221"\n', "boris")
    write(tmp_path, GIVEN.format(1, "2026-12-02") + 'lot = "7K22"\n', "vera")
    found = run(tmp_path, "--lot", "7k221", "--format", "json", "--today", "2027-02-10")
    rows = json.loads(found.stdout)["rows"]
    assert [(Path(each["course"]).name, each["date"], each["number"]) for each in rows] == [
        ("anna.toml", "2026-12-01", 1), ("boris.toml", "2026-12-02", 1),
        ("anna.toml", "2026-12-07", 2),
    ]  # fmt: skip
    assert rows[0]["medicine"] == "netakimab"
    assert json.loads(found.stdout)["errors"] == []
    assert found.exit_code == 0
    table = run(tmp_path, "--lot", "7K221").stdout.splitlines()
    assert len(table) == 4
    assert [line.split()[0] for line in table[1:]] == [
        str(tmp_path / name) for name in ("anna.toml", "boris.toml", "anna.toml")
    ]


def test_a_broken_file_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    write(tmp_path, LOG, "anna")
    broken = write(tmp_path, "start = 2\n", "broken")
    found = run(tmp_path, "--lot", "7K221", "--format", "json")
    assert found.exit_code == 11
    assert str(broken) in found.stderr
    assert len(json.loads(found.stdout)["rows"]) == 2
    (error,) = json.loads(found.stdout)["errors"]
    assert error["course"] == str(broken)


def test_of_two_copies_neither_is_listed(tmp_path: Path) -> None:
    path = write(tmp_path, LOG, "anna")
    (tmp_path / "anna (copy).toml").write_bytes(path.read_bytes())
    write(tmp_path, GIVEN.format(1, "2026-12-02") + 'lot = "7K221"\n', "boris")
    found = run(tmp_path, "--lot", "7K221", "--format", "json")
    assert found.exit_code == 11
    assert found.stderr.count("one of them is a copy: neither is read") == 2
    assert [Path(each["course"]).name for each in json.loads(found.stdout)["rows"]] == [
        "boris.toml"
    ]


def test_a_lot_that_nobody_got_says_how_many_courses_were_read(tmp_path: Path) -> None:
    write(tmp_path, LOG, "anna")
    write(tmp_path, "start = 2\n", "broken")
    found = run(tmp_path, "--lot", "nix")
    assert found.stdout == ""
    assert (
        "dosecal: lot nix: nothing of it is recorded in 1 course that could be read\n"
        in found.stderr
    )


def test_one_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, LOG)
    found = run(path, path, tmp_path, "--lot", "X1", "--format", "json")
    assert found.exit_code == 0
    assert len(json.loads(found.stdout)["rows"]) == 1


def test_what_is_no_course_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path / "none.toml").exit_code == 2
    assert run(tmp_path).exit_code == 2  # no course file in the folder
    found = run(write(tmp_path, LOG), "--from", "2027-01-02", "--until", "2027-01-01")
    assert found.stderr == "dosecal: --until 2027-01-01 lies before --from 2027-01-02\n"
