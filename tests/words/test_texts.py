"""Every text that a person or a schedule can fill: shown as typed, and nothing but shown."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, time
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, Final

import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from dosecal import Course, Horizon
from dosecal.ical.calendar_file import calendar_bytes, calendar_items
from dosecal.ical.events import CalendarOptions
from dosecal.ical.revisions import CalendarPlan, first_revision, revise
from dosecal.model.course import Avoid, Given, Hold, Skipped
from dosecal.model.dates import Interval
from dosecal.model.quantities import Amount
from dosecal.model.schedule import (
    Check,
    CheckTime,
    DoseBand,
    Listed,
    MissedRule,
    Phase,
    Preparation,
    Repeating,
    Schedule,
    SiteRules,
    Source,
    Then,
    WarmUp,
)
from dosecal.plan.assess import doses
from dosecal.store import catalogue
from dosecal.sync.publish import plan
from dosecal.words.reasons import reason_text
from ics_lint import lint
from prescribed import prescribed

FIELDS: Final = (
    "medicine", "brand", "indication", "loading", "maintenance", "source", "dated check",
    "check before each dose", "check before start", "storage", "note", "hold reason",
    "skip note", "course id", "avoid reason",
)  # fmt: skip
"""What can be filled; where the calendar shows nothing of it, nothing of it may show."""
HOSTILE: Final = (
    "a\r\nATTENDEE:mailto:x@y", "a\rSTATUS:CANCELLED", "a\nBEGIN:VALARM\nEND:VEVENT", "\\",
    "\\\\" * 90, "\\n\\N\\,\\;", ";,:\"'", "\U0001f489" * 60,
    "\u202eabc\u202c \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "\u2028X-A:1\u2029X-B:2",
    "\x00\x01\x1b\x7f\x80\x85\x9f\ufeff", "\ud800 \udfff", " lead and trail \t", "e\u0301" * 80,
    "x" * 900, "\U0001f469\u200d\u2695\ufe0f" * 30, "=0D=0A", "%0d%0a", "END:VCALENDAR",
)  # fmt: skip
TEXTS: Final = st.text(st.characters(codec=None), min_size=1, max_size=120) | st.lists(
    st.sampled_from((*HOSTILE, "a", " ", "\\", "\n", "\r", "n", "\U0001f489", "\u2028", "\x85")),
    min_size=1,
    max_size=40,
).map("".join)


def course_of(texts: dict[str, str], *, begun: bool = True) -> Course:
    """Return a course in which every text is one of these; its log, or none before it begins."""
    at = texts.__getitem__
    bands = (DoseBand(Amount(Decimal(120), "mg"), 2),)
    sites = SiteRules(("thigh", "abdomen"))
    schedule = Schedule(
        "x",
        at("medicine"),
        (
            Phase(at("loading"), bands, Listed("week", (0, 1, 2)), "subcutaneous", sites, ("a",)),
            Phase(at("maintenance"), bands, Repeating(Interval(4, "week"), Interval(6, "week")),
                  "subcutaneous", sites, ("a",)),
        ),
        (Source("a", at("source"), "label"),),
        brand=at("brand"),
        indication=at("indication"),
        sites=sites,
        checks=(
            Check(at("dated check"), Listed("week", (-1, 3)), ("a",)),
            Check(at("check before each dose"), CheckTime.BEFORE_EACH_DOSE, ("a",)),
            Check(at("check before start"), CheckTime.BEFORE_START, ("a",)),
        ),
        preparation=Preparation(("a",), WarmUp(15, 30), at("storage")),
        missed=(MissedRule(Then.SHIFT, ("a",)),),
    )  # fmt: skip
    return Course(
        schedule,
        at("course id"),
        date(2026, 12, 1),
        time(9),
        "Europe/Berlin",
        avoid=(Avoid("left-thigh", date(2027, 5, 1), None, at("avoid reason")),),
        log=(
            Given(1, date(2026, 12, 2), ("left-thigh", "right-thigh"), None, at("note")),
            Skipped(2, at("skip note")),
            Hold(date(2027, 1, 1), date(2027, 2, 1), at("hold reason")),
        ) if begun else (),
    )  # fmt: skip


TOKENS: Final = {name: f"<<{name}>>" for name in FIELDS}
_TOKEN: Final = re.compile("|".join(map(re.escape, TOKENS.values())))


def written(course: Course, options: CalendarOptions) -> bytes:
    revised = revise(course, Horizon(count=8), first_revision(course))
    return calendar_bytes(
        course, CalendarPlan(*revised, first_revision(course), date(2027, 6, 1)),
        reason_text=reason_text(course.schedule), options=options,
    )  # fmt: skip


def shown(text: str) -> str:
    """Return a text as a calendar shows it: one line, what no line can hold left out."""
    breaks = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x85\u2028\u2029"
    out = ""
    for before, each in zip(" " + text, text, strict=False):
        if each in breaks:
            out += "" if before in breaks else " "
        elif "\ud800" <= each <= "\udfff":
            out += "\ufffd"
        elif unicodedata.category(each) != "Cc":
            out += each
    return out.strip()


def filled(text: str, texts: dict[str, str]) -> str:
    """Return a text with tokens as it is to be read with the texts in their places."""
    by_token = {token: texts[name] for name, token in TOKENS.items()}
    lines = (_TOKEN.sub(lambda token: by_token[token[0]], line) for line in text.split("\n"))
    return "\n".join(filter(None, map(shown, lines)))


def filled_title(title: str, texts: dict[str, str]) -> str:
    """Return a title with tokens as it is to be read: a medicine of no letter leaves no space."""
    medicine = shown(texts["medicine"])
    title = title.replace(f"{TOKENS['medicine']} ", f"{medicine} " if medicine else "")
    return filled(title, texts) or "Injection"


def by_icalendar(data: bytes) -> Iterator[tuple[str, str]]:
    events: list[Any] = Calendar.from_ical(data).walk("VEVENT")
    for each in events:
        yield str(each["SUMMARY"]), str(each.get("DESCRIPTION", ""))


@cache
def with_tokens(*, begun: bool) -> tuple[tuple[str, str], ...]:
    """Return the titles and descriptions of a course whose texts are tokens."""
    course = course_of(TOKENS, begun=begun)
    return tuple(by_icalendar(written(course, CalendarOptions(title="medicine"))))


def by_vobject(data: bytes) -> Iterator[tuple[str, str]]:
    (calendar,) = vobject.readComponents(data.decode())
    for each in calendar.vevent_list:
        yield each.summary.value, each.description.value if "description" in each.contents else ""


@pytest.mark.parametrize("read", [by_icalendar, by_vobject])
@settings(deadline=None, max_examples=60)
@given(texts=st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)), begun=st.booleans())
@example(texts=dict.fromkeys(FIELDS, "".join(HOSTILE)), begun=True)
@example(texts=dict(zip(FIELDS, HOSTILE, strict=False)), begun=True)
@example(texts=dict(zip(FIELDS, reversed(HOSTILE), strict=False)), begun=False)
@example(texts=dict.fromkeys(FIELDS, "\x00\r\n"), begun=True)
def test_every_text_is_read_as_it_was_typed(
    read: Callable[[bytes], Iterator[tuple[str, str]]], texts: dict[str, str], begun: bool
) -> None:
    """The events, their properties and their texts are those of a harmless course."""
    data = written(course_of(texts, begun=begun), CalendarOptions(title="medicine"))
    assert lint(data) == []
    assert list(read(data)) == [
        (filled_title(title, texts), filled(description, texts))
        for title, description in with_tokens(begun=begun)
    ]


def test_every_text_that_is_to_be_shown_is_shown() -> None:
    """Else the test above would compare nothing."""
    both = (*with_tokens(begun=True), *with_tokens(begun=False))
    everything = "".join(title + description for title, description in both)
    hidden = {"indication", "note", "course id", "avoid reason"}
    assert {name for name in FIELDS if TOKENS[name] not in everything} == hidden


@settings(deadline=None, max_examples=40)
@given(texts=st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)))
@example(texts=dict.fromkeys(FIELDS, "".join(HOSTILE)))
def test_items_for_a_server_are_as_well_formed(texts: dict[str, str]) -> None:
    course = course_of(texts)
    revised = revise(course, Horizon(count=3), first_revision(course))
    items = calendar_items(
        course, CalendarPlan(*revised, first_revision(course), date(2027, 2, 1)),
        reason_text=reason_text(course.schedule),
    )  # fmt: skip
    made = plan(course, items).items
    assert len(made) >= 4
    for data in made.values():
        assert lint(data) == []
        assert data.count(b"\r\nX-DOSECAL-MARK:") == 1


@pytest.mark.parametrize(
    "broken",
    [
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"SUMMARY", b"SUMMARY;X=1", 1),
        lambda data: data.replace(b"CLASS:PRIVATE\r\n", b"", 1),
        lambda data: data.replace(b"CLASS:PRIVATE\r\n", b"CLASS:PRIVATE\r\nATTENDEE:x\r\n", 1),
        lambda data: data.replace(b"\\,", b",", 1),
        lambda data: data.replace(b"Injection", b"Injection\r", 1),
        lambda data: data.replace(b"Injection", b"Injection\xe2\x80\xa8", 1),
        lambda data: data.replace(b"Injection", b"Injection\xff", 1),
        lambda data: data.replace(b"Injection", b"Injection" * 9, 1),
        lambda data: data.replace(b"Injection\\, d", b"Injection\\\r\n , d", 1),
        lambda data: data.replace(b"END:VEVENT\r\n", b"", 1),
        lambda data: data + b"X:1\r\n",
        lambda data: data[:-2],
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"BEGIN:VEVENT", b"\r\nBEGIN:VEVENT", 1),
    ],
)
def test_the_lint_finds_what_it_looks_for(broken: Callable[[bytes], bytes]) -> None:
    data = written(course_of(TOKENS), CalendarOptions())
    assert lint(data) == []
    assert broken(data) != data
    assert lint(broken(data)) != []


PRIVATE: Final = re.compile(
    r"(?:BEGIN|END):V?[A-Z]+|VERSION:2\.0|PRODID:-//dosecal//dosecal//EN|CALSCALE:GREGORIAN"
    r"|(?:NAME|X-WR-CALNAME):Injections|TZID:Europe/Berlin|RRULE:[A-Z0-9;=-]+|TZ[A-Z]+:[+\-A-Z0-9]+"
    r"|UID:[0-9a-f-]{36}|(?:DTSTAMP|LAST-MODIFIED):\d{8}T\d{6}Z|SEQUENCE:\d+"
    r"|DT(?:START|END)(?:;TZID=Europe/Berlin|;VALUE=DATE)?:[0-9TZ]+"
    r"|(?:SUMMARY|DESCRIPTION):(?:Cancelled: |On hold: )?(?:Injection|Infusion)\\, dose \d+"
    r"(?: \(given\))?"
    r"|(?:SUMMARY|DESCRIPTION):Check (?:before|for) the injections|DESCRIPTION:Dose \d+"
    r"|STATUS:[A-Z]+|TRANSP:TRANSPARENT|CLASS:PRIVATE|X-MICROSOFT-CDO-BUSYSTATUS:FREE"
    r"|ACTION:DISPLAY|TRIGGER:-PT?\d+[DHM]|X-DOSECAL-MARK:[0-9a-f]{24}-[0-9a-f]{24}"
)


@pytest.mark.parametrize("schedule", tuple(catalogue.schedules()), ids=lambda schedule: schedule.id)
def test_private_leaves_no_name_anywhere(schedule: Schedule) -> None:
    """Every line of every event of the catalogue is one of those that anybody could have."""
    course = prescribed(
        schedule, date(2026, 12, 1), clock=time(9), zone="Europe/Berlin",
        log=(Skipped(2, "skip note"), Hold(date(2027, 2, 1), None, "why")),
    )  # fmt: skip
    listed = tuple(islice(doses(course), 30))
    options = CalendarOptions(title="medicine", private=True)
    said: dict[str, Any] = {"reason_text": reason_text(schedule), "options": options}
    planned = CalendarPlan(listed, {}, first_revision(course), date(2028, 1, 1))
    items = plan(course, calendar_items(course, planned, **said)).items
    words = {schedule.medicine, schedule.brand, schedule.indication, *schedule.indication.split()}
    words |= {word for phase in schedule.phases for word in (phase.name, *phase.sites.regions)}
    words |= {check.name for check in schedule.checks} | {"skip note", schedule.id}
    words -= {"infusion", "injection", "injections"}  # what the title of any calendar says
    for data in (calendar_bytes(course, planned, **said), *items.values()):
        text = data.replace(b"\r\n ", b"").decode()
        assert [line for line in text.split("\r\n")[:-1] if not PRIVATE.fullmatch(line)] == []
        texts = re.sub(r"(?m)^(?:(?:UID|X-DOSECAL-MARK).*$|[A-Z-]+)", "", text).lower()
        assert [each for each in words if len(each) > 4 and each.lower() in texts] == []


@settings(deadline=None, max_examples=40)
@given(texts=st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)))
def test_private_shows_nothing_that_was_typed(texts: dict[str, str]) -> None:
    options = CalendarOptions(title="medicine", private=True)
    uid = re.compile(rb"(?m)^UID:.*$")
    hostile, harmless = (written(course_of(each), options) for each in (texts, TOKENS))
    assert uid.sub(b"", hostile) == uid.sub(b"", harmless)
