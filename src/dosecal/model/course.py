"""One person's course: the schedule, the start, and what really happened, in order of entry."""

from bisect import bisect_left
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from dosecal.model.schedule import Schedule, Then


class Avoid(NamedTuple):
    """A site that a person does not use, from `first` to `last`, both inclusive; None: no end."""

    site: str
    first: date | None = None
    last: date | None = None
    reason: str = ""

    def on(self, day: date) -> bool:
        """Say whether the site is avoided on that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Given(NamedTuple):
    """An administration: a dose actually given.

    Attributes:
        sites: Where, one an injection; empty where nobody noted it; None: as planned.
        then: The person's decision about the doses after it, if any.
    """

    dose: int
    date: date
    sites: tuple[str, ...] | None = ()
    then: Then | None = None
    note: str = ""
    recorded: datetime | None = None


class Skipped(NamedTuple):
    """A dose that the person chose not to take."""

    dose: int
    note: str = ""
    recorded: datetime | None = None


class Hold(NamedTuple):
    """A pause from `first` to `last`, both inclusive; `last` None is until it is voided."""

    first: date
    last: date | None = None
    reason: str = ""
    recorded: datetime | None = None

    def covers(self, day: date) -> bool:
        """Say whether the day lies in the hold."""
        return self.first <= day and (self.last is None or day <= self.last)


class Decided(NamedTuple):
    """What the prescriber decided about a recorded dose that no rule covers."""

    dose: int
    then: Then
    recorded: datetime | None = None


class Void(NamedTuple):
    """Take back the latest entry about `dose`, or the latest hold where it is None."""

    dose: int | None
    recorded: datetime | None = None


Entry = Given | Skipped | Hold | Decided | Void


class Course(NamedTuple):
    """A schedule, a start and a person.

    Attributes:
        id: Random, made once; what calendar UIDs derive from.
        start: Day 0.
        clock: Wall-clock time of the injections where the patient lives, or None: all-day.
        zone: IANA name of the time zone, or "".
        log: What was recorded, in order of entry; None where nothing is recorded anywhere,
            so that doses of the past are taken as given on their dates.
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


def without_notes(course: Course) -> Course:
    """Return a course without what the person wrote about it: notes, and reasons of holds."""
    log = tuple(
        each._replace(note="") if isinstance(each, Given | Skipped)
        else each._replace(reason="") if isinstance(each, Hold)
        else each
        for each in course.log or ()
    )  # fmt: skip
    avoid = tuple(each._replace(reason="") for each in course.avoid)
    return course._replace(log=None if course.log is None else log, avoid=avoid)


class History(NamedTuple):
    """What counts of a log: entries that were taken back are gone.

    Attributes:
        given: The administrations by number of dose.
        skipped: The doses not taken, by number.
        decided: What the person decided about a dose, by its number.
        holds: In order of entry.
        days: Of the administrations, each with its number, in order of time.
    """

    given: dict[int, Given]
    skipped: dict[int, Skipped]
    decided: dict[int, Then]
    holds: tuple[Hold, ...]
    days: tuple[tuple[date, int], ...]

    @property
    def last_given(self) -> int:
        """The highest number of a dose that was given; 0 before the first."""
        return max(self.given, default=0)

    def last_before(self, day: date, number: int) -> date | None:
        """Return the day of the administration before that of dose `number` on `day`, in time.

        Of two on one day the one with the lower number counts as the earlier.
        """
        place = bisect_left(self.days, (day, number))
        return self.days[place - 1][0] if place else None

    def last_of_earlier_numbers(self, day: date, number: int) -> date | None:
        """Return the last administration up to `day`, inclusive, of a dose before `number`."""
        earlier = (on for on, dose in self.days if dose < number and on <= day)
        return max(earlier, default=None)

    def used_before(self, day: date, number: int) -> dict[str, date]:
        """Return when each site was last used before dose `number` was given on `day`."""
        earlier = self.days[: bisect_left(self.days, (day, number))]
        return {site: on for on, dose in earlier for site in self.given[dose].sites or ()}


def history(log: tuple[Entry, ...]) -> History:
    """Return what counts of a log: a void takes back the latest entry about its dose or hold.

    A void does not take back a void, and where nothing is left to take back it does nothing.
    """
    if not log:
        return History({}, {}, {}, (), ())
    standing = _standing(log)
    given = {each.dose: each for each in standing if isinstance(each, Given)}
    decided = {number: each.then for number, each in given.items() if each.then}
    decided |= {each.dose: each.then for each in standing if isinstance(each, Decided)}
    return History(
        given,
        {each.dose: each for each in standing if isinstance(each, Skipped)},
        decided,
        tuple(each for each in standing if isinstance(each, Hold)),
        tuple(sorted((each.date, number) for number, each in given.items())),
    )


def take_back(log: tuple[Entry, ...], dose: int | None) -> Entry | None:
    """Return the entry that a void of `dose` (None: of a hold) would take back, or None."""
    return next((each for each in reversed(_standing(log)) if about(each) == dose), None)


def about(entry: Entry) -> int | None:
    """Return the number of the dose that an entry is about, or None: about a hold."""
    return None if isinstance(entry, Hold) else entry.dose


def _standing(log: tuple[Entry, ...]) -> list[Entry]:
    standing: dict[int, Entry] = {}
    places: dict[int | None, list[int]] = {}
    for place, entry in enumerate(log):
        earlier = places.setdefault(about(entry), [])
        if not isinstance(entry, Void):
            standing[place] = entry
            earlier.append(place)
        elif earlier:
            del standing[earlier.pop()]
    return list(standing.values())
