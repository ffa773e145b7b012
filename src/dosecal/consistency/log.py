"""What the entries of a course's log may not say against each other, its schedule and its start."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from dosecal.errors import DosecalError, Problem, bounded_problem, described
from dosecal.model.course import (
    VOIDED_BY_KIND,
    Chosen,
    Course,
    Decided,
    Entry,
    Extra,
    Given,
    Hold,
    HoldEnd,
    Moved,
    Skipped,
    Stepped,
    Stopped,
    Taken,
    Void,
    name_of,
    voided_words,
)
from dosecal.model.hints import near_miss
from dosecal.model.schedule import Listed, Phase, Schedule, Then
from dosecal.plan.assess import doses
from dosecal.plan.timeline import Timeline


def contradictions(course: Course) -> tuple[Problem, ...]:
    """Say what of a course cannot be, each with its place: a dose twice, or one there is not.

    One pass over the log: the work grows as the log does.
    """
    log = _Log(course)
    log.check_head()
    for entry in course.log or ():
        log.enter(entry)
    log.check_start()
    log.check_last()
    return tuple(log.problems)


def _region(site: str) -> str:
    """Return a site without its side."""
    return site.removeprefix("left-").removeprefix("right-")


class _Entered(NamedTuple):
    """An entry that stands.

    Attributes:
        where: Its place in the file.
        before: How its dose stood before it.
        schedule: Of a step: the schedule that goes on.
    """

    entry: Entry
    where: str
    before: str = ""
    schedule: Schedule | None = None


class _Log:
    """What stands of a log while it is gone through.

    Attributes:
        problems: What was found.
        phases: By name: those of every schedule that the course names.
        doses: By number, the entries that stand about a dose, in order.
        kinds: The entries that stand of each kind that a void can name.
        given: By number, the administrations that stand.
        recorded: By number: "given" or "skipped" while the dose is recorded and not to be
            repeated.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.problems: list[Problem] = []
        self.others = dict(course.others)
        schedules = (course.schedule, *self.others.values())
        self.phases = {each.name: each for schedule in schedules for each in schedule.phases}
        self.numbers = Counter[str]()
        self.doses: dict[int, list[_Entered]] = {}
        self.kinds: dict[str, list[_Entered]] = {}
        self.given: dict[int, list[Given]] = {}
        self.recorded: dict[int, str] = {}
        self.taken: list[_Entered] = []

    def problem(self, where: str, what: str, allowed: str = "", hint: str = "") -> None:
        """Note a problem."""
        self.problems.append(bounded_problem(where, what, allowed, hint))

    def check_head(self) -> None:
        """Note what the schedule does not have of what the head names."""
        allowed = dict.fromkeys(
            site for phase in self.phases.values() for region in phase.sites.regions
            for site in phase.sites.sites(region)
        )  # fmt: skip
        for site in self.course.sites:
            if site not in allowed:
                known = ", ".join(allowed)
                can_be = f"of: {known}" if known else "it names no sites: leave this out"
                self.problem("sites", f"the schedule does not allow {site}", can_be)
        for number, avoid in enumerate(self.course.avoid, 1):
            near = [site for site in allowed if _region(site) == _region(avoid.site)]
            if near and avoid.site not in allowed:
                what = f"the schedule does not tell {avoid.site} apart"
                can_be = f"one [[avoid]] for each of: {', '.join(near)}"
                self.problem(f"avoid[{number}].site", what, can_be)
        for name in dict.fromkeys(each.phase for each in self.course.choices):
            if name not in self.phases:
                self._no_phase(f"choices.{name}", name, self.phases)

    def _no_phase(self, where: str, name: str, phases: Mapping[str, Phase]) -> None:
        what = f"no phase {described(name)}"
        known = f"one of: {', '.join(phases)}"
        self.problem(where, what, known, near_miss(name, phases))

    def enter(self, entry: Entry) -> None:
        """Take an entry in, and note what speaks against it."""
        header = name_of(type(entry))
        self.numbers[header] += 1
        where = f"{header}[{self.numbers[header]}]"
        match entry:
            case Void():
                self._take_back(entry, where)
            case Given() | Skipped():
                self._record(entry, where)
            case Decided():
                self._decide(entry, where)
            case Taken():
                self.taken.append(_Entered(entry, where))
            case _:
                schedule = self._check(entry, where)
                stands = self.kinds.setdefault(VOIDED_BY_KIND[type(entry)], [])
                stands.append(_Entered(entry, where, schedule=schedule))

    def _take_back(self, void: Void, where: str) -> None:
        if void.dose is None:
            if left := self.kinds.get(void.of):
                left.pop()
            else:
                what = f"there is no {voided_words(void.of)} to take back"
                self.problem(where, what)
            return
        entries = self.doses.get(void.dose)
        if not entries:
            self.problem(where, f"there is no entry about dose {void.dose} to take back")
            return
        taken = entries.pop()
        self.recorded[void.dose] = taken.before
        if isinstance(taken.entry, Given):
            self.given[void.dose].pop()

    def _record(self, entry: Given | Skipped, where: str) -> None:
        number = entry.dose
        before = self.recorded.get(number, "")
        if before:
            allowed = f"once; a [[void]] of dose {number} between them takes the first back"
            self.problem(where, f"dose {number} is recorded twice", allowed)
        self.doses.setdefault(number, []).append(_Entered(entry, where, before))
        self.recorded[number] = name_of(type(entry))
        if isinstance(entry, Given):
            self.given.setdefault(number, []).append(entry)

    def _decide(self, entry: Decided, where: str) -> None:
        number = entry.dose
        before = self.recorded.get(number, "")
        given = self.given.get(number)
        if not given or before == "skipped":
            what = f"dose {number} is not recorded as given"
            self.problem(where, what, "its [[given]] stands before its [[decided]]")
        elif entry.on and entry.on <= given[-1].date:
            what = f"{entry.on} is not after {given[-1].date}, when dose {number} was given"
            self.problem(f"{where}.on", what, "a later day")
        self.doses.setdefault(number, []).append(_Entered(entry, where, before))
        if given:
            self.recorded[number] = "" if entry.then is Then.REPEAT else "given"

    def _check(self, entry: Entry, where: str) -> Schedule | None:
        """Note what speaks against an entry that records no dose; return a step's schedule."""
        problem = self.problem
        match entry:
            case Moved() if state := self.recorded.get(entry.dose):
                what = f"dose {entry.dose} is recorded already: {state}"
                problem(where, what, "a dose is moved before it is recorded")
            case HoldEnd():
                holds = self.kinds.get("hold")
                if not holds:
                    problem(where, "there is no hold to end")
                elif isinstance(hold := holds[-1].entry, Hold) and entry.on < hold.first:
                    what = f"{entry.on} lies before {hold.first}, when the hold begins"
                    problem(f"{where}.on", what, "on or after it")
            case Stepped():
                return self._check_step(entry, where)
            case Chosen() if entry.phase not in self.phases:
                self._no_phase(f"{where}.phase", entry.phase, self.phases)
        return None

    def _check_step(self, step: Stepped, where: str) -> Schedule | None:
        """Note what speaks against a step; one that names no schedule goes on with the last."""
        steps = self.kinds.get("step")
        schedule = steps[-1].schedule if steps else self.course.schedule
        if step.schedule:
            schedule = self.others.get(step.schedule)
        if schedule is None:
            what = f"no schedule {described(step.schedule)}"
            self.problem(f"{where}.schedule", what, "one of the course's others")
            return None
        phases = {each.name: each for each in schedule.phases}
        phase = phases.get(step.to)
        if phase is None:
            self._no_phase(f"{where}.to", step.to, phases)
            return schedule
        timing = phase.timing
        count = len(timing.counts) if isinstance(timing, Listed) else timing.doses
        if count is not None and step.phase_dose > count:
            what = f"phase {described(step.to)} has no dose {step.phase_dose}"
            self.problem(f"{where}.phase_dose", what, f"doses 1 to {count}")
        return schedule

    def check_start(self) -> None:
        """Note what stands and lies before the start of the course."""
        start = self.course.start
        standing = (*self.taken, *(each for left in self.kinds.values() for each in left))
        for each in (*standing, *(each for left in self.doses.values() for each in left)):
            match each.entry:
                case Taken():
                    key, what, day = "until", "doses were given as planned until", each.entry.until
                case Extra():
                    key, what, day = "date", "an extra dose was given on", each.entry.date
                case Given():
                    key, what, day = "date", f"dose {each.entry.dose} was given on", each.entry.date
                case Moved():
                    key, what, day = "to", f"dose {each.entry.dose} is moved to", each.entry.to
                case Stepped():
                    key, what = "on", f"phase {described(each.entry.to)} begins on"
                    day = each.entry.on
                case _:
                    continue
            if day < start:
                allowed = f"on or after the start, {start}"
                self.problem(f"{each.where}.{key}", f"{what} {day}", allowed)

    def check_last(self) -> None:
        """Note the highest dose that stands, if the course has no dose of that number."""
        moved = (each.entry for each in self.kinds.get("moved", ()))
        numbers = [number for number, left in self.doses.items() if left]
        numbers += [each.dose for each in moved if isinstance(each, Moved)]
        highest = max(numbers, default=0)
        if not highest:
            return
        plain = not any(self.given.values()) and not self.kinds.get("step")
        last = _last_number(self.course, highest, plain=plain)
        if last < highest:
            self.problem("log", f"there is no dose {highest}", f"doses 1 to {last}")


def _last_number(course: Course, highest: int, *, plain: bool) -> int:
    """Return the last dose number up to `highest` that the course has.

    Args:
        course: Whose.
        highest: From 1 on.
        plain: Whether nothing is recorded by which the number of its doses could differ from the
            schedule's.
    """
    last = 0
    try:
        if plain:
            timeline = Timeline.begin(course.schedule.phases, course.start)
            numbers = range(highest, -1, -1)
            return next(each for each in numbers if not each or timeline.slot(each))
        for dose in doses(_never_stopped(course)):
            last = dose.number
            if last >= highest:
                break
    except DosecalError:
        return highest  # what is wrong is reported by whoever asks for the doses
    except OverflowError:
        pass  # beyond the year 9999 there is no dose
    return last


def _never_stopped(course: Course) -> Course:
    """Return a course without its stops: what was entered of later doses is no contradiction."""
    log = course.log or ()
    left = tuple(
        each
        for each in log
        if not isinstance(each, Stopped) and not (isinstance(each, Void) and each.of == "stop")
    )
    return course._replace(log=left) if len(left) < len(log) else course
