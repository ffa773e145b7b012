"""Cells for a reader: their width in any script, and nobody's line breaks."""

import pytest

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
