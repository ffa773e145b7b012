"""What a server's calendar lacks of a course, and how it is put right: the difference and no more.

Nothing is kept between two runs: each event carries the mark that `marks` knows. While it is
unbroken nobody else changed the event, so it may be replaced or removed; where it is broken the
event is somebody's own by now and stays until told otherwise. What has neither a UID nor a mark of
this course is not looked at.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from dosecal.ical.calendar_file import check_key, extra_key, uid
from dosecal.model.course import Course
from dosecal.model.schedule import Listed
from dosecal.sync.marks import day_and_title, event_uid, is_intact, is_ours, is_same, marked, said
from dosecal.sync.server import Server, Stored
from dosecal.sync.server_addresses import printable

MOST_DOSES: Final = 5_000
"""Dose numbers whose events are known by their UIDs alone, a dose a day for thirteen years."""
MOST_EXTRAS: Final = 500
"""Administrations outside the plan whose events are known so."""


class Outcome(StrEnum):
    """What becomes of one event."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    LEFT = "changed on the server"
    REFUSED = "refused by the server"


class Change(NamedTuple):
    """One event of the difference: what is planned, what the server holds, and what is done."""

    outcome: Outcome
    uid: str
    planned: bytes | None
    was: Stored | None

    @property
    def is_made(self) -> bool:
        """Say whether we make it, or leave what another made."""
        return self.outcome not in (Outcome.LEFT, Outcome.REFUSED)

    def __str__(self) -> str:
        there = _headline(self.was.data) if self.was else ""
        if self.planned is None:
            return f"{self.outcome}: {there}"
        left = f", there {there}" if self.outcome is Outcome.LEFT else ""
        return f"{self.outcome}: {_headline(self.planned)}{left}"


class Plan(NamedTuple):
    """What a calendar is to hold of one course.

    Attributes:
        items: The events by UID, each with its mark.
        known: UIDs that are the course's, planned or not.
        secret: The course's id, which seals the marks.
    """

    items: dict[str, bytes]
    known: frozenset[str]
    secret: str


class Target(Protocol):
    """The calendar that is written to."""

    def create(self, uid: str, data: bytes) -> bool:
        """Create an event; False where something is there, or the UID elsewhere."""

    def change(self, was: Stored, data: bytes) -> bool:
        """Replace an event; False where it is no longer what was read."""

    def remove(self, was: Stored) -> bool:
        """Remove an event; False where it is no longer what was read."""

    def read(self, url: str) -> Stored | None:
        """Return one object as it is now, or None where there is none."""

    def address(self, uid: str) -> str:
        """Return where the event of this UID is created."""


def plan(course: Course, items: Iterable[tuple[str, bytes]]) -> Plan:
    """Return what a calendar is to hold: the events that `calendar_items` yields, marked."""
    keys = [str(number) for number in range(1, MOST_DOSES + 1)]
    for check in course.schedule.checks:
        if isinstance(check.when, Listed):
            unit = check.when.unit
            keys += [check_key(check.name, f"{unit} {count}") for count in check.when.counts]
    keys += [extra_key(place) for place in range(1, MOST_EXTRAS + 1)]
    known = frozenset(uid(course, key) for key in keys)
    return Plan({key: marked(data, course.id) for key, data in items}, known, course.id)


def difference(plan: Plan, stored: Iterable[Stored], *, overwrite: bool = False) -> list[Change]:
    """Return what is to be done, in the order of the plan, and removals last by their day.

    With `overwrite` events that somebody else changed are put right, too.
    """
    held = _held(plan, stored)
    removed = sorted(held.keys() - plan.items.keys(), key=lambda key: _headline(held[key].data))
    changes = []
    for key in [*plan.items, *removed]:
        planned, was = plan.items.get(key), held.get(key)
        outcome = _wanted(planned, was)
        if outcome and was and not overwrite and not is_intact(was.data, plan.secret):
            outcome = Outcome.LEFT
        if outcome:
            changes.append(Change(outcome, key, planned, was))
    return changes


def _held(plan: Plan, stored: Iterable[Stored]) -> dict[str, Stored]:
    """Return the events of the course by UID; of several copies the one at our own address."""
    known = plan.known | plan.items.keys()
    held: dict[str, Stored] = {}
    for each in stored:
        if is_ours(each.data, known, plan.secret):
            key = event_uid(each.data)
            if key not in held or each.url.endswith(f"/{key}.ics"):
                held[key] = each
    return held


def _wanted(planned: bytes | None, was: Stored | None) -> Outcome | None:
    """Say what is to become of one event if it is ours, None for nothing."""
    if was is None:
        return Outcome.CREATED
    if planned is None:
        return Outcome.REMOVED
    return None if is_same(planned, was.data) else Outcome.CHANGED


def publish(
    server: Server, name: str, plan: Plan, *, overwrite: bool = False, dry_run: bool = False
) -> Iterator[Change]:
    """Put a plan on a server, in the calendar of that name, which is made where it is missing.

    Yields each change once it is made, or with `dry_run` what would be made.

    Raises:
        ServerError: The server failed; every change that was yielded stands.
    """
    calendar = server.calendar(name)
    if calendar is None and not dry_run:
        calendar = server.make(name)
    changes = difference(plan, calendar.stored() if calendar else (), overwrite=overwrite)
    yield from send(calendar, changes) if calendar and not dry_run else changes


def send(target: Target, changes: Iterable[Change]) -> Iterator[Change]:
    """Make the changes one by one and yield each as it turned out.

    What somebody changed between reading and writing is read again and left, unless it is by then
    what it is to be.

    Raises:
        ServerError: The server failed; every change before it stands, and none is half made.
    """
    for change in changes:
        if _is_met(target, change):
            yield change
        else:
            now = target.read(change.was.url if change.was else target.address(change.uid))
            yield from _instead(change, now)


def _is_met(target: Target, change: Change) -> bool:
    """Make one change; False where its condition was not met and the server changed nothing."""
    match change:
        case Change(Outcome.CREATED, key, bytes(planned)):
            return target.create(key, planned)
        case Change(Outcome.CHANGED, _, bytes(planned), Stored() as was):
            return target.change(was, planned)
        case Change(Outcome.REMOVED, _, _, Stored() as was):
            return target.remove(was)
        case _:
            return True  # it is left as it is


def _instead(change: Change, now: Stored | None) -> Iterator[Change]:
    """Yield what became of a change whose condition was not met, by what is there now.

    | there now                  | creation, change | removal |
    |----------------------------|------------------|---------|
    | nothing                    | refused          | removed |
    | what was read before       | refused          | refused |
    | what is planned            | (nothing to say) | -       |
    | something else             | left             | left    |
    """
    if now is None:
        gone = change.outcome is Outcome.REMOVED
        yield change if gone else change._replace(outcome=Outcome.REFUSED)
    elif change.was and said(now.data) == said(change.was.data):
        yield change._replace(outcome=Outcome.REFUSED)
    elif change.planned is None or not is_same(change.planned, now.data):
        yield change._replace(outcome=Outcome.LEFT, was=now)


def _headline(data: bytes) -> str:
    """Return the day and the title of an event, for a terminal."""
    return printable(day_and_title(data))
