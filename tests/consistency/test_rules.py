"""Missed-dose rules that no dose can meet are found, and no other is called so."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosecal.consistency.rules import rule_problems
from dosecal.model.dates import parse_interval_range
from dosecal.model.quantities import parse_number_range
from dosecal.model.schedule import Bound, Clock, MissedRule, Then
from dosecal.plan.late import Known, acceptable, judge
from dosecal.plan.timeline import Timeline
from test_schedule_file import GOOD, STARTS, problems, read

RULE = '[[missed]]\n{}\nthen = "keep"\nsource = "label"\n'


@pytest.mark.parametrize(
    ("rules", "dead"),
    [
        (['late = "<= 7 days"', 'late = "<= 14 days"', ""], []),
        (['late = "<= 1 month"', 'late = "<= 31 days"'], []),  # a month may have 28 days
        (['late = "<= 31 days"', 'late = "<= 1 month"'], [2]),
        (['late = "<= 1 month"', 'late = "<= 28 days"'], [2]),
        (['late = "<= 2 days"', 'late = ">= 3 days"', ""], [3]),
        (['late = "<= 2 days"', 'late = "> 3 days"', ""], []),
        (['phases = ["loading"]', 'phases = ["maintenance"]', ""], [3]),
        (['phases = ["loading"]', 'doses = "3-4"', ""], []),
        (['doses = "1-3"', 'phases = ["loading"]\nlate = "<= 1 day"'], [2]),
        (['doses = "<= 3"', 'doses = ">= 4"', 'late = "<= 6 weeks"'], [3]),
        # in its window, after a dose that was missed, since_last still speaks
        (['doses = "<= 3"', 'doses = ">= 4"', 'since_last = "<= 6 weeks"'], []),
        (['late = "> 3 days, <= 7 days"', 'late = "<= 7 days"', 'late = "<= 5 days"'], [3]),
        (['late = "> 3 days, <= 7 days"', 'late = ">= 4 days, < 7 days"'], [2]),
        (['late = "> 3 days, < 5 days"', ""], []),
        (['since_last = "<= 5 weeks"', 'late = "<= 2 days"\nsince_last = "<= 6 weeks"'], []),
        (['since_last = "<= 6 weeks"', 'late = "<= 2 days"\nsince_last = "<= 6 weeks"'], [2]),
        (['late = "<= 2 days"\nsince_last = "<= 6 weeks"', 'late = "<= 2 days"'], []),
        (['missed_in_a_row = "2"', 'missed_in_a_row = ">= 2"', 'missed_in_a_row = "3"'], [3]),
        (['since_start = "<= 8 weeks"', 'since_start = "<= 9 weeks"'], []),
        (['since_start = "<= 9 weeks"', 'since_start = "<= 8 weeks"'], [2]),
        (['since_last = "<= 6 weeks"', 'since_last = "<= 5 weeks"'], [2]),
        (['since_last = "<= 6 weeks"', 'since_last = "> 6 weeks"', ""], []),  # and dose 1
        (['until_next = ">= 3 days"', 'until_next = "< 3 days"'], []),
        (['until_next = ">= 3 days"', 'until_next = ">= 4 days"\ndoses = "2"'], [2]),
        (['until_next = ">= 3 days"', 'since_last = "<= 5 weeks"', 'late = "<= 7 days"'], []),
        (['doses = "99"\nsince_last = "<= 5 weeks"'], []),
        (['doses = "1-2"\nsince_last = "<= 5 weeks"'], []),
    ],
)
def test_a_rule_that_no_dose_meets_is_a_problem(rules: list[str], dead: list[int]) -> None:
    found = problems(GOOD + "".join(map(RULE.format, rules)))
    assert [each.partition(": never reached")[0] for each in found] == [
        f"missed[{number}]" for number in dead
    ]


@pytest.mark.parametrize("doses", ["", "doses = 2", "doses = 3"])
@pytest.mark.parametrize("rule", ['since_last = "<= 6 weeks"', 'until_next = ">= 3 days"'])
def test_the_first_dose_of_one_phase_speaks_for_itself_alone(rule: str, doses: str) -> None:
    text = GOOD[: GOOD.index("[[phase]]")] + GOOD[GOOD.rindex("[[phase]]") :]
    assert problems(text.replace('from = "', f'{doses}\nfrom = "') + RULE.format(rule)) == []


ENDS = st.builds(
    "{} {}".format,
    st.sampled_from(["<=", "<", ">", ">="]),
    st.sampled_from(["1 day", "2 days", "7 days", "28 days", "1 month"]),
).map(parse_interval_range)
RANGES = st.lists(ENDS, min_size=1, max_size=2).map(tuple)
ROWS = st.sampled_from(["1", "2", ">= 2", "2-3"]).map(parse_number_range)
NUMBERS = st.sampled_from(["1", "2-4", ">= 4"]).map(parse_number_range)
TIMED = (Clock.LATE, Clock.UNTIL_NEXT, Clock.SINCE_LAST, Clock.SINCE_START)
CLOCKS = st.lists(
    st.builds(Bound, st.sampled_from(TIMED), RANGES, st.none())
    | st.builds(Bound, st.just(Clock.MISSED_IN_A_ROW), st.just(()), ROWS),
    max_size=2, unique_by=lambda bound: bound.clock,
).map(tuple)  # fmt: skip
RULES = st.builds(
    lambda clocks, phases, doses: MissedRule(Then.KEEP, (), clocks, phases, doses),
    CLOCKS, st.sampled_from([(), ("loading",), ("maintenance",)]), st.none() | NUMBERS,
)  # fmt: skip
DAYS = (0, 1, 2, 7, 8, 28, 29, 31, 32)


@given(st.lists(RULES, min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_rule_called_dead_answers_for_no_dose_on_no_day(rules: list[MissedRule]) -> None:
    """`judge` names it for none of the doses, on whatever day and after whatever came before."""
    named = tuple(rule._replace(sources=(str(n),)) for n, rule in enumerate(rules, 1))
    schedule = read(GOOD)._replace(missed=named)
    dead = {
        each.where.partition(".")[0]
        for each in rule_problems(schedule)
        if each.what.startswith(("never reached", "no day meets"))
    }
    timeline = Timeline.begin(schedule.phases, STARTS[0])
    answers = set()
    for number in (1, 2, 3, 4, 5):
        slot, after = timeline.slot(number), timeline.slot(number + 1)
        assert slot
        assert after
        target, phase = timeline.target(slot), timeline.phase(slot)
        edges = acceptable(phase.window, target)
        for late, since, row in product(DAYS, DAYS, (0, 1, 2)):
            on = target + timedelta(days=late)
            last = on - timedelta(days=since) if number > 1 else None
            coming = timeline.target(after)
            start = on - timedelta(days=since)
            dose = Known(phase, slot.position, target, *edges, coming, coming, last, start, row,
                         interrupted=row > 0)  # fmt: skip
            answers |= set(judge(schedule, dose, on).sources)
    assert not {f"missed[{each}]" for each in answers} & dead
