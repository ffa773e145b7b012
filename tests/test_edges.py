"""What the command line answers where a shape, a file or a request is rare."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main
from dosecal.model.languages import LANGUAGES

ODD = """format = 1
medicine = "testumab"

[[phase]]
name = "first"
dose = "1 mg"
every = "1 day"
from = "day 0"
doses = 3
source = "label"

[[phase]]
name = "yearly"
dose = "1 mg"
every = "1 year"
from = "year 1"
doses = 2
source = "label"

[[phase]]
name = "last"
dose = "1 mg"
every = "5 years"
from = "year 3"
source = "label"

[[missed]]
doses = "2-3"
since_last = "<= 2 years"
then = "keep"
source = "label"

[[missed]]
since_last = "> 2 years"
then = "ask"
source = "label"

[preparation]
warm_up = "none"
source = "label"

[sources.label]
title = "Leaflet"
basis = "label"
"""
TWO_DOSES = """format = 1
medicine = "testumab"

[[phase]]
name = "only"
dose = "1 mg"
weeks = [0, 1]
source = "label"

[sources.label]
title = "Leaflet"
basis = "label"
"""
COURSE = """format = 1
schedule = "{schedule}"
id = "5f0c"
start = 2026-12-01
"""
NETAKIMAB = ("netakimab-psoriasis", "--start", "2026-12-01", "--today", "2026-12-10")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("odd.toml").write_text(ODD, "utf-8")
    Path("two.toml").write_text(TWO_DOSES, "utf-8")
    Path("course.toml").write_text(COURSE.format(schedule="netakimab-psoriasis"), "utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def said(*arguments: str) -> str:
    found = run(*arguments)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_days_and_years_are_said_in_every_language(code: str) -> None:
    """Each phase keeps its numbers, and nothing of a rule or of the preparation is dropped."""
    text = said("show", "odd.toml", "--lang", code)
    assert not re.search(r"[{}]", text)
    phases = re.findall(r"^  (?! ).*\[label\]$", text, re.MULTILINE)[:3]
    assert [set(re.findall(r"\d+", line)) for line in phases] == [
        {"1", "3"}, {"1", "2"}, {"1", "3", "5"},
    ]  # fmt: skip
    assert len(re.findall(r"2 (?:years|Jahre|años|ans|года|лет|年)|2年", text)) >= 2


def test_days_and_years_in_german() -> None:
    text = said("show", "odd.toml", "--lang", "de")
    for words in (
        "erste: 1 mg, jeden Tag, insgesamt 3 Dosen",
        "yearly (nicht übersetzt): 1 mg, jedes Jahr, ab Jahr 1",
        "last (nicht übersetzt): 1 mg, alle 5 Jahre, ab Jahr 3",
        "seit der letzten Injektion höchstens 2 Jahre",
        "vor der Injektion ist keine Zeit außerhalb des Kühlschranks nötig",
    ):  # fmt: skip
        assert words in text


def test_no_warm_up_is_said_in_english_and_in_the_calendar() -> None:
    assert "Out of the fridge before injecting: none\n" in said("show", "odd.toml")
    said("ics", "odd.toml", "--start", "2026-12-01", "-o", "odd.ics")
    assert b"Warm-up: none" in Path("odd.ics").read_bytes()


def test_status_as_json() -> None:
    found = json.loads(said("status", "course.toml", "--today", "2026-12-01", "--format", "json"))
    assert (found["schedule"], found["today"]) == ("netakimab-psoriasis", "2026-12-01")
    assert (found["last_given"], found["dose"]["number"]) == (None, 1)


def test_upcoming_as_markdown_and_as_json_say_what_the_table_says() -> None:
    options = ("--from", "2026-12-01", "--count", "2")
    rows = said("upcoming", *NETAKIMAB, *options, "--format", "markdown").splitlines()
    assert [row.split(" | ")[1] for row in rows[2:]] == ["2026-12-01", "2026-12-08"]
    doses = json.loads(said("upcoming", *NETAKIMAB, *options, "--format", "json"))
    assert [dose["date"] for dose in doses] == ["2026-12-01", "2026-12-08"]
    reason = "taken as given on its date: no course file records this plan"
    assert {dose["reason"] for dose in doses} == {reason}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("record no.toml --on 2026-12-01", "there is no course file no.toml; to begin one"),
        ("new d.toml --schedule odd.toml --start 2026-12-01 --time 09:00", "add --tz, for example"),
        ("ics odd.toml --start 2026-12-01 -o x.ics --remind 3xx", "3xx"),
        ("batch none.csv -o out", "cannot read none.csv: No such file"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_answered(arguments: str, message: str) -> None:
    found = run(*arguments.split())
    assert found.exit_code == 2
    assert message in found.stderr


def test_an_instant_of_the_build_that_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    found = run("upcoming", "odd.toml", "--start", "2026-12-01")
    assert (found.exit_code, found.stdout) == (2, "")
    assert 'SOURCE_DATE_EPOCH is "soon"; it is a whole number of seconds' in found.stderr


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('every = "4 wk"', 'did you mean "4 weeks"?'),
        ('every = "2 mo"', 'did you mean "2 months"?'),
    ],
)
def test_a_short_unit_is_answered_in_full(line: str, hint: str) -> None:
    Path("odd.toml").write_text(re.sub("every = .*", line, ODD, count=1), "utf-8")
    found = run("check", "odd.toml")
    assert (found.exit_code, hint in found.output) == (10, True)


@pytest.mark.parametrize("weeks", ['"0, two"', '"2, 1"'])
def test_weeks_in_quotes_get_a_hint_only_where_it_would_be_right(weeks: str) -> None:
    for value, hinted in ((weeks, False), ('"0, 1"', True)):
        Path("two.toml").write_text(TWO_DOSES.replace("[0, 1]", value), "utf-8")
        found = run("check", "two.toml")
        assert found.exit_code == 10
        assert ("did you mean [0, 1]?" in found.output) == hinted


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('[[given]]\ndose = 1\ndate = 2026-12-01\nsites = "left-thigh"\n', "the sites are no list"),
        ("[[skipped]]\ndose = 7\n", "there is no dose 7 (doses 1 to 2)"),
    ],
)
def test_entries_that_are_wrong(entry: str, message: str) -> None:
    Path("course.toml").write_text(COURSE.format(schedule="two.toml") + entry, "utf-8")
    found = run("check", "course.toml")
    assert (found.exit_code, message in found.output) == (11, True)


def test_of_entries_without_their_instants_the_order_of_the_file_counts() -> None:
    entry = "[[given]]\ndose = {}\ndate = 2026-12-{:02}\n"
    both = entry.format(1, 1) + entry.format(2, 8)
    Path("course.toml").write_text(COURSE.format(schedule="two.toml") + both, "utf-8")
    text = said("status", "course.toml", "--today", "2026-12-09")
    assert "Last given: dose 2, 2026-12-08 Tue" in text
    assert text.endswith("No dose is left: the course is complete.\n")


def test_a_complete_course_has_nothing_to_record() -> None:
    said("new", "new.toml", "--schedule", "two.toml", "--start", "2026-12-01")
    for day in ("2026-12-01", "2026-12-08"):
        said("record", "new.toml", "--on", day, "--today", "2026-12-08")
    before = Path("new.toml").read_bytes()
    found = run("record", "new.toml", "--on", "2026-12-09", "--today", "2026-12-09")
    assert found.exit_code != 0
    assert "every dose of the course is given, skipped or missed" in found.stderr
    assert Path("new.toml").read_bytes() == before
    assert "nobody is due" in run("due", "new.toml", "--today", "2026-12-09").output


def test_of_many_wrong_rows_the_first_twenty_are_shown_and_all_are_kept() -> None:
    rows = [f"P{number},odd.toml,2026-13-01,no\n" for number in range(30)]
    rows.append("P99,netakimab-psoriasis,2026-12-01,no\n")
    Path("p.csv").write_text("id,schedule,start,caregiver\n" + "".join(rows), "utf-8")
    found = run("batch", "p.csv", "-o", "out")
    assert "out: 1 calendar written" in found.output
    assert found.stderr.count("there is no such day") == 20
    assert "... 10 more problems" in found.stderr
    assert Path("out", "errors.csv").read_text("utf-8-sig").count("there is no such day") == 30


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("1 mg every week from week 0 up to week 8", "does not say whether a dose on its last day"),
        ("1 mg at weeks 0, 1 on Mondays", "lists its doses and says more of their dates"),
        ("1 mg as 2 injections as 3 injections every week from week 0", "was 2 before"),
        ("1 mg every week from week 0, then 2 mg every 2 weeks", "the phase before has no end"),
        ("1 mg at week 5-3", "a range does not say which of them"),
    ],
)
def test_sentences_that_say_too_little_or_too_much(sentence: str, answer: str) -> None:
    found = run("define", sentence, "--medicine", "x")
    assert (found.exit_code, found.stdout) == (2, "")
    assert answer in found.stderr
