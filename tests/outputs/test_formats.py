"""One table holds the formats: the choices come from it, and no word falls through."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from dosecal.cli import main
from dosecal.outputs import formats
from dosecal.outputs.formats import FORMATS, OF_REPORTS, Format, Listing, Report, Screen
from dosecal.outputs.objects import to_json

LISTING = Listing(
    head=("Nr.", "Dosis"),
    rows=lambda: [("1", "120 mg|2"), ("2", "60 mg")],
    keys=("No.", "Dose"),
    plain_rows=lambda: [("1", "120 mg, 2"), ("2", "60 mg")],
    objects=lambda: [{"number": 1}, {"number": 2}],
    short_rows=lambda: [("1", "120"), ("2", "60")],
    below=lambda: ["Sources"],
    statuses=("late", "upcoming"),
)
NOTHING = Listing(("a",), list, ("a",), list, list)
REPORT = Report(lambda: "one\ntwo", lambda: {"one": 2})
PLAIN = Screen()
ESCAPES = "\x1b\x7f\x9b\x85\u202e\u2066\u2028"


def written(form: str, listing: Listing = LISTING, screen: Screen = PLAIN) -> list[str]:
    return list(formats.write_listing(form, listing, screen))


def test_each_format_of_the_table_writes_a_list() -> None:
    assert {form: written(form) for form in FORMATS if form != "json"} == {
        "table": ["Nr.  Dosis", "1    120", "2    60", "Sources"],
        "csv": ["No.,Dose", '1,"120 mg, 2"', "2,60 mg"],
        "markdown": ["| Nr. | Dosis |", "| --- | --- |", "| 1 | 120 mg\\|2 |", "| 2 | 60 mg |"],
    }
    assert json.loads("\n".join(written("json"))) == [{"number": 1}, {"number": 2}]


def test_a_list_of_nothing_has_no_table_and_a_head_for_programs() -> None:
    assert [written(form, NOTHING) for form in ("table", "json", "csv")] == [[], ["[]"], ["a"]]


def test_only_a_coloured_screen_has_colours() -> None:
    late, other = written("table", screen=Screen(80, coloured=True))[1:3]
    assert (late, other) == ("\x1b[31m\x1b[1m1    120\x1b[0m", "2    60")
    assert "\x1b" not in "".join(written("table", screen=Screen(80)))


def test_each_format_of_reports_writes_one() -> None:
    assert OF_REPORTS == ("table", "json")
    assert list(formats.write_report("table", REPORT, Screen())) == ["one", "two"]
    assert json.loads("".join(formats.write_report("json", REPORT, Screen()))) == {"one": 2}


@pytest.mark.parametrize("form", ["xml", "", "Table"])
def test_an_unknown_word_is_no_format(form: str) -> None:
    with pytest.raises(KeyError):
        formats.write_listing(form, LISTING, Screen())
    with pytest.raises(KeyError):
        formats.write_report(form, REPORT, Screen())


def test_a_list_format_that_has_no_reports_writes_none() -> None:
    with pytest.raises(KeyError):
        formats.write_report("csv", REPORT, Screen())


def test_a_new_format_is_one_module_and_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(listing: Listing, screen: Screen) -> Iterator[str]:
        return ("; ".join(row) for row in listing.plain_rows())

    module = ModuleType("dosecal.outputs.semicolons")
    monkeypatch.setattr(module, "write", write, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(FORMATS, "semicolons", Format("semicolons.write"))
    assert written("semicolons") == ["1; 120 mg, 2", "2; 60 mg"]


@pytest.mark.parametrize(
    ("command", "choices"),
    [("list", tuple(FORMATS)), ("upcoming", tuple(FORMATS)), ("show", OF_REPORTS),
     ("status", OF_REPORTS)],
)  # fmt: skip
def test_the_choices_are_the_table(command: str, choices: tuple[str, ...]) -> None:
    found = main.get_command(click.Context(main), command)
    assert found is not None
    option = next(each for each in found.params if each.name == "form")
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == choices


def test_json_holds_no_character_that_moves_a_cursor_or_turns_a_line() -> None:
    text = to_json({"note": ESCAPES})
    assert not set(text) & set(ESCAPES)
    assert json.loads(text) == {"note": ESCAPES}


def test_no_file_reaches_the_terminal_raw(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(
        'format = 1\nmedicine = "tes\\u001b[2Jta\\u202e\\u009b"\n[[phase]]\nname = "p\\u007f"\n'
        'dose = "1 mg"\nevery = "1 week"\nsource = "label"\n[sources.label]\n'
        'title = "Leaflet\\u001b"\nbasis = "label"\n',
        "utf-8",
    )
    for form in ("table", "json"):
        shown = CliRunner().invoke(main, ["show", str(file), "--format", form])
        assert shown.exit_code == 0
        assert not set(shown.output) & set("\x1b\x7f\x9b\u202e")


def test_a_message_shows_what_would_move_the_cursor() -> None:
    refused = CliRunner().invoke(main, ["show", "netakimab\x1b[2J\x9b", "--start", "2026-12-01"])
    assert refused.exit_code == 2
    assert r'"netakimab\x1b[2J\x9b"' in refused.stderr
