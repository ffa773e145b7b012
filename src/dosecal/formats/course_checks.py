"""What the keys of a course say against each other: of a file, and of a course built by hand."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from dosecal.errors import DosecalError, Problem, described
from dosecal.formats.course_keys import (
    AVOIDED,
    FORMS,
    KINDS_OF_VOID,
    PERSON,
    chosen_keys,
    entry_of,
    entry_values,
    header_of,
    voided_words,
)
from dosecal.formats.keys import Reader
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
)
from dosecal.model.hints import near_miss
from dosecal.model.schedule import Listed, Phase, Schedule, Then
from dosecal.plan.assess import doses
from dosecal.plan.timeline import Timeline

_CHOICES: Final = 'one of every, dose, on, "weeks[2]"'


def check_head(reader: Reader, found: Mapping[str, Any]) -> None:
    """Note what keys of a head say together and cannot mean."""
    if "time" in found and "timezone" not in found:
        reader.problem("timezone", "missing", "a time of day needs the zone of the patient")
    for number, each in enumerate(found.get("avoid", []), 1):
        _check_order(reader, each, f"avoid[{number}]")
    for phase, chosen in found.get("choices", {}).items():
        if not chosen:
            reader.problem(f"choices.{phase}", "says nothing", _CHOICES)


def _check_order(reader: Reader, table: Mapping[str, Any], where: str) -> None:
    first, last = table.get("from"), table.get("until")
    if first and last and last < first:
        reader.problem(f"{where}.until", f"{last} lies before {first}", "later")


def check_entry(reader: Reader, header: str, table: Mapping[str, Any], where: str) -> None:
    """Note what keys of an entry say together and cannot mean, where each alone is right."""
    if None in table.values():
        return
    match header:
        case "given":
            _check_given(reader, table, where)
        case "hold":
            _check_order(reader, table, where)
        case "decided":
            repeats = table.get("then") is Then.REPEAT
            if repeats and "on" not in table:
                reader.problem(f"{where}.on", "missing", "a repeat says when the dose is due again")
            elif "then" in table and not repeats and "on" in table:
                reader.problem(f"{where}.on", f'stands with then = "{table["then"]}"', "a repeat")
        case "chosen":
            _check_one(reader, chosen_keys(table), where, "chooses nothing", _CHOICES)
        case "supply":
            both = [key for key in ("add", "count") if key in table]
            _check_one(reader, both, where, "says no number", "one of add and count")
            if table.get("add") == 0:
                reader.problem(f"{where}.add", "0 adds nothing", "more, or fewer below 0")
        case "void":
            named = [key for key in ("dose", *KINDS_OF_VOID) if table.get(key)]
            allowed = f"dose, or one of {', '.join(KINDS_OF_VOID)} = true"
            _check_one(reader, named, where, "names no entry", allowed)


def _check_given(reader: Reader, table: Mapping[str, Any], where: str) -> None:
    if not table.get("extra"):
        if "dose" not in table:
            reader.problem(f"{where}.dose", "missing", "number of the dose, for example 4")
        return
    for key, why in (("dose", "has no number"), ("then", "moves nothing")):
        if key in table:
            reader.problem(f"{where}.{key}", "stands with extra", f"an extra dose {why}")
    if "amount" not in table:
        reader.problem(f"{where}.amount", "missing", 'what was given, for example "60 mg"')


def _check_one(reader: Reader, named: list[str], where: str, none: str, allowed: str) -> None:
    """Note that a table names none of some keys, or more than one."""
    if len(named) != 1:
        reader.problem(where, f"{' and '.join(named)} stand together" if named else none, allowed)


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
    return tuple(log.reader.problems)


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
        phases: By name: those of every schedule that the course names.
        doses: By number, the entries that stand about a dose, in order.
        kinds: The entries that stand of each kind that a void can name.
        given: By number, the administrations that stand.
        recorded: By number: "given" or "skipped" while the dose is recorded and not to be
            repeated.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.reader = Reader()
        self.others = dict(course.others)
        schedules = (course.schedule, *self.others.values())
        self.phases = {each.name: each for schedule in schedules for each in schedule.phases}
        self.numbers = Counter[str]()
        self.doses: dict[int, list[_Entered]] = {}
        self.kinds: dict[str, list[_Entered]] = {}
        self.given: dict[int, list[Given]] = {}
        self.recorded: dict[int, str] = {}
        self.taken: list[_Entered] = []

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
                self.reader.problem("sites", f"the schedule does not allow {site}", can_be)
        for number, avoid in enumerate(self.course.avoid, 1):
            near = [site for site in allowed if _region(site) == _region(avoid.site)]
            if near and avoid.site not in allowed:
                what = f"the schedule does not tell {avoid.site} apart"
                can_be = f"one [[avoid]] for each of: {', '.join(near)}"
                self.reader.problem(f"avoid[{number}].site", what, can_be)
        for name in dict.fromkeys(each.phase for each in self.course.choices):
            if name not in self.phases:
                self._no_phase(f"choices.{name}", name, self.phases)

    def _no_phase(self, where: str, name: str, phases: Mapping[str, Phase]) -> None:
        what = f"no phase {described(name)}"
        known = f"one of: {', '.join(phases)}"
        self.reader.problem(where, what, known, near_miss(name, phases))

    def enter(self, entry: Entry) -> None:
        """Take an entry in, and note what speaks against it."""
        header = header_of(entry)
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
                self.reader.problem(where, what)
            return
        entries = self.doses.get(void.dose)
        if not entries:
            self.reader.problem(where, f"there is no entry about dose {void.dose} to take back")
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
            self.reader.problem(where, f"dose {number} is recorded twice", allowed)
        self.doses.setdefault(number, []).append(_Entered(entry, where, before))
        self.recorded[number] = header_of(entry)
        if isinstance(entry, Given):
            self.given.setdefault(number, []).append(entry)

    def _decide(self, entry: Decided, where: str) -> None:
        number = entry.dose
        before = self.recorded.get(number, "")
        given = self.given.get(number)
        if not given or before == "skipped":
            what = f"dose {number} is not recorded as given"
            self.reader.problem(where, what, "its [[given]] stands before its [[decided]]")
        elif entry.on and entry.on <= given[-1].date:
            what = f"{entry.on} is not after {given[-1].date}, when dose {number} was given"
            self.reader.problem(f"{where}.on", what, "a later day")
        self.doses.setdefault(number, []).append(_Entered(entry, where, before))
        if given:
            self.recorded[number] = "" if entry.then is Then.REPEAT else "given"

    def _check(self, entry: Entry, where: str) -> Schedule | None:
        """Note what speaks against an entry that records no dose; return a step's schedule."""
        problem = self.reader.problem
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
            self.reader.problem(f"{where}.schedule", what, "one of the course's others")
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
            self.reader.problem(f"{where}.phase_dose", what, f"doses 1 to {count}")
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
                self.reader.problem(f"{each.where}.{key}", f"{what} {day}", allowed)

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
            self.reader.problem("log", f"there is no dose {highest}", f"doses 1 to {last}")


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


def course_problems(course: Course, *, planned: bool = True) -> tuple[Problem, ...]:
    """Say of a course built by hand what a file of it would be told; empty: it can be planned.

    Each value is put as a file has it and read by the same declarations, and must come back as
    what it was.

    Args:
        course: Each of its fields holds what it says.
        planned: Whether its schedules are right, so that its log can be held against its doses.
    """
    reader = Reader()
    _check_person(reader, course)
    numbers = Counter[str]()
    for entry in course.log or ():
        header = header_of(entry)
        numbers[header] += 1
        _check_value(reader, header, entry, f"{header}[{numbers[header]}]")
    if reader.problems or not planned:
        return tuple(reader.problems)
    return contradictions(course)


def _check_person(reader: Reader, course: Course) -> None:
    """Note what a file would be told of a course's head."""
    sizes = {"time": course.clock, "weight_kg": course.weight_kg, "bsa_m2": course.bsa_m2}
    texts = {"timezone": course.zone, "language": course.language, "label": course.label}
    lists = {"sites": course.sites, "beside": course.beside}
    head: dict[str, Any] = {
        "id": course.id,
        "start": course.start,
        "caregiver": course.caregiver,
        **{key: value for key, value in sizes.items() if value is not None},
        **{key: value for key, value in texts.items() if value != ""},
        **{key: _listed(value) for key, value in lists.items() if value != ()},
    }
    found = reader.table(PERSON, head)
    check_head(reader, found)
    for key, value in head.items():
        if found.get(key) is not None and key not in lists:
            _check_same(reader, key, value, found[key])
    for number, avoid in enumerate(course.avoid, 1):
        where = f"avoid[{number}]"
        values = {"site": avoid.site, "from": avoid.first, "until": avoid.last}
        stated = {key: value for key, value in values.items() if value is not None}
        _check_order(reader, reader.table(AVOIDED, stated, where), where)
    chosen: set[tuple[str, str]] = set()
    for choice in course.choices:
        where = f"choices.{choice.phase}"
        if (choice.phase, choice.key) in chosen:
            reader.problem(where, f"{choice.key} stands twice", "once")
        chosen.add((choice.phase, choice.key))
        _check_value(reader, "chosen", choice, where)


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _check_value(reader: Reader, header: str, entry: Entry, where: str) -> None:
    """Note what a file would be told of an entry, and what would not come back as it is."""
    before = len(reader.problems)
    values = {key: _listed(value) for key, value in entry_values(entry).items()}
    table = reader.table(FORMS[header].keys, values, where)
    check_entry(reader, header, table, where)
    if len(reader.problems) > before:
        return
    again = entry_of(header, table)
    for name, value in entry._asdict().items():
        _check_same(reader, f"{where}.{name}", value, getattr(again, name))


def _check_same(reader: Reader, where: str, value: object, again: object) -> None:
    """Note a value of another type, or another value, than what a file of it would be read as."""
    if type(value) is not type(again) or not (isinstance(value, str) or value == again):
        kind = type(again).__name__
        reader.problem(where, f"{described(value)} is not as a file has it", f"a {kind}")
