"""The date rules DATE-1 to DATE-5: one test each, which fails for every other reading."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dosecal.model.dates import Interval, add_months, at_wall_time
from dosecal.model.quantities import parse_amount
from dosecal.model.schedule import NO_SITES, DoseBand, Listed, Phase, Repeating, Window
from dosecal.plan.late import acceptable
from dosecal.plan.timeline import Timeline, targets

DOSE = DoseBand(parse_amount("120 mg"), 1)
START = date(2026, 1, 31)


def phase(timing: Listed | Repeating, window: Window | None = None) -> Phase:
    return Phase("p", (DOSE,), timing, "subcutaneous", NO_SITES, ("s",), window)


def repeating(every: Interval, begins: Interval, doses: int | None = None) -> Phase:
    return phase(Repeating(every, begins, doses=doses))


def first(phases: tuple[Phase, ...], start: date, count: int) -> list[date]:
    return list(islice(targets(phases, start), count))


def months_on(day: date, months: int) -> date:
    """Count the calendar by hand: years and months as one number, then the shorter day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def test_date_1_targets_are_counted_from_start_never_from_the_target_before() -> None:
    """DATE-1: start + offset.

    Against "from the target before": 31 January, month by month, would drift to the 28th at the
    first February and stay there. Against "offsets count from 1": day 0 is the start itself.
    """
    monthly = repeating(Interval(1, "month"), Interval(0, "month"))
    found = first((monthly,), START, 14)
    assert found[0] == START
    assert [day.day for day in found] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28]
    listed = phase(Listed("week", (0, 1, 2)))
    fours = repeating(Interval(4, "week"), Interval(6, "week"))
    weeks = [(day - START).days // 7 for day in first((listed, fours), START, 6)]
    assert weeks == [0, 1, 2, 6, 10, 14]


def test_date_2_calendar_months_end_on_the_months_last_day_and_add_up_first() -> None:
    """DATE-2: weeks are 7 days; months are calendar months, added up and then applied.

    Against "a month is 4 weeks or 30 days", "31 January + 1 month is 3 March", "months applied one
    by one" (31 March would be 28 March), and "the end of a month sticks" (28 February + 1 month is
    28 March). Four years of starts, one of them a leap year, by 24 months either way.
    """
    day = date(2027, 1, 1)
    while day < date(2031, 1, 1):
        for months in range(-24, 25):
            assert add_months(day, months) == months_on(day, months), (day, months)
        day += timedelta(days=1)
    assert add_months(START, 1) == date(2026, 2, 28)
    assert add_months(START, 2) == date(2026, 3, 31)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert add_months(date(2026, 2, 28), 1) == date(2026, 3, 28)
    every_2 = repeating(Interval(2, "month"), Interval(3, "month"))
    assert first((every_2,), START, 3) == [date(2026, 4, 30), date(2026, 6, 30), date(2026, 8, 31)]
    from_day_28 = repeating(Interval(1, "month"), Interval(28, "day"))
    assert first((from_day_28,), date(2026, 1, 3), 3) == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]
    assert Interval(4, "week").after(START) == date(2026, 2, 28)
    assert Interval(1, "year").months == 12


def test_date_3_both_ends_of_a_window_are_inside_it() -> None:
    """DATE-3: earliest and latest are both inclusive.

    Against a half-open window (the last day would be late), and against a window counted with the
    target as its first day (it would be one day shorter). A window in months obeys DATE-2.
    """
    window = Window(Interval(3, "day"), Interval(1, "week"))
    assert acceptable(window, date(2026, 3, 2)) == (date(2026, 2, 27), date(2026, 3, 9))
    assert acceptable(None, START) == (START, START)
    monthly = Window(Interval(1, "month"), Interval(1, "month"))
    assert acceptable(monthly, date(2026, 3, 31)) == (date(2026, 2, 28), date(2026, 4, 30))


def test_date_4_a_time_of_day_is_wall_time_where_the_patient_lives() -> None:
    """DATE-4: 09:00 stays 09:00; a skipped time moves by the gap; the first of two is meant.

    Against "a fixed number of hours" (09:00 would become 10:00 in summer), "a skipped time is
    refused or moves back", and "the second of two". Lord Howe's clocks change by half an hour.
    """
    berlin, york = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
    howe = ZoneInfo("Australia/Lord_Howe")
    for zone, offsets in ((berlin, (1, 2)), (york, (-5, -4)), (howe, (11, 10.5))):
        for day, hours in zip((date(2025, 1, 15), date(2025, 7, 15)), offsets, strict=True):
            at = at_wall_time(day, time(9), zone)
            assert (at.date(), at.time()) == (day, time(9))
            assert at.utcoffset() == timedelta(hours=hours)
    skipped = [
        (berlin, date(2025, 3, 30), time(2, 30), datetime(2025, 3, 30, 1, 30), time(3, 30)),
        (york, date(2025, 3, 9), time(2, 30), datetime(2025, 3, 9, 7, 30), time(3, 30)),
        (howe, date(2025, 10, 5), time(2, 10), datetime(2025, 10, 4, 15, 40), time(2, 40)),
        (berlin, date(2025, 3, 30), time(2, 0), datetime(2025, 3, 30, 1, 0), time(3, 0)),
    ]
    twice = [
        (berlin, date(2025, 10, 26), time(2, 30), datetime(2025, 10, 26, 0, 30), time(2, 30)),
        (york, date(2025, 11, 2), time(1, 30), datetime(2025, 11, 2, 5, 30), time(1, 30)),
        (howe, date(2025, 4, 6), time(1, 45), datetime(2025, 4, 5, 14, 45), time(1, 45)),
    ]
    for zone, day, clock, instant, shown in (*skipped, *twice):
        at = at_wall_time(day, clock, zone)
        assert at.astimezone(UTC).replace(tzinfo=None) == instant
        assert (at.date(), at.time(), at.fold) == (day, shown, 0)


def test_date_5_a_phase_ends_before_the_next_begins() -> None:
    """DATE-5: a phase's end is exclusive.

    Against an inclusive end (two doses on the day on which the next phase begins, or the old dose
    in place of the new one), and against an end that leaves out the last target before that day.
    """
    weekly = repeating(Interval(1, "week"), Interval(0, "week"))
    for begins, count in ((27, 4), (28, 4), (29, 5)):
        then = repeating(Interval(4, "week"), Interval(begins, "day"))
        timeline = Timeline.begin((weekly, then), START)
        assert timeline.segments[0].count == count
        slot = timeline.slot(count + 1)
        assert slot is not None
        assert timeline.phase(slot) is then
        found = first((weekly, then), START, 8)
        assert found == sorted(set(found))
        assert found[count] == START + timedelta(days=begins)
