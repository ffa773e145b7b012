"""Text of anybody's on one line: what it may hold, and what it may not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.words.text import clean


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("left thigh", "left thigh"),
        ("no\N{NO-BREAK SPACE}break, דן, 120\N{NARROW NO-BREAK SPACE}mg", None),
        ("a\r\nb\u2028c\x85d\te", "a b c d e"),
        ("\x1b[2Jred\x9b31m\x7f\x00", "[2Jred31m"),
        ("exe.\u202efdp", "exe.<U+202E>fdp"),
        ("\u2067x\u2069", "<U+2067>x<U+2069>"),
        ("\ud800", "\ufffd"),
        ("\u200fשלום", "\u200fשלום"),  # a mark of direction ends with itself
    ],
)
def test_clean(text: str, line: str | None) -> None:
    assert clean(text) == (text if line is None else line)


@given(st.text())
def test_a_clean_text_is_one_line_without_controls_and_stays_so(text: str) -> None:
    found = clean(text)
    assert len(found.splitlines()) <= 1
    assert not {unicodedata.category(each) for each in found} & {"Cc", "Cs"}
    assert not {unicodedata.bidirectional(each) for each in found} & {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip
    assert clean(found) == found
