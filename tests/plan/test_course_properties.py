"""What holds for every course: commands at random, in any order, on any day."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dosecal.cli.ways import Typed
from dosecal.errors import RequestError
from dosecal.formats.course_file import course_bytes, entry_bytes, read_course
from dosecal.formats.schedule_file import read_schedule
from dosecal.ical.calendar_file import calendar_bytes
from dosecal.ical.revisions import CalendarPlan, Revision, first_revision, revise, whole_years
from dosecal.model.course import Course, Entry
from dosecal.model.history import history
from dosecal.model.reasons import NoSites
from dosecal.model.schedule import ALL_SITES, Schedule, Then
from dosecal.outputs.status import status_object, status_text
from dosecal.plan import entries
from dosecal.plan.advice import acting, advise
from dosecal.plan.assess import doses
from dosecal.plan.upcoming import upcoming
from dosecal.plan.walk import OPEN, AssessedDose, Status
from dosecal.words.reasons import reason_text

HEAD = 'format = 1\nmedicine = "testumab"\n[sources.s]\ntitle = "Leaflet"\nbasis = "label"\n'
SITES = '[sites]\nregions = ["thigh", "abdomen", "upper arm"]\ncaregiver_only = ["upper arm"]\n'
PHASES = {
    "weeks": ["weeks = [0, 1, 2]", 'every = "4 weeks"\nfrom = "week 6"'],
    "months": ['every = "1 month"'],
    "both": ['every = "1 week"\ndoses = 3', 'every = "1 month"\nfrom = "month 1"'],
    "weekdays": [
        'every = "1 week"\non = ["Mon", "Thu"]\ndoses = 4',
        'every = "2 weeks"\nafter = "9 days"',
    ],
    "finite": ['every = "10 days"\ndoses = 5\nwindow = "3 days"'],
    "windows": [
        'every = "4 weeks"\nwindow = { early = "7 days", late = "3 days" }\ninjections = 2'
    ],
}
RULES = {
    "none": [],
    "keep": ['then = "keep"'],
    "shift": ['then = "shift"'],
    "bands": [
        'late = "<= 4 days"\nthen = "keep"',
        'late = "<= 10 days"\nthen = "shift"',
        'then = "restart"',
    ],
    "clocks": [
        'until_next = ">= 2 days"\nthen = "keep"',
        'since_last = "> 6 weeks"\nthen = "give-ask"',
        'then = "skip"',
    ],
    "numbers": [
        'doses = "2-3"\nlate = "< 1 month"\nthen = "shift"',
        'doses = ">= 5"\nthen = "skip"',
    ],
}
EXTRAS = ["", 'rest = "20 days"\n']
GAPS = ["", 'min_gap = { gap = "3 days", source = "s" }\n']


def schedule(phases: str, rules: str, extra: str = "", gap: str = "") -> Schedule:
    text = gap + HEAD + SITES + extra + 'source = "s"\n'
    for number, phase in enumerate(PHASES[phases]):
        text += f'[[phase]]\nname = "p{number}"\ndose = "10 mg"\n{phase}\nsource = "s"\n'
    for each in RULES[rules]:
        text += f'[[missed]]\n{each}\nsource = "s"\n'
    return read_schedule(text.encode(), "x", "x.toml")


SCHEDULES = st.builds(
    schedule, st.sampled_from(sorted(PHASES)), st.sampled_from(sorted(RULES)),
    st.sampled_from(EXTRAS), st.sampled_from(GAPS),
)  # fmt: skip
START = date(2026, 1, 30)
DAYS = st.integers(0, 200).map(lambda days: START + timedelta(days=days))
DECISIONS = st.sampled_from([Then.KEEP, Then.SHIFT, Then.RESTART])
NOTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(str.strip)


def as_shown(dose: AssessedDose) -> AssessedDose:
    """Return a dose without its sites where they are proposed."""
    if dose.entry is not None:
        return dose
    reasons = tuple(each for each in dose.reasons if not isinstance(each, NoSites))
    return dose._replace(sites=(), beside=(), reasons=reasons)


def calendar(course: Course) -> tuple[bytes, dict[int, tuple[Revision, Any]]]:
    horizon = whole_years(course)
    revised = revise(course, horizon, first_revision(course))
    data = calendar_bytes(
        course, CalendarPlan(*revised, first_revision(course), horizon.until or START),
        reason_text=reason_text(course.schedule),
    )  # fmt: skip
    return data, {each.number: (revised.revisions[each.number], each) for each in revised.doses}


class Life(RuleBasedStateMachine):
    """A course file to which the commands add, as the command line does."""

    @initialize(schedule=SCHEDULES, caregiver=st.booleans())
    def begin(self, schedule: Schedule, caregiver: bool) -> None:
        self.schedule = schedule
        self.data = course_bytes(Course(schedule, "c", START, caregiver=caregiver), "x")
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.course = self.read()
        self.shown = calendar(self.course)

    def read(self) -> Course:
        return read_course(self.data, "x.toml", lambda _: self.schedule)

    def add(self, entry: Entry) -> None:
        """Append an entry that the commands accept: the file must be accepted, too."""
        self.now += timedelta(seconds=1)
        recorded = entry._replace(recorded=self.now)
        self.data += entry_bytes(recorded)
        before, shown = self.course, self.shown
        self.course = self.read()
        log = self.course.log or ()
        assert log == (*(before.log or ()), recorded)
        self.shown = calendar(self.course)
        self.compare(shown[1], self.shown[1])

    def compare(
        self, before: dict[int, tuple[Revision, Any]], after: dict[int, tuple[Revision, Any]]
    ) -> None:
        """SEQUENCE and LAST-MODIFIED rise for doses that changed, and for no other.

        Other sites that are proposed are no change.
        """
        assert before.keys() <= after.keys()
        for number, (old, was) in before.items():
            new, stands = after[number]
            moved = (was.day, was.status) != (stands.day, stands.status)
            assert new.sequence == old.sequence + moved, (was, stands)
            changed = as_shown(was) != as_shown(stands)
            assert (new.changed > old.changed) is changed, (was, stands)

    @rule(on=DAYS, ahead=st.integers(0, 30), then=st.none() | DECISIONS, note=NOTES)
    def record_next(self, on: date, ahead: int, then: Then | None, note: str) -> None:
        self.record(on, ahead, None, then, note)

    @rule(on=DAYS, number=st.integers(1, 12), then=st.none() | DECISIONS)
    def record_one(self, on: date, number: int, then: Then | None) -> None:
        self.record(on, 0, number, then, "")

    @rule(days=st.integers(-3, 12), then=st.none() | DECISIONS)
    def record_near_its_day(self, days: int, then: Then | None) -> None:
        dose = next((each for each in islice(doses(self.course), 40) if each.status in OPEN), None)
        if dose is not None:
            on = dose.target + timedelta(days=days)
            self.record(on, 0, dose.number, then, "")

    def record(
        self, on: date, ahead: int, number: int | None, then: Then | None, note: str
    ) -> None:
        try:
            entry = entries.administration(
                self.course, on, on + timedelta(days=ahead), number=number, then=then, note=note
            )
        except RequestError:
            return
        given = history(self.course).given
        self.add(entry)
        after = history(self.course).given
        assert {number: after[number] for number in given} == given

    @rule(on=DAYS, number=st.integers(1, 12), site=st.sampled_from(ALL_SITES))
    def record_at_any_site(self, on: date, number: int, site: str) -> None:
        with suppress(RequestError):
            self.add(
                entries.administration(
                    self.course, on, on, number=number, sites=(site,), any_site=True
                )
            )

    @rule(number=st.integers(1, 12), note=NOTES)
    def skip(self, number: int, note: str) -> None:
        with suppress(RequestError):
            self.add(entries.skip(self.course, number, self.course.start, note))

    @rule(first=DAYS, length=st.none() | st.integers(0, 60))
    def hold(self, first: date, length: int | None) -> None:
        self.add(entries.hold(first, None if length is None else first + timedelta(days=length)))

    @rule(number=st.integers(1, 12), then=DECISIONS)
    def decide(self, number: int, then: Then) -> None:
        with suppress(RequestError):
            self.add(entries.decision(self.course, number, then))

    @rule(number=st.none() | st.integers(1, 12))
    def void(self, number: int | None) -> None:
        with suppress(RequestError):
            self.add(entries.void(self.course, number)[0])

    @precondition(lambda self: hasattr(self, "course"))
    @rule(today=DAYS)
    def look(self, today: date) -> None:
        """No command on the file fails, and asking twice gives the same answer."""
        advice = advise(self.course, today)
        assert advice == advise(self.course, today)
        status_text(self.course, advice, Typed("x.toml"))
        status_object(self.course, advice)
        listed = upcoming(self.course, today, today, 6, None)
        assert listed == upcoming(self.course, today, today, 6, None)
        if advice.dose and advice.dose.day == today:
            assert advice.dose in listed or advice.dose.status is Status.UPCOMING

    @rule(today=DAYS)
    def the_advice_changes_when_it_says_so(self, today: date) -> None:
        """Look at every day of the next 100: the first on which another advice holds."""
        advice = advise(self.course, today)
        to_come = advice.dose is not None and advice.dose.status is Status.UPCOMING
        if advice.dose is None or (to_come and not advice.changes):
            return
        was = (advice.dose.number, advice.dose.status, advice.dose.then)
        for days in range(1, 100):
            day = today + timedelta(days=days)
            then = acting(self.course, day)
            if then and (then.number, then.status, then.then) != was:
                assert advice.changes, (day, then)
                assert advice.changes[0] == day
                return
        assert advice.changes is None or advice.changes[0] >= today + timedelta(days=100)

    @invariant()
    def the_calendar_is_the_same_each_time(self) -> None:
        if hasattr(self, "shown"):
            assert calendar(self.read())[0] == self.shown[0]

    @invariant()
    def what_is_to_come_follows_in_order(self) -> None:
        if not hasattr(self, "course"):
            return
        last = history(self.course).last_given
        found = list(islice(doses(self.course), 30))
        open_ones = [each for each in found if each.number > last and each.status in OPEN]
        targets = [each.target for each in open_ones]
        assert targets == sorted(set(targets))
        assert [each.number for each in found] == list(range(1, len(found) + 1))
        given = history(self.course).given
        assert {each.number: each.day for each in found if each.status is Status.GIVEN} == {
            number: each.date for number, each in given.items() if number <= len(found)
        }


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=12, print_blob=False)
TestLife = Life.TestCase
