"""What counts of a log: entries that were taken back are gone, what repeats or ends others is done.

A `History` takes in one entry after the other, so that a log can be replayed without reading it
anew for each entry; `history` gives it for a whole log.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

from dosecal.model.course import (
    Chosen,
    Course,
    Decided,
    Entry,
    Extra,
    Given,
    Hold,
    HoldEnd,
    Moved,
    Skipped,
    Stepped,
    Stocked,
    Stopped,
    Taken,
    Void,
    Weighed,
    Zoned,
    counted_day,
    standing,
)
from dosecal.model.schedule import Then
from dosecal.model.values import value

EXTRA: int = 0
"""The number under which an extra dose stands among the days of administrations."""


@value
class Repeated(NamedTuple):
    """An administration that does not count; its dose is due again on `on`."""

    given: Given
    on: date


class History:
    """What counts of a log.

    Attributes:
        given: The administrations that count, by number of dose.
        repeated: Those that do not count, by number of dose, in order of entry.
        skipped: The doses not taken, by number.
        decided: What the person decided about a dose, by its number.
        moved: Days agreed for doses, by number: the latest of each counts.
        holds: In order of entry, each with the end that it has now.
        extras: Administrations outside the plan.
        taken_until: Doses with a target up to then, inclusive, were given before the record.
        steps: In order of the day, each with the last dose recorded before it was entered; of
            two on one day the later entry counts alone.
        stops: The days from which nothing is planned, in order of entry.
        chosen: Choices made later, in order of entry, each with the last dose recorded before.
        weighed: Weights from a day on, in order of entry, likewise.
        zoned: Time zones and hours from a day on, in order of entry.
        stocked: What was counted or added of injections in the house.
        days: Of all administrations: the day each counts for and its number (`EXTRA`), in order
            of time.
        uses: The same for the sites used, those of administrations that do not count among them.
    """

    def __init__(self, clock: time | None = None) -> None:
        self._clock = clock
        self.given: dict[int, Given] = {}
        self.repeated: dict[int, tuple[Repeated, ...]] = {}
        self.skipped: dict[int, Skipped] = {}
        self.decided: dict[int, Then] = {}
        self.moved: dict[int, Moved] = {}
        self.holds: tuple[Hold, ...] = ()
        self.extras: tuple[Extra, ...] = ()
        self.taken_until: date | None = None
        self.steps: tuple[tuple[Stepped, int], ...] = ()
        self.stops: tuple[Stopped, ...] = ()
        self.chosen: tuple[tuple[Chosen, int], ...] = ()
        self.weighed: tuple[tuple[Weighed, int], ...] = ()
        self.zoned: tuple[Zoned, ...] = ()
        self.stocked: tuple[Stocked, ...] = ()
        self.days: list[tuple[date, int]] = []
        self.uses: list[tuple[date, int, tuple[str, ...]]] = []
        self.last_given = 0
        self._latest: list[Given] = []
        """The administrations, in order of entry, that had a higher number than all before."""

    def add(self, entry: Entry) -> None:
        """Take in one entry; a void must have been done before (`course.standing`)."""
        match entry:
            case Given():
                self._give(entry)
            case Decided():
                self._decide(entry)
            case Skipped():
                self.skipped[entry.dose] = entry
            case Moved():
                self.moved[entry.dose] = entry
            case Extra():
                self.extras = (*self.extras, entry)
                day = counted_day(entry.date, entry.at, self._clock)
                insort(self.days, (day, EXTRA))
                insort(self.uses, (day, EXTRA, entry.sites))
            case _:
                self._add_rare(entry)

    def _add_rare(self, entry: Entry) -> None:
        match entry:
            case Hold():
                self.holds = (*self.holds, entry)
            case HoldEnd():
                self.holds = _ended(self.holds, entry)
            case Taken():
                self.taken_until = max(filter(None, (self.taken_until, entry.until)))
            case Stepped():
                others = (each for each in self.steps if each[0].on != entry.on)
                last = self.last_recorded
                steps = (*others, (entry, last))
                # from its day on the doses are others: what was agreed of the old is moot
                self.moved = {
                    number: each
                    for number, each in self.moved.items()
                    if number <= last or each.to < entry.on
                }
                self.steps = tuple(sorted(steps, key=lambda each: each[0].on))
            case Stopped():
                self.stops = (*self.stops, entry)
            case Chosen():
                self.chosen = (*self.chosen, (entry, self.last_given))
            case Weighed():
                self.weighed = (*self.weighed, (entry, self.last_given))
            case Zoned():
                self.zoned = (*self.zoned, entry)
            case Stocked():
                self.stocked = (*self.stocked, entry)
            case Given() | Decided() | Skipped() | Moved() | Extra() | Void():
                raise AssertionError("taken in elsewhere")

    def _give(self, entry: Given) -> None:
        self.given[entry.dose] = entry
        if entry.dose > self.last_given:
            self.last_given = entry.dose
            self._latest.append(entry)
        if entry.then:
            self.decided[entry.dose] = entry.then
        day = self.counted(entry)
        insort(self.days, (day, entry.dose))
        if entry.sites:
            insort(self.uses, (day, entry.dose, entry.sites))

    def _decide(self, entry: Decided) -> None:
        if entry.then is not Then.REPEAT:
            self.decided[entry.dose] = entry.then
            return
        given = self.given.pop(entry.dose, None)
        if given is None or entry.on is None:
            return
        self.decided.pop(entry.dose, None)
        self.days.remove((self.counted(given), given.dose))
        again = Repeated(given, entry.on)
        self.repeated[entry.dose] = (*self.repeated.get(entry.dose, ()), again)
        self.last_given, self._latest = 0, []
        for each in self.given.values():
            if each.dose > self.last_given:
                self.last_given = each.dose
                self._latest.append(each)

    @property
    def last_recorded(self) -> int:
        """The highest number of a dose that was given or skipped; 0 before the first."""
        return max(self.last_given, max(self.skipped, default=0))

    def first_recorded_after(self, number: int) -> Given | None:
        """Return the administration of a later dose that was entered first, or None."""
        if number >= self.last_given:
            return None
        place = bisect_right(self._latest, number, key=lambda each: each.dose)
        return self._latest[place]

    def counted(self, entry: Given | Extra) -> date:
        """Return the day for which an administration counts."""
        return counted_day(entry.date, entry.at, self._clock)

    def last_before(self, day: date, number: int) -> date | None:
        """Return the day of the administration before that of dose `number` on `day`, in time.

        Of two on one day the one with the lower number counts as the earlier.
        """
        place = bisect_left(self.days, (day, number))
        return self.days[place - 1][0] if place else None

    def last_of_earlier(self, day: date, number: int) -> date | None:
        """Return the last administration up to `day`, inclusive, of a dose before `number`.

        An extra dose counts as one of those.
        """
        place = bisect_right(self.days, (day, self.last_given))
        while place and self.days[place - 1][1] >= number:
            place -= 1
        return self.days[place - 1][0] if place else None

    def is_given_on(self, day: date) -> bool:
        """Say whether anything of the course was given on a day."""
        place = bisect_left(self.days, (day, EXTRA))
        return place < len(self.days) and self.days[place][0] == day

    def used_before(self, day: date, number: int) -> Mapping[str, tuple[date, int]]:
        """Return when, and by which dose, each site was used before `number` was given on `day`."""
        earlier = self.uses[: bisect_left(self.uses, (day, number))]
        return {site: (on, dose) for on, dose, sites in earlier for site in sites}

    def weight_on(self, day: date, first: Decimal | None, number: int = 0) -> Decimal | None:
        """Return the body weight in kg that holds on a day.

        Args:
            day: The day.
            first: The weight where none was entered yet.
            number: A dose: weights entered after it was recorded do not hold for it; 0: any.
        """
        weight, since = first, date.min
        for each, after in self.weighed:
            if since <= each.on <= day and not 0 < number <= after:
                weight, since = each.kg, each.on
        return weight


def history(course: Course) -> History:
    """Return what counts of a course's log."""
    return history_of(standing(course.log or ()), course.clock)


def history_of(entries: Iterable[Entry], clock: time | None = None) -> History:
    """Return what these entries say together, none of which was taken back.

    Args:
        entries: In order of entry.
        clock: The hour of the course's doses: a dose near it counts for its day.
    """
    found = History(clock)
    for entry in entries:
        found.add(entry)
    return found


def _ended(holds: tuple[Hold, ...], end: HoldEnd) -> tuple[Hold, ...]:
    """Return the holds with the end of the latest one that begins by then."""
    for place in range(len(holds) - 1, -1, -1):
        if holds[place].first <= end.on:
            changed = holds[place]._replace(last=end.on)
            return (*holds[:place], changed, *holds[place + 1 :])
    return holds


@value
class Hour(NamedTuple):
    """At what hour, and in which zone, an injection is due; None and "" where nobody says."""

    clock: time | None
    zone: str


def hour_on(course: Course, zoned: tuple[Zoned, ...], day: date) -> Hour:
    """Return the hour of a course's doses on a day: a new zone leaves the days before it alone."""
    clock, zone, since = course.clock, course.zone, date.min
    for each in zoned:
        if since <= each.on <= day:
            clock, zone, since = each.clock or clock, each.zone, each.on
    return Hour(clock, zone)
