"""Schedules as values: phases, their spacing and doses, sites, rules and sources.

Built by the readers of files and by tests; what a field may hold is said there, and what several
fields may say together in consistency/phases.
"""

from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from dosecal.errors import (
    NoDoseError,
    NoStatedDoseError,
    SurfaceMissingError,
    TooManyInjectionsError,
    WeightMissingError,
)
from dosecal.model.dates import Interval, IntervalRange, Offset
from dosecal.model.quantities import Amount, NumberRange, WeightRange, plain
from dosecal.model.values import value

ROUTES: Final = (
    "subcutaneous", "intramuscular", "intravenous", "intradermal", "intrathecal", "intravitreal",
)  # fmt: skip
REGIONS: Final = ("abdomen", "thigh", "upper arm", "buttock", "hip", "lower back", "eye")
BASES: Final = ("label", "trial", "guideline", "secondary", "inference")
GIVERS: Final = ("self", "caregiver", "professional")
_KEPT: Final = 256  # schedules whose digest is kept
MOST_INJECTIONS: Final = 20
"""The most needles of one dose, inclusive: more is a slip."""

SIDES: Final = ("left", "right")


def sites_of(region: str) -> tuple[str, ...]:
    """Return the sites of a region, left before right: `left-upper-arm`, `right-upper-arm`."""
    return tuple(f"{side}-{region.replace(' ', '-')}" for side in SIDES)


ALL_SITES: Final = tuple(
    site for region in REGIONS for site in (*sites_of(region), region.replace(" ", "-"))
)
"""Every site that has a name: each side of each region, and the region as one area (`one_area`)."""


class Then(StrEnum):
    """What a missed-dose rule says to do, or a person decided (docs/late-doses.md)."""

    KEEP = "keep"
    SHIFT = "shift"
    SKIP = "skip"
    RESTART = "restart"
    STEP = "step"
    RELOAD = "reload"
    KEEP_OR_SHIFT = "keep-or-shift"
    GIVE_ASK = "give-ask"
    ASK = "ask"
    REPEAT = "repeat"  # decided alone, never a rule: the dose does not count and is due again


STAY_OR_MOVE: Final = (Then.KEEP, Then.SHIFT)
"""What can be agreed about the doses after one that is moved: they stay, or move with it."""
DECISIONS: Final = (*STAY_OR_MOVE, Then.RESTART)
"""What a person can decide about a dose as it is recorded."""
ANSWERS: Final = (*DECISIONS, Then.REPEAT)
"""What the prescriber can decide about a dose that is recorded."""


class Clock(StrEnum):
    """What a rule measures."""

    LATE = "late"
    UNTIL_NEXT = "until_next"
    SINCE_LAST = "since_last"
    SINCE_START = "since_start"
    MISSED_IN_A_ROW = "missed_in_a_row"
    EARLY = "early"


INTERRUPTION: Final = frozenset({Clock.SINCE_LAST, Clock.SINCE_START, Clock.MISSED_IN_A_ROW})
"""The clocks of rules that speak of an interruption, and so of a dose on its target too."""


class CheckTime(StrEnum):
    """When a check without a date of its own belongs."""

    BEFORE_START = "before start"
    BEFORE_EACH_DOSE = "before each dose"
    BEFORE_A_LATE_DOSE = "before a late dose"
    AFTER_EACH_DOSE = "after each dose"


@value
class Source(NamedTuple):
    """A document that states something: `basis` says of what kind it is (`BASES`)."""

    id: str
    title: str
    basis: str
    remark: str = ""
    url: str = ""
    retrieved: date | None = None


@value
class DoseBand(NamedTuple):
    """The dose for a range of body weights, or for everybody (`weight` None).

    Attributes:
        amount: The dose, or None where the source states none for these weights, or leaves it to
            the prescriber (then the phase has a choice "dose").
        injections: Needles that make up one dose, 1 or more.
        amounts: What each needle holds where they are unequal; they add up to the dose.
    """

    amount: Amount | None
    injections: int
    weight: WeightRange | None = None
    amounts: tuple[Amount, ...] = ()


@value
class PersonDose(NamedTuple):
    """A dose of one person: its amount, the needles that make it up, and each where unequal."""

    amount: Amount
    injections: int
    amounts: tuple[Amount, ...] = ()


@value
class Window(NamedTuple):
    """How far from the target a dose is still in time, both ends inclusive (DATE-3)."""

    early: Interval
    late: Interval

    def around(self, target: date) -> tuple[date, date]:
        """Return the earliest and the latest acceptable date, both inclusive."""
        return self.early.after(target, -1), self.late.after(target)


@value
class Listed(NamedTuple):
    """Targets at listed offsets from start, strictly increasing: `weeks = [0, 1, 2]`."""

    unit: str
    counts: tuple[int, ...]

    def offset(self, index: int) -> Offset:
        """Return the offset from start of the `index`-th target, counted from 0 (DATE-1)."""
        return Offset.of(self.counts[index], self.unit)


@value
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
        lasts: How long the phase lasts from its first target, that day excluded (`for`); None:
            no such end.
        from_given: Whether each target is counted from the day the dose before was given.
        after_every: Whether `begins` is one interval of the phase, the chosen one (`after =
            "every"`).
    """

    every: Interval
    begins: Interval
    follows: bool = False
    doses: int | None = None
    weekdays: tuple[int, ...] = ()
    on_days: tuple[int, ...] = ()
    lasts: Interval | None = None
    from_given: bool = False
    after_every: bool = False


@value
class Choice(NamedTuple):
    """What a source leaves to the prescriber or the person, within bounds; a plan must state it.

    Until it is made the phase holds a value within the bounds in its place, by which overlaps
    are looked for and nothing is ever planned.

    Attributes:
        key: "every", "dose", "on" or "weeks[2]" (counted from 1), as the keys of a phase are named.
        low: The least, inclusive; None where `one_of`, `on` or "as prescribed".
        high: The most, inclusive.
        one_of: The values there are, where it is an "either, or".
        days: Of a choice "on": how many weekdays.
        apart: Of a choice "on": at least so many days between two of them, round the week.
        sources: Who leaves it open.
    """

    key: str
    low: Interval | Amount | int | None = None
    high: Interval | Amount | int | None = None
    one_of: tuple[Interval | Amount, ...] = ()
    days: int = 0
    apart: int = 0
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """What may be chosen, in words: "10 to 14 weeks", "8 weeks or 12 weeks"."""
        if self.days:
            return f"{self.days} weekdays, at least {Interval(self.apart, 'day')} apart"
        if self.one_of:
            return " or ".join(str(each) for each in self.one_of)
        match self.low, self.high:
            case Interval(), Interval():
                return f"{self.low.count} to {self.high}"
            case Amount(), Amount():
                return f"{plain(self.low.value)} to {self.high}"
            case int(), int():
                return f"{self.key.partition('[')[0]} {self.low} to {self.high}"
        return "the dose that is prescribed"


@value
class SiteRules(NamedTuple):
    """Where a dose may be injected.

    Attributes:
        regions: In order of preference.
        caregiver_only: Regions that are not offered for self-injection.
        rest: How long a site is left alone; on that day it is free again.
        one_site: Whether all injections of a dose go to one site (else each to another).
        sources: Ids of the sources that state it.
        one_area: Regions that are a single site, without sides.
    """

    regions: tuple[str, ...]
    caregiver_only: tuple[str, ...] = ()
    rest: Interval | None = None
    one_site: bool = False
    sources: tuple[str, ...] = ()
    one_area: tuple[str, ...] = ()

    def sites(self, region: str) -> tuple[str, ...]:
        """Return the sites of one of its regions, in order."""
        return (region.replace(" ", "-"),) if region in self.one_area else sites_of(region)


NO_SITES: Final = SiteRules(())


@value
class MinGap(NamedTuple):
    """The shortest time between two administrations; on that day the next one is allowed.

    Attributes:
        grace: By how much less an administration still counts; no planned date uses it.
    """

    gap: Interval
    sources: tuple[str, ...]
    grace: Interval | None = None


@value
class Gap(NamedTuple):
    """The least time between two numbered doses; `between` are positions in the schedule."""

    between: tuple[int, int]
    gap: Interval
    sources: tuple[str, ...]
    grace: Interval | None = None


@value
class Strength(NamedTuple):
    """How a volume follows from a dose: the amount in a mL, and the most mL of one injection."""

    per_ml: Amount
    most_ml: Decimal


@value
class PrescriberEnds(NamedTuple):
    """A phase goes on until the prescriber's step is recorded; `at_least` so long, if stated."""

    at_least: Interval | None = None


@value
class Companion(NamedTuple):
    """Another medicine at the same visit; its injections take other sites.

    Attributes:
        sites: Its regions; None: those of the phase.
    """

    medicine: str
    amount: Amount
    injections: int
    sources: tuple[str, ...]
    sites: SiteRules | None = None


@value
class Phase(NamedTuple):
    """Consecutive doses with one dose amount and one spacing.

    Attributes:
        choices: What is still open to choose in it; empty: nothing, and it can be planned.
        weight: The body weights that the phase is for; None: every weight.
        max_dose: The most of a dose per kg or m2.
        round_to: A dose per kg or m2 is rounded to the nearest multiple of it, half up.
        companions: Other medicines at the same visit.
        given_by: One of `GIVERS`, or "" where no source says.
    """

    name: str
    bands: tuple[DoseBand, ...]
    timing: Listed | Repeating
    route: str
    sites: SiteRules
    sources: tuple[str, ...]
    window: Window | None = None
    choices: tuple[Choice, ...] = ()
    weight: WeightRange | None = None
    max_dose: Amount | None = None
    round_to: Amount | None = None
    strength: Strength | None = None
    ends: PrescriberEnds | None = None
    companions: tuple[Companion, ...] = ()
    given_by: str = ""
    min_gap: MinGap | None = None

    @property
    def by_weight(self) -> bool:
        """Whether what is given, or the phase itself, depends on body weight."""
        first = self.bands[0]
        amounts = (first.amount, *(each.amount for each in self.companions))
        per_kg = any(each.per == "kg" for each in amounts if each)
        return self.weight is not None or first.weight is not None or per_kg

    def dose_for(self, weight_kg: Decimal | None, bsa_m2: Decimal | None = None) -> PersonDose:
        """Return the dose for a person and its injections.

        Raises:
            WeightMissingError: The dose depends on the weight and it is not known.
            SurfaceMissingError: The dose depends on the body surface and it is not known.
            NoStatedDoseError: The source states no dose for this weight.
            NoDoseError: The dose rounds to nothing.
            TooManyInjectionsError: It would be more than `MOST_INJECTIONS`.
        """
        band = self.bands[0]
        if band.weight is None and band.amount and not band.amount.per:
            return self._in_needles(band, band.amount)
        if weight_kg is None and self.by_weight:
            stated = (f"{each.weight or ''} {each.amount or 'not stated'}" for each in self.bands)
            raise WeightMissingError(self.name, tuple(each.strip() for each in stated))
        if weight_kg is not None:
            band = next(each for each in self.bands if not each.weight or weight_kg in each.weight)
        if band.amount is None:
            raise NoStatedDoseError(self.name, weight_kg)
        if band.amount.per == "m2" and bsa_m2 is None:
            raise SurfaceMissingError(self.name, str(band.amount))
        return self._in_needles(band, self.worked_out(band.amount, weight_kg, bsa_m2))

    def stated_dose(self, weight_kg: Decimal) -> tuple[Amount | None, int]:
        """Return the dose for a body weight, None where none is stated, and its injections."""
        band = next(each for each in self.bands if not each.weight or weight_kg in each.weight)
        if band.amount is None:
            return None, band.injections
        return self.worked_out(band.amount, weight_kg, None), band.injections

    def worked_out(
        self, amount: Amount, weight_kg: Decimal | None, bsa_m2: Decimal | None
    ) -> Amount:
        """Return a stated dose for one person: multiplied, then rounded, then capped.

        Raises:
            NoDoseError: It rounds to nothing.
        """
        size = {"": None, "kg": weight_kg, "m2": bsa_m2}[amount.per]
        if size is None:
            return amount
        whole = amount.times(size)
        if step := self.round_to:
            parts = (whole.value / step.value).quantize(Decimal(1), ROUND_HALF_UP)
            if not parts:
                raise NoDoseError(self.name, str(whole), str(step), f"{size} {amount.per}")
            whole = whole._replace(value=parts * step.value)
        if self.max_dose and whole.value > self.max_dose.value:
            whole = whole._replace(value=self.max_dose.value)
        return whole

    def _in_needles(self, band: DoseBand, amount: Amount) -> PersonDose:
        if self.strength is None or not (band.amount and band.amount.per):
            return PersonDose(amount, band.injections, band.amounts)
        volume = amount.value / self.strength.per_ml.value
        count = int((volume / self.strength.most_ml).to_integral_value(ROUND_CEILING))
        if count > MOST_INJECTIONS:
            raise TooManyInjectionsError(self.name, str(amount), count)
        return PersonDose(amount, max(count, 1))


@value
class Bound(NamedTuple):
    """One clock of a rule and what it must show: every one of `ranges`, or one of `numbers`.

    Attributes:
        numbers: For `MISSED_IN_A_ROW`: how many doses, this one included.
    """

    clock: Clock
    ranges: tuple[IntervalRange, ...] = ()
    numbers: NumberRange | None = None

    def __str__(self) -> str:
        return str(self.numbers) if self.numbers else ", ".join(str(each) for each in self.ranges)

    def holds(self, begin: date, end: date) -> bool:
        """Say whether the time from `begin` to `end` is within every range."""
        return all(each.holds(begin, end) for each in self.ranges)


@value
class Reload(NamedTuple):
    """A shorter loading after a gap: doses on these days from the day it begins, then on.

    Attributes:
        days: Counted from that day; the first is 0, and is the late dose itself.
        bands: Their dose; empty: the phase's own.
        resume: The next dose of the schedule comes so long after the last of them.
    """

    days: tuple[int, ...]
    resume: Interval
    bands: tuple[DoseBand, ...] = ()


@value
class MissedRule(NamedTuple):
    """What the source says to do when a dose is late, or follows an interruption.

    Attributes:
        then: What to do.
        clocks: What must hold, each of them; empty: the rule holds for any lateness.
        phases: Names of the phases that it is for; empty: all.
        doses: Positions in the schedule, counted from 1, that it is for; None: all.
        to: The phase of a `step`.
        reload: The doses of a `reload`.
        say: What else the source says, in our words.
    """

    then: Then
    sources: tuple[str, ...]
    clocks: tuple[Bound, ...] = ()
    phases: tuple[str, ...] = ()
    doses: NumberRange | None = None
    to: str = ""
    reload: Reload | None = None
    say: str = ""


@value
class EarlyRule(NamedTuple):
    """What the source says of a dose given before its window.

    Attributes:
        then: `keep`, `shift` or `ask`.
        clocks: What must hold, each of them: `EARLY` (days before the target), `SINCE_LAST`.
        say: What else the source says, in our words.
    """

    then: Then
    sources: tuple[str, ...]
    clocks: tuple[Bound, ...] = ()
    say: str = ""


@value
class WarmUp(NamedTuple):
    """How long out of the fridge before injecting, in minutes, both inclusive; 0 is not at all."""

    least: int
    most: int


@value
class Preparation(NamedTuple):
    """How the medicine is kept and made ready; None and "" where no source says."""

    sources: tuple[str, ...]
    warm_up: WarmUp | None = None
    storage: str = ""


@value
class Check(NamedTuple):
    """Something other than a dose that belongs on the calendar.

    Attributes:
        when: A `CheckTime`, or offsets from start (negative before it), or a repetition of which
            `doses` is how many times, None as long as there are doses.
        lead: How long before each dose, of a check before each dose.
    """

    name: str
    when: CheckTime | Listed | Repeating
    sources: tuple[str, ...]
    lead: Interval | None = None


@value
class Note(NamedTuple):
    """Something to be shown and never computed with."""

    about: str
    text: str
    sources: tuple[str, ...]


@value
class Names(NamedTuple):
    """What a schedule calls its medicine and illness in another language; "" where it says nothing.

    Attributes:
        language: Code of the language: "ru".
    """

    language: str
    medicine: str = ""
    brand: str = ""
    indication: str = ""


@value
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
    early: tuple[EarlyRule, ...] = ()
    gaps: tuple[Gap, ...] = ()
    given_by: str = ""
    traceability: Note | None = None
    medicine_class: str = ""
    class_sources: tuple[str, ...] = ()

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


@lru_cache(maxsize=_KEPT)
def digest(schedule: Schedule) -> str:
    """Return the SHA-256 of everything that a schedule says, in hexadecimal digits.

    Schedules that say the same have the same digest, in whatever process they were read.
    """
    from hashlib import sha256

    return sha256(repr(schedule).encode("utf-8", "replace")).hexdigest()
