"""Entries as functions from a course to a course: what is recorded stands at the end of its log.

Each looks whether the entry contradicts the log, the schedule or the calendar, and returns a new
course; the one it was given stays as it is. No clock is read: `today` is the day where the patient
lives, and `recorded`, if it is stated, the instant of the recording. `by` says who records it.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from dosecal.api.sound import sound_course, sound_schedule
from dosecal.errors import RequestError
from dosecal.model.choices import Wanted
from dosecal.model.course import Course, Entry, with_entry
from dosecal.model.quantities import Amount
from dosecal.model.schedule import Schedule, Then
from dosecal.plan import entries
from dosecal.plan.entries import extra as outside


def _with(
    course: Course, make: Callable[[Course], Entry], recorded: datetime | None = None
) -> Course:
    """Return a course with an entry; one without a log begins it, and past doses are open then."""
    course = sound_course(course)
    before = course._replace(log=course.log or ())
    return sound_course(with_entry(before, make(before), recorded))


def record(
    course: Course,
    *,
    on: date,
    today: date,
    dose: int | None = None,
    sites: tuple[str, ...] = (),
    then: Then | None = None,
    any_site: bool = False,
    at: time | None = None,
    amount: Amount | None = None,
    injections: int | None = None,
    lot: str = "",
    expiry: date | None = None,
    note: str = "",
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record that a dose was given.

    Args:
        course: Before the entry.
        on: The day it was given, from the start to today, both inclusive.
        today: The day of the recording.
        dose: Which one, by its number; None: the first that is neither given, skipped nor, on
            that day, missed.
        sites: One an injection; empty: the planned ones.
        then: The person's decision about the doses after it: keep, shift or restart.
        any_site: Whether a site may be recorded that the schedule or the person excludes.
        at: The hour, if one is told.
        amount: What was given; None: the planned dose.
        injections: Needles that made it up; None: the planned ones.
        lot: The batch number.
        expiry: Until when the pack was usable, inclusive.
        note: Anything.
        by: Who records it.
        recorded: When, with its offset from UTC.

    Raises:
        RefusedError: It contradicts what is recorded or planned.
        UnsoundError: A value is none that a file could hold.
    """
    return _with(
        course,
        lambda of: entries.administration(
            of, on, today, number=dose, sites=sites, then=then, note=note, any_site=any_site,
            at=at, amount=amount, injections=injections, lot=lot, expiry=expiry, by=by,
        ),
        recorded,
    )  # fmt: skip


def record_extra(
    course: Course,
    *,
    on: date,
    today: date,
    amount: Amount | None = None,
    injections: int | None = None,
    sites: tuple[str, ...] = (),
    at: time | None = None,
    lot: str = "",
    expiry: date | None = None,
    note: str = "",
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record a dose given outside the plan: it counts for sites and gaps, and has no number.

    Without an amount, or sites, it has those of the next planned dose, else of the last one.

    Raises:
        RefusedError: It lies before the start or after today, or there is no dose to go by.
    """
    return _with(
        course,
        lambda of: outside(
            of, on, today, amount=amount, injections=injections, sites=sites, at=at, lot=lot,
            expiry=expiry, note=note, by=by,
        ),
        recorded,
    )  # fmt: skip


def skip(
    course: Course,
    dose: int,
    *,
    today: date,
    note: str = "",
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record that a dose is left out on purpose.

    Raises:
        RefusedError: There is no such dose, it is recorded already, or lies over a year ahead.
    """
    return _with(course, lambda of: entries.skip(of, dose, today, note, by), recorded)


def move(
    course: Course,
    dose: int,
    *,
    to: date,
    today: date,
    then: Then = Then.KEEP,
    decided: bool = False,
    note: str = "",
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Agree a dose for another day.

    Args:
        course: Before the entry.
        dose: Its number.
        to: The day.
        today: The day of the entry.
        then: Whether later doses stay (keep) or are counted from it (shift).
        decided: Whether the prescriber agreed to a day out of its window, or within a gap.
        note: Why.
        by: Who records it.
        recorded: When, with its offset from UTC.

    Raises:
        RefusedError: That day cannot be.
    """
    return _with(
        course,
        lambda of: entries.move(
            of, dose, to, today, then=then, note=note, decided=decided, by=by
        ),
        recorded,
    )  # fmt: skip


def hold(
    course: Course,
    *,
    first: date,
    last: date | None = None,
    reason: str = "",
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Pause the course from `first` to `last`, both inclusive; None: until the hold is ended.

    Raises:
        RefusedError: It ends before it begins.
    """
    return _with(course, lambda _: entries.hold(first, last, reason, by), recorded)


def end_hold(course: Course, *, on: date, by: str = "", recorded: datetime | None = None) -> Course:
    """End the latest hold: `on` is its last day, inclusive.

    Raises:
        RefusedError: None had begun.
    """
    return _with(course, lambda of: entries.hold_end(of, on, by), recorded)


def decide(
    course: Course,
    dose: int,
    then: Then,
    *,
    on: date | None = None,
    decided: bool = False,
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record what the prescriber decided about a dose that is recorded as given.

    Args:
        course: Before the entry.
        dose: Its number.
        then: keep, shift, restart, or repeat: it does not count and is due again.
        on: Of a repeat: the day on which it is due again.
        decided: Whether the prescriber agreed to a day that a gap forbids.
        by: Who records it.
        recorded: When, with its offset from UTC.

    Raises:
        RefusedError: There is nothing to decide, or it cannot be repeated on that day.
    """
    return _with(
        course, lambda of: entries.decision(of, dose, then, on=on, decided=decided, by=by), recorded
    )


def choose(
    course: Course,
    phase: str,
    key: str,
    text: str,
    *,
    first: date,
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record a choice made from a day on, of what the schedule leaves open.

    Args:
        course: Before the entry.
        phase: The phase that leaves it open.
        key: "every", "dose", "on" or "weeks[2]".
        text: What was chosen, as a file says it: "12 weeks".
        first: The day from which it holds.
        by: Who records it.
        recorded: When, with its offset from UTC.

    Raises:
        NoSuchChoiceError: The schedule leaves no such thing open.
        QuantityError: The value is none that may be chosen.
    """
    return _with(
        course, lambda of: entries.choose(of, Wanted(phase, key, text), first, by), recorded
    )


def weigh(
    course: Course, kg: Decimal, *, on: date, by: str = "", recorded: datetime | None = None
) -> Course:
    """Record the body weight from a day on.

    Raises:
        RequestError: The day lies before the start, or no dose is stated for this weight.
    """
    return _with(course, lambda of: entries.weigh(of, kg, on, by), recorded)


def step(
    course: Course,
    to: str,
    *,
    on: date,
    schedule: Schedule | None = None,
    name: str = "",
    phase_dose: int = 1,
    decided: bool = False,
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record the prescriber's move to a phase, of this schedule or of another.

    Args:
        course: Before the entry. What the phase leaves open is chosen before the step.
        to: The phase.
        on: The day on which its first dose is due.
        schedule: The other schedule that it is of; None: the same.
        name: How a course file names that schedule; "": by its id.
        phase_dose: Which dose of its phase that is, from 1.
        decided: Whether the prescriber agreed to what speaks against it.
        by: Who records it.
        recorded: When, with its offset from UTC.

    Raises:
        RefusedError: There is no such phase, a dose is recorded on or after that day, or the step
            comes too early or too near to the dose before.
        ChoicesOpenError: The phase leaves something open.
    """
    name = "" if schedule is None else name or schedule.id
    if schedule is not None:
        known = dict(course.others)
        if known.setdefault(name, sound_schedule(schedule)) != schedule:
            raise RequestError(f'the course knows another schedule by the name "{name}"')
    before = sound_course(course)._replace(log=course.log or ())
    entry = entries.step(
        before, to, on, schedule=schedule, name=name, phase_dose=phase_dose, decided=decided, by=by
    )
    after = with_entry(before, entry, recorded)
    if schedule is not None:
        after = after._replace(others=tuple(known.items()))
    return sound_course(after)


def stop(
    course: Course, *, on: date, reason: str = "", by: str = "", recorded: datetime | None = None
) -> Course:
    """Stop the treatment: nothing is planned from that day on.

    Raises:
        RefusedError: A dose is recorded on or after that day, or it lies before the start.
    """
    return _with(course, lambda of: entries.stop(of, on, reason, by), recorded)


def zone(
    course: Course,
    name: str,
    *,
    on: date,
    clock: time | None = None,
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record another time zone, and another hour if `clock` says one, from a day on."""
    return _with(course, lambda _: entries.zone(name, on, clock, by), recorded)


def supply(
    course: Course,
    *,
    on: date,
    add: int | None = None,
    count: int | None = None,
    lot: str = "",
    expiry: date | None = None,
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Record injections in the house: so many more or fewer (`add`), or so many in all (`count`).

    Raises:
        RefusedError: Neither or both are said, or a number that cannot be.
    """
    return _with(
        course,
        lambda _: entries.stock(on, add=add, count=count, lot=lot, expiry=expiry, by=by),
        recorded,
    )


def void(
    course: Course,
    dose: int | None = None,
    *,
    of: str = "",
    by: str = "",
    recorded: datetime | None = None,
) -> Course:
    """Take back the latest entry about a dose, or of a kind.

    Args:
        course: Before the entry.
        dose: The number of the dose; None where a kind is named.
        of: "hold", "hold_end", "moved", "extra", "step", "stop", "supply", "zone", "choose" or
            "weigh"; "" where a dose is named.
        by: Who records it.
        recorded: When, with its offset from UTC.

    Raises:
        RefusedError: Nothing is left to take back, or what stays would contradict itself.
    """
    if (dose is None) == (not of):
        raise RequestError("what is taken back is named by a dose or by a kind")
    return _with(course, lambda before: entries.void(before, dose, of or "hold", by)[0], recorded)
