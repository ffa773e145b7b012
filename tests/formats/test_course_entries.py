"""Every entry of a course: written and read back the same, in its order, and read as it says."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.errors import CourseFileError
from dosecal.formats.course_file import course_bytes, entry_bytes, read_course
from dosecal.formats.course_keys import FORMS, entry_of, entry_values
from dosecal.formats.keys import Reader
from dosecal.formats.toml import parse_toml, table_order
from dosecal.model.course import (
    VOIDED_BY_KIND,
    Avoid,
    Chosen,
    Course,
    Decided,
    Entry,
    Extra,
    Given,
    Hold,
    HoldEnd,
    Moved,
    Skipped,
    Stepped,
    Stocked,
    Stopped,
    Taken,
    Void,
    Weighed,
    Zoned,
    name_of,
)
from dosecal.model.quantities import Amount
from dosecal.model.schedule import ALL_SITES, Then
from dosecal.store.catalogue import load

HEAD = 'format = 1\nschedule = "netakimab-psoriasis"\nid = "5f0c"\nstart = 2026-12-01\n'
AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)

HOSTILE = (
    '"', "'", '"""\n[[void]]\ndose = 1\n"""', "'''", "[[given]]", "# note", "\\", "\\u0000", "\x00",
    "\x7f", "\x1b[2J", "\r\n", "\u2028", "\u202e", "\ufeff", "é\u0301", "注射", "= 1", "]]", "}",
)  # fmt: skip
plain = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)).map(str.strip)
text = plain.filter(bool)
short = text.filter(lambda each: len(each) <= 80)
place = st.one_of(st.sampled_from(ALL_SITES), st.sampled_from(["lower left leg", "right-forearm"]))
day = st.dates(date(1900, 1, 1), date(2999, 12, 31))
clock = st.builds(time, st.integers(0, 23), st.integers(0, 59))
dose = st.integers(1, 36_525)
amount = st.builds(
    lambda value, unit: Amount(value, unit),
    st.decimals(Decimal("0.001"), 999, places=3),
    st.sampled_from(["mg", "IU", "mL"]),
)
kg = st.decimals(Decimal("0.2"), 650, places=3)
made = {
    "recorded": st.none() | st.datetimes(
        datetime(1900, 1, 2), datetime(2999, 12, 30)
    ).map(lambda each: each.replace(microsecond=0, tzinfo=UTC)),
    "by": st.just("") | text,
}  # fmt: skip
note = st.just("") | text
pack = {"lot": st.just("") | short, "expiry": st.none() | day}
decision = st.sampled_from([Then.KEEP, Then.SHIFT, Then.RESTART])
chosen = st.one_of(
    st.tuples(st.just("every"), st.sampled_from(["12 weeks", "1 month"])),
    st.tuples(st.just("dose"), st.sampled_from(["150 mg", "3 mg/kg"])),
    st.tuples(st.just("on"), st.sampled_from(["Mon", "Mon,Wed,Fri", "Sun,Tue"])),
    st.tuples(st.sampled_from(["weeks[2]", "days[1]", "months[12]"]), st.sampled_from(["0", "6"])),
)
void = st.one_of(
    st.builds(Void, dose, st.just("hold"), **made),
    st.builds(Void, st.none(), st.sampled_from(sorted(VOIDED_BY_KIND.values())), **made),
)
ENTRIES: dict[type, st.SearchStrategy[Any]] = {
    Taken: st.builds(Taken, day, **made),
    Given: st.builds(
        Given, dose, day, st.lists(place, max_size=20).map(tuple), st.none() | decision, note,
        at=st.none() | clock, amount=st.none() | amount,
        injections=st.none() | st.integers(1, 20), **pack, **made,
    ),
    Extra: st.builds(
        Extra, day, amount, st.integers(1, 20), st.lists(place, max_size=20).map(tuple),
        at=st.none() | clock, note=note, **pack, **made,
    ),
    Skipped: st.builds(Skipped, dose, note, **made),
    Moved: st.builds(
        Moved, dose, day, st.sampled_from([Then.KEEP, Then.SHIFT]), note, st.booleans(), **made
    ),
    Hold: st.builds(lambda first, **more: Hold(first, first, **more), day, reason=note, **made),
    HoldEnd: st.builds(HoldEnd, day, **made),
    Decided: st.one_of(
        st.builds(Decided, dose, decision, on=st.none(), decided=st.booleans(), **made),
        st.builds(Decided, dose, st.just(Then.REPEAT), on=day, decided=st.booleans(), **made),
    ),
    Chosen: st.builds(
        lambda phase, pair, **more: Chosen(phase, *pair, **more), text, chosen,
        first=st.none() | day, **made,
    ),
    Weighed: st.builds(Weighed, kg, day, **made),
    Stepped: st.builds(Stepped, text, day, note, dose, st.booleans(), **made),
    Stocked: st.one_of(
        st.builds(
            Stocked, day, st.integers(-10_000, 10_000).filter(bool), st.none(), **pack, **made
        ),
        st.builds(Stocked, day, st.none(), st.integers(0, 10_000), **pack, **made),
    ),
    Stopped: st.builds(Stopped, day, note, **made),
    Zoned: st.builds(
        Zoned, st.sampled_from(["Asia/Tokyo", "UTC"]), day, st.none() | clock, **made
    ),
    Void: void,
}  # fmt: skip


def test_every_kind_of_entry_is_tried_and_declared() -> None:
    kinds = set(get_args(Entry))
    assert set(ENTRIES) == kinds
    assert {form.kind for form in FORMS.values()} | {Extra} == kinds
    assert set(VOIDED_BY_KIND) < kinds
    for form in FORMS.values():
        assert [key.name for key in form.keys[-2:]] == ["recorded", "by"]


def read_back(data: bytes) -> tuple[str, Entry]:
    """Read the one table of a piece of a file."""
    ((header, (table,)),) = parse_toml(data).items()
    reader = Reader()
    found = reader.table(FORMS[header].keys, table, header)
    assert reader.problems == []
    return header, entry_of(header, found)


@given(st.one_of(*ENTRIES.values()))
def test_what_is_written_is_read_back_the_same(entry: Entry) -> None:
    data = entry_bytes(entry)
    assert read_back(data) == (name_of(type(entry)), entry)
    assert data.startswith(b"\n[[")
    assert table_order(data.decode(), FORMS) == [name_of(type(entry))]


@given(st.lists(st.one_of(*ENTRIES.values()), max_size=12))
def test_entries_are_found_in_the_order_in_which_they_were_appended(log: list[Entry]) -> None:
    text = HEAD + b"".join(map(entry_bytes, log)).decode()
    assert table_order(text, FORMS) == [name_of(type(each)) for each in log]


@pytest.mark.parametrize(
    ("entry", "written"),
    [
        (Taken(date(2026, 12, 1)), "[[taken]]\nuntil = 2026-12-01\n"),
        (Given(1, date(2026, 12, 1)), "[[given]]\ndose = 1\ndate = 2026-12-01\n"),
        (
            Given(
                4, date(2026, 12, 1), ("left-thigh", "lower left leg"), Then.KEEP, "sore", AT,
                time(21, 40), Amount(Decimal(60), "mg"), 2, "A1", date(2027, 6, 30), "ward 3",
            ),
            ("[[given]]\ndose = 4\ndate = 2026-12-01\nat = 21:40:00\namount = \"60 mg\"\n"
            'injections = 2\nsites = ["left-thigh", "lower left leg"]\nlot = "A1"\n'
            'expiry = 2027-06-30\nthen = "keep"\nnote = "sore"\n'
            'recorded = 2026-12-01T08:30:00Z\nby = "ward 3"\n'),
        ),
        (
            Extra(date(2026, 12, 1), Amount(Decimal(60), "mg")),
            '[[given]]\nextra = true\ndate = 2026-12-01\namount = "60 mg"\ninjections = 1\n',
        ),
        (Moved(2, date(2026, 12, 9)), "[[moved]]\ndose = 2\nto = 2026-12-09\n"),
        (
            Moved(2, date(2026, 12, 9), Then.SHIFT, decided=True),
            '[[moved]]\ndose = 2\nto = 2026-12-09\nthen = "shift"\ndecided = true\n',
        ),
        (HoldEnd(date(2026, 12, 9)), "[[hold_end]]\non = 2026-12-09\n"),
        (Stocked(date(2026, 12, 9), count=0), "[[supply]]\ncount = 0\non = 2026-12-09\n"),
        (Stocked(date(2026, 12, 9), add=-1), "[[supply]]\nadd = -1\non = 2026-12-09\n"),
        (Decided(1, Then.KEEP), '[[decided]]\ndose = 1\nthen = "keep"\n'),
        (Chosen("a b", "weeks[2]", "6"), '[[chosen]]\nphase = "a b"\n"weeks[2]" = 6\n'),
        (
            Chosen("x", "on", "Mon,Fri", date(2027, 3, 1)),
            '[[chosen]]\nphase = "x"\non = ["Mon", "Fri"]\nfrom = 2027-03-01\n',
        ),
        (
            Weighed(Decimal("104.50"), date(2027, 3, 1)),
            "[[weighed]]\nkg = 104.50\non = 2027-03-01\n",
        ),
        (
            Zoned("Asia/Tokyo", date(2027, 3, 1), time(0)),
            '[[zoned]]\ntimezone = "Asia/Tokyo"\ntime = 00:00:00\non = 2027-03-01\n',
        ),
        (Void(3), "[[void]]\ndose = 3\n"),
        (Void(None, "hold_end"), "[[void]]\nhold_end = true\n"),
    ],
)  # fmt: skip
def test_an_entry_says_only_what_it_says(entry: Entry, written: str) -> None:
    assert entry_bytes(entry).decode() == "\n" + written


def read(text: str) -> Any:
    return read_course((HEAD + text).encode(), "x.toml", load)


def test_the_head_of_a_course() -> None:
    course = read(
        "time = 09:00:00\ntimezone = 'Asia/Tokyo'\nweight_kg = 72\nbsa_m2 = 1.73\n"
        "label = ' Tuesday pen '\nsites = ['right-thigh', 'left-thigh']\nbeside = ['mtx.toml']\n"
        "[choices.maintenance]\nevery = '12 weeks'\non = ['Mon', 'Wed']\n"
        "[choices.loading]\n'weeks[2]' = 6\ndose = '150 mg'\n"
    )
    assert (course.weight_kg, course.bsa_m2) == (Decimal(72), Decimal("1.73"))
    assert (course.label, course.sites) == ("Tuesday pen", ("right-thigh", "left-thigh"))
    assert (course.beside, course.others, course.log) == (("mtx.toml",), (), ())
    assert set(course.choices) == {
        Chosen("maintenance", "every", "12 weeks"), Chosen("maintenance", "on", "Mon,Wed"),
        Chosen("loading", "weeks[2]", "6"), Chosen("loading", "dose", "150 mg"),
    }  # fmt: skip


def test_a_new_file_holds_what_was_chosen() -> None:
    choices = (Chosen("maintenance", "every", "12 weeks"), Chosen("loading", "weeks[2]", "6"))
    begun = Course(
        load("netakimab-psoriasis"),
        "x",
        date(2026, 12, 1),
        time(9),
        "Asia/Tokyo",
        Decimal("72.5"),
        caregiver=True,
        language="ru",
        avoid=(Avoid("left-abdomen"), Avoid("right-thigh", last=date(2027, 1, 1), reason="bruise")),
        log=(Given(1, date(2026, 12, 1), ("left-thigh",)), Hold(date(2026, 12, 2))),
        bsa_m2=Decimal("1.9"),
        label="Tuesday pen",
        sites=("left-thigh", "right-abdomen"),
        beside=("mtx.toml",),
        choices=choices,
    )
    assert read_course(course_bytes(begun), "x.toml", load) == begun


def test_a_step_to_another_schedule_brings_it_along() -> None:
    asked: list[str] = []

    def find(name: str) -> Any:
        asked.append(name)
        return load(name)

    text = (
        '[[stepped]]\nto = "{}"\non = 2027-0{}-05\n{}'
        "[[void]]\nstep = true\n"
        '[[stepped]]\nto = "loading"\non = 2027-05-05\n'
    )
    other = load("adalimumab-psoriasis")
    named = 'schedule = "adalimumab-psoriasis"\n'
    stepped = text.format(other.phases[-1].name, 3, named)
    course = read_course((HEAD + stepped).encode(), "x.toml", find)
    assert course.others == (("adalimumab-psoriasis", other),)
    assert asked == ["netakimab-psoriasis", "adalimumab-psoriasis"]

    goes_on = stepped.replace("[[void]]\nstep = true\n", "")
    with pytest.raises(CourseFileError, match=r'stepped\[2\].to: no phase "loading"'):
        read_course((HEAD + goes_on).encode(), "x.toml", find)


@pytest.mark.parametrize(
    "log",
    [
        # a repeat opens the number again, for another administration or a skip
        (
            "[[given]]\ndose = 1\ndate = 2026-12-01\n"
            '[[decided]]\ndose = 1\nthen = "repeat"\non = 2026-12-03\n'
            "[[given]]\ndose = 1\ndate = 2026-12-03\n"
        ),
        (
            "[[given]]\ndose = 1\ndate = 2026-12-01\n"
            '[[decided]]\ndose = 1\nthen = "repeat"\non = 2026-12-03\n[[skipped]]\ndose = 1\n'
        ),
        (
            "[[given]]\ndose = 1\ndate = 2026-12-01\n"
            '[[decided]]\ndose = 1\nthen = "repeat"\non = 2026-12-03\n'
            "[[moved]]\ndose = 1\nto = 2026-12-05\n"
        ),
        # what was taken back says nothing any more
        (
            "[[given]]\ndose = 1\ndate = 2026-11-01\n[[void]]\ndose = 1\n"
            "[[given]]\ndose = 1\ndate = 2026-12-01\n"
        ),
        "[[moved]]\ndose = 1\nto = 2026-11-01\n[[void]]\nmoved = true\n",
        "[[hold]]\nfrom = 2026-12-10\n[[hold_end]]\non = 2026-12-10\n[[void]]\nhold_end = true\n",
        "[[moved]]\ndose = 1\nto = 2026-12-05\n[[given]]\ndose = 1\ndate = 2026-12-05\n",
        '[[given]]\nextra = true\ndate = 2026-12-01\namount = "60 mg"\n',
        "[[given]]\nextra = false\ndose = 1\ndate = 2026-12-01\n",
        "[[void]]\ndose = 1\nhold = false\n".join(["[[skipped]]\ndose = 1\n", ""]),
    ],
)
def test_what_does_not_contradict_itself_is_read(log: str) -> None:
    assert read(log).log


def test_a_repeat_that_is_taken_back_closes_the_number_again() -> None:
    again = "[[given]]\ndose = 1\ndate = 2026-12-03\n"
    with pytest.raises(CourseFileError, match="dose 1 is recorded twice"):
        read(
            "[[given]]\ndose = 1\ndate = 2026-12-01\n"
            '[[decided]]\ndose = 1\nthen = "repeat"\non = 2026-12-03\n[[void]]\ndose = 1\n' + again
        )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[[a]]\n [[b]] # [[a]]\n[['a']]\n[[\t\"b\" ]]", "a b a b"),
        ("# [[a]]\nx = '[[a]]' # '\n[[b]]", "b"),
        ('x = """\n[[a]]\n\\"""\n[[a]]\n"""\n[[b]]', "b"),
        ('x = """a""""\n[[b]]\ny = """"a""""" # """\n[[b]]', "b b"),
        ("x = '''\n[[a]]\n''''\n[[b]]", "b"),
        ('x = ""\ny = """"""\n[[b]]', "b"),
        ('x = "\\\\"\n[[b]]', "b"),
        ("x = [\n[['a']],\n[[\n'a']]]\n[[b]]", "b"),
        ("x = [\n# ]\n[[1]], ']'\n]\n[[b]]", "b"),
        ("x = {a = [[1]]}\n[b.a]\n[a]\n[[b.a]]\n[[b]]", "b"),
        ("[a.'x]'.\"[[\"]\n[[b]]", "b"),
        ("x = 1 [[a]]", ""),
        ("\ufeff", ""),
        ("[[a]]\r\n[[b]]\r\n", "a b"),
        ('x = "no end\n[[b]]', "b"),
        ("x = '''no end\n[[b]]", ""),
    ],
)
def test_the_order_of_tables(text: str, names: str) -> None:
    assert table_order(text, ("a", "b")) == names.split()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    with pytest.raises(CourseFileError) as refused:
        read_course(HEAD.encode(encoding), "x.toml", load)
    assert str(refused.value) == (
        "x.toml: this is UTF-16, as PowerShell writes it with > (text in UTF-8); in Notepad: Save "
        "As, Encoding UTF-8; in PowerShell: | Out-File -Encoding utf8"
    )


@pytest.mark.parametrize(
    ("number", "right"), [("7_2", "72"), ("+7_2.5", "+72.5"), ("1_000_0", "10000")]
)
def test_digits_in_pieces_are_refused_wherever_they_stand(number: str, right: str) -> None:
    for text in (f"weight_kg = {number}", f"x = [1, {number}]", f"x = {{a = {number}}}"):
        with pytest.raises(CourseFileError) as refused:
            read(text)
        expected = f"x.toml: {number} is not allowed (digits in one piece: {right})"
        assert str(refused.value) == expected
    for text in (f"note = '{number}'", f"# {number}", f'note = """\n{number}"""', "a1_2 = 1"):
        with pytest.raises(CourseFileError, match="unknown key") as refused:
            read(f"{text}\ntiem = 1")
        assert "digits" not in str(refused.value)


def test_the_values_of_an_entry_are_as_its_table_has_them() -> None:
    assert entry_values(Given(1, date(2026, 12, 1), None)) == {"dose": 1, "date": date(2026, 12, 1)}
