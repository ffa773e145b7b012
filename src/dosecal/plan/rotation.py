"""Where to inject next: a pure function of the allowed sites, what was used, and the rules.

Source of the order of rules: docs/sites.md; labels ask for another site each time, and none
states a finer order, so "least recently used, then as listed" is dosecal's own rule.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from dosecal.model.course import Avoid
from dosecal.model.reasons import TooFewSites
from dosecal.model.schedule import SiteRules
from dosecal.model.values import value

Use = tuple[date, int]
"""A use of a site: the day, and the number of the dose."""

_NEVER: Final[Use] = (date.min, 0)


@value
class Person(NamedTuple):
    """What of a person bounds the sites.

    Attributes:
        avoided: Sites that the person does not use, from when to when.
        caregiver: Whether somebody else injects.
        own: The person's own sites in their own order; empty: those of the schedule.
    """

    avoided: tuple[Avoid, ...] = ()
    caregiver: bool = False
    own: tuple[str, ...] = ()


ANYBODY: Final = Person()


def choose_sites(
    rules: SiteRules,
    injections: int,
    day: date,
    last_used: Mapping[str, Use],
    person: Person = ANYBODY,
) -> tuple[str, ...] | TooFewSites:
    """Choose the sites of one dose, one an injection.

    The least recently used of the free sites (`survey`), then the listed order. A hard rule is
    never relaxed.

    Args:
        rules: What the schedule says of sites; without regions there is nothing to choose.
        injections: Needles of the dose.
        day: When it is given.
        last_used: The last use of each site; planned uses count.
        person: Who is injected.
    """
    found = survey(rules, injections, day, last_used, person)
    if rules.regions and len(found.free) < found.needed:
        return found
    if rules.one_site:
        return found.free[:1] * injections
    return found.free[:injections]


def survey(
    rules: SiteRules,
    injections: int,
    day: date,
    last_used: Mapping[str, Use],
    person: Person = ANYBODY,
) -> TooFewSites:
    """Sort the sites of a dose into free ones, least recently used first, and barred ones.

    Hard rules: the regions of the phase, self or caregiver, sites avoided on that day, rest days,
    no site that another dose of the same day has, another site for each injection (or one site
    for all). Of two uses on one day that of the lower number is the earlier. Arguments are those
    of `choose_sites`.
    """
    withheld = () if person.caregiver else rules.caregiver_only
    offered, only = _offered(rules.regions, withheld, rules.one_area, person.own)
    free = list(offered)
    barred: tuple[Avoid, ...] = ()
    if person.avoided:
        by_site = {each.site: each for each in person.avoided if each.on(day)}
        free = [site for site in free if site not in by_site]
        barred = tuple(by_site.values())
    free_on = {
        site: rules.rest.after(last_used[site][0])
        if rules.rest
        else _the_day_after(last_used[site])
        for site in free
        if site in last_used and (rules.rest or last_used[site][0] == day)
    }
    resting = tuple((site, until) for site, until in free_on.items() if day < until)
    free = [site for site in free if site not in free_on or free_on[site] <= day]
    free.sort(key=lambda site: last_used.get(site, _NEVER))  # stable: ties stay as listed
    needed = 1 if rules.one_site else injections
    return TooFewSites(needed, tuple(free), only, barred, resting)


def _the_day_after(use: Use) -> date:
    return use[0] + timedelta(days=1)


@lru_cache(maxsize=1024)
def _offered(
    regions: tuple[str, ...],
    withheld: tuple[str, ...],
    one_area: tuple[str, ...],
    own: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sites of the regions as listed, without the withheld regions, and those."""
    rules = SiteRules(regions, one_area=one_area)
    sites = [(site, region in withheld) for region in regions for site in rules.sites(region)]
    free = tuple(site for site, kept_back in sites if not kept_back)
    if own:
        free = tuple(site for site in own if site in free)
    return free, tuple(site for site, kept_back in sites if kept_back)
