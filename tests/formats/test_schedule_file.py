"""One bad file a mistake, with its messages; hostile input; whatever is accepted works."""

import contextlib
import re
import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from dosecal.cli import main
from dosecal.consistency.phases import by_weight, with_ends_of_choices
from dosecal.errors import QuantityError, ScheduleFileError
from dosecal.formats.keys import Kind
from dosecal.formats.schedule_file import problems as problems_of
from dosecal.formats.schedule_file import read_schedule
from dosecal.formats.schedule_keys import (
    BANDS,
    FOREIGN,
    MAX_TABLES,
    MISSED,
    PHASE,
    PREPARATION,
    SCHEDULE,
    SITES,
    WINDOW,
)
from dosecal.model.dates import parse_interval
from dosecal.model.schedule import Schedule, Window
from dosecal.plan.timeline import targets

HERE = Path(__file__).parents[1]
BAD = sorted((HERE / "bad_schedules").glob("*.toml"))
CATALOGUE = sorted((HERE.parent / "schedules").glob("*.toml"))
STARTS = (date(2027, 1, 31), date(2028, 2, 29))
GOOD = """\
format = 1
medicine = "testumab"
[[phase]]
name = "loading"
dose = "120 mg"
weeks = [0, 1, 2]
source = "label"
[[phase]]
name = "maintenance"
dose = "120 mg"
every = "4 weeks"
from = "week 6"
source = "label"
[sources.label]
title = "Leaflet"
basis = "label"
"""


def read(data: bytes | str) -> Schedule:
    return read_schedule(data.encode() if isinstance(data, str) else data, "x", "x.toml")


def problems(data: bytes | str) -> list[str]:
    try:
        read(data)
    except ScheduleFileError as error:
        return [str(each) for each in error.problems]
    return []


def test_a_good_file_has_no_problem() -> None:
    assert problems(GOOD) == []
    assert problems(b"\xef\xbb\xbf" + GOOD.encode()) == []  # Windows' Notepad writes the mark
    assert problems(GOOD.replace("\n", "\r\n")) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_and_its_messages(path: Path) -> None:
    """The lines `#! ...` at the head of each bad file are all that is said of it, in order."""
    data = path.read_bytes()
    lines = data.decode("utf-8", "replace").splitlines()
    wanted = [line.removeprefix("#! ") for line in lines if line.startswith("#! ")]
    assert wanted
    assert problems(data) == wanted


def test_every_foreign_key_is_answered_and_none_is_a_key() -> None:
    for key, answer in FOREIGN.items():
        assert problems(f"{key} = 1\n{GOOD}")[0].endswith(f"; {answer}")
    for declared in (SCHEDULE, PHASE, BANDS, WINDOW, SITES):
        assert not {key.name for key in declared if key.name != "weight"} & set(FOREIGN)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfef\x00", "this is UTF-16, as PowerShell writes it with > (text in UTF-8)"),
        (b"a = " + b"[" * 5000, "nested beyond reason (tables as the format has them)"),
        (b"a" + b".a" * 200_000 + b" = 1", "nested beyond reason (tables as the format has them)"),
        (b"['a'" + b" . 'a'" * 100_000 + b"]", "nested beyond reason"),
        (b"#" * 1_000_001, "the file has 1000001 bytes (at most 1000000)"),
        (b"format = 1e99999999999999999999", "not TOML: [<class 'decimal."),
        (b"format = " + b"1" * 5000, "not TOML: Exceeds the limit"),
        (b"", "format: missing"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, message: str) -> None:
    assert problems(data)[0].startswith(message)


def test_a_message_never_repeats_a_whole_file() -> None:
    text = GOOD.replace('"120 mg"', f'"{"9" * 100_000} mg"', 1) + f"{'k' * 100_000} = 1\n"
    assert len(problems(text)) == 2
    assert all(len(each) < 2000 for each in problems(text))


def test_tables_without_end_are_refused() -> None:
    note = '[[note]]\nabout = "a"\ntext = "b"\nsource = "label"\n'
    assert problems(GOOD + note * MAX_TABLES) == []
    assert problems(GOOD + note * (MAX_TABLES + 1)) == ["note: there are 101 (at most 100)"]
    bands = ", ".join(f'{{ weight = "> {kg} kg", dose = "1 mg" }}' for kg in range(20_000))
    assert problems(GOOD.replace('"120 mg"', f"[{bands}]", 1)) == [
        "phase[1].dose: there are 20000 weight bands (at most 100)"
    ]
    keys = "\n".join(f"k{n} = 1" for n in range(80_000))
    assert [each[:19] for each in problems(f"{keys}\n{GOOD}")] == ["80000 unknown keys "]


def test_months_and_days_overlap_from_some_starts_only() -> None:
    """From 1 February month 1 is day 28, from 1 January day 31: day 31 is free from no January."""
    text = GOOD.replace("weeks = [0, 1, 2]", "months = [0, 1]")
    assert problems(text.replace("week 6", "day 31")) != []
    assert problems(text.replace("week 6", "day 32")) == []


LENGTHS = (
    "27 days", "28 days", "30 days", "31 days", "4 weeks", "5 weeks", "1 month", "2 months",
    "59 days", "61 days", "12 months", "1 year", "365 days", "366 days", "13 months",
)  # fmt: skip
DAYS_OF_MONTHS = [
    date(year, month, day) for year in (2027, 2028) for month in range(1, 13) for day in (1, 28)
]
MONTH_EDGES = [*DAYS_OF_MONTHS, date(2027, 1, 31), date(2027, 12, 31), date(2028, 2, 29)]


@pytest.mark.parametrize("every", LENGTHS)
def test_a_window_is_refused_where_from_some_start_it_reaches_the_next_dose(every: str) -> None:
    """Months are tried from their first and last days: the shortest month is among them."""
    for length in LENGTHS:
        text = GOOD.replace("4 weeks", every).replace("week 6", "year 3")
        found = problems(text.replace('from = "', f'window = "{length}"\nfrom = "'))
        window = Window(parse_interval(length), parse_interval(length))
        phase = read(text).phases[1]
        reaches = any(
            window.around(before)[1] >= after or window.around(after)[0] <= before
            for start in MONTH_EDGES
            for before, after in pairwise(islice(targets((phase,), start), 13))
        )
        assert bool(found) == reaches, length


PARSED: dict[str, Kind] = {
    key.name: key.kind
    for keys in (BANDS, WINDOW, PHASE, MISSED, PREPARATION)
    for key in keys
    if isinstance(key.kind, Kind) and "pattern" in key.kind.schema
}


@pytest.mark.parametrize("name", sorted(PARSED))
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_an_editor_never_marks_what_the_reader_takes(name: str, data: st.DataObject) -> None:
    """What nearly is what the pattern wants, and the reader takes, matches the pattern."""
    kind = PARSED[name]
    pattern = re.compile(kind.schema["pattern"], re.ASCII)
    text = data.draw(st.from_regex(pattern, fullmatch=True))
    place = data.draw(st.integers(0, len(text)))
    char = data.draw(st.sampled_from([*" 0.-,/skg<=>1", ""]))
    text = text[:place] + char + text[place + data.draw(st.integers(0, 1)) :]
    with contextlib.suppress(QuantityError):
        kind.read(text)
        assert pattern.search(text)


SCALARS = st.one_of(
    st.text(max_size=8),
    st.integers(),
    st.booleans(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from(
        ["120 mg", "3 mg/kg", "ask", "<= 70 kg", "> 70 kg", "1 month", "5 days", "week 6", "day 31",
         "month 2", "label", "Mon", "Sat", "thigh", "upper arm", "intravenous", ">= 3", "2-4",
         "prescriber", "every", "given", "150 mg/mL",
         "2 mL", "as prescribed", "> 3 days, <= 7 days", "self", "step", "reload"]
    ),
    st.sampled_from([0, 1, 2, 4, 30, -4]),
)  # fmt: skip
KEYS = st.one_of(
    st.sampled_from([key.name for keys in (PHASE, SCHEDULE, SITES, WINDOW) for key in keys]),
    st.text(max_size=5),
)
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


def toml(value: object) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, dict):
        pairs = (f"{toml(str(key))} = {toml(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        safe = (c if c.isalnum() or c in " -_<>=,/." else f"\\U{ord(c):08x}" for c in value)
        return f'"{"".join(safe)}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        if not value.is_finite():
            return "inf" if value.is_infinite() else "nan"
        return f"{value:f}" if value != value.to_integral() else f"{value:f}.0"
    return str(value) if not hasattr(value, "isoformat") else value.isoformat()


def file_of(tree: dict[str, Any]) -> str:
    return "\n".join(f"{toml(key)} = {toml(value)}" for key, value in tree.items())


def mutated(tree: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """Return a tree with one value somewhere in it dropped, doubled or replaced."""
    if isinstance(tree, dict | list) and tree and draw(st.integers(0, 4)):
        copy = tree.copy()
        key = draw(st.sampled_from(list(tree) if isinstance(tree, dict) else range(len(tree))))
        if not draw(st.integers(0, 4)):
            del copy[key]
        else:
            copy[key] = mutated(tree[key], draw)
        return copy
    return draw(TREES)


def expands(schedule: Schedule) -> None:
    """Whatever is accepted gives dates for any weight from any start, each after the one before."""
    for weight in by_weight(tuple(phase.weight for phase in schedule.phases)):
        for chosen in with_ends_of_choices(weight.of(schedule.phases)):
            for start in STARTS:
                days = list(islice(targets(chosen, start), 30))
                assert days
                assert all(early < late for early, late in pairwise(days))
    assert problems_of(schedule) == []


@settings(deadline=None)
@given(st.dictionaries(KEYS, TREES, max_size=8))
def test_any_tree_is_a_schedule_or_an_error(tree: dict[str, Any]) -> None:
    with contextlib.suppress(ScheduleFileError):
        expands(read(file_of(tree).encode("utf-8", "replace")))


OPEN_SHAPES = [
    path for path in sorted((HERE / "cases" / "regimens").glob("*.toml"))
    if re.search(r"one_of|from = \"1|for = |prescriber|weight|gap|with|strength",
                 path.read_text("utf-8"))
]  # fmt: skip


@given(st.sampled_from([*CATALOGUE, *OPEN_SHAPES]), st.integers(1, 4), st.data())
@settings(max_examples=150, deadline=None)
def test_a_mutated_schedule_is_a_schedule_or_an_error(
    path: Path, times: int, data: st.DataObject
) -> None:
    tree: Any = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    for _ in range(times):
        tree = mutated(tree, data.draw)
        tree = tree if isinstance(tree, dict) else {}
    with contextlib.suppress(ScheduleFileError):
        expands(read(file_of(tree).encode("utf-8", "replace")))


@st.composite
def phases(draw: st.DrawFn) -> dict[str, Any]:
    """Phases of any shape, most of them right each for itself."""
    unit = draw(st.sampled_from(["days", "weeks", "months"]))
    interval = st.builds(lambda count, unit: f"{count} {unit}", st.integers(1, 40), st.just(unit))
    if draw(st.booleans()):
        timing: dict[str, Any] = {
            unit: draw(
                st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True).map(sorted)
            )
        }
    else:
        timing = {"every": draw(interval)}
        end = draw(st.sampled_from(["", "doses", "for", "ends", "range"]))
        if end == "doses":
            timing["doses"] = draw(st.integers(1, 6))
        elif end == "for":
            timing["for"] = draw(interval)
        elif end == "ends":
            timing["ends"] = "prescriber"
        elif end == "range":
            least = draw(st.integers(1, 20))
            timing["every"] = {"from": f"{least} {unit}", "to": f"{least + 9} {unit}"}
            timing["doses"] = draw(st.integers(1, 6))
        if draw(st.integers(0, 3)):
            timing["from"] = f"{unit.removesuffix('s')} {draw(st.integers(0, 90))}"
        else:
            timing["after"] = draw(interval | st.just("every"))
        if draw(st.booleans()):
            timing["on_days"] = draw(
                st.lists(st.integers(0, 27), min_size=1, max_size=3, unique=True).map(sorted)
            )
        if not draw(st.integers(0, 3)):
            timing |= {"every": "1 week"}
            timing.pop("on_days", None)
            timing["on"] = draw(st.lists(st.sampled_from(["Mon", "Wed", "Sun"]), min_size=1,
                                         unique=True))  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        timing["weight"] = draw(st.sampled_from(["< 40 kg", ">= 40 kg"]))
    return {"dose": "1 mg", "source": "label", **timing}


@given(st.lists(phases(), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_phases_that_are_accepted_never_meet(many: list[dict[str, Any]]) -> None:
    tree = {
        "format": 1,
        "medicine": "testumab",
        "phase": [{"name": f"p{n}", **phase} for n, phase in enumerate(many)],
        "sources": {"label": {"title": "Leaflet", "basis": "label"}},
    }
    with contextlib.suppress(ScheduleFileError):
        expands(read(file_of(tree)))


OF_A_COURSE = (
    'start = "2026-12-01"', "start = 2026-12-01", 'schedule = "x"', 'id = "5f0c"',
    "[[given]]\ndose = 1\ndate = 2026-12-01", "[[skipped]]\ndose = 1",
)  # fmt: skip


@pytest.mark.parametrize("line", OF_A_COURSE)
@pytest.mark.parametrize("medicine", ['medicine = "testumab"\n', ""])
def test_what_belongs_to_a_course_hides_no_other_problem(
    tmp_path: Path, line: str, medicine: str
) -> None:
    path, key = tmp_path / "own.toml", re.findall(r"\w+", line)[0]
    own = line if line.startswith("[") else ""
    top = "" if own else line
    path.write_text(
        f"format = 1\n{medicine}{top}\n[[phase]]\nname = 'a'\ndose = '10 mgg'\nweeks = [0]\n"
        f"source = 'l'\n{own}\n[sources.l]\ntitle = 'Label'\nbasis = 'label'\n",
        encoding="utf-8",
    )
    for command in (["check"], ["show"]):
        found = CliRunner().invoke(main, [*command, str(path)])
        assert found.exit_code == 10
        assert f"{path}: {key}: unknown key" in found.output
        assert FOREIGN[key] in found.output
        assert "mgg" in found.output
        assert ("medicine: missing" in found.output) == (not medicine)


def test_a_course_is_told_as_one_where_a_schedule_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "anna.toml"
    text = 'format = 1\nschedule = "netakimab-psoriasis"\nid = "5f0c"\nstart = 2026-12-01\n'
    path.write_text(text, encoding="utf-8")
    begun = ["new", str(tmp_path / "b.toml"), "--schedule", str(path), "--start", "2026-12-01"]
    found = CliRunner().invoke(main, begun)
    assert (found.exit_code, "this is a course, no schedule" in found.stderr) == (10, True)
    note = 'note = """\n[[phase]]\n"""'
    path.write_text(f"{text}[[skipped]]\ndose = 2\n{note}\n# [[phase]]\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["check", str(path)]).output == f"{path}: ok\n"
