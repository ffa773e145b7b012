"""Where a schedule puts its doses: what is prepared once is what the date rules say each time."""

from datetime import date, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from dosecal.model.dates import Interval, Offset
from dosecal.model.schedule import NO_SITES, Listed, Phase, Repeating
from dosecal.plan.timeline import Segment, lay_out, targets
from dosecal.store import catalogue

DAYS = st.dates(date(1999, 1, 1), date(2120, 12, 31))


def phase(timing: Listed | Repeating) -> Phase:
    return Phase("p", (), timing, "subcutaneous", NO_SITES, ())


@st.composite
def listed(draw: st.DrawFn) -> Listed:
    counts = draw(st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True))
    return Listed(draw(st.sampled_from(("day", "week", "month"))), tuple(sorted(counts)))


@st.composite
def repeating(draw: st.DrawFn) -> Repeating:
    units = st.sampled_from(("day", "week", "month", "year"))
    if draw(st.booleans()):
        weekdays = draw(st.lists(st.integers(0, 6), min_size=1, unique=True))
        begins = Interval(draw(st.integers(0, 20)), draw(units))
        return Repeating(Interval(1, "week"), begins, weekdays=tuple(sorted(weekdays)))
    every = Interval(draw(st.integers(1, 9)), draw(units))
    inside = st.integers(0, every.days + 28 * every.months - 1)
    on_days = draw(st.lists(inside, max_size=3, unique=True))
    begins = Interval(draw(st.integers(0, 9)), draw(units))
    return Repeating(every, begins, on_days=tuple(sorted(on_days)))


def defined(segment: Segment, start: date, count: int) -> list[date]:
    """Return the first targets of a segment as DATE-1 and DATE-2 say them, one by one."""
    timing = segment.phase.timing
    if isinstance(timing, Listed):
        return [Offset.of(each, timing.unit).after(start) for each in timing.counts]
    begin = segment.begin.after(start)
    if timing.weekdays:
        days = (begin + timedelta(days=number) for number in range(7 * count))
        return [day for day in days if day.weekday() in timing.weekdays][:count]
    firsts = [segment.begin.plus(timing.every, index).after(start) for index in range(count)]
    on_days = timing.on_days or (0,)
    return [first + timedelta(days=day) for first in firsts for day in on_days][:count]


@given(listed() | repeating(), DAYS)
def test_every_target_is_start_plus_offset(timing: Listed | Repeating, start: date) -> None:
    (segment,) = lay_out((phase(timing),), start)
    wanted = defined(segment, start, 30)
    assert [segment.target(start, index) for index in range(len(wanted))] == wanted


@given(listed() | repeating(), DAYS, st.integers(0, 12), st.sampled_from(("week", "month")))
def test_a_phase_ends_before_the_next_begins_from_any_start(
    timing: Listed | Repeating, start: date, from_: int, unit: str
) -> None:
    """DATE-5, also where the phases were laid out before for another start."""
    later = Repeating(Interval(1, "month"), Interval(from_, unit))
    for day in (start, start + timedelta(days=17)):
        first, second = lay_out((phase(timing), phase(later)), day)
        end = Interval(from_, unit).after(day)
        wanted = defined(first, day, 375)
        if isinstance(timing, Repeating):
            wanted = [target for target in wanted if target < end]
        assert first.count == len(wanted) == second.first
        assert second.target(day, 0) == end


def test_the_catalogue_is_laid_out_the_same_from_every_start_that_days_decide() -> None:
    """Some of a year's starts, each twice and in another order: nothing is kept that depends."""
    starts = [date(2027, 1, 1) + timedelta(days=11 * number) for number in range(34)]
    for schedule in catalogue.schedules():
        once = [list(islice(targets(schedule.phases, start), 15)) for start in starts]
        again = [list(islice(targets(schedule.phases, start), 15)) for start in starts[::-1]]
        assert once == again[::-1]
