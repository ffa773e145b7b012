"""A regimen as one sentence in the label's manner: the sentence that `dosecal define` reads.

A sentence carries every phase's doses (weight bands, per kg and "no stated dose" too), injections,
route, offsets, spacing, weekdays, end and window, what is left to choose, and what else holds of a
phase (`further_words`). Reading it gives the same phases back. It carries no names, sources and
site sets, no number of injections where no dose is stated, and of a place or window of 0 not the
unit: 0 weeks are 0 days.
"""

from typing import Final

from dosecal.model.dates import Interval
from dosecal.model.languages import joined
from dosecal.model.quantities import Amount, plain
from dosecal.model.schedule import (
    Choice,
    Companion,
    DoseBand,
    Listed,
    MinGap,
    Phase,
    Repeating,
    Schedule,
    Window,
)

DAY_NAMES: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
ROUTE_WORDS: Final = {
    "subcutaneous": "subcutaneously",
    "intramuscular": "intramuscularly",
    "intravenous": "intravenously",
    "intradermal": "intradermally",
    "intrathecal": "intrathecally",
    "intravitreal": "intravitreally",
}
GIVER_WORDS: Final = {
    "self": "given by yourself",
    "caregiver": "given by a caregiver",
    "professional": "given by a professional",
}


def interval_words(interval: Interval) -> str:
    """Write a spacing: "4 weeks", and "week" for one."""
    return interval.unit if interval.count == 1 else str(interval)


def dose_words(phase: Phase) -> str:
    """Write the dose of a phase, with its weight bands or what there is to choose."""
    return joined(_dose_words(phase, set()), "or")


def _dose_words(phase: Phase, said: set[Amount | None]) -> list[str]:
    """Write each dose of a phase, with its injections where its amount is among those `said`."""
    choice = choice_of(phase, "dose")
    band = phase.bands[0]
    if choice is None:
        return [
            _band_words(
                each,
                injections_words(each.injections) if each.amount and each.amount in said else "",
            )
            for each in phase.bands
        ]
    words = dose_choice_words(choice)
    return [f"{words} {injections_words(band.injections)}" if band.amount in said else words]


def choice_of(phase: Phase, key: str) -> Choice | None:
    """Return what is to choose of a key of a phase, if it is open."""
    return next((choice for choice in phase.choices if choice.key == key), None)


def dose_choice_words(choice: Choice) -> str:
    """Write a dose to choose: "150 to 300 mg", "either 150 mg or 300 mg"."""
    if choice.one_of:
        return f"either {joined([str(each) for each in choice.one_of], 'or')}"
    return "a dose as prescribed" if choice.low is None else str(choice)


def injections_words(count: int) -> str:
    """Write how many injections a dose is."""
    return f"as {count} injection{'' if count == 1 else 's'}"


def amounts_words(amounts: tuple[Amount, ...]) -> str:
    """Write unequal injections: "100 mg + 200 mg in 2 injections"."""
    return f"{' + '.join(str(each) for each in amounts)} in {len(amounts)} injections"


def timing_words(phase: Phase, *, first: bool) -> str:
    """Write when the doses of a phase are due.

    Labels differ in whether day 1 is the first day, so that a regimen whose first dose is 1 unit
    from the start is said with "after start", and days of an interval from day 1 on with "into".

    Args:
        phase: The phase.
        first: Whether it begins with the start, or with the prescriber's step.
    """
    timing = phase.timing
    if isinstance(timing, Listed):
        return _listed_words(phase, timing, first=first)
    return f"{_every_words(phase, timing)}{_begins_words(timing, first=first)}{_end_words(phase)}"


def _listed_words(phase: Phase, timing: Listed, *, first: bool) -> str:
    plural = "s" if len(timing.counts) > 1 or phase.choices else ""
    counts = [str(each) for each in timing.counts]
    for place in range(len(counts)):
        if choice := choice_of(phase, f"{timing.unit}s[{place + 1}]"):
            counts[place] = f"between {choice.low} and {choice.high}"
    if first and timing.counts[0] == 1:
        return f"at {joined(counts)} {timing.unit}{plural} after start"
    return f"at {timing.unit}{plural} {joined(counts)}"


def _every_words(phase: Phase, timing: Repeating) -> str:
    if choice := choice_of(phase, "on"):
        return (
            f"{choice.days} day{'' if choice.days == 1 else 's'} a week of your choice, at least "
            f"{Interval(choice.apart, 'day')} apart,"
        )
    every = f"every {interval_words(timing.every)}"
    if choice := choice_of(phase, "every"):
        every = f"every {choice}"
        if choice.one_of:
            every = f"either {joined([f'every {each}' for each in choice.one_of], 'or')}"
    if timing.weekdays:
        every += f" on {joined([DAY_NAMES[each] for each in timing.weekdays])}"
    if timing.on_days:
        days = joined([str(each) for each in timing.on_days])
        plural = "s" if len(timing.on_days) > 1 else ""
        into = timing.on_days[0] == 1
        every = (
            f"at {days} day{plural} into {every}" if into else f"on day{plural} {days} of {every}"
        )
    return every


def _begins_words(timing: Repeating, *, first: bool) -> str:
    if timing.after_every:
        return " from one interval after the dose before"
    if timing.follows:
        return f" from {timing.begins} after the dose before"
    if first and timing.begins.count == 0:
        return ""
    if first and timing.begins.count == 1:
        return f" from {timing.begins} after start"
    return f" from {timing.begins.unit} {timing.begins.count}"


def _end_words(phase: Phase) -> str:
    timing = phase.timing
    assert isinstance(timing, Repeating)  # noqa: S101 - lists end with their last dose
    words = ""
    if timing.doses:
        words = f" for {timing.doses} dose{'' if timing.doses == 1 else 's'}"
    if timing.lasts:
        words = f" for {timing.lasts}"
    if phase.ends:
        words = " until the prescriber says otherwise"
        if phase.ends.at_least:
            words += f", at least {phase.ends.at_least}"
    return f"{words}, counted from the injection given" if timing.from_given else words


def further_words(phase: Phase) -> list[str]:
    """Write what else holds of a phase, each thing by itself."""
    words = []
    if phase.round_to:
        words.append(f"rounded to the nearest {phase.round_to}")
    if phase.max_dose:
        words.append(f"at most {phase.max_dose} a dose")
    if phase.strength:
        most = f"{plain(phase.strength.most_ml)} mL"
        words.append(f"in injections of at most {most} at {phase.strength.per_ml}/mL")
    words += [companion_words(each) for each in phase.companions]
    if phase.given_by:
        words.append(GIVER_WORDS[phase.given_by])
    if phase.min_gap:
        words.append(min_gap_words(phase.min_gap))
    if phase.weight:
        words.append(f"only for body weight {str(phase.weight).replace(',', ' and')}")
    return words


def companion_words(companion: Companion) -> str:
    """Write another medicine at the same visit: `with 5 mg of "hyaluronidase"`."""
    words = f'with {companion.amount} of "{companion.medicine}"'
    if companion.injections > 1:
        words += f" {injections_words(companion.injections)}"
    return words


def min_gap_words(gap: MinGap) -> str:
    """Write the shortest time between two doses of a phase."""
    grace = f" with a grace of {gap.grace}" if gap.grace else ""
    return f"never closer than {gap.gap}{grace}"


def window_words(window: Window | None) -> str:
    """Write how far from its target a dose is in time: "3 days either way", "up to 3 days late"."""
    if window is None:
        return ""
    if window.early == window.late and window.early.count:
        return f"{window.early} either way"
    sides = ((window.early, "early"), (window.late, "late"))
    return ", ".join(f"up to {most} {side}" for most, side in sides if most.count)


def begins_anew(phases: tuple[Phase, ...], place: int) -> bool:
    """Say whether a phase begins with the start or with the prescriber's step."""
    return place == 0 or phases[place - 1].ends is not None


def sentence(schedule: Schedule) -> str:
    """Write a schedule's regimen as one sentence; a dose that does not change is said once."""
    phases = schedule.phases
    bands = [
        band
        for phase in phases
        for band in phase.bands
        if band.amount or choice_of(phase, "dose")
    ]  # fmt: skip
    counts = {band.injections for band in bands}
    each_dose = ""
    said: set[Amount | None] = set()
    if len(counts) > 1:
        said = {band.amount for band in bands if band.injections > 1}
    elif counts and counts != {1}:
        each_dose = f"; each dose {injections_words(counts.pop())}"
    routed = any(phase.route != "subcutaneous" for phase in phases)
    parts: list[str] = []
    past: object = None
    for place, phase in enumerate(phases):
        words = [timing_words(phase, first=begins_anew(phases, place))]
        dose = phase.bands, phase.route, choice_of(phase, "dose")
        if dose != past:
            doses = joined(_dose_words(phase, said), "or")
            words = [doses, *([ROUTE_WORDS[phase.route]] if routed else []), *words]
        if window := window_words(phase.window):
            words.append(f"({window})")
        past = dose
        said_of_it = " ".join(words).removesuffix(",")
        parts.append(", ".join([said_of_it, *further_words(phase)]))
    return f"{', then '.join(parts)}{each_dose}"


def _band_words(band: DoseBand, injections: str) -> str:
    amount = str(band.amount or "no stated dose")
    words = [amounts_words(band.amounts)] if band.amounts else [amount, injections]
    if band.weight is not None:
        words.append(f"for body weight {str(band.weight).replace(',', ' and')}")
    return " ".join(word for word in words if word)
