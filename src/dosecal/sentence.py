"""A regimen as one sentence in the label's manner."""

from dosecal.dates import WEEKDAYS, Interval, Offset
from dosecal.schedule import Listed, Phase, Repeating, Schedule


def joined(words: list[str], last: str = "and") -> str:
    """Join words as English does: "0, 1 and 2"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def interval_words(interval: Interval) -> str:
    """Write a spacing: "4 weeks", and "week" for one."""
    return interval.unit if interval.count == 1 else str(interval)


def offset_words(offset: Offset) -> str:
    """Write an offset from start as a label does: "week 6", "day 10", "day 28 + 2 months"."""
    words = []
    for months, count in offset.steps or ((False, 0),):
        if months:
            words.append(("month", count))
        elif count % 7 == 0:
            words.append(("week", count // 7))
        else:
            words.append(("day", count))
    (unit, count), *more = words
    return " + ".join(
        [f"{unit} {count}", *(f"{n} {name}{'' if n == 1 else 's'}" for name, n in more)]
    )


def dose_words(phase: Phase) -> str:
    """Write the dose of a phase, with its weight bands."""
    if len(phase.bands) == 1 and phase.bands[0].weight is None:
        return str(phase.bands[0].amount)
    return joined(
        [
            f"{band.amount or 'no stated dose'} for body weight {band.weight}"
            for band in phase.bands
        ],
        "or",
    )


def timing_words(phase: Phase, *, first: bool) -> str:
    """Write when the doses of a phase are due."""
    timing = phase.timing
    if isinstance(timing, Listed):
        plural = "s" if len(timing.counts) > 1 else ""
        return f"at {timing.unit}{plural} {joined([str(each) for each in timing.counts])}"
    every = f"every {interval_words(timing.every)}"
    if timing.weekdays:
        every = f"on {joined([WEEKDAYS[each] for each in timing.weekdays])} every week"
    if timing.on_days:
        days = joined([str(each) for each in timing.on_days])
        every = f"on day{'s' if len(timing.on_days) > 1 else ''} {days} of {every}"
    if timing.follows:
        begins = f" from {timing.begins} after the dose before"
    elif timing.begins.count == 0 and first:
        begins = ""
    else:
        begins = f" from {timing.begins.unit} {timing.begins.count}"
    doses = ""
    if timing.doses:
        doses = f" for {timing.doses} dose{'' if timing.doses == 1 else 's'}"
    return f"{every}{begins}{doses}"


def sentence(schedule: Schedule) -> str:
    """Write a schedule's regimen as one sentence."""
    parts: list[str] = []
    past = ""
    for number, phase in enumerate(schedule.phases):
        dose = dose_words(phase)
        route = "" if phase.route == "subcutaneous" else f" ({phase.route})"
        own = f"{dose}{route}"
        words = timing_words(phase, first=number == 0)
        if isinstance(phase.timing, Repeating) and number:
            words = words if own == past else f"{own} {words}"
            parts.append(f"then {words}")
        elif number:
            parts.append(f"then {words}" if own == past else f"then {own} {words}")
        else:
            parts.append(f"{own} {words}")
        past = own
    return f"{', '.join(parts)}{_injections(schedule)}"


def _injections(schedule: Schedule) -> str:
    """Say how many injections a dose is, where it is more than one."""
    counts = {band.injections for phase in schedule.phases for band in phase.bands if band.amount}
    if counts <= {1}:
        return ""
    if len(counts) == 1:
        return f"; each dose as {counts.pop()} injections"
    each = [
        f"{band.amount} as {band.injections} injections"
        for phase in schedule.phases
        for band in phase.bands
        if band.amount and band.injections > 1
    ]
    return f"; {joined(list(dict.fromkeys(each)))}"
