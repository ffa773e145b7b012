"""The page for the fridge: one self-contained HTML file, for paper and phone.

It holds no script and asks nothing of a network; every text goes through `markup`, so that no
name and no schedule can inject anything.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from dosecal.errors import PageTooFullError, RequestError
from dosecal.model.course import Course, Stopped
from dosecal.model.dates import a_year_after
from dosecal.model.history import history
from dosecal.model.schedule import Phase, Schedule
from dosecal.page.body_map import body_map
from dosecal.page.doses import dose_list, next_dose, questions
from dosecal.page.markup import Html, style, tag, together
from dosecal.page.months import MAX_MONTHS, calendars, months_between
from dosecal.page.sheet import Sheet, amount_and_injections, capital, note_item, placed, section
from dosecal.plan.checks import dated_checks
from dosecal.plan.walk import OPEN, AssessedDose
from dosecal.sentence.write import begins_anew
from dosecal.words.doses import site_words
from dosecal.words.language import Language
from dosecal.words.rules import (
    check_when_words,
    no_rule_words,
    rule_words,
    site_rule_lines,
    warm_up_words,
)
from dosecal.words.schedule import BASES, GIVERS, ROUTES, names_indication, phase_words

MAP_DOSES: Final = 8
"""So many coming doses stand on the body map; more numbers would not be read."""
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
_PLACED: Final = frozenset((*_SITE_NOTES, *_LATE_NOTES, *_FRIDGE_NOTES, *_CHECK_NOTES))


def _without_names(phase: Phase) -> Phase:
    """Return a phase whose other medicines at the visit have no name; what they are stays."""
    return phase._replace(companions=tuple(each._replace(medicine="") for each in phase.companions))


def private(schedule: Schedule) -> Schedule:
    """Return a schedule without what tells the medicine or the illness."""
    return schedule._replace(
        id="", medicine="", brand="", indication="", checks=(), notes=(), medicine_class="",
        phases=tuple(map(_without_names, schedule.phases)), traceability=None,
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
    stopped: Stopped | None = None,
) -> bytes:
    """Write the page.

    Args:
        course: Whose doses; its schedule may be one that `private` has stripped.
        listed: The doses to list, in their order.
        first: The first day of the calendars, which end with the last dose.
        today: The day on which the page is made.
        language: The language to write in.
        owner: Whose plan it is; without it a line is left to write on.
        undecided: Doses given off their windows, or in part, whose question stands open.
        stopped: The stop of the treatment that holds, or is to come.

    Raises:
        RequestError: There is no dose.
        PageTooFullError: There are more doses or months than a page can hold.
    """
    months = _months(listed, first)
    first = min(first, *(dose.day for dose in listed))
    last = max(today, *(dose.day for dose in listed))
    extras = [each for each in history(course).extras if first <= each.date <= last]
    extras.sort(key=lambda each: each.date)
    sheet = Sheet(course, listed, undecided, first, today, language, tuple(extras), stopped)
    main = tag(
        "main",
        questions(sheet),
        next_dose(sheet),
        dose_list(sheet),
        _sites(sheet),
        _late(sheet),
        calendars(sheet, months),
        _checks(sheet),
        _notes(sheet),
        _sources(sheet),
    )
    title = f"{language.text('Injection plan')}{f': {owner}' if owner else ''}"
    return document(title, together(_header(sheet, owner), main), language)


def document(title: str, content: Html, language: Language) -> bytes:
    """Return a whole page that holds no script and asks nothing of a network.

    Args:
        title: What a browser shows as its name.
        content: What stands on it.
        language: That it is in.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="generator", content="dosecal"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        style(_CSS.read_text("utf-8")),
    )
    html = tag("html", head, tag("body", content), lang=language.code)
    return f"<!DOCTYPE html>\n{html}\n".encode()


def _months(listed: Sequence[AssessedDose], first: date) -> list[date]:
    """Return the months that the calendars show, from `first` or the first dose to the last."""
    if not listed:
        raise RequestError("no dose in this range; nothing was written")
    days = [dose.day for dose in listed]
    months = months_between(min(first, *days), max(days))
    if len(months) > MAX_MONTHS or len(listed) > MAX_DOSES:
        raise PageTooFullError(
            len(listed), len(months), most_doses=MAX_DOSES, most_months=MAX_MONTHS
        )
    return months


def _header(sheet: Sheet, owner: str) -> Html:
    text, schedule, course = sheet.language.text, sheet.schedule, sheet.course
    facts: list[tuple[str, Html | str]] = [
        (text("For"), tag("bdi", owner) if owner else tag("span", class_="blank"))
    ]
    if schedule.medicine:
        brand = f" ({schedule.brand})" if schedule.brand else ""
        facts.append((text("Medicine"), tag("bdi", schedule.medicine + brand)))
    if schedule.indication:
        own = names_indication(schedule, sheet.language)
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
    givers = dict.fromkeys(each.given_by or schedule.given_by for each in sheet.listed)
    self_or_other = text("somebody else") if course.caregiver else text("you yourself")
    who = dict.fromkeys(text(GIVERS[each]) if each else self_or_other for each in givers)
    facts.append((text("Who injects"), " → ".join(who)))
    facts.append((text("Start (week 0)"), sheet.day(course.start)))
    clock, zone = sheet.next.hour if sheet.next else (course.clock, course.zone)
    if clock:
        facts.append((text("Time of day"), f"{clock:%H:%M}{f' ({zone})' if zone else ''}"))
    rows = [part for name, value in facts for part in (tag("dt", name), tag("dd", value))]
    return tag("header", tag("h1", text("Injection plan")), tag("dl", *rows), *_made(sheet))


def _made(sheet: Sheet) -> tuple[Html, Html]:
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


def _amounts(sheet: Sheet) -> tuple[str, ...]:
    """Return each dose amount with its number of injections, in order of the list."""
    return tuple(
        dict.fromkeys(
            amount_and_injections(dose, sheet.language)
            for dose in sheet.listed
            if dose.status in OPEN
        )
    ) or (amount_and_injections(sheet.listed[-1], sheet.language),)


def _fridge(sheet: Sheet) -> Html:
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


def _sites(sheet: Sheet) -> Html:
    text, course = sheet.language.text, sheet.course
    coming = [dose for dose in sheet.listed if dose.status in OPEN][:MAP_DOSES]
    rules = {dose.phase.sites: None for dose in coming}
    numbers: dict[str, list[int]] = {
        site: []
        for each in rules
        for region in each.regions
        if course.caregiver or region not in each.caregiver_only
        for site in each.sites(region)
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
        *placed(sheet, _SITE_NOTES),
    ]
    parts.append(tag("ul", *items))
    return section(text("Where to inject"), "sites", *parts)


def _avoided(course: Course, site: str, day: date) -> bool:
    return any(each.site == site and each.on(day) for each in course.avoid)


def _places(sheet: Sheet, numbers: dict[str, list[int]], next_sites: Sequence[str]) -> Html:
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


def _late(sheet: Sheet) -> Html:
    text, schedule = sheet.language.text, sheet.schedule
    rules = [
        tag("li", capital(rule_words(rule, sheet.language)), sheet.refs(rule.sources))
        for rule in schedule.missed
    ]
    otherwise = no_rule_words(schedule, sheet.language)
    notes = list(placed(sheet, _LATE_NOTES))
    return section(
        text("When a dose is late"),
        "late",
        tag("p", text("The first line that fits holds.")) if len(rules) > 1 else None,
        tag("ol", *rules) if rules else None,
        tag("p", tag("strong", f"{capital(otherwise)}.")) if otherwise else None,
        tag("p", text("Never take two doses to make up for one (dosecal's own rule).")),
        tag("ul", *notes) if notes else None,
    )


def _checks(sheet: Sheet) -> Html | None:
    text, schedule, course = sheet.language.text, sheet.schedule, sheet.course
    items = []
    last = max((dose.day for dose in sheet.listed), default=sheet.today)
    dated = dated_checks(course, date.min, max(last, a_year_after(course.start)), sheet.today)
    for check in schedule.checks:
        when = check_when_words(check, sheet.language)
        dates = [together(" · ", sheet.day(each.day)) for each in dated if each.check == check]
        items.append(
            tag(
                "li",
                f"{capital(when)}: ",
                sheet.stated(check.name),
                *dates,
                sheet.refs(check.sources),
            )
        )
    items += placed(sheet, _CHECK_NOTES)
    return section(text("Checks"), "checks", tag("ul", *items)) if items else None


def _notes(sheet: Sheet) -> Html | None:
    text, schedule = sheet.language.text, sheet.schedule
    phases = [
        tag(
            "li",
            capital(phase_words(phase, sheet.language, first=begins_anew(schedule.phases, number))),
            sheet.refs(phase.sources),
        )
        for number, phase in enumerate(schedule.phases)
    ]
    rest = [note_item(sheet, note) for note in schedule.notes if note.about not in _PLACED]
    return section(
        text("The schedule in words"), "schedule", tag("ul", *phases),
        tag("ul", *placed(sheet, _FRIDGE_NOTES), *rest, class_="fine") if schedule.notes else None,
    )  # fmt: skip


def _sources(sheet: Sheet) -> Html | None:
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
    return section(sheet.language.text("Sources"), "sources", tag("ol", *items, class_="fine"))
