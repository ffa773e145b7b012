"""Where a course stands today: what is due or late, what the source says to do, until when."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple, Protocol

from dosecal.model.course import Course, Stopped
from dosecal.model.reasons import (
    GapKept,
    Near,
    OffTarget,
    Part,
    Provisional,
    QuestionOpen,
    Reason,
    SkippedByPerson,
)
from dosecal.model.schedule import CheckTime, Then
from dosecal.outputs.formats import Report
from dosecal.outputs.objects import dose_object
from dosecal.plan.advice import Advice
from dosecal.plan.checks import at_dose
from dosecal.plan.late import OPEN_QUESTIONS
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.doses import STATUSES, amount_words, day_words, dose_line
from dosecal.words.language import ENGLISH, Language, marked
from dosecal.words.reasons import cited_by_id, reason_text, said_by, source_lines, what_holds
from dosecal.words.schedule import regimen_words

ANSWERS: Final = marked(
    "keep: later dates stay; shift: later doses are counted from the day it was given; "
    "restart: the schedule begins again from that day"
)
"""What the words of a decision mean."""
_PASSED_SHOWN: Final = 5  # doses passed over that are named one by one
PART_ANSWERS: Final = marked(
    "keep: what was given counts as the dose; repeat: it does not count and the dose is due again"
)
"""What the words of a decision about a dose given in part mean."""


class Ways(Protocol):
    """What a person does, in the words of the edge they sit at, to write down what happened."""

    def record(self) -> str:
        """Say how an administration is recorded."""

    def answer(self) -> str:
        """Say what is added to it once the prescriber has answered."""

    def skip(self, number: int) -> str:
        """Say how a dose is left out."""

    def decide(self, number: int) -> str:
        """Say how the prescriber's answer about a recorded dose is recorded."""

    def decide_part(self, number: int) -> str:
        """Say how the answer about the rest of a dose given in part is recorded."""

    def end_hold(self) -> str:
        """Say how a hold is ended."""

    def resume(self) -> str:
        """Say how the treatment is taken up again after a stop."""


def status_report(course: Course, advice: Advice, ways: Ways, language: Language) -> Report:
    """Return where a course stands, as text or as an object."""
    return Report(
        lambda: status_text(course, advice, ways, language),
        lambda: status_object(course, advice, language),
    )


def status_text(course: Course, advice: Advice, ways: Ways, language: Language = ENGLISH) -> str:
    """Return where a course stands and what to do, in words.

    The titles of sources are long, so the lines name each by its id and the end lists them.
    """
    short = course._replace(schedule=cited_by_id(course.citing))
    lines = _StatusLines(short, advice, ways, language).all()
    return "\n".join([*lines, *source_lines(course.citing, _shown(advice), language)])


def _shown(advice: Advice) -> Iterator[AssessedDose]:
    """Yield the doses whose reasons are shown."""
    yield from advice.passed
    yield from advice.undecided
    if advice.dose:
        yield advice.dose
        if advice.changes and advice.changes[1].number <= advice.dose.number:
            yield advice.changes[1]


class _StatusLines(NamedTuple):
    """The lines of the status, and what each of them needs."""

    course: Course
    advice: Advice
    ways: Ways
    language: Language

    def day(self, day: date) -> str:
        return day_words(day, self.language)

    def words(self, reason: Reason) -> str:
        return reason_text(self.course.citing, self.language)(reason)

    def all(self) -> Iterator[str]:
        """Yield the lines."""
        schedule, dose, advice = self.course.schedule, self.advice.dose, self.advice
        text, day = self.language.text, self.day
        of = (dose.schedule if dose else None) or schedule
        yield f"{of.medicine}: {regimen_words(of, self.language)}"
        yield text(
            "Start {start}, today {today}", start=day(self.course.start), today=day(advice.today)
        )
        if last := advice.last_given:
            line = dose_line(last, self.language)
            yield text("Last given: dose {number}, {line}", number=last.number, line=line)
        else:
            yield text("Nothing is recorded as given yet.")
        earlier = len(advice.passed) - _PASSED_SHOWN
        if earlier > 0:
            yield self.language.plural(
                "{count} earlier dose was missed, skipped or held",
                "{count} earlier doses were missed, skipped or held", earlier,
            )  # fmt: skip
        for each in advice.passed[-_PASSED_SHOWN:]:
            status = text(STATUSES[each.status]) + self.why(each)
            yield text(
                "Dose {number}, due {date}: {status}",
                number=each.number, date=day(each.target), status=status,
            )  # fmt: skip
        for each in advice.undecided:
            yield from self.question(each)
        if advice.stopped:
            yield from self.stopped(advice.stopped)
            if advice.stopped.on <= advice.today:
                return
        if dose is None:
            yield from self.no_dose()
            return
        yield self.due(dose)
        yield f"  {amount_words(dose, self.language)}"
        told = (OffTarget, QuestionOpen, Provisional) if dose.then is Then.ASK else (OffTarget,)
        for reason in dose.reasons:
            if not isinstance(reason, told):
                yield f"  {self.words(reason)}"
        if advice.undecided and dose.status is Status.UPCOMING:
            yield f"  {self.says(dose)}"
            yield from self.change(dose)
            return
        if dose.then is Then.ASK:
            yield text("What to do: {advice}", advice=self.says(dose))
        elif dose.then is not None:
            yield text("What the source says: {advice}", advice=self.says(dose))
        if dose.then in (*OPEN_QUESTIONS, Then.KEEP_OR_SHIFT):
            yield "  " + text("Once it was given: {command}", command=self.ways.record())
            if any(isinstance(each, OffTarget) for each in dose.reasons):
                yield "  " + text(
                    "With the prescriber's answer, add to it: {option}",
                    option=self.ways.answer(),
                )
                yield f"  ({text(ANSWERS)})"
        if dose.then is Then.ASK:
            left_out = self.ways.skip(dose.number)
            yield "  " + text("If it is to be left out: {command}", command=left_out)
        if advice.question:
            yield "  " + text(
                "If dose {number} is to be left out: {command}",
                number=advice.question, command=self.ways.skip(advice.question),
            )  # fmt: skip
        if dose.status in (Status.LATE, Status.DUE):
            for check in at_dose(self.course, dose):
                if check.when is CheckTime.BEFORE_A_LATE_DOSE:
                    name = self.language.stated(check.name)
                    yield text("Before a late dose: {check}", check=name)
        yield from self.change(dose)

    def change(self, dose: AssessedDose) -> Iterator[str]:
        """Yield from when the advice is another, and which dose comes after."""
        text, day, advice = self.language.text, self.day, self.advice
        if advice.changes:
            when, then = advice.changes
            change = self.changed(dose, then)
            yield text("From {date} on: {change}", date=day(when), change=change)
        if advice.after:
            yield self.after(dose, advice.after)
            for reason in advice.after.reasons:
                if isinstance(reason, Near | GapKept):
                    yield f"  {self.words(reason)}"

    def after(self, dose: AssessedDose, after: AssessedDose) -> str:
        text, number = self.language.text, after.number
        if after.status is not Status.UPCOMING:
            return text(
                "After it: dose {number}, due {date} ({status})",
                number=number, date=self.day(after.target), status=text(STATUSES[after.status]),
            )  # fmt: skip
        if dose.then in (Then.SHIFT, Then.RESTART, Then.STEP, Then.RELOAD):
            return text(
                "If it is given today: dose {number} follows on {date}",
                number=number, date=self.day(after.day),
            )  # fmt: skip
        return text("After it: dose {number} on {date}", number=number, date=self.day(after.day))

    def stopped(self, stop: Stopped) -> Iterator[str]:
        """Yield that the treatment is stopped, or will be, and how it is taken up again."""
        text, on = self.language.text, self.day(stop.on)
        if stop.on > self.advice.today:
            words = text("The treatment is to be stopped on {date}", date=on)
        else:
            words = text("The treatment was stopped on {date}", date=on)
        yield f"{words}: {stop.reason}" if stop.reason else words
        yield "  " + text("It is taken up again with: {command}", command=self.ways.resume())

    def question(self, dose: AssessedDose) -> Iterator[str]:
        """Yield what of a dose given stands open, and how the answer is recorded."""
        text = self.language.text
        parts = [each for each in dose.reasons if isinstance(each, Part)]
        why = [self.words(each) for each in dose.reasons if isinstance(each, OffTarget | Part)]
        yield text(
            "Decision missing: dose {number} was {off}", number=dose.number, off="; ".join(why)
        )
        ways = self.ways.decide_part if parts else self.ways.decide
        yield "  " + text("With the prescriber's answer: {command}", command=ways(dose.number))
        yield f"  ({text(PART_ANSWERS if parts else ANSWERS)})"

    def no_dose(self) -> Iterator[str]:
        """Yield why no dose is left, where the stop of the treatment does not say it."""
        if any(each.status is Status.HELD for each in self.advice.passed):
            yield self.language.text(
                "The course is on hold; end the hold with: {command}",
                command=self.ways.end_hold(),
            )
        elif not self.advice.stopped:
            yield self.language.text("No dose is left: the course is complete.")

    def due(self, dose: AssessedDose) -> str:
        text, day, number = self.language.text, self.day, dose.number
        today, late = self.advice.today, (self.advice.today - dose.target).days
        if dose.status is Status.LATE:
            return self.language.plural(
                "Dose {number} is LATE: it was due {date}, {count} day ago",
                "Dose {number} is LATE: it was due {date}, {count} days ago",
                late, number=number, date=day(dose.target),
            )  # fmt: skip
        if dose.status is Status.DUE and dose.latest == today == dose.target:
            return text("Dose {number} is DUE today", number=number)
        if dose.status is Status.DUE:
            return text(
                "Dose {number} is DUE: target {date}, in time until {latest}",
                number=number, date=day(dose.target), latest=day(dose.latest),
            )  # fmt: skip
        line = self.language.plural(
            "Next: dose {number} on {date}, in {count} day",
            "Next: dose {number} on {date}, in {count} days",
            -late, number=number, date=day(dose.target),
        )  # fmt: skip
        if dose.earliest == dose.latest:
            return line
        window = text("in time {first} to {last}", first=day(dose.earliest), last=day(dose.latest))
        return line + text(", ") + window

    def says(self, dose: AssessedDose) -> str:
        """Return what holds for a late dose, and who says so."""
        off = next((each for each in dose.reasons if isinstance(each, OffTarget)), None)
        if off is None:
            asked = [e for e in dose.reasons if isinstance(e, QuestionOpen | Provisional)]
            return "; ".join(map(self.words, asked))
        said = said_by(self.course.citing, off.sources, self.language)
        return what_holds(off, self.language) + said

    def changed(self, dose: AssessedDose, then: AssessedDose) -> str:
        """Return what holds from the day on which the advice changes."""
        text = self.language.text
        stands = text(
            "dose {number} is {status}", number=then.number, status=text(STATUSES[then.status])
        )
        if then.number < dose.number:
            advice = f"; {self.says(then)}" if then.then else ""
            was = next(each for each in self.advice.passed if each.number == then.number)
            if was.status is Status.HELD:
                stands = text("the hold is over and {stands}", stands=stands)
            return stands + advice
        if then.number > dose.number:
            missed = text("dose {number} counts as missed", number=dose.number)
            if then.status is not Status.UPCOMING:
                return text("{missed}, and {stands}", missed=missed, stands=stands)
            return text(
                "{missed}; the next is dose {number} on {date}",
                missed=missed, number=then.number, date=self.day(then.target),
            )  # fmt: skip
        if then.then is None:
            return stands
        if dose.then is None:
            return text("it is late; {advice}", advice=self.says(then))
        return self.says(then)

    def why(self, dose: AssessedDose) -> str:
        why = [
            each.note if isinstance(each, SkippedByPerson) else self.words(each)
            for each in dose.reasons
            if not isinstance(each, Provisional)
        ]
        said = "; ".join(filter(None, why))
        return f" ({said})" if said else ""


def status_object(course: Course, advice: Advice, language: Language = ENGLISH) -> dict[str, Any]:
    """Return where a course stands, as a JSON object; only reasons are in the reader's language."""
    words = reason_text(course.citing, language)

    def shown(dose: AssessedDose | None) -> dict[str, Any] | None:
        return dose_object(course, dose, language) if dose else None

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
        "sources": [title for each in off for title in course.citing.source_titles(each.sources)],
        "changes": change,
        "after": shown(advice.after),
        "undecided": [each.number for each in advice.undecided],
        "decision_missing": advice.decision_missing,
        "question": advice.question or None,
        "stopped": advice.stopped.on.isoformat() if advice.stopped else None,
    }
