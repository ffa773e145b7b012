"""Where to inject next: a pure function of the allowed sites, what was used, and the rules.

Source of the order of rules: docs/sites.md; labels ask for another site each time, and none
states a finer order, so "least recently used, then as listed" is dosecal's own rule.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from dosecal.schedule import REGIONS, SiteRules

SIDES: Final = ("left", "right")


def sites_of(region: str) -> tuple[str, ...]:
    """Return the sites of a region, left before right: `left-upper-arm`, `right-upper-arm`."""
    return tuple(f"{side}-{region.replace(' ', '-')}" for side in SIDES)


ALL_SITES: Final = tuple(site for region in REGIONS for site in sites_of(region))


class Avoid(NamedTuple):
    """A site that a person does not use, from `first` to `last`, both inclusive; None: no end."""

    site: str
    first: date | None = None
    last: date | None = None
    reason: str = ""

    def on(self, day: date) -> bool:
        """Say whether the site is avoided on that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class TooFewSites(NamedTuple):
    """Why no sites are proposed: how many are needed, which are free, and what bars the others."""

    needed: int
    free: tuple[str, ...]
    caregiver_only: tuple[str, ...]
    avoided: tuple[Avoid, ...]
    resting: tuple[tuple[str, date], ...]


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

    Hard rules first: the regions of the phase, self or caregiver, sites avoided on that day,
    rest days, another site for each injection (or one site for all). Then the least recently
    used; then the listed order. A hard rule is never relaxed.

    Args:
        rules: What the schedule says of sites; without regions there is nothing to choose.
        injections: Needles of the dose.
        day: When it is given.
        last_used: The last day on which each site was used; planned uses count.
        avoided: Sites the person avoids.
        caregiver: Whether somebody else injects.
    """
    offered, only = _offered(rules.regions, () if caregiver else rules.caregiver_only)
    barred = {each.site: each for each in avoided if each.on(day)}
    resting: dict[str, date] = {}
    if rules.rest:
        for site in offered:
            if site in last_used and site not in barred:
                free_on = rules.rest.after(last_used[site])
                if day < free_on:
                    resting[site] = free_on
    free = list(offered)
    if barred or resting:
        free = [site for site in offered if site not in barred and site not in resting]
    free.sort(key=lambda site: last_used.get(site, date.min))  # stable: ties stay as listed
    needed = 1 if rules.one_site else injections
    if rules.regions and len(free) < needed:
        return TooFewSites(
            needed, tuple(free), only, tuple(barred.values()), tuple(resting.items())
        )
    if rules.one_site:
        return tuple(free[:1]) * injections
    return tuple(free[:injections])


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
