"""Schedules and lives at random: what a label can say, and what a person can enter, in any order.

A schedule is put together as the text of a file; combinations that a file may not have are left
out. A life is a list of `Act`s; each is tried on the course as it stands, and one that is refused
leaves it as it was.
"""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from hypothesis import strategies as st

from dosecal.errors import DosecalError, RequestError, ScheduleFileError
from dosecal.formats.schedule_file import read_schedule
from dosecal.model.choices import Wanted
from dosecal.model.course import Course, Entry
from dosecal.model.quantities import Amount
from dosecal.model.schedule import Schedule, Then
from dosecal.plan import entries
from dosecal.plan.assess import doses
from dosecal.plan.walk import OPEN, AssessedDose

START = date(2026, 1, 30)
CLOCK = time(23, 0)
HEAD = 'format = 1\nmedicine = "testumab"\n'
SOURCE = '[sources.s]\ntitle = "Leaflet"\nbasis = "label"\n'
SITES = '[sites]\nregions = ["thigh", "abdomen", "upper arm"]\ncaregiver_only = ["upper arm"]\n'

PHASES = {
    "weeks": ["weeks = [0, 1, 2]", 'every = "4 weeks"\nfrom = "week 6"'],
    "months": ['every = "1 month"'],
    "listed months": ["months = [0, 1, 3]", 'every = "2 months"\nfrom = "month 4"'],
    "both": ['every = "1 week"\ndoses = 3', 'every = "1 month"\nfrom = "month 1"'],
    "weekdays": [
        'every = "1 week"\non = ["Mon", "Thu"]\ndoses = 4',
        'every = "2 weeks"\nafter = "9 days"',
    ],
    "finite": ['every = "10 days"\ndoses = 5\nwindow = "3 days"'],
    "windows": [
        'every = "4 weeks"\nwindow = { early = "7 days", late = "3 days" }\ninjections = 2'
    ],
    "given": ['every = "2 weeks"\ncounted_from = "given"\nwindow = "3 days"'],
    "given months": [
        "weeks = [0, 2]",
        'every = "1 month"\nfrom = "week 6"\ncounted_from = "given"',
    ],
    "for": ['every = "1 week"\nfor = "5 weeks"', 'every = "4 weeks"\nafter = "3 weeks"'],
    "ends": [
        'every = "2 weeks"\nends = "prescriber"\nat_least = "4 weeks"',
        'every = "4 weeks"',
    ],
    "daily": ['every = "1 day"'],
    "range": [
        'every = "1 week"\ndoses = 2',
        'every = { from = "2 weeks", to = "5 weeks" }\nfrom = "week 3"',
    ],
    "prescribed": ['every = "3 weeks"\ndose = { from = "10 mg", to = "30 mg" }'],
    "series": ["months = [0, 1, 6]"],
    "one series": ['days = [0, 30, 120]\nwindow = { early = "4 days", late = "20 days" }'],
    "cycle": ['every = "1 week"\ndoses = 4'],
}
SERIES = ("series", "one series")
"""Those of which every dose may be named by a gap."""
MISSED = [
    'then = "keep"',
    'then = "shift"',
    'then = "restart"',
    'then = "skip"',
    'then = "give-ask"',
    'then = "keep-or-shift"',
    'late = "<= 4 days"\nthen = "keep"',
    'late = "<= 10 days"\nthen = "shift"',
    'late = "> 3 days, <= 12 days"\nthen = "keep-or-shift"',
    'late = "< 1 month"\nthen = "shift"',
    'until_next = ">= 2 days"\nthen = "keep"',
    'until_next = "< 3 days"\nthen = "skip"',
    'since_last = "> 6 weeks"\nthen = "restart"',
    'since_last = "> 3 weeks"\nlate = ">= 2 days"\nthen = "give-ask"',
    'since_start = "< 4 weeks"\nthen = "keep"',
    'missed_in_a_row = ">= 2"\nthen = "restart"',
    'missed_in_a_row = ">= 3"\nthen = "ask"',
    'doses = "2-3"\nthen = "shift"',
    'doses = ">= 5"\nthen = "skip"',
    'late = "> 8 days"\nthen = "reload"\nreload = { days = [0, 7], resume = "1 month" }',
    'late = "> 5 days"\nthen = "step"\nto = "p0"',
    'since_last = "> 8 weeks"\nthen = "step"\nto = "p0"',
]  # fmt: skip
EARLY = [
    'early = "<= 3 days"\nthen = "keep"',
    'early = "<= 5 days"\nsince_last = ">= 3 days"\nthen = "shift"',
    'then = "ask"',
]
GAPS = [
    "",
    'min_gap = { gap = "3 days", source = "s" }\n',
    'min_gap = { gap = "6 days", grace = "2 days", source = "s" }\n',
    "between",
    "phase",
]
REST = ["", 'rest = "20 days"\n']


@cache
def schedule(
    phases: str, missed: tuple[str, ...], early: tuple[str, ...], gap: str, rest: str
) -> Schedule | None:
    """Return a schedule put together of these parts, None where a file may not say them all."""
    text = HEAD + (gap if gap.startswith("min_gap") else "") + SITES + rest + 'source = "s"\n'
    for number, phase in enumerate(PHASES[phases]):
        dose = "" if "dose =" in phase else 'dose = "10 mg"\n'
        text += f'[[phase]]\nname = "p{number}"\n{dose}{phase}\nsource = "s"\n'
        if gap == "phase":
            text += 'min_gap = { gap = "5 days", source = "s" }\n'
    for each in missed:
        text += f'[[missed]]\n{each}\nsource = "s"\n'
    for each in early:
        text += f'[[early]]\n{each}\nsource = "s"\n'
    if gap == "between" and phases not in SERIES:
        return None
    if gap == "between":
        for between, length in (("[1, 2]", 21), ("[2, 3]", 40), ("[1, 3]", 90)):
            text += f'[[gap]]\nbetween = {between}\ngap = "{length} days"\nsource = "s"\n'
    try:
        return read_schedule((text + SOURCE).encode(), "x", "x.toml")
    except ScheduleFileError:
        return None


SCHEDULES = (
    st.builds(
        schedule,
        st.sampled_from(sorted(PHASES)),
        st.lists(st.sampled_from(MISSED), max_size=3, unique=True).map(tuple),
        st.lists(st.sampled_from(EARLY), max_size=2, unique=True).map(tuple),
        st.sampled_from(GAPS),
        st.sampled_from(REST),
    )
    .filter(lambda each: each is not None)
    .map(lambda each: each)
)


def begun(of: Schedule, *, clock: bool = False) -> Course:
    """Return a course of a schedule, with what it leaves open chosen."""
    from dosecal.model.course import Chosen

    choices = []
    for phase in of.phases:
        for choice in phase.choices:
            text = {"every": "3 weeks", "dose": "20 mg"}[choice.key]
            choices.append(Chosen(phase.name, choice.key, text))
    return Course(
        of, "c", START, CLOCK if clock else None, "UTC" if clock else "",
        log=(), choices=tuple(choices),
    )  # fmt: skip


class Act(NamedTuple):
    """Something that a person does: `kind` of entry, on the day `on`, and what else it says.

    Attributes:
        on: Days after the start on which it is done.
        off: Days from a target, or a length: as the kind has it.
        number: Of the dose, counted from the one to act on where `relative`.
        then: A decision.
    """

    kind: str
    on: int = 0
    off: int = 0
    number: int = 0
    then: Then | None = None


KINDS = [
    "record", "record next", "near", "near", "near", "one", "part", "extra", "skip", "hold",
    "hold_end", "decide", "repeat", "move", "choose", "choose dose", "weigh", "step", "stop",
    "zone", "stock", "void", "void kind", "at",
]  # fmt: skip
VOIDED = ["hold", "hold_end", "moved", "extra", "step", "stop", "zone", "choose", "weigh"]
DECISIONS = [Then.KEEP, Then.SHIFT, Then.RESTART]
ACTS = st.builds(
    Act,
    st.sampled_from(KINDS),
    st.integers(0, 150),
    st.integers(-3, 40),
    st.integers(1, 9),
    st.none() | st.sampled_from(DECISIONS),
)


def acting_dose(of: Course, on: date | None = None) -> AssessedDose | None:
    """Return the first open dose among the first 40."""
    return next((each for each in islice(doses(of, on), 40) if each.status in OPEN), None)


def entry_of(of: Course, act: Act) -> Entry | None:
    """Return the entry that an act makes, None where it is refused."""
    with suppress(RequestError):
        return _entry_of(of, act)
    return None


def _entry_of(of: Course, act: Act) -> Entry | None:
    on = START + timedelta(days=act.on)
    number, then, off = act.number, act.then, act.off
    match act.kind:
        case "record":
            return entries.administration(of, on, on, number=number, then=then)
        case "record next":
            return entries.administration(of, on, on, then=then)
        case "near" | "part" | "at":
            dose = acting_dose(of)
            if dose is None:
                return None
            day = dose.target + timedelta(days=off if off < 13 else off - 13)
            more: dict[str, Any] = {}
            if act.kind == "part":
                more = {"amount": Amount(dose.amount.value / 2, dose.amount.unit)}
            if act.kind == "at":
                more = {"at": time(act.on % 24, 30)}
            return entries.administration(of, day, day, number=dose.number, then=then, **more)
        case "one":
            site = ("left-thigh", "the back of the hand")[number % 2]
            return entries.administration(
                of, on, on, number=number, sites=(site,), injections=1, any_site=True
            )
        case "extra":
            return entries.extra(of, on, on)  # noqa: S610 - no database
        case "skip":
            dose = acting_dose(of)
            first = 0 if dose is None else dose.number - 1
            return entries.skip(of, first + (number + 1) // 3, on, "no wish")
        case "hold":
            last = None if off < 0 else on + timedelta(days=off)
            return entries.hold(on, last, "fever")
        case "hold_end":
            return entries.hold_end(of, on)
        case "decide":
            return entries.decision(of, number, then or Then.KEEP)
        case "repeat":
            return entries.decision(of, number, Then.REPEAT, on=on)
        case "move":
            dose = acting_dose(of)
            if dose is None:
                return None
            to = dose.target + timedelta(days=off)
            shifts = Then.SHIFT if then is Then.SHIFT else Then.KEEP
            return entries.move(of, dose.number + number // 7, to, min(to, on), then=shifts,
                                decided=act.on % 2 == 0)  # fmt: skip
        case "choose" | "choose dose":
            key, text = ("every", f"{2 + number % 4} weeks") if act.kind == "choose" else (
                "dose", f"{10 + number} mg")  # fmt: skip
            open_ones = [p.name for p in of.schedule.phases for c in p.choices if c.key == key]
            if not open_ones:
                return None
            return entries.choose(of, Wanted(open_ones[0], key, text), on)
        case "weigh":
            return entries.weigh(of, Decimal(50 + number), on)
        case "step":
            phases = of.schedule.phases
            to_name = phases[number % len(phases)].name
            return entries.step(of, to_name, on, decided=off % 2 == 0)
        case "stop":
            return entries.stop(of, on, "enough")
        case "zone":
            return entries.zone("Europe/Berlin", on, time(9))
        case "stock":
            return entries.stock(on, add=number)
        case "void":
            return entries.void(of, number)[0]
        case "void kind":
            return entries.void(of, None, VOIDED[number % len(VOIDED)])[0]
    raise AssertionError(act.kind)


def add(of: Course, entry: Entry) -> Course:
    """Return a course with an entry more, recorded a second after the one before."""
    log = of.log or ()
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=len(log))
    return of._replace(log=(*log, entry._replace(recorded=at)))


def live(of: Course, acts: list[Act]) -> Course:
    """Return a course after these acts."""
    for act in acts:
        entry = entry_of(of, act)
        if entry is not None:
            of = add(of, entry)
    return of


LIVES = st.builds(
    lambda of, clock, acts: live(begun(of, clock=clock), acts),
    SCHEDULES, st.booleans(), st.lists(ACTS, max_size=8),
)  # fmt: skip


def _choosing(phases: str, missed: tuple[str, ...], acts: list[Act]) -> Course:
    of = schedule(phases, missed, (), "", "")
    assert of is not None
    return live(begun(of), acts)


CHOOSING = st.builds(
    _choosing,
    st.sampled_from(["range", "prescribed"]),
    st.sampled_from([(), *((each,) for each in MISSED if "to = " not in each)]),
    st.lists(ACTS, max_size=6),
)
"""Lives on schedules that leave something open to choose."""


def plan(of: Course, today: date | None, count: int = 25) -> list[AssessedDose]:
    """Return the first doses of a course."""
    return list(islice(doses(of, today), count))


__all__ = [
    "ACTS",
    "CHOOSING",
    "LIVES",
    "SCHEDULES",
    "START",
    "Act",
    "DosecalError",
    "acting_dose",
    "add",
    "begun",
    "entry_of",
    "live",
    "plan",
    "schedule",
]  # fmt: skip
