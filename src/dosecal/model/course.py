"""One person's course: the schedule, the start, and what really happened, in order of entry."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from dosecal.model.quantities import Amount
from dosecal.model.schedule import Schedule, Then
from dosecal.model.values import value

NEAR_MIDNIGHT: Final = timedelta(hours=6)
"""A dose given so near to its hour, inclusive, counts for that hour's day (our own rule)."""

_Day = date  # where a field is called date


@value
class Avoid(NamedTuple):
    """A site that a person does not use, from `first` to `last`, both inclusive; None: no end."""

    site: str
    first: date | None = None
    last: date | None = None
    reason: str = ""

    def on(self, day: date) -> bool:
        """Say whether the site is avoided on that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@value
class Taken(NamedTuple):
    """Doses with a target up to `until`, inclusive, were given as planned before this record."""

    until: date
    recorded: datetime | None = None
    by: str = ""


@value
class Given(NamedTuple):
    """An administration: a dose actually given.

    Attributes:
        date: The day, as it was told; `History.counted` says for which day it counts.
        sites: Where, one an injection; empty where nobody noted it; None: as planned. A place
            that has no name here stands as it was written.
        then: The person's decision about the doses after it, if any.
        at: The hour, where one was told.
        amount: What was given; None: the planned dose.
        injections: Needles that made it up; None: the planned ones.
        lot: The batch number, or "".
        expiry: The day until which the pack was usable, inclusive.
    """

    dose: int
    date: date
    sites: tuple[str, ...] | None = ()
    then: Then | None = None
    note: str = ""
    recorded: datetime | None = None
    at: time | None = None
    amount: Amount | None = None
    injections: int | None = None
    lot: str = ""
    expiry: "_Day | None" = None
    by: str = ""


@value
class Extra(NamedTuple):
    """An administration outside the plan: it counts for sites and gaps, and has no number."""

    date: date
    amount: Amount
    injections: int = 1
    sites: tuple[str, ...] = ()
    at: time | None = None
    lot: str = ""
    expiry: "_Day | None" = None
    note: str = ""
    recorded: datetime | None = None
    by: str = ""


@value
class Skipped(NamedTuple):
    """A dose that the person chose not to take."""

    dose: int
    note: str = ""
    recorded: datetime | None = None
    by: str = ""


@value
class Moved(NamedTuple):
    """A dose agreed for another day; `then` is keep or shift for the doses after it.

    Attributes:
        decided: Whether the prescriber agreed to a day that no rule or window allows.
    """

    dose: int
    to: date
    then: Then = Then.KEEP
    note: str = ""
    decided: bool = False
    recorded: datetime | None = None
    by: str = ""


@value
class Hold(NamedTuple):
    """A pause from `first` to `last`, both inclusive; `last` None is until it is ended."""

    first: date
    last: date | None = None
    reason: str = ""
    recorded: datetime | None = None
    by: str = ""

    def covers(self, day: date) -> bool:
        """Say whether the day lies in the hold."""
        return self.first <= day and (self.last is None or day <= self.last)


@value
class HoldEnd(NamedTuple):
    """The last day, inclusive, of the hold that was entered last."""

    on: date
    recorded: datetime | None = None
    by: str = ""


@value
class Decided(NamedTuple):
    """What the prescriber decided about a recorded dose: keep, shift, restart or repeat.

    Attributes:
        on: Of a repeat: the day on which the dose is due again.
    """

    dose: int
    then: Then
    recorded: datetime | None = None
    on: date | None = None
    decided: bool = False
    by: str = ""


@value
class Chosen(NamedTuple):
    """A choice made from a day on (None: from the start): `text` is its value as written."""

    phase: str
    key: str
    text: str
    first: date | None = None
    recorded: datetime | None = None
    by: str = ""


@value
class Weighed(NamedTuple):
    """The body weight from a day on."""

    kg: Decimal
    on: date
    recorded: datetime | None = None
    by: str = ""


@value
class Stepped(NamedTuple):
    """The prescriber's move: the first dose of phase `to` is due on `on`.

    Attributes:
        schedule: The other schedule that the phase is of, as the file names it; "": the same.
        phase_dose: Which dose of its phase that is, counted from 1.
        decided: Whether the prescriber agreed to what a rule speaks against.
    """

    to: str
    on: date
    schedule: str = ""
    phase_dose: int = 1
    decided: bool = False
    recorded: datetime | None = None
    by: str = ""


@value
class Stocked(NamedTuple):
    """Injections in the house: `add` more or fewer of them, or `count` that are there now."""

    on: date
    add: int | None = None
    count: int | None = None  # type: ignore[assignment]  # hides tuple.count
    lot: str = ""
    expiry: date | None = None
    recorded: datetime | None = None
    by: str = ""


@value
class Stopped(NamedTuple):
    """Nothing is planned from `on` on."""

    on: date
    reason: str = ""
    recorded: datetime | None = None
    by: str = ""


@value
class Zoned(NamedTuple):
    """Another time zone, and another hour if `clock` says one, from a day on."""

    zone: str
    on: date
    clock: time | None = None
    recorded: datetime | None = None
    by: str = ""


@value
class Void(NamedTuple):
    """Take back the latest entry about dose `dose`, or, where it is None, of the kind `of`."""

    dose: int | None
    of: str = "hold"
    recorded: datetime | None = None
    by: str = ""


Entry = (
    Taken | Given | Extra | Skipped | Moved | Hold | HoldEnd | Decided | Chosen | Weighed
    | Stepped | Stocked | Stopped | Zoned | Void
)  # fmt: skip

_NAMES: Final[dict[type, str]] = {
    Taken: "taken",
    Given: "given",
    Extra: "given",
    Skipped: "skipped",
    Moved: "moved",
    Hold: "hold",
    HoldEnd: "hold_end",
    Decided: "decided",
    Chosen: "chosen",
    Weighed: "weighed",
    Stepped: "stepped",
    Stocked: "supply",
    Stopped: "stopped",
    Zoned: "zoned",
    Void: "void",
}

VOIDED_BY_KIND: Final[dict[type, str]] = {
    Hold: "hold",
    HoldEnd: "hold_end",
    Moved: "moved",
    Extra: "extra",
    Stepped: "step",
    Stopped: "stop",
    Stocked: "supply",
    Zoned: "zone",
    Chosen: "choose",
    Weighed: "weigh",
}
"""The kinds of entries of which a void takes back the latest, as its key names them."""
_VOIDED: Final = {
    "hold": "hold", "hold_end": "end of a hold", "moved": "moved dose", "extra": "extra dose",
    "step": "step", "stop": "stop", "supply": "supply", "zone": "change of zone or hour",
    "choose": "choice", "weigh": "weight",
}  # fmt: skip


def name_of(kind: type) -> str:
    """Return what an entry of a kind is called in a course file: the name of its table."""
    return _NAMES[kind]


def voided_words(of: str) -> str:
    """Return what a void takes back, in words: "hold_end" is "end of a hold"."""
    return _VOIDED.get(of, of)


@value
class Course(NamedTuple):
    """A schedule, a start and a person.

    Attributes:
        id: Random, made once; what calendar UIDs derive from.
        start: Day 0.
        clock: Wall-clock time of the injections where the patient lives, or None: all-day.
        zone: IANA name of the time zone, or "".
        log: What was recorded, in order of entry; None where nothing is recorded anywhere,
            so that doses of the past are taken as given on their dates.
        label: A discreet word of the person's own for titles, or "".
        sites: The person's own order of sites, among those that the schedule allows; empty: the
            schedule's.
        beside: Other course files of the same person, as this one names them.
        choices: What was chosen from the beginning, of what the schedule leaves open.
        others: The schedules that steps name, by the name in the file.
    """

    schedule: Schedule
    id: str
    start: date
    clock: time | None = None
    zone: str = ""
    weight_kg: Decimal | None = None
    caregiver: bool = False
    language: str = ""
    avoid: tuple[Avoid, ...] = ()
    log: tuple[Entry, ...] | None = None
    bsa_m2: Decimal | None = None
    label: str = ""
    sites: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    choices: tuple[Chosen, ...] = ()
    others: tuple[tuple[str, Schedule], ...] = ()

    @property
    def citing(self) -> Schedule:
        """The schedule with the sources of those that steps go to as well: reasons name either's.

        Where two of them name a source alike, its title is both titles.
        """
        if not self.others:
            return self.schedule
        sources = {each.id: each for each in self.schedule.sources}
        for _, other in self.others:
            for each in other.sources:
                known = sources.setdefault(each.id, each)
                if each.title not in known.title:
                    both = f"{known.title}; {each.title}"
                    sources[each.id] = known._replace(title=both)
        return self.schedule._replace(sources=tuple(sources.values()))

    def with_schedules(self, change: Callable[[Schedule], Schedule]) -> "Course":
        """Return the course with its schedule, and each that a step goes to, changed alike."""
        others = tuple((name, change(each)) for name, each in self.others)
        return self._replace(schedule=change(self.schedule), others=others)


def with_entry(course: Course, entry: Entry, recorded: datetime | None = None) -> Course:
    """Return a course with one entry more at the end of its log.

    Args:
        course: Before the entry; without a log, the entry begins it.
        entry: What is added.
        recorded: The instant of the recording; None: the entry states none. It is never earlier
            than the one before it: the order of entry shows in the times, too.
    """
    log = course.log or ()
    last = max((each.recorded for each in log if each.recorded), default=None)
    if recorded is not None and last is not None and recorded <= last:
        recorded = last + timedelta(seconds=1)
    return course._replace(log=(*log, entry._replace(recorded=recorded)))


def without_notes(course: Course) -> Course:
    """Return a course without what the person wrote about it: notes, reasons of holds, batches."""
    return course._replace(
        log=None if course.log is None else tuple(map(_without_words, course.log)),
        avoid=tuple(each._replace(reason="") for each in course.avoid),
    )


def _without_words(entry: Entry) -> Entry:
    match entry:
        case Given() | Extra():
            return entry._replace(note="", lot="", expiry=None)
        case Skipped() | Moved():
            return entry._replace(note="")
        case Hold() | Stopped():
            return entry._replace(reason="")
        case _:
            return entry


def standing(log: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return the entries of a log that count: a void takes back the latest it speaks of.

    A void does not take back a void, and where nothing is left to take back it does nothing.
    """
    left: dict[int, Entry] = {}
    places: dict[int | str, list[int]] = {}
    for place, entry in enumerate(log):
        if isinstance(entry, Void):
            earlier = places.get(entry.of if entry.dose is None else entry.dose)
            while earlier:
                if left.pop(earlier.pop(), None) is not None:
                    break
            continue
        left[place] = entry
        for about in _abouts(entry):
            places.setdefault(about, []).append(place)
    return tuple(left.values())


def _abouts(entry: Entry) -> tuple[int | str, ...]:
    """Return by what a void can take an entry back: its dose, its kind."""
    if isinstance(entry, Given | Skipped | Decided):
        return (entry.dose,)
    kind = VOIDED_BY_KIND.get(type(entry))
    return (kind,) if kind else ()


def take_back(log: tuple[Entry, ...], void: Void) -> Entry | None:
    """Return the entry that a void would take back, or None."""
    about: int | str = void.of if void.dose is None else void.dose
    return next((each for each in reversed(standing(log)) if about in _abouts(each)), None)


def counted_day(day: date, at: time | None, clock: time | None) -> date:
    """Return the day for which a dose given at an hour counts (docs/course-file.md, "The hour").

    Args:
        day: The day as it was told.
        at: The hour, or None.
        clock: The hour of the course's doses, or None: all-day.
    """
    if at is None or clock is None:
        return day
    apart = datetime.combine(day, at) - datetime.combine(day, clock)
    if timedelta(days=1) + apart <= NEAR_MIDNIGHT:
        return day - timedelta(days=1)
    if timedelta(days=1) - apart <= NEAR_MIDNIGHT:
        return day + timedelta(days=1)
    return day
