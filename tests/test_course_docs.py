"""The pages about a course hold what the code does, and lead to pages that there are."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

import course_pages as made
from dosecal.cli import COMMANDS
from dosecal.formats.course_file import read_course
from dosecal.formats.course_keys import COURSE
from dosecal.formats.keys import Kind
from dosecal.model.course import Chosen, Course, Entry, Skipped
from dosecal.model.schedule import Then
from dosecal.plan.walk import Status
from dosecal.store.catalogue import load

REFERENCE = re.compile(r'\bdocs/([\w./-]*\w)(?:[,:]\s+"([^"]+)")?')
UNWRITTEN = {"schedule-format.md"}
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#([\w-]+))?\)")


@pytest.mark.parametrize("page", made.PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_what_the_code_does(page: Path) -> None:
    """On a difference that is meant: `python tools/course_pages.py`."""
    text = page.read_text("utf-8")
    assert made.filled(text) == text


def test_each_block_that_is_made_stands_in_one_page() -> None:
    found = [
        name for page in made.PAGES
        for name in re.findall(r"<!-- made: ([^>]+) -->", page.read_text("utf-8"))
    ]  # fmt: skip
    assert sorted(found) == sorted(made.MADE)


@pytest.mark.parametrize("then", Then)
def test_each_drawing_shows_its_rule(then: Then) -> None:
    text = made.drawing(made.EXAMPLES[then.value])
    words = {"skip": "   missed\n", "repeat": ": repeat, now Thu 2026-12-17\n"}
    assert words.get(then.value, f": {then.value}\n") in text


def test_every_key_of_a_course_file_is_shown_with_an_example_that_is_read() -> None:
    shown = {name.removeprefix("keys of ") for name in made.MADE if name.startswith("keys of ")}
    tables = {key.name for key in COURSE if not isinstance(key.kind, Kind)}
    assert shown == {"top", *tables}
    for path in shown:
        for key in made.declared(path):
            assert key.meaning
            if isinstance(key.kind, Kind):
                key.kind.read(tomllib.loads(f"x = {key.example}", parse_float=Decimal)["x"])
            elif key.many == "list":
                assert key.example == f"[[{key.name}]]"
            else:
                assert key.example == f"[{key.name}.PHASE]"


def example(name: str) -> Course:
    """Return the course of a file that the page shows."""
    page = (made.DOCS / "course-file.md").read_text("utf-8")
    (block,) = re.findall(rf"<!-- file: {name} -->\n\n```toml\n(.*?)^```$", page, re.S | re.M)
    return read_course(block.encode(), name, load)


def test_the_example_of_the_page_is_a_short_course() -> None:
    kinds = [type(entry).__name__ for entry in example("anna.toml").log or ()]
    assert kinds == ["Given", "Given", "Decided", "Hold", "Void"]


def test_the_examples_of_the_page_hold_every_kind_of_entry() -> None:
    names = ("anna.toml", "begun.toml", "years.toml")
    found = {type(entry) for name in names for entry in example(name).log or ()}
    assert found == set(get_args(Entry)) - {Skipped, Chosen}
    assert {type(each) for each in example("years.toml").choices} <= {Chosen}


def test_the_glossary_has_exactly_the_seven_statuses() -> None:
    page = (made.DOCS / "glossary.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [each.value for each in Status]


@pytest.mark.parametrize("page", made.PAGES, ids=lambda page: page.stem)
def test_a_page_names_only_commands_that_there_are(page: Path) -> None:
    code = re.findall(r"`([^`\n]*)`|^\$ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    named = [re.match(r"dosecal ([a-z]+)", inline or typed) for inline, typed in code]
    assert {each[1] for each in named if each} <= set(COMMANDS)


def slugs(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def headings(page: Path) -> list[str]:
    return [each.lower() for each in re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)]


@pytest.mark.parametrize(
    "path",
    [*sorted((made.ROOT / "src").rglob("*.py")), *sorted((made.ROOT / "tests").glob("*.py"))],
    ids=lambda path: path.name,
)
def test_what_the_code_refers_to_is_there(path: Path) -> None:
    text = re.sub(r"\s*\n\s*(?:# )?", " ", path.read_text("utf-8"))
    for name, section in REFERENCE.findall(text):
        target = made.DOCS / name
        assert target.exists() or name in UNWRITTEN, name
        if section:
            assert any(each.startswith(section.lower()) for each in headings(target)), section


@pytest.mark.parametrize(
    "page", [made.ROOT / "README.md", *sorted(made.DOCS.rglob("*.md"))], ids=lambda page: page.stem
)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for name, anchor in LINK.findall(page.read_text("utf-8")):
        target = page.parent / name
        assert target.exists() or name in UNWRITTEN, name
        assert not anchor or anchor in slugs(target), f"{name}#{anchor}"
