"""Schedule files: from TOML to a `Schedule`, or every problem of the file at once.

The caller opens the file and passes its bytes; docs/schedule-format.md describes the format.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from dosecal.dates import Interval
from dosecal.errors import Problem, QuantityError, ScheduleFileError
from dosecal.plan import Segment, lay_out
from dosecal.quantities import (
    Amount,
    coverage_problems,
    near_miss,
    parse_amount,
)
from dosecal.schedule import (
    NO_SITES,
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
from dosecal.schedule_format import BANDS, PHASE_SITES, SCHEDULE, WINDOW
from dosecal.tables import Reader, parse_toml

_FIRST_START = date(2027, 1, 1)
_STARTS = 1461
"""Four years of starts, a leap year among them: every length of months in a row."""
_LISTS = ("weeks", "days", "months")


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
    build = _Build(Reader())
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

    def schedule(self, table: dict[str, Any], id: str) -> Schedule | None:
        reader = self.reader
        found = reader.table(SCHEDULE, table)
        self.known = found.get("sources", {})
        route = found.get("route", "subcutaneous")
        sites = NO_SITES
        if "sites" in found:
            sites = self.sites(found["sites"], "sites")
        phases = [
            self.phase(each, f"phase[{number}]", number, route, sites)
            for number, each in enumerate(found.get("phase", []), 1)
        ]
        if "phase" in found and not phases:
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
        if "preparation" in found:
            preparation = self.preparation(found["preparation"])
        min_gap = None
        if gap := found.get("min_gap"):
            min_gap = MinGap(gap.get("gap", Interval(1, "day")), self.source(gap, "min_gap"))
        own_names = self.names(found.get("names", {}))
        for name in self.known:
            if name not in self.used:
                reader.problem(
                    f"sources.{name}", "unused source", "every source states something in the file"
                )
        if reader.problems or any(each is None for each in (*phases, *missed, *checks)):
            return None
        whole = tuple(each for each in phases if each is not None)
        self.order(whole)
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
            missed=tuple(each for each in missed if each is not None),
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
            if each not in self.known:
                self.reader.problem(
                    f"{path}.source",
                    f'no source "{each}"',
                    f"one of [sources]: {', '.join(self.known) or 'there is none'}",
                    near_miss(each, self.known),
                )
        return ids

    def sites(self, table: dict[str, Any], path: str, base: SiteRules = NO_SITES) -> SiteRules:
        regions = base.regions if table.get("regions") is None else table["regions"]
        only = table.get("caregiver_only") or base.caregiver_only
        for region in table.get("caregiver_only") or ():
            if region not in regions:
                self.reader.problem(
                    f"{path}.caregiver_only",
                    f'"{region}" is not among the regions',
                    f"one of: {', '.join(regions)}",
                )
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
        own_sites = NO_SITES if own_route == "intravenous" and "route" in table else sites
        if isinstance(table.get("sites"), dict):
            read = self.reader.table(PHASE_SITES, table["sites"], f"{path}.sites")
            own_sites = self.sites(read, f"{path}.sites", sites)
        elif table.get("sites") is not None:
            own_sites = sites._replace(regions=table["sites"])
        window = self.window(table, path)
        sources = self.source(table, path)
        if timing is None or not bands or "name" not in table:
            return None
        return Phase(table["name"], bands, timing, own_route, own_sites, sources, window)

    def bands(self, table: dict[str, Any], path: str) -> tuple[DoseBand, ...]:
        injections = table.get("injections", 1)
        dose = table.get("dose")
        if isinstance(dose, Amount):
            return (DoseBand(dose, injections),)
        if not isinstance(dose, list):
            return ()
        if not dose:
            self.reader.problem(f"{path}.dose", "the list is empty", "weight bands with a dose")
        bands = []
        for number, each in enumerate(dose, 1):
            where = f"{path}.dose[{number}]"
            read = self.reader.table(BANDS, each, where)
            amount = None
            if read.get("dose") not in (None, "ask"):
                try:
                    amount = parse_amount(read["dose"])
                except QuantityError as error:
                    self.reader.problem(f"{where}.dose", error.what, error.allowed, error.hint)
            if read.get("weight"):
                bands.append(DoseBand(amount, read.get("injections", injections), read["weight"]))
        if len(bands) == len(dose):
            ranges = tuple(each.weight for each in bands if each.weight)
            for problem in coverage_problems(ranges) if ranges else ():
                self.reader.problem(
                    f"{path}.dose", problem, "the bands cover every weight exactly once"
                )
        return tuple(bands)

    def timing(self, table: dict[str, Any], path: str, number: int) -> Listed | Repeating | None:
        reader = self.reader
        ways = [name for name in (*_LISTS, "every") if name in table]
        if len(ways) != 1:
            what = f"{' and '.join(ways)} stand together" if ways else "says no dates"
            reader.problem(path, what, "one of weeks, days, months, or every with from")
            return None
        if ways[0] != "every":
            for name in ("from", "after", "doses", "on"):
                if name in table:
                    reader.problem(f"{path}.{name}", f"stands with {ways[0]}", "only with every")
            counts = table[ways[0]]
            return None if counts is None else Listed(ways[0].removesuffix("s"), counts)
        begins, follows = table.get("from"), False
        if "after" in table:
            if "from" in table:
                reader.problem(f"{path}.after", "stands with from", "one of from and after")
            elif number == 1:
                reader.problem(
                    f"{path}.after", "there is no phase before", 'from, for example "week 0"'
                )
            begins, follows = table["after"], True
        if begins is None:
            if number > 1 and "from" not in table and "after" not in table:
                reader.problem(
                    f"{path}.from",
                    "missing",
                    'a repeating phase states where it begins, for example "week 6"',
                )
            begins = Interval(0, "day")
        weekdays: tuple[str, ...] = table.get("on") or ()
        if table["every"] is None:
            return None
        if weekdays and table["every"] != Interval(1, "week"):
            reader.problem(
                f"{path}.on",
                f'stands with every = "{table["every"]}"',
                'only with every = "1 week"',
            )
        order = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        days = tuple(sorted(order.index(each) for each in weekdays))
        return Repeating(table["every"], begins, follows, table.get("doses"), days)

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
        return Window(read.get("early", zero), read.get("late", zero))

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
            Then(table["then"]), sources, clock, bound, table.get("phases", ()), table.get("doses")
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

    def order(self, phases: tuple[Phase, ...]) -> None:
        """Note every phase that begins before the one before it has ended, from any start."""
        for number in range(1, len(phases)):
            timing = phases[number].timing
            before = phases[number - 1].timing
            endless = isinstance(before, Repeating) and before.doses is None
            if endless and isinstance(timing, Repeating) and timing.follows:
                self.reader.problem(
                    f"phase[{number + 1}].after",
                    f'phase "{phases[number - 1].name}" has no end',
                    "doses in the phase before, or from",
                )
        if self.reader.problems:
            return
        reported: set[int] = set()
        for start in _starts_that_differ(phases):
            try:
                segments = lay_out(phases, start)
            except OverflowError:
                self.reader.problem("phase", "the phases run past the year 9999", "shorter ones")
                return
            for number in _overlaps(segments, start):
                if number not in reported:
                    reported.add(number)
                    self.overlap(segments, number, start)

    def overlap(self, segments: tuple[Segment, ...], number: int, start: date) -> None:
        before, here = segments[number - 1], segments[number]
        first = here.target(start, 0)
        shown = f"day {(first - start).days}"
        if before.count:
            last = before.target(start, before.count - 1)
            what = (
                f'begins on {shown}, but phase "{before.phase.name}" '
                f"has a dose on day {(last - start).days}"
            )
        else:
            what = f'begins on {shown}, before phase "{before.phase.name}" has a dose'
        if any(not _in_days(each.phase) for each in segments):
            what += f" (with a start on {start})"
        self.reader.problem(
            f"phase[{number + 1}]", f"overlap: {what}", "a phase begins after the one before it"
        )


def _in_days(phase: Phase) -> bool:
    timing = phase.timing
    if isinstance(timing, Listed):
        return timing.unit in ("day", "week")
    return not (timing.every.in_months or timing.begins.in_months or timing.weekdays)


def _starts_that_differ(phases: tuple[Phase, ...]) -> Iterable[date]:
    """Yield the starts to look at, four years of them where months, weekdays and days are mixed.

    Days alone keep their order from any start, and so do calendar months alone: one start is
    enough. Of the last phase only the first target is compared.
    """
    last = phases[-1].timing
    in_days = all(_in_days(phase) for phase in phases[:-1]) and (
        _in_days(phases[-1])
        or (isinstance(last, Repeating) and not last.begins.in_months and not last.weekdays)
    )
    alike = in_days or all(_in_months(phase) for phase in phases)
    for day in range(1 if alike else _STARTS):
        yield _FIRST_START + timedelta(days=day)


def _in_months(phase: Phase) -> bool:
    timing = phase.timing
    if isinstance(timing, Listed):
        return timing.unit in ("month", "year")
    months = timing.begins.in_months or timing.begins.count == 0
    return timing.every.in_months and months


def _overlaps(segments: tuple[Segment, ...], start: date) -> Iterable[int]:
    for number in range(1, len(segments)):
        before, here = segments[number - 1], segments[number]
        count = before.count
        if count == 0 or (count and before.target(start, count - 1) >= here.target(start, 0)):
            yield number
