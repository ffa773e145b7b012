"""What is to be done today, what is still to be decided, and from when the advice changes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from dosecal.model.course import Course, Stopped
from dosecal.model.history import History, history
from dosecal.model.reasons import QuestionOpen
from dosecal.model.schedule import Then
from dosecal.model.values import value
from dosecal.plan.assess import doses
from dosecal.plan.late import allowed_from, turns
from dosecal.plan.walk import OPEN, AssessedDose, Status

_TOO_MANY_PASSED: Final = 500
"""With more doses passed over no later day is looked at: each takes a walk over all of them."""
_RECENT: Final = 5  # administrations from which a gap may still last
_OLDEST: Final = 5  # of the doses passed over the oldest is the first that its rule lets go


@value
class Advice(NamedTuple):
    """Where a course stands on a day.

    Attributes:
        today: The day.
        last_given: The dose given last, in time.
        passed: Doses after it that are skipped, missed or held, before the one to act on.
        undecided: The dose given last, if its question stands open.
        dose: The dose to act on, with its status and what its rule says; None: none is left,
            or a hold without an end covers all.
        after: The dose planned after it.
        changes: From which day on this is different, and the dose to act on as it stands then;
            None where nothing but the giving of the dose changes it.
        decision_missing: Whether the dose to act on, recorded or not, has no rule and no decision.
        question: The dose that was passed over with its question open, by its number; 0: none.
        stopped: The stop of the treatment that holds, or is to come.
    """

    today: date
    last_given: AssessedDose | None
    passed: tuple[AssessedDose, ...]
    undecided: tuple[AssessedDose, ...]
    dose: AssessedDose | None
    after: AssessedDose | None
    changes: tuple[date, AssessedDose] | None
    decision_missing: bool = False
    question: int = 0
    stopped: Stopped | None = None


def first_open(assessed: Iterable[AssessedDose]) -> AssessedDose | None:
    """Return the dose to act on: the first of these that is still to be given, or None."""
    return next((each for each in assessed if each.status in OPEN), None)


class Standing:
    """Where a course stands, known as its doses are gone through in order of number.

    Attributes:
        last_given: The dose given last, in time.
        passed: Doses after it that are skipped, missed or held, before the one to act on.
        undecided: The dose given last, if its question stands open.
        dose: The dose to act on: the first that is still to be given.
    """

    def __init__(self) -> None:
        self.last_given: AssessedDose | None = None
        self.passed: list[AssessedDose] = []
        self.undecided: AssessedDose | None = None
        self.dose: AssessedDose | None = None

    def take(self, dose: AssessedDose) -> None:
        """Go on to the next dose."""
        if dose.status is Status.GIVEN:
            self.passed = []
            self.undecided = dose if dose.undecided else None  # a later dose closes the question
            if self.last_given is None or dose.day >= self.last_given.day:
                self.last_given = dose
        elif dose.status in OPEN:
            self.dose = self.dose or dose
        elif self.dose is None:
            self.passed.append(dose)

    @property
    def decision_missing(self) -> bool:
        """Whether the dose to act on, recorded or not, has no rule and no decision."""
        return self.undecided is not None or (self.dose is not None and self.dose.then is Then.ASK)


def advise(course: Course, today: date) -> Advice:
    """Say where a course stands on a day (docs/late-doses.md, "What is to be done today").

    Raises:
        RequestError: A dose depends on a body weight that is not known, or on an open choice.
    """
    record = history(course)
    standing, after = Standing(), None
    for each in _within_reach(course, record, today):
        if standing.dose is not None:
            after = each
            break
        standing.take(each)
    dose, passed = standing.dose, standing.passed
    changes = _change(course, record, today, dose, passed) if dose else None
    question = 0
    if dose is not None:
        open_ones = [each.dose for each in dose.reasons if isinstance(each, QuestionOpen)]
        question = open_ones[0] if open_ones else 0
    return Advice(
        today,
        standing.last_given,
        tuple(passed),
        (standing.undecided,) if standing.undecided else (),
        dose,
        after,
        changes,
        standing.decision_missing,
        question,
        _stopped(record),
    )


def acting(course: Course, today: date) -> AssessedDose | None:
    """Return the dose to act on as of a day, or None."""
    return first_open(_within_reach(course, history(course), today))


def _within_reach(course: Course, record: History, today: date | None) -> Iterator[AssessedDose]:
    """Yield the doses of a course up to the first that a hold without an end covers, inclusive."""
    for each in doses(course, today):
        yield each
        if is_held_for_good(record, each):
            return


def _stopped(record: History) -> Stopped | None:
    """Return the stop that no later step has ended."""
    stops = [
        stop for stop in record.stops if not any(step.on >= stop.on for step, _ in record.steps)
    ]
    return min(stops, key=lambda each: each.on, default=None)


def is_held_for_good(record: History, dose: AssessedDose) -> bool:
    """Say whether a hold without an end covers a dose, and so all after it."""
    return dose.status is Status.HELD and any(
        hold.last is None and hold.first <= dose.target for hold in record.holds
    )


def _change(
    course: Course,
    record: History,
    today: date,
    dose: AssessedDose,
    passed: Sequence[AssessedDose],
) -> tuple[date, AssessedDose] | None:
    """Return the first later day on which another dose, status or rule holds.

    Advice changes only where a window or a gap ends, a rule's bound lies, or the next dose, a
    step, a day that was agreed, a hold or a stop comes, so it is enough to look at the days about
    those. That a dose to come is due when its day has come is no change; that one passed over
    before it is asked about again is.
    """
    held = any(each.status is Status.HELD for each in passed)
    to_come = dose.status is Status.UPCOMING and not held
    if (to_come and not passed) or len(passed) > _TOO_MANY_PASSED:
        return None
    was = (dose.number, dose.status, dose.then)
    for day in sorted(set(_edges(course, record, today, dose, passed))):
        then = acting(course, day)
        if then and (then.number, then.status, then.then) != was:
            return None if to_come and then.number >= dose.number else (day, then)
    return None


def _edges(
    course: Course,
    record: History,
    today: date,
    dose: AssessedDose,
    passed: Sequence[AssessedDose],
) -> Iterator[date]:
    marks = [dose.target, dose.latest]
    marks += [mark for each in passed[:_OLDEST] for mark in (each.target, each.latest)]
    number = 0
    for each in _within_reach(course, record, None):  # the next targets before any shift
        number += each.number > dose.number
        if each.number > dose.number:
            marks += [each.target, each.earliest]
        if number == 2:
            break
    schedule = dose.schedule or course.schedule
    given = [day for day, _ in record.days[-_RECENT:]]
    marks += given[-1:]
    for gap in (schedule.min_gap, dose.phase.min_gap, *schedule.gaps):
        marks += [allowed_from(gap, day) for day in given if gap is not None]
    marks += [stop.on for stop in record.stops]
    marks += [step.on for step, _ in record.steps]
    marks += [each.to for each in record.moved.values()]
    for hold in record.holds:
        marks += [hold.first, *([hold.last] if hold.last else [])]
    yield from (day for day in turns(schedule.missed, [*marks, course.start]) if day > today)
