"""What a schedule file says reaches `show`, `upcoming` and the calendar."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from dosecal.cli import main

ROOT = Path(__file__).parents[2]
SHAPES = ROOT / "tests" / "cases" / "regimens"
PAGE = (ROOT / "docs" / "schedule-format.md").read_text("utf-8")
WEIGHED = "three-weight-bands-every-4-weeks"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def testa(tmp_path: Path) -> Path:
    """Return the whole file of docs/schedule-format.md, with a check before each dose."""
    found = re.search(r"^```toml\n(format = 1.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    check = '[[check]]\nname = "pregnancy test"\nwhen = "before each dose"\nsource = "label"\n'
    path = tmp_path / "testa.toml"
    path.write_text(found[1] + check, "utf-8")
    return path


def test_show_explains_all_of_it(testa: Path) -> None:
    shown = run("show", testa).stdout.splitlines()
    for line in (
        "  loading: 120 mg at weeks 0, 1 and 2; each dose as 2 injections [label]",
        (
            "  maintenance: 120 mg every 4 weeks from week 6; each dose as 2 injections;"
            " in time 3 days either way [label, trial]"
        ),
        (
            "Sites: thigh, abdomen, upper arm; for a caregiver only: upper arm;"
            " a site rests 14 days [label]"
        ),
        "Shortest time between administrations: 7 days [label]",
        "  late <= 7 days: give it now, later dates stay [label]",
        "  otherwise: the sources state no rule; ask your prescriber",
        "Out of the fridge before injecting: 15 to 30 minutes",
        "  before start: screening for tuberculosis [label]",
        "  week 4 and 12 from start: blood count [label]",
        "  before each dose: pregnancy test [label]",
        "  live vaccines: Not during treatment. [label]",
    ):
        assert line in shown
    json_shown = json.loads(run("show", testa, "--format", "json").stdout)
    assert json_shown["phases"][1]["window"] == "3 days either way"
    assert (json_shown["rest"], json_shown["min_gap"]) == ("14 days", "7 days")
    assert (json_shown["warm_up"], json_shown["storage"]) == ("15 to 30 minutes", "2 to 8 C")


def test_upcoming_shows_windows_and_checks(testa: Path) -> None:
    shown = run("upcoming", testa, "--start", "2027-01-31", "--today", "2027-01-31").stdout
    head, *lines = shown.splitlines()
    assert head.split() == ["No.", "Date", "Day", "Earliest", "Latest", "Dose", "Injections",
                            "Sites", "Phase", "Status"]  # fmt: skip
    assert "2027-03-14  Sun  2027-03-11  2027-03-17  120 mg" in lines[3]
    assert lines[0].count("2027-") == 1  # no window in this phase
    assert lines[6:] == [
        "Before the start: screening for tuberculosis",
        "Before each dose: pregnancy test",
        "2027-02-28 Sun  check: blood count",
        "2027-04-25 Sun  check: blood count",
    ]


def test_the_calendar_shows_windows_and_checks(testa: Path, tmp_path: Path) -> None:
    path = tmp_path / "testa.ics"
    assert run("ics", testa, "--start", "2027-01-31", "-o", path, "--count", 4).exit_code == 0
    texts = [str(event["DESCRIPTION"]) for event in Calendar.from_ical(path.read_bytes()).events]
    assert [text.count("Before the start: screening") for text in texts] == [1, 0, 0, 0, 0]
    assert [text.count("Before each dose: pregnancy test") for text in texts] == [1, 1, 1, 0, 1]
    assert texts[3] == "blood count"
    assert "In time from 2027-03-11 to 2027-03-17" in texts[4]
    assert "In time" not in texts[0]


@pytest.mark.parametrize("command", ["upcoming", "ics"])
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ((), "depends on body weight (< 30 kg not stated"),
        (("--weight", "29.9"), "states no dose for a weight of 29.9 kg"),
        (("--weight", "0"), "weights are from 0.2 to 650 kg"),
        (("--weight", "725"), "weights are from 0.2 to 650 kg"),
        (("--weight", "72,5"), 'did you mean "72.5"?'),
    ],
)
def test_a_dose_by_weight_says_what_it_needs(
    command: str, weight: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    output = ("-o", tmp_path / "x.ics") if command == "ics" else ()
    found = run(command, SHAPES / f"{WEIGHED}.toml", "--start", "2027-01-31", *weight, *output)
    assert (found.exit_code, found.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert message in found.stderr


def test_a_dose_by_weight_is_shown_with_its_injections(tmp_path: Path) -> None:
    plan = (SHAPES / f"{WEIGHED}.toml", "--start", "2027-01-31", "--weight", "60")
    dose = json.loads(run("upcoming", *plan, "--today", "2027-01-31", "--format", "json").stdout)[0]
    assert (dose["dose"], dose["injections"]) == ("300 mg", 2)
    path = tmp_path / "x.ics"
    run("ics", *plan, "-o", path)
    assert b"300 mg in 2 injections" in path.read_bytes()
    assert "each dose as 1 or 2 injections" in run("show", plan[0]).stdout


def test_phases_have_their_own_sites_and_routes() -> None:
    own = SHAPES / "day-0-and-day-7-then-monthly-at-own-sites.toml"
    found = run("upcoming", own, "--start", "2027-01-31", "--today", "2027-01-31", "--caregiver",
                "--format", "json")  # fmt: skip
    doses = json.loads(found.stdout)
    assert [dose["sites"][0].partition("-")[2] for dose in doses] == [
        "upper-arm", "upper-arm", "buttock", "buttock", "upper-arm", "upper-arm",
    ]  # fmt: skip
    assert (doses[1]["earliest_date"], doses[1]["latest_date"]) == ("2027-02-03", "2027-02-11")
    shown = run("show", SHAPES / "infusions-then-self-injection.toml").stdout
    assert "infusions: 600 mg at weeks 0, 4 and 8, intravenous" in shown
    assert "Sites in phase infusions: none\n" in shown


def test_a_late_window_alone_keeps_the_target_as_the_earliest_day() -> None:
    late = SHAPES / "every-13-weeks-with-a-late-window.toml"
    found = run("upcoming", late, "--start", "2027-01-31", "--today", "2027-02-10", "--format",
                "json")  # fmt: skip
    dose = json.loads(found.stdout)[0]
    assert (dose["status"], dose["date"]) == ("due", "2027-02-10")
    assert (dose["earliest_date"], dose["latest_date"]) == ("2027-01-31", "2027-02-14")


def test_resting_sites_are_never_used_and_the_list_says_so(testa: Path) -> None:
    testa.write_text(testa.read_text("utf-8").replace('"14 days"', '"21 days"'), "utf-8")
    found = run("upcoming", testa, "--start", "2027-01-31", "--today", "2027-01-31", "--format",
                "json")  # fmt: skip
    third = json.loads(found.stdout)[2]
    assert third["sites"] == []
    assert "left thigh rests until 2027-02-21" in third["reason"]


@pytest.mark.parametrize(
    ("rules", "covered"),
    [
        ([], False),
        (['late = "<= 7 days"', 'late = "> 7 days"'], True),
        (['late = "< 7 days"', 'late = "> 7 days"'], False),
        (['late = ">= 1 day"'], True),
        (['late = ">= 2 days"'], False),
        (['doses = "2-3"'], False),
        (['phases = ["loading"]'], False),
        (["# always"], True),
    ],
)
def test_show_says_where_no_rule_is_stated(testa: Path, rules: list[str], covered: bool) -> None:
    text = testa.read_text("utf-8")
    old = '[[missed]]\nlate = "<= 7 days"\nthen = "keep"\nsource = "label"\n'
    new = "".join(old.replace('late = "<= 7 days"', rule) for rule in rules)
    testa.write_text(text.replace(old, new), "utf-8")
    shown = run("show", testa)
    assert shown.exit_code == 0
    assert ("the sources state no rule; ask your prescriber" in shown.stdout) != covered
    assert ("keine Regel" in run("show", testa, "--lang", "de").stdout) != covered


def test_show_says_which_start_it_took_for_weekdays() -> None:
    here = "First doses (week 0 is the start, here on a Monday; --start DATE shows yours)"
    weekdays = SHAPES / "three-times-a-week.toml"
    assert here in run("show", weekdays).stdout.splitlines()
    assert json.loads(run("show", weekdays, "--format", "json").stdout)["first_doses_from_a_monday"]
    for shown in (run("show", weekdays, "--start", "2027-01-31"), run("show", SHAPES / WEIGHED)):
        assert "here on a Monday" not in shown.stdout


@pytest.mark.parametrize(
    ("top", "first", "then", "lines"),
    [
        ("", "", "", ["Sites: none named by the source"]),
        ("", "", 'sites = ["thigh"]', ["Sites in phase one: none named by the source",
                                       "Sites in phase two: thigh [label]"]),
        ("", 'route = "intravenous"', 'sites = ["thigh"]',
         ["Sites in phase one: none", "Sites in phase two: thigh [label]"]),
        ('route = "intravenous"', "", "", ["Sites: none"]),
    ],
)  # fmt: skip
def test_show_never_says_that_no_site_is_named_where_a_phase_names_one(
    tmp_path: Path, top: str, first: str, then: str, lines: list[str]
) -> None:
    own = tmp_path / "own.toml"
    phase = '[[phase]]\nname = "{}"\ndose = "1 mg"\nweeks = [{}]\nsource = "label"\n{}\n'
    own.write_text(
        f'format = 1\nmedicine = "testumab"\n{top}\n{phase.format("one", 0, first)}'
        f'{phase.format("two", 1, then)}[sources.label]\ntitle = "t"\nbasis = "label"\n',
        "utf-8",
    )
    shown = run("show", own).stdout.splitlines()
    assert [line for line in shown if line.startswith("Sites")] == lines


def test_upcoming_names_the_switch_that_offers_a_caregivers_sites(testa: Path) -> None:
    text = testa.read_text("utf-8").replace('regions = ["thigh", "abdomen", "upper arm"]',
                                            'regions = ["upper arm"]')  # fmt: skip
    testa.write_text(text, "utf-8")
    plan = ("upcoming", testa, "--start", "2027-01-31", "--today", "2027-01-31", "--count", 1)
    alone = run(*plan)
    assert (alone.exit_code, "--caregiver, or in a course file" in alone.stderr) == (0, True)
    assert run(*plan, "--caregiver").stderr == ""
    course = testa.with_name("course.toml")
    run("new", course, "--schedule", testa, "--start", "2027-01-31")
    assert "caregiver = true" in run("status", course, "--today", "2027-01-31").stderr
    for command, output in (("ics", "plan.ics"), ("print", "plan.html")):
        written = run(command, course, "-o", testa.with_name(output), "--today", "2027-01-31")
        assert (written.exit_code, "caregiver = true" in written.stderr) == (0, True)


def test_hostile_text_moves_no_cursor(testa: Path) -> None:
    testa.write_text(testa.read_text("utf-8").replace("Testa", "\\u001b[2JTesta"), "utf-8")
    assert "\x1b" not in run("show", testa, "--start", "2027-01-31").stdout


def test_doses_beyond_the_calendar_are_answered() -> None:
    found = run("upcoming", "guselkumab-psoriasis", "--start", "2026-12-01", "--today",
                "2026-12-01", "--count", 100_000)  # fmt: skip
    assert (found.exit_code, found.stdout) == (2, "")
    assert "past the year 9999" in found.stderr
