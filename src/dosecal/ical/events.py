"""What an event of a calendar says of itself: title, description and status, as lines.

The title is discreet unless the person asks for more; a private event names neither the medicine
nor its dose nor a site. The texts of a schedule are put together once and kept.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from dosecal.ical.content_lines import clean_line, text_line
from dosecal.model.quantities import Amount
from dosecal.model.reasons import Reason
from dosecal.model.schedule import CheckTime, Preparation, Schedule
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


class Manner:
    """A schedule and how it is spoken of; the same only as itself, which is quick to compare."""

    def __init__(self, schedule: Schedule, options: CalendarOptions) -> None:
        self.schedule = schedule
        self.options = options


_MANNERS: Final[dict[tuple[int, CalendarOptions], Manner]] = {}


def manner_of(schedule: Schedule, options: CalendarOptions) -> Manner:
    """Return the manner of this very schedule: to compare two would take longer than to write."""
    found = _MANNERS.get((id(schedule), options))
    if found is None:
        if len(_MANNERS) == _KEPT_SCHEDULES:
            _MANNERS.clear()
        # It holds the schedule, so that no other can get its id.
        found = _MANNERS[id(schedule), options] = Manner(schedule, options)
    return found


def said(dose: AssessedDose, reason_text: Callable[[Reason], str]) -> Said:
    """Return what of a dose its event speaks of, its reasons in words."""
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
    )


@lru_cache(maxsize=_KEPT)
def dose_shown(manner: Manner, dose: Said) -> Shown:
    """Put into words what the event of a dose says."""
    schedule, options = manner.schedule, manner.options
    text = options.language.text
    title = text("Injection, dose {number}", number=dose.number)
    if dose.infusion:
        title = text("Infusion, dose {number}", number=dose.number)
    if options.title == "medicine" and not options.private:
        medicine, amount = clean_line(schedule.medicine), options.language.amount(dose.amount)
        title = text(
            "{medicine} {dose}, dose {number}", medicine=medicine, dose=amount, number=dose.number
        ).strip()
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


def _description(schedule: Schedule, dose: Said, language: Language) -> Iterator[str]:
    """Yield the lines on what is injected, where and how."""
    text = language.text
    yield f"{schedule.medicine} ({schedule.brand})" if schedule.brand else schedule.medicine
    yield in_injections(dose.amount, dose.injections, language)
    if dose.sites:
        sites = sites_words(dose.sites, language)
        if len(set(dose.sites)) > 1:
            yield text("Sites: {sites}", sites=sites)
        else:
            yield text("Site: {sites}", sites=sites)
    phase, _ = language.of_schedule(dose.phase)
    yield text("Phase: {phase}", phase=phase)
    if dose.status is Status.GIVEN or dose.status in _CANCELLED:
        return
    if dose.earliest:
        yield text("In time from {first} to {last}", first=dose.earliest, last=dose.latest)
    if schedule.preparation:
        yield from _preparation(schedule.preparation, language)
    for check in schedule.checks:
        name, _ = language.of_schedule(check.name)
        if check.when is CheckTime.BEFORE_START and dose.number == 1:
            yield text("Before the start: {check}", check=name)
        elif check.when is CheckTime.BEFORE_EACH_DOSE:
            yield text("Before each dose: {check}", check=name)


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
        storage, _ = language.of_schedule(preparation.storage)
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
