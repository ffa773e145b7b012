"""Where each dose of a course stands: given, missed, late, due or still to come, and why.

The plan is always computed anew from the schedule and what was recorded; nothing is stored.
With a day it says what is to be done then (docs/late-doses.md); without one it follows the log
alone, which is what a calendar shows.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from dosecal.model.course import Course, Given, Hold
from dosecal.model.dates import a_year_after
from dosecal.model.history import History, history
from dosecal.model.quantities import Amount
from dosecal.model.reasons import (
    CountedFrom,
    GapKept,
    MovedBy,
    NextHasCome,
    NoSites,
    OffTarget,
    OnHold,
    PassedOver,
    Provisional,
    Reason,
    Restarted,
    RuleSkips,
    SkippedByPerson,
    TakenAsGiven,
    TooFewSites,
)
from dosecal.model.schedule import MinGap, Phase, Then
from dosecal.model.values import value
from dosecal.plan.late import Verdict, acceptable, judge, not_doubled
from dosecal.plan.rotation import choose_sites
from dosecal.plan.timeline import Slot, Timeline


class Status(StrEnum):
    """Where a planned dose stands (the words of docs/glossary.md)."""

    GIVEN = "given"
    SKIPPED = "skipped"
    MISSED = "missed"
    HELD = "held"
    LATE = "late"
    DUE = "due"
    UPCOMING = "upcoming"


OPEN = (Status.LATE, Status.DUE, Status.UPCOMING)
"""Statuses of doses that are still to be given."""


@value
class AssessedDose(NamedTuple):
    """A planned dose and where it stands.

    Attributes:
        number: Counts from 1 through the whole course.
        phase: Its phase; that of the schedule's first dose where it restarts the schedule.
        target: When it is due.
        day: When it was given; today where it is due or late and its target is past; else the
            target.
        earliest: First day in time, inclusive.
        latest: Last day in time, inclusive.
        amount: The dose of this person.
        injections: Needles that make it up.
        sites: One an injection; empty where none is proposed.
        status: Where it stands.
        reasons: Why it is not simply start + offset, to come.
        then: For a dose given or to be given off its window, what the rule or the person's
            decision says; None otherwise.
        undecided: Whether it was given and the question when the next is due stands open.
    """

    number: int
    phase: Phase
    target: date
    day: date
    earliest: date
    latest: date
    amount: Amount
    injections: int
    sites: tuple[str, ...]
    status: Status
    reasons: tuple[Reason, ...] = ()
    then: Then | None = None
    undecided: bool = False


class _Walk:
    """What is known while going through the doses in order of their numbers."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.last_day: date | None = None
        self.last_used: dict[str, date] = {}
        self.moved = False
        self.why_anchored: Reason | None = None
        self.why_moved: MovedBy | None = None
        self.restarted: Restarted | None = None
        self.provisional: Provisional | None = None


@value
class _Place(NamedTuple):
    """A dose of the plan: which, where in the schedule, when, and the days in time (inclusive)."""

    number: int
    slot: Slot
    phase: Phase
    target: date
    earliest: date
    latest: date

    @classmethod
    def of(cls, number: int, slot: Slot, phase: Phase, target: date, free: date | None) -> "_Place":
        """Return the place of a dose; no day before `free` is in time."""
        earliest, latest = acceptable(phase.window, target)
        if free and earliest < free:
            earliest = free
        return cls(number, slot, phase, target, earliest, latest)

    def in_phase(self, phase: Phase) -> "_Place":
        """Return this place as a dose of another phase: the first, where the schedule restarts."""
        earliest, latest = acceptable(phase.window, self.target)
        return self._replace(phase=phase, earliest=earliest, latest=latest)


def doses(course: Course, today: date | None = None) -> Iterator[AssessedDose]:
    """Yield the doses of a course in order of number; without end where it is open-ended.

    Args:
        course: Whose doses.
        today: The day for which to say what is late and what is to be done; None follows the
            log alone: whatever is neither recorded nor passed over is `upcoming` on its target.

    Raises:
        RequestError: The dose depends on a body weight that is not known.
        OverflowError: The doses run past the year 9999.
    """
    schedule = course.schedule
    past = history(course.log or ())
    last_given = past.last_given
    walk = _Walk(Timeline.begin(schedule.phases, course.start))
    acting = today is None
    number = 0
    while slot := walk.timeline.slot(number := number + 1):
        phase = walk.timeline.phase(slot)
        target, free, gap_kept = walk.timeline.target(slot), None, None
        given = past.given.get(number)
        if schedule.min_gap:
            before = walk.last_day
            if (
                before
                and number <= last_given
                and before > (day := given.date if given else target)
            ):
                before = past.last_of_earlier_numbers(day, number)
            if before:
                free = schedule.min_gap.gap.after(before)
                target, gap_kept = _gap_kept(schedule.min_gap, before, free, target)
        place = _Place.of(number, slot, phase, target, free)
        if given is None and course.log is None and today is not None and place.latest < today:
            given = Given(number, target, sites=None)  # nothing records it: taken as given
        if given is not None:
            yield _administered(course, past, walk, place, gap_kept, given)
            continue
        why = _why_here(walk, slot, gap_kept) if walk.moved or gap_kept else ()
        if number in past.skipped:
            why = (*why, SkippedByPerson(past.skipped[number].note))
            yield _passed(course, place, Status.SKIPPED, why)
            continue
        if number < last_given:
            yield _passed(course, place, Status.MISSED, (*why, PassedOver(last_given)))
            continue
        if hold := _hold(past.holds, target, place.latest, today):
            yield _passed(course, place, Status.HELD, (*why, OnHold(hold)))
            continue
        if today is None or today < max(place.earliest, course.start):
            acting = True
            yield _to_give(course, walk, place, target, Status.UPCOMING, why)
            continue
        # In time as a hold began, it stays due in the hold; the hold is named all the same.
        why = (*why, *(OnHold(hold) for hold in past.holds if hold.covers(today)))
        day = max(target, today)
        if today <= place.latest:
            verdict = Verdict((today - target).days, None)
            if not acting:
                verdict = not_doubled(verdict, today, walk.last_day)
            acting = True
            if verdict.then:
                why = (*why, _off_target(verdict))
            yield _to_give(course, walk, place, day, Status.DUE, why, verdict.then)
            continue
        verdict = judge(
            schedule, phase, slot, target, today, _next_target(walk.timeline, number), walk.last_day
        )
        if not acting:
            if verdict.then is Then.SKIP:
                why = (*why, RuleSkips(verdict.days, verdict.sources))
                yield _passed(course, place, Status.MISSED, why)
                continue
            coming = _next_target(walk.timeline, number, past.skipped)
            if verdict.then is Then.KEEP and coming and coming <= today:
                why = (*why, NextHasCome(verdict.days, coming))
                yield _passed(course, place, Status.MISSED, why)
                continue
            verdict = not_doubled(verdict, today, walk.last_day)
        then = verdict.then or Then.ASK
        why = (*why, _off_target(verdict))
        if acting:
            yield _to_give(course, walk, place, day, Status.LATE, why, then)
            continue
        acting = True
        shown = place.in_phase(schedule.phases[0]) if then is Then.RESTART else place
        yield _to_give(course, walk, shown, day, Status.LATE, why, then)
        _move(walk, place, day, verdict, None, given=False)


def _off_target(verdict: Verdict) -> OffTarget:
    return OffTarget(
        verdict.days, verdict.then or Then.ASK, verdict.sources, given=False,
        stated=verdict.stated, doubled=verdict.doubled,
    )  # fmt: skip


def _gap_kept(gap: MinGap, before: date, free: date, target: date) -> tuple[date, GapKept | None]:
    """Return the target, moved to the first day that the shortest gap leaves free, and why."""
    if target < free:
        return free, GapKept(target, before, gap.gap, gap.sources)
    return target, None


def _next_target(timeline: Timeline, number: int, without: Container[int] = ()) -> date | None:
    """Return the next target after `number`, of a dose not in `without`, as the timeline stands."""
    while slot := timeline.slot(number := number + 1):
        if number not in without:
            return timeline.target(slot)
    return None


def _why_here(walk: _Walk, slot: Slot, gap_kept: GapKept | None) -> tuple[Reason, ...]:
    anchor = walk.timeline.anchor
    anchored = anchor is not None and anchor.segment == slot.segment
    moved = walk.why_anchored if anchored else walk.why_moved
    reasons = (walk.restarted, moved, gap_kept, walk.provisional)
    return tuple(each for each in reasons if each is not None)


def _hold(holds: tuple[Hold, ...], target: date, latest: date, today: date | None) -> Hold | None:
    """Return the hold that an open dose is in.

    A dose is in a hold when its target lies in it, until the hold is over, and while the hold
    lasts also when it was late as the hold began.
    """
    for hold in holds:
        if today is not None and hold.last is not None and hold.last < today:
            continue
        late_as_it_began = today is not None and latest < hold.first and hold.covers(today)
        if hold.covers(target) or late_as_it_began:
            return hold
    return None


def _passed(
    course: Course, place: _Place, status: Status, reasons: tuple[Reason, ...]
) -> AssessedDose:
    """Return a dose that is not injected: no sites, and it moves nothing."""
    number, _, phase, target, earliest, latest = place
    amount, injections, _ = phase.dose_for(course.weight_kg)
    return AssessedDose(
        number, phase, target, target, earliest, latest, amount, injections, (), status, reasons
    )


def _to_give(
    course: Course,
    walk: _Walk,
    place: _Place,
    day: date,
    status: Status,
    reasons: tuple[Reason, ...],
    then: Then | None = None,
) -> AssessedDose:
    """Return a dose with its proposed sites, which count as used for those after it."""
    number, _, phase, target, earliest, latest = place
    amount, injections, _ = phase.dose_for(course.weight_kg)
    chosen, reasons = _chosen(course, phase, injections, day, walk.last_used, reasons)
    _use(walk, chosen, day)
    return AssessedDose(
        number, phase, target, day, earliest, latest, amount, injections, chosen, status,
        reasons, then,
    )  # fmt: skip


def _chosen(
    course: Course,
    phase: Phase,
    injections: int,
    day: date,
    last_used: Mapping[str, date],
    reasons: tuple[Reason, ...],
) -> tuple[tuple[str, ...], tuple[Reason, ...]]:
    """Return the sites proposed for a dose, and the reasons with why there are none."""
    chosen = choose_sites(
        phase.sites, injections, day, last_used, course.avoid, caregiver=course.caregiver
    )
    if isinstance(chosen, TooFewSites):
        return (), (*reasons, NoSites(chosen))
    return chosen, reasons


def _use(walk: _Walk, sites: tuple[str, ...], day: date) -> None:
    last_used = walk.last_used
    for site in sites:
        if day > last_used.get(site, date.min):
            last_used[site] = day
    if walk.last_day is None or day > walk.last_day:
        walk.last_day = day


def _administered(
    course: Course,
    past: History,
    walk: _Walk,
    place: _Place,
    gap_kept: GapKept | None,
    given: Given,
) -> AssessedDose:
    """Return a dose that was given, and let it move what comes after."""
    schedule, number = course.schedule, place.number
    recorded = course.log is not None
    before = past.last_before(given.date, number) if recorded else walk.last_day
    next_target = _next_target(walk.timeline, number)
    verdict = judge(
        schedule, place.phase, place.slot, place.target, given.date, next_target, before
    )
    verdict = not_doubled(verdict, given.date, before)
    decision = past.decided.get(number)
    then = None if verdict.then is None else (decision or verdict.then)
    reasons: tuple[Reason, ...] = tuple(
        each for each in _why_here(walk, place.slot, gap_kept) if not isinstance(each, Provisional)
    )
    undecided = False
    if not recorded:
        reasons = (*reasons, TakenAsGiven())
    elif then is not None:
        decided = decision is not None
        reasons = (
            *reasons,
            OffTarget(
                verdict.days, then, () if decided else verdict.sources, given=True,
                decided=decided, too_soon=verdict.too_soon, stated=verdict.stated,
                doubled=verdict.doubled,
            ),
        )  # fmt: skip
        undecided = not decided and then in (Then.ASK, Then.GIVE_ASK, Then.SKIP)
    shown = place.in_phase(schedule.phases[0]) if then is Then.RESTART else place
    amount, injections, _ = shown.phase.dose_for(course.weight_kg)
    sites = given.sites
    if sites is None:
        used = past.used_before(given.date, number) if recorded else walk.last_used
        sites, reasons = _chosen(course, shown.phase, injections, given.date, used, reasons)
    _move(walk, place, given.date, verdict, decision, given=True)
    _use(walk, sites, given.date)
    return AssessedDose(
        number, shown.phase, shown.target, given.date, shown.earliest, shown.latest, amount,
        injections, sites, Status.GIVEN, reasons, then, undecided,
    )  # fmt: skip


def _move(
    walk: _Walk, place: _Place, on: date, verdict: Verdict, decision: Then | None, *, given: bool
) -> None:
    """Let a dose given on a day, off its window, move the doses after it."""
    if verdict.then is None:
        return
    walk.moved = True
    number, slot, _, target, _, _ = place
    decided = decision is not None
    sources = () if decided else verdict.sources
    match decision or verdict.then:
        case Then.SHIFT:
            walk.timeline = walk.timeline.shifted(slot, target, on)
            walk.why_anchored = CountedFrom(number, on, verdict.days, sources, decided)
            earlier = walk.why_moved
            walk.why_moved = MovedBy(
                walk.timeline.moved_days,
                (*(earlier.doses if earlier else ()), number),
                tuple(dict.fromkeys((*(earlier.sources if earlier else ()), *sources))),
                decided or (earlier is not None and earlier.decided),
            )
        case Then.RESTART:
            walk.timeline = walk.timeline.restarted(number, on)
            walk.restarted = Restarted(number, on, sources, decided)
            walk.why_anchored = walk.why_moved = walk.provisional = None
        case Then.ASK | Then.GIVE_ASK | Then.SKIP:
            walk.provisional = Provisional(number, given)


@value
class Horizon(NamedTuple):
    """Where a list of doses is cut (DATE-6): at most `count`, and none after `until`, inclusive."""

    count: int | None = None  # type: ignore[assignment]  # hides tuple.count
    until: date | None = None

    @classmethod
    def a_year_from(cls, first: date) -> "Horizon":
        """Return the default: one year from `first`, that day a year later excluded (DATE-6)."""
        return cls(until=a_year_after(first) - timedelta(days=1))


def within(course: Course, horizon: Horizon, today: date | None = None) -> Iterator[AssessedDose]:
    """Yield the doses of a course up to a horizon (DATE-6), and all that were given before it."""
    last_recorded = history(course.log or ()).last_given
    cut = doses(course, today)
    if horizon.count is not None:
        cut = islice(cut, horizon.count)
    for dose in cut:
        if horizon.until is None or dose.day <= horizon.until:
            yield dose
        elif dose.number > last_recorded:
            return
