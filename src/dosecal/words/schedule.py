"""What a schedule states of its doses (dose, dates, window) in words, in any language.

Every function takes the reader's language. English has a second manner, the brief one: that of the
sentence that `define` reads back (`sentence.write`), which lists and `show` print. Other languages
have one manner, and "brief" asks nothing of them.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from dosecal.model.dates import Interval
from dosecal.model.languages import joined
from dosecal.model.quantities import Amount, WeightRange
from dosecal.model.schedule import (
    Choice,
    Listed,
    MinGap,
    Phase,
    PrescriberEnds,
    Repeating,
    Schedule,
    Window,
)
from dosecal.plan.upcoming import FirstDose, on_weekdays
from dosecal.sentence import write
from dosecal.words.doses import in_injections, injections_words
from dosecal.words.language import Language, marked

ROUTES: Final = {
    "subcutaneous": marked("under the skin (subcutaneous)"),
    "intramuscular": marked("into a muscle (intramuscular)"),
    "intravenous": marked("into a vein (intravenous)"),
    "intradermal": marked("into the skin (intradermal)"),
    "intrathecal": marked("into the spinal canal (intrathecal)"),
    "intravitreal": marked("into the eye (intravitreal)"),
}
GIVERS: Final = {
    "self": marked("given by yourself"),
    "caregiver": marked("given by a caregiver"),
    "professional": marked("given by a professional"),
}
BASES: Final = {
    "label": marked("label or leaflet"),
    "trial": marked("trial"),
    "guideline": marked("guideline"),
    "secondary": marked("secondary source"),
    "inference": marked("dosecal's own reading"),
}


def is_brief(language: Language, brief: bool) -> bool:
    """Say whether to write in the brief manner, which English alone has."""
    return brief and language.code == "en"


def names_indication(schedule: Schedule, language: Language) -> bool:
    """Say whether a schedule names its indication in a language."""
    return any(each.indication and each.language == language.code for each in schedule.names)


def indication_words(schedule: Schedule, language: Language) -> str:
    """Write what a schedule is for; of a named one, as `Schedule.named` leaves it."""
    if names_indication(schedule, language):
        return schedule.indication
    return language.stated(schedule.indication)


def regimen_words(schedule: Schedule, language: Language) -> str:
    """Write the regimen in one line: in English the sentence, else phase by phase."""
    if is_brief(language, True):
        return write.sentence(schedule)
    return language.text("; ").join(
        phase_words(phase, language, first=write.begins_anew(schedule.phases, number))
        for number, phase in enumerate(schedule.phases)
    )


def phase_words(
    phase: Phase,
    language: Language,
    *,
    first: bool,
    brief: bool = False,
    route: str = "subcutaneous",
) -> str:
    """Write a phase: its name, dose, its route if not `route`, when its doses are due.

    Args:
        phase: The phase.
        language: To write in.
        first: Whether it begins with the start, or with the prescriber's step.
        brief: Whether English is to be brief.
        route: The one that need not be said: in the brief manner the schedule's.
    """
    if is_brief(language, brief):
        return _brief_phase(phase, first=first, route=route)
    name = language.stated(phase.name)
    dose = dose_words(phase, language)
    if phase.route != "subcutaneous":
        dose = language.text(", ").join((dose, language.text(ROUTES[phase.route])))
    timing = timing_words(phase, language, first=first)
    if window := window_words(phase.window, language):
        timing = f"{timing} ({window})"
    timing = language.text(", ").join((timing, *further_words(phase, language)))
    return language.text("{phase}: {dose}, {timing}", phase=name, dose=dose, timing=timing)


def _brief_phase(phase: Phase, *, first: bool, route: str) -> str:
    counts = list(dict.fromkeys(
        str(band.injections) for band in phase.bands if not band.amounts
        and (band.amount or phase.choices)
    ))  # fmt: skip
    parts = [f"{phase.name}: {write.dose_words(phase)} {write.timing_words(phase, first=first)}"]
    if phase.route != route:
        parts.append(f", {phase.route}")
    if set(counts) - {"1"}:
        parts.append(f"; each dose as {joined(counts, 'or')} injections")
    if phase.window:
        parts.append(f"; in time {write.window_words(phase.window)}")
    return "; ".join(("".join(parts), *write.further_words(phase)))


def further_words(phase: Phase, language: Language) -> Iterator[str]:
    """Yield what else holds of a phase, each thing by itself."""
    text = language.text
    if phase.round_to:
        yield text("rounded to the nearest {dose}", dose=language.amount(phase.round_to))
    if phase.max_dose:
        yield text("at most {dose} a dose", dose=language.amount(phase.max_dose))
    if phase.strength:
        volume = f"{language.number(phase.strength.most_ml)} {text('mL')}"
        strength = f"{language.amount(phase.strength.per_ml)}/{text('mL')}"
        yield text("injections of at most {volume} at {strength}", volume=volume, strength=strength)
    for each in phase.companions:
        dose = in_injections(each.amount, each.injections, language)
        yield text("with {dose} of {medicine}", dose=dose, medicine=each.medicine)
    if phase.given_by:
        yield text(GIVERS[phase.given_by])
    if phase.min_gap:
        yield gap_words(phase.min_gap, language)
    if phase.weight:
        weights = weight_words(phase.weight, language)
        yield text("only for body weight {range}", range=weights)


def gap_words(gap: MinGap, language: Language) -> str:
    """Write a shortest time between two doses, with its grace."""
    words = language.text(
        "at least {interval} between two doses", interval=language.compared_interval(gap.gap)
    )
    grace = grace_words(gap.grace, language)
    return f"{words} ({grace})" if grace else words


def grace_words(grace: Interval | None, language: Language) -> str:
    """Write by how much less a dose still counts, or ""."""
    if grace is None:
        return ""
    return language.text("{interval} less still counts", interval=language.interval(grace))


def window_words(window: Window | None, language: Language, *, brief: bool = False) -> str:
    """Write how far from its target a dose is in time: "up to 3 days early", or ""."""
    if is_brief(language, brief):
        return write.window_words(window)
    sides = []
    if window and window.early.count:
        early = language.compared_interval(window.early)
        sides.append(language.text("up to {interval} early", interval=early))
    if window and window.late.count:
        late = language.compared_interval(window.late)
        sides.append(language.text("up to {interval} late", interval=late))
    return language.joined(sides)


def dose_words(phase: Phase, language: Language, *, brief: bool = False) -> str:
    """Write the dose of a phase, with its weight bands and, unless brief, its injections."""
    if is_brief(language, brief):
        return write.dose_words(phase)
    if choice := write.choice_of(phase, "dose"):
        words = choice_words(choice, language)
        injections = phase.bands[0].injections
        return words if injections == 1 else f"{words} ({injections_words(injections, language)})"
    each = []
    for band in phase.bands:
        words = language.amount(band.amount) if band.amount else language.text("no stated dose")
        if band.weight is not None:
            words = language.text(
                "{dose} for body weight {range}",
                dose=words, range=weight_words(band.weight, language),
            )  # fmt: skip
        if band.injections > 1:
            needles = injections_words(band.injections, language)
            if band.amounts:
                held = " + ".join(language.amount(amount) for amount in band.amounts)
                needles = language.text("{name}: {value}", name=needles, value=held)
            words = f"{words} ({needles})"
        each.append(words)
    return language.joined(each, "or")


def choice_words(choice: Choice, language: Language) -> str:
    """Write what there is to choose from: "10 to 14 weeks, as the prescriber chooses"."""
    values = choice_bounds(choice, language)
    if not values:
        return language.text("a dose as prescribed")
    return language.text("{values}, as the prescriber chooses", values=values)


def choice_bounds(choice: Choice, language: Language) -> str:
    """Write the values that may be chosen: "10 to 14 weeks"; "" where none are stated."""
    values = choice.one_of or (choice.low, choice.high)
    words = [_value_words(each, language) for each in values if each is not None]
    if choice.one_of or not words:
        return language.joined(words, "or")
    low = choice.low
    least = words[0]
    if isinstance(low, Interval):
        least = str(low.count)
    elif isinstance(low, Amount):
        least = language.number(low.value)
    return language.text("{least} to {most}", least=least, most=words[1])


def _value_words(value: Interval | Amount | int, language: Language) -> str:
    if isinstance(value, Interval):
        return language.interval(value)
    return str(value) if isinstance(value, int) else language.amount(value)


def person_dose_words(amount: Amount | None, injections: int, language: Language) -> str:
    """Write the dose of one person; None is where the source states none for the weight."""
    if amount is None:
        return language.text("no stated dose")
    return in_injections(amount, injections, language)


def weight_words(weights: WeightRange, language: Language) -> str:
    """Write a range of body weights with its signs: "> 55 kg, ≤ 85 kg"."""
    signs = {"<=": "≤", ">=": "≥"}
    unit = language.text("kg")
    return ", ".join(
        f"{signs.get(sign, sign)} {language.number(kg)} {unit}" for sign, kg in weights.bounds
    )


def timing_words(phase: Phase, language: Language, *, first: bool, brief: bool = False) -> str:
    """Write when the doses of a phase are due."""
    if is_brief(language, brief):
        return write.timing_words(phase, first=first)
    if isinstance(phase.timing, Listed):
        return _offsets_words(phase, phase.timing, language)
    return language.text(", ").join(
        _repeating_parts(phase, phase.timing, language, first=first)
    )  # fmt: skip


def _repeating_parts(
    phase: Phase, timing: Repeating, language: Language, *, first: bool
) -> Iterator[str]:
    """Yield what is said of a repetition: its spacing, its days, its beginning, its end."""
    if choice := write.choice_of(phase, "on"):
        yield language.text(
            "on {days} of your choice each week, at least {interval} apart",
            days=language.interval(Interval(choice.days, "day")),
            interval=language.compared_interval(Interval(choice.apart, "day")),
        )
    elif choice := write.choice_of(phase, "every"):
        values = choice_words(choice, language)
        yield language.text("at an interval of {values}", values=values)
    elif timing.weekdays:
        # 2024-01-01 is a Monday
        names = [language.weekday(date(2024, 1, 1 + each)) for each in timing.weekdays]
        yield language.text("every week on {weekdays}", weekdays=language.joined(names))
    else:
        yield every_words(timing.every, language)
    if timing.on_days:
        days = language.joined([str(each) for each in timing.on_days])
        yield language.text("on days {numbers} of each, counted from 0", numbers=days)
    if timing.after_every:
        yield language.text("first one interval after the dose before")
    elif timing.follows:
        interval = language.compared_interval(timing.begins)
        yield language.text("first {interval} after the dose before", interval=interval)
    elif timing.begins.count or not first:
        yield from_words(timing.begins, language)
    if timing.doses:
        yield language.plural("{count} dose in all", "{count} doses in all", timing.doses)
    if timing.lasts:
        lasts = language.compared_interval(timing.lasts)
        yield language.text("for {interval} from its first dose", interval=lasts)
    if phase.ends:
        yield from _ends_parts(phase.ends, language)
    if timing.from_given:
        yield language.text("each counted from the day the dose before was given")


def _ends_parts(ends: PrescriberEnds, language: Language) -> Iterator[str]:
    yield language.text("until the prescriber says otherwise")
    if ends.at_least:
        least = language.compared_interval(ends.at_least)
        yield language.text("at least {interval}", interval=least)


def _offsets_words(phase: Phase, timing: Listed, language: Language) -> str:
    """Write the offsets of a phase; of one to choose, both its ends."""
    counts = [str(each) for each in timing.counts]
    for place in range(len(counts)):
        if choice := write.choice_of(phase, f"{timing.unit}s[{place + 1}]"):
            counts[place] = choice_bounds(choice, language)
    return _at_offsets(timing.unit, counts, language, many=len(counts) > 1 or bool(phase.choices))


def listed_words(timing: Listed, language: Language) -> str:
    """Write listed offsets: "at weeks 0, 1 and 2"."""
    counts = [str(each) for each in timing.counts]
    return _at_offsets(timing.unit, counts, language, many=len(counts) > 1)


def _at_offsets(unit: str, offsets: list[str], language: Language, *, many: bool) -> str:
    counts = language.joined(offsets)
    match unit, many:
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


def first_dose_words(dose: FirstDose, language: Language) -> str:
    """Write when a dose is due: "week 6", "day 28 + 2 months"; on weekdays always in days."""
    if on_weekdays(dose.phase):
        return language.text("day {number}", number=dose.offset.days)
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
