"""The public API does the whole job: nothing but `dosecal.__all__` is imported here."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import dosecal
from dosecal import (
    Amount,
    AssessedDose,
    Avoid,
    Choice,
    ChoicesOpenError,
    Chosen,
    Course,
    CourseFileError,
    Decided,
    DoseBand,
    DosecalError,
    Extra,
    Given,
    Hold,
    HoldEnd,
    Horizon,
    Interval,
    Listed,
    MissedRule,
    Moved,
    Phase,
    Problem,
    QuantityError,
    Refusal,
    RefusedError,
    Repeating,
    RequestError,
    Schedule,
    ScheduleFileError,
    SiteRules,
    Skipped,
    Source,
    Status,
    Stepped,
    Stocked,
    Stopped,
    Then,
    UnsoundError,
    Void,
    Weighed,
    Zoned,
    advise,
    calendar,
    choose,
    course_bytes,
    decide,
    dose_object,
    doses,
    end_hold,
    entry_bytes,
    hold,
    load,
    move,
    read_course,
    read_schedule,
    record,
    record_extra,
    schedule_bytes,
    skip,
    status_object,
    step,
    stop,
    supply,
    upcoming,
    void,
    weigh,
    within,
    zone,
)

START = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
NETAKIMAB = load("netakimab-psoriasis")
FIRST = DoseBand(Amount(Decimal(10), "mg"), 1)
LOADING = Phase("loading", (FIRST,), Listed("week", (0, 1)), "subcutaneous", SiteRules(()), ("a",))
EVERY = Repeating(Interval(10, "week"), Interval(4, "week"))
MAINTENANCE = Phase(
    "maintenance", (FIRST,), EVERY, "subcutaneous", SiteRules(()), ("a",),
    choices=(Choice("every", Interval(10, "week"), Interval(14, "week"), sources=("a",)),),
)  # fmt: skip
OPEN = Schedule("own", "testumab", (LOADING, MAINTENANCE), (Source("a", "A trial", "trial"),))


def course(**fields: Any) -> Course:
    return Course(NETAKIMAB, id="5f0c", start=START, **fields)


def entry(of: Course) -> Any:
    assert of.log
    return of.log[-1]


def test_the_way_of_a_program_through_a_course() -> None:
    begun = course(clock=time(9), zone="Europe/Moscow", language="ru")
    file = course_bytes(begun)
    assert read_course(file) == begun._replace(log=())

    first = record(begun, on=START, today=START, recorded=NOW)
    file += entry_bytes(entry(first))
    assert read_course(file) == first
    assert begun.log is None

    advice = advise(first, START + timedelta(days=7))
    assert advice.dose is not None
    assert (advice.dose.number, advice.dose.status) == (2, Status.DUE)
    assert [each.number for each in upcoming(first, START + timedelta(days=1), count=2)] == [2, 3]
    assert len(upcoming(first, START)) == 6
    assert len(upcoming(first, START, until=date(2027, 12, 1))) > 6
    assert [each.number for each in within(first, Horizon(count=3))] == [1, 2, 3]

    text = calendar(first).decode()
    assert "Инъекция" in text
    assert text == calendar(first, "ru").decode()
    assert "Injection" in calendar(first, "en").decode()
    assert "netakimab" in calendar(first, "en", title="medicine", count=2).decode().lower()
    assert calendar(first, "en", first=date(2027, 1, 1), count=1).count(b"BEGIN:VEVENT") == 1
    assert calendar(first, remind=()).count(b"VALARM") == 0

    stands = json.loads(json.dumps(status_object(first, advice, "en")))
    assert stands["dose"]["number"] == 2
    assert stands["dose"] == dose_object(first, advice.dose, "en")


ENTRIES: dict[str, tuple[Callable[[Course], Course], object]] = {
    "record": (
        lambda of: record(of, on=date(2026, 12, 8), today=date(2026, 12, 9), dose=2, at=time(21),
            sites=("left-abdomen", "left-thigh"), lot="A1", expiry=date(2027, 6, 30), by="ward 3",
            note="sore", any_site=True, recorded=NOW),
        Given(2, date(2026, 12, 8), ("left-abdomen", "left-thigh"), None, "sore",
            NOW + timedelta(seconds=1), time(21), Amount(Decimal(120), "mg"), 2, "A1",
            date(2027, 6, 30), "ward 3"),
    ),
    "record_extra": (
        lambda of: record_extra(of, on=START, today=START, amount=Amount(Decimal(60), "mg"),
            sites=("left-thigh",)),
        Extra(START, Amount(Decimal(60), "mg"), 1, ("left-thigh",)),
    ),
    "skip": (lambda of: skip(of, 3, today=START, note="fever"), Skipped(3, "fever")),
    "move": (
        lambda of: move(of, 3, to=date(2026, 12, 17), today=START, then=Then.SHIFT, decided=True),
        Moved(3, date(2026, 12, 17), Then.SHIFT, decided=True),
    ),
    "hold": (lambda of: hold(of, first=START, reason="cold"), Hold(START, None, "cold")),
    "end_hold": (
        lambda of: end_hold(hold(of, first=START), on=date(2026, 12, 5)),
        HoldEnd(date(2026, 12, 5)),
    ),
    "weigh": (lambda of: weigh(of, Decimal("72.5"), on=START), Weighed(Decimal("72.5"), START)),
    "step": (
        lambda of: step(of, "maintenance", on=date(2027, 1, 4), decided=True),
        Stepped("maintenance", date(2027, 1, 4), decided=True),
    ),
    "stop": (lambda of: stop(of, on=date(2027, 2, 1)), Stopped(date(2027, 2, 1))),
    "zone": (
        lambda of: zone(of, "Asia/Tokyo", on=date(2027, 2, 1), clock=time(8)),
        Zoned("Asia/Tokyo", date(2027, 2, 1), time(8)),
    ),
    "supply": (lambda of: supply(of, on=START, count=4), Stocked(START, count=4)),
    "decide": (
        lambda of: decide(
            record(of, on=date(2026, 12, 11), today=date(2026, 12, 11)), 2, Then.SHIFT
        ),
        Decided(2, Then.SHIFT),
    ),
    "void": (lambda of: void(of, 1), Void(1)),
    "void of a kind": (lambda of: void(hold(of, first=START), of="hold"), Void(None, "hold")),
}  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_a_function_from_a_course_to_a_course(name: str) -> None:
    make, made = ENTRIES[name]
    before = record(course(), on=START, today=START, recorded=NOW)
    after = make(before)
    assert entry(after) == made
    assert before.log is not None
    assert after.log is not None
    assert after.log[: len(before.log)] == before.log
    assert read_course(course_bytes(after)) == after


def test_a_choice_is_made_from_a_day_on() -> None:
    begun = Course(OPEN, id="1", start=START)
    with pytest.raises(ChoicesOpenError, match="10 to 14 weeks"):
        list(within(begun, Horizon(count=4)))
    begun = begun._replace(choices=(Chosen("maintenance", "every", "12 weeks"),))
    after = choose(begun, "maintenance", "every", "14 weeks", first=date(2027, 2, 1))
    assert entry(after) == Chosen("maintenance", "every", "14 weeks", date(2027, 2, 1))
    planned = [dose.target for dose in within(after, Horizon(count=4))]
    assert (planned[3] - planned[2]).days == 98
    with pytest.raises(QuantityError, match="outside the range"):
        choose(begun, "maintenance", "every", "9 weeks", first=START)


def test_a_step_to_another_schedule_brings_it_along() -> None:
    other = load("adalimumab-psoriasis")
    phase = other.phases[-1].name
    after = step(course(), phase, on=date(2027, 3, 1), schedule=other, decided=True)
    assert after.others == (("adalimumab-psoriasis", other),)
    assert read_course(course_bytes(after)) == after
    again = step(after, phase, on=date(2027, 6, 1), schedule=other, decided=True)
    assert again.others == after.others
    changed = other._replace(brand="Otherwise")
    with pytest.raises(RequestError, match='another schedule by the name "adalimumab-psoriasis"'):
        step(after, phase, on=date(2027, 6, 1), schedule=changed, decided=True)


def test_the_first_entry_of_a_course_without_a_log_begins_one() -> None:
    without = course()
    today = date(2026, 12, 20)
    advice = advise(without, today)
    assert advice.last_given is not None
    assert advice.last_given.number == 3
    after = record(without, on=START, today=today)
    assert entry(after).dose == 1
    found = advise(after, today)
    assert found.last_given is not None
    assert found.last_given.number == 1


def test_entries_are_in_order_of_time_whatever_the_caller_says() -> None:
    after = record(course(), on=START, today=START, recorded=NOW)
    after = skip(after, 2, today=START, recorded=NOW - timedelta(days=1))
    assert entry(after).recorded == NOW + timedelta(seconds=1)
    assert entry(skip(after, 3, today=START)).recorded is None


def test_an_entry_that_contradicts_the_log_is_refused() -> None:
    after = record(course(), on=START, today=START)
    with pytest.raises(RefusedError) as refused:
        record(after, on=START, today=START, dose=1)
    assert refused.value.why is Refusal.ALREADY_GIVEN
    assert refused.value.values["dose"] == 1
    for slip in ({}, {"dose": 1, "of": "hold"}):
        with pytest.raises(RequestError, match="by a dose or by a kind"):
            void(after, **slip)  # type: ignore[arg-type]


def test_files_that_are_wrong_name_every_problem() -> None:
    with pytest.raises(CourseFileError) as course_error:
        read_course(b"format = 1\n", "anna.toml")
    assert course_error.value.file == "anna.toml"
    assert len(course_error.value.problems) == 3
    with pytest.raises(ScheduleFileError, match=r"^x\.toml: "):
        read_schedule(b"format = 1\n", "x")
    with pytest.raises(RequestError, match="no schedule"):
        load("nothing")


def test_a_schedule_is_written_as_its_file() -> None:
    again = read_schedule(schedule_bytes(OPEN), "own")
    assert again == OPEN
    named = course_bytes(Course(OPEN, id="1", start=START), "schedules/own.toml")
    assert read_course(named, find=lambda name: {"schedules/own.toml": OPEN}[name]).schedule == OPEN


def with_phase(**fields: Any) -> Schedule:
    return OPEN._replace(phases=(LOADING._replace(**fields), MAINTENANCE))


def with_amount(value: Any, unit: str) -> Schedule:
    return with_phase(bands=(DoseBand(Amount(value, unit), 1),))


STATED: Any = "2026-12-01"
UNSOUND: list[tuple[Any, tuple[str, ...]]] = [
    (course(weight_kg=72), ("weight_kg",)),
    (course(weight_kg=Decimal(-3), zone="Mars/Olympus"), ("timezone", "weight_kg")),
    (course(clock=time(9)), ("timezone",)),
    (course()._replace(start=STATED), ("start",)),
    (course()._replace(start=datetime(2026, 12, 1)), ("start",)),
    (course()._replace(start=date(1526, 12, 1)), ("start",)),
    (course(caregiver=1), ("caregiver",)),
    (course()._replace(id=" "), ("id",)),
    (course(avoid=(Avoid("left-knee"),)), ("avoid[1].site",)),
    (course(avoid=[Avoid("left-thigh")]), ("avoid",)),
    (course(avoid=(Avoid("left-thigh", START, date(2026, 1, 1)),)), ("avoid[1].until",)),
    (course(sites=("left-hip",)), ("sites",)),
    (course(log=(Given(1, START), Given(1, START))), ("given[2]",)),
    (course(log=(Given(1, START, sites=None),)), ("given[1].sites",)),
    (course(log=(Given(True, START),)), ("log[1].dose",)),
    (course(log=(Given(1, START, recorded=datetime(2026, 12, 1)),)), ("given[1].recorded",)),
    (course(log=(Given(1, START, then="keep"),)), ("log[1].then",)),  # type: ignore[arg-type]
    (course(log=("skipped", 3)), ("log[1]", "log[2]")),
    (course(others=(("x",),)), ("others[1]",)),
    (course(choices=(Chosen("loading", "every", "soon"),)), ("choices.loading.every",)),
    (NETAKIMAB, ("",)),
    (Course(with_amount(Decimal(-5), "stone"), "1", START), ("schedule.phase[1].dose",)),
    (Course(with_amount(120, "mg"), "1", START), ("schedule.phases[1].bands[1].amount.value",)),
    (Course(with_amount(Decimal("NaN"), "mg"), "1", START), ("schedule.phase[1].dose",)),
    (Course(with_phase(timing=None), "1", START), ("schedule.phases[1].timing",)),
    (Course(with_phase(timing=Listed("week", (0, 5))), "1", START), ("schedule.phase[2]",)),
    (Course(with_phase(sources=("b",)), "1", START), ("schedule.phase[1].source",)),
    (
        Course(OPEN._replace(missed=(MissedRule("keep", ("a",)),)), "1", START),  # type: ignore[arg-type]
        ("schedule.missed[1].then",),
    ),
    (course(others=(("x", with_phase(route="by mouth")),)), ("others[1].phase[1].route",)),
]


@pytest.mark.parametrize(("wrong", "places"), UNSOUND, ids=lambda each: str(each)[:40])
def test_nothing_is_planned_that_a_file_could_not_say(wrong: Any, places: tuple[str, ...]) -> None:
    uses: tuple[Callable[[], object], ...] = (
        lambda: doses(wrong),
        lambda: within(wrong, Horizon(count=1)),
        lambda: upcoming(wrong, START),
        lambda: advise(wrong, START),
        lambda: calendar(wrong),
        lambda: course_bytes(wrong),
        lambda: record(wrong, on=START, today=START),
        lambda: step(wrong, "maintenance", on=START),
    )
    for use in uses:
        with pytest.raises(UnsoundError) as refused:
            use()
        assert tuple(each.where for each in refused.value.problems) == places
        problems: tuple[Problem, ...] = refused.value.problems
        assert all(each.what for each in problems)


def test_what_equals_a_sound_value_and_is_another_is_looked_at() -> None:
    good = course(log=(Given(1, START),))
    advise(good, START)
    alike = good._replace(log=(Given(True, START),))
    assert alike == good
    with pytest.raises(UnsoundError):
        advise(alike, START)


def test_what_is_recorded_is_held_to_what_a_file_may_say() -> None:
    with pytest.raises(UnsoundError, match="lot"):
        record(course(), on=START, today=START, lot="x" * 81)
    with pytest.raises(UnsoundError, match="recorded"):
        record(course(), on=START, today=START, recorded=datetime(2026, 12, 1, 9))
    with pytest.raises(UnsoundError, match="timezone"):
        zone(course(), "Moscow time", on=START)


def test_every_public_name_is_there_and_documented() -> None:
    listed = dosecal.__all__
    assert listed == sorted(set(listed))
    assert set(listed) <= set(dir(dosecal))
    for name in listed:
        found = getattr(dosecal, name)
        assert name == "__version__" or found.__doc__ or name == "Entry"
    assert issubclass(UnsoundError, DosecalError)
    assert AssessedDose.__doc__
    with pytest.raises(AttributeError, match="no attribute 'calender'"):
        dosecal.calender  # noqa: B018


def test_no_other_name_is_used_here() -> None:
    tree = ast.parse(Path(__file__).read_text("utf-8"))
    modules = [each.module for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    named = [
        name.name for each in ast.walk(tree) if isinstance(each, ast.Import) for name in each.names
    ]
    used = {each for each in (*modules, *named) if each and each.startswith("dosecal")}
    assert used == {"dosecal"}


def test_importing_costs_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import dosecal; "
        "print(*sorted(set(sys.modules) - before))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert [each for each in found if each.startswith("dosecal")] == ["dosecal"]


def test_the_calendar_is_a_function_whatever_was_imported_before() -> None:
    code = "import dosecal.ical.events; from dosecal import calendar; print(callable(calendar))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "True\n"
