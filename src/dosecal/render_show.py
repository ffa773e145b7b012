"""A schedule explained: phases, first targets, sites, rules, checks, notes and sources."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from dosecal.plan import Timeline
from dosecal.schedule import Check, CheckTime, Listed, MissedRule, Schedule, SiteRules, WarmUp
from dosecal.sentence import dose_words, joined, offset_words, sentence, timing_words
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
        if isinstance(timing, Listed):
            words = offset_words(timing.offset(slot.index))
        elif timing.weekdays:
            words = f"day {(target - day_0).days}"
        else:
            words = offset_words(segment.begin.plus(timing.every, slot.index))
        found.append((number, segment.phase.name, words, target if start else None))
    return tuple(found)


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


def _sites_words(sites: SiteRules) -> str:
    if not sites.regions:
        return "none named by the source"
    words = ", ".join(sites.regions)
    if sites.caregiver_only:
        words += f"; for a caregiver only: {', '.join(sites.caregiver_only)}"
    if sites.rest:
        words += f"; a site rests {sites.rest}"
    words += "; all injections of a dose at one site" if sites.one_site else ""
    return words


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
        window = ""
        if phase.window:
            window = f"; window {phase.window.early} early to {phase.window.late} late"
        yield (
            f"  {phase.name}: {dose_words(phase)} {timing_words(phase, first=number == 0)}{window}"
            f"{_from(phase.sources)}"
        )
    yield ""
    yield "First doses (week 0 is the start)"
    for number, phase_name, words, day in first_targets(schedule, start):
        dated = f"  {day.isoformat()} {day.strftime('%a')}" if day else ""
        yield f"  {number:>2}  {words:<12}{dated}  {phase_name}"
    yield ""
    yield f"Sites: {_sites_words(schedule.sites)}{_from(schedule.sites.sources)}"
    for phase in schedule.phases:
        if phase.sites != schedule.sites:
            yield f"Sites in phase {phase.name}: {_sites_words(phase.sites)}"
    if gap := schedule.min_gap:
        yield f"Shortest time between administrations: {gap.gap}{_from(gap.sources)}"
    yield ""
    yield "When a dose is late"
    for rule in schedule.missed:
        yield f"  {rule_words(rule)}{_from(rule.sources)}"
    covered = any(rule.clock is None and not rule.phases for rule in schedule.missed)
    if not covered:
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
                "sources": list(phase.sources),
            }
            for number, phase in enumerate(schedule.phases)
        ],
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
    return "\n".join(explain(schedule, start))
