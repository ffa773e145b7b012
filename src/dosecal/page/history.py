"""The page of what was given, for the doctor: share in time, days off, sites used, lots."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from dosecal.errors import PageTooFullError
from dosecal.model.course import Course
from dosecal.page.body_map import body_map
from dosecal.page.markup import Html, tag, together
from dosecal.page.page import document
from dosecal.page.sheet import section, site_list
from dosecal.plan.administrations import Administration, CourseHistory
from dosecal.words.doses import SITES, site_words
from dosecal.words.language import Language
from dosecal.words.reasons import off_words

MAX_GIVEN: Final = 1_000
"""What a page may hold, so that it stays one that can be printed."""


def history_page(
    course: Course,
    found: CourseHistory,
    remarks: Sequence[str],
    today: date,
    language: Language,
    closing: Sequence[str],
) -> bytes:
    """Write the page of what was given.

    Args:
        course: Whose.
        found: What was given.
        remarks: What is to be said of each administration, in the same order.
        today: The day on which the page is made.
        language: The language to write in.
        closing: How many doses were in time, and which were not given, in words.

    Raises:
        PageTooFullError: There is more than a page can hold.
    """
    if len(found.given) > MAX_GIVEN:
        raise PageTooFullError(len(found.given), 0, most_doses=MAX_GIVEN, most_months=0)
    text = language.text
    title = text("What was given")
    schedule = course.schedule
    brand = f" ({schedule.brand})" if schedule.brand else ""
    facts: list[tuple[str, Html | str]] = [
        (text("For"), tag("span", class_="blank")),
        (text("Medicine"), tag("bdi", schedule.medicine + brand)),
        (text("Start (week 0)"), _day(course.start, language)),
    ]
    rows = [part for name, value in facts for part in (tag("dt", name), tag("dd", value))]
    made = text("Made with dosecal on {date}", date=language.day(today))
    header = tag("header", tag("h1", title), tag("dl", *rows), tag("p", made, class_="fine"))
    main = tag(
        "main",
        tag("section", *(tag("p", tag("strong", each)) for each in closing), class_="next-dose")
        if closing
        else None,
        _table(found, remarks, language),
        _sites(found, language),
        _lots(found, language),
    )
    return document(title, together(header, main), language)


def _day(day: date, language: Language) -> Html:
    return tag("time", language.day(day), datetime=day.isoformat(), class_="nowrap")


def _table(found: CourseHistory, remarks: Sequence[str], language: Language) -> Html:
    text = language.text
    names = (
        text("No."), text("Date"), text("Off target"), text("Dose"), text("Sites"), text("Lot"),
        text("Notes"),
    )  # fmt: skip
    head = tag("tr", *(tag("th", each, scope="col", role="columnheader") for each in names),
               role="row")  # fmt: skip
    rows = [
        _row(each, said, names, language)
        for each, said in zip(found.given, remarks, strict=True)
    ]  # fmt: skip
    table = tag(
        "table",
        tag("thead", head, role="rowgroup"),
        tag("tbody", *rows, role="rowgroup"),
        class_="doses", role="table", aria_labelledby="given",
    )  # fmt: skip
    return section(text("Administrations"), "given", table)


def _row(given: Administration, said: str, names: Sequence[str], language: Language) -> Html:
    number = "–" if given.is_extra else str(given.number)
    extra = tag("span", language.text("extra"), class_="word") if given.is_extra else None
    clock = f" {given.at:%H:%M}" if given.at else ""
    off = "–" if given.days_off is None else off_words(given.days_off, language)
    cells: tuple[Html | str, ...] = (
        together(_day(given.date, language), clock, " " if extra else None, extra),
        off,
        language.amount(given.amount),
        site_list(given.sites, language) or "–",
        _lot(given, language) or "–",
        said,
    )
    return tag(
        "tr",
        tag("th", number, scope="row", role="rowheader", data_label=names[0]),
        *(
            tag("td", cell, role="cell", data_label=name)
            for name, cell in zip(names[1:], cells, strict=True)
        ),
        class_=None if given.counts else "gone",
        role="row",
    )


def _lot(given: Administration, language: Language) -> str:
    usable = ""
    if given.expiry:
        usable = language.text("usable until {date}", date=language.day(given.expiry))
    return ", ".join(filter(None, (given.lot, usable)))


def _sites(found: CourseHistory, language: Language) -> Html | None:
    text = language.text
    used = Counter(site for each in found.given for site in each.sites)
    if not used:
        return None
    rows = [
        tag("tr", tag("th", site_words(site, language), scope="row"), tag("td", str(count)))
        for site, count in sorted(used.items(), key=lambda each: (-each[1], each[0]))
    ]
    head = tag("tr", tag("th", text("Site"), scope="col"),
               tag("th", text("Injections"), scope="col"))  # fmt: skip
    drawn = {site: (count,) for site, count in used.items() if site in SITES}
    legend = text(
        "The number beside a site says how many injections are recorded there. Left and right are "
        "those of the person who is injected."
    )
    return section(
        text("Sites used"), "used",
        tag("p", legend, class_="keep"),
        tag(
            "div",
            body_map(drawn, (), language) if drawn else None,
            tag("table", tag("thead", head), tag("tbody", *rows), class_="places"),
            class_="map",
        ),
    )  # fmt: skip


def _lots(found: CourseHistory, language: Language) -> Html | None:
    """Return the lots, each with the days on which it was given."""
    text = language.text
    days: dict[str, list[Html]] = {}
    for each in found.given:
        if each.lot:
            days.setdefault(each.lot, []).append(_day(each.date, language))
    if not days:
        return None
    items = [
        tag(
            "li", tag("strong", tag("bdi", lot)), ": ",
            *(together(", " if place else "", day) for place, day in enumerate(given)),
        )
        for lot, given in days.items()
    ]  # fmt: skip
    return section(text("Lots"), "lots", tag("ul", *items))
