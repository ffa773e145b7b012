"""What an event of a calendar says of itself: title, description and status, as lines.

The title is discreet unless the person asks for more; a private event names neither the medicine
nor its dose nor a site. The texts of a schedule are put together once and kept.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import zip_longest
from typing import Final, Literal, NamedTuple

from dosecal.ical.content_lines import clean_line, text_line
from dosecal.model.course import Extra
from dosecal.model.quantities import Amount
from dosecal.model.reasons import Reason
from dosecal.model.schedule import CheckTime, Companion, Preparation, Schedule, digest
from dosecal.model.values import value
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.doses import in_injections, sites_words
from dosecal.words.language import ENGLISH, Language

_KEPT: Final = 8192
"""How many texts are kept at most: some megabytes."""
_KEPT_SCHEDULES: Final = 64
_CANCELLED: Final = (Status.SKIPPED, Status.MISSED)


@dataclass(frozen=True, slots=True)
class CalendarOptions:
    """What the person wants to see.

    Attributes:
        title: "discreet" ("Injection, dose 4", of an intravenous one "Infusion, dose 4") or
            "medicine" ("netakimab 120 mg, dose 4").
        private: Whether the file is to hold nothing of the medicine, its dose or the sites.
        remind: When each alarm of a dose is: so long before the start, 0 or more and in whole
            seconds, or at that time of the day before; empty for none; None for one: 15 minutes
            before, or for an all-day event 9:00 the day before.
        language: What the texts are written in.
    """

    title: Literal["discreet", "medicine"] = "discreet"
    private: bool = False
    remind: tuple[timedelta | time, ...] | None = None
    language: Language = ENGLISH


class Shown(NamedTuple):
    """What an event says of itself, whoever it is for and whenever it is."""

    title: str
    lines: bytes
    reminds: bool


class Said(NamedTuple):
    """What of a dose its event speaks of, and nothing else: the texts are kept by it.

    Attributes:
        earliest: First day in time, inclusive; None where the dose has no window, like `latest`.
        opening: Whether the checks before the start are to be done before it.
        lot: The batch number that was recorded, or "".
        beside: What is given with it: medicine, dose, injections and sites.
    """

    number: int
    phase: str
    amount: Amount
    injections: int
    sites: tuple[str, ...]
    infusion: bool
    status: Status
    earliest: date | None
    latest: date | None
    reasons: tuple[str, ...]
    opening: bool = False
    lot: str = ""
    beside: tuple[tuple[str, Amount, int, tuple[str, ...]], ...] = ()


@value
class Manner(NamedTuple):
    """A schedule and how it is spoken of; `digest` stands for the schedule when two are compared.

    Attributes:
        digest: Of everything that the schedule says.
        label: The person's discreet word for the titles, or "".
    """

    digest: str
    options: CalendarOptions
    label: str = ""


_SCHEDULES: Final[dict[str, Schedule]] = {}
"""The schedules of the manners there are, by digest: few, however many calendars."""


def manner_of(schedule: Schedule, options: CalendarOptions, label: str = "") -> Manner:
    """Return the manner of a schedule: to compare two would take longer than to write."""
    found = digest(schedule)
    if found not in _SCHEDULES:
        if len(_SCHEDULES) == _KEPT_SCHEDULES:
            _SCHEDULES.clear()
            dose_shown.cache_clear()
        _SCHEDULES[found] = schedule
    return Manner(found, options, label)


def said(
    dose: AssessedDose, reason_text: Callable[[Reason], str], *, opening: bool = False
) -> Said:
    """Return what of a dose its event speaks of, its reasons in words.

    Args:
        dose: The dose.
        reason_text: Puts a reason into words.
        opening: Whether the checks before the start are to be done before it.
    """
    windowed = dose.earliest != dose.latest
    return Said(
        dose.number,
        dose.phase.name,
        dose.amount,
        dose.injections,
        dose.sites,
        dose.phase.route == "intravenous",
        dose.status,
        dose.earliest if windowed else None,
        dose.latest if windowed else None,
        tuple(map(reason_text, dose.reasons)),
        opening,
        dose.entry.lot if dose.entry else "",
        tuple(
            (each.medicine, each.amount, each.injections, sites)
            for each, sites in zip_longest(dose.phase.companions, dose.beside, fillvalue=())
            if isinstance(each, Companion)
        ),
    )


@lru_cache(maxsize=_KEPT)
def dose_shown(manner: Manner, dose: Said) -> Shown:
    """Put into words what the event of a dose says."""
    schedule, options = _SCHEDULES[manner.digest], manner.options
    text = options.language.text
    title = _title(schedule, manner, dose)
    status, reminds = "CONFIRMED", False
    if dose.status is Status.GIVEN:
        title = text("{title} (given)", title=title)
    elif dose.status in _CANCELLED:
        title, status = text("Cancelled: {title}", title=title), "CANCELLED"
    elif dose.status is Status.HELD:
        title, status = text("On hold: {title}", title=title), "TENTATIVE"
    else:
        reminds = True
    if options.private:
        description = [text("Dose {number}", number=dose.number)]
    else:
        description = [*_description(schedule, dose, options.language), *dose.reasons]
    return text_shown(title, description, status, reminds=reminds)


def _title(schedule: Schedule, manner: Manner, dose: Said) -> str:
    """Return the title of a dose: discreet, or with the medicine; with the person's own word."""
    options, label = manner.options, clean_line(manner.label)
    text = options.language.text
    if options.title == "medicine" and not options.private:
        return text(
            "{medicine} {dose}, dose {number}", medicine=_medicine(schedule, label),
            dose=options.language.amount(dose.amount), number=dose.number,
        ).strip()  # fmt: skip
    if label:
        if dose.infusion:
            return text("Infusion ({label}), dose {number}", label=label, number=dose.number)
        return text("Injection ({label}), dose {number}", label=label, number=dose.number)
    if dose.infusion:
        return text("Infusion, dose {number}", number=dose.number)
    return text("Injection, dose {number}", number=dose.number)


def _medicine(schedule: Schedule, label: str) -> str:
    medicine = clean_line(schedule.medicine)
    return f"{medicine} ({label})" if label else medicine


def extra_shown(
    schedule: Schedule, extra: Extra, options: CalendarOptions, label: str, *, taken_back: bool
) -> Shown:
    """Put into words what the event of an administration outside the plan says.

    Args:
        schedule: The course's.
        extra: What was given.
        options: What is shown.
        label: The person's discreet word for the titles, or "".
        taken_back: Whether it was taken back, so that the event is cancelled.
    """
    language, own = options.language, clean_line(label)
    text = language.text
    infusion = all(each.route == "intravenous" for each in schedule.phases)
    if options.title == "medicine" and not options.private:
        title = text(
            "{medicine} {dose}, extra dose", medicine=_medicine(schedule, own),
            dose=language.amount(extra.amount),
        ).strip()  # fmt: skip
    else:
        title = text("Extra infusion") if infusion else text("Extra injection")
        title = f"{title} ({own})" if own else title
    status = "CANCELLED" if taken_back else "CONFIRMED"
    if taken_back:
        title = text("Cancelled: {title}", title=title)
    else:
        title = text("{title} (given)", title=title)
    description = [] if options.private else [
        *_what_and_where(schedule, extra.amount, extra.injections, extra.sites, language),
        *_lot(extra.lot, language),
    ]  # fmt: skip
    return text_shown(title, description, status, reminds=False)


def _description(schedule: Schedule, dose: Said, language: Language) -> Iterator[str]:
    """Yield the lines on what is injected, where and how."""
    text = language.text
    yield from _what_and_where(schedule, dose.amount, dose.injections, dose.sites, language)
    yield from _lot(dose.lot, language)
    for medicine, amount, injections, places in dose.beside:
        words = in_injections(amount, injections, language)
        where = f", {sites_words(places, language)}" if places else ""
        yield text("With it: {medicine} {dose}", medicine=medicine, dose=words + where)
    phase = language.stated(dose.phase)
    yield text("Phase: {phase}", phase=phase)
    if dose.status is Status.GIVEN or dose.status in _CANCELLED:
        return
    if dose.earliest:
        yield text("In time from {first} to {last}", first=dose.earliest, last=dose.latest)
    if schedule.preparation:
        yield from _preparation(schedule.preparation, language)
    for check in schedule.checks:
        name = language.stated(check.name)
        if check.when is CheckTime.BEFORE_START and dose.opening:
            yield text("Before the start: {check}", check=name)
        elif check.when is CheckTime.BEFORE_EACH_DOSE and not check.lead:
            yield text("Before each dose: {check}", check=name)
        elif check.when is CheckTime.AFTER_EACH_DOSE:
            yield text("After each dose: {check}", check=name)


def _what_and_where(
    schedule: Schedule, amount: Amount, injections: int, sites: tuple[str, ...], language: Language
) -> Iterator[str]:
    """Yield the lines on the medicine, its amount and the sites."""
    yield f"{schedule.medicine} ({schedule.brand})" if schedule.brand else schedule.medicine
    yield in_injections(amount, injections, language)
    if sites:
        words = sites_words(sites, language)
        if len(set(sites)) > 1:
            yield language.text("Sites: {sites}", sites=words)
        else:
            yield language.text("Site: {sites}", sites=words)


def _lot(lot: str, language: Language) -> Iterator[str]:
    if lot:
        yield language.text("Lot: {lot}", lot=lot)


def _preparation(preparation: Preparation, language: Language) -> Iterator[str]:
    if warm_up := preparation.warm_up:
        if warm_up.most == 0:
            yield language.text("Warm-up: none")
        elif warm_up.least == warm_up.most:
            yield language.plural(
                "Warm-up: {count} minute out of the fridge before injecting",
                "Warm-up: {count} minutes out of the fridge before injecting",
                warm_up.most,
            )
        else:
            yield language.text(
                "Warm-up: {least} to {most} minutes out of the fridge before injecting",
                least=warm_up.least, most=warm_up.most,
            )  # fmt: skip
    if preparation.storage:
        storage = language.stated(preparation.storage)
        yield language.text("Storage: {storage}", storage=storage)


def text_shown(title: str, description: Iterable[str], status: str, *, reminds: bool) -> Shown:
    """Return the lines of an event with these texts; of a title nothing ends the line."""
    title = clean_line(title) or "Injection"
    described = "\n".join(filter(None, map(clean_line, description)))
    lines = (
        text_line("SUMMARY", title),
        text_line("DESCRIPTION", described) if described else b"",
        f"STATUS:{status}\r\nTRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\n".encode(),
        b"X-MICROSOFT-CDO-BUSYSTATUS:FREE\r\n",
    )
    return Shown(title, b"".join(lines), reminds)
