"""The page for the fridge: one self-contained HTML file, for paper and phone.

It holds no script and asks nothing of a network; every text goes through `markup`, so that no
name and no schedule can inject anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from dosecal.assess import OPEN, AssessedDose, Status
from dosecal.body_map import body_map
from dosecal.course import Course
from dosecal.errors import RequestError
from dosecal.language import Language
from dosecal.markup import Html, style, tag, together
from dosecal.reasons import OffTarget, Provisional
from dosecal.schedule import Listed, Note, Schedule, Source
from dosecal.schedule_words import (
    BASES,
    ROUTES,
    check_when_words,
    no_rule_words,
    phase_words,
    rule_words,
    site_rule_lines,
    warm_up_words,
)
from dosecal.sites import sites_of
from dosecal.wording import STATUSES, injections_words, reason_text, site_words

MAP_DOSES: Final = 8
"""So many coming doses stand on the body map; more numbers would not be read."""
_A_YEAR: Final = 12  # months in rows of four on paper; more stand in rows of five
MAX_MONTHS: Final = 36
MAX_DOSES: Final = 400
"""What a page may hold, so that it stays one that can be printed and under 300 kB."""
_CSS: Final = Path(__file__).with_name("page.css")
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_SITE_NOTES: Final = ("navel", "skin to avoid", "sites in detail", "rotation", "same dose",
                      "given by", "self-injection")  # fmt: skip
_LATE_NOTES: Final = ("late dose", "window", "change of weekday")
_FRIDGE_NOTES: Final = ("warm-up", "storage", "device", "presentation")
_CHECK_NOTES: Final = ("live vaccines", "contraception", "checks before start",
                       "checks during treatment")  # fmt: skip
_CELLS: Final = (None, None, "nowrap", None, "room")
_PLACED: Final = frozenset((*_SITE_NOTES, *_LATE_NOTES, *_FRIDGE_NOTES, *_CHECK_NOTES))


@dataclass(frozen=True, slots=True)
class _Page:
    """What every part of the page needs."""

    course: Course
    listed: tuple[AssessedDose, ...]
    undecided: tuple[AssessedDose, ...]
    first: date
    today: date
    language: Language

    @property
    def schedule(self) -> Schedule:
        """The schedule of the course."""
        return self.course.schedule

    @property
    def next(self) -> AssessedDose | None:
        """The dose to act on: the first that is still to be given."""
        return next((dose for dose in self.listed if dose.status in OPEN), None)

    @property
    def cited(self) -> Schedule:
        """The schedule with the numbers of the list of sources for their titles."""
        numbers = {source.id: number for number, source in enumerate(self.titled, 1)}
        return self.schedule._replace(
            sources=tuple(
                each._replace(title=f"[{numbers[each.id]}]" if each.id in numbers else "")
                for each in self.schedule.sources
            ),
        )

    @property
    def titled(self) -> tuple[Source, ...]:
        """The sources that may be named."""
        return tuple(each for each in self.schedule.sources if each.title)

    def refs(self, sources: Sequence[str]) -> Html | None:
        """Return the numbers of sources, each a link to its place in the list of sources."""
        order = [source.id for source in self.titled]
        links = [
            tag("a", f"[{order.index(each) + 1}]", href=f"#source-{order.index(each) + 1}")
            for each in sources
            if each in order
        ]
        return together(" ", *links) if links else None

    def stated(self, text: str) -> Html:
        """Return a text of the schedule, marked with its language where that is not the page's."""
        found, code = self.language.of_schedule(text)
        return tag("span", found, lang=code) if code != self.language.code else together(found)

    def day(self, day: date) -> Html:
        """Return a date as the reader writes it, unbroken."""
        return tag("time", self.language.day(day), datetime=day.isoformat(), class_="nowrap")


def private(schedule: Schedule) -> Schedule:
    """Return a schedule without what tells the medicine or the illness."""
    return schedule._replace(
        id="", medicine="", brand="", indication="", checks=(), notes=(),
        sources=tuple(each._replace(title="", url="") for each in schedule.sources),
    )  # fmt: skip


def page(
    course: Course,
    listed: tuple[AssessedDose, ...],
    first: date,
    today: date,
    language: Language,
    owner: str = "",
    *,
    undecided: tuple[AssessedDose, ...] = (),
) -> bytes:
    """Write the page.

    Args:
        course: Whose doses; its schedule may be one that `private` has stripped.
        listed: The doses to list, in their order.
        first: The first day of the calendars, which end with the last dose.
        today: The day on which the page is made.
        language: The language to write in.
        owner: Whose plan it is; without it a line is left to write on.
        undecided: Doses given off their windows, whose question stands open.

    Raises:
        RequestError: There is no dose, or more than a page can hold.
    """
    if not listed:
        raise RequestError("no dose in this range; nothing was written")
    first = min(first, *(dose.day for dose in listed))
    months = _months(first, max(dose.day for dose in listed))
    if len(months) > MAX_MONTHS or len(listed) > MAX_DOSES:
        raise RequestError(
            f"{len(listed)} doses in {len(months)} months are more than a page holds: at most "
            f"{MAX_DOSES} doses and {MAX_MONTHS} months; give an earlier --until"
        )
    sheet = _Page(course, listed, undecided, first, today, language)
    text = language.text
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="generator", content="dosecal"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", text("Injection plan"), f": {owner}" if owner else None),
        style(_CSS.read_text("utf-8")),
    )
    main = tag(
        "main",
        _questions(sheet),
        _next_dose(sheet),
        _dose_list(sheet),
        _sites(sheet),
        _late(sheet),
        _calendars(sheet, months),
        _checks(sheet),
        _notes(sheet),
        _sources(sheet),
    )
    body = tag("body", _header(sheet, owner), main)
    html = tag("html", head, body, lang=language.code)
    return f"<!DOCTYPE html>\n{html}\n".encode()


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _section(title: str, name: str, *parts: Html | None) -> Html:
    return tag("section", tag("h2", title, id=name), *parts, aria_labelledby=name)


def _header(sheet: _Page, owner: str) -> Html:
    text, schedule, course = sheet.language.text, sheet.schedule, sheet.course
    facts: list[tuple[str, Html | str]] = [
        (text("For"), tag("bdi", owner) if owner else tag("span", class_="blank"))
    ]
    if schedule.medicine:
        brand = f" ({schedule.brand})" if schedule.brand else ""
        facts.append((text("Medicine"), tag("bdi", schedule.medicine + brand)))
    if schedule.indication:
        own = any(n.indication and n.language == sheet.language.code for n in schedule.names)
        use = together(schedule.indication) if own else sheet.stated(schedule.indication)
        facts.append((text("Used for"), use))
    facts.append((text("Dose"), " → ".join(_amounts(sheet))))
    routes = dict.fromkeys(dose.phase.route for dose in sheet.listed)
    facts.append((text("How"), ", ".join(text(ROUTES[each]) for each in routes)))
    facts.append((text("Out of the fridge"), _fridge(sheet)))
    if schedule.preparation and schedule.preparation.storage:
        kept = together(
            sheet.stated(schedule.preparation.storage), sheet.refs(schedule.preparation.sources)
        )
        facts.append((text("Keep at"), kept))
    who = text("somebody else") if course.caregiver else text("you yourself")
    facts.append((text("Who injects"), who))
    facts.append((text("Start (week 0)"), sheet.day(course.start)))
    if course.clock:
        zone = f" ({course.zone})" if course.zone else ""
        facts.append((text("Time of day"), f"{course.clock:%H:%M}{zone}"))
    rows = [part for name, value in facts for part in (tag("dt", name), tag("dd", value))]
    return tag("header", tag("h1", text("Injection plan")), tag("dl", *rows), *_made(sheet))


def _made(sheet: _Page) -> tuple[Html, Html]:
    """Say what the page is and is not, at its top: a sheet may be read alone."""
    text = sheet.language.text
    made = text("Made with dosecal on {date}", date=sheet.language.day(sheet.today))
    of = f" · {sheet.schedule.id}" if sheet.schedule.id else ""
    plain = text(
        "dosecal computes dates from a stated schedule. It is no medical device and no medical "
        "advice. Your prescriber decides: compare this page with your prescription and the "
        "leaflet in the pack."
    )
    return tag("p", plain, class_="fine"), tag("p", made, of, class_="fine")


def _amounts(sheet: _Page) -> tuple[str, ...]:
    """Return each dose amount with its number of injections, in order of the list."""
    return tuple(
        dict.fromkeys(_amount(dose, sheet.language) for dose in sheet.listed if dose.status in OPEN)
    ) or (_amount(sheet.listed[-1], sheet.language),)


def _amount(dose: AssessedDose, language: Language) -> str:
    return language.text(
        "{dose} in {injections}",
        dose=language.amount(dose.amount),
        injections=injections_words(dose.injections, language),
    )


def _fridge(sheet: _Page) -> Html:
    preparation = sheet.schedule.preparation
    if preparation is None or preparation.warm_up is None:
        return together(
            sheet.language.text(
                "the sources of this schedule state no time: go by the leaflet in the pack"
            )
        )
    return together(
        warm_up_words(preparation.warm_up, sheet.language), sheet.refs(preparation.sources)
    )


def _site_list(sites: Sequence[str], language: Language) -> str:
    return language.joined([site_words(site, language) for site in dict.fromkeys(sites)])


def _week(sheet: _Page, day: date) -> int:
    return (day - sheet.course.start).days // 7


def _questions(sheet: _Page) -> Html | None:
    """Say what the prescriber is to be asked about doses that were given."""
    text = sheet.language.text
    asked = [
        text("Decision missing: dose {number} was {off}", number=dose.number, off=words)
        for dose in sheet.undecided
        for words in _reasons(sheet, dose, OffTarget)
    ]
    if not asked:
        return None
    return tag(
        "section",
        tag("h2", text("Ask your prescriber"), id="ask"),
        *(tag("p", each) for each in asked),
        class_="next-dose", aria_labelledby="ask",
    )  # fmt: skip


def _next_dose(sheet: _Page) -> Html | None:
    dose, text = sheet.next, sheet.language.text
    if dose is None:
        return None
    sites = _site_list(dose.sites, sheet.language) if dose.sites else text("ask where to inject")
    word = _word(sheet, dose)
    asks = dose.status is Status.LATE or not dose.sites
    said = _reasons(sheet, dose) if asks else _reasons(sheet, dose, Provisional)
    reasons = [tag("p", tag("strong", capital(each))) for each in said]
    return tag(
        "section",
        tag("h2", text("Next dose"), id="next"),
        tag("p", text("Dose {number}", number=dose.number), ": ", sheet.day(dose.day),
            f" · {word}" if word else None, class_="when"),
        tag("p", _amount(dose, sheet.language), ": ", sites),
        *reasons,
        class_="next-dose", aria_labelledby="next",
    )  # fmt: skip


def _word(sheet: _Page, dose: AssessedDose) -> str:
    """Return the word that a dose carries beside its date, or ""."""
    if dose.status is Status.UPCOMING:
        return ""
    if dose.status is Status.DUE and dose.day == sheet.today:
        return sheet.language.text("today")
    return sheet.language.text(STATUSES[dose.status])


def _reasons(sheet: _Page, dose: AssessedDose, kind: type | None = None) -> list[str]:
    """Return the reasons of a dose in words, of one kind or all."""
    words = reason_text(sheet.cited, sheet.language, sheet.language.day)
    return [words(each) for each in dose.reasons if kind is None or isinstance(each, kind)]


def _dose_list(sheet: _Page) -> Html:
    text = sheet.language.text
    names = (
        text("Done"), text("No."), text("Date"), text("Week"), text("Dose"), text("Sites"),
        text("Given on, where, notes"),
    )  # fmt: skip
    notes: dict[str, int] = {}
    rows = [_dose_row(sheet, dose, names, notes) for dose in sheet.listed]
    head = tag("tr", *(tag("th", name, scope="col", role="columnheader") for name in names),
               role="row")  # fmt: skip
    table = tag(
        "table",
        tag("thead", head, role="rowgroup"),
        tag("tbody", *rows, role="rowgroup"),
        class_="doses", role="table", aria_labelledby="doses",
    )  # fmt: skip
    why = [
        tag("li", f"{number}) {capital(words)}", id=f"why-{number}")
        for words, number in notes.items()
    ]
    return _section(
        text("Upcoming doses"), "doses", table,
        tag("ol", *why, class_="note") if why else None,
    )  # fmt: skip


def _dose_row(
    sheet: _Page, dose: AssessedDose, names: Sequence[str], notes: dict[str, int]
) -> Html:
    text, language = sheet.language.text, sheet.language
    word = _word(sheet, dose)
    refs = []
    for reason in _reasons(sheet, dose):
        number = notes.setdefault(reason, len(notes) + 1)
        refs.append(tag("sup", " ", tag("a", f"{number})", href=f"#why-{number}")))
    given = dose.status is Status.GIVEN
    box = tag(
        "span", "✓" if given else None, class_="box", role="img",
        aria_label=text("given") if given else text("box to tick"),
    )  # fmt: skip
    day = together(
        tag("span", sheet.day(dose.day), *refs, class_="nowrap"),
        " ",
        tag("span", word, class_="word") if word else None,
        _window(sheet, dose),
    )
    cells = (
        day,
        str(_week(sheet, dose.day)),
        language.amount(dose.amount),
        _site_list(dose.sites, language) or "–",
        None,
    )
    head = tag("th", str(dose.number), scope="row", role="rowheader", data_label=names[1])
    return tag(
        "tr",
        tag("td", box, role="cell"),
        head,
        *(
            tag("td", cell, role="cell", data_label=name, class_=kind)
            for name, cell, kind in zip(names[2:], cells, _CELLS, strict=True)
        ),
        class_=None if dose.status in OPEN else "gone",
        role="row",
    )


def _window(sheet: _Page, dose: AssessedDose) -> Html | None:
    if dose.earliest == dose.latest or dose.status not in OPEN:
        return None
    words = sheet.language.text(
        "in time {first} to {last}",
        first=sheet.language.day(dose.earliest), last=sheet.language.day(dose.latest),
    )  # fmt: skip
    return tag("span", words, class_="window")


def _sites(sheet: _Page) -> Html:
    text, course = sheet.language.text, sheet.course
    coming = [dose for dose in sheet.listed if dose.status in OPEN][:MAP_DOSES]
    rules = {dose.phase.sites: None for dose in coming}
    numbers: dict[str, list[int]] = {
        site: []
        for each in rules
        for region in each.regions
        if course.caregiver or region not in each.caregiver_only
        for site in sites_of(region)
        if any(not _avoided(course, site, dose.day) for dose in coming)
    }
    for dose in coming:
        for site in dict.fromkeys(dose.sites):
            numbers.setdefault(site, []).append(dose.number)
    lines = dict.fromkeys(
        line
        for each in rules
        for line in site_rule_lines(
            each, sheet.language, caregiver=course.caregiver,
            several=any(dose.injections > 1 for dose in coming),
        )
    )  # fmt: skip
    parts: list[Html | None] = []
    if numbers and coming:
        next_sites = coming[0].sites
        parts += [
            tag("p", text(
                "The map shows the allowed sites and the numbers of the doses {first} to {last}; "
                "those of the next dose are hatched and marked ▶. Left and right are those of the "
                "person who is injected.", first=coming[0].number, last=coming[-1].number),
                class_="keep"),
            tag("div", body_map(numbers, next_sites, sheet.language),
                _places(sheet, numbers, next_sites), class_="map"),
        ]  # fmt: skip
    elif not lines:
        lines = {text("the source names no site"): None}
    avoided = [
        text("{site}: not used", site=site_words(each.site, sheet.language))
        + (f" ({each.reason})" if each.reason else "")
        for each in course.avoid
        if each.last is None or each.last >= sheet.first
    ]
    found = {source: None for each in rules for source in each.sources}
    rule_items = [tag("li", capital(line), sheet.refs(tuple(found)) if n == 0 else None)
                  for n, line in enumerate(lines)]  # fmt: skip
    items = [
        *rule_items,
        *(tag("li", capital(line)) for line in avoided),
        *_placed(sheet, _SITE_NOTES),
    ]
    parts.append(tag("ul", *items))
    return _section(text("Where to inject"), "sites", *parts)


def _avoided(course: Course, site: str, day: date) -> bool:
    return any(each.site == site and each.on(day) for each in course.avoid)


def _places(sheet: _Page, numbers: dict[str, list[int]], next_sites: Sequence[str]) -> Html:
    """Say the map in words: each site with its doses."""
    text = sheet.language.text
    rows = []
    for site, doses in numbers.items():
        words = ", ".join(str(each) for each in doses) or "–"
        if site in next_sites:
            words += " ▶ " + text("next dose")
        rows.append(
            tag("tr", tag("th", site_words(site, sheet.language), scope="row"), tag("td", words))
        )
    head = tag(
        "tr", tag("th", text("Site"), scope="col"), tag("th", text("Doses"), scope="col")
    )  # fmt: skip
    return tag("table", tag("caption", text("The map in words"), class_="hidden"),
               tag("thead", head), tag("tbody", *rows), class_="places")  # fmt: skip


def _placed(sheet: _Page, abouts: Sequence[str]) -> Iterator[Html]:
    for about in abouts:
        for note in sheet.schedule.notes:
            if note.about == about:
                yield _note(sheet, note)


def _note(sheet: _Page, note: Note) -> Html:
    about, code = sheet.language.of_schedule(note.about)
    subject = tag("b", capital(about), ": ", lang=code if code != sheet.language.code else None)
    return tag("li", subject, sheet.stated(note.text), sheet.refs(note.sources))


def _late(sheet: _Page) -> Html:
    text, schedule = sheet.language.text, sheet.schedule
    rules = [
        tag("li", capital(rule_words(rule, sheet.language)), sheet.refs(rule.sources))
        for rule in schedule.missed
    ]
    otherwise = no_rule_words(schedule, sheet.language)
    notes = list(_placed(sheet, _LATE_NOTES))
    return _section(
        text("When a dose is late"),
        "late",
        tag("p", text("The first line that fits holds.")) if len(rules) > 1 else None,
        tag("ol", *rules) if rules else None,
        tag("p", tag("strong", f"{capital(otherwise)}.")) if otherwise else None,
        tag("p", text("Never take two doses to make up for one (dosecal's own rule).")),
        tag("ul", *notes) if notes else None,
    )


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(min(count, MAX_MONTHS + 1))
    ]


def _calendars(sheet: _Page, months: Sequence[date]) -> Html:
    text = sheet.language.text
    days: dict[date, list[int]] = {}
    for dose in sheet.listed:
        if dose.status in (*OPEN, Status.GIVEN):
            days.setdefault(dose.day, []).append(dose.number)
    legend = text("A framed day is a dose day; the small number under the date is the dose's.")
    return _section(
        text("Calendar"),
        "calendar",
        tag("p", legend, class_="keep"),
        tag(
            "div",
            *(_month(sheet, month, days) for month in months),
            class_="months" if len(months) <= _A_YEAR else "months many",
        ),
    )


def _month(sheet: _Page, month: date, days: dict[date, list[int]]) -> Html:
    language = sheet.language
    begin = month - timedelta((month.weekday() - language.first_weekday) % 7)
    head = [
        tag("th", language.shortest_weekday(begin + timedelta(n)), scope="col") for n in range(7)
    ]  # fmt: skip
    weeks = []
    while begin.replace(day=1) <= month:
        week = [begin + timedelta(n) for n in range(7)]
        weeks.append(tag("tr", *(_cell(sheet, day, month, days.get(day, ())) for day in week)))
        begin += timedelta(7)
    caption = tag("caption", language.month(month))
    return tag("table", caption, tag("thead", tag("tr", *head)), tag("tbody", *weeks),
               class_="month")  # fmt: skip


def _cell(sheet: _Page, day: date, month: date, doses: Sequence[int]) -> Html:
    if day.month != month.month:
        return tag("td")
    if not doses:
        return tag("td", str(day.day))
    numbers = ", ".join(str(each) for each in doses)
    word = tag("span", " ", sheet.language.text("dose"), " ", class_="hidden")
    return tag("td", str(day.day), word, tag("span", numbers, class_="no"), class_="dose")


def _checks(sheet: _Page) -> Html | None:
    text, schedule = sheet.language.text, sheet.schedule
    items = []
    for check in schedule.checks:
        when = check_when_words(check, sheet.language)
        dates: list[Html] = []
        if isinstance(check.when, Listed):
            for index in range(len(check.when.counts)):
                day = check.when.offset(index).after(sheet.course.start)
                dates.append(together(" · ", sheet.day(day)))
        items.append(
            tag(
                "li",
                f"{capital(when)}: ",
                sheet.stated(check.name),
                *dates,
                sheet.refs(check.sources),
            )
        )
    items += _placed(sheet, _CHECK_NOTES)
    return _section(text("Checks"), "checks", tag("ul", *items)) if items else None


def _notes(sheet: _Page) -> Html | None:
    text, schedule = sheet.language.text, sheet.schedule
    phases = [
        tag(
            "li",
            capital(phase_words(phase, sheet.language, first=number == 0)),
            sheet.refs(phase.sources),
        )
        for number, phase in enumerate(schedule.phases)
    ]
    rest = [_note(sheet, note) for note in schedule.notes if note.about not in _PLACED]
    return _section(
        text("The schedule in words"), "schedule", tag("ul", *phases),
        tag("ul", *_placed(sheet, _FRIDGE_NOTES), *rest, class_="fine") if schedule.notes else None,
    )  # fmt: skip


def _sources(sheet: _Page) -> Html | None:
    items = [
        tag(
            "li",
            source.title,
            f"; {source.remark}" if source.remark else None,
            f" ({sheet.language.text(BASES[source.basis])})",
            together(" ", tag("a", unquote(source.url), href=source.url)) if source.url else None,
            id=f"source-{number}",
        )
        for number, source in enumerate(sheet.titled, 1)
    ]
    if not items:
        return None
    return _section(sheet.language.text("Sources"), "sources", tag("ol", *items, class_="fine"))
