"""A schedule explained: phases, first targets, sites, rules, checks, notes and sources."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from dosecal.model.course import Course
from dosecal.model.reasons import NoSites, TooFewSites
from dosecal.model.schedule import Phase, Schedule, SiteRules
from dosecal.outputs.formats import Report
from dosecal.plan.rotation import Person, survey
from dosecal.plan.upcoming import FirstDose, on_weekdays
from dosecal.sentence.write import begins_anew
from dosecal.words.doses import day_words, sites_words
from dosecal.words.language import ENGLISH, Language
from dosecal.words.reasons import reason_text
from dosecal.words.rules import (
    check_when_words,
    early_rule_words,
    no_rule_words,
    pair_gap_words,
    rule_words,
    site_rules_words,
    warm_up_words,
)
from dosecal.words.schedule import (
    BASES,
    GIVERS,
    ROUTES,
    dose_words,
    first_dose_words,
    grace_words,
    indication_words,
    person_dose_words,
    phase_words,
    regimen_words,
    timing_words,
    window_words,
)
from dosecal.words.text import clean, width

_NARROWEST = 12  # columns of an offset


class Explained(NamedTuple):
    """What is explained.

    Attributes:
        course: The schedule, and what is known of the person.
        doses: The first doses.
        dated: Whether the start is known; else that of the course is assumed.
        first: From which date on the doses are, where that was asked for.
        today: The day on which a site is avoided or not.
        way_to_start: What to type for the dates of a start, "" where nothing is typed.
    """

    course: Course
    doses: tuple[FirstDose, ...]
    dated: bool
    first: date | None
    today: date
    way_to_start: str = ""

    @property
    def schedule(self) -> Schedule:
        """The schedule."""
        return self.course.schedule

    @property
    def from_a_monday(self) -> bool:
        """Whether the offsets hang on a start that is not known."""
        return not self.dated and any(map(on_weekdays, self.schedule.phases))

    def injections(self, phases: Sequence[Phase]) -> int:
        """Return the most injections that a dose of some phases is, of this person if known."""
        weight = self.course.weight_kg
        if weight is not None:
            return max((phase.stated_dose(weight)[1] for phase in phases), default=1)
        return max((band.injections for phase in phases for band in phase.bands), default=1)

    def sites(self, rules: SiteRules, phases: Sequence[Phase]) -> TooFewSites | None:
        """Return the sites offered to this person; None where all is as the schedule says."""
        course = self.course
        if not rules.regions or not (course.caregiver or course.avoid):
            return None
        return survey(
            rules, self.injections(phases), self.today, {},
            Person(course.avoid, course.caregiver, course.sites),
        )  # fmt: skip


def explanation_report(explained: Explained, language: Language) -> Report:
    """Return the explanation: text in the reader's language and names, an object in English."""
    course = explained.course
    named = course._replace(schedule=course.schedule.named(language.code))
    return Report(
        lambda: explanation_text(explained._replace(course=named), language),
        lambda: explanation_object(explained),
    )


def explanation_text(explained: Explained, language: Language = ENGLISH) -> str:
    """Return the explanation as text."""
    return "\n\n".join(
        "\n".join(map(clean, block))
        for block in map(tuple, _ExplanationLines(explained, language).blocks())
        if block
    )


class _ExplanationLines(NamedTuple):
    """The lines of the explanation, and what each of them needs."""

    explained: Explained
    language: Language

    @property
    def schedule(self) -> Schedule:
        return self.explained.schedule

    def blocks(self) -> Iterator[Iterator[str]]:
        """Yield the blocks; an empty one is left out."""
        yield self.names()
        yield self.phases()
        yield self.doses()
        yield self.sites()
        yield self.gaps()
        yield self.late()
        yield self.early()
        yield self.preparation()
        yield self.checks()
        yield self.notes()
        yield self.sources()

    def named(self, name: str, value: str) -> str:
        return self.language.text("{name}: {value}", name=name, value=value)

    def stated(self, text: str) -> str:
        return self.language.stated(text)

    def names(self) -> Iterator[str]:
        text, schedule = self.language.text, self.schedule
        yield f"{schedule.medicine}{f' ({schedule.brand})' if schedule.brand else ''}"
        english = self.language.code == "en"
        for name, value in (
            (text("Schedule"), schedule.id),
            (text("Indication"), indication_words(schedule, self.language)),
            (text("Class"), self.stated(schedule.medicine_class)),
            (text("Jurisdiction"), schedule.jurisdiction),
            (text("Route"), schedule.route if english else text(ROUTES[schedule.route])),
            (text("Who injects"), text(GIVERS[schedule.given_by]) if schedule.given_by else ""),
            (text("Regimen"), regimen_words(schedule, self.language)),
        ):
            if value:
                yield self.named(name, value)

    def phases(self) -> Iterator[str]:
        text, weight = self.language.text, self.explained.course.weight_kg
        yield text("Phases")
        for number, phase in enumerate(self.schedule.phases):
            words = phase_words(
                phase, self.language, first=begins_anew(self.schedule.phases, number), brief=True,
                route=self.schedule.route,
            )  # fmt: skip
            if weight is not None and phase.by_weight:
                kg = f"{self.language.number(weight)} {text('kg')}"
                words += text("; ") + text("for {weight}: {dose}", weight=kg, dose=self.dose(phase))
            yield f"  {words}{_from(phase.sources)}"

    def dose(self, phase: Phase) -> str:
        """Write the dose of this person, or "" where the weight is not known."""
        weight = self.explained.course.weight_kg
        if weight is None:
            return ""
        return person_dose_words(*phase.stated_dose(weight), self.language)

    def doses(self) -> Iterator[str]:
        text, found = self.language.text, self.explained.doses
        if self.explained.first:
            day = self.explained.first.isoformat()
            yield text("Doses from {date} on (week 0 is the start)", date=day)
        elif self.explained.from_a_monday:
            if way := self.explained.way_to_start:
                yield text(
                    "First doses (week 0 is the start, here on a Monday; {way} shows yours)",
                    way=way,
                )
            else:
                yield text("First doses (week 0 is the start, here on a Monday)")
        else:
            yield text("First doses (week 0 is the start)")
        numbers = [f"{dose.number:>2}" for dose in found]
        offsets = [first_dose_words(dose, self.language) for dose in found]
        days = [day_words(dose.day, self.language) if dose.day else "" for dose in found]
        amounts = [self.dose(dose.phase) for dose in found]
        names = [self.stated(dose.phase.name) for dose in found]
        columns = [_padded(numbers), _padded(offsets, _NARROWEST), _padded(days), _padded(amounts)]
        for row in zip(*(column for column in columns if any(column)), names, strict=True):
            yield f"  {'  '.join(row)}"

    def sites(self) -> Iterator[str]:
        """Yield a line for the schedule and for each phase with sites of its own.

        Where the schedule names none and a phase does, each phase is said by itself.
        """
        text, schedule = self.language.text, self.schedule
        own = [phase for phase in schedule.phases if phase.sites != schedule.sites]
        if schedule.sites.regions or not own:
            others = [phase for phase in schedule.phases if phase not in own]
            words = self.site_rules(schedule.sites, schedule.route, others)
            yield text("Sites: {sites}", sites=words)
            yield from self.offered(schedule.sites, others)
        else:
            own = list(schedule.phases)
        for phase in own:
            words = self.site_rules(phase.sites, phase.route, [phase])
            name = self.stated(phase.name)
            yield text("Sites in phase {phase}: {sites}", phase=name, sites=words)
            yield from self.offered(phase.sites, [phase])
        if gap := schedule.min_gap:
            grace = grace_words(gap.grace, self.language)
            shortest = self.language.interval(gap.gap) + (f" ({grace})" if grace else "")
            shortest += _from(gap.sources)
            yield self.named(text("Shortest time between administrations"), shortest)

    def site_rules(self, rules: SiteRules, route: str, phases: Sequence[Phase]) -> str:
        several = self.explained.injections(phases) > 1
        words = site_rules_words(rules, route, self.language, several=several, brief=True)
        return words + _from(rules.sources if rules.regions else ())

    def offered(self, rules: SiteRules, phases: Sequence[Phase]) -> Iterator[str]:
        """Yield what is left of the sites for this person, where options or the course say."""
        text = self.language.text
        left = self.explained.sites(rules, phases)
        if left is None:
            return
        if len(left.free) < left.needed:
            words = reason_text(self.schedule, self.language)(NoSites(left))
        else:
            words = sites_words(left.free, self.language)
            if left.avoided:
                avoided = sites_words(tuple(each.site for each in left.avoided), self.language)
                words += text("; ") + text("avoided: {sites}", sites=avoided)
        yield f"  {self.named(text('for this person'), words)}"

    def gaps(self) -> Iterator[str]:
        if self.schedule.gaps:
            yield self.language.text("Least time between doses")
        for gap in self.schedule.gaps:
            yield f"  {pair_gap_words(gap, self.language)}{_from(gap.sources)}"

    def early(self) -> Iterator[str]:
        if self.schedule.early:
            yield self.language.text("When a dose is early")
        for rule in self.schedule.early:
            yield f"  {early_rule_words(rule, self.language, brief=True)}{_from(rule.sources)}"

    def late(self) -> Iterator[str]:
        yield self.language.text("When a dose is late")
        for rule in self.schedule.missed:
            yield f"  {rule_words(rule, self.language, brief=True)}{_from(rule.sources)}"
        if otherwise := no_rule_words(self.schedule, self.language, brief=True):
            yield f"  {otherwise}"

    def preparation(self) -> Iterator[str]:
        text, preparation = self.language.text, self.schedule.preparation
        if preparation and preparation.warm_up is not None:
            words = warm_up_words(preparation.warm_up, self.language, brief=True)
            yield self.named(text("Out of the fridge before injecting"), words)
        if preparation and preparation.storage:
            yield text("Storage: {storage}", storage=self.stated(preparation.storage))

        if traced := self.schedule.traceability:
            words = self.stated(traced.text) + _from(traced.sources)
            yield self.named(text("Batch number"), words)

    def checks(self) -> Iterator[str]:
        if self.schedule.checks:
            yield self.language.text("Checks")
        for check in self.schedule.checks:
            line = self.named(
                check_when_words(check, self.language, brief=True), self.stated(check.name)
            )
            yield f"  {line}{_from(check.sources)}"

    def notes(self) -> Iterator[str]:
        if self.schedule.notes:
            yield self.language.text("Notes")
        for note in self.schedule.notes:
            line = self.named(self.stated(note.about), self.stated(note.text))
            yield f"  {line}{_from(note.sources)}"

    def sources(self) -> Iterator[str]:
        text = self.language.text
        yield text("Sources")
        for source in self.schedule.sources:
            about = source.basis if self.language.code == "en" else text(BASES[source.basis])
            if source.retrieved:
                about += text(", ") + text("read {date}", date=source.retrieved.isoformat())
            remark = f"; {source.remark}" if source.remark else ""
            url = f" {source.url}" if source.url else ""
            yield f"  [{source.id}] {source.title} ({about}{remark}){url}"


def _from(sources: tuple[str, ...]) -> str:
    return f" [{', '.join(sources)}]" if sources else ""


def _padded(cells: Sequence[str], least: int = 0) -> list[str]:
    """Return the cells of a column with spaces, so that all are equally wide."""
    wide = max((least, *map(width, cells)))
    return [cell + " " * (wide - width(cell)) for cell in cells]


def explanation_object(explained: Explained) -> dict[str, Any]:
    """Return the explanation as a JSON object, in English; what the person adds only if known."""
    schedule = explained.schedule
    return {
        "id": schedule.id,
        "medicine": schedule.medicine,
        "brand": schedule.brand,
        "indication": schedule.indication,
        "jurisdiction": schedule.jurisdiction,
        "route": schedule.route,
        "regimen": regimen_words(schedule, ENGLISH),
        "phases": [
            _phase_object(explained, phase, first=begins_anew(schedule.phases, number))
            for number, phase in enumerate(schedule.phases)
        ],
        "first_doses_from_a_monday": explained.from_a_monday,
        "first_doses": [_first_dose_object(explained, dose) for dose in explained.doses],
        **_rules_object(schedule),
        "notes": [{"about": each.about, "text": each.text} for each in schedule.notes],
        "sources": [
            {
                "id": each.id,
                "title": each.title,
                "basis": each.basis,
                "remark": each.remark,
                "url": each.url,
            }
            for each in schedule.sources
        ],
    }


def _phase_object(explained: Explained, phase: Phase, *, first: bool) -> dict[str, Any]:
    left = explained.sites(phase.sites, [phase])
    return {
        "name": phase.name,
        "dose": dose_words(phase, ENGLISH, brief=True),
        "injections": phase.bands[0].injections,
        "timing": timing_words(phase, ENGLISH, first=first, brief=True),
        "route": phase.route,
        "window": window_words(phase.window, ENGLISH, brief=True) or None,
        **_open_and_further(phase),
        "sites": list(phase.sites.regions),
        **({} if left is None else {"sites_offered": list(left.free)}),
        "sources": list(phase.sources),
    }


def _open_and_further(phase: Phase) -> dict[str, Any]:
    """Return what is to choose in a phase, and what else holds of it."""
    return {
        "choices": [
            {"key": each.key, "allowed": str(each), "sources": list(each.sources)}
            for each in phase.choices
        ],
        "weight": str(phase.weight) if phase.weight else None,
        "max_dose": str(phase.max_dose) if phase.max_dose else None,
        "round_to": str(phase.round_to) if phase.round_to else None,
        "strength": f"{phase.strength.per_ml}/mL" if phase.strength else None,
        "ends": "prescriber" if phase.ends else None,
        "with": [
            {
                "medicine": each.medicine,
                "dose": str(each.amount),
                "injections": each.injections,
                "sites": list((each.sites or phase.sites).regions),
            }
            for each in phase.companions
        ],
        "given_by": phase.given_by or None,
        "min_gap": str(phase.min_gap.gap) if phase.min_gap else None,
    }


def _first_dose_object(explained: Explained, dose: FirstDose) -> dict[str, Any]:
    found = {
        "number": dose.number,
        "phase": dose.phase.name,
        "offset": first_dose_words(dose, ENGLISH),
        "date": dose.day.isoformat() if dose.day else None,
    }
    if explained.course.weight_kg is None:
        return found
    amount, injections = dose.phase.stated_dose(explained.course.weight_kg)
    return {
        **found,
        "dose": str(amount) if amount else None,
        "injections": injections if amount else None,
    }


def _rules_object(schedule: Schedule) -> dict[str, Any]:
    """Return what holds beside the doses: sites, gaps, preparation, late doses, checks."""
    preparation = schedule.preparation
    warm_up = preparation.warm_up if preparation else None
    return {
        "sites": list(schedule.sites.regions),
        "caregiver_only": list(schedule.sites.caregiver_only),
        "rest": str(schedule.sites.rest) if schedule.sites.rest else None,
        "min_gap": str(schedule.min_gap.gap) if schedule.min_gap else None,
        "warm_up": warm_up_words(warm_up, ENGLISH, brief=True) if warm_up is not None else None,
        "storage": (preparation.storage if preparation else "") or None,
        "missed": [
            {
                "rule": rule_words(rule, ENGLISH, brief=True),
                "then": rule.then.value,
                "sources": list(rule.sources),
            }
            for rule in schedule.missed
        ],
        "early": [
            {
                "rule": early_rule_words(rule, ENGLISH, brief=True),
                "then": rule.then.value,
                "sources": list(rule.sources),
            }
            for rule in schedule.early
        ],
        "gaps": [
            {
                "between": list(gap.between),
                "gap": str(gap.gap),
                "grace": str(gap.grace) if gap.grace else None,
                "sources": list(gap.sources),
            }
            for gap in schedule.gaps
        ],
        "traceability": schedule.traceability.text if schedule.traceability else None,
        "checks": [
            {"name": each.name, "when": check_when_words(each, ENGLISH, brief=True)}
            for each in schedule.checks
        ],
    }
