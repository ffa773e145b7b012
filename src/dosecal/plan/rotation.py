"""Where to inject next: a pure function of the allowed sites, what was used, and the rules.

Source of the order of rules: docs/sites.md; labels ask for another site each time, and none
states a finer order, so "least recently used, then as listed" is dosecal's own rule.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Final

from dosecal.model.course import Avoid
from dosecal.model.reasons import TooFewSites
from dosecal.model.schedule import SiteRules, sites_of

_NEVER: Final = date.min


def choose_sites(
    rules: SiteRules,
    injections: int,
    day: date,
    last_used: Mapping[str, date],
    avoided: Iterable[Avoid] = (),
    *,
    caregiver: bool = False,
) -> tuple[str, ...] | TooFewSites:
    """Choose the sites of one dose, one an injection.

    The least recently used of the free sites (`survey`), then the listed order. A hard rule is
    never relaxed.

    Args:
        rules: What the schedule says of sites; without regions there is nothing to choose.
        injections: Needles of the dose.
        day: When it is given.
        last_used: The last day on which each site was used; planned uses count.
        avoided: Sites the person avoids.
        caregiver: Whether somebody else injects.
    """
    free, only, barred, resting = _sorted(rules, day, last_used, avoided, caregiver)
    needed = 1 if rules.one_site else injections
    if rules.regions and len(free) < needed:
        return TooFewSites(needed, tuple(free), only, barred, resting)
    if rules.one_site:
        return tuple(free[:1]) * injections
    return tuple(free[:injections])


def survey(
    rules: SiteRules,
    injections: int,
    day: date,
    last_used: Mapping[str, date],
    avoided: Iterable[Avoid] = (),
    *,
    caregiver: bool = False,
) -> TooFewSites:
    """Sort the sites of a dose into free ones, least recently used first, and barred ones.

    Hard rules: the regions of the phase, self or caregiver, sites avoided on that day, rest days,
    another site for each injection (or one site for all). Arguments are those of `choose_sites`.
    """
    free, only, barred, resting = _sorted(rules, day, last_used, avoided, caregiver)
    needed = 1 if rules.one_site else injections
    return TooFewSites(needed, tuple(free), only, barred, resting)


def _sorted(
    rules: SiteRules,
    day: date,
    last_used: Mapping[str, date],
    avoided: Iterable[Avoid],
    caregiver: bool,
) -> tuple[list[str], tuple[str, ...], tuple[Avoid, ...], tuple[tuple[str, date], ...]]:
    """Return the free sites, least recently used first, and what bars the others."""
    offered, only = _offered(rules.regions, () if caregiver else rules.caregiver_only)
    free = list(offered)
    barred: tuple[Avoid, ...] = ()
    resting: tuple[tuple[str, date], ...] = ()
    if avoided:
        by_site = {each.site: each for each in avoided if each.on(day)}
        free = [site for site in free if site not in by_site]
        barred = tuple(by_site.values())
    if rules.rest:
        rest = rules.rest
        free_on = {site: rest.after(last_used[site]) for site in free if site in last_used}
        resting = tuple((site, until) for site, until in free_on.items() if day < until)
        free = [site for site in free if site not in free_on or free_on[site] <= day]
    free.sort(key=lambda site: last_used.get(site, _NEVER))  # stable: ties stay as listed
    return free, only, barred, resting


@cache
def _offered(
    regions: tuple[str, ...], withheld: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sites of the regions as listed, without the withheld regions, and those."""
    sites = [(site, region in withheld) for region in regions for site in sites_of(region)]
    return (
        tuple(site for site, kept_back in sites if not kept_back),
        tuple(site for site, kept_back in sites if kept_back),
    )
