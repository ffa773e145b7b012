"""What a schedule states (phases, rules, checks, preparation) in words, in any language.

`sentence` writes a regimen in one English sentence that can be read back; here each thing stands
for itself, in words short enough for every language to order as it likes.
"""

from datetime import date
from typing import Final

from dosecal.model.dates import Interval, IntervalRange
from dosecal.model.quantities import WeightRange
from dosecal.model.schedule import (
    Check,
    CheckTime,
    Clock,
    Listed,
    MissedRule,
    Phase,
    Repeating,
    Schedule,
    SiteRules,
    WarmUp,
    Window,
)
from dosecal.plan.late import every_lateness_is_covered
from dosecal.sentence.write import sentence
from dosecal.words.doses import injections_words
from dosecal.words.language import Language, marked
from dosecal.words.reasons import ADVICE

REGIONS: Final = {
    "abdomen": marked("abdomen"),
    "thigh": marked("thigh"),
    "upper arm": marked("upper arm"),
    "buttock": marked("buttock"),
}
ROUTES: Final = {
    "subcutaneous": marked("under the skin (subcutaneous)"),
    "intramuscular": marked("into a muscle (intramuscular)"),
    "intravenous": marked("into a vein (intravenous)"),
}
BASES: Final = {
    "label": marked("label or leaflet"),
    "trial": marked("trial"),
    "guideline": marked("guideline"),
    "secondary": marked("secondary source"),
    "inference": marked("dosecal's own reading"),
}
CHECK_TIMES: Final = {
    CheckTime.BEFORE_START: marked("before the start"),
    CheckTime.BEFORE_EACH_DOSE: marked("before each dose"),
}


def regimen_words(schedule: Schedule, language: Language) -> str:
    """Write the regimen in one line: in English as `sentence` does, else phase by phase."""
    if language.code == "en":
        return sentence(schedule)
    return language.text("; ").join(
        phase_words(phase, language, first=number == 0)
        for number, phase in enumerate(schedule.phases)
    )


def phase_words(phase: Phase, language: Language, *, first: bool) -> str:
    """Write a phase: its name, dose, its route if not under the skin, when its doses are due."""
    name, _ = language.of_schedule(phase.name)
    dose = dose_words(phase, language)
    if phase.route != "subcutaneous":
        dose = language.text(", ").join((dose, language.text(ROUTES[phase.route])))
    timing = timing_words(phase.timing, language, first=first)
    if window := window_words(phase.window, language):
        timing = f"{timing} ({window})"
    return language.text("{phase}: {dose}, {timing}", phase=name, dose=dose, timing=timing)


def window_words(window: Window | None, language: Language) -> str:
    """Write how far from its target a dose is in time: "up to 3 days early", or ""."""
    sides = []
    if window and window.early.count:
        early = language.compared_interval(window.early)
        sides.append(language.text("up to {interval} early", interval=early))
    if window and window.late.count:
        late = language.compared_interval(window.late)
        sides.append(language.text("up to {interval} late", interval=late))
    return language.joined(sides)


def dose_words(phase: Phase, language: Language) -> str:
    """Write the dose of a phase, with its weight bands and its injections."""
    each = []
    for band in phase.bands:
        words = language.amount(band.amount) if band.amount else language.text("no stated dose")
        if band.weight is not None:
            words = language.text(
                "{dose} for body weight {range}",
                dose=words, range=weight_words(band.weight, language),
            )  # fmt: skip
        if band.injections > 1:
            words = f"{words} ({injections_words(band.injections, language)})"
        each.append(words)
    return language.joined(each, "or")


def weight_words(weights: WeightRange, language: Language) -> str:
    """Write a range of body weights with its signs: "> 55 kg, ≤ 85 kg"."""
    signs = {"<=": "≤", ">=": "≥"}
    unit = language.text("kg")
    return ", ".join(
        f"{signs.get(sign, sign)} {language.number(kg)} {unit}" for sign, kg in weights.bounds
    )


def timing_words(timing: Listed | Repeating, language: Language, *, first: bool) -> str:
    """Write when the doses of a phase are due."""
    if isinstance(timing, Listed):
        return listed_words(timing, language)
    parts = [every_words(timing.every, language)]
    if timing.weekdays:
        # 2024-01-01 is a Monday
        names = [language.weekday(date(2024, 1, 1 + each)) for each in timing.weekdays]
        parts = [language.text("every week on {weekdays}", weekdays=language.joined(names))]
    if timing.on_days:
        days = language.joined([str(each) for each in timing.on_days])
        parts.append(language.text("on days {numbers} of each, counted from 0", numbers=days))
    if timing.follows:
        interval = language.compared_interval(timing.begins)
        parts.append(language.text("first {interval} after the dose before", interval=interval))
    elif timing.begins.count or not first:
        parts.append(from_words(timing.begins, language))
    if timing.doses:
        parts.append(language.plural("{count} dose in all", "{count} doses in all", timing.doses))
    return language.text(", ").join(parts)


def listed_words(timing: Listed, language: Language) -> str:
    """Write listed offsets: "at weeks 0, 1 and 2"."""
    counts = language.joined([str(each) for each in timing.counts])
    many = len(timing.counts) > 1
    match timing.unit, many:
        case "week", False:
            return language.text("at week {number}", number=counts)
        case "week", True:
            return language.text("at weeks {numbers}", numbers=counts)
        case "month", False:
            return language.text("at month {number}", number=counts)
        case "month", True:
            return language.text("at months {numbers}", numbers=counts)
        case _, False:
            return language.text("at day {number}", number=counts)
        case _:
            return language.text("at days {numbers}", numbers=counts)


def from_words(begins: Interval, language: Language) -> str:
    """Write the offset at which a phase begins: "from week 6"."""
    match begins.unit:
        case "day":
            return language.text("from day {number}", number=begins.count)
        case "week":
            return language.text("from week {number}", number=begins.count)
        case "month":
            return language.text("from month {number}", number=begins.count)
        case _:
            return language.text("from year {number}", number=begins.count)


def every_words(every: Interval, language: Language) -> str:
    """Write a spacing: "every 4 weeks"."""
    count = every.count
    match every.unit, count:
        case "day", 1:
            return language.text("every day")
        case "week", 1:
            return language.text("every week")
        case "month", 1:
            return language.text("every month")
        case "year", 1:
            return language.text("every year")
        case "day", _:
            return language.plural("every {count} day", "every {count} days", count)
        case "week", _:
            return language.plural("every {count} week", "every {count} weeks", count)
        case "month", _:
            return language.plural("every {count} month", "every {count} months", count)
        case _:
            return language.plural("every {count} year", "every {count} years", count)


def bound_words(bound: IntervalRange, language: Language) -> str:
    """Write a bound: "at most 7 days"."""
    interval = language.compared_interval(bound.interval)
    match bound.sign:
        case "<=":
            return language.text("at most {interval}", interval=interval)
        case "<":
            return language.text("less than {interval}", interval=interval)
        case ">=":
            return language.text("at least {interval}", interval=interval)
        case _:
            return language.text("more than {interval}", interval=interval)


def rule_words(rule: MissedRule, language: Language) -> str:
    """Write a missed-dose rule: when it holds, and what it says to do."""
    parts = []
    if rule.clock is None or rule.range is None:
        parts.append(language.text("however late"))
    else:
        bound = bound_words(rule.range, language)
        match rule.clock:
            case Clock.LATE:
                parts.append(language.text("late by {bound}", bound=bound))
            case Clock.UNTIL_NEXT:
                parts.append(language.text("{bound} left until the next dose", bound=bound))
            case Clock.SINCE_LAST:
                parts.append(language.text("{bound} since the last injection", bound=bound))
    if rule.doses:
        parts.append(language.text("dose {numbers}", numbers=rule.doses))
    if rule.phases:
        names = [language.of_schedule(each)[0] for each in rule.phases]
        parts.append(language.text("in phase {names}", names=language.joined(names, "or")))
    return language.text(
        "{name}: {value}",
        name=language.text(", ").join(parts), value=language.text(ADVICE[rule.then]),
    )  # fmt: skip


def no_rule_words(schedule: Schedule, language: Language) -> str:
    """Write what holds where no rule does, or "" where a rule covers every late dose."""
    if every_lateness_is_covered(schedule.missed):
        return ""
    if schedule.missed:
        return language.text("in any other case: the sources state no rule; ask your prescriber")
    return language.text("the sources state no rule for a late dose; ask your prescriber")


def warm_up_words(warm_up: WarmUp, language: Language) -> str:
    """Write a warm-up time."""
    if warm_up.most == 0:
        return language.text("no time out of the fridge is needed before injecting")
    if warm_up.least == warm_up.most:
        return language.plural(
            "{count} minute before injecting", "{count} minutes before injecting", warm_up.most
        )
    return language.text(
        "{least} to {most} minutes before injecting", least=warm_up.least, most=warm_up.most
    )


def check_when_words(check: Check, language: Language) -> str:
    """Write when a check is due: "before the start", "4 weeks before the start"."""
    if isinstance(check.when, CheckTime):
        return language.text(CHECK_TIMES[check.when])
    assert isinstance(check.when, Listed)  # noqa: S101 - repeating checks follow
    words = []
    for count in check.when.counts:
        interval = Interval(abs(count), check.when.unit)
        if count < 0:
            length = language.interval(interval)
            words.append(language.text("{interval} before the start", interval=length))
        else:
            words.append(listed_words(Listed(check.when.unit, (count,)), language))
    return language.joined(words)


def site_rule_lines(
    sites: SiteRules, language: Language, *, caregiver: bool, several: bool
) -> tuple[str, ...]:
    """Write the rules for sites, one a line; none where the schedule names no region.

    Args:
        sites: The rules.
        language: To write in.
        caregiver: Whether somebody else injects.
        several: Whether a dose is more than one injection.
    """
    if not sites.regions:
        return ()
    own = [each for each in sites.regions if caregiver or each not in sites.caregiver_only]
    lines = [language.text("allowed: {regions}", regions=_regions(own, language))]
    if sites.caregiver_only:
        only = _regions(list(sites.caregiver_only), language)
        lines.append(language.text("only if somebody else injects: {regions}", regions=only))
    if sites.rest:
        rest = language.interval(sites.rest)
        lines.append(language.text("a site rests {interval} between uses", interval=rest))
    if several and sites.one_site:
        lines.append(language.text("all injections of one dose at one site"))
    elif several:
        lines.append(language.text("each injection of a dose at a different site"))
    return tuple(lines)


def _regions(regions: list[str], language: Language) -> str:
    return language.joined([language.text(REGIONS[each]) for each in regions])
