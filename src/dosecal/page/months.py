"""The calendars on the page for the fridge: months with the dose days framed and numbered."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from dosecal.page.markup import Html, tag
from dosecal.page.sheet import Sheet, section
from dosecal.plan.walk import OPEN, Status

MAX_MONTHS: Final = 36
"""What a page may hold, so that it stays one that can be printed and under 300 kB."""
_A_YEAR: Final = 12  # months in rows of four on paper; more stand in rows of five


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of the months from `first` to `last`: at most one too many."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(min(count, MAX_MONTHS + 1))
    ]


def calendars(sheet: Sheet, months: Sequence[date]) -> Html:
    """Return these months with the days of the doses that are given or to come."""
    text = sheet.language.text
    days: dict[date, list[int]] = {}
    for dose in sheet.listed:
        if dose.status in (*OPEN, Status.GIVEN):
            days.setdefault(dose.day, []).append(dose.number)
    legend = text("A framed day is a dose day; the small number under the date is the dose's.")
    return section(
        text("Calendar"),
        "calendar",
        tag("p", legend, class_="keep"),
        tag(
            "div",
            *(_month(sheet, month, days) for month in months),
            class_="months" if len(months) <= _A_YEAR else "months many",
        ),
    )


def _month(sheet: Sheet, month: date, days: dict[date, list[int]]) -> Html:
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


def _cell(sheet: Sheet, day: date, month: date, doses: Sequence[int]) -> Html:
    if day.month != month.month:
        return tag("td")
    if not doses:
        return tag("td", str(day.day))
    numbers = ", ".join(str(each) for each in doses)
    word = tag("span", " ", sheet.language.text("dose"), " ", class_="hidden")
    return tag("td", str(day.day), word, tag("span", numbers, class_="no"), class_="dose")
