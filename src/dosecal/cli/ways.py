"""What a person types: to act on a course, and to mend a mistake.

Nothing below this package knows a command or an option: an error says what is wrong and carries
the values, and a list is handed these words. A browser hands in the names of its buttons instead.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from dosecal.errors import (
    BatchEndedError,
    ChoicesOpenError,
    DosecalError,
    NoCourseFileError,
    NoScheduleError,
    NoSourceError,
    PageTooFullError,
    PdfMissingError,
    Refusal,
    RefusedError,
    SurfaceMissingError,
    WeightMissingError,
)

START: Final = "--start DATE"
"""What shows the dates of a start."""
_ANSWERS: Final = "--then keep|shift|restart"


class Typed(NamedTuple):
    """The commands on the course of a file, as `outputs.status.Ways` asks for them."""

    file: object

    def record(self) -> str:
        """Return what records an administration."""
        return f"dosecal record {self.file} --on DATE"

    def answer(self) -> str:
        """Return what is added to it with the prescriber's answer."""
        return _ANSWERS

    def skip(self, number: int) -> str:
        """Return what leaves a dose out."""
        return f"dosecal skip {self.file} --dose {number}"

    def decide(self, number: int) -> str:
        """Return what records the prescriber's answer about a recorded dose."""
        return f"dosecal decide {self.file} --dose {number} {_ANSWERS}"

    def decide_part(self, number: int) -> str:
        """Return what records the answer about the rest of a dose given in part."""
        return f"dosecal decide {self.file} --dose {number} --then keep|repeat"

    def end_hold(self) -> str:
        """Return what ends a hold."""
        return f"dosecal hold {self.file} --end DATE"

    def resume(self) -> str:
        """Return what takes the treatment up again after a stop."""
        return f"dosecal step {self.file} --to PHASE --on DATE"

    def status(self) -> str:
        """Return what says where the course stands."""
        return f"dosecal status {self.file}"


def _no_course_file(error: NoCourseFileError) -> str:
    if error.is_schedule:
        return f"; to begin a course: dosecal new NAME.toml --schedule {error.path} --start DATE"
    return f"; to begin one: dosecal new {error.path} --schedule ID --start DATE"


def _choices_open(error: ChoicesOpenError) -> str:
    name, _, _ = error.choices[0].name.partition("=")
    return (
        f'\nchoose with --choose "{name}=VALUE", or keep it in a course file under [choices.PHASE]'
    )


_WAYS_OUT: Final[dict[Refusal, str]] = {
    Refusal.BEFORE_START: (
        "; edit start in the course file, or begin a course under treatment with new --taken-until"
    ),
    Refusal.GIVEN_THAT_DAY: "; if another was given that day, name it with --dose",
    Refusal.ALREADY_GIVEN: "; to correct it, take that back first with void --dose {dose}",
    Refusal.ALREADY_SKIPPED: "; to correct it, take that back first with void --dose {dose}",
    Refusal.NOTHING_LEFT: "; what was given all the same is recorded with --extra",
    Refusal.WHICH_DOSE: " --dose {dose} or --dose {other}",
    Refusal.IN_TIME: ", leave --then out",
    Refusal.SITES_PER_INJECTION: "; give one --site for each",
    Refusal.SITE_NOT_ALLOWED: "; --any-site records it all the same",
    Refusal.ONE_SITE: "; --any-site records others",
    Refusal.OWN_SITES: "; --any-site records it all the same",
    Refusal.NO_SUCH_DOSE: "; what was given outside the plan is recorded with --extra",
    Refusal.NO_DAY_FOR_REPEAT: " --on DATE",
    Refusal.MOVED_ONTO_THE_NEXT: "; later doses move with it with --then shift",
    Refusal.MOVED_OUT_OF_TIME: "; if the prescriber agreed to it: --decided",
    Refusal.MOVED_INTO_A_GAP: "; if the prescriber agreed to it: --decided",
    Refusal.STEP_TOO_EARLY: "; if the prescriber agreed to it: --decided",
    Refusal.STEP_TOO_NEAR: "; if the prescriber agreed to it: --decided",
    Refusal.NO_AMOUNT: ": give it with --amount",
}


_REMEDIES: Final[dict[type[DosecalError], Callable[[Any], str]]] = {
    BatchEndedError: lambda _: "; run it again with --resume",
    ChoicesOpenError: _choices_open,
    NoCourseFileError: _no_course_file,
    NoScheduleError: lambda error: (
        f"{' ' if error.meant.endswith('?') else chr(10) if error.meant else '; '}"
        "`dosecal list` shows the catalogue"
    ),
    NoSourceError: lambda _: ": name it with --source TITLE",
    PageTooFullError: lambda _: "; give an earlier --until",
    RefusedError: lambda error: _WAYS_OUT.get(error.why, "").format(**error.values),
    PdfMissingError: lambda _: (
        "; in the clone of the repository: pip install '.[pdf]', or leave --pdf out and print the "
        "page from a browser"
    ),
    SurfaceMissingError: lambda _: (
        ": give the body surface in m2: in a course file as bsa_m2 = 1.73, else with --bsa 1.73"
    ),
    WeightMissingError: lambda _: (
        ": give the weight in kg: in a course file as weight_kg = 72.5, else with --weight 72.5"
    ),
}


def in_words(error: DosecalError) -> str:
    """Return what is wrong and, where the command line can mend it, what to type."""
    remedy = _REMEDIES.get(type(error))
    return f"{error}{remedy(error) if remedy else ''}"
