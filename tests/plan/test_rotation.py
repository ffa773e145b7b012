"""The next site: hard rules first, then the least recently used, then the listed order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecal.model.course import Avoid
from dosecal.model.dates import Interval
from dosecal.model.reasons import TooFewSites
from dosecal.model.schedule import ALL_SITES, REGIONS, SiteRules, sites_of
from dosecal.plan.rotation import choose_sites, survey

DAY = date(2026, 3, 2)
TWO = SiteRules(("thigh", "abdomen"))
HELPED = SiteRules(("thigh", "upper arm"), caregiver_only=("upper arm",))


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def test_left_before_right() -> None:
    assert sites_of("upper arm") == ("left-upper-arm", "right-upper-arm")
    assert len(ALL_SITES) == 8


def test_rotation_goes_through_the_listed_order_and_begins_again() -> None:
    used: dict[str, date] = {}
    found: list[str] = []
    for week in range(6):
        day = DAY + timedelta(weeks=week)
        chosen = choose_sites(TWO, 1, day, used)
        assert not isinstance(chosen, TooFewSites)
        found += chosen
        used |= dict.fromkeys(chosen, day)
    once = ["left-thigh", "right-thigh", "left-abdomen", "right-abdomen"]
    assert found == [*once, *once[:2]]


def test_the_least_recently_used_comes_first_and_ties_stay_as_listed() -> None:
    used = {"left-thigh": ago(3), "right-thigh": ago(9), "left-abdomen": ago(9)}
    expected = ("right-abdomen", "right-thigh", "left-abdomen", "left-thigh")
    assert choose_sites(TWO, 4, DAY, used) == expected


@pytest.mark.parametrize(("days", "free"), [(13, False), (14, True), (15, True)])
def test_after_n_days_of_rest_a_site_is_free_on_the_nth(days: int, free: bool) -> None:
    rules = SiteRules(("thigh",), rest=Interval(14, "day"))
    used = {"left-thigh": ago(days), "right-thigh": ago(1)}
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
    chosen = choose_sites(TWO, 1, DAY, {}, (Avoid("left-thigh", first, last),))
    assert chosen == (("right-thigh",) if avoided else ("left-thigh",))


def test_some_regions_are_for_a_caregiver_alone() -> None:
    used = {"left-thigh": ago(7), "right-thigh": ago(7)}
    assert choose_sites(HELPED, 1, DAY, used) == ("left-thigh",)
    assert choose_sites(HELPED, 1, DAY, used, caregiver=True) == ("left-upper-arm",)


def test_too_few_sites_say_why_and_no_rule_is_relaxed() -> None:
    avoid = Avoid("left-thigh", reason="scar")
    assert choose_sites(HELPED, 2, DAY, {}, (avoid,)) == TooFewSites(
        2, ("right-thigh",), ("left-upper-arm", "right-upper-arm"), (avoid,), ()
    )


def test_one_site_takes_all_injections_of_a_dose() -> None:
    rules = SiteRules(("thigh",), one_site=True)
    assert choose_sites(rules, 3, DAY, {"left-thigh": ago(7)}) == ("right-thigh",) * 3


def test_without_regions_there_is_nothing_to_choose() -> None:
    assert choose_sites(SiteRules(()), 1, DAY, {}) == ()


def as_the_rules_say(
    rules: SiteRules, day: date, used: dict[str, date], avoid: tuple[Avoid, ...], caregiver: bool
) -> list[str]:
    """Return the sites that no hard rule bars, least recently used first, then as listed."""
    free = []
    for region in rules.regions:
        for site in sites_of(region):
            rested = not rules.rest or site not in used or rules.rest.after(used[site]) <= day
            offered = caregiver or region not in rules.caregiver_only
            if offered and rested and not any(each.site == site and each.on(day) for each in avoid):
                free.append(site)
    return sorted(free, key=lambda site: used.get(site, date.min))


@given(
    st.lists(st.sampled_from(REGIONS), unique=True, min_size=1),
    st.integers(1, 8),
    st.dictionaries(st.sampled_from(ALL_SITES), st.dates(ago(60), DAY)),
    st.sets(st.sampled_from(ALL_SITES)),
    st.none() | st.integers(1, 30),
    st.booleans(),
)
def test_no_site_twice_in_a_dose_and_the_same_answer_each_time(
    regions: list[str],
    injections: int,
    used: dict[str, date],
    avoided: set[str],
    rest: int | None,
    caregiver: bool,
) -> None:
    rules = SiteRules(tuple(regions), ("upper arm",), Interval(rest, "day") if rest else None)
    avoid = tuple(map(Avoid, sorted(avoided)))
    before = dict(used)
    chosen = choose_sites(rules, injections, DAY, used, avoid, caregiver=caregiver)
    assert used == before
    mixed = dict(reversed(used.items()))
    assert choose_sites(rules, injections, DAY, mixed, avoid, caregiver=caregiver) == chosen
    free = as_the_rules_say(rules, DAY, used, avoid, caregiver)
    assert survey(rules, injections, DAY, used, avoid, caregiver=caregiver).free == tuple(free)
    if isinstance(chosen, TooFewSites):
        assert len(chosen.free) < chosen.needed == injections
        assert chosen.free == tuple(free)
        return
    assert chosen == tuple(free[:injections])
    assert len(set(chosen)) == len(chosen) == injections
    assert not avoided & set(chosen)
    assert caregiver or not any("arm" in site for site in chosen)
    assert not rest or all(used.get(site, date.min) <= ago(rest) for site in chosen)
    ages = [used.get(site, date.min) for site in chosen]
    assert ages == sorted(ages)
