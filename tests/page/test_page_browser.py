"""The page in a real browser: on paper and phone, at 200 %, for axe, and with nothing cut off.

Without Chromium these tests are skipped, with the command that installs it; where
DOSECAL_SKIP_NOTHING is set they fail instead. Pictures are kept in build/pictures.
"""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Final

import pytest
from pypdf import PageObject, PdfReader

from chromium import COMMAND, Browser, browser, installed, missing
from dosecal import Course
from dosecal.model.course import Avoid, Entry, Given
from dosecal.model.languages import LANGUAGES
from dosecal.page.page import page
from dosecal.plan.advice import advise
from dosecal.plan.upcoming import upcoming
from dosecal.store import catalogue
from dosecal.words.language import language

PICTURES: Final = Path(__file__).parents[2] / "build" / "pictures"
START: Final = date(2026, 12, 1)
CODES: Final = sorted(LANGUAGES)
DISCLAIMER: Final = (
    "dosecal computes dates from a stated schedule. It is no medical device and no medical "
    "advice. Your prescriber decides: compare this page with your prescription and the "
    "leaflet in the pack."
)


def given(*days: date) -> tuple[Entry, ...]:
    return tuple(Given(number, day) for number, day in enumerate(days, 1))


CASES: Final = {
    # name: (schedule, today, what was given, caregiver, owner)
    "first": ("netakimab-psoriasis", START, None, False, ""),
    "undecided": ("netakimab-psoriasis", date(2026, 12, 23),
                  given(START, date(2026, 12, 10), date(2026, 12, 17)), True, ""),
    "late": ("netakimab-psoriasis", date(2026, 12, 19), given(START, date(2026, 12, 8)), False,
             "Анна Петровна"),
    "caregiver": ("netakimab-psoriasis", START, None, True, "دانا 🙂 " + "Wolfeschlegelstein" * 4),
    "weekly": ("ixekizumab-psoriasis-us", START, None, True, "A. B."),
    "rules": ("ustekinumab-psoriasis", START, None, True, ""),
    "intravenous": ("ustekinumab-psoriasis", START, None, False, "C"),
}  # fmt: skip


def write(case: str, code: str, folder: Path, months: int = 12) -> Path:
    id, today, log, caregiver, owner = CASES[case]
    spoken = language(code)
    course = Course(
        catalogue.load(id).named(code),
        id="x",
        start=START,
        weight_kg=Decimal(80),
        caregiver=caregiver,
        avoid=(Avoid("right-thigh", reason="scar"),) if case == "weekly" else (),
        log=log,
    )
    until = date(today.year + months // 12, today.month, 1)
    listed = upcoming(course, today, today, None, until)
    path = folder / f"{case}-{code}.html"
    undecided = advise(course, today).undecided
    path.write_bytes(page(course, listed, today, today, spoken, owner, undecided=undecided))
    return path


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = installed()
    if path is None:
        missing(f"needs Chromium: {COMMAND}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with browser(path, tmp_path_factory.mktemp("profile")) as found:
        yield found


# Elements whose content is wider than they are, and what sticks out of the page.
OVERFLOW: Final = """(() => {
  const seen = [...document.body.querySelectorAll('*')].filter(e => !e.closest('.hidden, svg'));
  const page = document.documentElement.clientWidth;
  return seen.filter(e => {
    const box = e.getBoundingClientRect();
    const hidden = getComputedStyle(e).clipPath !== 'none' || e.closest('thead');
    return !hidden && (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
      && getComputedStyle(e).display !== 'inline' || box.right > page + 1 || box.left < -1);
  }).map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`);
})()"""

# Labels of the body map that touch each other or a site, or leave the drawing.
LABELS: Final = """[...document.querySelectorAll('.map svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')];
  const sites = [...svg.querySelectorAll('.site')];
  const box = e => e.getBoundingClientRect();
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom
    && b.top < a.bottom;
  const name = e => e.textContent;
  return texts.flatMap((text, n) => [
    ...texts.slice(n + 1).filter(e => meet(box(text), box(e))).map(e => [name(text), name(e)]),
    ...sites.filter(e => meet(box(text), box(e))).map(() => [name(text), 'a site']),
    ...(box(text).left < frame.left || box(text).right > frame.right
      || box(text).top < frame.top || box(text).bottom > frame.bottom
      ? [[name(text), 'leaves the drawing']] : []),
  ]);
})"""


@pytest.mark.parametrize(
    ("case", "code"),
    [(case, code) for case in CASES for code in CODES
     if code in ("en", "ru") or case in ("late", "weekly")],
)  # fmt: skip
def test_nothing_is_cut_and_no_label_overlaps(
    tab: Browser, tmp_path: Path, case: str, code: str
) -> None:
    path = write(case, code, tmp_path)
    for width in (320, 900):
        tab.open(path, width)
        assert tab.run(OVERFLOW) == []
        assert tab.run("document.documentElement.scrollWidth") <= width
        assert tab.run(LABELS) == []
        assert tab.run("document.querySelectorAll('.map svg').length") > 0


@pytest.mark.parametrize("width", [390, 900])
@pytest.mark.parametrize("code", ["en", "ru"])
@pytest.mark.parametrize("case", ["late", "caregiver"])
def test_pictures_to_look_at(
    tab: Browser, tmp_path: Path, case: str, code: str, width: int
) -> None:
    tab.open(write(case, code, tmp_path), width)
    picture = PICTURES / f"{case}-{code}-{width}.png"
    picture.write_bytes(tab.picture())
    assert picture.stat().st_size > 50_000


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("width", "letters"), [(450, 16), (900, 32)])
def test_it_reads_at_200_percent(
    tab: Browser, tmp_path: Path, code: str, width: int, letters: int
) -> None:
    """A window of 900 at 200 % is one of 450; or the letters alone are twice as large."""
    tab.call("Page.setFontSizes", fontSizes={"standard": letters})
    tab.open(write("late", code, tmp_path), width)
    assert tab.run("parseInt(getComputedStyle(document.documentElement).fontSize)") == letters
    assert tab.run(OVERFLOW) == []
    assert tab.run("document.documentElement.scrollWidth") <= width
    tab.call("Page.setFontSizes", fontSizes={"standard": 16})


@pytest.mark.parametrize(
    ("case", "code", "width"),
    [("late", "en", 900), ("late", "ru", 320), ("weekly", "ru", 900), ("caregiver", "zh", 900)],
)
def test_axe_finds_nothing(tab: Browser, tmp_path: Path, case: str, code: str, width: int) -> None:
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    tab.open(write(case, code, tmp_path), width)
    tab.run(axe)
    found = tab.run("""axe.run().then(r => [...r.violations, ...r.incomplete].map(
        v => [v.id, v.nodes.map(n => n.html.slice(0, 120)).filter(
          // of a text in a drawing axe cannot tell the ground (ink on white, 17:1),
          // and of a single sign not whether it is text
          h => !h.startsWith('<tspan') && !h.includes('>№<'))]).filter(v => v[1].length))""")
    assert found == []


def test_nothing_is_fetched_and_nothing_is_refused(tab: Browser, tmp_path: Path) -> None:
    tab.open(write("late", "ru", tmp_path))
    methods = Counter(event.get("method") for event in tab.events)
    assert methods["Network.requestWillBeSent"] == 1
    assert methods["Log.entryAdded"] == methods["Runtime.exceptionThrown"] == 0


def pages(data: bytes) -> list[str]:
    texts = (each.extract_text() for each in PdfReader(io.BytesIO(data)).pages)
    return [unicodedata.normalize("NFKC", text) for text in texts]


def depth(sheet: PageObject) -> float:
    """Return how far down a sheet its text reaches: 1 is its foot."""
    heights: list[float] = []

    def seen(text: str, outer: list[float], inner: list[float], *_: object) -> None:
        if text.strip():
            heights.append(outer[1] * inner[4] + outer[3] * inner[5] + outer[5])

    sheet.extract_text(visitor_text=seen)
    return 1 - min(heights) / float(sheet.mediabox.height)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize(
    ("case", "code"),
    [(case, code) for case in ("late", "caregiver", "undecided") for code in CODES
     if code in ("en", "ru") or case != "caregiver"],
)  # fmt: skip
def test_netakimab_prints_on_four_sheets_and_none_is_nearly_empty(
    tab: Browser, tmp_path: Path, case: str, code: str, paper: str
) -> None:
    tab.open(write(case, code, tmp_path))
    data = tab.pdf(paper)
    (PICTURES / f"{case}-{code}-{paper}.pdf").write_bytes(data)
    found = pages(data)
    # the longest name of all in the widest words: the room to write takes a fifth of short sheets
    fifth = (case, code, paper) == ("caregiver", "ru", "Letter")
    assert len(found) == 4 + fifth
    spoken = language(code)
    assert spoken.text("Upcoming doses") in found[0]
    said = unicodedata.normalize("NFKC", spoken.text(DISCLAIMER))
    assert re.sub(r"\s", "", said)[:25] in re.sub(r"\s", "", found[0])
    assert spoken.text("Where to inject") in found[1 + fifth]
    assert sum(spoken.text("Calendar") in each for each in found) == 1
    assert min(map(depth, PdfReader(io.BytesIO(data)).pages)) > 0.2


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("id", ["bimekizumab-psoriasis", "brodalumab-psoriasis",
                                "etanercept-rheumatoid-arthritis"])  # fmt: skip
def test_the_sources_take_along_what_fills_the_last_sheet(
    tab: Browser, tmp_path: Path, id: str, paper: str
) -> None:
    """Few sources: they would stand alone on it."""
    for today in (START, START + timedelta(78)):  # 12 months, and 13
        course = Course(catalogue.load(id), id="x", start=START, caregiver=True)
        listed = upcoming(course, today, today, None, today + timedelta(364))
        path = tmp_path / "page.html"
        path.write_bytes(page(course, listed, today, today, language("en")))
        tab.open(path)
        assert min(map(depth, PdfReader(io.BytesIO(tab.pdf(paper))).pages)) > 0.2


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_no_dose_is_split_between_sheets(tab: Browser, tmp_path: Path, paper: str) -> None:
    tab.open(write("weekly", "en", tmp_path, months=24))
    tab.run("""document.querySelectorAll('section:not([aria-labelledby=doses]), header, footer')
      .forEach(e => e.remove());
      document.body.style.orphans = document.body.style.widows = 1;
      document.querySelector('.doses').style.width = '12cm';
      document.querySelectorAll('.window').forEach(e => e.remove());
      document.querySelector('tbody tr').remove()  // two injections: two sites""")
    for size in (14, 17, 20, 23):
        tab.run(f"document.querySelector('.doses').style.fontSize = '{size}pt'")
        found = pages(tab.pdf(paper))
        assert len(found) > 1
        for text in found:
            # the date of a row stands on its first line, its site down to the last
            begins, ends = (
                len(re.findall(rf"\b({each})\b", text))
                for each in ("left|right", "arm|thigh|abdomen")
            )
            assert text.count("mg") == text.count("202") == begins == ends > 0


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_no_month_and_no_number_of_a_day_is_split(tab: Browser, tmp_path: Path, paper: str) -> None:
    tab.open(write("first", "en", tmp_path, months=36))
    tab.run("""document.querySelectorAll('section:not([aria-labelledby=calendar]), header, footer')
      .forEach(e => e.remove());
      document.querySelectorAll('.no').forEach(e => e.remove())""")
    found = pages(tab.pdf(paper))
    assert len(found) > 1
    for text in found:
        numbers = Counter(word for word in text.split() if word.isdigit() and len(word) < 3)
        months = sum(text.count(f" {year}") for year in range(2026, 2030))
        assert numbers["1"] == numbers["28"] == months > 0
