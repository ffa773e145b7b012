"""What may be added to a course's log, and what is refused.

Each function returns the entry and changes nothing. A fact can always be recorded; what is refused
contradicts the log, the schedule or the calendar (docs/course-file.md, "What is refused").
"""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from itertools import islice
from typing import Final

from dosecal.errors import Refusal, RefusedError
from dosecal.model.choices import Wanted, with_choices
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
    Void,
    Weighed,
    Zoned,
    counted_day,
    standing,
    take_back,
    voided_words,
)
from dosecal.model.dates import Interval, a_year_after
from dosecal.model.history import History, history
from dosecal.model.quantities import Amount
from dosecal.model.reasons import BeforeRecord
from dosecal.model.schedule import MinGap, Repeating, Schedule, Then
from dosecal.plan.advice import is_held_for_good
from dosecal.plan.assess import doses
from dosecal.plan.late import Known, judge
from dosecal.plan.rotation import Person, survey
from dosecal.plan.walk import OPEN, AssessedDose, Status, Walk


def administration(
    course: Course,
    on: date,
    today: date,
    *,
    number: int | None = None,
    sites: tuple[str, ...] = (),
    then: Then | None = None,
    note: str = "",
    any_site: bool = False,
    at: time | None = None,
    amount: Amount | None = None,
    injections: int | None = None,
    lot: str = "",
    expiry: date | None = None,
    by: str = "",
) -> Given:
    """Return the entry of a dose that was given.

    Args:
        course: Before the entry.
        on: The day it was given, from the start to today, both inclusive.
        today: The day of the recording.
        number: Which dose; None: the first that is neither given, skipped nor, on that day,
            missed.
        sites: One an injection; empty: the planned ones.
        then: The person's decision about the doses after it, where it was off its window.
        note: Anything.
        any_site: Whether a site may be recorded that the schedule or the person excludes, or
            that has no name here.
        at: The hour, if one is told: a dose near its hour counts for that hour's day.
        amount: What was given; None: the dose.
        injections: Needles that made it up; None: as many as the amount is of the planned ones.
        lot: The batch number.
        expiry: Until when the pack was usable.
        by: Who records it.

    Raises:
        RefusedError: It contradicts what is recorded or planned.
    """
    past = history(course)
    _check_day(course, on, today)
    if number is None:
        number = _next(course, past, counted_day(on, at, course.clock))
    _check_free(past, number)
    planned = _to_be_given(course, Given(number, on, None, then, at=at))
    needles = _needles(planned, amount, injections, len(sites))
    if sites:
        _check_sites(course, past, planned, sites, needles, any_site=any_site)
    return Given(
        number, on, sites or planned.sites[:needles], then, note, None, at,
        amount or planned.amount, needles, lot, expiry, by,
    )  # fmt: skip


def _to_be_given(course: Course, given: Given) -> AssessedDose:
    """Return a dose as it stands once it is given; refuse one that cannot be given so."""
    number, on = given.dose, given.date
    planned = assessed(course, given, number)
    _check_untaken(course, number)
    if planned.target > a_year_after(on):
        raise RefusedError(Refusal.TOO_FAR_AHEAD, dose=number, target=planned.target, on=on)
    if planned.then is None and given.then not in (None, Then.KEEP):
        raise RefusedError(
            Refusal.IN_TIME, dose=number, on=on, earliest=planned.earliest, latest=planned.latest
        )
    return planned


def extra(
    course: Course,
    on: date,
    today: date,
    *,
    amount: Amount | None = None,
    injections: int | None = None,
    sites: tuple[str, ...] = (),
    at: time | None = None,
    lot: str = "",
    expiry: date | None = None,
    note: str = "",
    by: str = "",
) -> Extra:
    """Return the entry of a dose given outside the plan.

    Without an amount, or sites, it has those of the next planned dose, else of the last one.

    Raises:
        RefusedError: It lies before the start or after today, or there is no dose to go by.
    """
    _check_day(course, on, today)
    like, record = None, history(course)
    for each in doses(course, on):
        like = each
        if each.status in OPEN or is_held_for_good(record, each):
            break
    if like is None:
        raise RefusedError(Refusal.NO_AMOUNT)
    needles = _needles(like, amount, injections, len(sites))
    planned = like.sites[:needles] if like.status in OPEN else ()
    return Extra(
        on, amount or like.amount, needles, sites or planned, at, lot, expiry, note, None, by
    )


def skip(course: Course, number: int, on: date, note: str = "", by: str = "") -> Skipped:
    """Return the entry of a dose that the person chose not to take.

    Args:
        course: Before the entry.
        number: The dose.
        on: The day of the entry.
        note: Why.
        by: Who records it.

    Raises:
        RefusedError: There is no such dose, it is recorded already, or it lies more than a year
            ahead.
    """
    _check_free(history(course), number)
    _check_untaken(course, number)
    dose = assessed(course, Skipped(number), number)
    if dose.target > a_year_after(max(on, course.start)):
        raise RefusedError(Refusal.TOO_FAR_AHEAD, dose=number, target=dose.target, on=on)
    return Skipped(number, note, None, by)


def decision(
    course: Course,
    number: int,
    then: Then,
    *,
    on: date | None = None,
    decided: bool = False,
    by: str = "",
) -> Decided:
    """Return the entry of a decision about a recorded dose.

    Args:
        course: Before the entry.
        number: The dose.
        then: keep, shift, restart, or repeat: it does not count and is due again.
        on: Of a repeat: the day on which it is due again.
        decided: Whether the prescriber agreed to a day that a gap forbids.
        by: Who records it.

    Raises:
        RefusedError: The dose is not recorded as given, was given in time, or is to be repeated
            on a day that cannot be.
    """
    past = history(course)
    given = past.given.get(number)
    if given is None:
        raise RefusedError(Refusal.NOT_GIVEN, dose=number)
    if then is Then.REPEAT:
        _check_repeat(course, past, given, on, decided=decided)
        return Decided(number, then, None, on, decided, by)
    dose = assessed(course, Decided(number, then), number)
    if dose.then is None and then is not Then.KEEP:
        raise RefusedError(
            Refusal.NOTHING_TO_DECIDE, dose=number, on=dose.day, earliest=dose.earliest,
            latest=dose.latest,
        )  # fmt: skip
    return Decided(number, then, by=by)


def _check_repeat(
    course: Course, past: History, given: Given, on: date | None, *, decided: bool
) -> None:
    if on is None:
        raise RefusedError(Refusal.NO_DAY_FOR_REPEAT, dose=given.dose)
    day = past.counted(given)
    if on <= day:
        raise RefusedError(Refusal.REPEATED_TOO_SOON, dose=given.dose, on=on, given=day)
    _, dose, after = _neighbours(course, given.dose)
    if after is not None and on >= after.target:
        raise RefusedError(
            Refusal.MOVED_ONTO_THE_NEXT, to=on, other=after.number, other_day=after.target
        )
    for gap in _gaps_between(dose):
        if on < gap.gap.after(day) and not decided:
            raise RefusedError(
                Refusal.MOVED_INTO_A_GAP, to=on, other_day=day, gap=gap.gap, dose=given.dose
            )


def move(
    course: Course,
    number: int,
    to: date,
    today: date,
    *,
    then: Then = Then.KEEP,
    note: str = "",
    decided: bool = False,
    by: str = "",
) -> Moved:
    """Return the entry of a dose agreed for another day.

    Args:
        course: Before the entry.
        number: The dose.
        to: The day: not before today or the start, after the dose before it and, unless the
            later ones move with it, before the next.
        today: The day of the entry.
        then: keep or shift.
        note: Why.
        decided: Whether the prescriber agreed to a day out of its window, or within a gap.
        by: Who records it.

    Raises:
        RefusedError: That day cannot be.
    """
    _check_free(history(course), number)
    _check_untaken(course, number)
    if to < course.start:
        raise RefusedError(Refusal.BEFORE_START, on=to, start=course.start)
    if to < today:
        raise RefusedError(Refusal.MOVED_TO_THE_PAST, to=to, today=today)
    before, dose, after = _neighbours(_without_moves_of(course, number), number)
    if before is not None and to <= before.day:
        raise RefusedError(
            Refusal.MOVED_BEFORE_THE_LAST, to=to, other=before.number, other_day=before.day
        )
    if after is not None and then is not Then.SHIFT and to >= after.target:
        raise RefusedError(
            Refusal.MOVED_ONTO_THE_NEXT, to=to, other=after.number, other_day=after.target
        )
    if not decided:
        _check_move(course, dose, before, after if then is Then.KEEP else None, to)
    return Moved(number, to, then, note, decided, None, by)


def _without_moves_of(course: Course, number: int) -> Course:
    """Return a course as it stands without what was agreed for a dose before: the latest counts."""
    log = tuple(
        each
        for each in standing(course.log or ())
        if not (isinstance(each, Moved) and each.dose == number)
    )
    return course._replace(log=log)


def _check_move(
    course: Course,
    dose: AssessedDose,
    before: AssessedDose | None,
    after: AssessedDose | None,
    to: date,
) -> None:
    """Refuse a day that no window, early rule or gap allows."""
    for gap in _gaps_between(dose):
        for other in filter(None, (before, after)):
            near, far = sorted((other.day, to))
            if far < gap.gap.after(near):
                raise RefusedError(
                    Refusal.MOVED_INTO_A_GAP, to=to, other_day=other.day, gap=gap.gap,
                    dose=dose.number,
                )  # fmt: skip
    schedule = dose.schedule or course.schedule
    known = _known(course, dose.number)
    if known.earliest <= to <= known.latest:
        return
    rule = "no source speaks of another day"
    if to < known.earliest:
        verdict = judge(schedule, known, to)
        if verdict.then in (Then.KEEP, Then.SHIFT):
            return
        if verdict.early_rules:
            rule = "the rule for an early dose does not allow it"
    raise RefusedError(
        Refusal.MOVED_OUT_OF_TIME, to=to, dose=dose.number, earliest=known.earliest,
        latest=known.latest, rule=rule,
    )  # fmt: skip


def _gaps_between(dose: AssessedDose) -> Iterator[MinGap]:
    """Yield the shortest gaps that bound a dose and its neighbours."""
    schedule = dose.schedule
    yield from filter(None, (schedule and schedule.min_gap, dose.phase.min_gap))


def hold(first: date, last: date | None = None, reason: str = "", by: str = "") -> Hold:
    """Return the entry of a hold, both days inclusive; without `last` it has no end yet.

    Raises:
        RefusedError: It ends before it begins.
    """
    if last is not None and last < first:
        raise RefusedError(Refusal.HOLD_ENDS_FIRST, last=last, first=first)
    return Hold(first, last, reason, None, by)


def hold_end(course: Course, on: date, by: str = "") -> HoldEnd:
    """Return the entry that ends the latest hold begun by `on`, its last day, inclusive.

    Raises:
        RefusedError: None had begun.
    """
    if not any(each.first <= on for each in history(course).holds):
        raise RefusedError(Refusal.NO_HOLD, on=on)
    return HoldEnd(on, None, by)


def choose(course: Course, wanted: Wanted, first: date, by: str = "") -> Chosen:
    """Return the entry of a choice made from a day on.

    Raises:
        NoSuchChoiceError: The schedule leaves no such thing open.
        QuantityError: The value is none that may be chosen.
    """
    schedule = schedule_on(course, first)
    with_choices(schedule, (wanted,))
    entry = Chosen(wanted.phase, wanted.key, wanted.text, first, None, by)
    _first_open(course, entry)
    return entry


def weigh(course: Course, kg: Decimal, on: date, by: str = "") -> Weighed:
    """Return the entry of the body weight from a day on.

    Raises:
        RefusedError: The day lies before the start.
        RequestError: A schedule states no dose for this weight.
    """
    if on < course.start:
        raise RefusedError(Refusal.BEFORE_START, on=on, start=course.start)
    entry = Weighed(kg, on, None, by)
    _first_open(course, entry)
    return entry


def step(
    course: Course,
    to: str,
    on: date,
    *,
    schedule: Schedule | None = None,
    name: str = "",
    phase_dose: int = 1,
    decided: bool = False,
    by: str = "",
) -> Stepped:
    """Return the entry of the prescriber's move to a phase.

    Args:
        course: Before the entry.
        to: The phase.
        on: The day on which its first dose is due.
        schedule: The other schedule that it is of; None: the same.
        name: How the course file names that schedule.
        phase_dose: Which dose of its phase that is, from 1.
        decided: Whether the prescriber agreed to what speaks against it.
        by: Who records it.

    Raises:
        RefusedError: There is no such phase, a dose is recorded on or after that day, or the step
            comes too early or too near to the dose before.
        ChoicesOpenError: The phase leaves something open.
    """
    of = schedule or schedule_on(course, on)
    phase = next((each for each in of.phases if each.name == to), None)
    if phase is None:
        raise RefusedError(Refusal.STEP_TO_NOWHERE, to=to, schedule=of.id,
                           phases=tuple(each.name for each in of.phases))  # fmt: skip
    if on < course.start:
        raise RefusedError(Refusal.BEFORE_START, on=on, start=course.start)
    past = history(course)
    for number, given in past.given.items():
        if past.counted(given) >= on:
            raise RefusedError(Refusal.STEP_INTO_THE_PAST, dose=number, given=given.date, on=on)
    if not decided:
        _check_step(course, to, on, phase.timing.every if isinstance(phase.timing, Repeating)
                    else None)  # fmt: skip
    entry = Stepped(to, on, name, phase_dose, decided, None, by)
    after = course
    if schedule is not None:
        after = course._replace(others=(*course.others, (name, schedule)))
    _first_open(after, entry)
    return entry


def _check_step(course: Course, to: str, on: date, every: Interval | None) -> None:
    """Refuse a step before its phase may end, or too near to the dose before it."""
    last = began = None
    for each in doses(course):
        if each.day >= on:
            break
        if began is None or began.phase.name != each.phase.name:
            began = each
        if each.status is Status.GIVEN or each.status in OPEN:
            last = each
    if began is not None and (ends := began.phase.ends) and ends.at_least:
        until = ends.at_least.after(began.target)
        if on < until:
            raise RefusedError(
                Refusal.STEP_TOO_EARLY, phase=began.phase.name, began=began.target,
                least=ends.at_least, until=until,
            )  # fmt: skip
    if last is not None and every is not None:
        days = (on - last.day).days
        if 2 * days < (every.after(last.day) - last.day).days:
            raise RefusedError(
                Refusal.STEP_TOO_NEAR, on=on, days=Interval(days, "day"), dose=last.number,
                other_day=last.day, every=every, phase=to,
            )  # fmt: skip


def stop(course: Course, on: date, reason: str = "", by: str = "") -> Stopped:
    """Return the entry after which nothing is planned from `on` on.

    Raises:
        RefusedError: A dose is recorded on or after that day, or it lies before the start.
    """
    if on < course.start:
        raise RefusedError(Refusal.BEFORE_START, on=on, start=course.start)
    for number, given in history(course).given.items():
        if given.date >= on:
            raise RefusedError(Refusal.STOPPED_INTO_THE_PAST, dose=number, given=given.date, on=on)
    return Stopped(on, reason, None, by)


def zone(name: str, on: date, clock: time | None = None, by: str = "") -> Zoned:
    """Return the entry of another time zone, and another hour, from a day on."""
    return Zoned(name, on, clock, None, by)


def stock(
    on: date,
    *,
    add: int | None = None,
    count: int | None = None,
    lot: str = "",
    expiry: date | None = None,
    by: str = "",
) -> Stocked:
    """Return the entry of injections in the house: so many more or fewer, or so many in all.

    Raises:
        RefusedError: Neither or both are said, or a number that cannot be.
    """
    if (add is None) == (count is None) or add == 0 or (count is not None and count < 0):
        raise RefusedError(Refusal.SUPPLY_UNCLEAR)
    return Stocked(on, add, count, lot, expiry, None, by)


def void(course: Course, number: int | None, of: str = "hold", by: str = "") -> tuple[Void, Entry]:
    """Return the entry that takes back the latest about a dose (None: of a kind), and that one.

    Raises:
        RefusedError: Nothing is left to take back, or what stays would contradict itself.
    """
    about = voided_words(of) if number is None else f"entry about dose {number}"
    entry = Void(number, of, None, by)
    taken = take_back(course.log or (), entry)
    if taken is None:
        raise RefusedError(Refusal.NOTHING_TO_VOID, about=about)
    after = history(course._replace(log=(*(course.log or ()), entry)))
    if highest := after.last_recorded:
        assessed(course, entry, highest)
    return entry, taken


def assessed(course: Course, entry: Entry, number: int) -> AssessedDose:
    """Return a dose as it stands once an entry is made.

    Raises:
        RefusedError: The course has no dose of that number.
    """
    return _dose(course._replace(log=(*(course.log or ()), entry)), number)


def _dose(course: Course, number: int) -> AssessedDose:
    last = 0
    try:
        for dose in islice(doses(course), number):
            last = dose.number
            if last == number:
                return dose
    except OverflowError:
        pass  # beyond the year 9999 there is no dose either
    raise RefusedError(Refusal.NO_SUCH_DOSE, dose=number, last=last)


def _neighbours(
    course: Course, number: int
) -> tuple[AssessedDose | None, AssessedDose, AssessedDose | None]:
    """Return a dose, the one given or to be given before it, and the next to be given."""
    before = dose = after = None
    record = history(course)
    for each in doses(course):
        if each.number < number and (each.status is Status.GIVEN or each.status in OPEN):
            before = each
        elif each.number == number:
            dose = each
        elif each.number > number and each.status in OPEN:
            after = each
            break
        elif each.number > number and is_held_for_good(record, each):
            break
    if dose is None:
        raise RefusedError(Refusal.NO_SUCH_DOSE, dose=number, last=before.number if before else 0)
    return before, dose, after


def _known(course: Course, number: int) -> Known:
    """Return what is known of a dose for its rules, as the log leaves it."""
    walk = Walk(course, history(course), None)
    for earlier in range(1, number):
        walk.place(earlier)
    known = walk.outlook(number)
    if known is None:
        raise RefusedError(Refusal.NO_SUCH_DOSE, dose=number, last=number - 1)
    return known


def _first_open(course: Course, entry: Entry) -> None:
    """Look whether the course can still be planned once an entry is made.

    Raises:
        RequestError: It cannot.
    """
    after = course._replace(log=(*(course.log or ()), entry))
    last = history(after).last_recorded
    for _ in islice(doses(after), last + 2):
        pass


def schedule_on(course: Course, day: date) -> Schedule:
    """Return the schedule that a course follows on a day."""
    found = course.schedule
    for step_, _ in history(course).steps:
        if step_.on <= day and step_.schedule:
            found = dict(course.others)[step_.schedule]
    return found


def _check_day(course: Course, on: date, today: date) -> None:
    if on < course.start:
        raise RefusedError(Refusal.BEFORE_START, on=on, start=course.start)
    if on > today:
        raise RefusedError(Refusal.AFTER_TODAY, on=on, today=today)


def _next(course: Course, past: History, on: date) -> int:
    """Return the dose that was given on a day, as what was known up to that day tells.

    Raises:
        RefusedError: One is recorded that day, none is left, or another open one is nearer.
    """
    for number, given in past.given.items():
        if past.counted(given) == on:
            raise RefusedError(Refusal.GIVEN_THAT_DAY, dose=number, on=on)
    known = tuple(each for each in course.log or () if not _is_after(each, past, on))
    as_then = course._replace(log=known)
    found = None
    for dose in doses(as_then, on):
        taken = dose.number in past.given or dose.number in past.skipped
        if not taken and dose.status in OPEN:
            found = dose
            break
    if found is None:
        raise RefusedError(Refusal.NOTHING_LEFT)
    _check_nearest(as_then, past, found, on)
    return found.number


def _is_after(entry: Entry, past: History, on: date) -> bool:
    """Say whether an entry answers no question about what was given on a day."""
    if isinstance(entry, Given):
        return past.counted(entry) >= on
    return isinstance(entry, Hold | HoldEnd | Stopped)  # what was given in a hold was given


def _check_nearest(course: Course, past: History, found: AssessedDose, on: date) -> None:
    """Refuse where another open dose is nearer to the day: which one was it?"""
    away = abs((found.target - on).days)
    for other in doses(course):
        if (other.target - on).days >= away:
            return
        open_one = other.status in OPEN and other.number not in past.given
        if open_one and other.number > found.number and abs((other.target - on).days) < away:
            raise RefusedError(
                Refusal.WHICH_DOSE, dose=found.number, target=found.target, other=other.number,
                other_target=other.target, on=on,
            )  # fmt: skip


def _check_free(past: History, number: int) -> None:
    if given := past.given.get(number):
        raise RefusedError(Refusal.ALREADY_GIVEN, dose=number, on=given.date)
    if number in past.skipped:
        raise RefusedError(Refusal.ALREADY_SKIPPED, dose=number)


def _check_untaken(course: Course, number: int) -> None:
    """Refuse a dose that was given before the record began: no entry can be taken back for it."""
    dose = _dose(course, number)
    if any(isinstance(each, BeforeRecord) for each in dose.reasons):
        raise RefusedError(Refusal.ALREADY_TAKEN, dose=number, target=dose.target)


def _needles(
    planned: AssessedDose, amount: Amount | None, injections: int | None, sites: int
) -> int:
    """Return how many injections an amount was: told, or so many of the planned ones.

    Raises:
        RefusedError: The amount is in another unit than the dose.
    """
    if amount is not None and amount.unit != planned.amount.unit:
        raise RefusedError(Refusal.OTHER_UNIT, amount=amount, dose=planned.amount)
    if injections is not None or amount is None or amount.value >= planned.amount.value:
        return planned.injections if injections is None else injections
    if amount in planned.amounts:
        return 1
    share = amount.value * planned.injections / planned.amount.value
    if not planned.amounts and share == share.to_integral_value() and share >= 1:
        return int(share)
    return sites or planned.injections


def _check_sites(
    course: Course,
    past: History,
    dose: AssessedDose,
    sites: tuple[str, ...],
    injections: int,
    *,
    any_site: bool,
) -> None:
    if len(sites) != injections:
        plural = "" if injections == 1 else "s"
        raise RefusedError(
            Refusal.SITES_PER_INJECTION, dose=dose.number, sites=len(sites),
            injections=f"{injections} injection{plural}",
        )  # fmt: skip
    if any_site:
        return
    rules = dose.phase.sites
    somebody_else = course.caregiver or dose.given_by == "professional"
    person = Person(course.avoid, somebody_else, course.sites)
    used = past.used_before(dose.day, dose.number)
    found = survey(rules, injections, dose.day, used, person)
    bars = {each.site: "avoided by the person on that day" for each in found.avoided}
    bars |= {site: f"resting until {free_on}" for site, free_on in found.resting}
    bars |= dict.fromkeys(found.caregiver_only, "for a caregiver only")
    allowed = ", ".join(found.free) or "none"
    for site in sites:
        if site not in found.free:
            why = bars.get(site, f"not among the sites of phase {dose.phase.name}")
            raise RefusedError(
                Refusal.SITE_NOT_ALLOWED, site=site, bar=why, on=dose.day, allowed=allowed
            )
    if rules.one_site and len(set(sites)) > 1:
        raise RefusedError(Refusal.ONE_SITE)
    if not rules.one_site and len(set(sites)) < len(sites):
        raise RefusedError(Refusal.OWN_SITES, on=dose.day, allowed=allowed)


FEW_AHEAD: Final = 3
"""So many open doses before one that is skipped are nothing to ask about, inclusive."""


def days_ahead(course: Course, number: int, today: date) -> int:
    """Return how many open doses come before a dose: a slip of the number shows in it."""
    found = 0
    for dose in islice(doses(course, today), number):
        found += dose.number < number and dose.status in OPEN
    return found
