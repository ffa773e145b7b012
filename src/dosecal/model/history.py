"""What counts of a log: entries that were taken back are gone."""

from bisect import bisect_left
from datetime import date
from typing import NamedTuple

from dosecal.model.course import Decided, Entry, Given, Hold, Skipped, standing
from dosecal.model.schedule import Then
from dosecal.model.values import value


@value
class History(NamedTuple):
    """What counts of a log.

    Attributes:
        given: The administrations by number of dose.
        skipped: The doses not taken, by number.
        decided: What the person decided about a dose, by its number.
        holds: In order of entry.
        days: Of the administrations, each with its number, in order of time.
    """

    given: dict[int, Given]
    skipped: dict[int, Skipped]
    decided: dict[int, Then]
    holds: tuple[Hold, ...]
    days: tuple[tuple[date, int], ...]

    @property
    def last_given(self) -> int:
        """The highest number of a dose that was given; 0 before the first."""
        return max(self.given, default=0)

    def last_before(self, day: date, number: int) -> date | None:
        """Return the day of the administration before that of dose `number` on `day`, in time.

        Of two on one day the one with the lower number counts as the earlier.
        """
        place = bisect_left(self.days, (day, number))
        return self.days[place - 1][0] if place else None

    def last_of_earlier_numbers(self, day: date, number: int) -> date | None:
        """Return the last administration up to `day`, inclusive, of a dose before `number`."""
        earlier = (on for on, dose in self.days if dose < number and on <= day)
        return max(earlier, default=None)

    def used_before(self, day: date, number: int) -> dict[str, date]:
        """Return when each site was last used before dose `number` was given on `day`."""
        earlier = self.days[: bisect_left(self.days, (day, number))]
        return {site: on for on, dose in earlier for site in self.given[dose].sites or ()}


def history(log: tuple[Entry, ...]) -> History:
    """Return what counts of a log."""
    if not log:
        return History({}, {}, {}, (), ())
    left = standing(log)
    given = {each.dose: each for each in left if isinstance(each, Given)}
    decided = {number: each.then for number, each in given.items() if each.then}
    decided |= {each.dose: each.then for each in left if isinstance(each, Decided)}
    return History(
        given,
        {each.dose: each for each in left if isinstance(each, Skipped)},
        decided,
        tuple(each for each in left if isinstance(each, Hold)),
        tuple(sorted((each.date, number) for number, each in given.items())),
    )
