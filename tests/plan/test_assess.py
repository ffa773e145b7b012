"""Where each dose of a course stands: every `then`, on both sides of its bounds."""

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.ical.revisions import first_revision, revise, whole_years
from dosecal.model.course import Course, Decided, Entry, Extra, Given, Hold, Skipped, Void
from dosecal.model.dates import Interval, parse_interval, parse_interval_range
from dosecal.model.history import history_of
from dosecal.model.quantities import parse_amount, parse_number_range
from dosecal.model.reasons import (
    CountedFrom,
    GapKept,
    MovedBy,
    NextHasCome,
    OffTarget,
    Provisional,
    QuestionOpen,
)
from dosecal.model.schedule import (
    Bound,
    Clock,
    DoseBand,
    Listed,
    MinGap,
    MissedRule,
    Phase,
    Repeating,
    Schedule,
    SiteRules,
    Source,
    Then,
    Window,
)
from dosecal.plan.advice import advise
from dosecal.plan.assess import Horizon, doses, within
from dosecal.plan.walk import AssessedDose, Status

START = date(2026, 1, 5)
SITES = SiteRules(("thigh", "abdomen"))
LOADING = Listed("week", (0, 1, 2))


def every(text: str, begins: str = "0 days", count: int | None = None) -> Repeating:
    return Repeating(parse_interval(text), parse_interval(begins, zero=True), doses=count)


def rule(
    then: str,
    bound: str = "",
    clock: Clock = Clock.LATE,
    phases: tuple[str, ...] = (),
    on: str = "",
) -> MissedRule:
    numbers = parse_number_range(on) if on else None
    if not bound:
        return MissedRule(Then(then), ("s",), phases=phases, doses=numbers)
    clocks = (Bound(clock, (parse_interval_range(bound),)),)
    return MissedRule(Then(then), ("s",), clocks, phases, numbers)


def schedule(
    *timings: Listed | Repeating,
    rules: tuple[MissedRule, ...] = (),
    window: Window | None = None,
    gap: str = "",
) -> Schedule:
    band = (DoseBand(parse_amount("120 mg"), 1),)
    phases = tuple(
        Phase(f"p{place}", band, timing, "subcutaneous", SITES, ("s",), window)
        for place, timing in enumerate(timings, 1)
    )
    min_gap = MinGap(parse_interval(gap), ("s",)) if gap else None
    return Schedule("x", "x", phases, (Source("s", "S", "label"),), missed=rules, min_gap=min_gap)


def day(offset: int, start: date = START) -> date:
    return start + timedelta(days=offset)


def assess(
    what: Schedule,
    *log: Entry,
    today: int | None = None,
    count: int = 6,
    start: date = START,
) -> list[AssessedDose]:
    course = Course(what, "c", start, log=log)
    now = None if today is None else day(today, start)
    return list(islice(doses(course, now), count))


def took(number: int, offset: int, then: Then | None = None) -> Given:
    return Given(number, day(offset), ("left-thigh",), then)


def offsets(found: list[AssessedDose]) -> list[int]:
    return [(each.target - START).days for each in found]


def statuses(found: list[AssessedDose]) -> list[str]:
    return [each.status.value for each in found]


def has(dose: AssessedDose, kind: type[object]) -> bool:
    return any(isinstance(each, kind) for each in dose.reasons)


FOUR = every("4 weeks")


@pytest.mark.parametrize(
    ("then", "later"),
    [
        ("keep", [28, 56, 84]),
        ("shift", [35, 63, 91]),
        ("skip", [28, 56, 84]),
        ("restart", [35, 63, 91]),
        ("give-ask", [28, 56, 84]),
        ("ask", [28, 56, 84]),
    ],
)
def test_each_rule_up_to_its_bound_and_a_day_beyond(then: str, later: list[int]) -> None:
    what = schedule(FOUR, rules=(rule(then, "<= 7 days"),))
    inside = assess(what, took(1, 7), count=4)
    assert inside[0].then is Then(then)
    assert offsets(inside) == [0, *later]
    assert inside[0].undecided is (then in ("skip", "give-ask", "ask"))
    assert has(inside[1], Provisional) is inside[0].undecided
    beyond = assess(what, took(1, 8), count=4)
    assert beyond[0].then is Then.ASK
    assert beyond[0].undecided
    assert offsets(beyond) == [0, 28, 56, 84]
    assert all(has(each, Provisional) for each in beyond[1:])


@pytest.mark.parametrize(
    ("bound", "clock", "last_inside", "first_outside"),
    [
        ("< 7 days", Clock.LATE, 34, 35),
        ("<= 1 month", Clock.LATE, 56, 57),
        (">= 3 days", Clock.UNTIL_NEXT, 53, 54),
        ("> 3 days", Clock.UNTIL_NEXT, 52, 53),
        ("<= 6 weeks", Clock.SINCE_LAST, 42, 43),
    ],
)
def test_both_sides_of_every_clock(
    bound: str, clock: Clock, last_inside: int, first_outside: int
) -> None:
    what = schedule(FOUR, rules=(rule("keep", bound, clock),))
    for on, then in ((last_inside, Then.KEEP), (first_outside, Then.ASK)):
        assert assess(what, took(1, 0), took(2, on))[1].then is then


def test_a_clock_without_its_other_end_is_an_ask() -> None:
    since = schedule(FOUR, rules=(rule("keep", ">= 0 days", Clock.SINCE_LAST),))
    assert assess(since, took(1, 3))[0].then is Then.ASK
    until = schedule(every("4 weeks", count=1), rules=(rule("keep", "> 0 days", Clock.UNTIL_NEXT),))
    assert assess(until, took(1, 3))[0].then is Then.ASK


def test_the_first_rule_that_matches_wins_and_may_be_for_phases_and_doses() -> None:
    what = schedule(
        LOADING,
        every("4 weeks", "6 weeks"),
        rules=(rule("restart", phases=("p1",), on="2-3"), rule("shift", phases=("p2",))),
    )
    assert assess(what, took(1, 1))[0].then is Then.ASK
    assert assess(what, took(1, 0), took(2, 8))[1].then is Then.RESTART
    found = assess(what, took(1, 0), took(2, 7), took(3, 14), took(4, 43))
    assert [each.then for each in found[:4]] == [None, None, None, Then.SHIFT]


def test_a_shift_in_listed_doses_moves_all_by_the_days_late_and_shifts_add_up() -> None:
    what = schedule(LOADING, every("4 weeks", "6 weeks"), rules=(rule("shift"),))
    found = assess(what, took(1, 2))
    assert offsets(found) == [0, 9, 16, 44, 72, 100]
    assert all(has(each, MovedBy) for each in found[1:])
    assert offsets(assess(what, took(1, 2), took(2, 12))) == [0, 9, 19, 47, 75, 103]


def test_a_shift_on_days_of_a_cycle_or_of_the_week_moves_all_by_the_days_late() -> None:
    """Their doses are not one interval apart, so "counted from the day given" says no dates."""
    cycle = every("3 weeks", count=8)._replace(on_days=(0, 3, 7, 10))
    what = schedule(cycle, every("4 weeks", "6 weeks"), rules=(rule("shift"),))
    found = assess(what, took(1, 0), took(2, 5), count=10)
    assert offsets(found) == [0, 3, 9, 12, 23, 26, 30, 33, 44, 72]
    assert all(has(each, MovedBy) and not has(each, CountedFrom) for each in found[2:])
    weekdays = schedule(every("1 week")._replace(weekdays=(0, 3)), rules=(rule("shift"),))
    assert offsets(assess(weekdays, took(1, 1))) == [0, 4, 8, 11, 15, 18]


def test_a_shift_across_a_phase_boundary_moves_the_later_phase_by_days() -> None:
    what = schedule(every("1 week", count=4), every("4 weeks", "4 weeks"), rules=(rule("shift"),))
    found = assess(what, took(1, 0), took(2, 10))
    assert offsets(found) == [0, 7, 17, 24, 31, 59]
    assert [has(each, CountedFrom) for each in found[2:]] == [True, True, False, False]
    assert [has(each, MovedBy) for each in found[2:]] == [False, False, True, True]


def test_a_shift_of_calendar_months_counts_from_the_day_given_across_a_month_end() -> None:
    start = date(2026, 1, 30)
    what = schedule(every("1 month"), rules=(rule("shift"),))
    found = assess(what, Given(1, date(2026, 1, 31)), start=start, count=4)
    assert [each.target for each in found[1:]] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_a_later_phase_of_months_counts_from_start_and_adds_the_days_last() -> None:
    start = date(2026, 1, 31)
    what = schedule(Listed("week", (0,)), every("1 month", "1 month"), rules=(rule("shift"),))
    found = assess(what, Given(1, date(2026, 2, 3)), start=start, count=3)
    assert [each.target for each in found[1:]] == [date(2026, 3, 3), date(2026, 4, 3)]


def test_a_restart_begins_at_day_0_and_keeps_numbering() -> None:
    what = schedule(LOADING, every("4 weeks", "6 weeks"), rules=(rule("restart"),))
    found = assess(what, took(1, 0), took(2, 20))
    assert [each.number for each in found] == [1, 2, 3, 4, 5, 6]
    assert offsets(found) == [0, 7, 27, 34, 62, 90]
    assert [each.phase.name for each in found] == ["p1", "p1", "p1", "p1", "p2", "p2"]


def test_two_missed_in_a_row_are_passed_over() -> None:
    skip = schedule(every("1 week"), rules=(rule("keep", "<= 3 days"), rule("skip")))
    assert statuses(assess(skip, today=14, count=4)) == ["missed", "missed", "due", "upcoming"]
    keep = schedule(every("1 week"), rules=(rule("keep"),))
    for today, expected in ((13, ["missed", "late"]), (14, ["missed", "missed"])):
        found = assess(keep, today=today, count=2)
        assert statuses(found) == expected
        assert has(found[0], NextHasCome)


def test_plans_assume_that_the_dose_to_act_on_is_done_today() -> None:
    found = assess(schedule(FOUR, rules=(rule("shift"),)), took(1, 0), today=33, count=4)
    assert statuses(found) == ["given", "late", "upcoming", "upcoming"]
    assert found[1].day == day(33)
    assert offsets(found) == [0, 28, 61, 89]


WEEK = Window(Interval(3, "day"), Interval(7, "day"))


@pytest.mark.parametrize(
    ("today", "status"), [(24, "upcoming"), (25, "due"), (35, "due"), (36, "late")]
)
def test_statuses_at_the_ends_of_a_window(today: int, status: str) -> None:
    what = schedule(FOUR, rules=(rule("shift"),), window=WEEK)
    assert assess(what, took(1, 0), today=today)[1].status is Status(status)


@pytest.mark.parametrize(
    ("on", "then", "following"),
    [(24, "ask", 56), (25, None, 56), (35, None, 56), (36, "shift", 64)],
)
def test_a_dose_inside_its_window_moves_nothing(on: int, then: str | None, following: int) -> None:
    what = schedule(FOUR, rules=(rule("shift"),), window=WEEK)
    found = assess(what, took(1, 0), took(2, on))
    assert found[1].then == then
    assert offsets(found)[2] == following


def test_early_without_a_window_is_an_ask() -> None:
    found = assess(schedule(FOUR, rules=(rule("shift"),)), took(1, 0), took(2, 27))
    assert (found[1].then, found[1].undecided) == (Then.ASK, True)
    assert offsets(found)[2:4] == [56, 84]


@pytest.mark.parametrize("then", ["ask", "give-ask"])
@pytest.mark.parametrize(("decision", "following"), [("keep", 28), ("shift", 33), ("restart", 33)])
def test_a_decision_ends_what_is_provisional(then: str, decision: str, following: int) -> None:
    what = schedule(FOUR, rules=(rule(then),))
    for log in (
        (took(1, 5), Decided(1, Then(decision))),
        (took(1, 5, Then(decision)),),
    ):
        found = assess(what, *log)
        assert not found[0].undecided
        assert offsets(found)[1] == following
        assert not any(has(each, Provisional) for each in found)
        off = [each for each in found[0].reasons if isinstance(each, OffTarget)]
        assert [(each.decided, each.sources) for each in off] == [(True, ())]


@pytest.mark.parametrize(
    ("today", "status"), [(27, "held"), (28, "held"), (40, "held"), (41, "late")]
)
def test_a_hold_keeps_a_dose_until_it_is_over(today: int, status: str) -> None:
    what = schedule(FOUR, rules=(rule("keep"),))
    found = assess(what, took(1, 0), Hold(day(28), day(40)), today=today)
    assert found[1].status is Status(status)
    assert offsets(found)[2] == 56


def test_a_dose_late_as_the_hold_began_is_held_and_a_hold_can_be_voided() -> None:
    what = schedule(FOUR, rules=(rule("keep"),))
    log = (took(1, 0), Hold(day(30)))
    assert assess(what, *log, today=29)[1].status is Status.LATE
    assert assess(what, *log, today=30)[1].status is Status.HELD
    assert assess(what, *log, Void(None), today=30)[1].status is Status.LATE


def test_a_dose_in_its_window_as_the_hold_began_is_held() -> None:
    """While a hold lasts no dose is to be acted on, one in its window neither."""
    what = schedule(FOUR, rules=(rule("keep"),), window=WEEK)
    assert assess(what, took(1, 0), Hold(day(30)), today=29)[1].status is Status.DUE
    assert assess(what, took(1, 0), Hold(day(30)), today=30)[1].status is Status.HELD
    assert assess(what, took(1, 0), Hold(day(30)), today=31)[1].status is Status.HELD


def test_of_two_holds_the_one_that_lasts_holds() -> None:
    what = schedule(FOUR, rules=(rule("keep"),), window=WEEK)
    over, lasting = Hold(day(0), day(14)), Hold(day(0))
    assert assess(what, over, today=15)[0].status is Status.LATE
    assert assess(what, over, lasting, today=15)[0].status is Status.HELD
    assert assess(what, lasting, over, today=15)[0].status is Status.HELD


def test_the_advice_changes_where_a_gap_after_an_extra_dose_ends() -> None:
    what = schedule(FOUR, rules=(rule("shift"),), gap="6 days")
    outside = Extra(day(40), parse_amount("120 mg"), 1, ())
    advice = advise(Course(what, "c", START, log=(took(1, 0), outside)), day(41))
    assert advice.dose is not None
    assert (advice.dose.number, advice.dose.then) == (2, Then.ASK)
    assert advice.changes is not None
    assert (advice.changes[0], advice.changes[1].then) == (day(46), Then.SHIFT)


def test_an_extra_dose_on_the_day_of_the_last_one_changes_its_event() -> None:
    """The two are doubled, and the event says so."""
    log = (took(1, 0), took(2, 30), Extra(day(30), parse_amount("120 mg"), 1, ()))
    course = Course(schedule(FOUR), "c", START, log=log)
    first = first_revision(course)
    stands = revise(course, whole_years(course), first).revisions[2]
    assert stands.changed == first.changed + timedelta(seconds=3)


def test_a_void_takes_back_the_latest_entry_of_its_dose() -> None:
    what = schedule(FOUR, rules=(rule("ask"),))
    decided = (took(1, 5), Decided(1, Then.SHIFT))
    assert offsets(assess(what, *decided))[1] == 33
    assert assess(what, *decided, Void(1))[0].undecided
    assert assess(what, *decided, Void(1), Void(1))[0].status is Status.UPCOMING
    assert assess(what, Skipped(1), Void(1))[0].status is Status.UPCOMING


def test_entries_may_come_out_of_order_and_gaps_are_missed() -> None:
    what = schedule(FOUR, rules=(rule("keep"),))
    assert statuses(assess(what, took(3, 56)))[:4] == ["missed", "missed", "given", "upcoming"]
    late_entry = assess(what, took(3, 56), took(1, 0), Skipped(2), today=56)
    assert statuses(late_entry)[:4] == ["given", "skipped", "given", "upcoming"]
    assert late_entry == assess(what, took(1, 0), Skipped(2), took(3, 56), today=56)


@pytest.mark.parametrize(("on", "following"), [(30, 56), (31, 57)])
def test_min_gap_moves_a_target_to_the_first_allowed_day(on: int, following: int) -> None:
    found = assess(schedule(FOUR, rules=(rule("keep"),), gap="26 days"), took(1, 0), took(2, on))
    assert offsets(found)[2] == following
    assert has(found[2], GapKept) is (following != 56)


@pytest.mark.parametrize(("on", "then"), [(56, "ask"), (57, None)])
def test_an_administration_too_soon_is_an_ask(on: int, then: str | None) -> None:
    what = schedule(FOUR, rules=(rule("keep"),), gap="26 days")
    assert assess(what, took(1, 0), took(2, 31), took(3, on))[2].then == then


def test_a_horizon_includes_its_last_day_and_a_year_excludes_the_day_a_year_later() -> None:
    course = Course(schedule(FOUR), "c", START, log=())
    assert len(list(within(course, Horizon(until=day(28))))) == 2
    assert len(list(within(course, Horizon(until=day(27))))) == 1
    assert len(list(within(course, Horizon(count=5)))) == 5
    assert Horizon.a_year_from(START).until == date(2027, 1, 4)


LATENESS = st.lists(st.integers(0, 6), max_size=6)
PLANS = st.sampled_from(
    [
        (LOADING, every("4 weeks", "6 weeks")),
        (every("1 week", count=3), every("1 month", "1 month")),
        (every("1 month"),),
    ]
)


def lived(what: Schedule, lateness: list[int]) -> tuple[Given, ...]:
    log: tuple[Given, ...] = ()
    for number, days in enumerate(lateness, 1):
        target = assess(what, *log, count=number)[-1].target
        log = (*log, Given(number, target + timedelta(days=days), ("left-thigh",)))
    return log


@given(PLANS, LATENESS, st.sampled_from(["keep", "shift", "ask"]), st.none() | st.integers(0, 400))
def test_targets_strictly_increase_and_planning_again_is_the_same(
    timings: tuple[Listed | Repeating, ...], lateness: list[int], then: str, today: int | None
) -> None:
    what = schedule(*timings, rules=(rule(then),))
    log = lived(what, lateness)
    found = assess(what, *log, count=14)
    targets = [each.target for each in found]
    assert targets == sorted(set(targets))
    assert assess(what, *log, today=today) == assess(what, *log, today=today)


@given(PLANS, LATENESS)
def test_keep_never_moves_a_date(
    timings: tuple[Listed | Repeating, ...], lateness: list[int]
) -> None:
    what = schedule(*timings, rules=(rule("keep"),))
    assert offsets(assess(what, *lived(what, lateness), count=14)) == offsets(
        assess(what, count=14)
    )


def test_of_two_doses_without_a_rule_the_older_is_missed_and_its_question_asked_first() -> None:
    """One dose is dated today; of the one passed over the question stays open."""
    found = assess(schedule(FOUR), took(1, 0), today=60, count=4)
    assert [each.status for each in found[1:4]] == [Status.MISSED, Status.LATE, Status.UPCOMING]
    assert [each.then for each in found[1:4]] == [None, Then.ASK, None]
    assert QuestionOpen(2) in found[2].reasons
    assert Provisional(3, given=False) in found[3].reasons


def test_a_list_holds_one_that_a_dose_given_beyond_its_end_stands_for() -> None:
    """Dose 2 given on day 60 stands for dose 3 of day 56, which lies within the list."""
    of = Course(schedule(FOUR, rules=(rule("keep"),)), "c", day(0), log=(took(1, 0), took(2, 60)))
    found = within(of, Horizon(until=day(58)))
    assert [each.number for each in found] == [1, 3]


def test_when_a_site_was_used_goes_by_the_day_and_not_by_the_order_of_entry() -> None:
    record = history_of(
        (Given(2, day(28), ("left-thigh",)), Given(3, day(60), ("left-thigh",)),
         Given(1, day(0), ("left-thigh",)))
    )  # fmt: skip
    assert record.used_before(day(70), 4) == {"left-thigh": (day(60), 3)}
    assert record.used_before(day(60), 3) == {"left-thigh": (day(28), 2)}
