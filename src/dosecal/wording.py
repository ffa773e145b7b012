"""Reasons, sites and statuses in words for a reader."""

from collections.abc import Callable
from datetime import date

from dosecal.assess import AssessedDose
from dosecal.course import Hold
from dosecal.reasons import (
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
)
from dosecal.schedule import Schedule, Then
from dosecal.sites import TooFewSites

ADVICE = {
    Then.KEEP: "give it now, later dates stay",
    Then.SHIFT: "give it now, later doses are counted from the day it is given",
    Then.SKIP: "do not give it, wait for the next target date",
    Then.RESTART: "begin the schedule again with today as its start",
    Then.GIVE_ASK: "give it now and ask the prescriber when the next dose is due",
    Then.ASK: "the source says to ask your prescriber",
}
OUTCOME = {
    Then.KEEP: "later dates stay",
    Then.SHIFT: "later doses are counted from that day",
    Then.SKIP: "the source says not to give it",
    Then.RESTART: "the schedule begins again from that day",
    Then.GIVE_ASK: "the source says to ask when the next dose is due",
    Then.ASK: "the source says to ask your prescriber",
}
NO_RULE = "the source states no rule for this; ask your prescriber"


def what_holds(reason: OffTarget) -> str:
    """Write what holds for a dose outside its window: the rule's word, or that there is none."""
    if reason.then is Then.ASK and not reason.stated:
        return NO_RULE
    return (OUTCOME if reason.given else ADVICE)[reason.then]


def site_words(site: str) -> str:
    """Write a site id for a reader: "left upper arm"."""
    return site.replace("-", " ")


def day_words(day: date) -> str:
    """Write a date with its weekday: "2026-12-01 Tue"."""
    return f"{day.isoformat()} {day.strftime('%a')}"


def dose_line(dose: AssessedDose) -> str:
    """Write a dose: date, amount, injections and sites."""
    return f"{day_words(dose.day)}: {amount_words(dose)}"


def amount_words(dose: AssessedDose) -> str:
    """Write a dose without its date: amount, injections and sites."""
    injections = f" in {dose.injections} injections" if dose.injections > 1 else ""
    sites = " + ".join(site_words(site) for site in dose.sites)
    return f"{dose.amount}{injections}{', ' + sites if sites else ''}"


def said_by(schedule: Schedule, sources: tuple[str, ...]) -> str:
    """Write who states a rule: " (source: ...)", or "" where nobody does."""
    titles = schedule.source_titles(sources)
    return f" (source: {'; '.join(titles)})" if titles else ""


def days_words(days: int) -> str:
    """Write a number of days."""
    return f"{days} day{'' if days == 1 else 's'}"


def _off(days: int) -> str:
    if days == 0:
        return "on its target date"
    return f"{days_words(abs(days))} {'late' if days > 0 else 'early'}"


def _hold(hold: Hold) -> str:
    until = f"until {hold.last}" if hold.last else "without an end yet"
    why = f": {hold.reason}" if hold.reason else ""
    return f"on hold from {hold.first} {until}{why}"


def _too_few(why: TooFewSites) -> str:
    bars = []
    if why.caregiver_only:
        bars.append(f"for a caregiver only: {', '.join(why.caregiver_only)}")
    if why.avoided:
        bars.append(f"avoided: {', '.join(each.site for each in why.avoided)}")
    if why.resting:
        bars.append(
            "resting: " + ", ".join(f"{site} until {free_on}" for site, free_on in why.resting)
        )
    because = f" ({'; '.join(bars)})" if bars else ""
    return f"no sites: {why.needed} needed, {len(why.free)} allowed{because}"


def reason_text(schedule: Schedule) -> Callable[[Reason], str]:
    """Return the function that puts a reason of this schedule's doses into words."""

    def by(sources: tuple[str, ...], *, decided: bool = False) -> str:
        return " (your recorded decision)" if decided else said_by(schedule, sources)

    def words(reason: Reason) -> str:
        match reason:
            case TakenAsGiven():
                return "taken as given on its date: no course file records this plan"
            case CountedFrom(dose, given, days, sources, decided):
                said = by(sources, decided=decided)
                return f"counted from dose {dose}, {given}, {_off(days)}{said}"
            case MovedBy(days, doses, sources, decided):
                numbers = ", ".join(str(each) for each in doses)
                said = by(sources) + (by((), decided=True) if decided else "")
                return f"moved by {days_words(days)} after dose {numbers}{said}"
            case Restarted(dose, on, sources, decided):
                said = by(sources, decided=decided)
                return f"the schedule begins again with dose {dose} on {on}{said}"
            case GapKept(target, after, gap, sources):
                return f"moved from {target}: at least {gap} after {after}{by(sources)}"
            case OffTarget(days, _, sources, given, decided, too_soon):
                what = what_holds(reason)
                if too_soon:
                    what = f"sooner than the shortest allowed gap; {what}"
                verb = "given " if given else ""
                return f"{verb}{_off(days)}: {what}{by(sources, decided=decided)}"
            case PassedOver(later):
                return f"neither given nor skipped when dose {later} was given"
            case RuleSkips(days, sources):
                return f"{_off(days)}: {ADVICE[Then.SKIP]}{by(sources)}"
            case NextHasCome(days, next_target):
                return (
                    f"{_off(days)} and the next dose was due on {next_target}: a dose is never "
                    "doubled (dosecal's own rule; no source states it)"
                )
            case OnHold(hold):
                return _hold(hold)
            case Dropped():
                return "the plan no longer has this dose"
            case SkippedByPerson(note):
                return f"skipped{': ' + note if note else ''}"
            case Provisional(dose, given):
                state = "was given" if given else "is late"
                return (
                    f"provisional: dose {dose} {state} and no rule says when the next dose is due; "
                    "ask your prescriber and record the decision"
                )
            case NoSites(why):
                return _too_few(why)

    return words


def reasons_text(schedule: Schedule, dose: AssessedDose) -> str:
    """Return all reasons of a dose in one line, or ""."""
    words = reason_text(schedule)
    return "; ".join(words(each) for each in dose.reasons)
