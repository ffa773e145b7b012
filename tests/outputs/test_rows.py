"""Cells for a reader: their width in any script, and nobody's line breaks."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.outputs.rows import csv_line
from dosecal.words.text import isolated, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("left thigh", 10),
        ("левое бедро", 11),
        ("左大腿", 6),
        ("e\u0301", 1),
        ("دانا", 4),
        ("🙂", 2),
        ("\u2068دانا\u2069", 4),
        ("𝐀", 1),
        ("한국", 4),
        ("\u200b", 0),
    ],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_a_spreadsheet_gets_no_marks_of_direction() -> None:
    assert isolated("دانا") == "\u2068دانا\u2069"
    assert isolated("Анна") == "Анна"
    assert "\u2068" not in csv_line(("دانا",))


SPREADSHEETS = {
    "=1+1": '"\'=1+1"',
    "+1": '"\'+1"',
    "-1": '"\'-1"',
    "@x": '"\'@x"',
    "\uff1d1": '"\'\uff1d1"',
    "\uff0b1": '"\'\uff0b1"',
    "\uff0d1": '"\'\uff0d1"',
    "\uff20x": '"\'\uff20x"',
    "\t=1": '"\' =1"',
    "\r=1": '"\' =1"',
    ' "=1': '"\' ""=1"',
    "a;=1": '"a;\'=1"',
    "a; =1": '"a;\' =1"',
    'a;"=1"': '"a;\'""=1"""',
    "a;b": '"a;b"',
    "a,b": '"a,b"',
    'a"b': '"a""b"',
    "2026-12-01": "2026-12-01",
    "left-thigh": "left-thigh",
    "O'Brien": "O'Brien",
    "a = b": "a = b",
    "": "",
}


@pytest.mark.parametrize(("cell", "written"), SPREADSHEETS.items())
def test_no_spreadsheet_can_run_a_cell(cell: str, written: str) -> None:
    assert csv_line((cell,)) == written


@given(st.lists(st.text(alphabet="=+-@;,\"' \ta\uff1d"), min_size=1, max_size=4))
def test_no_part_of_a_line_begins_a_formula_where_semicolons_separate(cells: list[str]) -> None:
    """A spreadsheet may split at commas or at semicolons, and takes quotes away or not."""
    line = csv_line(cells)
    for separator in ",;":
        for part in next(csv.reader([line], delimiter=separator)):
            assert not part.strip(" \"'")[:1] or not part.strip(' "').startswith(
                ("=", "+", "-", "@", "\uff1d")
            )
