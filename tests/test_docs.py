"""The pages hold what the code does: tables, examples, schema and commands."""

import re
import shlex
import shutil
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

import generate
from dosecal.cli import main
from dosecal.formats.keys import Key, Kind
from dosecal.formats.schedule_file import read_schedule
from dosecal.formats.schedule_keys import EARLY_THEN, THEN, schedule_schema
from dosecal.model.schedule import BASES, REGIONS, ROUTES, Then
from dosecal.sentence.write import sentence

PAGE = generate.PAGE.read_text("utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
HERE = Path(__file__).parent
BAD = sorted((HERE / "bad_schedules").glob("*.toml"))
GOOD = sorted((generate.ROOT / "schedules").glob("*.toml"))
CONTRIBUTING = (generate.ROOT / "CONTRIBUTING.md").read_text("utf-8")
README = (generate.ROOT / "README.md").read_text("utf-8")
SHELL = re.compile(r"^ *```sh\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
BEYOND_A_SCHEMA = {
    "after-behind-a-step", "after-endless-phase", "after-every-behind-the-endless",
    "after-every-without-a-phase-before", "after-first-phase", "bands-mixed-units",
    "bands-one-side-only", "bands-overlap", "bands-uncovered-weight",
    "bands-without-any-weight", "choice-of-an-interval-below-the-window",
    "choice-of-weeks-overlaps-at-its-end", "choice-overlaps-at-its-longest",
    "class-source-unknown", "counted-from-a-dose-of-weekdays", "dose-choice-of-two-units",
    "dose-choice-per-kg-and-whole", "dose-choice-with-unequal-injections",
    "early-for-no-early-dose", "early-never-reached", "early-within-the-window",
    "ends-on-the-last-phase", "every-beyond-100-years", "every-choice-of-two-units",
    "every-choice-turned", "for-past-the-next", "from-behind-a-step",
    "from-further-behind-a-step", "from-missing", "gap-between-doses-there-are-not",
    "gap-that-no-plan-keeps", "gap-turned", "gap-twice", "grace-as-long-as-the-gap",
    "grace-in-months", "injections-all-equal", "injections-in-two-units",
    "injections-of-a-band-do-not-add-up", "injections-that-do-not-add-up",
    "injections-unequal-per-kg", "max-dose-between-steps", "max-dose-in-another-unit",
    "max-dose-of-a-whole-dose", "min-gap-longer-than-the-spacing",
    "min-gap-of-a-phase-longer-than-its-spacing", "missed-covered-by-two-rules",
    "missed-dose-of-another-phase", "missed-dose-zero", "missed-ends-that-never-meet",
    "missed-for-no-late-dose", "missed-never-reached", "missed-reload-begins-late",
    "missed-row-before-the-late", "missed-row-never-reached", "missed-same-two-clocks-again",
    "missed-since-last-for-dose-1", "missed-step-to-nowhere", "missed-two-bounds-on-one-side",
    "missed-two-clocks-never-reached", "missed-unknown-phase",
    "missed-until-next-for-the-last-dose", "missed-wider-rule-first",
    "missed-within-the-window", "names-unknown-code-or-empty", "on-choice-beyond-a-week",
    "on-choice-in-weeks", "on-days-outside", "one-area-not-listed", "one-area-too-few-sites",
    "phase-before-has-no-dose", "phase-doses-past-the-next", "phase-names-twice",
    "phases-overlap", "phases-overlap-in-some-months", "preparation-warm-up",
    "round-to-of-a-whole-dose", "route-with-sites", "sites-caregiver-only-not-listed",
    "sites-rest-of-nothing", "sites-too-few-for-the-injections", "source-unknown",
    "source-unused", "strength-in-another-unit", "strength-of-a-whole-dose",
    "weeks-behind-a-step", "weeks-choice-meets-the-next", "weeks-choice-turned",
    "weeks-unordered", "weight-after-nothing", "weight-of-phases-overlap",
    "weight-of-phases-uncovered", "weight-that-the-prescriber-ends", "weight-without-from",
    "weight-without-maintenance", "window-as-wide-as-the-spacing", "window-both-zero",
    "window-longer-than-the-shortest-month", "window-of-a-month-in-listed-days",
    "window-of-a-month-in-monthly-doses", "window-of-years", "window-reaches-the-next-cycle",
    "window-reaches-the-next-listed-month", "window-reaches-the-next-listed-week",
    "window-reaches-the-next-weekday", "with-more-injections-than-sites",
}  # fmt: skip
"""What depends on other keys or tables, on arithmetic, or on an order: the reader alone says it."""


def plain(value: Any) -> Any:
    """Return a TOML value as an editor shows it to a JSON Schema: dates are texts."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def whole(block: str) -> str:
    """Complete an example with what it leaves out of a file."""
    if block.startswith("format = 1"):
        return block
    top, rest = re.match(r"((?:\w+ = [^\n]*\n)*)(.*)", block, re.DOTALL).groups()  # type: ignore[union-attr]
    phase = '[[phase]]\nname = "p"\ndose = "1 mg"\nevery = "1 week"\nsource = "label"\n'
    return (
        f'format = 1\nmedicine = "testumab"\n{top}{"" if "[[phase]]" in rest else phase}{rest}'
        '[sources.label]\ntitle = "Leaflet"\nbasis = "label"\n'
    )


def test_the_tables_of_the_page_are_the_declarations() -> None:
    """`python tests/generate.py` writes them anew."""
    assert generate.filled(PAGE) == PAGE


def test_every_key_stands_in_the_page() -> None:
    shown = set(re.findall(r"<!-- keys: (\S+) -->", PAGE)) - {"foreign"}
    assert shown == {path or "top" for path, _ in generate.declared()}


@pytest.mark.parametrize(
    ("path", "key"), [pytest.param(*each, id=f"{each[0]}.{each[1].name}")
                      for each in generate.declared()]
)  # fmt: skip
def test_every_key_is_said_in_full(path: str, key: Key) -> None:
    """Type, example and meaning; whether it is required, or what holds without it."""
    assert key.meaning
    assert key.required != bool(key.default)
    if isinstance(key.kind, Kind):
        value = tomllib.loads(f"x = {key.example}")["x"]
        key.kind.read(value)
        Draft7Validator(key.kind.schema).validate(plain(value))
    elif "=" not in key.example:
        names = key.example.strip("[]").split(".")
        assert key.name in names
        assert key.example.startswith("[[") == (key.many == "list")


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_a_schedule(block: str) -> None:
    read_schedule(whole(block).encode(), "example", "example.toml")
    Draft7Validator(schedule_schema()).validate(plain(tomllib.loads(whole(block))))


def test_the_words_of_the_vocabulary_stand_in_the_page() -> None:
    for word in (*ROUTES, *REGIONS, *BASES, *Then):
        assert word in PAGE
    for then, meaning in (*THEN.items(), *EARLY_THEN.items()):
        assert f"| `{then}` | {meaning} |" in PAGE


def test_the_schema_on_disk_and_on_stdout_is_the_declarations() -> None:
    Draft7Validator.check_schema(schedule_schema())
    assert generate.SCHEMA.read_text("utf-8") == generate.schema_text()
    assert CliRunner().invoke(main, ["schema"]).stdout == generate.schema_text()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_catalogue_meets_the_schema(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("#:schema schedule.schema.json\n")
    assert (path.parent / "schedule.schema.json").is_file()
    Draft7Validator(schedule_schema()).validate(plain(tomllib.loads(text)))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_schema_refuses_what_a_schema_can(path: Path) -> None:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except ValueError:
        return
    caught = not Draft7Validator(schedule_schema()).is_valid(plain(table))
    assert caught != (path.stem in BEYOND_A_SCHEMA)


def test_the_commands_of_contributing_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What sets up and tests is the README's command; the others run here, on a copy."""
    lines = [line.strip() for block in SHELL.findall(CONTRIBUTING) for line in block.splitlines()]
    shutil.copytree(generate.ROOT / "schedules", tmp_path / "schedules")
    monkeypatch.chdir(tmp_path)
    run = []
    for line in lines:
        program, *arguments = shlex.split(line)
        if program == "cp":
            shutil.copy(*arguments)
        elif program == "dosecal":
            found = CliRunner().invoke(main, arguments)
            assert found.exit_code == 0, found.output
            run.append(arguments[0])
        elif arguments[0].startswith(("tests/", "tools/")):
            assert (generate.ROOT / arguments[0]).is_file()
        else:
            assert line in README
    assert run == ["check", "show", "upcoming"]


def test_the_schedule_of_the_readme_is_one() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert sentence(read_schedule(block.encode(), "x", "x")) == (
        "120 mg at weeks 0, 1 and 2, then every 4 weeks from week 6"
    )


SECURITY = (generate.ROOT / "SECURITY.md").read_text("utf-8")


@pytest.mark.parametrize(
    "page", [README, CONTRIBUTING, SECURITY, PAGE], ids=["readme", "how", "security", "format"]
)
def test_links_to_files_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)#]+)\)", page):
        assert (generate.ROOT / link).is_file()


def test_what_a_schema_cannot_catch_is_among_the_bad_files() -> None:
    assert {path.stem for path in BAD} > BEYOND_A_SCHEMA


def test_the_shapes_meet_the_schema() -> None:
    for path in (HERE / "cases" / "regimens").glob("*.toml"):
        Draft7Validator(schedule_schema()).validate(plain(tomllib.loads(path.read_text("utf-8"))))
