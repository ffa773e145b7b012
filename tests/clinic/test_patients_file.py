"""Patients files: what is read, what Excel leaves in them, and every mistake with its message."""

import contextlib
import csv
import io
import json
import re
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dosecal.clinic.patients_file import (
    COLUMNS,
    Patient,
    PatientRow,
    Repeats,
    RowDefaults,
    read_ids,
    read_patients,
    read_rows,
    row_error,
)
from dosecal.errors import PatientsFileError, Problem, QuantityError, RequestError
from dosecal.formats.course_file import read_course
from dosecal.formats.fields import READERS
from dosecal.model.course import Course
from dosecal.model.schedule import Schedule
from dosecal.store import catalogue
from dosecal.store.named import Finder

BAD = Path(__file__).parents[1] / "bad_patients"
S = "netakimab-psoriasis"
HEAD = b"id,schedule,start\n"


def schedule(name: str) -> Schedule:
    if name.endswith(".toml"):
        raise RequestError(f"cannot read {name}: No such file or directory")
    return catalogue.load(name)


def course(name: str) -> Course:
    path = BAD / name
    if not path.exists():
        raise RequestError(f"cannot read {name}: No such file or directory")
    return read_course(path.read_bytes(), name, schedule)


FIND = Finder(schedule, course)


def rows(data: bytes, name: str = "p.csv") -> list[PatientRow]:
    return list(read_rows(io.BytesIO(data), name))


def read(
    data: bytes, defaults: RowDefaults
) -> list[tuple[PatientRow, Patient | tuple[Problem, ...]]]:
    return list(read_patients(rows(data), defaults, FIND, Repeats()))


def messages(data: bytes, defaults: RowDefaults = RowDefaults()) -> list[str]:  # noqa: B008
    """Return every message about a file, as the command line shows them."""
    with contextlib.suppress(PatientsFileError):
        ids = [each for each in read_ids(io.BytesIO(data), "p.csv") if each]
        assert ids == [row.id for row in rows(data) if row.id]
    try:
        found = read(data, defaults)
    except PatientsFileError as error:
        return str(error).splitlines()
    lines = []
    for row, patient in found:
        if not isinstance(patient, Patient):
            lines += [row_error("p.csv", row, problem) for problem in patient]
    return lines


def patients(data: bytes, defaults: RowDefaults = RowDefaults()) -> list[Patient]:  # noqa: B008
    found = [patient for _, patient in read(data, defaults)]
    assert all(isinstance(each, Patient) for each in found), found
    return [each for each in found if isinstance(each, Patient)]


EXPECTED = json.loads((BAD / "messages.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD.glob("*.csv")))
def test_each_mistake_has_its_message(name: str) -> None:
    assert messages((BAD / f"{name}.csv").read_bytes()) == EXPECTED.get(name)


def test_every_message_has_its_file() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in BAD.glob("*.csv"))


def test_every_column_is_described() -> None:
    text = (BAD.parents[1] / "docs" / "clinic.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == COLUMNS


def test_all_columns_are_read() -> None:
    (one,) = patients(
        b"id,schedule,start,time,timezone,weight_kg,caregiver,language,avoid,title\n"
        b"P1,netakimab-psoriasis,2026-12-01,09:30,Europe/Moscow,72.5,yes,ru,"
        b"left-thigh right-thigh,medicine\n"
    )
    assert (one.id, one.title) == ("P1", "medicine")
    found = one.course
    assert (found.schedule.id, found.start, found.clock) == (S, date(2026, 12, 1), time(9, 30))
    assert (found.zone, found.weight_kg, found.caregiver) == (
        "Europe/Moscow",
        Decimal("72.5"),
        True,
    )
    assert (found.language, [each.site for each in found.avoid]) == (
        "ru", ["left-thigh", "right-thigh"],
    )  # fmt: skip
    assert found.log is None


ONE = f"P1,{S},2026-12-01\n"
SAME = {
    "BOM": b"\xef\xbb\xbf" + HEAD + ONE.encode(),
    "semicolons": (HEAD.decode() + ONE).replace(",", ";").encode(),
    "tabs": (HEAD.decode() + ONE).replace(",", "\t").encode(),
    "CRLF": (HEAD.decode() + ONE).replace("\n", "\r\n").encode(),
    "CR": (HEAD.decode() + ONE).replace("\n", "\r").encode(),
    "no end of line": (HEAD.decode() + ONE).rstrip().encode(),
    "sep": b"sep=;\r\n" + (HEAD.decode() + ONE).replace(",", ";").encode(),
    "quoted sep": b'"sep=;"\n' + (HEAD.decode() + ONE).replace(",", ";").encode(),
    "empty lines": b"\n\n" + HEAD + b"\n,,\n" + ONE.encode() + b"\n,,,,\n\n",
    "empty columns": b"id,schedule,start,,,\n" + ONE.strip().encode() + b",,,\n",
    "quotes": b'"id","schedule","start"\n"P1","netakimab-psoriasis","2026-12-01"\n',
    "spaces": f" ID , Schedule , START \n P1 , {S} , 2026-12-01 \n".encode(),
    "no-break spaces": f"id,schedule,start\nP1\u00a0,{S},\u00a02026-12-01\n".encode(),
    "spaces before quotes": b'id, "schedule", "start"\nP1, "netakimab-psoriasis", "2026-12-01"\n',
    "apostrophe": f"id,schedule,start\n'P1,{S},'2026-12-01\n".encode(),
    "formula": f'id,schedule,start\n="P1",{S},="2026-12-01"\n'.encode(),
    "quoted formula": f'id,schedule,start\n"=""P1""",{S},"=""2026-12-01"""\n'.encode(),
    "another order": f"start,id,schedule\n2026-12-01,P1,{S}\n".encode(),
}


@pytest.mark.parametrize("data", SAME.values(), ids=SAME)
def test_excels_habits_change_nothing(data: bytes) -> None:
    assert patients(data) == patients(HEAD + ONE.encode())


@pytest.mark.parametrize(("clock", "read"), [("9:00", time(9)), ("09:00:00", time(9))])
def test_times_as_excel_writes_them(clock: str, read: time) -> None:
    assert READERS["time"](clock) == read


def test_a_decimal_comma_is_taken_where_commas_do_not_separate() -> None:
    head = "id,schedule,start,weight_kg\n"
    line = f'P1,{S},2026-12-01,"72,5"\n'
    for separator in (";", "\t"):
        data = head.replace(",", separator) + f"P1,{S},2026-12-01,".replace(",", separator)
        assert patients(f"{data}72,5\n".encode())[0].course.weight_kg == Decimal("72.5")
    assert messages((head + line).encode())[0].endswith('did you mean "72.5"?')


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    data = b"sep=,\r\n\r\n" + HEAD.replace(b"\n", b"\r\n")
    with pytest.raises(PatientsFileError):
        rows(data)  # what follows sep= is the header, even if it is empty
    data = HEAD + b"\n\n" + ONE.encode() + b"P2,x,2026-12-01\n"
    assert [row.line for row in rows(data)] == [4, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_end_of_line_at_the_edge_of_a_chunk_is_one(end: str) -> None:
    size = 1 << 13
    for more in range(-2, 3):
        pad = "x" * (size - len(f"id,schedule,start{end}") + more - len(end))
        data = f"id,schedule,start{end}{pad}{end}P2,{S},2026-12-01{end}".encode()
        assert [row.line for row in rows(data)] == [2, 3]


@pytest.mark.parametrize("more", range(-1, 2))
def test_a_line_too_long_ends_where_it_ends(more: int) -> None:
    data = HEAD + b"x" * (9 * (1 << 13) - len(HEAD) - 1 + more) + b"\r" + ONE.encode()
    assert [(row.line, row.id) for row in rows(data)] == [(2, ""), (3, "P1")]


def test_no_two_patients_have_one_course_id() -> None:
    text = HEAD + f"P1,{S},2026-12-01\nP2,{S},2026-12-01\n".encode()
    own = [each.course.id for each in patients(text)]
    other = [each.course.id for each in patients(text, RowDefaults(clinic="North"))]
    assert len({*own, *other}) == 4
    assert own == [each.course.id for each in patients(text.replace(b"\n", b"\r\n"))]


def test_composed_and_decomposed_letters_are_one_id() -> None:
    data = HEAD + f"Zo\u00eb,{S},2026-12-01\nZoe\u0308,{S},2026-12-01\n".encode()
    (said,) = messages(data)
    assert said.startswith('p.csv: line 3, column id: "Zo\u00eb" stands in line 2 already')


def test_defaults_hold_where_the_row_is_silent() -> None:
    head = b"id,schedule,start,time,timezone\n"
    data = head + f"P1,{S},2026-12-01,,\nP2,{S},2026-12-01,10:00,Asia/Tokyo\n".encode()
    found = patients(data, RowDefaults(time(8), "Europe/Berlin"))
    assert [(each.course.clock, each.course.zone) for each in found] == [
        (time(8), "Europe/Berlin"), (time(10), "Asia/Tokyo"),
    ]  # fmt: skip


def test_one_spoiled_line_leaves_the_others_alone() -> None:
    data = HEAD + f'P1,{S},2026-12-01\n"P2,{S},2026-12-01\nP3,{S},2026-12-01\n'.encode()
    assert [(row.id, bool(row.problems)) for row in rows(data)] == [
        ("P1", False), ("", True), ("P3", False),
    ]  # fmt: skip


class _Endless(io.RawIOBase):
    """A file that is one line without an end, and counts what is read of it."""

    def __init__(self, begin: bytes, size: int) -> None:
        self._begin, self._left = begin, size

    def read(self, size: int = -1) -> bytes:
        if self._begin:
            begin, self._begin = self._begin, b""
            return begin
        given = min(size, self._left)
        self._left -= given
        return b"x" * given


def test_a_line_without_an_end_is_never_held_whole() -> None:
    import tracemalloc

    tracemalloc.start()
    try:
        file: object = _Endless(HEAD, 50_000_000)
        found = list(read_rows(file, "p.csv"))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == 1
    assert found[0].problems[0].what.startswith("the line is longer")
    assert peak < 2_000_000


CELLS = st.text(max_size=20) | st.sampled_from(
    ["", S, "2026-12-01", "01.12.2026", "09:00", "Europe/Moscow", "72.5", '="1"', "'", '"', "\0"]
)


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"id,course\n\xff,\n")
@example(b'sep=\xff\n"')
def test_no_bytes_are_too_strange(data: bytes) -> None:
    messages(data)


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, max_size=13), max_size=6), st.sampled_from(",;\t"))
def test_no_cells_are_too_strange(lines: list[list[str]], separator: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    for line in messages(out.getvalue().encode("utf-8", "surrogatepass"), RowDefaults(time(9))):
        assert line.startswith("p.csv: ")
        assert line.isprintable()


@settings(deadline=None)
@given(st.sampled_from(sorted(READERS)), st.text(max_size=30))
def test_a_cell_is_read_or_refused(name: str, text: str) -> None:
    with contextlib.suppress(QuantityError):
        READERS[name](text)


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_a_date_is_read_as_it_is_written_and_never_otherwise(day: date) -> None:
    assert READERS["start"](day.isoformat()) == day
    for form in ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%Y/%m/%d", "%Y%m%d"):
        with pytest.raises(QuantityError):
            READERS["start"](day.strftime(form))
