"""Why a dose stands where it does: one value for each kind of reason, put into words elsewhere.

Every date that is not start + offset carries at least one, and each names the ids of the
sources that state its rule; a rule of dosecal's own has none and is worded as such. A reason says
what happened when it happened: none holds a number of days up to today of a dose that is past.
"""

from datetime import date
from typing import Final, NamedTuple

from dosecal.model.course import Avoid, Hold
from dosecal.model.dates import Interval
from dosecal.model.quantities import Amount
from dosecal.model.schedule import Then
from dosecal.model.values import value


@value
class TooFewSites(NamedTuple):
    """How many sites a dose needs, which are free, and what bars the others."""

    needed: int
    free: tuple[str, ...]
    caregiver_only: tuple[str, ...]
    avoided: tuple[Avoid, ...]
    resting: tuple[tuple[str, date], ...]


@value
class TakenAsGiven(NamedTuple):
    """No course file records this plan: a dose of the past is taken as given on its date."""


@value
class BeforeRecord(NamedTuple):
    """The dose was given as planned before the record began."""


@value
class CountedFrom(NamedTuple):
    """A shift: counted from a dose given off its target, in the same repeating phase.

    Attributes:
        always: Whether the schedule counts every dose from the one before as given, so that no
            rule or decision was needed.
    """

    dose: int
    given: date
    days_late: int
    sources: tuple[str, ...]
    decided: bool = False
    always: bool = False


@value
class MovedBy(NamedTuple):
    """A shift: moved by as many days as earlier doses were late, all together.

    Attributes:
        days: By how many; negative where they were early.
        doses: The numbers of those doses.
        sources: Who says so; empty where the person decided each.
        decided: Whether the person decided one or more of them.
    """

    days: int
    doses: tuple[int, ...]
    sources: tuple[str, ...]
    decided: bool = False


@value
class MovedTo(NamedTuple):
    """The dose was agreed for another day than its target."""

    target: date
    note: str = ""


@value
class Restarted(NamedTuple):
    """The schedule was begun again with this dose on that day."""

    dose: int
    on: date
    sources: tuple[str, ...]
    decided: bool = False


@value
class SteppedTo(NamedTuple):
    """The prescriber's step: a phase began with this dose on that day.

    Attributes:
        sources: The rule that says so; empty where it was recorded as the prescriber's.
    """

    phase: str
    dose: int
    on: date
    sources: tuple[str, ...] = ()


@value
class Reloaded(NamedTuple):
    """A shorter loading began with a late dose; this dose belongs to it or follows from it."""

    dose: int
    on: date
    sources: tuple[str, ...]


@value
class ChosenFrom(NamedTuple):
    """The spacing was chosen anew: counted from the last target before the choice."""

    phase: str
    every: Interval
    since: date


@value
class Again(NamedTuple):
    """The dose was given on `given`, does not count, and is due again."""

    given: date


@value
class GapKept(NamedTuple):
    """Moved to the first day that a shortest allowed gap leaves free."""

    target: date
    after: date
    gap: Interval
    sources: tuple[str, ...]


@value
class Near(NamedTuple):
    """Less than half the interval lies between a dose given, or to be given, and this target.

    No source speaks of it: saying so is our own rule.
    """

    dose: int
    days: int


@value
class OffTarget(NamedTuple):
    """A dose outside its window, given (`given`) or not yet, and what its rule says.

    Attributes:
        days: Days after the target; negative before it.
        then: What holds for it: the rule's word, or the person's decision.
        sources: Who says so, or was looked at and states no rule; empty where the person decided.
        decided: Whether `then` is the person's decision.
        too_soon: Whether it is outside because of a shortest allowed gap.
        stated: Whether a rule of the schedule covers it: `ask` may be its word, or for want of one.
        doubled: Whether something of the course was given that day (our own rule).
        early_rules: Whether it is early and the rules for early doses do not allow it.
        interrupted: Whether it is in time and the rule speaks of the interruption before it.
        say: What else the source says.
        to: The phase of a step.
    """

    days: int
    then: Then
    sources: tuple[str, ...]
    given: bool
    decided: bool = False
    too_soon: bool = False
    stated: bool = False
    doubled: bool = False
    early_rules: bool = False
    interrupted: bool = False
    say: str = ""
    to: str = ""


@value
class Part(NamedTuple):
    """Less than the dose was given, and nobody has decided about the rest yet (or has)."""

    given: Amount
    dose: Amount
    decided: bool = False


@value
class PassedOver(NamedTuple):
    """A dose is missed because a later one was given, on that day, before this one."""

    later: int


@value
class StoodFor(NamedTuple):
    """A dose is missed because one given when this one was due already stands for both."""

    dose: int
    given: date


@value
class RuleSkips(NamedTuple):
    """A dose is missed because its rule says not to give it any more.

    Attributes:
        days: Days after the target from which the rule says so.
    """

    days: int
    sources: tuple[str, ...]


@value
class NextHasCome(NamedTuple):
    """A dose is missed because the next one has come and a dose is never doubled (our rule).

    Attributes:
        days: Days from its target to that of the next one.
        then: What its rule said then: under `ask` and `give-ask` a question stays open.
        sources: Who states that rule, or was looked at and states none.
        stated: Whether a rule covers it.
    """

    days: int
    next_target: date
    then: Then = Then.KEEP
    sources: tuple[str, ...] = ()
    stated: bool = False


@value
class OnHold(NamedTuple):
    """A dose lies in a hold, or was open as it began."""

    hold: Hold


@value
class TreatmentStopped(NamedTuple):
    """A dose was open as the treatment was stopped."""

    on: date
    reason: str = ""


@value
class Dropped(NamedTuple):
    """An entry took this dose out of the plan."""


@value
class SkippedByPerson(NamedTuple):
    """The person chose not to take this dose."""

    note: str


@value
class Provisional(NamedTuple):
    """The date stands only until a question about an earlier dose is decided."""

    dose: int
    given: bool


@value
class QuestionOpen(NamedTuple):
    """An earlier dose was passed over with its question open: nothing is advised before it."""

    dose: int


@value
class NoSites(NamedTuple):
    """No sites are proposed because a rule leaves too few."""

    why: TooFewSites


Reason = (
    TakenAsGiven | BeforeRecord | CountedFrom | MovedBy | MovedTo | Restarted | SteppedTo
    | Reloaded | ChosenFrom | Again | GapKept | Near | OffTarget | Part | PassedOver | StoodFor
    | RuleSkips | NextHasCome | OnHold | TreatmentStopped | Dropped | SkippedByPerson
    | Provisional | QuestionOpen | NoSites
)  # fmt: skip

CODES: Final[dict[type[Reason], str]] = {
    TakenAsGiven: "taken-as-given",
    BeforeRecord: "before-record",
    CountedFrom: "counted-from-given",
    MovedBy: "moved-by-rule",
    MovedTo: "moved-by-agreement",
    Restarted: "restarted",
    SteppedTo: "stepped",
    Reloaded: "reloaded",
    ChosenFrom: "chosen-spacing",
    Again: "repeated",
    GapKept: "gap-kept",
    Near: "near-the-dose-before",
    OffTarget: "off-target",
    Part: "part-given",
    PassedOver: "passed-over",
    StoodFor: "stood-for",
    RuleSkips: "rule-skips",
    NextHasCome: "next-has-come",
    OnHold: "on-hold",
    TreatmentStopped: "stopped",
    Dropped: "dropped",
    SkippedByPerson: "skipped-by-person",
    Provisional: "provisional",
    QuestionOpen: "question-open",
    NoSites: "too-few-sites",
}
"""The stable word of each kind of reason, as JSON has it in `reason_codes`."""
