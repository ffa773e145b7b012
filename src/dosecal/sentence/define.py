"""A schedule file from a sentence, for a medicine that the catalogue lacks.

Nothing in it passes for more than it is: the source is the user's word until it is filled in.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from dosecal.errors import (
    ControlCharacterError,
    NoSourceError,
    Problem,
    RequestError,
    ScheduleFileError,
)
from dosecal.formats.schedule_file import read_schedule
from dosecal.formats.schedule_tables import phase_table, table_lines
from dosecal.formats.toml import toml_text
from dosecal.model.schedule import Phase, Schedule
from dosecal.sentence.meaning import SOURCE_ID, Stated, meaning
from dosecal.sentence.tokens import clipped
from dosecal.sentence.write import begins_anew, sentence

NO_MEDICINE: Final = "medicine not stated"
NO_SOURCE: Final = "stated by the user; replace with the document, section and date"
USERS_BASIS: Final = "inference"

_END: Final = """\
# What else a source may state, each table with its own source (delete what it does not):
#
# [sites]
# regions = ["thigh", "abdomen"]  # in order of preference
# source = "stated"
#
# [[missed]]  # without one, a late dose is a question for the prescriber
# late = "<= 7 days"
# then = "keep"
# source = "stated"
"""


class Facts(NamedTuple):
    """What is known of a schedule besides its regimen; "" is not known."""

    medicine: str = ""
    brand: str = ""
    indication: str = ""
    jurisdiction: str = ""
    source: str = ""
    url: str = ""
    basis: str = USERS_BASIS


def define(text: str, facts: Facts) -> str:
    """Return the schedule file that a sentence and these facts give.

    Raises:
        NoSourceError: A basis or an address is stated without a source.
        ControlCharacterError: A fact holds one.
        RequestError: The sentence is wrong, is read in more than one way, or gives no valid
            schedule.
    """
    if not facts.source and (facts.url or facts.basis != USERS_BASIS):
        raise NoSourceError
    for name, value in facts._asdict().items():
        if not value.isprintable():
            raise ControlCharacterError(name)
    stated = meaning(text)
    body = file_text(tuple(each.phase for each in stated), facts)
    try:
        schedule = read_schedule(body.encode("utf-8"), SOURCE_ID, "")
    except ScheduleFileError as error:
        problems = [_in_words(problem, stated) for problem in error.problems]
        raise RequestError("\n".join(problems)) from None
    except OverflowError:
        raise RequestError("the phases run past the year 9999") from None
    return f"{_head(schedule)}{body}{_END}"


def file_text(phases: tuple[Phase, ...], facts: Facts) -> str:
    """Return a schedule file of these phases, all of them from the one source of the facts."""
    return "".join(f"{line}\n" for line in _lines(phases, facts))


def _head(schedule: Schedule) -> str:
    return f"""\
# Written by `dosecal define`:
# {sentence(schedule)}
#
# Save it as ID.toml: the name of the file is the schedule's id. Fill in what is marked FILL IN,
# run `dosecal check ID.toml`, and compare `dosecal show ID.toml` with the label, line by line.

"""


def _lines(phases: tuple[Phase, ...], facts: Facts) -> Iterator[str]:
    yield "format = 1"
    if facts.medicine:
        yield f"medicine = {toml_text(facts.medicine)}"
    else:
        yield f"medicine = {toml_text(NO_MEDICINE)}  # FILL IN: the nonproprietary name"
    for name in ("brand", "indication", "jurisdiction"):
        if value := getattr(facts, name):
            yield f"{name} = {toml_text(value)}"
        else:
            yield f'# {name} = "..."  # FILL IN, or delete this line'
    routes = {phase.route for phase in phases}
    route = phases[0].route if len(routes) == 1 else "subcutaneous"
    if route != "subcutaneous":
        yield f"route = {toml_text(route)}"
    schedule = Schedule(SOURCE_ID, "", phases, (), route=route)
    for place, phase in enumerate(phases):
        yield ""
        yield "[[phase]]"
        behind_a_step = place > 0 and begins_anew(phases, place)
        table = phase_table(phase, schedule, behind_a_step=behind_a_step)
        name, *lines = table_lines(table, "phase")
        yield f'{name}  # FILL IN: a word such as "loading"'
        yield from lines
    yield ""
    yield f"[sources.{SOURCE_ID}]"
    if facts.source:
        yield f"title = {toml_text(facts.source)}"
    else:
        yield f"title = {toml_text(NO_SOURCE)}  # FILL IN"
    if facts.url:
        yield f"url = {toml_text(facts.url)}"
    fill_in = "  # FILL IN: label, trial, guideline, secondary or inference"
    yield f"basis = {toml_text(facts.basis)}{fill_in if facts.basis == USERS_BASIS else ''}"
    yield ""


def _in_words(problem: Problem, stated: tuple[Stated, ...]) -> str:
    """Say a problem of the file in the words of the sentence."""
    for number, each in enumerate(stated, 1):
        path = f"phase[{number}]"
        if problem.where.startswith(path):
            key = problem.where.removeprefix(path).replace(".", ", ")
            return str(problem._replace(where=f'"{clipped(each.words)}"{key}'))
    return str(problem)
