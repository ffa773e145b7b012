"""A text of a schedule that nobody has translated says so, wherever a reader sees it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from dosecal.cli import main
from dosecal.words.language import ENGLISH, NOT_TRANSLATED, language

SCHEDULE = """format = 1
medicine = "testumab"
indication = "odd illness"

[[phase]]
name = "odd phase"
dose = "120 mg"
every = "1 week"
source = "leaflet"

[preparation]
storage = "odd storage"
source = "leaflet"

[[check]]
name = "odd check at start"
when = "before start"
source = "leaflet"

[[check]]
name = "odd check of each"
when = "before each dose"
source = "leaflet"

[[check]]
name = "odd check by date"
weeks = [1]
source = "leaflet"

[[note]]
about = "storage"
text = "odd note"
source = "leaflet"

[sources.leaflet]
title = "Leaflet"
basis = "label"
"""
PLAN = ("--start", "2026-12-01", "--today", "2026-12-01")
SEEN = {
    "show": {"odd illness", "odd phase", "odd storage", "odd check at start", "odd check of each",
             "odd check by date", "odd note"},
    "upcoming": {"odd phase", "odd check at start", "odd check of each", "odd check by date"},
    "status": {"odd phase"},
    "ics": {"odd phase", "odd storage", "odd check at start", "odd check of each",
            "odd check by date"},
    "print": {"odd illness", "odd phase", "odd storage", "odd check at start",
              "odd check of each", "odd check by date", "odd note"},
}  # fmt: skip


def said(command: str, code: str) -> str:
    """Return what a command shows a reader of the schedule, without lines and tags."""
    run, file = CliRunner(), {"ics": "x.ics", "print": "x.html"}.get(command)
    Path("own.toml").write_text(SCHEDULE, "utf-8")
    output = ("-o", file) if file else ()
    plan: tuple[str, ...] = ("own.toml", *PLAN)
    if command == "status":
        begin = ("--schedule", "own.toml", "--start", "2026-12-01", "--today", "2026-12-01")
        assert run.invoke(main, ["new", "c.toml", *begin]).exit_code == 0
        plan = ("c.toml", "--today", "2026-12-01")
    found = run.invoke(main, [command, *plan, "--lang", code, *output])
    assert found.exit_code == 0, found.output
    text = Path(file).read_text("utf-8") if file else found.stdout
    text = re.sub(r"\n ", "", text.replace("\r", "")) if command == "ics" else text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))


@pytest.mark.parametrize("code", ["de", "es", "fr", "ru", "zh"])
@pytest.mark.parametrize("command", SEEN)
def test_what_is_not_translated_is_marked(
    command: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = said(command, code).casefold()
    for stated in SEEN[command]:
        mark = language(code).text(NOT_TRANSLATED, text=stated).casefold()
        assert mark != stated
        assert text.count(stated) == text.count(mark) > 0, stated


@pytest.mark.parametrize("command", SEEN)
def test_in_english_nothing_is_marked(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "not translated" not in said(command, "en")


def test_the_indications_of_the_catalogue_are_marked() -> None:
    listed = CliRunner().invoke(main, ["list", "--lang", "de", "inclisiran"]).stdout
    assert "(nicht übersetzt)" in listed
    assert (
        "не переведено"
        not in CliRunner().invoke(main, ["list", "--lang", "ru", "netakimab"]).stdout
    )


def test_a_word_that_is_the_same_in_both_languages_is_translated() -> None:
    assert language("fr").stated("induction") == "induction"


def test_a_file_in_the_readers_own_letters_is_in_their_language() -> None:
    assert language("ru").stated("первый этап") == "первый этап"
    assert language("zh").stated("第一阶段") == "第一阶段"
    assert language("de").stated("первый этап") == "первый этап (nicht übersetzt)"
    assert ENGLISH.stated("первый этап") == "первый этап"
