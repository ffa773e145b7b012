"""Reasons, sites and statuses in words, in the language of the reader."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from dosecal.model.course import Hold
from dosecal.model.reasons import (
    CountedFrom,
    Dropped,
    GapKept,
    MovedBy,
    NextHasCome,
    NoSites,
    OffTarget,
    OnHold,
    PassedOver,
    Provisional,
    Reason,
    Restarted,
    RuleSkips,
    SkippedByPerson,
    TakenAsGiven,
    TooFewSites,
)
from dosecal.model.schedule import Schedule, Then
from dosecal.plan.assess import AssessedDose, Status
from dosecal.words.doses import STATUSES, site_words, sites_words
from dosecal.words.language import ENGLISH, Language, marked

ADVICE: Final = {
    Then.KEEP: marked("give it now, later dates stay"),
    Then.SHIFT: marked("give it now, later doses are counted from the day it is given"),
    Then.SKIP: marked("do not give it, wait for the next target date"),
    Then.RESTART: marked("begin the schedule again with today as its start"),
    Then.GIVE_ASK: marked("give it now and ask the prescriber when the next dose is due"),
    Then.ASK: marked("the source says to ask your prescriber"),
}
OUTCOME: Final = {
    Then.KEEP: marked("later dates stay"),
    Then.SHIFT: marked("later doses are counted from that day"),
    Then.SKIP: marked("the source says not to give it"),
    Then.RESTART: marked("the schedule begins again from that day"),
    Then.GIVE_ASK: marked("the source says to ask when the next dose is due"),
    Then.ASK: ADVICE[Then.ASK],
}
NO_RULE: Final = marked("the source states no rule for this; ask your prescriber")
DOUBLED: Final = marked(
    "a dose was given that day, and two on one day are never the answer (dosecal's own rule); ask "
    "your prescriber"
)


def what_holds(reason: OffTarget, language: Language = ENGLISH) -> str:
    """Write what holds for a dose outside its window: the rule's word, or that there is none."""
    if reason.then is Then.ASK and reason.doubled:
        return language.text(DOUBLED)
    if reason.then is Then.ASK and not reason.stated:
        return language.text(NO_RULE)
    return language.text((OUTCOME if reason.given else ADVICE)[reason.then])


def said_by(schedule: Schedule, sources: tuple[str, ...], language: Language = ENGLISH) -> str:
    """Write who states a rule: " (source: ...)", or "" where nobody does."""
    titles = "; ".join(filter(None, schedule.source_titles(sources)))
    return " " + language.text("(source: {titles})", titles=titles) if titles else ""


def off_words(days: int, language: Language = ENGLISH) -> str:
    """Write how far from its target date a dose is."""
    if days == 0:
        return language.text("on its target date")
    if days > 0:
        return language.plural("{count} day late", "{count} days late", days)
    return language.plural("{count} day early", "{count} days early", -days)


def reason_text(
    schedule: Schedule,
    language: Language = ENGLISH,
    day_words: Callable[[date], str] = date.isoformat,
) -> Callable[[Reason], str]:
    """Return the function that puts a reason of this schedule's doses into words."""
    text, day = language.text, day_words

    def by(sources: tuple[str, ...], *, decided: bool = False) -> str:
        if decided:
            return " " + text("(your recorded decision)")
        return said_by(schedule, sources, language)

    def off(days: int) -> str:
        return off_words(days, language)

    def hold_words(hold: Hold) -> str:
        first = day(hold.first)
        if hold.last:
            words = text("on hold from {first} until {last}", first=first, last=day(hold.last))
        else:
            words = text("on hold from {first}, without an end yet", first=first)
        return f"{words}: {hold.reason}" if hold.reason else words

    def too_few(why: TooFewSites) -> str:
        bars = []
        if why.caregiver_only:
            sites = sites_words(why.caregiver_only, language)
            bars.append(text("for a caregiver only: {sites}", sites=sites))
        if why.avoided:
            sites = sites_words(tuple(each.site for each in why.avoided), language)
            bars.append(text("avoided: {sites}", sites=sites))
        bars += [
            text("{site} rests until {date}", site=site_words(site, language), date=day(free_on))
            for site, free_on in why.resting
        ]
        because = f" ({'; '.join(bars)})" if bars else ""
        return text(
            "no sites: {needed} needed, {free} allowed", needed=why.needed, free=len(why.free)
        ) + because  # fmt: skip

    def words(reason: Reason) -> str:
        match reason:
            case TakenAsGiven():
                return text("taken as given on its date: no course file records this plan")
            case CountedFrom(dose, given, days, sources, decided):
                return text(
                    "counted from dose {dose}, {date}, {off}",
                    dose=dose, date=day(given), off=off(days),
                ) + by(sources, decided=decided)  # fmt: skip
            case MovedBy(days, doses, sources, decided):
                numbers = ", ".join(str(each) for each in doses)
                return language.plural(
                    "moved by {count} day after dose {doses}",
                    "moved by {count} days after dose {doses}",
                    days, doses=numbers,
                ) + by(sources) + (by((), decided=True) if decided else "")  # fmt: skip
            case Restarted(dose, on, sources, decided):
                return text(
                    "the schedule begins again with dose {dose} on {date}", dose=dose, date=day(on)
                ) + by(sources, decided=decided)
            case GapKept(target, after, gap, sources):
                return text(
                    "moved from {target}: at least {gap} after {date}",
                    target=day(target), gap=language.compared_interval(gap), date=day(after),
                ) + by(sources)  # fmt: skip
            case OffTarget(days, _, sources, given, decided, too_soon):
                what = what_holds(reason, language)
                if too_soon:
                    what = text("sooner than the shortest allowed gap") + f"; {what}"
                lead = text("given {off}", off=off(days)) if given else off(days)
                return f"{lead}: {what}{by(sources, decided=decided)}"
            case PassedOver(later):
                return text("neither given nor skipped when dose {dose} was given", dose=later)
            case RuleSkips(days, sources):
                return f"{off(days)}: {text(ADVICE[Then.SKIP])}{by(sources)}"
            case NextHasCome(days, next_target):
                return text(
                    "{off} and the next dose was due on {date}: a dose is never doubled "
                    "(dosecal's own rule; no source states it)",
                    off=off(days), date=day(next_target),
                )  # fmt: skip
            case OnHold(hold):
                return hold_words(hold)
            case Dropped():
                return text("the plan no longer has this dose")
            case SkippedByPerson(note):
                skipped = text(STATUSES[Status.SKIPPED])
                return f"{skipped}: {note}" if note else skipped
            case Provisional(dose, given):
                if given:
                    return text(
                        "provisional: dose {dose} was given and no rule says when the next dose "
                        "is due; ask your prescriber and record the decision", dose=dose
                    )  # fmt: skip
                return text(
                    "provisional: dose {dose} is late and no rule says when the next dose "
                    "is due; ask your prescriber and record the decision", dose=dose
                )  # fmt: skip
            case NoSites(why):
                return too_few(why)

    return words


def cited_by_id(schedule: Schedule) -> Schedule:
    """Return a schedule whose sources are named by their ids, as their titles are long."""
    return schedule._replace(
        sources=tuple(each._replace(title=each.id) for each in schedule.sources)
    )


def source_lines(
    schedule: Schedule, doses: Iterable[AssessedDose], language: Language = ENGLISH
) -> list[str]:
    """Return the lines that say which source an id in the reasons of these doses stands for."""
    cited = {
        id
        for dose in doses
        for each in dose.reasons
        for id in getattr(each, "sources", ())  # a reason of our own has none
    }
    lines = [
        f"  {each.id}: {each.title}{f' ({each.remark})' if each.remark else ''}"
        for each in schedule.sources
        if each.id in cited
    ]
    return [language.text("Sources"), *lines] if lines else []


def reasons_text(
    schedule: Schedule,
    dose: AssessedDose,
    language: Language = ENGLISH,
    day_words: Callable[[date], str] = date.isoformat,
) -> str:
    """Return all reasons of a dose in one line, or ""."""
    words = reason_text(schedule, language, day_words)
    return "; ".join(words(each) for each in dose.reasons)
