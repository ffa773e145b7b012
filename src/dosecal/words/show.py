"""What `show` says of each part of a schedule, in any language.

In English a phase is said as in the sentence that `define` reads, and rules and checks as short as
in a file; other languages have the words of `schedule_words`.
"""

from dosecal.model.dates import Interval
from dosecal.model.quantities import Amount
from dosecal.model.schedule import (
    Check,
    CheckTime,
    Listed,
    MissedRule,
    Phase,
    Schedule,
    SiteRules,
    WarmUp,
)
from dosecal.plan.late import every_lateness_is_covered
from dosecal.plan.upcoming import FirstDose, on_weekdays
from dosecal.sentence.write import dose_words, joined, offset_words, timing_words, window_words
from dosecal.words import schedule as schedule_words
from dosecal.words.doses import in_injections
from dosecal.words.language import ENGLISH, Language
from dosecal.words.reasons import ADVICE


def phase_words(
    phase: Phase, language: Language, *, first: bool, route: str = "subcutaneous"
) -> str:
    """Write a phase.

    Args:
        phase: The phase.
        language: To write in.
        first: Whether it is the schedule's first.
        route: The schedule's, which English does not say again.
    """
    if language.code != "en":
        return schedule_words.phase_words(phase, language, first=first)
    own = f", {phase.route}" if phase.route != route else ""
    counts = [str(band.injections) for band in phase.bands if band.amount]
    each = ""
    if set(counts) - {"1"}:
        each = f"; each dose as {joined(list(dict.fromkeys(counts)), 'or')} injections"
    window = f"; in time {window_words(phase.window)}" if phase.window else ""
    return (
        f"{phase.name}: {dose_words(phase)} {timing_words(phase, first=first)}{own}{each}{window}"
    )


def person_dose_words(amount: Amount | None, injections: int, language: Language) -> str:
    """Write the dose of one person; None is where the source states none for the weight."""
    if amount is None:
        return language.text("no stated dose")
    return in_injections(amount, injections, language)


def first_dose_words(dose: FirstDose, language: Language) -> str:
    """Write when a dose is due: "week 6", "day 28 + 2 months"; on weekdays always in days."""
    if on_weekdays(dose.phase):
        return language.text("day {number}", number=dose.offset.days)
    if language.code == "en":
        return offset_words(dose.offset)
    words: list[str] = []
    for months, count in dose.offset.steps or ((False, 0),):
        if words:
            words.append(language.interval(Interval(count, "month" if months else "day")))
        elif months:
            words.append(language.text("month {number}", number=count))
        elif count % 7:
            words.append(language.text("day {number}", number=count))
        else:
            words.append(language.text("week {number}", number=count // 7))
    return " + ".join(words)


def rule_words(rule: MissedRule, language: Language = ENGLISH) -> str:
    """Write a missed-dose rule."""
    if language.code != "en":
        return schedule_words.rule_words(rule, language)
    bound = ""
    if rule.clock and rule.range:
        clock = {"until_next": " until the next dose", "since_last": " since the last"}
        bound = f"{',' if rule.clock in clock else ''} {rule.range}{clock.get(rule.clock, '')}"
    scope = f" in phase {joined(list(rule.phases), 'or')}" if rule.phases else ""
    number = f" dose {rule.doses}" if rule.doses else ""
    return f"late{number}{scope}{bound}: {ADVICE[rule.then]}"


def no_rule_words(schedule: Schedule, language: Language) -> str:
    """Write what holds where no rule does, or "" where a rule covers every late dose."""
    if language.code != "en":
        return schedule_words.no_rule_words(schedule, language)
    if every_lateness_is_covered(schedule.missed):
        return ""
    otherwise = "otherwise" if schedule.missed else "always"
    return f"{otherwise}: the sources state no rule; ask your prescriber"


def warm_up_words(warm_up: WarmUp, language: Language) -> str:
    """Write a warm-up time."""
    if language.code != "en":
        return schedule_words.warm_up_words(warm_up, language)
    if warm_up.most == 0:
        return "none"
    if warm_up.least == warm_up.most:
        return f"{warm_up.most} minutes"
    return f"{warm_up.least} to {warm_up.most} minutes"


def check_words(check: Check, language: Language) -> str:
    """Write when a check is due."""
    if language.code != "en":
        return schedule_words.check_when_words(check, language)
    if isinstance(check.when, CheckTime):
        return check.when.value
    assert isinstance(check.when, Listed)  # noqa: S101 - repeating checks follow
    counts = [str(each) for each in check.when.counts]
    return f"{check.when.unit} {joined(counts)} from start"


def site_rules_words(sites: SiteRules, route: str, language: Language, *, several: bool) -> str:
    """Write the rules for sites.

    Args:
        sites: The rules.
        route: An infusion has no site to choose.
        language: To write in.
        several: Whether a dose is more than one injection.
    """
    if not sites.regions:
        if route == "intravenous":
            return language.text("none")
        return language.text("none named by the source")
    if language.code != "en":
        lines = schedule_words.site_rule_lines(sites, language, caregiver=False, several=several)
        return language.text("; ").join(lines)
    words = ", ".join(sites.regions)
    if sites.caregiver_only:
        words += f"; for a caregiver only: {', '.join(sites.caregiver_only)}"
    if sites.rest:
        words += f"; a site rests {sites.rest}"
    return words + ("; all injections of a dose at one site" if sites.one_site else "")
