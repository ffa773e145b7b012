"""What a schedule states beside its doses (late doses, checks, warm-up, sites) in any language.

Every function takes the reader's language. English has a second manner, the brief one: rules and
checks as short as a schedule file has them, which `show` prints.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from dosecal.model.dates import Interval, IntervalRange
from dosecal.model.schedule import (
    Bound,
    Check,
    CheckTime,
    Clock,
    EarlyRule,
    Gap,
    Listed,
    MissedRule,
    Repeating,
    Schedule,
    SiteRules,
    Then,
    WarmUp,
)
from dosecal.plan.late import every_lateness_is_covered
from dosecal.words.language import ENGLISH, Language, marked
from dosecal.words.reasons import ADVICE
from dosecal.words.schedule import (
    every_words,
    from_words,
    grace_words,
    is_brief,
    listed_words,
)

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
EARLY_ADVICE: Final = {
    Then.KEEP: marked("it counts, later dates stay"),
    Then.SHIFT: marked("it counts, later doses are counted from the day it is given"),
    Then.ASK: ADVICE[Then.ASK],
}
_BRIEF_CLOCKS: Final = {
    Clock.LATE: " {bound}",
    Clock.EARLY: " {bound}",
    Clock.UNTIL_NEXT: ", {bound} until the next dose",
    Clock.SINCE_LAST: ", {bound} since the last",
    Clock.SINCE_START: ", {bound} since the start",
    Clock.MISSED_IN_A_ROW: ", {bound} missed in a row",
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
    advice = _advice_words(rule, language)
    if is_brief(language, brief):
        return f"late{''.join(_brief_scope(rule))}: {advice}"
    parts = [clock_words(rule, language)]
    if rule.doses:
        parts.append(language.text("dose {numbers}", numbers=rule.doses))
    if rule.phases:
        names = [language.stated(each) for each in rule.phases]
        parts.append(language.text("in phase {names}", names=language.joined(names, "or")))
    return language.text("{name}: {value}", name=language.text(", ").join(parts), value=advice)


def _advice_words(rule: MissedRule, language: Language) -> str:
    """Write what a missed-dose rule says to do, with its phase, its loading and what else."""
    parts = [language.text(ADVICE[rule.then])]
    if rule.to:
        parts[0] += f" ({language.stated(rule.to)})"
    if reload := rule.reload:
        days = language.joined([str(each) for each in reload.days])
        words = language.text("at days {numbers}", numbers=days)
        if reload.bands and (amount := reload.bands[0].amount):
            words = f"{words}, {language.amount(amount)}"
        parts[0] += f" ({words})"
        resume = language.compared_interval(reload.resume)
        parts.append(
            language.text("the schedule goes on {interval} after the last", interval=resume)
        )
    return _with_say(language.text("; ").join(parts), rule.say, language)


def _with_say(words: str, say: str, language: Language) -> str:
    return language.text("; ").join((words, language.stated(say))) if say else words


def _brief_scope(rule: MissedRule) -> Iterator[str]:
    """Yield what a rule is for, as its file says it: " dose 2-3", " <= 7 days"."""
    if rule.doses:
        yield f" dose {rule.doses}"
    if rule.phases:
        yield f" in phase {ENGLISH.joined(rule.phases, 'or')}"
    for bound in rule.clocks:
        yield _BRIEF_CLOCKS[bound.clock].format(bound=bound)


def clock_words(rule: MissedRule | EarlyRule, language: Language) -> str:
    """Write what the clocks of a rule must show: "late by at most 7 days"."""
    if not rule.clocks:
        late = isinstance(rule, MissedRule)
        return language.text("however late") if late else language.text("however early")
    return language.joined([_clock_words(bound, language) for bound in rule.clocks])


def _clock_words(bound: Bound, language: Language) -> str:
    if bound.clock is Clock.MISSED_IN_A_ROW:
        return language.text("{numbers} doses missed in a row, this one too", numbers=bound)
    words = language.joined([bound_words(each, language) for each in bound.ranges])
    match bound.clock:
        case Clock.UNTIL_NEXT:
            return language.text("{bound} left until the next dose", bound=words)
        case Clock.SINCE_LAST:
            return language.text("{bound} since the last injection", bound=words)
        case Clock.SINCE_START:
            return language.text("{bound} since the start", bound=words)
        case Clock.EARLY:
            return language.text("early by {bound}", bound=words)
        case _:
            return language.text("late by {bound}", bound=words)


def early_rule_words(rule: EarlyRule, language: Language, *, brief: bool = False) -> str:
    """Write a rule for a dose given before its window."""
    advice = _with_say(language.text(EARLY_ADVICE[rule.then]), rule.say, language)
    if is_brief(language, brief):
        clocks = "".join(_BRIEF_CLOCKS[each.clock].format(bound=each) for each in rule.clocks)
        return f"early{clocks}: {advice}"
    return language.text("{name}: {value}", name=clock_words(rule, language), value=advice)


def pair_gap_words(gap: Gap, language: Language) -> str:
    """Write the least time between two numbered doses."""
    words = language.text(
        "between doses {first} and {second}: at least {interval}",
        first=gap.between[0], second=gap.between[1],
        interval=language.compared_interval(gap.gap),
    )  # fmt: skip
    grace = grace_words(gap.grace, language)
    return f"{words} ({grace})" if grace else words


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
        if check.lead:
            lead = language.interval(check.lead)
            return language.text("{interval} before each dose", interval=lead)
        if is_brief(language, brief):
            return check.when.value
        return language.text(CHECK_TIMES[check.when])
    if isinstance(check.when, Repeating):
        return _repeating_check_words(check.when, language)
    if is_brief(language, brief):
        counts = language.joined([str(each) for each in check.when.counts])
        return f"{check.when.unit} {counts} from start"
    listed = []
    for count in check.when.counts:
        interval = Interval(abs(count), check.when.unit)
        if count < 0:
            length = language.interval(interval)
            listed.append(language.text("{interval} before the start", interval=length))
        else:
            listed.append(listed_words(Listed(check.when.unit, (count,)), language))
    return language.joined(listed)


def _repeating_check_words(when: Repeating, language: Language) -> str:
    parts = [every_words(when.every, language), from_words(when.begins, language)]
    if when.doses:
        parts.append(language.plural("{count} time", "{count} times", when.doses))
    return language.text(", ").join(parts)


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
    if sites.one_area:
        whole = _regions(sites.one_area, language)
        lines.append(language.text("one place, without left and right: {regions}", regions=whole))
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
    if sites.one_area:
        parts.append(f"one place, without left and right: {', '.join(sites.one_area)}")
    if sites.rest:
        parts.append(f"a site rests {sites.rest}")
    if sites.one_site:
        parts.append("all injections of a dose at one site")
    return "; ".join(parts)


def _regions(regions: Sequence[str], language: Language) -> str:
    return language.joined([language.text(REGIONS[each]) for each in regions])
