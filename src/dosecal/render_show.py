"""A schedule explained: phases, first targets, sites, rules, checks, notes and sources."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from dosecal.plan import Timeline
from dosecal.rows import clean
from dosecal.schedule import (
    Check,
    CheckTime,
    Clock,
    MissedRule,
    Phase,
    Repeating,
    Schedule,
    SiteRules,
    WarmUp,
)
from dosecal.sentence import (
    dose_words,
    joined,
    offset_words,
    sentence,
    timing_words,
    window_words,
)
from dosecal.wording import ADVICE

SHOWN_TARGETS = 12


def first_targets(
    schedule: Schedule, start: date | None, count: int = SHOWN_TARGETS
) -> tuple[tuple[int, str, str, date | None], ...]:
    """Return (number, phase, offset in words, date) of the first doses.

    Without a start the dates are None; offsets on weekdays then count from a Monday.
    """
    day_0 = start or date(2024, 1, 1)
    timeline = Timeline.begin(schedule.phases, day_0)
    found = []
    for number in range(1, count + 1):
        slot = timeline.slot(number)
        if slot is None:
            break
        segment = timeline.segments[slot.segment]
        target = timeline.target(slot)
        timing = segment.phase.timing
        if isinstance(timing, Repeating) and timing.weekdays:
            words = f"day {(target - day_0).days}"
        else:
            words = offset_words(segment.offset(day_0, slot.index))
        found.append((number, segment.phase.name, words, target if start else None))
    return tuple(found)


def _assumed_start(schedule: Schedule, start: date | None) -> str:
    """Say which start the offsets are counted from where it makes a difference and is not known."""
    on_weekdays = any(
        isinstance(phase.timing, Repeating) and phase.timing.weekdays for phase in schedule.phases
    )
    return ", here on a Monday; --start DATE shows yours" if on_weekdays and not start else ""


def warm_up_words(warm_up: WarmUp) -> str:
    """Write a warm-up time."""
    if warm_up.most == 0:
        return "none"
    if warm_up.least == warm_up.most:
        return f"{warm_up.most} minutes"
    return f"{warm_up.least} to {warm_up.most} minutes"


def check_words(check: Check) -> str:
    """Write when a check is due."""
    if isinstance(check.when, CheckTime):
        return check.when.value
    counts = [str(each) for each in check.when.counts]
    return f"{check.when.unit} {joined(counts)} from start"


def rule_words(rule: MissedRule) -> str:
    """Write a missed-dose rule."""
    bound = ""
    if rule.clock and rule.bound:
        clock = {
            "late": "late",
            "until_next": "until the next dose",
            "since_last": "since the last",
        }
        bound = f", {rule.bound} {clock[rule.clock]}" if rule.clock != "late" else f" {rule.bound}"
    scope = f" in phase {joined(list(rule.phases), 'or')}" if rule.phases else ""
    number = f" dose {rule.doses}" if rule.doses else ""
    return f"late{number}{scope}{bound}: {ADVICE[rule.then]}"


def _sites_words(sites: SiteRules, route: str = "") -> str:
    if not sites.regions:
        return "none" if route == "intravenous" else "none named by the source"
    words = ", ".join(sites.regions)
    if sites.caregiver_only:
        words += f"; for a caregiver only: {', '.join(sites.caregiver_only)}"
    if sites.rest:
        words += f"; a site rests {sites.rest}"
    words += "; all injections of a dose at one site" if sites.one_site else ""
    return words


def _sites(schedule: Schedule) -> Iterator[str]:
    """Yield a line for the schedule and for each phase with sites of its own.

    Where the schedule names none and a phase does, each phase is said by itself.
    """
    own = [phase for phase in schedule.phases if phase.sites != schedule.sites]
    if schedule.sites.regions or not own:
        said = _from(schedule.sites.sources)
        yield f"Sites: {_sites_words(schedule.sites, schedule.route)}{said}"
    else:
        own = list(schedule.phases)
    for phase in own:
        said = _from(phase.sites.sources if phase.sites.regions else ())
        yield f"Sites in phase {phase.name}: {_sites_words(phase.sites, phase.route)}{said}"


def _injections(phase: Phase) -> str:
    """Say how many injections a dose of a phase is, where it is more than one."""
    counts = [band.injections for band in phase.bands if band.amount]
    if set(counts) <= {1}:
        return ""
    return (
        f"; each dose as {joined([str(each) for each in dict.fromkeys(counts)], 'or')} injections"
    )


def _every_lateness_is_covered(rules: tuple[MissedRule, ...]) -> bool:
    """Say whether no late dose of any phase is left without a rule."""
    wide = [
        rule
        for rule in rules
        if rule.clock in (None, Clock.LATE) and not rule.phases and not rule.doses
    ]
    target = date(2024, 1, 1)
    edges = [rule.bound.interval.after(target) for rule in wide if rule.bound]
    probes = {edge + timedelta(days=days) for edge in (target, *edges) for days in (-1, 0, 1)}
    return all(
        any(rule.bound is None or rule.bound.holds(target, probe) for rule in wide)
        for probe in probes
        if probe > target
    )


def explain(schedule: Schedule, start: date | None) -> Iterator[str]:
    """Yield the lines of the explanation."""
    brand = f" ({schedule.brand})" if schedule.brand else ""
    yield f"{schedule.medicine}{brand}"
    for name, value in (
        ("Schedule", schedule.id),
        ("Indication", schedule.indication),
        ("Jurisdiction", schedule.jurisdiction),
        ("Route", schedule.route),
        ("Regimen", sentence(schedule)),
    ):
        if value:
            yield f"{name}: {value}"
    yield ""
    yield "Phases"
    for number, phase in enumerate(schedule.phases):
        route = f", {phase.route}" if phase.route != schedule.route else ""
        window = f"; in time {window_words(phase.window)}" if phase.window else ""
        yield (
            f"  {phase.name}: {dose_words(phase)} {timing_words(phase, first=number == 0)}{route}"
            f"{_injections(phase)}{window}{_from(phase.sources)}"
        )
    yield ""
    yield f"First doses (week 0 is the start{_assumed_start(schedule, start)})"
    found = first_targets(schedule, start)
    wide = max(12, *(len(words) for _, _, words, _ in found))
    for number, phase_name, words, day in found:
        dated = f"  {day.isoformat()} {day.strftime('%a')}" if day else ""
        yield f"  {number:>2}  {words:<{wide}}{dated}  {phase_name}"
    yield ""
    yield from _sites(schedule)
    if gap := schedule.min_gap:
        yield f"Shortest time between administrations: {gap.gap}{_from(gap.sources)}"
    yield ""
    yield "When a dose is late"
    for rule in schedule.missed:
        yield f"  {rule_words(rule)}{_from(rule.sources)}"
    if not _every_lateness_is_covered(schedule.missed):
        otherwise = "otherwise" if schedule.missed else "always"
        yield f"  {otherwise}: the sources state no rule; ask your prescriber"
    if preparation := schedule.preparation:
        yield ""
        if preparation.warm_up is not None:
            yield f"Out of the fridge before injecting: {warm_up_words(preparation.warm_up)}"
        if preparation.storage:
            yield f"Storage: {preparation.storage}"
    if schedule.checks:
        yield ""
        yield "Checks"
        for check in schedule.checks:
            yield f"  {check_words(check)}: {check.name}{_from(check.sources)}"
    if schedule.notes:
        yield ""
        yield "Notes"
        for note in schedule.notes:
            yield f"  {note.about}: {note.text}{_from(note.sources)}"
    yield ""
    yield "Sources"
    for source in schedule.sources:
        url = f" {source.url}" if source.url else ""
        read = f", read {source.retrieved}" if source.retrieved else ""
        remark = f"; {source.remark}" if source.remark else ""
        yield f"  [{source.id}] {source.title} ({source.basis}{read}{remark}){url}"


def _from(sources: tuple[str, ...]) -> str:
    return f" [{', '.join(sources)}]" if sources else ""


def explanation_object(schedule: Schedule, start: date | None) -> dict[str, Any]:
    """Return the explanation as a JSON object."""
    preparation = schedule.preparation
    return {
        "id": schedule.id,
        "medicine": schedule.medicine,
        "brand": schedule.brand,
        "indication": schedule.indication,
        "jurisdiction": schedule.jurisdiction,
        "route": schedule.route,
        "regimen": sentence(schedule),
        "phases": [
            {
                "name": phase.name,
                "dose": dose_words(phase),
                "injections": phase.bands[0].injections,
                "timing": timing_words(phase, first=number == 0),
                "route": phase.route,
                "window": window_words(phase.window) or None,
                "sites": list(phase.sites.regions),
                "sources": list(phase.sources),
            }
            for number, phase in enumerate(schedule.phases)
        ],
        "first_doses_from_a_monday": bool(_assumed_start(schedule, start)),
        "first_doses": [
            {
                "number": number,
                "phase": phase,
                "offset": words,
                "date": day.isoformat() if day else None,
            }
            for number, phase, words, day in first_targets(schedule, start)
        ],
        "sites": list(schedule.sites.regions),
        "caregiver_only": list(schedule.sites.caregiver_only),
        "rest": str(schedule.sites.rest) if schedule.sites.rest else None,
        "min_gap": str(schedule.min_gap.gap) if schedule.min_gap else None,
        "warm_up": warm_up_words(preparation.warm_up)
        if preparation and preparation.warm_up
        else None,
        "storage": (preparation and preparation.storage) or None,
        "missed": [
            {"rule": rule_words(rule), "then": rule.then.value, "sources": list(rule.sources)}
            for rule in schedule.missed
        ],
        "checks": [{"name": each.name, "when": check_words(each)} for each in schedule.checks],
        "notes": [{"about": each.about, "text": each.text} for each in schedule.notes],
        "sources": [
            {
                "id": each.id,
                "title": each.title,
                "basis": each.basis,
                "remark": each.remark,
                "url": each.url,
            }
            for each in schedule.sources
        ],
    }


def explanation_text(schedule: Schedule, start: date | None) -> str:
    """Return the explanation as text."""
    return "\n".join(map(clean, explain(schedule, start)))
