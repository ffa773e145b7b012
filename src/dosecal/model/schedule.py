"""What a schedule is: phases, sites, rules and sources, as frozen values.

`schedule_file` reads and checks them; nothing here knows of a file.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from dosecal.errors import RequestError
from dosecal.model.dates import Interval, IntervalRange, Offset
from dosecal.model.quantities import Amount, NumberRange, WeightRange

ROUTES: Final = ("subcutaneous", "intramuscular", "intravenous")
REGIONS: Final = ("abdomen", "thigh", "upper arm", "buttock")
BASES: Final = ("label", "trial", "guideline", "secondary", "inference")


SIDES: Final = ("left", "right")


def sites_of(region: str) -> tuple[str, ...]:
    """Return the sites of a region, left before right: `left-upper-arm`, `right-upper-arm`."""
    return tuple(f"{side}-{region.replace(' ', '-')}" for side in SIDES)


ALL_SITES: Final = tuple(site for region in REGIONS for site in sites_of(region))


class Then(StrEnum):
    """What a missed-dose rule says to do (docs/late-doses.md)."""

    KEEP = "keep"
    SHIFT = "shift"
    SKIP = "skip"
    RESTART = "restart"
    GIVE_ASK = "give-ask"
    ASK = "ask"


class Clock(StrEnum):
    """What a missed-dose rule measures."""

    LATE = "late"
    UNTIL_NEXT = "until_next"
    SINCE_LAST = "since_last"


class CheckTime(StrEnum):
    """When a check without a date of its own belongs."""

    BEFORE_START = "before start"
    BEFORE_EACH_DOSE = "before each dose"


class Source(NamedTuple):
    """A document that states something: `basis` says of what kind it is (`BASES`)."""

    id: str
    title: str
    basis: str
    remark: str = ""
    url: str = ""
    retrieved: date | None = None


class DoseBand(NamedTuple):
    """The dose for a range of body weights, or for everybody (`weight` None).

    Attributes:
        amount: The dose, or None where the source states none for these weights.
        injections: Needles that make up one dose, 1 or more.
    """

    amount: Amount | None
    injections: int
    weight: WeightRange | None = None


class Window(NamedTuple):
    """How far from the target a dose is still in time, both ends inclusive (DATE-3)."""

    early: Interval
    late: Interval

    def around(self, target: date) -> tuple[date, date]:
        """Return the earliest and the latest acceptable date, both inclusive."""
        return self.early.after(target, -1), self.late.after(target)


class Listed(NamedTuple):
    """Targets at listed offsets from start, strictly increasing: `weeks = [0, 1, 2]`."""

    unit: str
    counts: tuple[int, ...]

    def offset(self, index: int) -> Offset:
        """Return the offset from start of the `index`-th target, counted from 0 (DATE-1)."""
        return Offset.of(self.counts[index], self.unit)


class Repeating(NamedTuple):
    """Targets at equal spacing.

    Attributes:
        every: The spacing.
        begins: Offset from start of the first target, or with `weekdays` of the earliest one;
            where `follows`, the time after the last target of the phase before.
        follows: Whether `begins` is counted from the last target of the phase before (`after`).
        doses: How many, or None: until the next phase begins, or for ever in the last one.
        weekdays: 0 (Monday) to 6: targets are these weekdays on or after `begins`.
        on_days: Targets are these days of each interval, counted from 0 on its first; empty is
            that first day alone.
    """

    every: Interval
    begins: Interval
    follows: bool = False
    doses: int | None = None
    weekdays: tuple[int, ...] = ()
    on_days: tuple[int, ...] = ()


class SiteRules(NamedTuple):
    """Where a dose may be injected.

    Attributes:
        regions: In order of preference.
        caregiver_only: Regions that are not offered for self-injection.
        rest: How long a site is left alone; on that day it is free again.
        one_site: Whether all injections of a dose go to one site (else each to another).
        sources: Ids of the sources that state it.
    """

    regions: tuple[str, ...]
    caregiver_only: tuple[str, ...] = ()
    rest: Interval | None = None
    one_site: bool = False
    sources: tuple[str, ...] = ()


NO_SITES: Final = SiteRules(())


class Phase(NamedTuple):
    """Consecutive doses with one dose amount and one spacing."""

    name: str
    bands: tuple[DoseBand, ...]
    timing: Listed | Repeating
    route: str
    sites: SiteRules
    sources: tuple[str, ...]
    window: Window | None = None

    @property
    def by_weight(self) -> bool:
        """Whether the dose depends on body weight."""
        first = self.bands[0]
        return first.weight is not None or bool(first.amount and first.amount.per_kg)

    def dose_for(self, weight_kg: Decimal | None) -> tuple[Amount, int]:
        """Return the dose for a person and the number of its injections.

        Raises:
            RequestError: The dose depends on the weight and it is not known, or the source
                states no dose for it.
        """
        band = self.bands[0]
        if band.weight is None and band.amount and not band.amount.per_kg:
            return band.amount, band.injections
        if weight_kg is None:
            if self.by_weight:
                doses = " · ".join(
                    f"{each.weight or ''} {each.amount or 'not stated'}".strip()
                    for each in self.bands
                )
                raise RequestError(
                    f'the dose of phase "{self.name}" depends on body weight ({doses}): '
                    "give the weight in kg: in a course file as weight_kg = 72.5, else with "
                    "--weight 72.5"
                )
            amount, injections = band.amount, band.injections
        else:
            amount, injections = self.stated_dose(weight_kg)
        if amount is None:
            raise RequestError(
                f'the source states no dose for a weight of {weight_kg} kg in phase "{self.name}": '
                "ask your prescriber"
            )
        return amount, injections

    def stated_dose(self, weight_kg: Decimal) -> tuple[Amount | None, int]:
        """Return the dose for a body weight, None where none is stated, and its injections."""
        band = next(each for each in self.bands if not each.weight or weight_kg in each.weight)
        if band.amount and band.amount.per_kg:
            return band.amount.times_weight(weight_kg), band.injections
        return band.amount, band.injections


class MissedRule(NamedTuple):
    """What the source says to do when a dose is late.

    Attributes:
        then: What to do.
        clock: What `bound` is compared with; None: the rule holds for any lateness.
        phases: Names of the phases that it is for; empty: all.
        doses: Positions in the schedule, counted from 1, that it is for; None: all.
    """

    then: Then
    sources: tuple[str, ...]
    clock: Clock | None = None
    bound: IntervalRange | None = None
    phases: tuple[str, ...] = ()
    doses: NumberRange | None = None


class MinGap(NamedTuple):
    """The shortest time between two administrations; on that day the next one is allowed."""

    gap: Interval
    sources: tuple[str, ...]


class WarmUp(NamedTuple):
    """How long out of the fridge before injecting, in minutes, both inclusive; 0 is not at all."""

    least: int
    most: int


class Preparation(NamedTuple):
    """How the medicine is kept and made ready; None and "" where no source says."""

    sources: tuple[str, ...]
    warm_up: WarmUp | None = None
    storage: str = ""


class Check(NamedTuple):
    """Something other than a dose that belongs on the calendar.

    Attributes:
        when: A `CheckTime`, or offsets from start (negative before it).
    """

    name: str
    when: CheckTime | Listed
    sources: tuple[str, ...]


class Note(NamedTuple):
    """Something to be shown and never computed with."""

    about: str
    text: str
    sources: tuple[str, ...]


class Names(NamedTuple):
    """What a schedule calls its medicine and illness in another language; "" where it says nothing.

    Attributes:
        language: Code of the language: "ru".
    """

    language: str
    medicine: str = ""
    brand: str = ""
    indication: str = ""


class Schedule(NamedTuple):
    """The definition of a regimen, as its sources state it."""

    id: str
    medicine: str
    phases: tuple[Phase, ...]
    sources: tuple[Source, ...]
    brand: str = ""
    indication: str = ""
    jurisdiction: str = ""
    route: str = "subcutaneous"
    sites: SiteRules = NO_SITES
    missed: tuple[MissedRule, ...] = ()
    preparation: Preparation | None = None
    checks: tuple[Check, ...] = ()
    notes: tuple[Note, ...] = ()
    min_gap: MinGap | None = None
    names: tuple[Names, ...] = ()

    def named(self, language: str) -> "Schedule":
        """Return the schedule with the names that it has in a language."""
        for names in self.names:
            if names.language == language:
                own = {key: value for key, value in names._asdict().items() if value}
                del own["language"]
                return self._replace(**own)
        return self

    def on_inference_alone(self) -> tuple[str, ...]:
        """Return the key paths of the phases and missed-dose rules that no document states."""
        basis = {source.id: source.basis for source in self.sources}
        stated = [
            *((f"phase[{number}]", each.sources) for number, each in enumerate(self.phases, 1)),
            *((f"missed[{number}]", each.sources) for number, each in enumerate(self.missed, 1)),
        ]
        return tuple(path for path, ids in stated if all(basis[id] == "inference" for id in ids))

    def source_titles(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return the titles of the sources with these ids, in their order."""
        titles = {source.id: source.title for source in self.sources}
        return tuple(titles[each] for each in ids)
