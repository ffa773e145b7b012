"""The next site: hard rules first, then the least recently used, then the listed order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.model.course import Avoid
from dosecal.model.dates import Interval
from dosecal.model.reasons import TooFewSites
from dosecal.model.schedule import ALL_SITES, REGIONS, SiteRules, sites_of
from dosecal.plan.rotation import Person, choose_sites, survey

DAY = date(2026, 3, 2)
TWO = SiteRules(("thigh", "abdomen"))
NEVER = (date.min, 0)
HELPED = SiteRules(("thigh", "upper arm"), caregiver_only=("upper arm",))


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def used_ago(days: int, number: int = 1) -> tuple[date, int]:
    return ago(days), number


def test_left_before_right() -> None:
    assert sites_of("upper arm") == ("left-upper-arm", "right-upper-arm")
    assert len(ALL_SITES) == 3 * len(REGIONS)


def test_rotation_goes_through_the_listed_order_and_begins_again() -> None:
    used: dict[str, tuple[date, int]] = {}
    found: list[str] = []
    for week in range(6):
        day = DAY + timedelta(weeks=week)
        chosen = choose_sites(TWO, 1, day, used)
        assert not isinstance(chosen, TooFewSites)
        found += chosen
        used |= dict.fromkeys(chosen, (day, week))
    once = ["left-thigh", "right-thigh", "left-abdomen", "right-abdomen"]
    assert found == [*once, *once[:2]]


def test_the_least_recently_used_comes_first_and_ties_stay_as_listed() -> None:
    used = {"left-thigh": used_ago(3), "right-thigh": used_ago(9), "left-abdomen": used_ago(9)}
    expected = ("right-abdomen", "right-thigh", "left-abdomen", "left-thigh")
    assert choose_sites(TWO, 4, DAY, used) == expected


@pytest.mark.parametrize(("days", "free"), [(13, False), (14, True), (15, True)])
def test_after_n_days_of_rest_a_site_is_free_on_the_nth(days: int, free: bool) -> None:
    rules = SiteRules(("thigh",), rest=Interval(14, "day"))
    used = {"left-thigh": used_ago(days), "right-thigh": used_ago(1)}
    chosen = choose_sites(rules, 1, DAY, used)
    if free:
        assert chosen == ("left-thigh",)
    else:
        resting = (("left-thigh", DAY + timedelta(days=1)), ("right-thigh", ago(-13)))
        assert chosen == TooFewSites(1, (), (), (), resting)


@pytest.mark.parametrize(
    ("first", "last", "avoided"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (DAY, None, True),
        (None, DAY, True),
        (ago(-1), None, False),
        (None, ago(1), False),
    ],
)
def test_both_ends_of_an_avoided_time_are_avoided(
    first: date | None, last: date | None, avoided: bool
) -> None:
    chosen = choose_sites(TWO, 1, DAY, {}, Person((Avoid("left-thigh", first, last),)))
    assert chosen == (("right-thigh",) if avoided else ("left-thigh",))


def test_some_regions_are_for_a_caregiver_alone() -> None:
    used = {"left-thigh": used_ago(7), "right-thigh": used_ago(7)}
    assert choose_sites(HELPED, 1, DAY, used) == ("left-thigh",)
    assert choose_sites(HELPED, 1, DAY, used, Person(caregiver=True)) == ("left-upper-arm",)


def test_too_few_sites_say_why_and_no_rule_is_relaxed() -> None:
    avoid = Avoid("left-thigh", reason="scar")
    assert choose_sites(HELPED, 2, DAY, {}, Person((avoid,))) == TooFewSites(
        2, ("right-thigh",), ("left-upper-arm", "right-upper-arm"), (avoid,), ()
    )


def test_one_site_takes_all_injections_of_a_dose() -> None:
    rules = SiteRules(("thigh",), one_site=True)
    assert choose_sites(rules, 3, DAY, {"left-thigh": used_ago(7)}) == ("right-thigh",) * 3


def test_without_regions_there_is_nothing_to_choose() -> None:
    assert choose_sites(SiteRules(()), 1, DAY, {}) == ()


def as_the_rules_say(
    rules: SiteRules,
    day: date,
    used: dict[str, tuple[date, int]],
    avoid: tuple[Avoid, ...],
    caregiver: bool,
) -> list[str]:
    """Return the sites that no hard rule bars, least recently used first, then as listed."""
    free = []
    for region in rules.regions:
        for site in sites_of(region):
            last = used.get(site, NEVER)[0]
            rested = last != day and (
                not rules.rest or site not in used or rules.rest.after(last) <= day
            )
            offered = caregiver or region not in rules.caregiver_only
            if offered and rested and not any(each.site == site and each.on(day) for each in avoid):
                free.append(site)
    return sorted(free, key=lambda site: used.get(site, NEVER))


@given(
    st.lists(st.sampled_from(REGIONS), unique=True, min_size=1),
    st.integers(1, 8),
    st.dictionaries(
        st.sampled_from(ALL_SITES), st.tuples(st.dates(ago(60), DAY), st.integers(1, 9))
    ),
    st.sets(st.sampled_from(ALL_SITES)),
    st.none() | st.integers(1, 30),
    st.booleans(),
)
def test_no_site_twice_in_a_dose_and_the_same_answer_each_time(
    regions: list[str],
    injections: int,
    used: dict[str, tuple[date, int]],
    avoided: set[str],
    rest: int | None,
    caregiver: bool,
) -> None:
    rules = SiteRules(tuple(regions), ("upper arm",), Interval(rest, "day") if rest else None)
    avoid = tuple(map(Avoid, sorted(avoided)))
    person = Person(avoid, caregiver)
    before = dict(used)
    chosen = choose_sites(rules, injections, DAY, used, person)
    assert used == before
    mixed = dict(reversed(used.items()))
    assert choose_sites(rules, injections, DAY, mixed, person) == chosen
    free = as_the_rules_say(rules, DAY, used, avoid, caregiver)
    assert survey(rules, injections, DAY, used, person).free == tuple(free)
    if isinstance(chosen, TooFewSites):
        assert len(chosen.free) < chosen.needed == injections
        assert chosen.free == tuple(free)
        return
    assert chosen == tuple(free[:injections])
    assert len(set(chosen)) == len(chosen) == injections
    assert not avoided & set(chosen)
    assert caregiver or not any("arm" in site for site in chosen)
    assert not rest or all(used.get(site, NEVER)[0] <= ago(rest) for site in chosen)
    ages = [used.get(site, NEVER) for site in chosen]
    assert ages == sorted(ages)


def test_of_two_uses_on_one_day_that_of_the_lower_number_is_the_earlier() -> None:
    used = {"left-thigh": (ago(7), 3), "right-thigh": (ago(7), 2)}
    assert choose_sites(SiteRules(("thigh",)), 1, DAY, used) == ("right-thigh",)


def test_no_site_that_another_dose_of_the_day_has() -> None:
    used = {"left-thigh": (DAY, 3)}
    assert choose_sites(SiteRules(("thigh",)), 1, DAY, used) == ("right-thigh",)
    both = used | {"right-thigh": (DAY, 3)}
    tomorrow = DAY + timedelta(days=1)
    resting = (("left-thigh", tomorrow), ("right-thigh", tomorrow))
    assert choose_sites(SiteRules(("thigh",)), 1, DAY, both) == TooFewSites(1, (), (), (), resting)


def test_own_sites_in_their_own_order_among_those_that_the_schedule_allows() -> None:
    own = Person(own=("right-abdomen", "left-buttock", "left-thigh"))
    assert choose_sites(TWO, 2, DAY, {}, own) == ("right-abdomen", "left-thigh")


def test_a_region_that_is_one_area_has_one_site() -> None:
    rules = SiteRules(("abdomen", "thigh"), one_area=("abdomen",))
    assert choose_sites(rules, 3, DAY, {}) == ("abdomen", "left-thigh", "right-thigh")
