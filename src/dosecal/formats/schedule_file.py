"""Schedule files: from TOML to a `Schedule`, or every problem of the file at once.

The caller opens the file and passes its bytes; docs/schedule-format.md describes the format.
"""

import re
from typing import Any

from dosecal.errors import Problem, QuantityError, ScheduleFileError
from dosecal.formats.keys import Reader, described
from dosecal.formats.schedule_checks import phase_problems, rule_problems
from dosecal.formats.schedule_keys import (
    BANDS,
    FOREIGN,
    MAX_TABLES,
    PHASE_SITES,
    SCHEDULE,
    WINDOW,
    misplaced,
)
from dosecal.formats.toml import parse_toml
from dosecal.model.dates import WEEKDAYS, Interval
from dosecal.model.hints import near_miss
from dosecal.model.quantities import Amount, coverage_problems
from dosecal.model.schedule import (
    NO_SITES,
    Bound,
    Check,
    CheckTime,
    Clock,
    DoseBand,
    Listed,
    MinGap,
    MissedRule,
    Names,
    Note,
    Phase,
    Preparation,
    Repeating,
    Schedule,
    SiteRules,
    Source,
    Then,
    Window,
)

_LISTS = ("weeks", "days", "months")
_REPEATING = ("from", "after", "doses", "on", "on_days")


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
        sites = NO_SITES
        if "sites" in found:
            sites = self.sites(found["sites"], "sites")
        phases = [
            self.phase(each, f"phase[{number}]", number, route, sites)
            for number, each in enumerate(found.get("phase", []), 1)
        ]
        if table.get("phase") == []:
            reader.problem("phase", "there is none", "at least one [[phase]]")
        names = [each.get("name") for each in found.get("phase", [])]
        for number, name in enumerate(names, 1):
            if name and name in names[: number - 1]:
                reader.problem(
                    f"phase[{number}].name", f'"{name}" stands twice', "each phase its own name"
                )
        missed = [
            self.missed(each, f"missed[{number}]", names)
            for number, each in enumerate(found.get("missed", []), 1)
        ]
        checks = [
            self.check(each, f"check[{number}]")
            for number, each in enumerate(found.get("check", []), 1)
        ]
        notes = [
            Note(each.get("about", ""), each.get("text", ""), self.source(each, f"note[{number}]"))
            for number, each in enumerate(found.get("note", []), 1)
        ]
        preparation = None
        if isinstance(table.get("preparation"), dict):
            preparation = self.preparation(found["preparation"])
        min_gap = None
        if gap := found.get("min_gap"):
            sources = self.source(gap, "min_gap")
            min_gap = MinGap(gap["gap"], sources) if gap.get("gap") else None
        own_names = self.names(found.get("names", {}))
        for name in self.known:
            if phases and self.has_sources and name not in self.used:
                reader.problem(
                    f"sources.{name}", "unused source", "every source states something in the file"
                )
        whole = tuple(each for each in phases if each is not None)
        if whole and len(whole) == len(phases):
            reader.problems += phase_problems(whole, min_gap)
        rules = tuple(each for each in missed if each is not None)
        if not reader.problems:
            reader.problems += rule_problems(rules, whole)
        if reader.problems:
            return None
        return Schedule(
            id=id,
            medicine=found["medicine"],
            phases=whole,
            sources=tuple(Source(id=name, **each) for name, each in self.known.items()),
            brand=found.get("brand", ""),
            indication=found.get("indication", ""),
            jurisdiction=found.get("jurisdiction", ""),
            route=route,
            sites=sites,
            missed=rules,
            preparation=preparation,
            checks=tuple(each for each in checks if each is not None),
            notes=tuple(notes),
            min_gap=min_gap,
            names=own_names,
        )

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
                    f"{path}.source",
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
        sources = self.source(table, path) or base.sources
        return SiteRules(regions, only, table.get("rest", base.rest), one_site, sources)

    def phase(
        self, table: dict[str, Any], path: str, number: int, route: str, sites: SiteRules
    ) -> Phase | None:
        bands = self.bands(table, path)
        timing = self.timing(table, path, number)
        own_route = table.get("route", route)
        sources = self.source(table, path)
        own_sites = NO_SITES if own_route == "intravenous" else sites
        if "sites" in table and own_route == "intravenous":
            self.reader.problem(
                f"{path}.sites", "an intravenous dose has no injection site", "leave sites out"
            )
        elif isinstance(table.get("sites"), dict):
            read = self.reader.table(PHASE_SITES, table["sites"], f"{path}.sites")
            own_sites = self.sites(read, f"{path}.sites", sites)
            if "source" not in read:
                own_sites = own_sites._replace(sources=sources)
        elif table.get("sites") is not None:
            own_sites = sites._replace(regions=table["sites"], sources=sources)
        window = self.window(table, path)
        places = (
            1 if own_sites.one_site else max((band.injections or 1 for band in bands), default=1)
        )
        if own_sites.regions and places > (sites_there := 2 * len(own_sites.regions)):
            self.reader.problem(
                f"{path}.injections",
                f"{places} injections of a dose, but {sites_there} sites: left and right "
                f"{', '.join(own_sites.regions)}",
                'more regions, or injections_at = "one site"',
            )
        if timing is None:
            return None
        return Phase(table.get("name") or "", bands, timing, own_route, own_sites, sources, window)

    def bands(self, table: dict[str, Any], path: str) -> tuple[DoseBand, ...]:
        injections = table.get("injections", 1)
        dose = table.get("dose")
        if isinstance(dose, Amount):
            return (DoseBand(dose, injections),)
        if not isinstance(dose, list):
            return ()
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
            read = self.reader.table(BANDS, each, where)
            if read.get("weight"):
                needles = read.get("injections", injections)
                bands.append(DoseBand(read.get("dose"), needles, read["weight"]))
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
        return tuple(bands)

    def timing(self, table: dict[str, Any], path: str, number: int) -> Listed | Repeating | None:
        reader = self.reader
        ways = [name for name in (*_LISTS, "every") if name in table]
        if len(ways) != 1:
            what = f"{' and '.join(ways)} stand together" if ways else "says no dates"
            needing = next((name for name in _REPEATING if name in table and not ways), "")
            hint = f"{needing} needs every" if needing else ""
            reader.problem(path, what, "one of weeks, days, months, or every with from", hint)
            return None
        if ways[0] != "every":
            for name in _REPEATING:
                if name in table:
                    reader.problem(f"{path}.{name}", f"stands with {ways[0]}", "only with every")
            counts = table[ways[0]]
            return None if counts is None else Listed(ways[0].removesuffix("s"), counts)
        found = len(reader.problems)
        begins, follows = table.get("from", Interval(0, "day")), False
        if "after" in table:
            begins, follows = table["after"], True
            if "from" in table:
                reader.problem(f"{path}.after", "stands with from", "one of from and after")
            elif number == 1:
                reader.problem(
                    f"{path}.after", "there is no phase before", 'from, for example "week 0"'
                )
        elif number > 1 and "from" not in table:
            reader.problem(
                f"{path}.from",
                "missing",
                'a repeating phase states where it begins, for example "week 6"',
            )
        every: Interval | None = table["every"]
        weekdays: tuple[str, ...] = table.get("on") or ()
        on_days: tuple[int, ...] = table.get("on_days") or ()
        if every and weekdays and every != Interval(1, "week"):
            reader.problem(
                f"{path}.on",
                f'stands with every = "{every}"',
                'only with every = "1 week"; others fall on the weekday of their first dose',
            )
        if weekdays and on_days:
            reader.problem(f"{path}.on_days", "stands with on", "one of on and on_days")
        if every and on_days and on_days[-1] >= (length := every.days + 28 * every.months):
            reader.problem(
                f"{path}.on_days",
                f"day {on_days[-1]} lies outside an interval of {every}",
                f"days from 0 to {length - 1}",
            )
        unread = any(table[name] is None for name in _REPEATING if name in table)
        if unread or every is None or len(reader.problems) > found:
            return None
        days = tuple(sorted(WEEKDAYS.index(each) for each in weekdays))
        return Repeating(every, begins, follows, table.get("doses"), days, on_days)

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
        reader = self.reader
        clocks = [clock for clock in Clock if clock in table]
        if len(clocks) > 1:
            reader.problem(path, f"{' and '.join(clocks)} stand together", "one clock a rule")
        for name in table.get("phases") or ():
            if name not in names:
                reader.problem(
                    f"{path}.phases",
                    f'no phase "{name}"',
                    f"one of: {', '.join(each for each in names if each)}",
                    near_miss(name, [each for each in names if each]),
                )
        clock = clocks[0] if clocks else None
        bound = table[clock] if clock else None
        if (
            clock is Clock.LATE
            and bound is not None
            and (
                (bound.sign in ("<", "<=") and bound.interval.count == 0)
                or (bound.sign == "<" and bound.interval == Interval(1, "day"))
            )
        ):
            reader.problem(f"{path}.late", f'"{bound}" holds for no late dose', "1 day or more")
        sources = self.source(table, path)
        if not table.get("then"):
            return None
        return MissedRule(
            Then(table["then"]),
            sources,
            (Bound(clock, (bound,)),) if clock and bound else (),
            table.get("phases", ()),
            table.get("doses"),
        )

    def preparation(self, table: dict[str, Any]) -> Preparation:
        if "warm_up" not in table and "storage" not in table:
            self.reader.problem("preparation", "says nothing", "warm_up, storage or both")
        sources = self.source(table, "preparation")
        return Preparation(sources, table.get("warm_up"), table.get("storage", ""))

    def check(self, table: dict[str, Any], path: str) -> Check | None:
        ways = [name for name in ("when", *_LISTS) if name in table]
        sources = self.source(table, path)
        if len(ways) != 1:
            what = f"{' and '.join(ways)} stand together" if ways else "says no time"
            self.reader.problem(path, what, "one of when, weeks, days or months")
            return None
        if table[ways[0]] is None:
            return None
        if ways[0] == "when":
            return Check(table.get("name", ""), CheckTime(table["when"]), sources)
        return Check(
            table.get("name", ""), Listed(ways[0].removesuffix("s"), table[ways[0]]), sources
        )
