"""Tables for a reader: aligned in any script, as wide as the terminal, and nobody's line breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.rows import NARROWEST, isolated, table_lines, to_csv, to_table, width, wrapped


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


CELLS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
TABLES = st.integers(1, 5).flatmap(
    lambda size: st.lists(st.tuples(*[CELLS] * size), min_size=1, max_size=5)
)


@given(TABLES)
def test_columns_are_aligned_in_any_script(table: list[tuple[str, ...]]) -> None:
    head = tuple(f"head {n}" for n in range(len(table[0])))
    lines = to_table((*head, "END"), [(*row, "end") for row in table]).split("\n")
    begins = {width(line[: line.rindex("END" if not n else "end")]) for n, line in enumerate(lines)}
    assert len(begins) == 1
    assert len(lines) == len(table) + 1


@given(TABLES, st.integers(20, 200))
def test_a_table_fits_the_terminal_or_is_as_narrow_as_it_may_be(
    table: list[tuple[str, ...]], columns: int
) -> None:
    head = ("h",) * len(table[0])
    lines = [line for row in table_lines(head, table, columns) for line in row]
    assert max(map(width, lines)) <= max(columns, (NARROWEST + 2) * len(head))


@given(CELLS, st.integers(2, 40))
def test_wrapping_loses_no_letter(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns for line in lines)


def test_a_reason_is_wrapped_under_its_own_column() -> None:
    table = table_lines(("No.", "Why"), [("1", "late by three whole days already")], 20)
    assert table[1] == ["1    late by three", "     whole days", "     already"]
    assert table_lines(("No.", "Why"), [("1", "late by three days")])[1] == [
        "1    late by three days"
    ]


def test_a_reason_that_has_no_room_left_stands_below_its_row() -> None:
    rows = [
        ("1", "left thigh", "late by three days, and nobody says why it should be"),
        ("2", "", ""),
    ]
    assert table_lines(("No.", "Sites", "Why"), rows, 40) == [
        ["No.  Sites"],
        ["1    left thigh", "    late by three days, and nobody says", "    why it should be"],
        ["2"],
    ]


def test_a_right_to_left_name_does_not_turn_the_line_round() -> None:
    line = to_table(("Phase", "Status"), [("دانا", "late")]).split("\n")[1]
    assert line == "\u2068دانا\u2069   late"
    assert isolated("Анна") == "Анна"
    assert "\u2068" not in to_csv(("Phase",), [("دانا",)])
