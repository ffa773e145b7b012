"""The doses on the page for the fridge: what to ask, the next one, and the list to tick off."""

from collections.abc import Sequence
from typing import Final

from dosecal.model.reasons import OffTarget, Provisional
from dosecal.page.markup import Html, tag, together
from dosecal.page.sheet import (
    Sheet,
    amount_and_injections,
    capital,
    reasons_said,
    section,
    site_list,
    week,
    word_beside,
)
from dosecal.plan.walk import OPEN, AssessedDose, Status

_CELLS: Final = (None, None, "nowrap", None, "room")


def questions(sheet: Sheet) -> Html | None:
    """Say what the prescriber is to be asked about doses that were given."""
    text = sheet.language.text
    asked = [
        text("Decision missing: dose {number} was {off}", number=dose.number, off=words)
        for dose in sheet.undecided
        for words in reasons_said(sheet, dose, OffTarget)
    ]
    if not asked:
        return None
    return tag(
        "section",
        tag("h2", text("Ask your prescriber"), id="ask"),
        *(tag("p", each) for each in asked),
        class_="next-dose", aria_labelledby="ask",
    )  # fmt: skip


def next_dose(sheet: Sheet) -> Html | None:
    """Return the box of the dose to act on, with what is open about it; None: none is left."""
    dose, text = sheet.next, sheet.language.text
    if dose is None:
        return None
    sites = site_list(dose.sites, sheet.language) if dose.sites else text("ask where to inject")
    word = word_beside(sheet, dose)
    asks = dose.then is not None or not dose.sites
    said = reasons_said(sheet, dose) if asks else reasons_said(sheet, dose, Provisional)
    reasons = [tag("p", tag("strong", capital(each))) for each in said]
    return tag(
        "section",
        tag("h2", text("Next dose"), id="next"),
        tag("p", text("Dose {number}", number=dose.number), ": ", sheet.day(dose.day),
            f" · {word}" if word else None, class_="when"),
        tag("p", amount_and_injections(dose, sheet.language), ": ", sites),
        *reasons,
        class_="next-dose", aria_labelledby="next",
    )  # fmt: skip


def dose_list(sheet: Sheet) -> Html:
    """Return the list to tick off; reasons stand below it, each once."""
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
    return section(
        text("Upcoming doses"), "doses", table,
        tag("ol", *why, class_="note") if why else None,
    )  # fmt: skip


def _dose_row(
    sheet: Sheet, dose: AssessedDose, names: Sequence[str], notes: dict[str, int]
) -> Html:
    text, language = sheet.language.text, sheet.language
    word = word_beside(sheet, dose)
    refs = []
    for reason in reasons_said(sheet, dose):
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
        str(week(sheet, dose.day)),
        language.amount(dose.amount),
        site_list(dose.sites, language) or "–",
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


def _window(sheet: Sheet, dose: AssessedDose) -> Html | None:
    if dose.earliest == dose.latest or dose.status not in OPEN:
        return None
    words = sheet.language.text(
        "in time {first} to {last}",
        first=sheet.language.day(dose.earliest), last=sheet.language.day(dose.latest),
    )  # fmt: skip
    return tag("span", words, class_="window")
