"""Schedule files: from TOML to a `Schedule`, or every problem of the file at once.

The caller opens the file and passes its bytes; docs/schedule-format.md describes the format.
"""

import itertools
import re
from collections.abc import Callable
from typing import Any, TypeVar

from dosecal.consistency.field_types import misfits
from dosecal.consistency.phases import by_weight, phase_problems
from dosecal.consistency.rules import rule_problems
from dosecal.errors import Problem, QuantityError, ScheduleFileError, described
from dosecal.formats.keys import Reader
from dosecal.formats.schedule_keys import (
    BANDS,
    DOSE_RANGE,
    EVERY_RANGE,
    FOREIGN,
    MAX_TABLES,
    ON_CHOICE,
    PHASE_SITES,
    SCHEDULE,
    WINDOW,
    misplaced,
)
from dosecal.formats.schedule_kinds import AS_PRESCRIBED
from dosecal.formats.schedule_tables import schedule_table
from dosecal.formats.toml import parse_toml
from dosecal.model.choices import spread_weekdays
from dosecal.model.dates import WEEKDAYS, Interval
from dosecal.model.hints import near_miss
from dosecal.model.quantities import Amount, coverage_problems, total
from dosecal.model.schedule import (
    NO_SITES,
    Bound,
    Check,
    CheckTime,
    Choice,
    Clock,
    Companion,
    DoseBand,
    EarlyRule,
    Gap,
    Listed,
    MinGap,
    MissedRule,
    Names,
    Note,
    Phase,
    Preparation,
    PrescriberEnds,
    Reload,
    Repeating,
    Schedule,
    SiteRules,
    Source,
    Strength,
    Then,
    Window,
)

_T = TypeVar("_T")

_LISTS = ("weeks", "days", "months")
_REPEATING = ("from", "after", "doses", "for", "ends", "counted_from", "on", "on_days")
_LATE_CLOCKS = (
    Clock.LATE, Clock.UNTIL_NEXT, Clock.SINCE_LAST, Clock.SINCE_START, Clock.MISSED_IN_A_ROW,
)  # fmt: skip
_NONE = Interval(0, "day")


def read_schedule(data: bytes, id: str, file: str) -> Schedule:
    """Read a schedule file.

    Args:
        data: The bytes of the file.
        id: The schedule's id, which is the file's stem.
        file: How messages name the file.

    Raises:
        ScheduleFileError: With every problem found.
    """
    try:
        table = parse_toml(data)
    except QuantityError as error:
        problem = Problem("", error.what, error.allowed, error.hint)
        raise ScheduleFileError(file, (problem,)) from error
    if "schedule" in table and "phase" not in table:
        problem = Problem("", "this is a course, no schedule", "a course file names its schedule")
        raise ScheduleFileError(file, (problem,))
    build = _Build(Reader(foreign=FOREIGN, misplaced=misplaced, most=MAX_TABLES))
    schedule = build.schedule(dict(table), id)
    if build.reader.problems or schedule is None:
        raise ScheduleFileError(file, tuple(build.reader.problems))
    return schedule


def problems(schedule: Schedule) -> list[Problem]:
    """Return everything that is wrong with a schedule, however it was built.

    It is written as the tables of a file and read again, so that a schedule made in Python, from
    a form or from a hospital's system is held to what a file is held to, by the same key paths;
    what a file cannot say is a problem, too.
    """
    if found := list(misfits(schedule, Schedule)):
        return found
    build = _Build(Reader(foreign=FOREIGN, misplaced=misplaced, most=MAX_TABLES))
    read = build.schedule(schedule_table(schedule), schedule.id)
    if build.reader.problems or read is None:
        return build.reader.problems
    where = _first_difference(read, schedule)
    if where is None:
        return []
    return [Problem(where, "no schedule file says this", "what reads back from a file the same")]


def _first_difference(one: object, other: object, path: str = "") -> str | None:
    """Return where two values differ, as the path of a field, or None."""
    if one == other:
        return None
    if type(one) is type(other) and isinstance(one, tuple) and isinstance(other, tuple):
        names = getattr(one, "_fields", None)
        if names or len(one) == len(other):
            for place, (ours, theirs) in enumerate(zip(one, other, strict=True)):
                step = f".{names[place]}" if names else f"[{place + 1}]"
                found = _first_difference(ours, theirs, f"{path}{step}")
                if found is not None:
                    return found
    return path.removeprefix(".")


class _Build:
    """Turn read tables into values; what a single key cannot say wrong is checked here."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.used: set[str] = set()
        self.known: dict[str, Any] = {}
        self.has_sources = False

    def schedule(self, table: dict[str, Any], id: str) -> Schedule | None:
        reader = self.reader
        found = reader.table(SCHEDULE, table)
        self.known = found.get("sources", {})
        stated = table.get("sources")
        self.has_sources = isinstance(stated, dict) and all(
            isinstance(each, dict) for each in stated.values()
        )  # else that alone is the fault
        route = found.get("route", "subcutaneous")
        sites = self.sites(found["sites"], "sites") if "sites" in found else NO_SITES
        phases, placed = self.phases(found.get("phase", []), route, sites)
        if table.get("phase") == []:
            reader.problem("phase", "there is none", "at least one [[phase]]")
        names = [each.get("name") for each in found.get("phase", [])]
        missed = self.each(found, "missed", lambda each, path: self.missed(each, path, names))
        early = self.each(found, "early", self.early)
        checks = self.each(found, "check", self.check)
        notes = self.each(found, "note", self.note)
        gaps = self.each(found, "gap", self.gap)
        preparation = None
        if isinstance(table.get("preparation"), dict):
            preparation = self.preparation(found["preparation"])
        min_gap = self.min_gap(found.get("min_gap"), "min_gap")
        traceability = self.traceability(found.get("traceability"))
        class_sources = self.class_sources(found)
        own_names = self.names(found.get("names", {}))
        if phases and self.has_sources:
            self.unused_sources()
        whole = tuple(each for each in phases if each is not None)
        schedule = Schedule(
            id=id,
            medicine=found.get("medicine") or "",
            phases=whole,
            sources=tuple(Source(id=name, **each) for name, each in self.known.items())
            if not reader.problems
            else (),
            brand=found.get("brand", ""),
            indication=found.get("indication", ""),
            jurisdiction=found.get("jurisdiction", ""),
            route=route,
            sites=sites,
            missed=missed,
            preparation=preparation,
            checks=checks,
            notes=notes,
            min_gap=min_gap,
            names=own_names,
            early=early,
            gaps=gaps,
            given_by=found.get("given_by", ""),
            traceability=traceability,
            medicine_class=found.get("class", ""),
            class_sources=class_sources,
        )
        if whole and placed and len(whole) == len(phases):
            reader.problems += phase_problems(schedule)
        if not reader.problems:
            reader.problems += rule_problems(schedule)
        return None if reader.problems else schedule

    def phases(
        self, tables: list[dict[str, Any]], route: str, sites: SiteRules
    ) -> tuple[list[Phase | None], bool]:
        """Return the phases, None for each that is wrong, and whether all have a place in time."""
        phases = [
            self.phase(each, f"phase[{number}]", number, route, sites)
            for number, each in enumerate(tables, 1)
        ]
        self.own_names_of_phases([each.get("name") for each in tables])
        before = len(self.reader.problems)
        self.beginnings(tables)
        return phases, len(self.reader.problems) == before

    @staticmethod
    def each(
        found: dict[str, Any], name: str, read: Callable[[dict[str, Any], str], _T | None]
    ) -> tuple[_T, ...]:
        """Return what is read of the tables of a list, without those that are wrong."""
        tables = enumerate(found.get(name, []), 1)
        values = [read(each, f"{name}[{number}]") for number, each in tables]
        return tuple(each for each in values if each is not None)

    def own_names_of_phases(self, names: list[str | None]) -> None:
        for number, name in enumerate(names, 1):
            if name and name in names[: number - 1]:
                self.reader.problem(
                    f"phase[{number}].name", f'"{name}" stands twice', "each phase its own name"
                )

    def unused_sources(self) -> None:
        for name in self.known:
            if name not in self.used:
                self.reader.problem(
                    f"sources.{name}", "unused source", "every source states something in the file"
                )

    def note(self, table: dict[str, Any], path: str) -> Note:
        return Note(table.get("about", ""), table.get("text", ""), self.source(table, path))

    def traceability(self, table: dict[str, Any] | None) -> Note | None:
        if not table:
            return None
        sources = self.source(table, "traceability")
        return Note("traceability", table.get("text") or "", sources)

    def class_sources(self, found: dict[str, Any]) -> tuple[str, ...]:
        if "class" in found and "class_source" not in found:
            self.reader.problem("class_source", "missing", "who states the class")
        if "class_source" in found and "class" not in found:
            self.reader.problem("class_source", "there is no class", "with class")
        return self.source({"source": found.get("class_source")}, "class_source")

    def min_gap(self, table: dict[str, Any] | None, path: str) -> MinGap | None:
        if not table:
            return None
        sources = self.source(table, path)
        gap, grace = table.get("gap"), table.get("grace")
        if gap is None or ("grace" in table and grace is None):
            return None
        self.grace(gap, grace, path)
        return MinGap(gap, sources, grace)

    def gap(self, table: dict[str, Any], path: str) -> Gap | None:
        sources = self.source(table, path)
        between, gap, grace = table.get("between"), table.get("gap"), table.get("grace")
        if between is None or gap is None or ("grace" in table and grace is None):
            return None
        self.grace(gap, grace, path)
        return Gap(between, gap, sources, grace)

    def grace(self, gap: Interval, grace: Interval | None, path: str) -> None:
        if grace is None:
            return
        if grace.in_months:
            self.reader.problem(f"{path}.grace", f"{grace} is in months", "days or weeks")
        elif grace.days >= (gap.days or 28 * gap.months):
            self.reader.problem(f"{path}.grace", f"{grace} leaves nothing of the gap of {gap}",
                                "a grace shorter than the gap")  # fmt: skip

    def names(self, tables: dict[str, dict[str, str]]) -> tuple[Names, ...]:
        for code, table in tables.items():
            if not re.fullmatch(r"[a-z]{2,3}", code):
                self.reader.problem(
                    f"names.{code}", f'"{code}" is no code of a language', 'two letters: "ru"'
                )
            elif not table:
                self.reader.problem(
                    f"names.{code}", "says nothing", "medicine, brand or indication"
                )
        if self.reader.problems:
            return ()
        return tuple(Names(code, **table) for code, table in tables.items())

    def source(self, table: dict[str, Any], path: str) -> tuple[str, ...]:
        """Return the source ids of a table, each of which must exist."""
        ids: tuple[str, ...] = table.get("source") or ()
        for each in ids:
            self.used.add(each)
            if self.has_sources and each not in self.known:
                self.reader.problem(
                    path if path.endswith("_source") else f"{path}.source",
                    f'no source "{each}"',
                    f"one of [sources]: {', '.join(self.known) or 'there is none'}",
                    near_miss(each, self.known),
                )
        return ids

    def sites(self, table: dict[str, Any], path: str, base: SiteRules = NO_SITES) -> SiteRules:
        regions = base.regions if table.get("regions") is None else table["regions"]
        only = base.caregiver_only
        if table.get("caregiver_only") is not None:
            only = table["caregiver_only"]
            for region in only:
                if region not in regions and table.get("regions", ()) is not None:
                    self.reader.problem(
                        f"{path}.caregiver_only",
                        f'"{region}" is not among the regions',
                        f"one of: {', '.join(regions) or 'there is none'}",
                    )
        if table.get("rest") and not regions and table.get("regions", ()) is not None:
            self.reader.problem(f"{path}.rest", "there is no site to rest", "with regions")
        one_site = base.one_site
        if "injections_at" in table:
            one_site = table["injections_at"] == "one site"
        one_area = base.one_area if table.get("one_area") is None else table["one_area"]
        for region in table.get("one_area") or ():
            if region not in regions and table.get("regions", ()) is not None:
                self.reader.problem(
                    f"{path}.one_area",
                    f'"{region}" is not among the regions',
                    f"one of: {', '.join(regions) or 'there is none'}",
                )
        sources = self.source(table, path) or base.sources
        rest = table.get("rest", base.rest)
        return SiteRules(regions, only, rest, one_site, sources, one_area)

    def phase(
        self, table: dict[str, Any], path: str, number: int, route: str, sites: SiteRules
    ) -> Phase | None:
        sources = self.source(table, path)
        choices: list[Choice] = []
        bands = self.bands(table, path, choices)
        timing = self.timing(table, path, choices)
        own_route = table.get("route", route)
        own_sites = self.phase_sites(table, path, own_route, sites, sources)
        window = self.window(table, path)
        self.by_size(table, path, bands)
        companions = self.companions(table, path, own_sites)
        self.places(path, own_sites, bands, companions)
        if timing is None:
            return None
        strength = None
        if table.get("strength") and table.get("max_injection"):
            strength = Strength(table["strength"], table["max_injection"])
        return Phase(
            table.get("name") or "", bands, timing, own_route, own_sites, sources, window,
            choices=tuple(each._replace(sources=sources) for each in choices),
            weight=table.get("weight"),
            max_dose=table.get("max_dose"),
            round_to=table.get("round_to"),
            strength=strength,
            ends=PrescriberEnds(table.get("at_least")) if table.get("ends") else None,
            companions=companions,
            given_by=table.get("given_by") or "",
            min_gap=self.min_gap(table.get("min_gap"), f"{path}.min_gap"),
        )  # fmt: skip

    def phase_sites(
        self,
        table: dict[str, Any],
        path: str,
        route: str,
        base: SiteRules,
        sources: tuple[str, ...],
    ) -> SiteRules:
        """Return the sites of a phase, or of a medicine given with it."""
        own = table.get("sites")
        if route == "intravenous" and "sites" in table:
            self.reader.problem(
                f"{path}.sites", "an intravenous dose has no injection site", "leave sites out"
            )
        if route == "intravenous":
            return NO_SITES
        if isinstance(own, dict):
            read = self.reader.table(PHASE_SITES, own, f"{path}.sites")
            found = self.sites(read, f"{path}.sites", base)
            return found if "source" in read else found._replace(sources=sources)
        if own is not None:
            only = tuple(each for each in base.caregiver_only if each in own)
            area = tuple(each for each in base.one_area if each in own)
            return base._replace(regions=own, caregiver_only=only, one_area=area, sources=sources)
        return base

    def places(
        self,
        path: str,
        sites: SiteRules,
        bands: tuple[DoseBand, ...],
        companions: tuple[Companion, ...],
    ) -> None:
        """Refuse a dose with more injections than there are sites for."""
        needles = max((band.injections or 1 for band in bands), default=1)
        places = 1 if sites.one_site else needles
        places += sum(each.injections for each in companions if each.sites is None)
        there = sum(len(sites.sites(each)) for each in sites.regions)
        if there and places > there:
            sides = "" if sites.one_area else "left and right "
            sites_there = f"{there} site{'' if there == 1 else 's'}"
            self.reader.problem(
                f"{path}.injections",
                f"{places} injections of a dose, but {sites_there}: {sides}"
                f"{', '.join(sites.regions)}",
                'more regions, or injections_at = "one site"',
            )

    def companions(
        self, table: dict[str, Any], path: str, sites: SiteRules
    ) -> tuple[Companion, ...]:
        found = []
        for number, each in enumerate(table.get("with") or (), 1):
            where = f"{path}.with[{number}]"
            sources = self.source(each, where)
            own = None
            if "sites" in each:
                own = self.phase_sites(each, where, "", sites, sources)
            if each.get("medicine") and each.get("dose"):
                needles = each.get("injections") or 1
                found.append(Companion(each["medicine"], each["dose"], needles, sources, own))
        return tuple(found)

    def by_size(self, table: dict[str, Any], path: str, bands: tuple[DoseBand, ...]) -> None:
        """Check what stands only with a dose per kg or m2."""
        pairs = (("strength", "max_injection"), ("max_injection", "strength"))
        for name, other in pairs:
            if name in table and other not in table:
                self.reader.problem(f"{path}.{name}", f"stands without {other}", "both, or none")
        if "strength" in table and "injections" in table:
            self.reader.problem(
                f"{path}.injections", "stands with strength", "one of them: strength counts them"
            )
        sized = [band.amount for band in bands if band.amount and band.amount.per]
        for name in ("max_dose", "round_to", "strength"):
            if table.get(name) is None or not bands:
                continue
            if not sized:
                self.reader.problem(
                    f"{path}.{name}", "no dose is per kg or m2", "only with a dose per kg or m2"
                )
            elif table[name].unit != sized[0].unit:
                self.reader.problem(
                    f"{path}.{name}",
                    f"{table[name]}{'/mL' if name == 'strength' else ''} stands with a dose of "
                    f"{sized[0]}",
                    f"in {sized[0].unit}, the unit of the dose",
                )
        step, most = table.get("round_to"), table.get("max_dose")
        if sized and step and most and step.unit == most.unit and most.value % step.value:
            self.reader.problem(
                f"{path}.max_dose", f"{most} is no multiple of {step}", "a multiple of round_to"
            )

    def bands(
        self, table: dict[str, Any], path: str, choices: list[Choice]
    ) -> tuple[DoseBand, ...]:
        stated = table.get("injections", 1)
        dose = table.get("dose")
        if dose == AS_PRESCRIBED:
            choices.append(Choice("dose"))
            return (self.band(None, stated, path),)
        if isinstance(dose, Amount):
            return (self.band(dose, stated, path),)
        if isinstance(dose, dict):
            choice = self.range("dose", DOSE_RANGE, dose, f"{path}.dose")
            if choice is None:
                return ()
            choices.append(choice)
            if isinstance(stated, tuple):
                self.reader.problem(
                    f"{path}.injections", "amounts stand with a dose to choose", "a number"
                )
                return ()
            amount = choice.low or choice.one_of[0]
            return (self.band(amount, stated, path),) if isinstance(amount, Amount) else ()
        return self.weight_bands(dose, stated, path) if isinstance(dose, list) else ()

    def band(self, amount: Amount | None, stated: Any, path: str) -> DoseBand:
        """Return the dose for everybody; what unequal injections hold adds up to it."""
        if not isinstance(stated, tuple):
            return DoseBand(amount, stated or 1)
        sum_of_all = total(stated)
        if amount is None or amount != sum_of_all:
            self.reader.problem(
                f"{path}.injections",
                f"{' + '.join(str(each) for each in stated)} is {sum_of_all}, not "
                f"{amount or 'a stated dose'}",
                "amounts that add up to the dose",
            )
        return DoseBand(amount, len(stated), None, stated)

    def weight_bands(self, dose: list[Any], stated: Any, path: str) -> tuple[DoseBand, ...]:
        if not dose:
            self.reader.problem(f"{path}.dose", "the list is empty", "weight bands with a dose")
        if len(dose) > MAX_TABLES:
            what = f"there are {len(dose)} weight bands"
            self.reader.problem(f"{path}.dose", what, f"at most {MAX_TABLES}")
            return ()
        bands = []
        for number, each in enumerate(dose, 1):
            where = f"{path}.dose[{number}]"
            if not isinstance(each, dict):
                allowed = '{ weight = "<= 100 kg", dose = "45 mg" }'
                self.reader.problem(where, f"{described(each)} is no weight band", allowed)
                continue
            if isinstance(each.get("dose"), dict) or each.get("dose") == AS_PRESCRIBED:
                self.reader.problem(
                    f"{where}.dose", "leaves the dose of a weight to choose",
                    "a choice stands for every weight: a phase of these weights with weight",
                )  # fmt: skip
                continue
            read = self.reader.table(BANDS, each, where)
            if read.get("weight"):
                needles = read.get("injections", stated)
                if read.get("dose") is None:
                    needles = needles if isinstance(needles, int) else 1
                band = self.band(read.get("dose"), needles, where)
                bands.append(band._replace(weight=read["weight"]))
        self.coverage(dose, bands, path)
        return tuple(bands)

    def coverage(self, dose: list[Any], bands: list[DoseBand], path: str) -> None:
        """Check that the bands cover every weight exactly once, in one unit, with one dose."""
        if len(bands) == len(dose):
            ranges = tuple(each.weight for each in bands if each.weight)
            for problem in coverage_problems(ranges) if ranges else ():
                self.reader.problem(
                    f"{path}.dose", problem, "the bands cover every weight exactly once"
                )
        if dose and all(isinstance(each, dict) and each.get("dose") == "ask" for each in dose):
            self.reader.problem(f"{path}.dose", '"ask" in every band', "a dose in one at least")
        stated = [(n, each.amount) for n, each in enumerate(bands, 1) if each.amount]
        for number, amount in stated:
            if amount.unit != stated[0][1].unit:
                self.reader.problem(
                    f"{path}.dose[{number}].dose",
                    f"{amount} stands with {stated[0][1]} in dose[{stated[0][0]}]",
                    "one unit in all bands",
                )
                break

    def range(self, key: str, keys: Any, table: dict[str, Any], path: str) -> Choice | None:
        """Read what there is to choose from: two ends, or some values."""
        found = len(self.reader.problems)
        read = self.reader.table(keys, table, path)
        low, high, one_of = read.get("from"), read.get("to"), read.get("one_of")
        if len(self.reader.problems) > found:
            return None
        allowed = "from and to, or one_of"
        if one_of and (low or high):
            self.reader.problem(path, "one_of stands with a range", allowed)
        elif not one_of and not (low and high):
            self.reader.problem(path, "a choice without bounds", allowed)
        elif one_of:
            return Choice(key, one_of=one_of)
        elif low and high and (low.unit, self.per(low)) != (high.unit, self.per(high)):
            self.reader.problem(path, f"{low} and {high} differ in unit", "one unit for both ends")
        elif low and high and self.size(low) >= self.size(high):
            self.reader.problem(path, f"from {low} to {high} is no range", "from below to")
        else:
            return Choice(key, low, high)
        return None

    @staticmethod
    def per(end: Interval | Amount) -> str:
        return end.per if isinstance(end, Amount) else ""

    @staticmethod
    def size(end: Interval | Amount) -> Any:
        return end.value if isinstance(end, Amount) else end.count

    def listed(self, unit: str, offsets: Any, choices: list[Choice]) -> Listed:
        """Return listed offsets; of a range to choose from, its least end."""
        counts = []
        for number, each in enumerate(offsets, 1):
            if isinstance(each, tuple):
                choices.append(Choice(f"{unit}[{number}]", *each))
            counts.append(each[0] if isinstance(each, tuple) else each)
        return Listed(unit.removesuffix("s"), tuple(counts))

    def timing(
        self, table: dict[str, Any], path: str, choices: list[Choice]
    ) -> Listed | Repeating | None:
        reader = self.reader
        ways = [name for name in (*_LISTS, "every") if name in table]
        if len(ways) != 1:
            what = f"{' and '.join(ways)} stand together" if ways else "says no dates"
            needing = next((name for name in _REPEATING if name in table and not ways), "")
            hint = f"{needing} needs every" if needing else ""
            reader.problem(path, what, "one of weeks, days, months, or every with from", hint)
            return None
        found = len(reader.problems)
        if "at_least" in table and "ends" not in table:
            reader.problem(f"{path}.at_least", "stands without ends", 'with ends = "prescriber"')
        if ways[0] != "every":
            for name in _REPEATING:
                if name in table:
                    reader.problem(f"{path}.{name}", f"stands with {ways[0]}", "only with every")
            counts = table[ways[0]]
            return None if counts is None else self.listed(ways[0], counts, choices)
        every: Any = table["every"]
        if isinstance(every, dict):
            choice = self.range("every", EVERY_RANGE, every, f"{path}.every")
            every = (choice.low or choice.one_of[0]) if choice else None
            choices += [choice] if choice else []
        begins, follows = self.begins(table, every)
        self.one_end(table, path)
        weekdays = self.weekdays(table, path, every, choices)
        on_days: tuple[int, ...] = table.get("on_days") or ()
        if weekdays and on_days:
            reader.problem(f"{path}.on_days", "stands with on", "one of on and on_days")
        if every and on_days and on_days[-1] >= (length := every.days + 28 * every.months):
            reader.problem(
                f"{path}.on_days",
                f"day {on_days[-1]} lies outside an interval of {every}",
                f"days from 0 to {length - 1}",
            )
        from_given = table.get("counted_from") == "given"
        if from_given and (weekdays or on_days):
            reader.problem(
                f"{path}.counted_from", f"stands with {'on' if weekdays else 'on_days'}",
                "only with doses that are one interval apart",
            )  # fmt: skip
        unread = any(table[name] is None for name in _REPEATING if name in table)
        if every is None or unread or len(reader.problems) > found:
            return None
        return Repeating(
            every, begins, follows, table.get("doses"), weekdays, on_days, table.get("for"),
            from_given, table.get("after") == "every",
        )  # fmt: skip

    def begins(self, table: dict[str, Any], every: Interval | None) -> tuple[Interval, bool]:
        """Return where a repeating phase begins, and whether that counts from the one before."""
        if "after" not in table:
            return table.get("from") or _NONE, False
        after = table["after"]
        return (every if after == "every" else after) or _NONE, True

    def beginnings(self, tables: list[dict[str, Any]]) -> None:
        """Check that each phase says where it begins as its place demands, for every weight."""
        before: dict[int, set[int | None]] = {number: set() for number in range(len(tables))}
        for one_weight in by_weight(tuple(each.get("weight") for each in tables)):
            for past, here in itertools.pairwise((None, *one_weight.places)):
                if here is not None:
                    before[here].add(past)
        for here, table in enumerate(tables):
            path = f"phase[{here + 1}]"
            ended = any(past is not None and "ends" in tables[past] for past in before[here])
            first = None in before[here]
            if "after" in table and "from" in table:
                self.reader.problem(f"{path}.after", "stands with from", "one of from and after")
            elif ended:
                self.behind_a_step(table, path)
            elif "after" in table and first:
                self.reader.problem(
                    f"{path}.after", "there is no phase before", 'from, for example "week 0"'
                )
            elif "every" in table and not {"from", "after"} & set(table) and before[here] != {None}:
                self.reader.problem(
                    f"{path}.from",
                    "missing",
                    'a repeating phase states where it begins, for example "week 6"',
                )

    def behind_a_step(self, table: dict[str, Any], path: str) -> None:
        """Check a phase whose first dose is the prescriber's step."""
        for name in ("from", "after"):
            if name in table:
                self.reader.problem(
                    f"{path}.{name}",
                    "stands behind a phase that the prescriber ends",
                    f"no {name}: its first dose is the step",
                )
        for name in _LISTS:
            if table.get(name) and table[name][0] != 0:
                self.reader.problem(
                    f"{path}.{name}", f"begins with {table[name][0]}",
                    "0, the step, behind a phase that the prescriber ends",
                )  # fmt: skip

    def one_end(self, table: dict[str, Any], path: str) -> None:
        """Refuse more than one statement of where a phase ends."""
        ends = [name for name in ("doses", "for", "ends") if name in table]
        if len(ends) > 1:
            self.reader.problem(
                f"{path}.{ends[-1]}", f"stands with {ends[0]}", "one of doses, for and ends"
            )

    def weekdays(
        self, table: dict[str, Any], path: str, every: Interval | None, choices: list[Choice]
    ) -> tuple[int, ...]:
        on: Any = table.get("on") or ()
        if on and every and every != Interval(1, "week"):
            self.reader.problem(
                f"{path}.on",
                f'stands with every = "{every}"',
                'only with every = "1 week"; others fall on the weekday of their first dose',
            )
        if not isinstance(on, dict):
            return tuple(sorted(WEEKDAYS.index(each) for each in on))
        if isinstance(table.get("every"), dict):
            self.reader.problem(f"{path}.on", "stands with an interval to choose",
                                'with every = "1 week"')  # fmt: skip
        read = self.reader.table(ON_CHOICE, on, f"{path}.on")
        days, apart = read.get("days"), read.get("apart")
        if not (days and apart):
            return ()
        if apart.unit != "day":
            self.reader.problem(f"{path}.on.apart", f"{apart} is not in days", '"2 days"')
        elif days * apart.count > 7:
            self.reader.problem(
                f"{path}.on",
                f"{days} days {apart} apart are more than a week",
                "days times apart at most 7",
            )
        else:
            choices.append(Choice("on", days=days, apart=apart.count))
            return spread_weekdays(days, apart.count)
        return ()

    def window(self, table: dict[str, Any], path: str) -> Window | None:
        value = table.get("window")
        if value is None:
            return None
        if isinstance(value, Interval):
            return Window(value, value)
        read = self.reader.table(WINDOW, value, f"{path}.window")
        if not value:
            self.reader.problem(f"{path}.window", "the table is empty", "early, late or both")
        zero = Interval(0, "day")
        early, late = read.get("early", zero), read.get("late", zero)
        if early is None or late is None:
            return None
        if read and early.count == late.count == 0:
            self.reader.problem(f"{path}.window", "both ends are 0", "no window, or longer ones")
        return Window(early, late)

    def missed(
        self, table: dict[str, Any], path: str, names: list[str | None]
    ) -> MissedRule | None:
        for name in table.get("phases") or ():
            self.phase_name(name, f"{path}.phases", names)
        clocks = self.clocks(table, path, _LATE_CLOCKS)
        sources = self.source(table, path)
        then = table.get("then")
        for key, wanted in (("to", Then.STEP), ("reload", Then.RELOAD)):
            if key in table and then and then != wanted:
                self.reader.problem(f"{path}.{key}", f'stands with then = "{then}"',
                                    f'with then = "{wanted}"')  # fmt: skip
            elif then == wanted and key not in table:
                self.reader.problem(f"{path}.{key}", "missing", f'needed with then = "{wanted}"')
        if to := table.get("to"):
            self.phase_name(to, f"{path}.to", names)
        reload = self.reload(table["reload"], f"{path}.reload") if table.get("reload") else None
        if not then:
            return None
        return MissedRule(
            Then(then), sources, clocks, table.get("phases") or (), table.get("doses"),
            table.get("to") or "", reload, table.get("say") or "",
        )  # fmt: skip

    def phase_name(self, name: str, path: str, names: list[str | None]) -> None:
        """Refuse the name of a phase that there is not."""
        known = [each for each in names if each]
        if name not in known:
            self.reader.problem(
                path, f'no phase "{name}"', f"one of: {', '.join(known)}", near_miss(name, known)
            )

    def clocks(
        self, table: dict[str, Any], path: str, known: tuple[Clock, ...]
    ) -> tuple[Bound, ...]:
        found = []
        for clock in known:
            bound = table.get(clock)
            if bound is None:
                continue
            if clock is Clock.MISSED_IN_A_ROW:
                found.append(Bound(clock, (), bound))
                continue
            for each in bound if clock in (Clock.LATE, Clock.EARLY) else ():
                if (each.sign in ("<", "<=") and each.interval.count == 0) or (
                    each.sign == "<" and each.interval == Interval(1, "day")
                ):
                    self.reader.problem(
                        f"{path}.{clock}", f'"{each}" holds for no {clock} dose', "1 day or more"
                    )
            found.append(Bound(clock, bound))
        return tuple(found)

    def reload(self, table: dict[str, Any], path: str) -> Reload | None:
        days, dose, resume = table.get("days"), table.get("dose"), table.get("resume")
        if days and days[0] != 0:
            self.reader.problem(f"{path}.days", f"begins with day {days[0]}",
                                "day 0: the late dose is the first")  # fmt: skip
        if "injections" in table and "dose" not in table:
            self.reader.problem(f"{path}.injections", "stands without dose",
                                "with dose; else both are the phase's")  # fmt: skip
        bands: tuple[DoseBand, ...] = ()
        if dose is not None:
            bands = (self.band(dose, table.get("injections", 1), path),)
        return Reload(days, resume, bands) if days and resume else None

    def early(self, table: dict[str, Any], path: str) -> EarlyRule | None:
        sources = self.source(table, path)
        clocks = self.clocks(table, path, (Clock.EARLY, Clock.SINCE_LAST))
        if not table.get("then"):
            return None
        return EarlyRule(Then(table["then"]), sources, clocks, table.get("say") or "")

    def preparation(self, table: dict[str, Any]) -> Preparation:
        if "warm_up" not in table and "storage" not in table:
            self.reader.problem("preparation", "says nothing", "warm_up, storage or both")
        sources = self.source(table, "preparation")
        return Preparation(sources, table.get("warm_up"), table.get("storage", ""))

    def check(self, table: dict[str, Any], path: str) -> Check | None:
        ways = [name for name in ("when", *_LISTS, "every") if name in table]
        sources = self.source(table, path)
        if len(ways) != 1:
            what = f"{' and '.join(ways)} stand together" if ways else "says no time"
            self.reader.problem(path, what, "one of when, weeks, days, months or every")
            return None
        way = ways[0]
        for name in ("from", "times"):
            if name in table and way != "every":
                self.reader.problem(f"{path}.{name}", f"stands with {way}", "only with every")
        if "lead" in table and table.get("when") not in (None, CheckTime.BEFORE_EACH_DOSE):
            self.reader.problem(f"{path}.lead", f'stands with when = "{table["when"]}"',
                                f'with when = "{CheckTime.BEFORE_EACH_DOSE}"')  # fmt: skip
        elif "lead" in table and "when" not in table:
            self.reader.problem(f"{path}.lead", f"stands with {way}",
                                f'with when = "{CheckTime.BEFORE_EACH_DOSE}"')  # fmt: skip
        if way == "every" and "from" not in table:
            self.reader.problem(
                f"{path}.from", "missing", 'a check that repeats states where: "month 3"'
            )
        stated = table[way]
        if stated is None or (way == "every" and table.get("from") is None):
            return None
        name = table.get("name") or ""
        if way == "when":
            return Check(name, CheckTime(stated), sources, table.get("lead"))
        if way == "every":
            return Check(name, Repeating(stated, table["from"], doses=table.get("times")), sources)
        return Check(name, Listed(way.removesuffix("s"), stated), sources)
