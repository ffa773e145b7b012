"""Schedules written: from values to the tables of a schedule file, and to its text.

What is written is read back to the same values (formats/schedule_file holds it to that).
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dosecal.consistency.phases import by_weight
from dosecal.formats.schedule_kinds import AS_PRESCRIBED
from dosecal.formats.toml import toml_value
from dosecal.model.dates import WEEKDAYS, Interval
from dosecal.model.quantities import plain
from dosecal.model.schedule import (
    NO_SITES,
    Bound,
    Check,
    CheckTime,
    Choice,
    Companion,
    DoseBand,
    EarlyRule,
    Gap,
    Listed,
    MinGap,
    MissedRule,
    Phase,
    Preparation,
    Reload,
    Repeating,
    Schedule,
    SiteRules,
    Source,
    WarmUp,
    Window,
)

Table = dict[str, Any]
_DAY_0: Final = Interval(0, "day")


def schedule_table(schedule: Schedule) -> Table:
    """Return a schedule as the tables of its file."""
    behind = _behind_a_step(schedule.phases)
    found: Table = {"format": 1, "medicine": schedule.medicine}
    found |= _stated(brand=schedule.brand, indication=schedule.indication)
    if schedule.medicine_class or schedule.class_sources:
        found |= {"class": schedule.medicine_class, "class_source": list(schedule.class_sources)}
    found |= _stated(jurisdiction=schedule.jurisdiction)
    found["route"] = schedule.route
    found |= _stated(given_by=schedule.given_by)
    if schedule.traceability:
        found["traceability"] = {
            "text": schedule.traceability.text, "source": list(schedule.traceability.sources),
        }  # fmt: skip
    if schedule.min_gap:
        found["min_gap"] = _gap(schedule.min_gap)
    found["names"] = {
        each.language: _stated(medicine=each.medicine, brand=each.brand, indication=each.indication)
        for each in schedule.names
    }
    found["phase"] = [
        phase_table(phase, schedule, behind_a_step=place in behind)
        for place, phase in enumerate(schedule.phases)
    ]
    if schedule.sites != NO_SITES:
        found["sites"] = _sites(schedule.sites)
    found["missed"] = [_missed(each) for each in schedule.missed]
    found["early"] = [_early(each) for each in schedule.early]
    found["gap"] = [{"between": list(each.between), **_gap(each)} for each in schedule.gaps]
    if schedule.preparation:
        found["preparation"] = _preparation(schedule.preparation)
    found["check"] = [_check(each) for each in schedule.checks]
    found["note"] = [
        {"about": each.about, "text": each.text, "source": list(each.sources)}
        for each in schedule.notes
    ]
    found["sources"] = {each.id: _source(each) for each in schedule.sources}
    return {key: each for key, each in found.items() if each not in ([], {}) or key == "sources"}


def _stated(**texts: str) -> Table:
    return {key: text for key, text in texts.items() if text}


def _behind_a_step(phases: tuple[Phase, ...]) -> set[int]:
    """Return which phases, counted from 0, stand directly behind one that the prescriber ends."""
    return {
        here
        for weight in by_weight(tuple(phase.weight for phase in phases))
        for past, here in itertools.pairwise(weight.places)
        if phases[past].ends
    }


def phase_table(phase: Phase, schedule: Schedule, *, behind_a_step: bool = False) -> Table:
    """Return a phase as its table.

    Args:
        phase: One of the schedule's.
        schedule: What the phase leaves out holds as the schedule states it.
        behind_a_step: Whether its first dose is the prescriber's step, so it states no place.
    """
    choices = {choice.key: choice for choice in phase.choices}
    found: Table = {"name": phase.name, **_dose(phase, choices.get("dose"))}
    timing = phase.timing
    if isinstance(timing, Listed):
        unit = f"{timing.unit}s"
        found[unit] = [
            _ends(choice) if (choice := choices.get(f"{unit}[{number}]")) else count
            for number, count in enumerate(timing.counts, 1)
        ]
    else:
        found |= _repeating(timing, choices, behind_a_step=behind_a_step)
    if phase.ends:
        found["ends"] = "prescriber"
        found |= _stated(at_least=str(phase.ends.at_least or ""))
    if phase.window:
        found["window"] = _window(phase.window)
    if phase.min_gap:
        found["min_gap"] = _gap(phase.min_gap)
    found |= _stated(
        weight=str(phase.weight or ""),
        max_dose=str(phase.max_dose or ""),
        round_to=str(phase.round_to or ""),
    )
    if phase.strength:
        found["strength"] = f"{phase.strength.per_ml}/mL"
        found["max_injection"] = f"{plain(phase.strength.most_ml)} mL"
    found |= _stated(given_by=phase.given_by)
    if phase.route != schedule.route:
        found["route"] = phase.route
    base = NO_SITES if phase.route == "intravenous" else schedule.sites
    if phase.sites != base:
        found["sites"] = _own_sites(phase.sites, base, phase.sources)
    found["source"] = list(phase.sources)
    if phase.companions:
        found["with"] = [_companion(each, phase.sites) for each in phase.companions]
    return found


def _dose(phase: Phase, choice: Choice | None) -> Table:
    band = phase.bands[0]
    if len(phase.bands) > 1 or band.weight is not None:
        by_strength = phase.strength is not None
        return {"dose": [_band(each, by_strength=by_strength) for each in phase.bands]}
    dose: object = str(band.amount or "ask")
    if choice:
        dose = _ends(choice) if choice.low is not None or choice.one_of else AS_PRESCRIBED
    found: Table = {"dose": dose}
    if phase.strength is None or band.injections != 1:
        found["injections"] = _needles(band)
    return found


def _needles(band: DoseBand) -> int | list[str]:
    return [str(each) for each in band.amounts] or band.injections


def _band(band: DoseBand, *, by_strength: bool) -> Table:
    found: Table = {"weight": str(band.weight)} if band.weight is not None else {}
    found["dose"] = str(band.amount or "ask")
    counted = by_strength and band.amount is not None and band.amount.per
    if band.amount is not None and not (counted and band.injections == 1):
        found["injections"] = _needles(band)
    return found


def _ends(choice: Choice) -> Table:
    """Return what there is to choose from; an offset is a bare number."""
    if choice.one_of:
        return {"one_of": [str(each) for each in choice.one_of]}
    low, high = choice.low, choice.high
    if isinstance(low, int) and isinstance(high, int):
        return {"from": low, "to": high}
    return {"from": str(low), "to": str(high)}


def _repeating(timing: Repeating, choices: Mapping[str, Choice], *, behind_a_step: bool) -> Table:
    found: Table = {"every": _ends(choices["every"]) if "every" in choices else str(timing.every)}
    if on := choices.get("on"):
        found["on"] = {"days": on.days, "apart": str(Interval(on.apart, "day"))}
    elif timing.weekdays:
        found["on"] = [WEEKDAYS[day] if 0 <= day < 7 else str(day) for day in timing.weekdays]
    if timing.on_days:
        found["on_days"] = list(timing.on_days)
    if timing.follows:
        found["after"] = "every" if timing.after_every else str(timing.begins)
    elif not behind_a_step or timing.begins != _DAY_0:
        found["from"] = f"{timing.begins.unit} {timing.begins.count}"
    if timing.doses is not None:
        found["doses"] = timing.doses
    if timing.lasts:
        found["for"] = str(timing.lasts)
    if timing.from_given:
        found["counted_from"] = "given"
    return found


def _window(window: Window) -> str | Table:
    if window.early == window.late and window.early.count:
        return str(window.early)
    sides = (("early", window.early), ("late", window.late))
    return {name: str(most) for name, most in sides if most != _DAY_0}


def _gap(gap: MinGap | Gap) -> Table:
    grace = _stated(grace=str(gap.grace or ""))
    return {"gap": str(gap.gap), **grace, "source": list(gap.sources)}


def _sites(sites: SiteRules) -> Table:
    found: Table = {"regions": list(sites.regions)}
    if sites.caregiver_only:
        found["caregiver_only"] = list(sites.caregiver_only)
    found |= _stated(rest=str(sites.rest or ""))
    if sites.one_site:
        found["injections_at"] = "one site"
    if sites.one_area:
        found["one_area"] = list(sites.one_area)
    return found | {"source": list(sites.sources)}


def _own_sites(sites: SiteRules, base: SiteRules, sources: tuple[str, ...]) -> list[str] | Table:
    """Return the sites of a phase: a list where all else is as the schedule states it."""
    inherited = base._replace(
        regions=sites.regions,
        caregiver_only=tuple(each for each in base.caregiver_only if each in sites.regions),
        one_area=tuple(each for each in base.one_area if each in sites.regions),
        sources=sources,
    )
    if sites == inherited:
        return list(sites.regions)
    at = "one site" if sites.one_site else "different sites"
    return {
        **_sites(sites), "caregiver_only": list(sites.caregiver_only), "injections_at": at,
        "one_area": list(sites.one_area),
    }  # fmt: skip


def _companion(each: Companion, base: SiteRules) -> Table:
    found: Table = {
        "medicine": each.medicine, "dose": str(each.amount), "injections": each.injections,
    }  # fmt: skip
    if each.sites is not None:
        found["sites"] = _own_sites(each.sites, base, each.sources)
    return found | {"source": list(each.sources)}


def _clocks(clocks: tuple[Bound, ...]) -> Table:
    return {bound.clock.value: str(bound) for bound in clocks}


def _missed(rule: MissedRule) -> Table:
    found: Table = {**_clocks(rule.clocks), "then": rule.then.value, **_stated(to=rule.to)}
    if rule.reload:
        found["reload"] = _reload(rule.reload)
    found |= _stated(say=rule.say)
    if rule.phases:
        found["phases"] = list(rule.phases)
    return found | _stated(doses=str(rule.doses or "")) | {"source": list(rule.sources)}


def _reload(reload: Reload) -> Table:
    found: Table = {"days": list(reload.days)}
    if reload.bands:
        band = reload.bands[0]
        found |= {"dose": str(band.amount or "ask"), "injections": _needles(band)}
    return found | {"resume": str(reload.resume)}


def _early(rule: EarlyRule) -> Table:
    found = {**_clocks(rule.clocks), "then": rule.then.value, **_stated(say=rule.say)}
    return found | {"source": list(rule.sources)}


def _preparation(stated: Preparation) -> Table:
    found = _stated(storage=stated.storage)
    if stated.warm_up:
        found = {"warm_up": _warm_up(stated.warm_up), **found}
    return found | {"source": list(stated.sources)}


def _warm_up(time: WarmUp) -> str:
    if time.most == 0:
        return "none"
    least = "" if time.least == time.most else f"{time.least} to "
    return f"{least}{time.most} minutes"


def _check(check: Check) -> Table:
    found: Table = {"name": check.name}
    when = check.when
    if isinstance(when, CheckTime):
        found["when"] = when.value
        found |= _stated(lead=str(check.lead or ""))
    elif isinstance(when, Listed):
        found[f"{when.unit}s"] = list(when.counts)
    else:
        found |= {"every": str(when.every), "from": f"{when.begins.unit} {when.begins.count}"}
        if when.doses is not None:
            found["times"] = when.doses
    return found | {"source": list(check.sources)}


def _source(source: Source) -> Table:
    found: Table = {"title": source.title, **_stated(remark=source.remark, url=source.url)}
    if source.retrieved:
        found["retrieved"] = source.retrieved
    return found | {"basis": source.basis}


def table_lines(table: Table, name: str = "") -> Iterator[str]:
    """Yield the lines of one table, each key on its own, and the tables in it that repeat.

    Args:
        table: What it holds.
        name: Its own name, under which its tables stand: `[[phase.with]]`.
    """
    later: list[tuple[str, list[Table]]] = []
    for key, each in table.items():
        tables = isinstance(each, list) and each and isinstance(each[0], dict)
        if tables and key == "with":
            later.append((key, each))
        elif tables and key == "dose":
            yield f"{key} = ["
            yield from (f"  {toml_value(band)}," for band in each)
            yield "]"
        else:
            yield f"{key} = {toml_value(_without_lists_of_one(key, each))}"
    for key, those in later:
        for inner in those:
            yield ""
            yield f"[[{name}.{key}]]"
            yield from table_lines(inner, f"{name}.{key}")


def _without_lists_of_one(key: str, each: Any) -> Any:
    """Return a value with one source standing alone, without brackets."""
    if isinstance(each, dict):
        return {name: _without_lists_of_one(name, inner) for name, inner in each.items()}
    alone = key in ("source", "class_source") and isinstance(each, list) and len(each) == 1
    return each[0] if alone else each


def schedule_text(schedule: Schedule) -> str:
    """Return a schedule as the text of its file."""
    table = schedule_table(schedule)
    inline = ("traceability", "min_gap")
    lines = list(
        table_lines({
            key: each
            for key, each in table.items()
            if key in inline or not isinstance(each, dict | list) or key == "class_source"
        })
    )  # fmt: skip
    for key, each in table.items():
        if key in inline or key == "class_source":
            continue
        if isinstance(each, list):
            for inner in each:
                lines += ["", f"[[{key}]]", *table_lines(inner, key)]
        elif isinstance(each, dict) and key in ("names", "sources"):
            for id, inner in each.items():
                lines += ["", f"[{key}.{id}]", *table_lines(inner)]
        elif isinstance(each, dict):
            lines += ["", f"[{key}]", *table_lines(each)]
    return "\n".join(lines) + "\n"
