"""Which events of a calendar changed, and when: found by replaying the log entry by entry.

The calendar follows the log alone, so one course gives one calendar, whatever the day.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Final, NamedTuple

from dosecal.errors import RequestError
from dosecal.model.course import Course, Given
from dosecal.model.dates import a_year_after, add_months
from dosecal.model.reasons import Dropped
from dosecal.plan.assess import AssessedDose, Horizon, Status, doses, within

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


class CalendarPlan(NamedTuple):
    """What a calendar file holds.

    Attributes:
        doses: In order of number, at least one.
        revisions: The state of each one's event; where it is silent, `base` is the state.
        until: The last day on which a dated check is written, inclusive.
        beyond: Doses that lay within the dates asked for until an entry moved them beyond: an
            earlier file held them, this one does not.
    """

    doses: tuple[AssessedDose, ...]
    revisions: dict[int, Revision]
    base: Revision
    until: date
    beyond: tuple[AssessedDose, ...] = ()


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
    return CalendarPlan(planned, revised.revisions, base, last, beyond)


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

    `sequence` rises when a dose's date or status changes, `changed` with anything that its event
    shows (RFC 5545 3.8.7.4 and 3.8.7.3): the time of the entry, and later than any before it. A
    dose that an entry takes out of the plan stays as `missed`, so that its event is cancelled.

    Args:
        course: Whose log.
        horizon: Where the calendar ends; what it held at any time stays in it.
        first: The state of every event before the first entry.
    """
    log = course.log or ()
    states = [course]
    if course.log is not None:
        states = [course._replace(log=log[:size]) for size in range(len(log) + 1)]
    last = max((dose.number for state in states for dose in within(state, horizon)), default=0)
    changed = first.changed
    shown: dict[int, AssessedDose] = {}
    revisions: dict[int, Revision] = {}
    for size, state in enumerate(states):
        if size:
            changed = max(log[size - 1].recorded or changed, changed + _SECOND)
        planned = {dose.number: dose for dose in islice(doses(state), last)}
        for number in sorted(planned.keys() | shown.keys()):
            before = shown.get(number)
            after = planned.get(number) or _dropped(shown[number])
            if before is None:
                revisions[number] = Revision(0, changed)
            elif before != after:
                moved = (before.day, before.status) != (after.day, after.status)
                revisions[number] = Revision(revisions[number].sequence + moved, changed)
            shown[number] = after
    return Revised(tuple(shown[number] for number in sorted(shown)), revisions)


def _dropped(dose: AssessedDose) -> AssessedDose:
    return dose._replace(status=Status.MISSED, sites=(), reasons=(Dropped(),), then=None)
