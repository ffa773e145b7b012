"""A regimen as one sentence in the label's manner: the sentence that `dosecal define` reads.

A sentence carries every phase's doses (weight bands, per kg and "no stated dose" too), number of
injections, route, offsets, spacing, weekdays, number of doses and window. Reading it gives the
same phases back. It carries no names, sources and site sets, no number of injections where no
dose is stated, and of a place or window of 0 not the unit: 0 weeks are 0 days.
"""

from typing import Final

from dosecal.model.dates import Interval
from dosecal.model.languages import joined
from dosecal.model.quantities import Amount
from dosecal.model.schedule import DoseBand, Listed, Phase, Schedule, Window

DAY_NAMES: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
ROUTE_WORDS: Final = {
    "subcutaneous": "subcutaneously",
    "intramuscular": "intramuscularly",
    "intravenous": "intravenously",
}


def interval_words(interval: Interval) -> str:
    """Write a spacing: "4 weeks", and "week" for one."""
    return interval.unit if interval.count == 1 else str(interval)


def dose_words(phase: Phase) -> str:
    """Write the dose of a phase, with its weight bands."""
    return joined([_band_words(band, "") for band in phase.bands], "or")


def injections_words(count: int) -> str:
    """Write how many injections a dose is."""
    return f"as {count} injection{'' if count == 1 else 's'}"


def timing_words(phase: Phase, *, first: bool) -> str:
    """Write when the doses of a phase are due.

    Labels differ in whether day 1 is the first day, so that a regimen whose first dose is 1 unit
    from the start is said with "after start", and days of an interval from day 1 on with "into".
    """
    timing = phase.timing
    if isinstance(timing, Listed):
        plural = "s" if len(timing.counts) > 1 else ""
        counts = joined([str(each) for each in timing.counts])
        if first and timing.counts[0] == 1:
            return f"at {counts} {timing.unit}{plural} after start"
        return f"at {timing.unit}{plural} {counts}"
    every = f"every {interval_words(timing.every)}"
    if timing.weekdays:
        every += f" on {joined([DAY_NAMES[each] for each in timing.weekdays])}"
    if timing.on_days:
        days = joined([str(each) for each in timing.on_days])
        plural = "s" if len(timing.on_days) > 1 else ""
        into = timing.on_days[0] == 1
        every = (
            f"at {days} day{plural} into {every}" if into else f"on day{plural} {days} of {every}"
        )
    begins = f" from {timing.begins.unit} {timing.begins.count}"
    if timing.follows:
        begins = f" from {timing.begins} after the dose before"
    elif first and timing.begins.count == 0:
        begins = ""
    elif first and timing.begins.count == 1:
        begins = f" from {timing.begins} after start"
    doses = ""
    if timing.doses:
        doses = f" for {timing.doses} dose{'' if timing.doses == 1 else 's'}"
    return f"{every}{begins}{doses}"


def window_words(window: Window | None) -> str:
    """Write how far from its target a dose is in time: "3 days either way", "up to 3 days late"."""
    if window is None:
        return ""
    if window.early == window.late and window.early.count:
        return f"{window.early} either way"
    sides = ((window.early, "early"), (window.late, "late"))
    return ", ".join(f"up to {most} {side}" for most, side in sides if most.count)


def sentence(schedule: Schedule) -> str:
    """Write a schedule's regimen as one sentence; a dose that does not change is said once."""
    bands = [band for phase in schedule.phases for band in phase.bands if band.amount]
    counts = {band.injections for band in bands}
    each_dose = ""
    said: set[Amount | None] = set()
    if len(counts) > 1:
        said = {band.amount for band in bands if band.injections > 1}
    elif counts and counts != {1}:
        each_dose = f"; each dose {injections_words(counts.pop())}"
    routed = any(phase.route != "subcutaneous" for phase in schedule.phases)
    parts: list[str] = []
    past: tuple[tuple[DoseBand, ...], str] | None = None
    for phase in schedule.phases:
        words = [timing_words(phase, first=not parts)]
        if (phase.bands, phase.route) != past:
            dose = [
                _band_words(band, injections_words(band.injections) if band.amount in said else "")
                for band in phase.bands
            ]
            words = [joined(dose, "or"), *([ROUTE_WORDS[phase.route]] if routed else []), *words]
        if window := window_words(phase.window):
            words.append(f"({window})")
        past = phase.bands, phase.route
        parts.append(" ".join(words))
    return f"{', then '.join(parts)}{each_dose}"


def _band_words(band: DoseBand, injections: str) -> str:
    words = [str(band.amount or "no stated dose"), injections]
    if band.weight is not None:
        words.append(f"for body weight {str(band.weight).replace(',', ' and')}")
    return " ".join(word for word in words if word)
