"""The page for the fridge: what stands on it, what can never get onto it, and how large it is."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import html5lib
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from chromium import missing
from dosecal import Course
from dosecal.cli import main
from dosecal.errors import RequestError
from dosecal.model.course import Avoid, Extra, Given, Stopped
from dosecal.model.languages import LANGUAGES
from dosecal.model.quantities import Amount
from dosecal.model.schedule import (
    ALL_SITES,
    Check,
    CheckTime,
    Companion,
    Note,
    Schedule,
    Source,
    Then,
)
from dosecal.page.body_map import BACK, FRONT, region
from dosecal.page.markup import tag, together
from dosecal.page.months import MAX_MONTHS
from dosecal.page.page import page, private
from dosecal.plan.advice import advise
from dosecal.plan.upcoming import upcoming
from dosecal.store import catalogue
from dosecal.words.language import ENGLISH, language
from prescribed import prescribed

START: Final = date(2026, 12, 1)
NETAKIMAB: Final = catalogue.load("netakimab-psoriasis")
DISCLAIMER: Final = (
    "dosecal computes dates from a stated schedule. It is no medical device and no medical "
    "advice. Your prescriber decides: compare this page with your prescription and the "
    "leaflet in the pack."
)
XHTML: Final = "{http://www.w3.org/1999/xhtml}"


def course(schedule: Schedule = NETAKIMAB, **more: Any) -> Course:
    return Course(schedule, id="x", start=START, weight_kg=Decimal(80), **more)


def written(
    of: Course, code: str = "en", owner: str = "", today: date = START, days: int = 365
) -> str:
    listed = upcoming(of, today, today, None, today + timedelta(days))
    return page(of, listed, today, today, language(code), owner).decode()


def parsed(html: str) -> Any:
    return html5lib.parse(html)


def words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def texts(html: str) -> str:
    """Return what a reader sees."""
    return words(parsed(html).find(f"{XHTML}body")).replace("\xa0", " ")


def rows(html: str, kind: str = "doses") -> list[list[str]]:
    tables = [t for t in parsed(html).iter(f"{XHTML}table") if t.get("class") == kind]
    return [[words(cell) for cell in row] for table in tables for row in table.iter(f"{XHTML}tr")]


def test_the_list_holds_each_dose_with_date_weekday_week_dose_and_sites() -> None:
    head, *found = rows(written(course()))
    assert head == ["Done", "No.", "Date", "Week", "Dose", "Sites", "Given on, where, notes"]
    assert [row[1] for row in found] == [str(n) for n in range(1, 16)]
    assert [int(row[3]) for row in found] == [0, 1, 2, *range(6, 52, 4)]
    assert found[0] == ["", "1", "Tue 1 Dec 2026 today", "0", "120 mg",
                        "left thigh and right thigh", "Lot:"]  # fmt: skip
    assert found[3][2:6] == ["Tue 12 Jan 2027", "6", "120 mg", "left abdomen and right abdomen"]


def facts(html: str) -> dict[str, str]:
    """Return what stands at the top."""
    top = parsed(html).find(f".//{XHTML}dl")
    names, values = (map(words, top.iter(f"{XHTML}{kind}")) for kind in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def test_the_top_says_what_how_much_and_for_whom() -> None:
    assert facts(written(course(), owner="Anna")) == {
        "For": "Anna",
        "Medicine": "netakimab (Efleira)",
        "Used for": "plaque psoriasis, moderate to severe, adults",
        "Dose": "120 mg in 2 injections",
        "How": "under the skin (subcutaneous)",
        "Out of the fridge": "the sources of this schedule state no time: "
        "go by the leaflet in the pack",
        "Who injects": "you yourself",
        "Start (week 0)": "Tue 1 Dec 2026",
    }
    assert 'class="blank"' in written(course())
    assert 'class="blank"' not in written(course(), owner="Anna")
    other = facts(written(course(catalogue.load("ixekizumab-psoriasis-us"), caregiver=True)))
    assert other["Dose"] == "160 mg in 2 injections → 80 mg in 1 injection"
    assert other["Out of the fridge"].startswith("30 minutes before injecting [")
    assert other["Keep at"].startswith("2 to 8 C [")
    assert other["Who injects"] == "somebody else"


@pytest.mark.parametrize(
    ("id", "wanted"),
    [
        ("netakimab-psoriasis", ["The sources state no rule for a late dose; ask your prescriber",
                                 "Before the start: screening for tuberculosis",
                                 "The basis is trial"]),
        ("ixekizumab-psoriasis-us", ["Navel: Keep at least"]),
        ("evolocumab-hypercholesterolaemia-us", ["late by at most 7 days", "give it now"]),
        ("tralokinumab-atopic-dermatitis", ["All injections of one dose at one site"]),
        ("ofatumumab-multiple-sclerosis-eu", ["4 weeks before the start"]),
    ],
)  # fmt: skip
def test_rules_checks_and_notes_stand_on_the_page(id: str, wanted: list[str]) -> None:
    seen = texts(written(course(catalogue.load(id), caregiver=True))).lower()
    assert [each for each in wanted if each.lower() not in seen] == []


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("netakimab-psoriasis", "The sources state no rule for a late dose"),
        ("evolocumab-hypercholesterolaemia-us", "In any other case: the sources state no rule"),
        ("adalimumab-rheumatoid-arthritis", ""),  # 1 day or more: every late dose
        ("golimumab-rheumatoid-arthritis", "In any other case: the sources state no rule"),
    ],
)
def test_what_no_rule_covers_is_said_only_where_there_is_such_a_case(id: str, said: str) -> None:
    seen = texts(written(course(catalogue.load(id))))
    assert said in seen
    assert said or "state no rule" not in seen


def test_a_late_dose_says_what_the_source_says_and_whose_the_rule_is() -> None:
    of = course(log=(Given(1, START), Given(2, START + timedelta(7))))
    seen = texts(written(of, today=START + timedelta(18)))
    assert "Dose 3: Sat 19 Dec 2026 · late" in seen
    assert "4 days late: the source states no rule for this; ask your prescriber" in seen
    assert "provisional: dose 3 is late" in seen.replace("Provisional", "provisional")


def test_no_second_dose_is_asked_for_on_the_day_of_one() -> None:
    """Dose 2 was given on the day on which dose 3 is due, and stands for it: dose 4 is next."""
    day = START + timedelta(weeks=2)
    log = (Given(1, START), Given(2, day, (), Then.KEEP))
    html = written(course(log=log), today=day)
    assert "Dose 4: Tue 12 Jan 2027" in texts(html).partition("Upcoming doses")[0]
    missed = next(row for row in rows(html) if row[1] == "3")
    assert missed[0] == "–"
    assert "missed" in missed[2]


def test_what_is_undecided_stands_before_the_next_dose_which_is_provisional(
    tmp_path: Path,
) -> None:
    file, out = tmp_path / "anna.toml", tmp_path / "plan.html"
    run("new", str(file), "--schedule", "netakimab-psoriasis", "--start", "2026-12-01")
    for day in ("2026-12-01", "2026-12-10"):
        run("record", str(file), "--on", day, "--today", day)
    asked = ("print", str(file), "--today", "2026-12-11", "-o", str(out))
    question = (
        "Decision missing: dose 2 was given 2 days late: the source states "
        "no rule for this; ask your prescriber"
    )
    provisional = (
        "Provisional: dose 2 was given and no rule says when the next "
        "dose is due; ask your prescriber"
    )
    assert run(*asked).exit_code == 0
    seen = texts(out.read_text("utf-8"))
    assert 0 < seen.index("Ask your prescriber") < seen.index(question)
    assert seen.index(question) < seen.index("Dose 3: Tue 15 Dec 2026") < seen.index(provisional)
    assert "dosecal decide" not in seen
    assert run("decide", str(file), "--dose", "2", "--then", "keep").exit_code == 0
    assert run(*asked).exit_code == 0
    seen = texts(out.read_text("utf-8"))
    assert "Decision missing" not in seen
    assert 'id="ask"' not in out.read_text("utf-8")
    assert "rovisional" not in seen


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_what_the_page_is_not_stands_at_its_top_and_no_stop_is_doubled(code: str) -> None:
    html = written(course(), code)
    top = words(parsed(html).find(f".//{XHTML}header")).replace("\xa0", " ")
    assert "dosecal " in top
    assert "netakimab-psoriasis" in top
    assert language(code).text(DISCLAIMER) in top
    assert ".." not in texts(html)


@pytest.mark.parametrize("caregiver", [False, True])
def test_the_map_is_said_in_words_with_every_allowed_site(caregiver: bool) -> None:
    html = written(course(caregiver=caregiver))
    found = {row[0]: row[1] for row in rows(html, "places")[1:]}
    sites = {"left thigh", "right thigh", "left abdomen", "right abdomen"}
    assert set(found) == sites | ({"left upper arm", "right upper arm"} if caregiver else set())
    assert found["left thigh"].endswith("▶ next dose")
    assert sum("next dose" in each for each in found.values()) == 2
    numbers = sorted(int(n) for each in found.values() for n in re.findall(r"\d+", each))
    assert numbers == sorted([*range(1, 9)] * 2)
    assert html.count("<svg") == (2 if caregiver else 1)


def test_every_site_has_its_place_on_a_figure() -> None:
    assert {region(site) for site in ALL_SITES} == {*FRONT, *BACK}


def test_left_and_right_are_the_persons() -> None:
    """From the front the left thigh lies on the reader's right, from the back on the left."""
    html = written(course(catalogue.load("adalimumab-psoriasis"), caregiver=True))
    for view, right_of_middle in (("front", True), ("back", False)):
        svg = re.search(rf'<svg[^>]*class="{view}".*?</svg>', html, re.S)
        if svg:
            places = re.findall(r'<tspan x="(\d+)"[^>]*class="name">left', svg[0])
            assert places
            assert all((int(x) > 195) is right_of_middle for x in places)


def test_months_run_to_the_last_dose_and_mark_its_day_in_words() -> None:
    html = written(course(), days=60)
    captions = [words(each) for each in parsed(html).iter(f"{XHTML}caption")]
    assert captions == ["The map in words", "December 2026", "January 2027"]
    marked = [words(td) for td in parsed(html).iter(f"{XHTML}td") if td.get("class") == "dose"]
    assert marked == ["1 dose 1", "8 dose 2", "15 dose 3", "12 dose 4"]


def test_the_week_begins_as_the_language_has_it() -> None:
    first = {code: rows(written(course(), code), "month")[0][0] for code in LANGUAGES}
    assert first == {"de": "Mo", "en": "Mo", "es": "LU", "fr": "lu", "ru": "пн", "zh": "一"}


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_the_page_says_its_language(code: str) -> None:
    html = written(course(NETAKIMAB.named(code)), code)
    assert f'<html lang="{code}">' in html
    english = set(re.findall(r'lang="en">([^<]+)<', html))
    assert english == set() if code in ("en", "ru") else english


def test_a_site_to_avoid_is_on_the_page_and_not_on_the_map() -> None:
    html = written(course(avoid=(Avoid("left-thigh", reason="scar"),)))
    assert "Left thigh: not used (scar)" in texts(html)
    assert "left thigh" not in {row[0] for row in rows(html, "places")}


@pytest.mark.parametrize("id", catalogue.ids())
def test_every_schedule_fits_into_300_kb_in_every_language(id: str) -> None:
    schedule = catalogue.load(id)
    for code in LANGUAGES:
        of = prescribed(schedule.named(code), START, caregiver=True)
        assert len(written(of, code).encode()) < 300_000


def test_the_largest_page_stays_under_300_kb_and_a_larger_is_refused() -> None:
    daily = NETAKIMAB._replace(phases=catalogue.load("etanercept-rheumatoid-arthritis").phases)
    until = (MAX_MONTHS - 2) * 30
    assert len(written(course(daily, caregiver=True), "ru", days=until).encode()) < 300_000
    with pytest.raises(RequestError, match="more than a page holds"):
        written(course(), days=(MAX_MONTHS + 1) * 31)
    with pytest.raises(RequestError, match="no dose in this range"):
        page(course(), (), START, START, ENGLISH)


def test_the_private_page_names_neither_medicine_nor_illness() -> None:
    for id in catalogue.ids():
        schedule = catalogue.load(id)
        of = prescribed(schedule, START, caregiver=True)
        html = written(of._replace(schedule=private(schedule))).lower()
        for word in (schedule.medicine, schedule.brand, *schedule.indication.split(",")[:1]):
            assert not word or word.lower() not in html, (id, word)
        assert 'href="#source' not in html


def elements(html: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for element in parsed(html).iter():
        name = str(element.tag) + "".join(sorted(key for key in element.attrib if key[:2] == "on"))
        counts[name] = counts.get(name, 0) + 1
    return counts


def hostile(text: str) -> Course:
    """Return a course whose every free text is `text`."""
    old = NETAKIMAB
    schedule = old._replace(
        medicine=text, brand=text, indication=text, id=text,
        phases=tuple(each._replace(name=f"{n}{text}") for n, each in enumerate(old.phases)),
        sources=tuple(
            Source(each.id, text, each.basis, text, f"https://x/{text}") for each in old.sources
        ),
        checks=(Check(text, CheckTime.BEFORE_START, ("dosecal",)),),
        notes=(Note(text, text, ("dosecal",)), Note("navel", text, ("dosecal",))),
    )  # fmt: skip
    return course(schedule, avoid=(Avoid("left-thigh", reason=text),), zone=text)


PLAIN: Final = elements(written(hostile("plain"), owner="plain"))
SHARP: Final = st.lists(
    st.sampled_from(["<", ">", '"', "'", "&", "/", "=", "script", "--", "]]>", "</style>", "<!--",
                     "</title>", "<svg onload=x>", "javascript:", "{", "}", "\0", "\r\n", "\u202e",
                     "&lt;", "onclick=", "`", "ａ", "\u2028"]),
    max_size=12,
).map("".join)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(SHARP)
def test_no_text_injects_markup(text: str) -> None:
    html = written(hostile(f"x{text}"), owner=f"x{text}")
    assert elements(html) == PLAIN


@given(st.text(), st.text())
def test_markup_keeps_every_text_as_text(inside: str, attribute: str) -> None:
    html = tag("p", inside, together("<b>", tag("i", "x")), title=attribute).text
    element = parsed(f"<!DOCTYPE html><body>{html}").find(f"{XHTML}body/{XHTML}p")
    assert [child.tag for child in element] == [f"{XHTML}i"]
    assert "<b>" in "".join(element.itertext())


def test_nothing_on_the_page_asks_a_network_and_nothing_runs() -> None:
    html = written(course(), owner="Anna")
    names = {str(each.tag).rpartition("}")[2] for each in parsed(html).iter()}
    assert names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"} == set()
    assert "default-src 'none'" in html.replace("&#x27;", "'")
    assert not re.search(r"url\((?!#)|@import", html)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


ASKED: Final = ("print", "netakimab-psoriasis", "--start", "2026-12-01", "--today", "2026-12-01")


def test_print_writes_the_page_and_the_same_bytes_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    for path in (first, second):
        found = run(*ASKED, "--lang", "ru", "--for", "Анна", "-o", str(path))
        assert (found.exit_code, found.stdout) == (0, "")
        assert "15 doses, 2026-12-01 to 2027-11-16" in found.stderr
    assert first.read_bytes() == second.read_bytes()
    assert "нетакимаб (Эфлейра)" in first.read_text("utf-8")


def test_print_takes_a_course_file_and_its_language(tmp_path: Path) -> None:
    file, out = tmp_path / "anna.toml", tmp_path / "plan.html"
    begun = run("new", str(file), "--schedule", "netakimab-psoriasis", "--start", "2026-01-05",
                "--lang", "fr")  # fmt: skip
    assert begun.exit_code == 0
    assert run("print", str(file), "--today", "2026-01-05", "-o", str(out)).exit_code == 0
    assert '<html lang="fr">' in out.read_text("utf-8")
    assert run("print", str(file), "--lang", "de", "--today", "2026-01-05", "-o",
               str(out)).exit_code == 0  # fmt: skip
    assert '<html lang="de">' in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("-o", "plan.txt"), "plan.txt: name the page with .html at its end"),
        (("--pdf", "-o", "plan.html"), "plan.html: name the page with .pdf at its end"),
        (("--lang", "xx", "-o", "plan.html"), 'no language "xx"; there are de (Deutsch), en'),
        (("--until", "2026-11-01", "-o", "plan.html"), "no dose in this range"),
    ],
)
def test_wrong_usage_says_what_is_right(more: tuple[str, ...], message: str) -> None:
    found = run(*ASKED, *more)
    assert (found.exit_code, found.stdout) == (2, "")
    assert message in found.stderr


def test_without_the_extra_a_pdf_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    found = run(*ASKED, "-o", str(tmp_path / "plan.pdf"))
    assert found.exit_code == 2
    assert "in the clone of the repository: pip install '.[pdf]'" in found.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("paper", "size"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_a_pdf_has_the_paper_that_was_asked_for(
    tmp_path: Path, paper: str, size: tuple[int, int]
) -> None:
    if find_spec("weasyprint") is None:
        missing("needs WeasyPrint: pip install -e '.[test,pdf]'")
    from pypdf import PdfReader

    out = tmp_path / "plan.pdf"
    for _ in range(2):  # its own is written anew
        assert run(*ASKED, "--paper", paper, "-o", str(out)).exit_code == 0
    sheets = PdfReader(out).pages
    assert len(sheets) == 4
    assert (round(sheets[0].mediabox.width), round(sheets[0].mediabox.height)) == size
    months = [sheet for sheet in sheets if "January 2027" in sheet.extract_text()]
    assert len(months) == 1
    assert "November 2027" in months[0].extract_text()
    begins: list[tuple[str, float]] = []
    months[0].extract_text(
        visitor_text=lambda text, outer, inner, *_: begins.append(
            (text.strip(), outer[0] * inner[4] + outer[2] * inner[5] + outer[4])
        )
    )
    names = [(text, x) for text, x in begins if text == "January 2027" or text.startswith("Mo Tu")]
    at = names.index(next(each for each in names if each[0] == "January 2027"))
    assert names[at][1] > names[at + 1][1] + 15  # centred above the weekdays


# What was recorded

RECORDED: Final = Given(
    1, START, ("left-thigh", "right-thigh"), note="leaked", at=time(21, 40),
    amount=Amount(Decimal(120), "mg"), injections=2, lot="7K221", expiry=date(2027, 3, 1),
)  # fmt: skip
OUTSIDE: Final = Extra(
    date(2026, 12, 5), Amount(Decimal(60), "mg"), 1, ("left-abdomen",), lot="7K222", note="told to"
)
PART: Final = Given(
    2, date(2026, 12, 8), ("left-thigh",), amount=Amount(Decimal(60), "mg"), injections=1
)


def recorded_page(of: Course, today: date, *, stopped: Stopped | None = None) -> str:
    listed = upcoming(of, today, START, None, today + timedelta(200))
    undecided = advise(of, today).undecided
    made = page(of, listed, START, today, ENGLISH, undecided=undecided, stopped=stopped)
    return made.decode()


def test_what_was_recorded_stands_in_the_last_column() -> None:
    _, first, extra, second, third, *_ = rows(
        recorded_page(course(log=(RECORDED, OUTSIDE, PART)), date(2026, 12, 9))
    )
    assert first[6] == "21:40; Lot: 7K221, usable until Mon 1 Mar 2027; leaked"
    assert extra == ["✓", "–", "Sat 5 Dec 2026 extra", "0", "60 mg", "left abdomen",
                     "Lot: 7K222; told to"]  # fmt: skip
    assert (second[0], second[4], second[6]) == ("✓", "60 mg", "")
    assert (third[0], third[6]) == ("", "Lot:")  # room to write


def test_a_private_page_tells_nothing_of_what_was_noted(tmp_path: Path) -> None:
    file, out = tmp_path / "anna.toml", tmp_path / "plan.html"
    run("new", str(file), "--schedule", "netakimab-psoriasis", "--start", "2026-12-01")
    told = ("--lot", "7K221", "--expiry", "2027-03-01", "--note", "leaked")
    run("record", str(file), "--on", "2026-12-01", "--today", "2026-12-01", *told)
    run("record", str(file), "--extra", "--on", "2026-12-02", "--today", "2026-12-02", *told)
    asked = ("print", str(file), "--from", "2026-12-01", "--today", "2026-12-02", "-o", str(out))
    assert run(*asked).exit_code == 0
    assert [out.read_text("utf-8").count(each) for each in ("7K221", "leaked", "2027-03-01")] == [
        2, 2, 0,
    ]  # fmt: skip
    assert run(*asked, "--private").exit_code == 0
    seen = out.read_text("utf-8")
    assert [seen.count(each) for each in ("7K221", "leaked", "1 Mar 2027")] == [0, 0, 0]


def test_the_question_about_a_part_stands_first() -> None:
    seen = texts(recorded_page(course(log=(RECORDED, PART)), date(2026, 12, 9)))
    asked = "Decision missing: of dose 2, 60 mg of 120 mg given; no source says what to do about"
    assert 0 < seen.index("Ask your prescriber") < seen.index(asked) < seen.index("Next dose")


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 12, 9), "The treatment was stopped on Wed 9 Dec 2026: rashUpcoming doses"),
        (date(2026, 12, 10), "The treatment is to be stopped on Thu 10 Dec 2026: rash"),
    ],
)
def test_the_stop_stands_in_the_first_box(on: date, words: str) -> None:
    stop = Stopped(on, "rash")
    of = course(log=(RECORDED, stop))
    html = recorded_page(of, date(2026, 12, 9), stopped=stop)
    seen = texts(html)
    assert words in seen
    assert ("Next dose" in seen) == (on > date(2026, 12, 9))
    ticks = [row[0] for row in rows(html)[1:]]
    assert ticks == (["✓", "–"] if on <= date(2026, 12, 9) else ["", "✓"])


def test_a_stopped_course_without_a_dose_left_says_so(tmp_path: Path) -> None:
    file, out = tmp_path / "anna.toml", tmp_path / "plan.html"
    run("new", str(file), "--schedule", "netakimab-psoriasis", "--start", "2026-12-01")
    run("stop", str(file), "--on", "2026-12-01", "--today", "2026-12-01")
    found = run("print", str(file), "--today", "2027-01-01", "-o", str(out))
    assert found.exit_code == 2
    assert found.stderr == (
        "dosecal: the treatment was stopped on 2026-12-01: no dose is left to print\n"
    )


@pytest.mark.parametrize("today", [START + timedelta(days) for days in range(0, 80, 3)])
@pytest.mark.parametrize("log", [(), (RECORDED,), (RECORDED, PART), (RECORDED, OUTSIDE)])
def test_at_most_one_box_to_tick_is_of_today(today: date, log: tuple[Given | Extra, ...]) -> None:
    html = recorded_page(course(log=log), today)
    day = ENGLISH.day(today)
    assert sum(row[0] == "" and day in row[2] for row in rows(html)[1:]) <= 1
    of = parsed(html)
    assert not [
        row
        for row in of.iter(f"{XHTML}tr")
        if row.get("class") == "gone" and "box to tick" in html5lib.serialize(row)
    ]


def with_other(schedule: Schedule = NETAKIMAB) -> Schedule:
    """Return a schedule with another medicine at the same visit, and checks about each dose."""
    other = Companion("otherumab", Amount(Decimal(5), "mg"), 1, ("planeta-12",))
    return schedule._replace(
        phases=tuple(each._replace(companions=(other,)) for each in schedule.phases),
        checks=(
            Check("pregnancy test", CheckTime.BEFORE_A_LATE_DOSE, ("planeta-12",)),
            Check("watch an hour", CheckTime.AFTER_EACH_DOSE, ("planeta-12",)),
        ),
    )


def test_another_medicine_and_the_checks_about_a_dose_stand_in_the_box() -> None:
    of = course(with_other(), log=())
    box = texts(written(of)).partition("Upcoming doses")[0]
    assert "With it: otherumab 5 mg, left abdomen" in box
    assert "After each dose: watch an hour" in box
    assert "pregnancy test" not in box
    late = texts(written(of, today=START + timedelta(3))).partition("Upcoming doses")[0]
    assert "Before a late dose: pregnancy test" in late
    assert "With it: otherumab 5 mg, left abdomen" in rows(written(of))[1][5]
    hidden = texts(written(course(private(with_other()), log=())))
    assert "otherumab" not in hidden
    assert "With it: 5 mg, left abdomen" in hidden


def test_a_start_in_another_calendar_is_asked_about(tmp_path: Path) -> None:
    out = tmp_path / "plan.html"
    plan = ("netakimab-psoriasis", "--start", "2569-12-01", "--today", "2026-11-01")
    for asked in (
        ("upcoming", *plan),
        ("ics", *plan, "-o", str(tmp_path / "x.ics")),
        ("print", *plan, "--from", "2569-12-01", "-o", str(out)),
    ):
        found = run(*asked)
        assert found.exit_code == 0
        assert "2569 is 2026 in the Buddhist era" in found.stderr
