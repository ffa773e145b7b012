"""One bad file a mistake, with its exact message; and every problem of a file at once."""

import pytest

from dosecal.errors import ScheduleFileError
from dosecal.schedule_file import read_schedule

GOOD = """\
format = 1
medicine = "testumab"
[[phase]]
name = "loading"
dose = "120 mg"
injections = 2
weeks = [0, 1, 2]
source = "s"
[[phase]]
name = "maintenance"
dose = "120 mg"
every = "4 weeks"
from = "week 6"
source = "s"
[sources.s]
title = "leaflet"
basis = "label"
"""


def problems(text: str) -> list[str]:
    try:
        read_schedule(text.encode("utf-8"), "x", "x.toml")
    except ScheduleFileError as error:
        return [str(each) for each in error.problems]
    return []


def test_a_good_file_has_no_problem() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"120 mg"\ninj', '"120 mgg"\ninj', 'phase[1].dose: unknown unit "mgg" in "120 mgg"'),
        ('"120 mg"\ninj', '"0 mg"\ninj', 'phase[1].dose: "0 mg" is no dose'),
        ('"120 mg"\ninj', '"-5 mg"\ninj', 'phase[1].dose: "-5 mg" is not a dose'),
        ('"120 mg"\ninj', "120\ninj", "phase[1].dose: 120 is a bare number"),
        ("injections = 2", "injections = 0", "phase[1].injections: 0 is not allowed"),
        ("injections = 2", "injection = 2", "phase[1].injection: unknown key"),
        ("[0, 1, 2]", "[0, 1, 1]", "phase[1].weeks: 1 stands twice"),
        ("[0, 1, 2]", "[0, 2, 1]", "phase[1].weeks: 1 stands after 2"),
        ("[0, 1, 2]", "[0, 1.5]", "phase[1].weeks: 1.5 is not whole"),
        ("[0, 1, 2]", "[-1, 0]", "phase[1].weeks: -1 lies before the start"),
        ("[0, 1, 2]", "[0, 6000]", "phase[1].weeks: 6000 weeks is beyond 100 years"),
        ("[0, 1, 2]", "[]", "phase[1].weeks: the list is empty"),
        ("[0, 1, 2]", "[0, 1, 6]", "phase[2]: overlap: begins on day 42"),
        ('"4 weeks"', '"0 weeks"', 'phase[2].every: "0 weeks" is not above 0'),
        ('"4 weeks"', '"-4 weeks"', 'phase[2].every: "-4 weeks" is not a whole number above 0'),
        ('"4 weeks"', '"12 hours"', 'phase[2].every: "12 hours" is in hours'),
        ('"4 weeks"', '"4 weaks"', 'phase[2].every: unknown unit "weaks" in "4 weaks"'),
        ('from = "week 6"\n', "", "phase[2].from: missing"),
        ('"week 6"', '"6 weeks"', 'phase[2].from: "6 weeks" is no offset'),
        ('"week 6"', '"week 2"', "phase[2]: overlap: begins on day 14"),
        ('from = "week 6"', 'from = "week 6"\nafter = "1 week"', "phase[2].after: stands with"),
        ('name = "maintenance"', 'name = "loading"', 'phase[2].name: "loading" stands twice'),
        ('source = "s"\n[sources', "[sources", "phase[2].source: missing"),
        ('source = "s"\n[sources', 'source = "t"\n[sources', 'phase[2].source: no source "t"'),
        ('"label"', '"lable"', 'sources.s.basis: unknown value "lable"'),
        ("[sources.s]", '[sources.u]\ntitle = "u"\nbasis = "label"\n[sources.s]',
         "sources.u: unused source"),
        ("format = 1", "format = 2", "format: 2 is not allowed"),
        ('medicine = "testumab"\n', "", "medicine: missing"),
        ("format = 1", "format =", "not TOML: Invalid value (at line 1, column 9)"),
    ],
)  # fmt: skip
def test_a_mistake_and_its_message(old: str, new: str, message: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert len(found) == 1
    assert found[0].startswith(message)


def test_every_problem_is_reported_at_once() -> None:
    text = GOOD.replace("120 mg", "120 mgg").replace("4 weeks", "4 weaks").replace("week 6", "6")
    assert len(problems(text)) == 4


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a = " + b"[" * 5000, b"x" * 1_000_001])
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(ScheduleFileError):
        read_schedule(data, "x", "x.toml")


@pytest.mark.parametrize(
    ("bands", "count"),
    [
        ('[{ weight = "<= 100 kg", dose = "45 mg" }, { weight = "> 100 kg", dose = "90 mg" }]', 0),
        ('[{ weight = "<= 100 kg", dose = "45 mg" }, { weight = ">= 100 kg", dose = "9 mg" }]', 1),
        ('[{ weight = "< 100 kg", dose = "45 mg" }, { weight = "> 100 kg", dose = "90 mg" }]', 1),
        ('[{ weight = "<= 100 kg", dose = "45 mg" }]', 1),
    ],
)
def test_bands_cover_every_weight_exactly_once(bands: str, count: int) -> None:
    assert len(problems(GOOD.replace('"120 mg"\ninj', f"{bands}\ninj"))) == count


def test_months_and_days_overlap_from_some_starts() -> None:
    """From 1 February month 1 is day 28, from 1 January day 31: day 30 overlaps from some."""
    text = GOOD.replace("weeks = [0, 1, 2]", "months = [0, 1]").replace("week 6", "day 30")
    assert [each[:17] for each in problems(text)] == ["phase[2]: overlap"]
