"""What a schedule states beside its doses (late doses, checks, warm-up, sites) in any language.

Every function takes the reader's language. English has a second manner, the brief one: rules and
checks as short as a schedule file has them, which `show` prints.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from dosecal.model.dates import Interval, IntervalRange
from dosecal.model.schedule import (
    Check,
    CheckTime,
    Clock,
    Listed,
    MissedRule,
    Schedule,
    SiteRules,
    WarmUp,
)
from dosecal.plan.late import every_lateness_is_covered
from dosecal.words.language import ENGLISH, Language, marked
from dosecal.words.reasons import ADVICE
from dosecal.words.schedule import is_brief, listed_words

REGIONS: Final = {
    "abdomen": marked("abdomen"),
    "thigh": marked("thigh"),
    "upper arm": marked("upper arm"),
    "buttock": marked("buttock"),
    "hip": marked("hip"),
    "lower back": marked("lower back"),
    "eye": marked("eye"),
}
CHECK_TIMES: Final = {
    CheckTime.BEFORE_START: marked("before the start"),
    CheckTime.BEFORE_EACH_DOSE: marked("before each dose"),
    CheckTime.BEFORE_A_LATE_DOSE: marked("before a late dose"),
    CheckTime.AFTER_EACH_DOSE: marked("after each dose"),
}
_BRIEF_CLOCKS: Final = {
    Clock.LATE: " {bound}",
    Clock.UNTIL_NEXT: ", {bound} until the next dose",
    Clock.SINCE_LAST: ", {bound} since the last",
}


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


def rule_words(rule: MissedRule, language: Language, *, brief: bool = False) -> str:
    """Write a missed-dose rule: when it holds, and what it says to do."""
    if is_brief(language, brief):
        return f"late{''.join(_brief_scope(rule))}: {ADVICE[rule.then]}"
    parts = [clock_words(rule, language)]
    if rule.doses:
        parts.append(language.text("dose {numbers}", numbers=rule.doses))
    if rule.phases:
        names = [language.stated(each) for each in rule.phases]
        parts.append(language.text("in phase {names}", names=language.joined(names, "or")))
    return language.text(
        "{name}: {value}",
        name=language.text(", ").join(parts), value=language.text(ADVICE[rule.then]),
    )  # fmt: skip


def _brief_scope(rule: MissedRule) -> Iterator[str]:
    """Yield what a rule is for, as its file says it: " dose 2-3", " <= 7 days"."""
    if rule.doses:
        yield f" dose {rule.doses}"
    if rule.phases:
        yield f" in phase {ENGLISH.joined(rule.phases, 'or')}"
    if rule.clock and rule.range:
        yield _BRIEF_CLOCKS[rule.clock].format(bound=rule.range)


def clock_words(rule: MissedRule, language: Language) -> str:
    """Write what the clock of a missed-dose rule must show: "late by at most 7 days"."""
    if rule.clock is None or rule.range is None:
        return language.text("however late")
    bound = bound_words(rule.range, language)
    match rule.clock:
        case Clock.UNTIL_NEXT:
            return language.text("{bound} left until the next dose", bound=bound)
        case Clock.SINCE_LAST:
            return language.text("{bound} since the last injection", bound=bound)
        case _:
            return language.text("late by {bound}", bound=bound)


def no_rule_words(schedule: Schedule, language: Language, *, brief: bool = False) -> str:
    """Write what holds where no rule does, or "" where a rule covers every late dose."""
    if every_lateness_is_covered(schedule.missed):
        return ""
    if is_brief(language, brief):
        otherwise = "otherwise" if schedule.missed else "always"
        return f"{otherwise}: the sources state no rule; ask your prescriber"
    if schedule.missed:
        return language.text("in any other case: the sources state no rule; ask your prescriber")
    return language.text("the sources state no rule for a late dose; ask your prescriber")


def warm_up_words(warm_up: WarmUp, language: Language, *, brief: bool = False) -> str:
    """Write a warm-up time; brief: without the words "before injecting"."""
    one_time = warm_up.least == warm_up.most
    if is_brief(language, brief):
        if warm_up.most == 0:
            return "none"
        return f"{warm_up.most if one_time else f'{warm_up.least} to {warm_up.most}'} minutes"
    if warm_up.most == 0:
        return language.text("no time out of the fridge is needed before injecting")
    if one_time:
        return language.plural(
            "{count} minute before injecting", "{count} minutes before injecting", warm_up.most
        )
    return language.text(
        "{least} to {most} minutes before injecting", least=warm_up.least, most=warm_up.most
    )


def check_when_words(check: Check, language: Language, *, brief: bool = False) -> str:
    """Write when a check is due: "before the start", "4 weeks before the start"."""
    if isinstance(check.when, CheckTime):
        if is_brief(language, brief):
            return check.when.value
        return language.text(CHECK_TIMES[check.when])
    assert isinstance(check.when, Listed)  # noqa: S101 - repeating checks follow
    if is_brief(language, brief):
        counts = language.joined([str(each) for each in check.when.counts])
        return f"{check.when.unit} {counts} from start"
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
        only = _regions(sites.caregiver_only, language)
        lines.append(language.text("only if somebody else injects: {regions}", regions=only))
    if sites.rest:
        rest = language.interval(sites.rest)
        lines.append(language.text("a site rests {interval} between uses", interval=rest))
    if several and sites.one_site:
        lines.append(language.text("all injections of one dose at one site"))
    elif several:
        lines.append(language.text("each injection of a dose at a different site"))
    return tuple(lines)


def site_rules_words(
    sites: SiteRules, route: str, language: Language, *, several: bool, brief: bool = False
) -> str:
    """Write the rules for sites in one line.

    Args:
        sites: The rules.
        route: An infusion has no site to choose.
        language: To write in.
        several: Whether a dose is more than one injection.
        brief: Whether English is to be brief.
    """
    if not sites.regions:
        if route == "intravenous":
            return language.text("none")
        return language.text("none named by the source")
    if not is_brief(language, brief):
        lines = site_rule_lines(sites, language, caregiver=False, several=several)
        return language.text("; ").join(lines)
    parts = [", ".join(sites.regions)]
    if sites.caregiver_only:
        parts.append(f"for a caregiver only: {', '.join(sites.caregiver_only)}")
    if sites.rest:
        parts.append(f"a site rests {sites.rest}")
    if sites.one_site:
        parts.append("all injections of a dose at one site")
    return "; ".join(parts)


def _regions(regions: Sequence[str], language: Language) -> str:
    return language.joined([language.text(REGIONS[each]) for each in regions])
