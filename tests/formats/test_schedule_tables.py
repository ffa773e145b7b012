"""Schedules built in Python are held to what a file is held to, and are written as files."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from dosecal.formats.schedule_file import problems, read_schedule
from dosecal.formats.schedule_tables import schedule_text
from dosecal.model.dates import Interval
from dosecal.model.quantities import Amount, NumberRange
from dosecal.model.schedule import (
    Bound,
    Choice,
    Clock,
    Companion,
    DoseBand,
    Gap,
    Listed,
    MinGap,
    MissedRule,
    Phase,
    PrescriberEnds,
    Repeating,
    Schedule,
    SiteRules,
    Source,
    Strength,
    Then,
    Window,
)
from dosecal.store import catalogue

FOLDER = Path(__file__).parents[1] / "cases" / "regimens"
SHAPES = sorted(FOLDER.glob("*.toml"))
WEEKS_4 = Interval(4, "week")
LABEL = ("label",)
SITES = SiteRules(("thigh", "abdomen"), sources=LABEL)
MG = Amount(Decimal(120), "mg")
ONLY = Phase("only", (DoseBand(MG, 1),), Repeating(WEEKS_4, Interval(0, "day")), "subcutaneous",
             SITES, LABEL)  # fmt: skip
GOOD = Schedule("x", "testumab", (ONLY,), (Source("label", "Leaflet", "label"),), sites=SITES)


def changed(**fields: object) -> Schedule:
    """Return the good schedule with its only phase changed."""
    return GOOD._replace(phases=(ONLY._replace(**fields),))  # type: ignore[arg-type]


def timed(**fields: object) -> Schedule:
    return changed(timing=ONLY.timing._replace(**fields))  # type: ignore[arg-type]


def dosed(amount: Amount, injections: int = 1) -> Schedule:
    return changed(bands=(DoseBand(amount, injections),))


@pytest.mark.parametrize(
    "schedule",
    [
        *catalogue.schedules(),
        *(read_schedule(path.read_bytes(), path.stem, path.name) for path in SHAPES),
    ],
    ids=lambda schedule: schedule.id,
)
def test_what_a_file_holds_is_written_and_read_back(schedule: Schedule) -> None:
    assert problems(schedule) == []
    assert read_schedule(schedule_text(schedule).encode(), schedule.id, "x") == schedule


def test_a_good_schedule_of_python_has_no_problem() -> None:
    assert problems(GOOD) == []


MISTAKES: dict[str, tuple[Schedule, str]] = {
    "a negative dose in no unit": (
        dosed(Amount(Decimal(-5), "stone")), 'phase[1].dose: "-5 stone" is not a dose'),
    "an unknown unit": (dosed(Amount(Decimal(5), "stone")), 'phase[1].dose: unknown unit "stone"'),
    "no dose": (dosed(Amount(Decimal(0), "mg")), 'phase[1].dose: "0 mg" is no dose'),
    "no number": (dosed(Amount(Decimal("NaN"), "mg")), 'phase[1].dose: "NaN mg" is not a dose'),
    "no injection": (dosed(MG, 0), "phase[1].injections: 0 is not allowed"),
    "too many injections": (dosed(MG, 21), "phase[1].injections: 21 is not allowed"),
    "amounts that do not add up": (
        changed(bands=(DoseBand(MG, 2, None, (MG, Amount(Decimal(60), "mg"))),)),
        "phase[1].injections: 120 mg + 60 mg is 180 mg"),
    "a count that is not that of the amounts": (
        changed(bands=(DoseBand(MG, 3, None, (Amount(Decimal(50), "mg"),
                                              Amount(Decimal(70), "mg"))),)),
        "phases[1].bands[1].injections: no schedule file says this"),
    "no interval": (timed(every=Interval(0, "week")), 'phase[1].every: "0 weeks" is not above 0'),
    "a negative interval": (timed(every=Interval(-4, "week")), 'phase[1].every: "-4 weeks" is'),
    "hours": (timed(every=Interval(12, "hour")), 'phase[1].every: "12 hours" is in hours'),
    "weekdays there are not": (
        timed(every=Interval(1, "week"), weekdays=(7,)), 'phase[1].on: unknown value "7"'),
    "weekdays out of order": (
        timed(every=Interval(1, "week"), weekdays=(3, 0)),
        "phases[1].timing.weekdays[1]: no schedule file says this"),
    "two ends": (timed(doses=3, lasts=Interval(3, "month")), "phase[1].for: stands with doses"),
    "no offset": (changed(timing=Listed("week", ())), "phase[1].weeks: the list is empty"),
    "offsets in years": (changed(timing=Listed("year", (0, 1))), "phase[1].years: unknown key"),
    "offsets out of order": (
        changed(timing=Listed("week", (4, 0))), "phase[1].weeks: 0 stands after 4"),
    "no name": (changed(name=""), "phase[1].name: the text is empty"),
    "an unknown route": (changed(route="oral"), 'phase[1].route: unknown value "oral"'),
    "no source": (changed(sources=()), "phase[1].source: the list is empty"),
    "a source there is not": (changed(sources=("trial",)), 'phase[1].source: no source "trial"'),
    "an unknown region": (
        changed(sites=SITES._replace(regions=("knee",))), 'phase[1].sites: unknown value "knee"'),
    "a window that reaches the next dose": (
        changed(window=Window(WEEKS_4, WEEKS_4)), "phase[1].window: a window of 4 weeks reaches"),
    "a window of nothing": (
        changed(window=Window(Interval(0, "day"), Interval(0, "day"))),
        "phase[1].window: the table is empty"),
    "a choice without bounds": (
        changed(choices=(Choice("every", WEEKS_4, None, sources=LABEL),)),
        'phase[1].every.to: "None" is no interval'),
    "a choice of nothing in the phase": (
        changed(choices=(Choice("on", days=2, apart=2, sources=LABEL),)),
        'phase[1].on: stands with every = "4 weeks"'),
    "a value outside its choice": (
        changed(choices=(Choice("every", Interval(5, "week"), Interval(8, "week"),
                                sources=LABEL),)),
        "phases[1].timing.every.count: no schedule file says this"),
    "an end on the last phase": (
        changed(ends=PrescriberEnds()), "phase[1].ends: no phase follows"),
    "a strength of a whole dose": (
        changed(strength=Strength(MG, Decimal(2))), "phase[1].strength: no dose is per kg or m2"),
    "a gap of nothing": (
        changed(min_gap=MinGap(Interval(0, "day"), LABEL)),
        'phase[1].min_gap.gap: "0 days" is not above 0'),
    "a companion without a name": (
        changed(companions=(Companion("", MG, 1, LABEL),)),
        "phase[1].with[1].medicine: the text is empty"),
    "an unknown giver": (changed(given_by="nurse"), 'phase[1].given_by: unknown value "nurse"'),
    "two names alike": (
        GOOD._replace(phases=(ONLY, ONLY)), 'phase[2].name: "only" stands twice'),
    "no medicine": (GOOD._replace(medicine=" "), "medicine: the text is empty"),
    "no phase": (GOOD._replace(phases=()), "phase: missing"),
    "an unused source": (
        GOOD._replace(sources=(*GOOD.sources, Source("trial", "T", "trial"))),
        "sources.trial: unused source"),
    "an unknown basis": (
        GOOD._replace(sources=(Source("label", "Leaflet", "hearsay"),)),
        'sources.label.basis: unknown value "hearsay"'),
    "a gap between doses there are not": (
        GOOD._replace(gaps=(Gap((3, 1), WEEKS_4, LABEL),)), "gap[1].between: 3 does not come"),
    "a rule with a decision of a person": (
        GOOD._replace(missed=(MissedRule(Then.REPEAT, LABEL),)),
        'missed[1].then: unknown value "repeat"'),
    "a step to nowhere": (
        GOOD._replace(missed=(MissedRule(Then.STEP, LABEL, to="next"),)),
        'missed[1].to: no phase "next"'),
    "a clock without a bound": (
        GOOD._replace(missed=(MissedRule(Then.KEEP, LABEL, (Bound(Clock.LATE),)),)),
        "missed[1].late: the text is empty"),
    "an early clock of a late dose": (
        GOOD._replace(missed=(MissedRule(
            Then.KEEP, LABEL, (Bound(Clock.EARLY, numbers=NumberRange(1, 2)),)),)),
        "missed[1].early: unknown key"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_python_is_told_as_that_of_a_file(name: str) -> None:
    schedule, message = MISTAKES[name]
    assert any(str(each).startswith(message) for each in problems(schedule)), problems(schedule)


SAME: list[Callable[[Schedule], Schedule]] = [
    lambda each: each._replace(brand="Testa"),
    lambda each: each._replace(phases=(ONLY._replace(weight=None),)),
]


@pytest.mark.parametrize("change", SAME)
def test_what_changes_nothing_that_matters_is_no_problem(
    change: Callable[[Schedule], Schedule],
) -> None:
    assert problems(change(GOOD)) == []
