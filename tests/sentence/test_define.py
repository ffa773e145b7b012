"""Sentences as people type them: what is read, what is refused, and the file that is written."""

import re
import tomllib
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dosecal.cli import main
from dosecal.errors import RequestError
from dosecal.formats.schedule_file import read_schedule
from dosecal.formats.toml import toml_value
from dosecal.model.schedule import Phase, Schedule
from dosecal.plan.timeline import targets
from dosecal.sentence.define import NO_SOURCE, Facts, define
from dosecal.sentence.meaning import meaning
from dosecal.sentence.tokens import MAX_LENGTH
from dosecal.sentence.write import sentence

CASES = Path(__file__).parents[1] / "cases"
GOOD = tomllib.loads((CASES / "sentences_good.toml").read_text("utf-8"))["good"]
REFUSED = tomllib.loads((CASES / "sentences_refused.toml").read_text("utf-8"))["refused"]
START = date(2027, 1, 31)
READINGS = re.compile(r'^  "(.+)"(?:  \(.+\))?$', re.MULTILINE)


def defined(text: str, **facts: str) -> Schedule:
    return read_schedule(define(text, Facts(**facts)).encode(), "x", "x.toml")


def refused(text: str) -> str:
    """Return the message, or "" where the sentence is taken."""
    try:
        define(text, Facts())
    except RequestError as error:
        return str(error)
    return ""


def refusal(text: str) -> str:
    message = refused(text)
    assert message, text
    return message


def stated(phases: tuple[Phase, ...]) -> list[Phase]:
    """Return all that a sentence says of phases: it gives them no names."""
    return [phase._replace(name="") for phase in phases]


def by_hand(phases: list[dict[str, Any]]) -> tuple[Phase, ...]:
    """Return the phases of a case as the reader of schedule files takes them, not as `define`."""
    lines = [
        "format = 1",
        'medicine = "testumab"',
        "[sources.stated]",
        'title = "t"',
        'basis = "trial"',
    ]
    for number, phase in enumerate(phases):
        lines.append("[[phase]]")
        whole = {"name": f"phase {number}", "source": "stated"} | phase
        lines += [f"{key} = {toml_value(value)}" for key, value in whole.items()]
    return read_schedule("\n".join(lines).encode(), "x", "x.toml").phases


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["text"])
def test_a_sentence_states_its_phases(case: dict[str, Any]) -> None:
    schedule = defined(case["text"])
    assert stated(schedule.phases) == stated(by_hand(case["phase"]))
    days = [(each - START).days for each in islice(targets(schedule.phases, START), 12)]
    assert days[: len(case.get("first", []))] == case.get("first", [])
    dates = [(START + timedelta(days=day)).isoformat() for day in days]
    assert dates[: len(case.get("dates", []))] == case.get("dates", [])


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["text"])
def test_a_sentence_is_refused_with_its_reason(case: dict[str, Any]) -> None:
    assert refusal(case["text"]) == case["message"]


@pytest.mark.parametrize(
    "case", [case for case in REFUSED if READINGS.search(case["message"])],
    ids=lambda case: case["text"],
)  # fmt: skip
def test_each_reading_of_a_refused_sentence_settles_it(case: dict[str, Any]) -> None:
    """What is offered to be typed is taken, or is asked about something else; all differ."""
    readings = READINGS.findall(case["message"])
    assert len(set(readings)) == len(readings) > 1
    outcomes = [refused(each) or str(stated(defined(each).phases)) for each in readings]
    assert len(set(outcomes)) == len(readings)
    question = case["message"].partition("\n")[0]
    assert question not in [each.partition("\n")[0] for each in outcomes]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["text"])
def test_no_word_is_passed_over(case: dict[str, Any]) -> None:
    """A word that means nothing here is an error wherever it stands, and it is named."""
    text = case["text"]
    for place in [0, *(match.end() for match in re.finditer(r"\s", text)), len(text)]:
        if text[:place].count('"') % 2:
            continue  # within the name of another medicine
        message = refusal(f"{text[:place]} zzz {text[place:]}")
        character = re.match(r"character (\d+)", message)
        assert "zzz" in message or (character and int(character[1]) <= place), message


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["text"])
def test_every_number_and_unit_counts(case: dict[str, Any]) -> None:
    """Another number in any place gives other phases, or is refused: none is left unread."""
    text = case["text"]
    before = stated(defined(text).phases)
    for match in re.finditer(r"\d+(\.\d+)?", text):
        other = f"{text[: match.start()]}{match[0]}7{text[match.end() :]}"
        try:
            assert stated(defined(other).phases) != before, other
        except RequestError:
            continue


@pytest.mark.parametrize(
    "text", ["week 1", "1 week", "at week 1 mg", "every 1 mg", "weeks 0, 1 mg"]
)
def test_a_dose_is_never_read_out_of_a_date(text: str) -> None:
    refusal(text)
    refusal(f"120 mg {text}")


def test_a_dose_after_a_list_is_no_offset() -> None:
    assert sentence(defined("160 mg at weeks 0, 1 and 80 mg every 2 weeks from week 4")) == (
        "160 mg at weeks 0 and 1, then 80 mg every 2 weeks from week 4"
    )


WORDS = (
    "120 mg", "60 mg", "3 mg/kg", "0.5", "1", "2", "6", "at", "on", "weeks", "week", "day", "month",
    "0", ",", "and", "then", "every", "4 weeks", "2 months", "weekly", "monthly", "from",
    "starting at", "week 6", "day 28", "for", "4 doses", "until", "thereafter", ";", ".",
    "each dose as 2 injections", "as 2 injections", "intravenously", "SC", "Monday", "Thursday",
    "twice", "once", "(", ")", "up to 3 days late", "3 days either way", "within", "after",
    "after start", "after the dose before", "no stated dose", "for body weight", "<= 100 kg",
    "> 100 kg", "or", "over", "100 kg", "injections", "of", "two", "years", "to", "0-4", "q4w",
    "biweekly", "each", "\u00b1", "x",
)  # fmt: skip
GENUINE = [
    "120",
    "mg",
    "at",
    "weeks",
    "0",
    ",",
    "1",
    "and",
    "2",
    ",",
    "then",
    "every",
    "4",
    "weeks",
    "from",
    "week",
    "6",
]


@st.composite
def garbled(draw: st.DrawFn) -> str:
    """Draw a sentence in which some words are lost, doubled, moved or others."""
    words = draw(st.sampled_from([GENUINE, ["120 mg"], []])).copy()
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(words)))
        words[place : place + draw(st.integers(0, 1))] = [draw(st.sampled_from(WORDS))]
    return " ".join(words)


@given(garbled())
@settings(max_examples=500, deadline=None)
def test_what_is_taken_says_the_same_again(text: str) -> None:
    """Any mixture of known words is refused, or is a schedule whose sentence says it."""
    try:
        found = meaning(text)
        define(text, Facts())
    except RequestError:
        return
    phases = tuple(each.phase for each in found)
    again = meaning(sentence(Schedule("x", "testumab", phases, ())))
    assert stated(tuple(each.phase for each in again)) == stated(phases)


@given(st.text(max_size=60) | st.text("0123456789 ,.()<>=mgkweks-/", max_size=60))
@example("120 mg at weeks " + "9" * 400)
@example("120 mg every 999999999 years from week 999999999, then every week")
@example(
    "120 mg every 100 years for 36525 doses, then every 4 weeks from 1 week after the dose before"
)
@example("1 1 1 1")
@settings(max_examples=400)
def test_any_text_is_read_or_refused(text: str) -> None:
    assert all(line.isprintable() for line in refused(text).splitlines())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the sentence is empty"),
        ("  \t\n", "the sentence is empty"),
        ("120 mg\x07 weekly", "character 7 is a control character (U+0007)"),
        ("120 mg\u202e weekly", "character 7 is a control character (U+202E)"),
        ("120 mg\u200b weekly", "character 7 is a control character (U+200B)"),
        ("\ufeff120 mg weekly", "character 1 is a control character (U+FEFF)"),
        ("120 mg \udcff weekly", "character 8 is a control character (U+DCFF)"),
        ("\u0661\u0662 mg weekly", 'character 1, "\u0661": write numbers with the digits 0 to 9'),
        ("12\u00b2 mg weekly", 'character 3, "\u00b2": write numbers with the digits 0 to 9'),
        ("120 mg " * 300, f"the sentence has 2100 characters; at most {MAX_LENGTH}"),
    ],
)  # fmt: skip
def test_hostile_text_is_refused(text: str, message: str) -> None:
    assert refusal(text) == message


def test_a_long_word_is_cut_in_the_message() -> None:
    assert len(refusal("120 mg " + "z" * 900)) < 300


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("define", *arguments))


TEXT = "120 mg at weeks 0, 1, 2, then every 4 weeks from week 6"


def test_the_file_passes_check_as_it_stands_and_claims_nothing(tmp_path: Path) -> None:
    found = run(TEXT)
    assert (found.exit_code, found.stderr) == (0, "")
    path = tmp_path / "mine.toml"
    path.write_text(found.stdout, encoding="utf-8")
    checked = CliRunner().invoke(main, ("check", str(path)))
    assert checked.exit_code == 0
    assert checked.stdout.startswith(f"{path}: ok\n{path}: note: phase[1], phase[2]: on inference")
    schedule = read_schedule(path.read_bytes(), "mine", "mine.toml")
    assert schedule.medicine == "medicine not stated"
    assert [(each.title, each.basis) for each in schedule.sources] == [(NO_SOURCE, "inference")]
    assert "id" not in tomllib.loads(found.stdout)
    assert found.stdout.count("FILL IN:") == 4
    shown = CliRunner().invoke(main, ("show", str(path), "--start", "2026-12-01")).stdout
    assert "Regimen: 120 mg at weeks 0, 1 and 2, then every 4 weeks from week 6\n" in shown
    assert "   4  week 6        2027-01-12 Tue  phase 2" in shown


def test_the_options_stand_in_the_file() -> None:
    options = {
        "medicine": 'test"umab', "brand": "Testa", "indication": "d\u00e9rmatitis, adults",
        "jurisdiction": "EU", "source": "SmPC 4.2 \\ 2026-01", "url": "https://example.org/x",
        "basis": "label",
    }  # fmt: skip
    found = run(TEXT, *(part for name in options for part in (f"--{name}", options[name])))
    assert found.exit_code == 0, found.stderr
    schedule = read_schedule(found.stdout.encode(), "x", "x.toml")
    (source,) = schedule.sources
    assert options == {
        "medicine": schedule.medicine, "brand": schedule.brand,
        "indication": schedule.indication, "jurisdiction": schedule.jurisdiction,
        "source": source.title, "url": source.url, "basis": source.basis,
    }  # fmt: skip
    assert found.stdout.count("FILL IN:") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("120 mg every 4 weaks",), 'did you mean "weeks"?'),
        (("120 mg at weeks 0, 1 and 2, then every 4 weeks",), "then every 4 weeks from week 6"),
        ((TEXT, "--basis", "label"), "name it with --source TITLE"),
        ((TEXT, "--url", "https://example.org"), "name it with --source TITLE"),
        ((TEXT, "--source", "x", "--url", "ftp://x"), "sources.stated.url"),
        ((TEXT, "--medicine", "a\nformat = 2"), "the medicine holds a control character"),
        ((TEXT, "--medicine", "  "), "medicine: the text is empty"),
        ((TEXT, "--basis", "hearsay"), "Invalid value for '--basis'"),
    ],
)  # fmt: skip
def test_a_mistake_exits_2_with_nothing_on_stdout(arguments: tuple[str, ...], message: str) -> None:
    found = run(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert message in found.stderr
    assert "Traceback" not in found.stderr
