"""The doses of a course as they stand on a day: placed (plan/walk), and with their sites.

Sites are chosen in order of the doses: planned uses count for those after them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from dosecal.model.course import Course
from dosecal.model.dates import a_year_after
from dosecal.model.history import history
from dosecal.model.reasons import NoSites, TakenAsGiven, TooFewSites
from dosecal.model.schedule import Companion
from dosecal.model.values import value
from dosecal.plan.rotation import Person, Use, choose_sites
from dosecal.plan.walk import OPEN, AssessedDose, Walk


def doses(course: Course, today: date | None = None) -> Iterator[AssessedDose]:
    """Yield the doses of a course in order of number; without end where it is open-ended.

    Args:
        course: Whose doses.
        today: The day for which to say what is late and what is to be done; None follows the
            log alone: whatever is neither recorded nor passed over is `upcoming` on its target.

    Raises:
        RequestError: A dose depends on a body weight that is not known, or on what nobody chose.
        OverflowError: The doses run past the year 9999.
    """
    record = history(course)
    walk = Walk(course, record, today)
    used: dict[str, Use] = {}
    uses = iter(record.uses)
    coming = next(uses, None)
    number = 0
    while dose := walk.place(number := number + 1):
        if dose.status in OPEN or _is_as_planned(dose):
            while coming is not None and coming[:2] < (dose.day, number):
                _use(used, coming[2], coming[0], coming[1])
                coming = next(uses, None)
            dose = _with_sites(course, dose, used)
        elif dose.entry is not None:
            dose = dose._replace(sites=dose.entry.sites or ())
        yield dose


def _is_as_planned(dose: AssessedDose) -> bool:
    """Say whether a dose was given at the planned sites: nothing records others."""
    if dose.entry is not None:
        return dose.entry.sites is None
    return any(isinstance(each, TakenAsGiven) for each in dose.reasons)


def _use(used: dict[str, Use], sites: tuple[str, ...], day: date, number: int) -> None:
    for site in sites:
        if (day, number) > used.get(site, (date.min, 0)):
            used[site] = (day, number)


def _with_sites(course: Course, dose: AssessedDose, used: dict[str, Use]) -> AssessedDose:
    """Return a dose with its proposed sites, which count as used for those after it."""
    phase = dose.phase
    person = Person(course.avoid, course.caregiver or dose.given_by == "professional", course.sites)
    chosen = choose_sites(phase.sites, dose.injections, dose.day, used, person)
    if isinstance(chosen, TooFewSites):
        dose = dose._replace(reasons=(*dose.reasons, NoSites(chosen)))
    else:
        dose = dose._replace(sites=chosen)
        _use(used, chosen, dose.day, dose.number)
    if not phase.companions:
        return dose
    beside = tuple(_beside(each, dose, used, person) for each in phase.companions)
    return dose._replace(beside=beside)


def _beside(
    companion: Companion, dose: AssessedDose, used: dict[str, Use], person: Person
) -> tuple[str, ...]:
    """Return the sites of another medicine at the same visit: others than those of the dose."""
    rules = companion.sites or dose.phase.sites
    chosen = choose_sites(rules, companion.injections, dose.day, used, person)
    if isinstance(chosen, TooFewSites):
        return ()
    _use(used, chosen, dose.day, dose.number)
    return chosen


@value
class Horizon(NamedTuple):
    """Where a list of doses is cut (DATE-6): at most `count`, and none after `until`, inclusive."""

    count: int | None = None  # type: ignore[assignment]  # hides tuple.count
    until: date | None = None

    @classmethod
    def a_year_from(cls, first: date) -> "Horizon":
        """Return the default: one year from `first`, that day a year later excluded (DATE-6)."""
        return cls(until=a_year_after(first) - timedelta(days=1))


def within(course: Course, horizon: Horizon, today: date | None = None) -> Iterator[AssessedDose]:
    """Yield the doses of a course up to a horizon (DATE-6), and all that were given before it."""
    last_recorded = history(course).last_given
    cut = doses(course, today)
    if horizon.count is not None:
        cut = islice(cut, horizon.count)
    for dose in cut:
        if horizon.until is None or dose.day <= horizon.until:
            yield dose
        elif dose.number > last_recorded:
            return
