"""Where a course stands today: what is due or late, what the source says to do, until when."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from dosecal.advice import OPEN_QUESTIONS, Advice
from dosecal.assess import AssessedDose, Status
from dosecal.course import Course
from dosecal.reasons import OffTarget, Provisional, Reason, SkippedByPerson
from dosecal.render_json import dose_object
from dosecal.schedule import Then
from dosecal.sentence import sentence
from dosecal.wording import (
    amount_words,
    day_words,
    days_words,
    dose_line,
    reason_text,
    said_by,
    what_holds,
)

ANSWERS: Final = (
    "keep: later dates stay; shift: later doses are counted from the day it was given; "
    "restart: the schedule begins again from that day"
)
"""What the words of a decision mean."""


def status_text(course: Course, advice: Advice, file: str) -> str:
    """Return where a course stands, in words; `file` is how commands name the course.

    The titles of sources are long, so the lines name each by its id and the end lists them.
    """
    schedule = course.schedule
    by_id = schedule._replace(
        sources=tuple(each._replace(title=each.id) for each in schedule.sources)
    )
    lines = [*_lines(course._replace(schedule=by_id), advice, file)]
    cited = {id for dose in _shown(advice) for each in dose.reasons for id in _sources(each)}
    if cited:
        lines.append("Sources")
    for each in schedule.sources:
        if each.id in cited:
            remark = f" ({each.remark})" if each.remark else ""
            lines.append(f"  {each.id}: {each.title}{remark}")
    return "\n".join(lines)


def _shown(advice: Advice) -> Iterator[AssessedDose]:
    """Yield the doses whose reasons are shown."""
    yield from advice.passed
    yield from advice.undecided
    if advice.dose:
        yield advice.dose
        if advice.changes and advice.changes[1].number <= advice.dose.number:
            yield advice.changes[1]


def _sources(reason: Reason) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(reason, "sources", ())  # a reason of our own has none
    return found


def _lines(course: Course, advice: Advice, file: str) -> Iterator[str]:
    schedule, dose = course.schedule, advice.dose
    words = reason_text(schedule)
    yield f"{schedule.medicine}: {sentence(schedule)}"
    yield f"Start {day_words(course.start)}, today {day_words(advice.today)}"
    if last := advice.last_given:
        yield f"Last given: dose {last.number}, {dose_line(last)}"
    else:
        yield "Nothing is recorded as given yet."
    for each in advice.passed:
        yield f"Dose {each.number}, due {day_words(each.target)}: {each.status}{_why(each, words)}"
    for each in advice.undecided:
        yield from _question(course, each, words, file)
    if dose is None:
        yield _no_dose(advice, file)
        return
    yield from _due(advice.today, dose)
    yield f"  {amount_words(dose)}"
    for reason in dose.reasons:
        if not isinstance(reason, OffTarget):
            yield f"  {words(reason)}"
    if dose.then is not None:
        lead = "What to do" if dose.then is Then.ASK else "What the source says"
        yield f"{lead}: {_advice(course, dose)}"
    if dose.then in OPEN_QUESTIONS:
        yield f"  Once it was given: dosecal record {file} --on DATE"
        yield "  With the prescriber's answer, add to it: --then keep|shift|restart"
        yield f"  ({ANSWERS})"
    if dose.then is Then.ASK:
        yield f"  If it is to be left out: dosecal skip {file} --dose {dose.number}"
    if advice.changes:
        day, then = advice.changes
        yield f"From {day_words(day)} on: {_changed(course, dose, then)}"
    if advice.after:
        yield _after(dose, advice.after)


def _after(dose: AssessedDose, after: AssessedDose) -> str:
    if after.status is not Status.UPCOMING:
        return f"After it: dose {after.number}, due {day_words(after.target)} ({after.status})"
    if dose.then in (Then.SHIFT, Then.RESTART):
        return f"If it is given today: dose {after.number} follows on {day_words(after.day)}"
    return f"After it: dose {after.number} on {day_words(after.day)}"


def _question(
    course: Course, dose: AssessedDose, words: Callable[..., str], file: str
) -> Iterator[str]:
    off = next((words(each) for each in dose.reasons if isinstance(each, OffTarget)), "")
    yield f"Decision missing: dose {dose.number} was {off}"
    yield (
        "  With the prescriber's answer: "
        f"dosecal decide {file} --dose {dose.number} --then keep|shift|restart"
    )
    yield f"  ({ANSWERS})"


def _no_dose(advice: Advice, file: str) -> str:
    if any(each.status is Status.HELD for each in advice.passed):
        return f"The course is on hold; end the hold with: dosecal void {file} --hold"
    return "No dose is left: the course is complete."


def _due(today: date, dose: AssessedDose) -> Iterator[str]:
    number, late = dose.number, (today - dose.target).days
    if dose.status is Status.LATE:
        yield f"Dose {number} is LATE: it was due {day_words(dose.target)}, {days_words(late)} ago"
    elif dose.status is Status.DUE and dose.latest == today == dose.target:
        yield f"Dose {number} is DUE today"
    elif dose.status is Status.DUE:
        yield (
            f"Dose {number} is DUE: target {day_words(dose.target)}, in time until "
            f"{day_words(dose.latest)}"
        )
    else:
        window = ""
        if dose.earliest != dose.latest:
            window = f", in time {day_words(dose.earliest)} to {day_words(dose.latest)}"
        yield (f"Next: dose {number} on {day_words(dose.target)}, in {days_words(-late)}{window}")


def _advice(course: Course, dose: AssessedDose) -> str:
    """Return what holds for a late dose, and who says so."""
    off = next((each for each in dose.reasons if isinstance(each, OffTarget)), None)
    return f"{what_holds(off)}{said_by(course.schedule, off.sources)}" if off else ""


def _changed(course: Course, dose: AssessedDose, then: AssessedDose) -> str:
    """Return what holds from the day on which the advice changes."""
    if then.number < dose.number:
        advice = f"; {_advice(course, then)}" if then.then else ""
        return f"the hold is over and dose {then.number} is {then.status}{advice}"
    if then.number > dose.number:
        missed = f"dose {dose.number} counts as missed"
        if then.status is Status.UPCOMING:
            return f"{missed}; the next is dose {then.number} on {day_words(then.target)}"
        return f"{missed}, and dose {then.number} is {then.status}"
    if then.then is None:
        return f"dose {dose.number} is {then.status}"
    return f"it is late; {_advice(course, then)}" if dose.then is None else _advice(course, then)


def _why(dose: AssessedDose, words: Callable[..., str]) -> str:
    why = [
        words(each)
        for each in dose.reasons
        if not isinstance(each, Provisional) and each != SkippedByPerson(note="")
    ]
    return f" ({'; '.join(why)})" if why else ""


def status_object(course: Course, advice: Advice) -> dict[str, Any]:
    """Return where a course stands, as a JSON object."""
    words = reason_text(course.schedule)

    def shown(dose: AssessedDose | None) -> dict[str, Any] | None:
        return dose_object(course, dose) if dose else None

    dose = advice.dose
    late = dose is not None and dose.status is Status.LATE
    off = [each for each in dose.reasons if isinstance(each, OffTarget)] if dose else []
    change = None
    if advice.changes:
        day, then = advice.changes
        change = {
            "date": day.isoformat(),
            "number": then.number,
            "status": then.status.value,
            "then": then.then.value if then.then else None,
        }
    return {
        "schedule": course.schedule.id,
        "start": course.start.isoformat(),
        "today": advice.today.isoformat(),
        "last_given": shown(advice.last_given),
        "passed": [shown(each) for each in advice.passed],
        "dose": shown(dose),
        "days_late": (advice.today - dose.target).days if dose and late else 0,
        "then": dose.then.value if dose and dose.then else None,
        "advice": "; ".join(map(words, off)) or None,
        "sources": [title for each in off for title in course.schedule.source_titles(each.sources)],
        "changes": change,
        "after": shown(advice.after),
        "undecided": [each.number for each in advice.undecided],
        "decision_missing": advice.decision_missing,
    }
