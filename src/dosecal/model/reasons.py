"""Why a dose stands where it does: one value for each kind of reason, put into words elsewhere.

Every date that is not start + offset carries at least one, and each names the ids of the
sources that state its rule; a rule of dosecal's own has none and is worded as such.
"""

from datetime import date
from typing import NamedTuple

from dosecal.model.course import Avoid, Hold
from dosecal.model.dates import Interval
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
class CountedFrom(NamedTuple):
    """A shift: counted from a dose given off its target, in the same repeating phase."""

    dose: int
    given: date
    days_late: int
    sources: tuple[str, ...]
    decided: bool = False


@value
class MovedBy(NamedTuple):
    """A shift: moved by as many days as earlier doses were late, all together.

    Attributes:
        days: By how many.
        doses: The numbers of those doses.
        sources: Who says so; empty where the person decided each.
        decided: Whether the person decided one or more of them.
    """

    days: int
    doses: tuple[int, ...]
    sources: tuple[str, ...]
    decided: bool = False


@value
class Restarted(NamedTuple):
    """The schedule was begun again with this dose on that day."""

    dose: int
    on: date
    sources: tuple[str, ...]
    decided: bool = False


@value
class GapKept(NamedTuple):
    """Moved to the first day that the shortest allowed gap leaves free."""

    target: date
    after: date
    gap: Interval
    sources: tuple[str, ...]


@value
class OffTarget(NamedTuple):
    """A dose outside its window, given (`given`) or not yet, and what its rule says.

    Attributes:
        days: Days after the target; negative before it.
        then: What holds for it: the rule's word, or the person's decision.
        sources: Who says so, or was looked at and states no rule; empty where the person decided.
        decided: Whether `then` is the person's decision.
        too_soon: Whether it is outside because of the shortest allowed gap.
        stated: Whether a rule of the schedule covers it: `ask` may be its word, or for want of one.
        doubled: Whether another dose was given that day (our own rule).
    """

    days: int
    then: Then
    sources: tuple[str, ...]
    given: bool
    decided: bool = False
    too_soon: bool = False
    stated: bool = False
    doubled: bool = False


@value
class PassedOver(NamedTuple):
    """A dose is missed because a later one was given."""

    later: int


@value
class RuleSkips(NamedTuple):
    """A dose is missed because its rule says not to give it any more."""

    days: int
    sources: tuple[str, ...]


@value
class NextHasCome(NamedTuple):
    """A dose is missed because the next one has come and a dose is never doubled (our rule)."""

    days: int
    next_target: date


@value
class OnHold(NamedTuple):
    """A dose lies in a hold, or was not yet given as it began."""

    hold: Hold


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
class NoSites(NamedTuple):
    """No sites are proposed because a rule leaves too few."""

    why: TooFewSites


Reason = (
    TakenAsGiven
    | CountedFrom
    | MovedBy
    | Restarted
    | GapKept
    | OffTarget
    | PassedOver
    | RuleSkips
    | NextHasCome
    | OnHold
    | Dropped
    | SkippedByPerson
    | Provisional
    | NoSites
)
