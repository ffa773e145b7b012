"""What `status` says in the situations of a patient's life: enough, and nothing misleading."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main

OWN = """format = 1
medicine = "testumab"
[[phase]]
name = "all"
dose = "1 mg"
weeks = [0, 1]
source = "leaflet"
[sources.leaflet]
title = "Leaflet"
basis = "label"
"""
DUPILUMAB = ("dupilumab-atopic-dermatitis", "record 12-01", "record 12-15")
SECUKINUMAB = ("secukinumab-psoriasis-us", "record 12-01")
NETAKIMAB = ("netakimab-psoriasis", "record 12-01")
IXEKIZUMAB = ("ixekizumab-psoriasis-us", "record 12-01")
CASES = {
    "due": (DUPILUMAB, "2026-12-29", 0, ["Dose 3 is DUE today", "\n  300 mg, right abdomen\n"], []),
    "late with keep": (
        DUPILUMAB, "2027-01-02", 0,
        ["Dose 3 is LATE: it was due 2026-12-29 Tue, 4 days ago",
         "What the source says: give it now, later dates stay (source: dupixent-eu; dupixent-us)",
         "From 2027-01-06 Wed on: dose 3 counts as missed; the next is dose 4 on 2027-01-12 Tue",
         "After it: dose 4 on 2027-01-12 Tue", "\nSources\n  dupixent-eu: Dupixent 300 mg"],
        ["--then", "2027-01-02 Sat: 300 mg"],
    ),
    "two missed in a row": (
        DUPILUMAB, "2027-01-30", 0,
        ["Dose 3, due 2026-12-29 Tue: missed (8 days late: do not give it",
         "Dose 4, due 2027-01-12 Tue: missed", "Dose 5 is LATE"], ["--then"],
    ),
    "late with give-ask": (
        SECUKINUMAB, "2026-12-10", 0,
        ["What the source says: give it now and ask the prescriber when the next dose is due",
         "Once it was given: dosecal record x.toml --on DATE", "keep: later dates stay; shift: "],
        ["before you act", "What to do", "skip"],
    ),
    "given with give-ask": (
        (*SECUKINUMAB, "record 12-10"), "2026-12-11", 12,
        ["Decision missing: dose 2 was given 2 days late: the source says to ask when the next",
         "dosecal decide x.toml --dose 2 --then keep|shift|restart"], ["LATE"],
    ),
    "late with ask": (
        NETAKIMAB, "2026-12-16", 12,
        ["Dose 2, due 2026-12-08 Tue: missed (7 days late and the next dose was due on 2026-12-15",
         "Dose 3 is LATE: it was due 2026-12-15 Tue, 1 day ago",
         "What to do: dose 2 was left open and no rule says what follows; ask your prescriber",
         "If it is to be left out: dosecal skip x.toml --dose 3",
         "If dose 2 is to be left out: dosecal skip x.toml --dose 2",
         "From 2027-01-12 Tue on: dose 3 counts as missed, and dose 4 is due"],
        ["give it now", "What the source says", "2026-12-16 Wed: 120 mg", "Dose 2 is LATE"],
    ),
    "late with ask, before the next has come": (
        NETAKIMAB, "2026-12-14", 12,
        ["Dose 2 is LATE: it was due 2026-12-08 Tue, 6 days ago",
         "What to do: the source states no rule for this; ask your prescriber",
         "If it is to be left out: dosecal skip x.toml --dose 2",
         "After it: dose 3 on 2026-12-15 Tue"],
        ["give it now", "What the source says", "2026-12-14 Mon: 120 mg"],
    ),
    "early": (
        (*DUPILUMAB, "record 12-27"), "2026-12-28", 12,
        ["Decision missing: dose 3 was given 2 days early", "Next: dose 4 on 2027-01-12 Tue"], [],
    ),
    "shift": (
        ("erenumab-migraine-us", "record 12-01"), "2027-01-05", 0,
        ["If it is given today: dose 3 follows on 2027-02-05 Fri"], ["--then", "After it"],
    ),
    "in a window": (
        IXEKIZUMAB, "2026-12-17", 0,
        ["Dose 2 is DUE: target 2026-12-15 Tue, in time until 2026-12-18 Fri",
         "From 2026-12-19 Sat on: it is late; give it now, later dates stay"], ["LATE"],
    ),
    "the next one comes": (
        IXEKIZUMAB, "2026-12-20", 0,
        ["From 2026-12-29 Tue on: dose 2 counts as missed, and dose 3 is due"], [],
    ),
    "on hold": (
        (*IXEKIZUMAB, "hold 12-14"), "2026-12-18", 0,
        ["held (on hold from 2026-12-14", "end the hold with: dosecal hold x.toml --end DATE"],
        ["LATE", "DUE"],
    ),
    "complete": (
        ("own.toml", "record 12-01", "record 12-08"), "2026-12-09", 0,
        ["No dose is left: the course is complete."], ["Sources", "Next"],
    ),
}  # fmt: skip


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES)
def test_what_status_says(case: str) -> None:
    (schedule, *entries), today, code, said, unsaid = CASES[case]
    assert run("new", "x.toml", "--schedule", schedule, "--start", "2026-12-01").exit_code == 0
    for entry in entries:
        name, day = entry.split()
        option = {"record": ("--today", f"2026-{day}", "--on"), "hold": ("--from",)}[name]
        assert run(name, "x.toml", *option, f"2026-{day}").exit_code == 0
    found = run("status", "x.toml", "--today", today)
    assert found.exit_code == code
    assert [each for each in said if each not in found.stdout] == []
    assert [each for each in unsaid if each in found.stdout] == []


def test_a_skipped_dose_is_called_so_once_with_its_note() -> None:
    run("new", "x.toml", "--schedule", IXEKIZUMAB[0], "--start", "2026-12-01")
    for dose, note in (("1", "fever"), ("2", "")):
        run("skip", "x.toml", "--dose", dose, *(("--note", note) if note else ()))
    found = run("status", "x.toml", "--today", "2026-12-02").stdout.splitlines()
    assert "Dose 1, due 2026-12-01 Tue: skipped (fever)" in found
    assert "Dose 2, due 2026-12-15 Tue: skipped" in found


def test_a_course_does_not_begin_without_the_weight_that_its_doses_need() -> None:
    new = ("--schedule", "ustekinumab-psoriasis", "--start", "2026-12-01")
    begun = run("new", "x.toml", *new)
    assert (begun.exit_code, "with --weight 72.5" in begun.stderr) == (2, True)
    assert not Path("x.toml").exists()
    assert "weight" not in run("new", "x.toml", *new, "--weight", "72.5").stderr
    whole = Path("x.toml").read_text("utf-8")
    Path("x.toml").write_text(whole.replace("weight_kg = 72.5\n", ""), encoding="utf-8")
    for command in (("status",), ("record", "--on", "2026-12-01", "--today", "2026-12-01"),
                    ("due",), ("ics", "-o", "x.ics")):  # fmt: skip
        found = run(command[0], "x.toml", *command[1:])
        assert found.exit_code == (11 if command[0] == "due" else 2)
        assert "depends on body weight (<= 100 kg 45 mg" in found.stderr
        if command[0] != "due":  # the list of a clinic says it of the patient's line
            assert "in a course file as weight_kg = 72.5" in found.stderr
    assert Path("x.toml").read_text("utf-8") == whole.replace("weight_kg = 72.5\n", "")


@pytest.mark.parametrize(
    ("start", "warned"), [("2028-11-23", False), ("2028-11-24", True), ("2206-12-01", True)]
)
def test_a_start_years_ahead_is_asked_about(start: str, warned: bool) -> None:
    begun = run("new", "x.toml", "--schedule", "netakimab-psoriasis", "--start", start,
                "--today", "2026-11-23")  # fmt: skip
    assert (begun.exit_code, "is the year right?" in begun.stderr) == (0, warned)


def test_a_caregiver_is_offered_the_upper_arm() -> None:
    run("new", "x.toml", "--schedule", "secukinumab-psoriasis-us", "--start", "2026-12-01",
        "--caregiver", "--avoid", "left-thigh", "--avoid", "left-abdomen",
        "--avoid", "right-abdomen")  # fmt: skip
    found = run("status", "x.toml", "--today", "2026-12-01").stdout
    assert "300 mg in 2 injections, right thigh + left upper arm" in found
