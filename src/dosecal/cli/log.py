"""The commands that write into a course's log what is not an administration."""

from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

import click

from dosecal.cli import inputs, say
from dosecal.cli.options import (
    ANY_DOSE,
    BY,
    DRY_RUN,
    TODAY,
    ChoiceParam,
    DayParam,
    FileParam,
    TextParam,
    TimeParam,
    WeightParam,
    ZoneParam,
)
from dosecal.cli.ways import Typed
from dosecal.errors import RequestError
from dosecal.model.course import VOIDED_BY_KIND, voided_words
from dosecal.model.schedule import ANSWERS, STAY_OR_MOVE, Then
from dosecal.plan import entries
from dosecal.store import courses, named

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from pathlib import Path

    from dosecal.model.choices import Wanted
    from dosecal.model.course import Course, Entry

COURSE: Final = click.argument("course", type=FileParam())
_NOTE: Final = click.option(
    "--note", type=TextParam(), default="", help="Why; it stays in the file."
)
_DECIDED: Final = click.option(
    "--decided", is_flag=True, help="The prescriber agreed to what a rule speaks against."
)


def _add(
    file: "Path",
    make: "Callable[[Course], Entry]",
    today: date | None,
    words: "Callable[[Course], str]",
    *,
    dry_run: bool = False,
) -> None:
    """Add an entry to a course file, and say what it was and what comes next.

    Args:
        file: The course file.
        make: From the course before it to the entry.
        today: As given on the command line.
        words: From the course after it to what was recorded, in the reader's language.
        dry_run: Whether nothing is written.
    """
    before, after, _ = courses.append(file, make, inputs.now(), dry_run=dry_run)
    click.echo(words(after))
    say.say_next(before, after, file, inputs.today(today, after.zone))
    if dry_run:
        say.say_dry_run(after)


@click.command()
@COURSE
@click.option("--dose", "number", type=ANY_DOSE, required=True, help="Which dose.")
@_NOTE
@BY
@DRY_RUN
@TODAY
def skip(
    course: "Path", number: int, note: str, by: str, dry_run: bool, today: date | None
) -> None:
    """Write down that a dose is left out. Later dates stay."""
    from dosecal.plan.assess import doses
    from dosecal.words.doses import day_words

    ahead = 0

    def entry(of: "Course") -> "Entry":
        nonlocal ahead
        on = inputs.today(today, of.zone)
        ahead = entries.days_ahead(of, number, on)
        return entries.skip(of, number, on, note, by)

    def words(after: "Course") -> str:
        language = inputs.language("", after)
        due = next(each.target for each in doses(after) if each.number == number)
        return language.text(
            "dose {number}, due {date}, recorded as skipped",
            number=number, date=day_words(due, language),
        )  # fmt: skip

    _add(course, entry, today, words, dry_run=dry_run)
    if ahead > entries.FEW_AHEAD:
        click.echo(
            f"dosecal: {say.counted(ahead, 'dose')} before dose {number} are still to be given: is "
            f"the number right? dosecal void {course} --dose {number} takes it back",
            err=True,
        )


@click.command()
@COURSE
@click.option("--dose", "number", type=ANY_DOSE, required=True, help="Which dose.")
@click.option("--to", type=DayParam(), required=True, help="The day that was agreed.")
@click.option(
    "--then",
    type=click.Choice([each.value for each in STAY_OR_MOVE]),
    default="keep",
    show_default=True,
    help="Whether later dates stay or move with it.",
)
@_NOTE
@_DECIDED
@BY
@DRY_RUN
@TODAY
def move(
    course: "Path",
    number: int,
    to: Any,
    then: str,
    note: str,
    decided: bool,
    by: str,
    dry_run: bool,
    today: date | None,
) -> None:
    """Agree a dose for another day, alone or with those after it.

    Without --decided only a day that its window or a rule of the source allows.
    """

    def entry(of: "Course") -> "Entry":
        day = inputs.today(today, of.zone)
        return entries.move(
            of, number, inputs.on(to, day), day, then=Then(then), note=note, decided=decided, by=by
        )

    def words(after: "Course") -> str:
        from dosecal.words.doses import day_words

        language = inputs.language("", after)
        on = inputs.on(to, inputs.today(today, after.zone))
        return language.text(
            "dose {number} agreed for {date}", number=number, date=day_words(on, language)
        )

    _add(course, entry, today, words, dry_run=dry_run)


@click.command()
@COURSE
@click.option("--from", "first", type=DayParam(), help="First day, inclusive.")
@click.option("--until", type=DayParam(), help="Last day, inclusive. [default: without an end]")
@click.option("--end", type=DayParam(), help="End the latest hold instead: its last day.")
@click.option("--reason", type=TextParam(), default="", help="Why; it stays in the file.")
@BY
@DRY_RUN
@TODAY
def hold(
    course: "Path",
    first: Any,
    until: Any,
    end: Any,
    reason: str,
    by: str,
    dry_run: bool,
    today: date | None,
) -> None:
    """Pause the course, or end a pause.

    Doses in the hold are neither due nor late. After it the rules decide about the last of them.
    """
    if (first is None) == (end is None) or (end is not None and until is not None):
        raise RequestError(
            "either --from DATE, with --until DATE if the end is known, or --end DATE"
        )

    def entry(of: "Course") -> "Entry":
        day = inputs.today(today, of.zone)
        if end is not None:
            return entries.hold_end(of, inputs.on(end, day), by)
        last = None if until is None else inputs.on(until, day)
        return entries.hold(inputs.on(first, day), last, reason, by)

    def words(after: "Course") -> str:
        day, text = inputs.today(today, after.zone), inputs.language("", after).text
        if end is not None:
            return text("the hold ends with {date}", date=inputs.on(end, day))
        begins = inputs.on(first, day)
        if until is not None:
            last = inputs.on(until, day)
            return text("on hold from {first} until {last}", first=begins, last=last)
        return text(
            "on hold from {first} until ended with: {command}",
            first=begins, command=Typed(course).end_hold(),
        )  # fmt: skip

    _add(course, entry, today, words, dry_run=dry_run)


@click.command()
@COURSE
@click.option("--dose", "number", type=ANY_DOSE, required=True, help="Which recorded dose.")
@click.option(
    "--then",
    type=click.Choice([each.value for each in ANSWERS]),
    required=True,
    help="What the prescriber decided.",
)
@click.option("--on", type=DayParam(), help="Of a repeat: the day on which it is due again.")
@_DECIDED
@BY
@DRY_RUN
@TODAY
def decide(
    course: "Path",
    number: int,
    then: str,
    on: Any,
    decided: bool,
    by: str,
    dry_run: bool,
    today: date | None,
) -> None:
    """Record the decision about a dose given off its date, or in part.

    The plan follows it: later dates stay (keep), are counted from the day it was given (shift),
    the schedule begins again with it (restart), or it does not count and is due again on a day
    (repeat).
    """
    if on is not None and then != Then.REPEAT:
        raise RequestError("--on belongs to --then repeat")

    def entry(of: "Course") -> "Entry":
        day = None if on is None else inputs.on(on, inputs.today(today, of.zone))
        return entries.decision(of, number, Then(then), on=day, decided=decided, by=by)

    before, after, _ = courses.append(course, entry, inputs.now(), dry_run=dry_run)
    day = inputs.today(today, after.zone)
    if then == Then.REPEAT:
        text = inputs.language("", after).text
        again = inputs.on(on, day)
        click.echo(text("dose {number} does not count and is due again on {date}",
                        number=number, date=again))  # fmt: skip
        say.say_next(before, after, course, day)
    else:
        say.say_given(before, after, number, course, day)
    if dry_run:
        say.say_dry_run(after)


@click.command()
@COURSE
@click.argument("choice", type=ChoiceParam(), metavar="PHASE.KEY=VALUE")
@click.option("--from", "first", type=DayParam(), help="From which day on. [default: today]")
@BY
@DRY_RUN
@TODAY
def choose(
    course: "Path",
    choice: "Wanted",
    first: Any,
    by: str,
    dry_run: bool,
    today: date | None,
) -> None:
    """Record what the prescriber chose, from a day on.

    Such as "maintenance.every=12 weeks", where the schedule leaves an interval, a dose or weekdays
    open. Targets from that day are counted anew from the last one before it.
    """

    def entry(of: "Course") -> "Entry":
        day = inputs.today(today, of.zone)
        return entries.choose(of, choice, day if first is None else inputs.on(first, day), by)

    def words(after: "Course") -> str:
        day = inputs.today(today, after.zone)
        return inputs.language("", after).text(
            "{name} = {value} from {date} on", name=f"{choice.phase}.{choice.key}",
            value=choice.text, date=day if first is None else inputs.on(first, day),
        )  # fmt: skip

    _add(course, entry, today, words, dry_run=dry_run)


@click.command()
@COURSE
@click.option("--kg", type=WeightParam(), required=True, help="Body weight in kg.")
@click.option("--on", type=DayParam(), help="From which day on. [default: today]")
@BY
@DRY_RUN
@TODAY
def weigh(
    course: "Path", kg: "Decimal", on: Any, by: str, dry_run: bool, today: date | None
) -> None:
    """Record the body weight from a day on.

    Doses that were given keep their amounts.
    """

    def entry(of: "Course") -> "Entry":
        day = inputs.today(today, of.zone)
        return entries.weigh(of, kg, day if on is None else inputs.on(on, day), by)

    def words(after: "Course") -> str:
        day, language = inputs.today(today, after.zone), inputs.language("", after)
        return language.text(
            "{weight} kg from {date} on", weight=language.number(kg),
            date=day if on is None else inputs.on(on, day),
        )  # fmt: skip

    _add(course, entry, today, words, dry_run=dry_run)


@click.command()
@COURSE
@click.option("--to", "phase", type=TextParam(), required=True, help="The phase.")
@click.option("--on", type=DayParam(), required=True, help="When its first dose is due.")
@click.option(
    "--schedule", type=TextParam(), default="", help="The other schedule that it is of: id or path."
)
@click.option(
    "--choose", "choices", type=ChoiceParam(), multiple=True,
    help="What the phase leaves open, as PHASE.KEY=VALUE; repeatable.",
)  # fmt: skip
@_DECIDED
@BY
@DRY_RUN
@TODAY
def step(
    course: "Path",
    phase: str,
    on: Any,
    schedule: str,
    choices: "tuple[Wanted, ...]",
    decided: bool,
    by: str,
    dry_run: bool,
    today: date | None,
) -> None:
    """Record the move to another phase or schedule.

    Its first dose is due on that day, with the next free number. After a stop it takes the
    treatment up again.
    """
    courses.check_there(course)
    other = named.schedule(schedule) if schedule else None
    kept = named.beside(schedule, course) if schedule else ""

    for choice in choices:  # they hold from the step on, and stand before it in the log

        def chosen(of: "Course", choice: "Wanted" = choice) -> "Entry":
            return entries.choose(of, choice, inputs.on(on, inputs.today(today, of.zone)), by)

        courses.append(course, chosen, inputs.now(), dry_run=dry_run)

    def entry(of: "Course") -> "Entry":
        day = inputs.on(on, inputs.today(today, of.zone))
        return entries.step(of, phase, day, schedule=other, name=kept, decided=decided, by=by)

    def words(after: "Course") -> str:
        language = inputs.language("", after)
        return language.text(
            "phase {phase} begins on {date}", phase=language.stated(phase),
            date=inputs.on(on, inputs.today(today, after.zone)),
        )  # fmt: skip

    _add(course, entry, today, words, dry_run=dry_run)


@click.command()
@COURSE
@click.option("--tz", "name", type=ZoneParam(), required=True, help="Such as Europe/Moscow.")
@click.option("--time", "clock", type=TimeParam(), help="Another time of day, too.")
@click.option("--on", type=DayParam(), help="From which day on. [default: today]")
@BY
@DRY_RUN
@TODAY
def zone(
    course: "Path",
    name: str,
    clock: time | None,
    on: Any,
    by: str,
    dry_run: bool,
    today: date | None,
) -> None:
    """Record another time zone, or hour, from a day on.

    Events before it stay.
    """

    def day(of: "Course") -> date:
        now = inputs.today(today, name)
        return now if on is None else inputs.on(on, now)

    def words(after: "Course") -> str:
        return inputs.language("", after).text(
            "time zone {zone} from {date} on", zone=name, date=day(after)
        )

    _add(course, lambda of: entries.zone(name, day(of), clock, by), today, words, dry_run=dry_run)


@click.command()
@COURSE
@click.option("--on", type=DayParam(), required=True, help="From which day nothing is planned.")
@click.option("--reason", type=TextParam(), default="", help="Why; it stays in the file.")
@BY
@DRY_RUN
@TODAY
def stop(course: "Path", on: Any, reason: str, by: str, dry_run: bool, today: date | None) -> None:
    """Stop the treatment: nothing is planned from a day on.

    What was given stays. `step` takes the treatment up again.
    """

    def entry(of: "Course") -> "Entry":
        return entries.stop(of, inputs.on(on, inputs.today(today, of.zone)), reason, by)

    def words(after: "Course") -> str:
        day = inputs.on(on, inputs.today(today, after.zone))
        return inputs.language("", after).text("the treatment is stopped on {date}", date=day)

    _add(course, entry, today, words, dry_run=dry_run)


@click.command()
@COURSE
@click.option("--dose", "number", type=ANY_DOSE, help="The dose whose latest entry to take back.")
@BY
@DRY_RUN
@TODAY
def void(
    course: "Path",
    number: int | None,
    by: str,
    dry_run: bool,
    today: date | None,
    **kinds: bool,
) -> None:
    """Take back the latest entry about a dose, or of a kind.

    It stays in the file and no longer counts. Of a dose: given, skipped or decided.
    """
    asked = [kind for kind, wanted in kinds.items() if wanted]
    if len(asked) + (number is not None) != 1:
        raise RequestError(
            "name what to take back: either --dose N or one of "
            + ", ".join(f"--{kind.replace('_', '-')}" for kind in VOIDED_BY_KIND.values())
        )
    taken: list[Entry] = []

    def entry(of: "Course") -> "Entry":
        voiding, past = entries.void(of, number, asked[0] if asked else "hold", by)
        taken[:] = [past]
        return voiding

    def words(after: "Course") -> str:
        language = inputs.language("", after)
        return language.text(
            "no longer counts: {entry}", entry=say.entry_words(taken[-1], language)
        )

    _add(course, entry, today, words, dry_run=dry_run)


for _kind in VOIDED_BY_KIND.values():
    _what = f"Take back the latest {voided_words(_kind)}."
    void = click.option(f"--{_kind.replace('_', '-')}", _kind, is_flag=True, help=_what)(void)

COMMANDS = {
    each.name: each
    for each in (skip, move, hold, decide, choose, weigh, step, zone, stop, void)
}  # fmt: skip
