"""What a reader gets of `upcoming`, `status` and `ics`: in a terminal, and in a language."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main
from dosecal.model.languages import LANGUAGES
from dosecal.words.text import width

ASKED: Final = ("upcoming", "netakimab-psoriasis", "--start", "2026-12-01")


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env=env)


def course(folder: Path, *more: str) -> str:
    file = str(folder / "anna.toml")
    begun = run("new", file, "--schedule", "netakimab-psoriasis", "--start", "2026-01-05", *more)
    assert begun.exit_code == 0, begun.stderr
    return file


def in_terminal(*arguments: str, code: int = 0, **env: str) -> list[str]:
    """Run a command in a terminal of its own and return the lines on it."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from dosecal.cli import main; main()", *arguments],
        stdout=follower,
        stderr=follower,
        env=os.environ | {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"} | env,
    )
    os.close(follower)
    data = b""
    while True:
        try:
            part = os.read(leader, 1 << 16)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        data += part
    os.close(leader)
    assert process.wait() == code
    return data.decode().splitlines()


COLOUR: Final = re.compile("\x1b\\[[0-9;]*m")


def test_today_and_late_are_words_and_in_a_terminal_colours_too(tmp_path: Path) -> None:
    file = course(tmp_path)
    late = in_terminal("upcoming", file, "--today", "2026-01-08", "--count", "2", COLUMNS="400")
    assert late[1].startswith("\x1b[31m\x1b[1m1  ")
    assert "  late  " in late[1]
    assert not COLOUR.search(late[-1])
    due = in_terminal(*ASKED, "--today", "2026-12-01", "--count", "2", COLUMNS="200")
    assert due[1].startswith("\x1b[32m\x1b[1m1  ")
    assert due[1].endswith("due today\x1b[0m")


def test_no_color_and_pipes_get_plain_text(tmp_path: Path) -> None:
    asked = (*ASKED, "--today", "2026-12-01")
    plain = in_terminal(*asked, NO_COLOR="1", COLUMNS="200")
    assert plain == run(*asked).stdout.splitlines()
    assert not COLOUR.search("".join(plain))
    assert "due today" in plain[1]


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("lang", ["de", "en", "ru", "zh"])
@pytest.mark.parametrize("command", ["upcoming", "status", "due"])
def test_all_lines_fit_the_terminal_no_word_is_cut_and_a_pipe_is_not_wrapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, lang: str, columns: int
) -> None:
    monkeypatch.chdir(tmp_path)
    course(Path(), "--caregiver")
    asked = (command, "anna.toml", "--today", "2026-01-08", "--lang", lang)
    wide = run(*asked).stdout
    assert max(map(width, wide.splitlines())) > 150
    shown = in_terminal(*asked, code=0 if command == "upcoming" else 12, COLUMNS=str(columns))
    assert max(width(COLOUR.sub("", line)) for line in shown) <= max(columns, longest_command(wide))
    if lang != "zh":  # Chinese words have no spaces between them
        words = COLOUR.sub("", " ".join(shown)).split()
        assert {*wide.partition("\n")[2].split()} - {*words} == set()


def longest_command(text: str) -> int:
    """Return how wide the longest line of a command alone is: it is never broken."""
    return max((len(each) + 4 for each in re.findall(r"dosecal [a-z]+ .*", text)), default=0)


@pytest.mark.parametrize("columns", [70, 80])
def test_the_catalogue_fits_the_terminal_with_its_ids_whole(columns: int) -> None:
    shown = in_terminal("list", COLUMNS=str(columns))
    assert max(map(width, shown)) <= columns
    ids = [line.split(",")[0] for line in run("list", "--format", "csv").stdout.splitlines()[1:]]
    assert [id for id in ids if not re.search(rf"(^|\s){id}(\s|$)", "\n".join(shown))] == []


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_json_and_csv_keep_their_words_and_only_the_reason_is_translated(
    tmp_path: Path, lang: str
) -> None:
    asked = ("upcoming", course(tmp_path), "--today", "2026-01-08", "--count", "2", "--format")
    english, spoken = (
        json.loads(run(*asked, "json", "--lang", each).stdout) for each in ("en", lang)
    )
    for one, other in zip(english, spoken, strict=True):
        assert (one.pop("reason") == other.pop("reason")) is (lang == "en")
        assert one == other
    tables = [
        list(csv.reader(io.StringIO(run(*asked, "csv", "--lang", each).stdout)))
        for each in ("en", lang)
    ]
    place = tables[0][0].index("Why")
    without = ([[*row[:place], *row[place + 1 :]] for row in each] for each in tables)
    assert next(without) == next(without)
    assert tables[0][0] == tables[1][0]
    assert tables[0][1][10] == "late"


def test_the_option_wins_over_the_course_and_the_course_over_the_environment(
    tmp_path: Path,
) -> None:
    file = course(tmp_path, "--lang", "fr")
    german = {"LC_ALL": "de_DE.UTF-8"}
    asked = ("upcoming", file, "--today", "2026-01-05", "--count", "1")
    assert run(*asked, "--lang", "es", env=german).stdout.startswith("N.º")
    assert run(*asked, env=german).stdout.startswith("N°")
    assert run(*ASKED, "--count", "1", env=german).stdout.startswith("Nr.")
    assert run(*ASKED, "--count", "1").stdout.startswith("No.")


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_status_speaks_the_language_with_the_same_numbers(tmp_path: Path, lang: str) -> None:
    file = course(tmp_path)
    asked = ("status", file, "--today", "2026-01-08", "--lang")
    english, spoken = run(*asked, "en"), run(*asked, lang)
    assert (english.exit_code, spoken.exit_code) == (12, 12)
    assert (english.stdout == spoken.stdout) is (lang == "en")
    for text in (english.stdout, spoken.stdout):
        assert f"dosecal record {file} --on DATE" in text
        assert re.search(r"2026-01-05.*3", text)


def test_an_unknown_language_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    found = run(*ASKED, "--lang", "xx")
    assert (found.exit_code, found.stdout) == (2, "")
    assert 'no language "xx"; there are de (Deutsch), en (English)' in found.stderr
    file = Path(course(tmp_path))
    file.write_text(file.read_text("utf-8") + '\nlanguage = "xx"\n', encoding="utf-8")
    found = run("check", str(file))
    assert found.exit_code == 11
    assert 'language: no language "xx"; there are de (Deutsch)' in found.stdout


def events(file: Path) -> list[dict[str, str]]:
    text = file.read_text("utf-8").replace("\n ", "")
    return [
        dict(line.split(":", 1) for line in event.partition("BEGIN:VALARM")[0].splitlines()[1:])
        for event in text.split("BEGIN:VEVENT")[1:]
    ]


def test_a_calendar_in_another_language_is_the_same_calendar(tmp_path: Path) -> None:
    """The UIDs and dates stay, so that a change of language changes texts and nothing else."""
    found = {}
    for lang in LANGUAGES:
        file = tmp_path / f"{lang}.ics"
        assert run("ics", "netakimab-psoriasis", "--start", "2026-12-01", "--lang", lang, "-o",
                   str(file)).exit_code == 0  # fmt: skip
        found[lang] = events(file)
    for lang, spoken in found.items():
        for one, other in zip(found["en"], spoken, strict=True):
            assert {k: one[k] for k in one if k not in ("SUMMARY", "DESCRIPTION")} == {
                k: other[k] for k in other if k not in ("SUMMARY", "DESCRIPTION")
            }, lang
    assert found["ru"][3]["SUMMARY"] == "Инъекция\\, доза 4"
    assert found["ru"][3]["DESCRIPTION"].startswith(
        "нетакимаб (Эфлейра)\\n120 мг\\, 2 инъекции\\nМеста: живот слева\\, живот справа\\n"
        "Этап: поддерживающий"
    )
