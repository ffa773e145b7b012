"""Which events of a calendar changed, and when: found by replaying the log entry by entry.

The calendar follows the log alone, so one course gives one calendar, whatever the day.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Final, NamedTuple

from dosecal.errors import ChoicesOpenError, RequestError, WeightMissingError
from dosecal.model.course import (
    Course,
    Decided,
    Entry,
    Extra,
    Given,
    Moved,
    Skipped,
    Void,
    standing,
)
from dosecal.model.dates import a_year_after, add_months
from dosecal.model.history import history_of
from dosecal.model.reasons import Dropped, NoSites, PassedOver
from dosecal.model.schedule import Then
from dosecal.plan.assess import Horizon, doses, within
from dosecal.plan.walk import AssessedDose, State, Status, Walk

MONTHS_AHEAD: Final = 6
"""How far a calendar of a course reaches at least beyond the last recorded dose."""

_SECOND: Final = timedelta(seconds=1)


class Revision(NamedTuple):
    """The state of one event: `sequence` rises with each change; `changed` is when, in UTC."""

    sequence: int
    changed: datetime


class Revised(NamedTuple):
    """The doses of a calendar in order of number, and the state of each one's event."""

    doses: tuple[AssessedDose, ...]
    revisions: dict[int, Revision]


class ExtraEvent(NamedTuple):
    """The event of an administration outside the plan.

    Attributes:
        place: Which of the course's it is, in order of entry from 1, those taken back counted.
        extra: What was given.
        revision: The state of its event.
        taken_back: Whether an entry took it back, so that its event is cancelled.
    """

    place: int
    extra: Extra
    revision: Revision
    taken_back: bool = False


class CalendarPlan(NamedTuple):
    """What a calendar file holds.

    Attributes:
        doses: In order of number, at least one.
        revisions: The state of each one's event; where it is silent, `base` is the state.
        until: The last day on which a dated check is written, inclusive.
        beyond: Doses that lay within the dates asked for until an entry moved them beyond: an
            earlier file held them, this one does not.
        extras: Administrations outside the plan, in order of entry.
    """

    doses: tuple[AssessedDose, ...]
    revisions: dict[int, Revision]
    base: Revision
    until: date
    beyond: tuple[AssessedDose, ...] = ()
    extras: tuple[ExtraEvent, ...] = ()


def calendar_plan(
    course: Course, limit: int | None, first: date | None, until: date | None, now: datetime | None
) -> CalendarPlan:
    """Return what a course's calendar holds: the whole plan from its start, cut by DATE-6.

    Args:
        course: Whose.
        limit: At most so many doses, counted from `first`.
        first: The first date, inclusive; None: the start.
        until: The last date, inclusive; with neither it nor `limit` it is one year, or for a
            course with a log whole years, and a dose moved beyond them stays in.
        now: What counts as the last change where nothing is recorded; None: the start.

    Raises:
        RequestError: No dose lies within these dates.
    """
    earlier = 0
    if limit is not None and first is not None:
        earlier = sum(1 for _ in takewhile(lambda dose: dose.day < first, doses(course)))
    horizon = Horizon(None if limit is None else earlier + limit, until)
    if limit is None and until is None:
        horizon = Horizon.a_year_from(first) if first else whole_years(course)
    base = first_revision(course)
    if course.log is None:
        base = base._replace(changed=now or base.changed)
        revised = Revised(tuple(within(course, horizon)), {})
    else:
        revised = revise(course, horizon, base)
    planned = tuple(dose for dose in revised.doses if first is None or dose.day >= first)
    beyond = tuple(dose for dose in planned if until is not None and dose.day > until)
    planned = tuple(dose for dose in planned if dose not in beyond) if beyond else planned
    if limit is not None:
        planned = planned[:limit]
    if not planned:
        raise RequestError("no dose in this range; nothing was written")
    last = horizon.until or planned[-1].day
    outside = tuple(
        each
        for each in extra_events(course.log or (), base.changed)
        if (first is None or first <= each.extra.date)
        and (until is None or each.extra.date <= until)
        and (limit is None or each.extra.date <= planned[-1].day)
    )
    return CalendarPlan(planned, revised.revisions, base, last, beyond, outside)


def extra_events(log: tuple[Entry, ...], first: datetime) -> tuple[ExtraEvent, ...]:
    """Return the events of the administrations outside the plan, in order of entry.

    Args:
        log: What was recorded.
        first: When the events last changed before the first entry.
    """
    events: list[ExtraEvent] = []
    standing_ones: list[int] = []
    for entry, changed in zip(log, instants(log, first), strict=True):
        if isinstance(entry, Extra):
            standing_ones.append(len(events))
            events.append(ExtraEvent(len(events) + 1, entry, Revision(0, changed)))
        elif isinstance(entry, Void) and entry.dose is None and entry.of == "extra":
            if not standing_ones:
                continue
            last = standing_ones.pop()
            events[last] = events[last]._replace(revision=Revision(1, changed), taken_back=True)
    return tuple(events)


def instants(log: tuple[Entry, ...], first: datetime) -> Iterator[datetime]:
    """Yield for each entry when it changed the calendar: the time of it, and later than any before.

    Args:
        log: What was recorded.
        first: When the events last changed before the first entry.
    """
    changed = first
    for entry in log:
        changed = max(entry.recorded or changed, changed + _SECOND)
        yield changed


def first_revision(course: Course) -> Revision:
    """Return the state of every event before anything was recorded: the start, midnight UTC."""
    return Revision(0, datetime.combine(course.start, time(), UTC))


def whole_years(course: Course) -> Horizon:
    """Return the horizon of a course's calendar: one year from its start (DATE-6).

    It grows by whole years, so that six months lie ahead of the last dose ever recorded: one that
    was taken back counts too, so that no event leaves the calendar.
    """
    given = (each.date for each in course.log or () if isinstance(each, Given))
    last = max(given, default=date.min)
    end = a_year_after(course.start)
    while end < date.max and last > add_months(end, -MONTHS_AHEAD):
        end = a_year_after(end)
    return Horizon(until=end - timedelta(days=1))


def revise(course: Course, horizon: Horizon, first: Revision) -> Revised:
    """Replay the log and return the doses as they stand, with the state of their events.

    `sequence` rises when a dose's date or status changes, `changed` with anything else that is
    recorded of it or follows for it but its proposed sites (RFC 5545 3.8.7.4 and 3.8.7.3): the
    time of the entry, and later than any before it. A dose that an entry takes out of the plan
    stays as `missed`, so that its event is cancelled.

    Args:
        course: Whose log.
        horizon: Where the calendar ends; what it held at any time stays in it.
        first: The state of every event before the first entry.
    """
    replay = _Replay(course, horizon, 0, first)
    replay.run()
    if replay.last > replay.at_first:  # an entry drew later doses in: they were there all along
        replay = _Replay(course, horizon, replay.last, first)
        replay.run()
    as_they_stand = {dose.number: dose for dose in islice(doses(course), replay.last)}
    shown = tuple(
        as_they_stand.get(number) or _dropped(dose) for number, dose in enumerate(replay.shown, 1)
    )
    return Revised(shown, dict(enumerate(replay.revisions, 1)))


class _Replay:
    """The doses of a course placed anew after each entry, from the first that it can touch on.

    The states between the doses are kept, so that placing ends where it comes out as before: an
    entry in time costs a few doses, whatever the length of the log.
    """

    def __init__(self, course: Course, horizon: Horizon, least: int, first: Revision) -> None:
        self.course = course
        self.log = course.log or ()
        self.horizon = horizon
        self.first = first
        self.begins = self._first_planned()
        """How many entries stand before anything can be planned: what was open to choose."""
        self.states: list[State] = [self.walk.state.copy()]
        """The state before each dose placed, and the one after the last."""
        self.placed: list[AssessedDose] = []
        self.shown: list[AssessedDose] = []
        """As `placed`, with those that an entry took out of the plan."""
        self.revisions: list[Revision] = []
        self.last = least
        """How many doses the calendar holds."""
        self.at_first = 0
        """How many it held before the first entry."""
        self.open_from = 1
        """No dose before this number is open."""

    def _first_planned(self) -> int:
        """Begin with the first entries after which the course can be planned; say how many."""
        unread = self.course._replace(log=())
        for size in range(len(self.log) + 1):
            self.record = history_of(standing(self.log[:size]), self.course.clock)
            try:
                self.walk = Walk(unread, self.record, None)
            except (ChoicesOpenError, WeightMissingError):
                if size == len(self.log):
                    raise
            else:
                return size
        raise AssertionError("the last turn returns or raises")

    def run(self) -> None:
        """Place the doses as they were before the first entry, then after each."""
        self._place_from(1, 0)
        self._show(1, self.first.changed)
        self.at_first = self.last
        entries = zip(self.log, instants(self.log, self.first.changed), strict=True)
        for size, (entry, changed) in islice(enumerate(entries, 1), self.begins, None):
            number, until = self._touched(entry, size)
            self._place_from(number, until)
            self._show(number, changed)

    def _touched(self, entry: Entry, size: int) -> tuple[int, int]:
        """Take an entry in; return the first dose that it can touch, and the last it surely does.

        The last is 0 where only the end tells.
        """
        before = self.record.last_given
        days = len(self.record.days)
        dose = entry.dose if isinstance(entry, Given | Skipped | Decided | Moved | Void) else None
        if isinstance(entry, Void):
            self.record = history_of(standing(self.log[:size]), self.course.clock)
            self.walk.record = self.record
            self.open_from = 1
        else:
            self.record.add(entry)
        if isinstance(entry, Extra):
            latest = [day for day, _ in self.record.days[-2:]]
            is_alone = len(set(latest)) == len(latest)  # else the dose of that day is doubled
            if is_alone and latest[-1] == self.record.counted(entry):
                return self._first_open(), len(self.placed)
        if dose is None:  # what a stop had ended may go on, or one more be drawn in
            return 1, max(len(self.placed) + 1, self.last)
        taken_back = isinstance(entry, Void) or (
            isinstance(entry, Decided) and entry.then is Then.REPEAT
        )
        until = max(dose, before, self.record.last_given)
        was_latest = isinstance(entry, Given) and self.record.days[-1] == (
            self.record.counted(entry), dose,
        )  # fmt: skip
        if len(self.record.days) != days and not was_latest:
            return 1, until  # what was given between changes what came before those after it
        first = min(dose, self._passed_over_by(dose) if taken_back else self._first_open())
        if isinstance(entry, Skipped | Moved | Void):
            first = min(first, self._next_was(dose))
        return max(first, 1), until

    def _first_open(self) -> int:
        """Return the first dose that is open, or passed over before its target came."""
        last = self.record.days[-1][0] if self.record.days else self.course.start
        while self.open_from <= len(self.placed):
            dose = self.placed[self.open_from - 1]
            past = dose.status is Status.MISSED and dose.target < last
            if dose.status not in (Status.GIVEN, Status.SKIPPED) and not past:
                break
            self.open_from += 1
        return self.open_from

    def _next_was(self, number: int) -> int:
        """Return the first of the missed doses that this one came after: it was their next."""
        first = number
        if number > len(self.placed) + 1:
            return first  # the doses before it are not placed yet
        while number > 1 and self.placed[number - 2].status in (Status.MISSED, Status.SKIPPED):
            number -= 1
            if self.placed[number - 1].status is Status.MISSED:
                first = number
        return first

    def _passed_over_by(self, number: int) -> int:
        """Return the first dose that is missed because this one was given, or this one."""
        for dose in self.placed:
            for why in dose.reasons:
                if isinstance(why, PassedOver) and why.later == number:
                    return dose.number
        return number

    def _place_from(self, number: int, until: int) -> None:
        """Place the doses from a number on, until all comes out as before.

        Args:
            number: The first dose.
            until: The last dose that may come out otherwise though the state before it is alike.
        """
        walk, self.changed_to = self.walk, number - 1
        walk.state = self.states[number - 1].copy()
        while True:
            dose = walk.place(number)
            if dose is None:
                del self.placed[number - 1 :], self.states[number:]
                self.changed_to = len(self.shown)
                return
            is_new = number > len(self.placed)
            self.placed[number - 1 : number] = [dose]
            self.changed_to = number
            after = walk.state.copy()
            beyond = self.horizon.until is not None and dose.day > self.horizon.until
            inside = not beyond and (self.horizon.count is None or number <= self.horizon.count)
            if inside or number <= self.record.last_given:
                self.last = max(self.last, number)
            alike = not is_new and after.is_like(self.states[number])
            self.states[number : number + 1] = [after]
            if number >= until and (alike or (number >= self.last and not inside)):
                if not alike:
                    del self.placed[number:], self.states[number + 1 :]
                return
            number += 1

    def _show(self, number: int, changed: datetime) -> None:
        """Compare what the events show from a dose on with what they showed before."""
        for place in range(number - 1, max(self.changed_to, len(self.placed))):
            if place >= self.last:
                break
            if place >= len(self.shown):
                self.shown.append(self.placed[place])
                self.revisions.append(Revision(0, changed))
                continue
            before = self.shown[place]
            gone = place >= len(self.placed)
            after = _dropped(before) if gone else self.placed[place]
            self.shown[place] = after
            if _without_proposals(before) != _without_proposals(after):
                moved = (before.day, before.status) != (after.day, after.status)
                sequence = self.revisions[place].sequence + moved
                self.revisions[place] = Revision(sequence, changed)
            elif place >= self.changed_to and place >= number:
                break


def _without_proposals(dose: AssessedDose) -> AssessedDose:
    """Return a dose without sites that are only proposed: they turn with those before them."""
    if dose.entry is not None:
        return dose
    reasons = tuple(each for each in dose.reasons if not isinstance(each, NoSites))
    return dose._replace(sites=(), beside=(), reasons=reasons)


def _dropped(dose: AssessedDose) -> AssessedDose:
    return dose._replace(status=Status.MISSED, sites=(), reasons=(Dropped(),), then=None)
