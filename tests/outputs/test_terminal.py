"""What a terminal shows: aligned in any script, as wide as it is, and no word cut."""

from collections.abc import Sequence
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from dosecal.outputs import terminal
from dosecal.outputs.formats import TextRow
from dosecal.outputs.terminal import folded
from dosecal.outputs.terminal import table as table_of
from dosecal.words.text import longest_word, width, wrapped

CELLS: Final = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
TABLES: Final = st.integers(1, 5).flatmap(
    lambda size: st.lists(st.tuples(*[CELLS] * size), min_size=1, max_size=5)
)
WORDS: Final = st.lists(st.text("aбßé左", min_size=1, max_size=12), max_size=8).map(" ".join)
TABLES_OF_WORDS: Final = st.integers(1, 9).flatmap(
    lambda size: st.lists(st.tuples(*[WORDS] * size), min_size=1, max_size=4)
)


def to_table(head: TextRow, rows: Sequence[TextRow], columns: int = 0) -> str:
    found = table_of(head, rows, columns)
    return "\n".join([*found.first(), *(line for row in rows for line in found.lines(row))])


@given(TABLES)
def test_columns_are_aligned_in_any_script(table: list[tuple[str, ...]]) -> None:
    head = tuple(f"head {n}" for n in range(len(table[0])))
    lines = to_table((*head, "END"), [(*row, "end") for row in table]).split("\n")
    begins = {width(line[: line.rindex("END" if not n else "end")]) for n, line in enumerate(lines)}
    assert len(begins) == 1
    assert len(lines) == len(table) + 1


@given(TABLES, st.integers(20, 200))
def test_no_line_is_wider_than_the_terminal(table: list[tuple[str, ...]], columns: int) -> None:
    lines = to_table(("h",) * len(table[0]), table, columns).split("\n")
    assert max(map(width, lines)) <= columns


@given(TABLES_OF_WORDS, st.integers(30, 120))
def test_no_word_is_cut(table: list[tuple[str, ...]], columns: int) -> None:
    """Every word fits a line here, so each stands whole, side by side or in a block."""
    head = tuple(f"head{n}" for n in range(len(table[0])))
    found = terminal.table(head, table, columns)
    for row in table:
        shown = " ".join(found.lines(row)).split()
        words = [each for each in shown if not each.startswith("head")]
        assert sorted(words) == sorted(word for cell in row for word in cell.split())


@given(CELLS, st.integers(2, 40))
def test_wrapping_loses_no_letter(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns for line in lines)
    if longest_word(text) <= columns:
        assert max(map(width, wrapped(text, longest_word(text)))) == longest_word(text)


def test_a_reason_is_wrapped_under_its_own_column() -> None:
    rows = [("1", "late by three whole days already")]
    assert to_table(("No.", "Why"), rows, 20).split("\n")[1:] == [
        "1    late by three", "     whole days", "     already",
    ]  # fmt: skip
    assert to_table(("No.", "Why"), rows).split("\n")[1:] == [
        "1    late by three whole days already"
    ]


def test_a_reason_that_has_no_room_left_stands_below_its_row() -> None:
    rows = [
        ("1", "left thigh", "late by three days, and nobody says why it should be"),
        ("2", "", ""),
    ]
    assert to_table(("No.", "Sites", "Why"), rows, 40).split("\n") == [
        "No.  Sites",
        "1    left thigh",
        "    late by three days, and nobody says",
        "    why it should be",
        "2",
    ]


def test_a_column_is_never_narrower_than_its_longest_word_while_another_has_room() -> None:
    row = ("1", "Oberschenkel links, Oberschenkel rechts", "Injektionen", "120 mg")
    assert to_table(("Nr.", "Stellen", "", ""), [row], 38).split("\n")[1:] == [
        "1    Oberschenkel  Injektionen  120 mg",
        "     links,",
        "     Oberschenkel",
        "     rechts",
    ]


def test_without_room_for_the_longest_words_each_row_is_a_block() -> None:
    head = ("No.", "Date", "Sites", "Phase", "Window")
    rows = [
        ("1", "2026-12-01", "left thigh, right thigh, left upper arm", "maintenance", ""),
        ("2", "2026-12-08", "right thigh", "", ""),
    ]
    assert to_table(head, rows, 32).split("\n") == [
        "No. 1  Date: 2026-12-01",
        "  Sites: left thigh, right",
        "    thigh, left upper arm",
        "  Phase: maintenance",
        "No. 2  Date: 2026-12-08",
        "  Sites: right thigh",
    ]


def test_chinese_is_broken_after_its_commas() -> None:
    assert wrapped("来源未说明此情况的规则；请询问处方医生，谢谢", 26) == [
        "来源未说明此情况的规则；",
        "请询问处方医生，谢谢",
    ]


def test_a_right_to_left_name_does_not_turn_the_line_round() -> None:
    line = to_table(("Phase", "Status"), [("دانا", "late")]).split("\n")[1]
    assert line == "\u2068دانا\u2069   late"


def test_lines_are_folded_under_their_beginning_and_a_command_stays_whole() -> None:
    text = (
        "Decision missing: dose 2 was given late\n"
        "  With the answer: dosecal decide anna.toml --dose 2 --then keep|shift"
    )
    assert [*folded(text, 0)] == text.split("\n")
    assert [*folded(text, 30)] == [
        "Decision missing: dose 2 was",
        "  given late",
        "  With the answer:",
        "    dosecal decide anna.toml --dose 2 --then keep|shift",
    ]


def test_an_address_at_the_end_of_a_line_stays_whole() -> None:
    address = "https://example.org/a-long-address-that-one-wants-to-open"
    assert [*folded(f"  [a] Title (label, read) {address}", 30)] == [
        "  [a] Title (label, read)",
        f"    {address}",
    ]


@given(st.lists(WORDS, max_size=4).map("\n".join), st.integers(0, 6), st.integers(30, 90))
def test_folding_cuts_no_word_and_fits(text: str, indent: int, columns: int) -> None:
    text = " " * indent + text
    lines = [*folded(text, columns)]
    assert " ".join(lines).split() == text.split()
    assert max(map(width, lines)) <= columns
