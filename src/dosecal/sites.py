"""Where to inject next: a pure function of the allowed sites, what was used, and the rules.

Source of the order of rules: docs/sites.md; labels ask for another site each time, and none
states a finer order, so "least recently used, then as listed" is dosecal's own rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class TooFewSites:
    """How many sites a dose needs, which are free, and what bars the others."""

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
    found = survey(rules, injections, day, last_used, avoided, caregiver=caregiver)
    if rules.regions and len(found.free) < found.needed:
        return found
    if rules.one_site:
        return found.free[:1] * injections
    return found.free[:injections]


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
    barred = {each.site: each for each in avoided if each.on(day)}
    free: list[str] = []
    only: list[str] = []
    resting: list[tuple[str, date]] = []
    for region in rules.regions:
        for site in sites_of(region):
            used = last_used.get(site)
            if region in rules.caregiver_only and not caregiver:
                only.append(site)
            elif site in barred:
                continue
            elif used and rules.rest and day < (free_on := rules.rest.after(used)):
                resting.append((site, free_on))
            else:
                free.append(site)
    free.sort(key=lambda site: last_used.get(site, date.min))  # stable: ties stay as listed
    needed = 1 if rules.one_site else injections
    return TooFewSites(needed, tuple(free), tuple(only), tuple(barred.values()), tuple(resting))
