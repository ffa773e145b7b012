"""The doses of a course placed one after the other: each on its day, with its status and why.

`Walk` goes through the doses in order of their numbers. What it knows between two of them, where
the plan stands, what was given last, which question is open, is its state; a dose is placed from
the state before it, what is recorded of it, and the day, and leaves the state after it. Sites are
chosen elsewhere (plan/assess): they move nothing. Source of the rules: docs/late-doses.md.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from dosecal.errors import WeightMissingError
from dosecal.model.choices import (
    Wanted,
    read_choice,
    refuse_open,
    with_choice,
    with_choices,
)
from dosecal.model.course import Chosen, Course, Given, Hold, Stepped, Stopped, Weighed
from dosecal.model.history import History, Hour, hour_on
from dosecal.model.quantities import Amount
from dosecal.model.reasons import (
    Again,
    BeforeRecord,
    ChosenFrom,
    CountedFrom,
    GapKept,
    MovedBy,
    MovedTo,
    Near,
    NextHasCome,
    OffTarget,
    OnHold,
    Part,
    PassedOver,
    Provisional,
    QuestionOpen,
    Reason,
    Reloaded,
    Restarted,
    RuleSkips,
    SkippedByPerson,
    SteppedTo,
    StoodFor,
    TakenAsGiven,
    TreatmentStopped,
)
from dosecal.model.schedule import (
    MinGap,
    MissedRule,
    PersonDose,
    Phase,
    Repeating,
    Schedule,
    Then,
)
from dosecal.model.values import value
from dosecal.plan.late import (
    OPEN_QUESTIONS,
    PASSING,
    Known,
    Verdict,
    acceptable,
    allowed_from,
    judge,
    not_doubled,
    passed_over,
)
from dosecal.plan.timeline import Segment, Slot, Timeline


class Status(StrEnum):
    """Where a planned dose stands on a day."""

    GIVEN = "given"
    SKIPPED = "skipped"
    MISSED = "missed"
    HELD = "held"
    LATE = "late"
    DUE = "due"
    UPCOMING = "upcoming"


OPEN: Final = (Status.LATE, Status.DUE, Status.UPCOMING)
"""The statuses of a dose that is still to be given."""
_PASSED: Final = (Status.MISSED, Status.SKIPPED, Status.HELD)
_UNDECIDED: Final = frozenset({Then.ASK, Then.GIVE_ASK, Then.SKIP, Then.KEEP_OR_SHIFT})
"""What leaves a dose that was given with a question."""


@value
class AssessedDose(NamedTuple):
    """A planned dose as it stands on a day.

    Attributes:
        number: Counted from 1 through the whole course.
        phase: What the schedule says of it.
        target: When it is due.
        day: When it was given; today where it is due or late and its target is past; else the
            target.
        earliest: First day in time, inclusive.
        latest: Last day in time, inclusive.
        amount: What was given, or the dose of this person.
        injections: Needles that make it up.
        sites: One an injection; empty where none is proposed.
        status: Where it stands.
        reasons: Why it is not simply start + offset, to come.
        then: For a dose given or to act on, what the rule or the person's decision says; None
            where it is in time.
        undecided: Whether it was given and the question what follows stands open.
        amounts: What each needle holds where they are unequal.
        entry: What is recorded of it: hour, lot, note; None where nothing is.
        beside: The sites of each medicine given with it, in the order of the phase.
        schedule: The schedule that it is of: the course's, or that of a step.
        hour: At what hour it is due, and in which zone.
    """

    number: int
    phase: Phase
    target: date
    day: date
    earliest: date
    latest: date
    amount: Amount
    injections: int
    sites: tuple[str, ...]
    status: Status
    reasons: tuple[Reason, ...] = ()
    then: Then | None = None
    undecided: bool = False
    amounts: tuple[Amount, ...] = ()
    entry: Given | None = None
    beside: tuple[tuple[str, ...], ...] = ()
    schedule: Schedule | None = None
    hour: Hour = Hour(None, "")

    @property
    def given_by(self) -> str:
        """Who injects it, as the phase or else the schedule says: "" where neither does."""
        return self.phase.given_by or (self.schedule.given_by if self.schedule else "")


class State:
    """What is known before a dose is placed; from two equal ones all later doses follow alike."""

    __slots__ = (
        "acting", "anchored", "before", "changed", "day_0", "gaps", "in_phase", "last", "missed",
        "moved_by", "origins", "previous", "question", "schedule", "stepped", "stood", "timeline",
    )  # fmt: skip

    def __init__(self, schedule: Schedule, timeline: Timeline, *, acting: bool) -> None:
        self.schedule = schedule
        self.timeline = timeline
        self.acting = acting
        """Whether the dose to act on has been found: of those after it none is."""
        self.day_0 = date.min
        """The course's start, or the day on which the schedule was begun again."""
        self.last: date | None = None
        """The last day on which a dose is planned, taken or given, of those placed."""
        self.in_phase: tuple[str, date] | None = None
        """The same within the phase of the dose before."""
        self.before: Status | None = None
        """The status of the dose directly before."""
        self.missed = 0
        """How many doses directly before are missed."""
        self.previous: date | None = None
        """The target of the dose directly before."""
        self.gaps: dict[int, date] = {}
        """The days of the doses that a gap of the schedule names, by position."""
        self.anchored: tuple[str, CountedFrom | ChosenFrom] | None = None
        """A phase, and why its doses are counted from another day than the start."""
        self.moved_by: MovedBy | None = None
        self.origins: tuple[Restarted | SteppedTo | Reloaded, ...] = ()
        self.question: Provisional | QuestionOpen | None = None
        self.stood: tuple[int, date] | None = None
        """A dose given off its window with later targets where they were, and its day."""
        self.stepped = 0
        """How many recorded steps have been taken."""
        self.changed: frozenset[int] = frozenset()
        """Which recorded choices and weights are laid into the plan, by their places."""

    def copy(self) -> "State":
        """Return a state that can go another way."""
        new = object.__new__(State)
        for name in State.__slots__:
            setattr(new, name, getattr(self, name))
        new.gaps = dict(self.gaps)
        return new

    def is_like(self, other: "State") -> bool:
        """Say whether all later doses follow alike from both."""
        return all(getattr(self, name) == getattr(other, name) for name in State.__slots__)


@value
class _Place(NamedTuple):
    """A dose of the plan: which, where in the schedule, when, and the days in time (inclusive).

    Attributes:
        raw: Its target before it was agreed for another day or a gap moved it.
        stay: The plan after it where later targets stay.
        why: Why its target is not start + offset.
    """

    number: int
    slot: Slot
    phase: Phase
    raw: date
    target: date
    earliest: date
    latest: date
    stay: Timeline
    why: tuple[Reason, ...]

    def in_phase(self, phase: Phase) -> "_Place":
        """Return this place as a dose of another phase: the first, where the schedule restarts."""
        earliest, latest = acceptable(phase.window, self.target)
        return self._replace(phase=phase, earliest=earliest, latest=latest)

    def without_gap(self, due: date) -> "_Place":
        """Return this place where no gap has moved it: a dose that is not given keeps none."""
        earliest, latest = acceptable(self.phase.window, due)
        why = tuple(each for each in self.why if not isinstance(each, GapKept))
        return self._replace(target=due, earliest=earliest, latest=latest, why=why)


class Walk:
    """The way through the doses of a course, as its record and a day have them.

    Attributes:
        course: Whose.
        record: What counts of its log.
        today: The day for which to say what is late and what is to be done; None follows the log
            alone: whatever is neither recorded nor passed over is `upcoming` on its target.
        state: What is known before the next dose.
    """

    def __init__(self, course: Course, record: History, today: date | None) -> None:
        self.course = course
        self.record = record
        self.today = today
        self._hour = Hour(course.clock, course.zone)
        phases = phases_for(course, course.schedule, record, 1, course.start)
        timeline = _closed(Timeline.begin(phases, course.start), course.schedule)
        self.state = State(course.schedule, timeline, acting=today is None)
        self.state.day_0 = course.start

    def place(self, number: int) -> AssessedDose | None:
        """Return the next dose, and know what follows from it; None after the last.

        Raises:
            RequestError: The dose depends on what is not known of the person, or not chosen.
            OverflowError: It lies past the year 9999.
        """
        state, record = self.state, self.record
        slot = self._slot(number)
        if slot is None:
            return None
        place = self._place(number, slot)
        given = record.given.get(number)
        if given is None and self._is_taken_as_given(place):
            given = Given(number, place.target, sites=None)
        if given is not None:
            dose = self._administered(place, given)
        elif number in record.skipped:
            why = SkippedByPerson(record.skipped[number].note)
            dose = self._passed(place, Status.SKIPPED, why)
        elif record.taken_until and place.target <= record.taken_until:
            dose = self._taken_before(place)
        elif stop := self._stop(place.target):
            dose = self._passed(place, Status.HELD, TreatmentStopped(stop.on, stop.reason))
        else:
            dose = self._open(place)
        state.missed = state.missed + 1 if dose.status is Status.MISSED else 0
        state.before, state.previous = dose.status, place.target
        if state.stood and self._agreed(number, place.raw) > state.stood[1]:
            state.stood = None  # no later dose can be one that it stands for
        return dose

    def outlook(self, number: int) -> Known | None:
        """Return what is known of the next dose before it is placed; None after the last."""
        slot = self._slot(number)
        if slot is None:
            return None
        place = self._place(number, slot)
        return self._known(place, self._last_given(place.target, number), place.stay)

    # Where a dose is placed

    def _slot(self, number: int) -> Slot | None:
        """Return the slot of a dose, on the plan as steps, choices and the weight have it then."""
        state, record = self.state, self.record
        if record.chosen or record.weighed:
            self._change(number)
        while True:
            slot = state.timeline.slot(number)
            target = self._agreed(number, state.timeline.target(slot)) if slot else None
            if state.stepped < len(record.steps) and number not in record.skipped:
                step, after = record.steps[state.stepped]
                if number > after and (target is None or target >= step.on):
                    self._step(number)
                    continue
            break
        if slot is None or target is None:
            return None
        if number > record.last_given and self._stop(target):
            return slot if state.stepped < len(record.steps) else None
        return slot

    def _stop(self, target: date) -> Stopped | None:
        """Return the stop of the treatment that holds on a day: a step after it resumes it."""
        taken = [step.on for step, _ in self.record.steps[: self.state.stepped]]
        for stop in self.record.stops:
            if stop.on <= target and not any(on >= stop.on for on in taken):
                return stop
        return None

    def _agreed(self, number: int, target: date) -> date:
        """Return when a dose is due that was agreed for another day, or is to be repeated."""
        if moved := self.record.moved.get(number):
            return moved.to
        if again := self.record.repeated.get(number):
            return again[-1].on
        return target

    def _step(self, number: int) -> None:
        """Go to the phase of the next recorded step with dose `number`."""
        state = self.state
        step, _ = self.record.steps[state.stepped]
        state.stepped += 1
        if step.schedule:
            state.schedule = dict(self.course.others)[step.schedule]
            state.gaps = {}
        phases = phases_for(self.course, state.schedule, self.record, number, step.on)
        place = next(each for each, phase in enumerate(phases) if phase.name == step.to)
        stepped = Timeline.step(phases, place, step.on, number, step.phase_dose)
        state.timeline = _closed(stepped, state.schedule)
        self._begin_again(SteppedTo(step.to, number, step.on))
        state.stood = None
        if place == 0 and step.phase_dose == 1:
            state.day_0 = step.on

    def _change(self, number: int) -> None:
        """Let the choices and weights hold that were entered before a dose was recorded.

        They are laid into the plan as soon as they can be, so that whatever looks ahead sees it
        as it will be: spacings first, then amounts, which go by the days that come of them.
        """
        state, record = self.state, self.record
        recorded: list[tuple[Chosen | Weighed, int]] = [*record.chosen, *record.weighed]
        entries = [
            (place, each)
            for place, (each, after) in enumerate(recorded)
            if place not in state.changed and number > after
        ]
        for place, each in sorted(entries, key=lambda each: _is_of_an_amount(each[1])):
            state.changed = state.changed | {place}
            if isinstance(each, Chosen):
                self._choose(each)
            else:
                self._weigh(each, number)

    def _choose(self, entry: Chosen) -> None:
        """Lay a choice into the plan, from its own day on."""
        state = self.state
        timeline, since = state.timeline, entry.first or self.course.start
        stated = next((each for each in state.schedule.phases if each.name == entry.phase), None)
        phase = next((each for each in timeline.phases if each.name == entry.phase), None)
        if stated is None or phase is None:
            return  # of another schedule
        choice = next((each for each in stated.choices if each.key == entry.key), None)
        if choice is None:
            return
        now = with_choice(phase, entry.key, read_choice(choice, entry.text))
        self._lay({phase.name: now}, since)

    def _weigh(self, entry: Weighed, number: int) -> None:
        """Let the phases of a weight go on where those of the one before were."""
        state = self.state
        if not any(each.weight for each in state.schedule.phases):
            return
        phases = phases_for(self.course, state.schedule, self.record, number, entry.on)
        old = state.timeline.phases
        changes = {
            before.name: phases[min(place, len(phases) - 1)] for place, before in enumerate(old)
        }
        self._lay(changes, entry.on)

    def _lay(self, changes: dict[str, Phase], since: date) -> None:
        state = self.state
        timeline = _closed(state.timeline.rephased(changes, since), state.schedule)
        rest = [each for each in timeline.segments if each.is_rest and each.base]
        for segment in rest:
            timing = segment.phase.timing
            is_new = segment not in state.timeline.segments
            if is_new and segment.base and isinstance(timing, Repeating):
                why = ChosenFrom(segment.phase.name, timing.every, segment.base)
                state.anchored = (segment.phase.name, why)
        state.timeline = timeline

    def _place(self, number: int, slot: Slot) -> _Place:
        """Return where a dose stands in the plan, moved as far as was agreed and gaps ask."""
        state, record = self.state, self.record
        timeline = state.timeline
        phase, raw = timeline.phase(slot), timeline.target(slot)
        target, stay = raw, timeline
        why = self._why(slot)
        if number in record.moved or number in record.repeated:
            target = self._agreed(number, raw)
            moved = record.moved.get(number)
            if moved is None:
                why = (*why, Again(record.repeated[number][-1].given.date))
            else:
                why = (*why, MovedTo(raw, moved.note))
                if moved.then is Then.SHIFT:
                    stay = timeline.shifted(slot, number, raw, target)
        free: date | None = None
        has_gap = state.schedule.min_gap or phase.min_gap or state.schedule.gaps
        if has_gap and number not in record.skipped:
            before = record.last_of_earlier(target, number)
            for gap, since in self._gaps(slot, phase, number, before):
                until = gap.gap.after(since)
                free = max(free, until) if free else until
                if target < until:
                    why = (*(each for each in why if not isinstance(each, GapKept)),
                           GapKept(raw, since, gap.gap, gap.sources))  # fmt: skip
                    target = until
        earliest, latest = acceptable(phase.window, target)
        if free and earliest < free:
            earliest = free
        return _Place(number, slot, phase, raw, target, earliest, latest, stay, why)

    def _gaps(
        self, slot: Slot, phase: Phase, number: int, given: date | None
    ) -> list[tuple[MinGap, date]]:
        """Return the gaps that bound a dose, and the day from which each counts.

        Args:
            slot: Its place.
            phase: Its phase.
            number: Its number.
            given: When something was given before it.
        """
        state = self.state
        found = []
        last = state.last if number not in self.record.given else None
        days = [each for each in (given, last) if each is not None]
        if state.schedule.min_gap and days:
            found.append((state.schedule.min_gap, max(days)))
        if phase.min_gap and state.in_phase and state.in_phase[0] == phase.name:
            found.append((phase.min_gap, state.in_phase[1]))
        for gap in state.schedule.gaps:
            first, second = gap.between
            if second == slot.position + 1 and first in state.gaps:
                stated = MinGap(gap.gap, gap.sources, gap.grace)
                found.append((stated, state.gaps[first]))
        return found

    def _why(self, slot: Slot) -> tuple[Reason, ...]:
        """Return why the target of a slot is not start + offset."""
        state = self.state
        if not (state.origins or state.anchored or state.moved_by):
            return ()
        segment = state.timeline.segments[slot.segment]
        reasons: list[Reason] = list(state.origins)
        if state.anchored and segment.base and _is_counted_from(state.anchored, segment):
            reasons.append(state.anchored[1])
        elif state.moved_by and segment.moved:
            reasons.append(state.moved_by)
        return tuple(reasons)

    # A dose that is recorded

    def _is_taken_as_given(self, place: _Place) -> bool:
        """Say whether nothing records the plan and the dose is past: it is taken as given."""
        return self.course.log is None and self.today is not None and place.latest < self.today

    def _taken_before(self, place: _Place) -> AssessedDose:
        """Return a dose that was given as planned before the record began."""
        self._use(place, place.target)
        return self._dose(
            place, place.target, Status.GIVEN, (*place.why, BeforeRecord()),
            self._person_dose(place.phase, place.target),
        )  # fmt: skip

    def _administered(self, place: _Place, given: Given) -> AssessedDose:
        """Return a dose that was given, and let it move what comes after."""
        state, record, number = self.state, self.record, place.number
        recorded = self.course.log is not None
        on = record.counted(given) if recorded else given.date
        known = self._known(place, self._last_given(on, number), place.stay, on)
        verdict = not_doubled(judge(state.schedule, known, on), on, known.last)
        decision = record.decided.get(number)
        then = None if verdict.then is None else (decision or verdict.then)
        reasons = place.why
        shown, person_dose = self._shown(place, then, verdict, on)
        part = None
        if not recorded:
            reasons = (*reasons, TakenAsGiven())
        else:
            if then is not None:
                reasons = (
                    *reasons,
                    _off_target(verdict, then, known, decided=decision is not None),
                )
            part = _part(given, person_dose, decided=decision is not None)
            reasons = (*reasons, part) if part else reasons
        undecided = recorded and decision is None and (then in _UNDECIDED or part is not None)
        state.question = Provisional(number, given=True) if undecided else None
        state.stood = None
        self._move(place, shown, on, verdict, decision)
        amount, injections, amounts = person_dose
        if given.amount is not None:
            amount, injections = given.amount, given.injections or injections
            amounts = amounts if amount == person_dose.amount else ()
        return self._dose(
            shown, given.date, Status.GIVEN, reasons, PersonDose(amount, injections, amounts),
            then, undecided=undecided, entry=given if recorded else None,
        )  # fmt: skip

    def _last_given(self, on: date, number: int) -> date | None:
        """Return when something was given before dose `number` on a day."""
        found = self.record.last_before(on, number)
        if self.course.log is None or self.record.taken_until:
            return max(filter(None, (found, self.state.last)), default=None)
        return found

    def _known(
        self, place: _Place, last: date | None, after: Timeline, on: date | None = None
    ) -> Known:
        """Return what is known of a dose for its rules.

        Args:
            place: The dose.
            last: When something was given before it.
            after: The plan after it where later targets stay.
            on: The day on which it is given; None: its target.
        """
        state = self.state
        free: date | None = None
        sources: tuple[str, ...] = ()
        schedule = state.schedule
        if schedule.min_gap or place.phase.min_gap or schedule.gaps:
            number = place.number
            before = self.record.last_before(on or place.target, number)
            for gap, since in self._gaps(place.slot, place.phase, number, before):
                until = allowed_from(gap, since)
                if free is None or until > free:
                    free, sources = until, gap.sources
        named = self._is_named(place)
        earliest = place.earliest
        if free:
            by_gap = any(isinstance(each, GapKept) for each in place.why)
            window = acceptable(place.phase.window, place.target)[0]
            earliest = min(window, free) if by_gap else max(window, free)
        return Known(
            place.phase, place.slot.position, place.target, earliest, place.latest,
            self._next_target(after, place.number, also_skipped=True),
            self._next_target(after, place.number), last, state.day_0, state.missed,
            state.before in _PASSED, free, sources, named or _counts_from_given(place.phase),
            self._fixed_on(place.number),
        )  # fmt: skip

    def _is_named(self, place: _Place) -> bool:
        """Say whether a gap of the schedule names a dose: nothing passes it over."""
        return any(place.slot.position + 1 in gap.between for gap in self.state.schedule.gaps)

    def _next_target(
        self, timeline: Timeline, number: int, *, also_skipped: bool = False
    ) -> date | None:
        """Return the next target after `number`, of a dose that was not skipped in advance.

        What was entered when the dose had been given, or its next target had come, changes
        nothing any more: the past stays.
        """
        given = self.record.given.get(number)
        known_by = given.recorded if given else None
        while True:
            slot = timeline.slot(number := number + 1)
            if step := self._coming_step(number, slot and timeline.target(slot), known_by):
                return step.on
            if slot is None:
                return None
            target = timeline.target(slot)
            moved, skipped = self.record.moved.get(number), self.record.skipped.get(number)
            if moved and _was_known(moved.recorded, known_by, target):
                target = moved.to
            if also_skipped or not skipped or not _was_known(skipped.recorded, known_by, target):
                return target

    def _fixed_on(self, number: int) -> date | None:
        """Return the next day that no shift moves: of a step, or agreed for the next dose."""
        record = self.record
        following = number + 1
        while following in record.skipped:
            following += 1
        days = [step.on for step, _ in record.steps[self.state.stepped :][:1]]
        if following not in record.given:
            days += [each.to for each in filter(None, [record.moved.get(following)])]
            days += [each.on for each in record.repeated.get(following, ())[-1:]]
        return min(days, default=None)

    def _coming_step(
        self, number: int, target: date | None, known_by: datetime | None
    ) -> Stepped | None:
        """Return the next recorded step if dose `number`, due on `target`, will be its first."""
        record = self.record
        if self.state.stepped >= len(record.steps) or number in record.skipped:
            return None
        step, after = record.steps[self.state.stepped]
        entered_later = known_by and step.recorded and step.recorded >= known_by
        if entered_later or number <= after or (target is not None and target < step.on):
            return None
        return step

    # A dose that is neither given nor skipped

    def _open(self, place: _Place) -> AssessedDose:
        """Return a dose that is open: passed over, held, to act on, or to come."""
        state, record, today = self.state, self.record, self.today
        later = record.first_recorded_after(place.number)
        if later is None and state.acting and not (state.stood or record.holds):
            return self._to_come(place)
        known = self._known(place, self._last_given(place.target, place.number), place.stay)
        until = record.counted(later) if later else None if state.acting else today
        passed = passed_over(state.schedule, known, until) if until else None
        due = self._agreed(place.number, place.raw)  # a gap may have moved it behind
        stood = state.stood if state.stood and due <= state.stood[1] else None
        stood = None if self._is_named(place) else stood
        gone = [each for each in (passed and passed[0], stood and stood[1]) if each]
        hold = self._hold(place, known, passed, later, min(gone, default=None))
        if hold is not None and hold[1]:
            return self._passed(place, Status.HELD, OnHold(hold[0]))
        if stood:
            return self._passed(place.without_gap(due), Status.MISSED, StoodFor(*stood))
        if passed is not None:
            return self._passed_over(place, known, *passed)
        if later is not None:
            return self._passed(place.without_gap(due), Status.MISSED, PassedOver(later.dose))
        if today is not None and (stop := self._stop(today)):
            return self._passed(place, Status.HELD, TreatmentStopped(stop.on, stop.reason))
        return self._to_come(place, hold[0] if hold else None)

    def _passed_over(self, place: _Place, known: Known, on: date, verdict: Verdict) -> AssessedDose:
        """Return a missed dose, and keep the question that it leaves open."""
        if verdict.then is Then.SKIP:
            return self._passed(
                place, Status.MISSED, RuleSkips((on - place.target).days, verdict.sources)
            )
        then = verdict.then or Then.ASK
        if then in OPEN_QUESTIONS and place.number > self.record.last_given:
            self.state.question = QuestionOpen(place.number)
        coming = known.next_open or on
        if known.fixed_on and known.fixed_on <= on and not (then in PASSING and coming <= on):
            coming = known.fixed_on
        why = NextHasCome(
            (coming - place.target).days, coming, then, verdict.sources,
            stated=verdict.rule is not None,
        )  # fmt: skip
        return self._passed(place, Status.MISSED, why)

    def _hold(
        self,
        place: _Place,
        known: Known,
        passed: tuple[date, Verdict] | None,
        later: Given | None,
        gone: date | None,
    ) -> tuple[Hold, bool] | None:
        """Return the hold that an open dose is or was in, and whether it is held by it now.

        While a hold lasts every open dose with a target up to its last day is held. After it the
        last of them goes by the rules, until the next target has come; the others stay held.
        """
        today, over = self.today, None
        for hold in sorted(self.record.holds, key=lambda each: each.first):
            if hold.last is not None and place.target > hold.last:
                continue
            if gone and gone <= hold.first:
                continue
            if later and self.record.counted(later) < hold.first:
                continue
            if place.target < hold.first and (
                (today is None and later is None) or (today is not None and today < hold.first)
            ):
                continue
            coming = known.next_open
            is_stood_for = gone is not None and not (passed and gone == passed[0])
            is_over = hold.last is not None and gone is not None and hold.last < gone
            if is_stood_for and is_over and (coming is None or coming > (gone or coming)):
                over = (hold, False)  # the last of it was open again, and one given stood for it
                continue
            if later or today is None or hold.last is None or today <= hold.last:
                return hold, True
            replaced = known.fixed_on is not None and known.fixed_on <= today
            stands_alone = known.never_passed and not replaced
            in_hold = coming is not None and coming <= hold.last
            is_last = stands_alone or not in_hold
            came = coming is not None and coming <= today and not stands_alone
            skips = passed is not None and passed[1].then is Then.SKIP and gone == passed[0]
            if not is_last or came or skips:
                return hold, True
            over = (hold, False)
        return over

    def _to_come(self, place: _Place, hold: Hold | None = None) -> AssessedDose:
        """Return a dose to act on or one after it, and plan on as if it were given that day."""
        state, today = self.state, self.today
        reasons = (*place.why, *((OnHold(hold),) if hold else ()), *self._near(place))
        paused = today is not None and any(each.covers(today) for each in self.record.holds)
        if (
            state.acting or today is None or paused
            or today < max(place.earliest, self.course.start)
        ):  # fmt: skip
            then = None
            if not state.acting and state.question:
                then = Then.ASK
            if state.question:
                reasons = (*reasons, state.question)
            if today is not None:
                state.acting = True
            dose = self._dose(
                place, place.target, Status.UPCOMING, reasons,
                self._person_dose(place.phase, place.target), then,
            )  # fmt: skip
            self._plan_on(place, place.target)
            return dose
        state.acting = True
        return self._to_act_on(place, today, reasons)

    def _to_act_on(self, place: _Place, today: date, reasons: tuple[Reason, ...]) -> AssessedDose:
        """Return the dose to act on today, and plan on as its rule says."""
        state, record = self.state, self.record
        known = self._known(
            place, self._last_given(today + timedelta(days=1), place.number), place.stay,
            max(place.target, today),
        )  # fmt: skip
        verdict = judge(state.schedule, known, today)
        if record.is_given_on(today):
            verdict = not_doubled(verdict, today, today)
        then = verdict.then
        if state.question:  # before it is answered nothing is advised
            then = Then.ASK
            reasons = (*reasons, state.question)
        elif verdict.then is not None:
            reasons = (*reasons, _off_target(verdict, verdict.then, known, given=False))
        status = Status.DUE if today <= place.latest else Status.LATE
        day = max(place.target, today)
        moves = None if state.question or verdict.doubled else verdict
        shown, person_dose = self._shown(place, then, verdict, day)
        dose = self._dose(shown, day, status, reasons, person_dose, then)
        asked = then in _UNDECIDED and then is not Then.KEEP_OR_SHIFT
        if asked and not isinstance(state.question, Provisional):
            state.question = Provisional(place.number, given=False)
        if moves is not None:
            self._move(place, shown, day, moves, None)
        else:
            self._plan_on(place, day, stood=True)
        return dose

    def _near(self, place: _Place) -> tuple[Near, ...]:
        """Say where less than half the interval lies between an administration and a target."""
        state = self.state
        if state.stood is None or state.previous is None:
            return ()
        if state.schedule.min_gap or place.phase.min_gap or state.schedule.gaps:
            return ()  # there a source does speak of it
        number, given = state.stood
        away, interval = (place.target - given).days, (place.target - state.previous).days
        if given <= state.previous or not 0 < 2 * away < interval:
            return ()
        return (Near(number, away),)

    def _shown(
        self, place: _Place, then: Then | None, verdict: Verdict, on: date
    ) -> tuple[_Place, PersonDose]:
        """Return a dose as what its rule makes of it: of the first phase, of a step's, a reload's.

        Args:
            place: The dose.
            then: What holds for it.
            verdict: What its rule says.
            on: When it is given.
        """
        state, rule = self.state, verdict.rule
        shown = place
        if then is Then.RESTART:
            shown = place.in_phase(state.timeline.phases[0])
        elif isinstance(rule, MissedRule) and then is Then.STEP and rule.to:
            shown = place.in_phase(
                next(each for each in state.timeline.phases if each.name == rule.to)
            )
        elif isinstance(rule, MissedRule) and then is Then.RELOAD and rule.reload:
            bands = rule.reload.bands or place.phase.bands
            shown = place._replace(phase=place.phase._replace(bands=bands))
        return shown, self._person_dose(shown.phase, on)

    # What follows from a dose

    def _move(
        self, place: _Place, shown: _Place, on: date, verdict: Verdict, decision: Then | None
    ) -> None:
        """Let a dose given on a day move the doses after it, as its rule or a decision says.

        Args:
            place: The dose as it stood in the plan.
            shown: The same as what its rule has made of it.
            on: When it is given.
            verdict: What its rule says.
            decision: What the person decided in its place, if anything.
        """
        state, number, slot = self.state, place.number, place.slot
        decided = decision is not None
        sources = () if decided else verdict.sources
        then = None if verdict.then is None else decision or verdict.then
        rule = verdict.rule
        moved = self.record.moved.get(number)
        from_raw = moved is not None and moved.then is Then.SHIFT
        if then is Then.SHIFT:
            target = place.raw if from_raw else place.target
            self._shift(place, target, on, sources, decided=decided)
        elif then is Then.RESTART:
            state.timeline = state.timeline.restarted(number, on)
            self._begin_again(Restarted(number, on, sources, decided))
            state.day_0 = on
            shown = shown._replace(slot=Slot(0, 0, 0))
        elif then is Then.STEP and isinstance(rule, MissedRule) and rule.to:
            phases = state.timeline.phases
            to = next(each for each, phase in enumerate(phases) if phase.name == rule.to)
            state.timeline = _closed(Timeline.step(phases, to, on, number), state.schedule)
            self._begin_again(SteppedTo(rule.to, number, on, sources))
        elif then is Then.RELOAD and isinstance(rule, MissedRule) and rule.reload:
            state.timeline = state.timeline.reloaded(slot, number, on, rule.reload)
            state.origins = (*state.origins, Reloaded(number, on, sources))
        else:
            self._plan_on(place, on, stood=then is not None)
        self._use(shown, on)

    def _shift(
        self, place: _Place, target: date, on: date, sources: tuple[str, ...], *, decided: bool
    ) -> None:
        state, number = self.state, place.number
        days = (on - target).days
        state.timeline = state.timeline.shifted(place.slot, number, target, on)
        state.anchored = (
            place.phase.name, CountedFrom(number, on, days, sources, decided),
        )  # fmt: skip
        earlier = state.moved_by
        state.moved_by = MovedBy(
            days + (earlier.days if earlier else 0),
            (*(earlier.doses if earlier else ()), number),
            tuple(dict.fromkeys((*(earlier.sources if earlier else ()), *sources))),
            decided or (earlier is not None and earlier.decided),
        )

    def _begin_again(self, why: Restarted | SteppedTo) -> None:
        state = self.state
        state.origins = (why,)
        state.anchored = state.moved_by = None
        state.in_phase = None
        state.gaps = {}

    def _plan_on(self, place: _Place, on: date, *, stood: bool = False) -> None:
        """Leave later targets where they are, but for a phase that counts from the day given."""
        state = self.state
        timing = place.phase.timing
        from_given = isinstance(timing, Repeating) and timing.from_given
        moved = self.record.moved.get(place.number)
        if from_given and moved is not None and moved.then is Then.SHIFT:
            self._shift(place, place.raw, on, (), decided=True)
        elif from_given:
            if on != place.raw:
                state.timeline = state.timeline.counted_from(place.slot, place.number, on)
                days = (on - place.target).days
                why = CountedFrom(place.number, on, days, place.phase.sources, always=True)
                state.anchored = (place.phase.name, why)
        else:
            self._stay(place)
            if stood:
                state.stood = (place.number, on)
        self._use(place, on)

    def _stay(self, place: _Place) -> None:
        """Let no later target move but with a dose that was agreed to move them."""
        moved = self.record.moved.get(place.number)
        if moved is not None and moved.then is Then.SHIFT:
            self._shift(place, place.raw, moved.to, (), decided=True)

    def _use(self, place: _Place, on: date) -> None:
        """Know that a dose is given, or planned to be, on a day."""
        state = self.state
        if state.last is None or on > state.last:
            state.last = on
        state.in_phase = (place.phase.name, on)
        if state.schedule.gaps:
            state.gaps[place.slot.position + 1] = on

    # The dose itself

    def _passed(self, place: _Place, status: Status, why: Reason) -> AssessedDose:
        """Return a dose that is not injected: no sites, and it moves nothing."""
        self._stay(place)
        return self._dose(
            place, place.target, status, (*place.why, why),
            self._person_dose(place.phase, place.target),
        )  # fmt: skip

    def _person_dose(self, phase: Phase, on: date) -> PersonDose:
        course = self.course
        return phase.dose_for(self.record.weight_on(on, course.weight_kg), course.bsa_m2)

    def _dose(
        self,
        place: _Place,
        day: date,
        status: Status,
        reasons: tuple[Reason, ...],
        person_dose: PersonDose,
        then: Then | None = None,
        *,
        undecided: bool = False,
        entry: Given | None = None,
    ) -> AssessedDose:
        amount, injections, amounts = person_dose
        return AssessedDose(
            place.number, place.phase, place.target, day, place.earliest, place.latest, amount,
            injections, (), status, reasons, then, undecided, amounts, entry,
            schedule=self.state.schedule,
            hour=hour_on(self.course, self.record.zoned, day) if self.record.zoned else self._hour,
        )  # fmt: skip


def _off_target(
    verdict: Verdict, then: Then, known: Known, *, given: bool = True, decided: bool = False
) -> OffTarget:
    """Return what holds for a dose outside its window, as a reason."""
    rule = verdict.rule
    return OffTarget(
        verdict.days, then, () if decided else verdict.sources, given, decided,
        verdict.too_soon, rule is not None, verdict.doubled, verdict.early_rules,
        interrupted=known.interrupted and verdict.days >= 0 and not verdict.doubled,
        say="" if rule is None or decided else rule.say,
        to=rule.to if isinstance(rule, MissedRule) and not decided else "",
    )  # fmt: skip


def _part(given: Given, planned: PersonDose, *, decided: bool) -> Part | None:
    """Return that less than the dose was given, if it was."""
    amount = given.amount
    if amount is None or amount.unit != planned.amount.unit:
        return None
    if amount.value >= planned.amount.value:
        return None
    return Part(amount, planned.amount, decided)


def phases_for(
    course: Course, schedule: Schedule, record: History, number: int, day: date
) -> tuple[Phase, ...]:
    """Return the phases of a schedule for one person: of their weight, with what was chosen.

    Args:
        course: Whose weight and choices.
        schedule: The course's, or that of a step.
        record: What counts of the log.
        number: The dose from which they hold.
        day: When it is due.

    Raises:
        WeightMissingError: A phase is for some weights alone, and the weight is not known.
    """
    phases = schedule.phases
    if any(each.weight for each in phases):
        weight = record.weight_on(day, course.weight_kg, number)
        if weight is None:
            first = next(each for each in phases if each.weight)
            raise WeightMissingError(first.name, (str(first.weight),))
        phases = tuple(each for each in phases if each.weight is None or weight in each.weight)
    if any(each.choices for each in phases):
        head = course.choices if schedule is course.schedule else ()
        made = {(each.phase, each.key): Wanted(*each[:3]) for each in head}
        for each, after in record.chosen:
            key = (each.phase, each.key)
            holds = each.first is None or each.first <= day
            if number > after and (holds or key not in made):  # the first one there is
                made[key] = Wanted(each.phase, each.key, each.text)
        there = {each.name for each in phases}
        wanted = [each for each in made.values() if each.phase in there]
        phases = with_choices(schedule._replace(phases=phases), wanted).phases
    return phases


def _closed(timeline: Timeline, schedule: Schedule) -> Timeline:
    """Return a timeline whose phases leave nothing to choose.

    Raises:
        ChoicesOpenError: One does.
    """
    if any(each.choices for each in timeline.phases):
        refuse_open(schedule, [each.phase for each in timeline.segments])
    return timeline


def _was_known(entered: datetime | None, by: datetime | None, target: date) -> bool:
    """Say whether an entry about a dose was there before its target, and before an instant."""
    if entered is None:
        return True
    return entered.date() < target and (by is None or entered < by)


def _counts_from_given(phase: Phase) -> bool:
    return isinstance(phase.timing, Repeating) and phase.timing.from_given


def _is_counted_from(why: tuple[str, CountedFrom | ChosenFrom], segment: Segment) -> bool:
    """Say whether a segment counts from the day that a reason names."""
    name, reason = why
    day = reason.given if isinstance(reason, CountedFrom) else reason.since
    return name == segment.phase.name and segment.base == day


def _is_of_an_amount(entry: Chosen | Weighed) -> bool:
    return isinstance(entry, Chosen) and entry.key == "dose"
