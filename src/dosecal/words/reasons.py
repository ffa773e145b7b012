"""Reasons in words, in the language of the reader: one function for each kind of reason."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

from dosecal.model.course import Hold
from dosecal.model.reasons import (
    Again,
    BeforeRecord,
    ChosenFrom,
    CountedFrom,
    Dropped,
    GapKept,
    MovedBy,
    MovedTo,
    Near,
    NextHasCome,
    NoSites,
    OffTarget,
    OnHold,
    Part,
    PassedOver,
    Provisional,
    QuestionOpen,
    Reason,
    Reloaded,
    Restarted,
    RuleSkips,
    SkippedByPerson,
    SteppedTo,
    StoodFor,
    TakenAsGiven,
    TooFewSites,
    TreatmentStopped,
)
from dosecal.model.schedule import Schedule, Then
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.doses import STATUSES, site_words, sites_words
from dosecal.words.language import ENGLISH, Language, marked

ADVICE: Final = {
    Then.KEEP: marked("give it now, later dates stay"),
    Then.SHIFT: marked("give it now, later doses are counted from the day it is given"),
    Then.SKIP: marked("do not give it, wait for the next target date"),
    Then.RESTART: marked("begin the schedule again with today as its start"),
    Then.STEP: marked("give it now as the first dose of another phase, and go on from there"),
    Then.RELOAD: marked("give it now as the first dose of a shorter loading"),
    Then.KEEP_OR_SHIFT: marked(
        "give it now; later dates stay or are counted from the day it is given, as you choose"
    ),
    Then.GIVE_ASK: marked("give it now and ask the prescriber when the next dose is due"),
    Then.ASK: marked("the source says to ask your prescriber"),
}
OUTCOME: Final = {
    Then.KEEP: marked("later dates stay"),
    Then.SHIFT: marked("later doses are counted from that day"),
    Then.SKIP: marked("the source says not to give it"),
    Then.RESTART: marked("the schedule begins again from that day"),
    Then.STEP: marked("it is the first dose of another phase"),
    Then.RELOAD: marked("a shorter loading begins from that day"),
    Then.KEEP_OR_SHIFT: marked("later dates stay or are counted from that day, as you choose"),
    Then.GIVE_ASK: marked("the source says to ask when the next dose is due"),
    Then.ASK: ADVICE[Then.ASK],
}
NO_RULE: Final = marked("the source states no rule for this; ask your prescriber")
NOT_SO_EARLY: Final = marked(
    "the source's rule for an early dose does not allow it; ask your prescriber"
)
DOUBLED: Final = marked(
    "a dose was given that day, and two on one day are never the answer (dosecal's own rule); ask "
    "your prescriber"
)


def what_holds(reason: OffTarget, language: Language = ENGLISH) -> str:
    """Write what holds for a dose outside its window: the rule's word, or that there is none."""
    if reason.then is Then.ASK and reason.doubled:
        return language.text(DOUBLED)
    if reason.then is Then.ASK and reason.early_rules:
        return language.text(NOT_SO_EARLY)
    if reason.then is Then.ASK and not reason.stated:
        return language.text(NO_RULE)
    words = language.text((OUTCOME if reason.given else ADVICE)[reason.then])
    phase = f" ({language.stated(reason.to)})" if reason.to else ""
    say = f"; {language.stated(reason.say)}" if reason.say else ""
    return words + phase + say


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


class _Words:
    """The words of reasons of one schedule's doses, in one language."""

    def __init__(
        self, schedule: Schedule, language: Language, day_words: Callable[[date], str]
    ) -> None:
        self.schedule = schedule
        self.language = language
        self.text = language.text
        self.day = day_words

    def __call__(self, reason: Reason) -> str:
        """Put a reason into words."""
        return _CASES[type(reason)](self, reason)

    def by(self, sources: tuple[str, ...], *, decided: bool = False) -> str:
        """Write who says so."""
        if decided:
            return " " + self.text("(your recorded decision)")
        return said_by(self.schedule, sources, self.language)

    def off(self, days: int) -> str:
        """Write how far from its target a dose is."""
        return off_words(days, self.language)

    def with_words(self, words: str, own: str) -> str:
        """Add what a person wrote."""
        return f"{words}: {own}" if own else words

    def taken_as_given(self, _: TakenAsGiven) -> str:
        return self.text("taken as given on its date: no course file records this plan")

    def before_record(self, _: BeforeRecord) -> str:
        return self.text("given as planned before this record began")

    def counted_from(self, why: CountedFrom) -> str:
        if why.always:
            return self.text(
                "counted from dose {dose}, {date}, as the source counts from the day given",
                dose=why.dose, date=self.day(why.given),
            ) + self.by(why.sources)  # fmt: skip
        return self.text(
            "counted from dose {dose}, {date}, {off}",
            dose=why.dose, date=self.day(why.given), off=self.off(why.days_late),
        ) + self.by(why.sources, decided=why.decided)  # fmt: skip

    def moved_by(self, why: MovedBy) -> str:
        numbers = ", ".join(str(each) for each in why.doses)
        if why.days < 0:
            words = self.language.plural(
                "moved {count} day earlier after dose {doses}",
                "moved {count} days earlier after dose {doses}",
                -why.days, doses=numbers,
            )  # fmt: skip
        else:
            words = self.language.plural(
                "moved by {count} day after dose {doses}",
                "moved by {count} days after dose {doses}",
                why.days, doses=numbers,
            )  # fmt: skip
        return words + self.by(why.sources) + (self.by((), decided=True) if why.decided else "")

    def moved_to(self, why: MovedTo) -> str:
        words = self.text("moved from {target}", target=self.day(why.target))
        return self.with_words(words + self.by((), decided=True), why.note)

    def restarted(self, why: Restarted) -> str:
        return self.text(
            "the schedule begins again with dose {dose} on {date}",
            dose=why.dose, date=self.day(why.on),
        ) + self.by(why.sources, decided=why.decided)  # fmt: skip

    def stepped_to(self, why: SteppedTo) -> str:
        return self.text(
            "phase {phase} begins with dose {dose} on {date}",
            phase=self.language.stated(why.phase), dose=why.dose, date=self.day(why.on),
        ) + self.by(why.sources, decided=not why.sources)  # fmt: skip

    def reloaded(self, why: Reloaded) -> str:
        return self.text(
            "a shorter loading begins with dose {dose} on {date}",
            dose=why.dose, date=self.day(why.on),
        ) + self.by(why.sources)  # fmt: skip

    def chosen_from(self, why: ChosenFrom) -> str:
        return self.text(
            "{interval} between doses, as chosen, counted from {date}",
            interval=self.language.interval(why.every), date=self.day(why.since),
        )  # fmt: skip

    def again(self, why: Again) -> str:
        return self.text(
            "given on {date}, which does not count, and due again", date=self.day(why.given)
        ) + self.by((), decided=True)

    def gap_kept(self, why: GapKept) -> str:
        return self.text(
            "moved from {target}: at least {gap} after {date}",
            target=self.day(why.target), gap=self.language.compared_interval(why.gap),
            date=self.day(why.after),
        ) + self.by(why.sources)  # fmt: skip

    def near(self, why: Near) -> str:
        return self.language.plural(
            "only {count} day after dose {dose}; no source speaks of so short a time, ask your "
            "prescriber (dosecal's own rule)",
            "only {count} days after dose {dose}; no source speaks of so short a time, ask your "
            "prescriber (dosecal's own rule)",
            why.days, dose=why.dose,
        )  # fmt: skip

    def off_target(self, why: OffTarget) -> str:
        what = what_holds(why, self.language)
        if why.too_soon:
            what = self.text("sooner than the shortest allowed gap") + f"; {what}"
        off = self.off(why.days)
        if why.interrupted:
            off = self.text("{off}, after an interruption", off=off)
        lead = self.text("given {off}", off=off) if why.given else off
        return f"{lead}: {what}{self.by(why.sources, decided=why.decided)}"

    def part(self, why: Part) -> str:
        amounts = {
            "given": self.language.amount(why.given),
            "dose": self.language.amount(why.dose),
        }
        if why.decided:
            words = self.text("{given} of {dose} given", **amounts)
            return words + self.by((), decided=True)
        return self.text(
            "{given} of {dose} given; no source says what to do about the rest, ask your "
            "prescriber", **amounts
        )  # fmt: skip

    def passed_over(self, why: PassedOver) -> str:
        return self.text("neither given nor skipped when dose {dose} was given", dose=why.later)

    def stood_for(self, why: StoodFor) -> str:
        return self.text(
            "dose {dose}, given on {date}, stands for this one too: a dose is never doubled "
            "(dosecal's own rule; no source states it)",
            dose=why.dose, date=self.day(why.given),
        )  # fmt: skip

    def rule_skips(self, why: RuleSkips) -> str:
        return f"{self.off(why.days)}: {self.text(ADVICE[Then.SKIP])}{self.by(why.sources)}"

    def next_has_come(self, why: NextHasCome) -> str:
        return self.text(
            "{off} and the next dose was due on {date}: a dose is never doubled "
            "(dosecal's own rule; no source states it)",
            off=self.off(why.days), date=self.day(why.next_target),
        )  # fmt: skip

    def on_hold(self, why: OnHold) -> str:
        return self.with_words(self.hold(why.hold), why.hold.reason)

    def hold(self, hold: Hold) -> str:
        """Write from when to when a hold lasts."""
        first = self.day(hold.first)
        if hold.last:
            return self.text(
                "on hold from {first} until {last}", first=first, last=self.day(hold.last)
            )
        return self.text("on hold from {first}, without an end yet", first=first)

    def stopped(self, why: TreatmentStopped) -> str:
        words = self.text("the treatment was stopped on {date}", date=self.day(why.on))
        return self.with_words(words, why.reason)

    def dropped(self, _: Dropped) -> str:
        return self.text("the plan no longer has this dose")

    def skipped(self, why: SkippedByPerson) -> str:
        return self.with_words(self.text(STATUSES[Status.SKIPPED]), why.note)

    def provisional(self, why: Provisional) -> str:
        if why.given:
            return self.text(
                "provisional: dose {dose} was given and no rule says when the next dose "
                "is due; ask your prescriber and record the decision", dose=why.dose
            )  # fmt: skip
        return self.text(
            "provisional: dose {dose} is late and no rule says when the next dose "
            "is due; ask your prescriber and record the decision", dose=why.dose
        )  # fmt: skip

    def question_open(self, why: QuestionOpen) -> str:
        return self.text(
            "dose {dose} was left open and no rule says what follows; ask your prescriber before "
            "the next one is given", dose=why.dose
        )  # fmt: skip

    def no_sites(self, reason: NoSites) -> str:
        why = reason.why
        because = f" ({'; '.join(self.bars(why))})" if self.bars(why) else ""
        return self.text(
            "no sites: {needed} needed, {free} allowed", needed=why.needed, free=len(why.free)
        ) + because  # fmt: skip

    def bars(self, why: TooFewSites) -> list[str]:
        """Write what bars the sites that are not free."""
        bars = []
        if why.caregiver_only:
            sites = sites_words(why.caregiver_only, self.language)
            bars.append(self.text("for a caregiver only: {sites}", sites=sites))
        if why.avoided:
            sites = sites_words(tuple(each.site for each in why.avoided), self.language)
            bars.append(self.text("avoided: {sites}", sites=sites))
        bars += [
            self.text(
                "{site} rests until {date}", site=site_words(site, self.language),
                date=self.day(free_on),
            )
            for site, free_on in why.resting
        ]  # fmt: skip
        return bars


_CASES: Final[dict[type[Reason], Callable[[_Words, Any], str]]] = {
    TakenAsGiven: _Words.taken_as_given,
    BeforeRecord: _Words.before_record,
    CountedFrom: _Words.counted_from,
    MovedBy: _Words.moved_by,
    MovedTo: _Words.moved_to,
    Restarted: _Words.restarted,
    SteppedTo: _Words.stepped_to,
    Reloaded: _Words.reloaded,
    ChosenFrom: _Words.chosen_from,
    Again: _Words.again,
    GapKept: _Words.gap_kept,
    Near: _Words.near,
    OffTarget: _Words.off_target,
    Part: _Words.part,
    PassedOver: _Words.passed_over,
    StoodFor: _Words.stood_for,
    RuleSkips: _Words.rule_skips,
    NextHasCome: _Words.next_has_come,
    OnHold: _Words.on_hold,
    TreatmentStopped: _Words.stopped,
    Dropped: _Words.dropped,
    SkippedByPerson: _Words.skipped,
    Provisional: _Words.provisional,
    QuestionOpen: _Words.question_open,
    NoSites: _Words.no_sites,
}


def reason_text(
    schedule: Schedule,
    language: Language = ENGLISH,
    day_words: Callable[[date], str] = date.isoformat,
) -> Callable[[Reason], str]:
    """Return the function that puts a reason of this schedule's doses into words."""
    return _Words(schedule, language, day_words)


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
    """Return all reasons of a dose in one line, or "".

    Args:
        schedule: The course's, as its sources are to be named; a dose of another schedule, that
            of a step, names its own.
        dose: The dose.
        language: To write in.
        day_words: How a date is written.
    """
    if dose.schedule is not None and dose.schedule.id != schedule.id:
        schedule = dose.schedule
    words = reason_text(schedule, language, day_words)
    return "; ".join(words(each) for each in dose.reasons)
