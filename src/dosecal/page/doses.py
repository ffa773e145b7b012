"""The doses on the page for the fridge: what to ask, the next one, and the list to tick off."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from dosecal.model.course import Extra, Given, Stopped
from dosecal.model.reasons import Near, OffTarget, Part, Provisional, QuestionOpen
from dosecal.model.schedule import Companion
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
from dosecal.plan.checks import at_dose, before_start
from dosecal.plan.walk import OPEN, AssessedDose, Status
from dosecal.words.doses import in_injections
from dosecal.words.rules import check_when_words

_CELLS: Final = (None, None, "nowrap", None, "room")
_QUESTIONS: Final = (Provisional, QuestionOpen, Near)
"""The reasons that the box of the next dose names even where no rule asks for them."""


def questions(sheet: Sheet) -> Html | None:
    """Say what the prescriber is to be asked about doses that were given."""
    text = sheet.language.text
    asked = [
        text("Decision missing: dose {number} was {off}", number=dose.number, off=words)
        for dose in sheet.undecided
        for words in reasons_said(sheet, dose, OffTarget)
    ]
    asked += [
        text("Decision missing: of dose {number}, {part}", number=dose.number, part=words)
        for dose in sheet.undecided
        for words in reasons_said(sheet, dose, Part)
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
    if dose is None or (sheet.stopped and sheet.stopped.on <= sheet.today):
        return _stop(sheet)
    sites = site_list(dose.sites, sheet.language) if dose.sites else text("ask where to inject")
    word = word_beside(sheet, dose)
    asks = dose.then is not None or not dose.sites
    said = reasons_said(sheet, dose, None if asks else _QUESTIONS)
    reasons = [tag("p", tag("strong", capital(each))) for each in said]
    checks = (*before_start(sheet.course, sheet.today), *at_dose(sheet.course, dose))
    return tag(
        "section",
        tag("h2", text("Next dose"), id="next"),
        tag("p", text("Dose {number}", number=dose.number), ": ", sheet.day(dose.day),
            f" · {word}" if word else None, class_="when"),
        tag("p", amount_and_injections(dose, sheet.language), ": ", sites),
        *(tag("p", each) for each in _beside(sheet, dose)),
        *reasons,
        *(tag("p", capital(check_when_words(each, sheet.language)), ": ",
              sheet.stated(each.name)) for each in dict.fromkeys(checks)),
        tag("p", _stop_words(sheet, sheet.stopped)) if sheet.stopped else None,
        class_="next-dose", aria_labelledby="next",
    )  # fmt: skip


def _stop(sheet: Sheet) -> Html | None:
    """Return the box that says that nothing more is planned; None: the treatment goes on."""
    if sheet.stopped is None:
        return None
    return tag(
        "section",
        tag("h2", _stop_words(sheet, sheet.stopped), id="next"),
        class_="next-dose", aria_labelledby="next",
    )  # fmt: skip


def _stop_words(sheet: Sheet, stop: Stopped) -> str:
    text, day = sheet.language.text, sheet.language.day(stop.on)
    if stop.on > sheet.today:
        words = text("The treatment is to be stopped on {date}", date=day)
    else:
        words = text("The treatment was stopped on {date}", date=day)
    return f"{words}: {stop.reason}" if stop.reason else words


def _beside(sheet: Sheet, dose: AssessedDose) -> list[str]:
    """Say what else is given with a dose that is to come, and where; in private not its name."""
    said = []
    for each, places in zip_longest(dose.phase.companions, dose.beside, fillvalue=()):
        if isinstance(each, Companion) and dose.status in OPEN:
            amount = in_injections(each.amount, each.injections, sheet.language)
            where = f", {site_list(places, sheet.language)}" if places else ""
            medicine = each.medicine if sheet.schedule.medicine else ""
            said.append(
                sheet.language.text(
                    "With it: {medicine} {dose}", medicine=medicine, dose=amount + where
                ).replace("  ", " ")
            )
    return said


def _recorded(sheet: Sheet, entry: Given | Extra) -> str:
    """Say what was recorded of an administration beside its day, amount and sites."""
    text = sheet.language.text
    lot = text("Lot: {lot}", lot=entry.lot) if entry.lot else ""
    usable = ""
    if entry.expiry:
        usable = text("usable until {date}", date=sheet.language.day(entry.expiry))
    pack = ", ".join(filter(None, (lot, usable)))
    clock = entry.at.strftime("%H:%M") if entry.at else ""
    return "; ".join(filter(None, (clock, pack, entry.note)))


def dose_list(sheet: Sheet) -> Html:
    """Return the list to tick off; reasons stand below it, each once."""
    text = sheet.language.text
    names = (
        text("Done"), text("No."), text("Date"), text("Week"), text("Dose"), text("Sites"),
        text("Given on, where, notes"),
    )  # fmt: skip
    notes: dict[str, int] = {}
    rows = []
    extras = list(sheet.extras)
    for dose in sheet.listed:
        while extras and dose.status is not Status.LATE and extras[0].date < dose.day:
            rows.append(_extra_row(sheet, extras.pop(0), names))
        rows.append(_dose_row(sheet, dose, names, notes))
    rows += [_extra_row(sheet, each, names) for each in extras]
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
    language = sheet.language
    word = word_beside(sheet, dose)
    refs = []
    for reason in reasons_said(sheet, dose):
        number = notes.setdefault(reason, len(notes) + 1)
        refs.append(tag("sup", " ", tag("a", f"{number})", href=f"#why-{number}")))
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
        together(
            site_list(dose.sites, language) or "–",
            *(tag("span", each, class_="window") for each in _beside(sheet, dose)),
        ),
        _room(sheet, dose),
    )
    return _row(_box(sheet, dose), str(dose.number), cells, names, gone=dose.status not in OPEN)


def _extra_row(sheet: Sheet, extra: Extra, names: Sequence[str]) -> Html:
    """Return the row of an administration outside the plan."""
    language = sheet.language
    cells = (
        together(
            tag("span", sheet.day(extra.date), class_="nowrap"),
            " ",
            tag("span", language.text("extra"), class_="word"),
        ),
        str(week(sheet, extra.date)),
        language.amount(extra.amount),
        site_list(extra.sites, language) or "–",
        _recorded(sheet, extra),
    )
    return _row(_ticked(sheet), "–", cells, names, gone=True)


def _row(
    box: Html | str, number: str, cells: Sequence[Html | str], names: Sequence[str], *, gone: bool
) -> Html:
    kinds = _CELLS if gone else (*_CELLS[:-1], "room write")
    return tag(
        "tr",
        tag("td", box, role="cell"),
        tag("th", number, scope="row", role="rowheader", data_label=names[1]),
        *(
            tag("td", cell, role="cell", data_label=name, class_=kind)
            for name, cell, kind in zip(names[2:], cells, kinds, strict=True)
        ),
        class_="gone" if gone else None,
        role="row",
    )


def _box(sheet: Sheet, dose: AssessedDose) -> Html | str:
    """Return the box to tick of a dose to come: at most one of a day that is today (our own rule).

    What was left out, missed or held has none: nobody is to give it.
    """
    if dose.status is Status.GIVEN:
        return _ticked(sheet)
    doubled = dose.day == sheet.today and dose is not sheet.next
    if dose.status not in OPEN or doubled:
        return "–"
    label = sheet.language.text("box to tick")
    return tag("span", class_="box", role="img", aria_label=label)


def _ticked(sheet: Sheet) -> Html:
    label = sheet.language.text("given")
    return tag("span", "✓", class_="box", role="img", aria_label=label)


def _room(sheet: Sheet, dose: AssessedDose) -> Html | str:
    """Return what was recorded of a dose, or the room to write it."""
    if dose.entry is not None:
        return _recorded(sheet, dose.entry)
    if dose.status in OPEN:
        return tag("span", sheet.language.text("Lot: {lot}", lot="").strip(), class_="lot")
    return ""


def _window(sheet: Sheet, dose: AssessedDose) -> Html | None:
    if dose.earliest == dose.latest or dose.status not in OPEN:
        return None
    words = sheet.language.text(
        "in time {first} to {last}",
        first=sheet.language.day(dose.earliest), last=sheet.language.day(dose.latest),
    )  # fmt: skip
    return tag("span", words, class_="window")
