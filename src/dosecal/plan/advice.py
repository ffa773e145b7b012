"""What is to be done today, what is still to be decided, and from when the advice changes."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from dosecal.model.course import Course
from dosecal.model.dates import Interval
from dosecal.model.history import history
from dosecal.model.schedule import Then
from dosecal.model.values import value
from dosecal.plan.assess import OPEN, AssessedDose, Status, doses

OPEN_QUESTIONS: Final = (Then.ASK, Then.GIVE_ASK)
"""What leaves something to ask the prescriber."""
_NEAR: Final = range(-3, 4)  # months have 28 to 31 days, so counted back an edge is this near
_OLDEST: Final = 5  # of the doses passed over the oldest is the first that its rule lets go


@value
class Advice(NamedTuple):
    """Where a course stands on a day.

    Attributes:
        today: The day.
        last_given: The dose given last, in time.
        passed: Doses after it that are skipped, missed or held, before the one to act on.
        undecided: Doses given off their windows, whose question stands open.
        dose: The dose to act on, with its status and what its rule says; None: none is left,
            or a hold without an end covers all.
        after: The dose planned after it.
        changes: From which day on this is different, and the dose to act on as it stands then;
            None where nothing but the giving of the dose changes it.
    """

    today: date
    last_given: AssessedDose | None
    passed: tuple[AssessedDose, ...]
    undecided: tuple[AssessedDose, ...]
    dose: AssessedDose | None
    after: AssessedDose | None
    changes: tuple[date, AssessedDose] | None

    @property
    def decision_missing(self) -> bool:
        """Whether the dose to act on, recorded or not, leaves something to ask."""
        return bool(self.undecided) or (self.dose is not None and self.dose.then in OPEN_QUESTIONS)


def advise(course: Course, today: date) -> Advice:
    """Say where a course stands on a day (docs/late-doses.md, "What is to be done today").

    Raises:
        RequestError: A dose depends on a body weight that is not known.
    """
    last_given = dose = after = None
    passed: list[AssessedDose] = []
    undecided: list[AssessedDose] = []
    for each in doses(course, today):
        if dose is not None:
            after = each
            break
        if each.status is Status.GIVEN:
            passed = []
            if last_given is None or each.day >= last_given.day:
                last_given = each
            if each.then is Then.RESTART:
                undecided = []
            if each.undecided:
                undecided.append(each)
        elif each.status in OPEN:
            dose = each
        else:
            passed.append(each)
            if each.status is Status.HELD and _endless(course, each):
                break
    changes = _change(course, today, dose, passed) if dose else None
    return Advice(today, last_given, tuple(passed), tuple(undecided), dose, after, changes)


def acting(course: Course, today: date) -> AssessedDose | None:
    """Return the dose to act on as of a day, or None."""
    for each in doses(course, today):
        if each.status in OPEN:
            return each
        if each.status is Status.HELD and _endless(course, each):
            break
    return None


def _endless(course: Course, dose: AssessedDose) -> bool:
    holds = history(course.log or ()).holds
    return any(hold.last is None and hold.first <= dose.target for hold in holds)


def _change(
    course: Course, today: date, dose: AssessedDose, passed: Sequence[AssessedDose]
) -> tuple[date, AssessedDose] | None:
    """Return the first later day on which another dose, status or rule holds.

    Advice changes only where a window ends, a rule's bound lies, the next dose comes or a hold
    begins or ends, so it is enough to look at the days about those. That a dose to come is due
    when its day has come is no change; that one passed over before it is asked about again is.
    """
    held = any(each.status is Status.HELD for each in passed)
    to_come = dose.status is Status.UPCOMING and not held
    if to_come and not passed:
        return None
    was = (dose.number, dose.status, dose.then)
    for day in sorted(set(_edges(course, today, dose, passed))):
        then = acting(course, day)
        if then and (then.number, then.status, then.then) != was:
            return None if to_come and then.number >= dose.number else (day, then)
    return None


def _edges(
    course: Course, today: date, dose: AssessedDose, passed: Sequence[AssessedDose]
) -> Iterator[date]:
    past = history(course.log or ())
    marks = [dose.target, dose.latest]
    marks += [mark for each in passed[:_OLDEST] for mark in (each.target, each.latest)]
    number = 0
    for each in doses(course):  # as the log leaves them: the next targets before any shift
        number += each.number > dose.number
        if each.number > dose.number:
            marks += [each.target, each.earliest]
        if number == 2 or (each.status is Status.HELD and _endless(course, each)):
            break
    marks += [each.date for each in past.given.values() if each.dose == past.last_given]
    for hold in past.holds:
        marks += [hold.first, *([hold.last] if hold.last else [])]
    spans = [rule.range.interval for rule in course.schedule.missed if rule.range]
    for mark in marks:
        for span in (Interval(0, "day"), *spans):
            for times in (-1, 1):
                edge = span.after(mark, times)
                yield from (day for near in _NEAR if (day := edge + timedelta(days=near)) > today)
