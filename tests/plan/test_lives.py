"""What holds for every course: schedules, entries and days at random (lives.py makes them)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from dosecal.formats.course_file import course_bytes, read_course
from dosecal.ical.revisions import Revision, first_revision, revise, whole_years
from dosecal.model.course import Chosen, Course, Stepped
from dosecal.model.history import history
from dosecal.model.reasons import Again, Dropped, MovedTo, NoSites, OnHold, SteppedTo
from dosecal.model.schedule import Then
from dosecal.plan.advice import acting, advise
from dosecal.plan.walk import OPEN, AssessedDose, Status
from lives import ACTS, CHOOSING, LIVES, START, Act, acting_dose, add, entry_of, plan

GIVES = frozenset(Then) - {Then.ASK, Then.SKIP, Then.REPEAT}
PAST = (Status.MISSED, Status.SKIPPED, Status.HELD)
DAYS = st.integers(-5, 220).map(lambda days: START + timedelta(days=days))


@given(LIVES, DAYS)
def test_at_most_one_dose_is_to_be_acted_on(of: Course, today: date) -> None:
    """Contract, "One dose at a time": dated today, due, late, or "give it now": one at most."""
    found = plan(of, today)
    to_do = [
        each
        for each in found
        if each.status in OPEN
        and (each.status is not Status.UPCOMING or each.day <= today or each.then in GIVES)
    ]
    assert len(to_do) <= 1, to_do
    given_today = history(of).is_given_on(today)
    if to_do and given_today:
        assert to_do[0].then is Then.ASK
        assert to_do[0].status is not Status.UPCOMING


@given(LIVES, ACTS, DAYS)
def test_no_entry_changes_what_an_administration_was(of: Course, act: Act, today: date) -> None:
    entry = entry_of(of, act)
    assume(entry is not None)
    assert entry is not None
    after = add(of, entry)
    still = {each.dose: each for each in history(after).given.values()}

    def was(course: Course) -> dict[int, Any]:
        return {
            each.number: (each.day, each.amount, each.injections, each.sites, each.status)
            for each in plan(course, today)
            if each.number in still and each.number in history(of).given
        }

    assert was(after) == was(of)


@given(LIVES, DAYS)
def test_planning_twice_changes_nothing(of: Course, today: date) -> None:
    assert plan(of, today) == plan(of, today)
    assert advise(of, today) == advise(of, today)


@given(LIVES, DAYS, st.integers(1, 100))
def test_a_past_reason_never_changes_with_a_later_day(of: Course, today: date, more: int) -> None:
    """What is missed, skipped or held stays so; a hold that lasts may yet let its last go."""
    today = max([today, *(day for day, _ in history(of).days)])
    later = today + timedelta(days=more)
    after = plan(of, later)
    for was, now in zip(plan(of, today), after, strict=False):
        if was.status in OPEN:
            break
        if was.status not in PAST:
            continue
        holds = [each.hold for each in was.reasons if isinstance(each, OnHold)]
        if was.status is Status.HELD and (
            not holds or holds[0].last is None or today <= holds[0].last
        ):
            continue
        assert (now.status, now.reasons) == (was.status, was.reasons)


@given(LIVES, st.sampled_from(["given", "skip", "extra"]), st.integers(0, 30))
def test_a_past_reason_never_changes_with_a_later_entry(of: Course, kind: str, after: int) -> None:
    """What is entered of the dose to act on, as it happens, changes none passed over."""
    last = max((day for day, _ in history(of).days), default=START)
    today = last + timedelta(days=after)
    before = plan(of, today)
    dose = next((each for each in before if each.status in OPEN), None)
    assume(dose is not None)
    assert dose is not None
    number = dose.number
    sure = {
        "given": Act("one", (today - START).days, number=number),
        "skip": Act("skip", (today - START).days, number=2),
        "extra": Act("extra", (today - START).days),
    }[kind]
    if kind == "skip":
        first = acting_dose(of)
        assume(first is not None and first.number == number)
    entry = entry_of(of, sure)
    assume(entry is not None)
    assert entry is not None
    at = datetime.combine(today, time(12), UTC)  # in time, and not known in advance
    after_it = of._replace(log=(*(of.log or ()), entry._replace(recorded=at)))
    for was, now in zip(before, plan(after_it, today), strict=False):
        if was.number >= number:
            break
        to_come = any(
            isinstance(why, OnHold) and (why.hold.last is None or why.hold.last >= today)
            for why in was.reasons
        )
        if was.status in PAST and not to_come:
            assert (now.status, now.reasons) == (was.status, was.reasons)


@given(LIVES, st.integers(0, 60))
def test_planned_dates_rise_and_keep_the_gaps(of: Course, after: int) -> None:
    record = history(of)
    today = max((day for day, _ in record.days), default=START) + timedelta(days=after)
    last: date | None = None
    in_phase: tuple[str, date] | None = None
    for each in plan(of, today):
        if each.status not in (*OPEN, Status.GIVEN):
            continue
        if each.status in OPEN and each.number > record.last_given:
            assert each.schedule is not None
            agreed = any(
                isinstance(why, MovedTo | Again)
                or (isinstance(why, SteppedTo) and why.dose == each.number)
                for why in each.reasons
            )
            if last is not None:
                asked = each.then is Then.ASK
                assert each.day > last or (asked and each.day == last), (each.number, each.day)
                gap = each.schedule.min_gap
                if gap and not agreed:
                    assert asked or each.day >= gap.gap.after(last)
            own = each.phase.min_gap
            if own and in_phase and in_phase[0] == each.phase.name and not agreed:
                assert each.then is Then.ASK or each.day >= own.gap.after(in_phase[1])
        day = each.day
        if each.number in record.given:
            day = record.counted(record.given[each.number])
        extras = [record.counted(extra) for extra in record.extras]
        last = max([day, *(extras), *([last] if last else [])])
        in_phase = (each.phase.name, day)


@given(LIVES, st.integers(0, 150), st.integers(0, 1), DAYS)
def test_a_step_never_changes_an_earlier_dose(
    of: Course, on: int, number: int, today: date
) -> None:
    entry = entry_of(of, Act("step", on, number=number, off=2))
    assume(isinstance(entry, Stepped))
    assert isinstance(entry, Stepped)
    for was, now in zip(plan(of, None), plan(add(of, entry), None), strict=False):
        if was.target >= entry.on or now.target >= entry.on:
            break
        assert (now.day, now.status, now.reasons) == (was.day, was.status, was.reasons)


@given(CHOOSING, st.integers(0, 150), st.integers(1, 9))
def test_choosing_the_same_again_changes_nothing(of: Course, on: int, number: int) -> None:
    kind = "choose" if any(each.choices[:1] and each.choices[0].key == "every"
                           for each in of.schedule.phases) else "choose dose"  # fmt: skip
    entry = entry_of(of, Act(kind, on, number=number))
    assume(isinstance(entry, Chosen))
    assert isinstance(entry, Chosen)
    once = add(of, entry)
    assert plan(add(once, entry), None) == plan(once, None)


def naive(of: Course, count: int) -> dict[int, tuple[Revision, AssessedDose]]:
    """Return the states of the events of the first doses: each prefix of the log planned anew."""
    changed = first_revision(of).changed
    shown: dict[int, AssessedDose] = {}
    found: dict[int, Revision] = {}
    log = of.log or ()
    for size in range(len(log) + 1):
        if size:
            changed = max(log[size - 1].recorded or changed, changed + timedelta(seconds=1))
        stands = {each.number: each for each in plan(of._replace(log=log[:size]), None, count)}
        for number in range(1, count + 1):
            before, dose = shown.get(number), stands.get(number)
            if before is None and dose is not None:
                shown[number], found[number] = dose, Revision(0, changed)
            if before is None:
                continue
            if dose is None:
                gone = (Dropped(),)
                dose = before._replace(status=Status.MISSED, sites=(), reasons=gone, then=None)
            dose = as_shown(dose)
            if as_shown(before) != dose:
                moved = (before.day, before.status) != (dose.day, dose.status)
                found[number] = Revision(found[number].sequence + moved, changed)
                shown[number] = dose
    return {number: (found[number], shown[number]) for number in shown}


def as_shown(dose: AssessedDose) -> AssessedDose:
    """Return a dose without its sites where they are proposed: they alone are no change."""
    reasons = tuple(each for each in dose.reasons if not isinstance(each, NoSites))
    return dose._replace(reasons=reasons, sites=(), beside=())


@given(LIVES)
def test_the_linear_replay_is_the_naive_one(of: Course) -> None:
    revised = revise(of, whole_years(of), first_revision(of))
    count = len(revised.doses)
    assume(count <= 60)
    expected = naive(of, count)
    for dose in revised.doses:
        revision, shown = expected[dose.number]
        assert as_shown(dose) == as_shown(shown)
        assert revised.revisions[dose.number] == revision, dose


@given(LIVES, DAYS)
def test_the_advice_changes_on_the_day_it_says(of: Course, today: date) -> None:
    """The first of the next 60 days on which another dose, status or rule holds."""
    today = max([today, *(day for day, _ in history(of).days)])
    advice = advise(of, today)
    to_come = advice.dose is not None and advice.dose.status is Status.UPCOMING
    if advice.dose is None or (to_come and not advice.changes):
        return
    was = (advice.dose.number, advice.dose.status, advice.dose.then)
    for days in range(1, 60):
        day = today + timedelta(days=days)
        then = acting(of, day)
        if then and (then.number, then.status, then.then) != was:
            assert advice.changes, (day, then)
            assert advice.changes[0] == day
            return
    assert advice.changes is None or advice.changes[0] >= today + timedelta(days=60)


@given(LIVES)
def test_what_is_accepted_is_read_back(of: Course) -> None:
    again = read_course(course_bytes(of, "x"), "x.toml", lambda _: of.schedule)
    assert again.log == of.log
    assert plan(again, None) == plan(of, None)
