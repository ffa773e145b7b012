"""What can go wrong, as values: one root, one class for each exit code.

Only the command line turns these into messages and exit codes; each carries its data.
"""

from decimal import Decimal
from typing import Final, NamedTuple

INTERRUPTED: Final = 130
"""The exit code after Ctrl-C, as shells have it."""


class Problem(NamedTuple):
    """State one thing that is wrong in a file.

    Attributes:
        where: Key path in the file (`phase[2].from`, entries counted from 1), or `line 7`, or "".
        what: What is wrong, with the value found.
        allowed: What would be right, or "".
        hint: A near miss ("did you mean ..."), or "".
    """

    where: str
    what: str
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        allowed = f" ({self.allowed})" if self.allowed else ""
        hint = f"; {self.hint}" if self.hint else ""
        return _printable(f"{place}{self.what}{allowed}{hint}")


def _printable(text: str) -> str:
    """Return text without a character that could move a terminal's cursor: those as escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


class DosecalError(Exception):
    """Any mistake of a user that dosecal can name."""

    @property
    def in_one_line(self) -> str:
        """The message on one line, as it stands within another."""
        return str(self).replace(":\n  ", ": ").replace("\n  ", "; ").replace("\n", "; ")


class FileError(DosecalError):
    """A file cannot be used; carries every problem found in it, not only the first."""

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file
        self.problems = problems
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))


class ScheduleFileError(FileError):
    """A schedule file is wrong (exit code 10)."""


class CourseFileError(FileError):
    """A course file is wrong (exit code 11)."""


class PatientsFileError(FileError):
    """A patients file is wrong (exit code 11)."""


class RequestError(DosecalError):
    """What was asked for cannot be done as asked; the message says what would be right (exit 2)."""


class WeightMissingError(RequestError):
    """A dose depends on the body weight, and it is not known."""

    def __init__(self, phase: str, doses: tuple[str, ...]) -> None:
        self.phase = phase
        self.doses = doses
        super().__init__(
            f'the dose of phase "{phase}" depends on body weight ({" · ".join(doses)})'
        )


class SurfaceMissingError(RequestError):
    """A dose depends on the body surface, and it is not known."""

    def __init__(self, phase: str, dose: str) -> None:
        self.phase = phase
        self.dose = dose
        super().__init__(f'the dose of phase "{phase}" depends on body surface ({dose})')


class NoStatedDoseError(RequestError):
    """The source states no dose for a body weight (None: a phase without a stated dose)."""

    def __init__(self, phase: str, weight_kg: Decimal | None) -> None:
        self.phase = phase
        self.weight_kg = weight_kg
        weight = "" if weight_kg is None else f" for a weight of {weight_kg} kg"
        super().__init__(
            f'the source states no dose{weight} in phase "{phase}": ask your prescriber'
        )


class NoDoseError(RequestError):
    """A dose worked out for a person rounds to nothing."""

    def __init__(self, phase: str, dose: str, step: str, size: str) -> None:
        self.phase = phase
        super().__init__(
            f'the dose of phase "{phase}" for {size}, {dose}, rounds to nothing (to the nearest '
            f"{step}): ask your prescriber"
        )


class TooManyInjectionsError(RequestError):
    """A dose would be more injections than anybody gives at once."""

    def __init__(self, phase: str, dose: str, count: int) -> None:
        self.phase = phase
        super().__init__(
            f'a dose of {dose} in phase "{phase}" would be {count} injections: more than 20 are a '
            "slip"
        )


class OpenChoice(NamedTuple):
    """State one thing that a schedule leaves to choose.

    Attributes:
        name: The phase and the key: "maintenance.every".
        allowed: The bounds: "10 to 14 weeks".
        sources: Titles of the sources that leave it open.
    """

    name: str
    allowed: str
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f" ({'; '.join(self.sources)})" if self.sources else ""
        return _printable(f"{self.name}: {self.allowed}{said}")


class ChoicesOpenError(RequestError):
    """A plan needs choices that nobody has made; none is ever guessed."""

    def __init__(self, choices: tuple[OpenChoice, ...]) -> None:
        self.choices = choices
        lines = "\n  ".join(str(each) for each in choices)
        super().__init__(f"the schedule leaves open, and the prescriber chooses:\n  {lines}")


class NoSuchChoiceError(RequestError):
    """What was to be chosen is no choice of the schedule, or was chosen twice."""

    def __init__(self, what: str, choices: tuple[OpenChoice, ...], hint: str = "") -> None:
        self.what = what
        self.choices = choices
        self.hint = hint
        there = "; ".join(str(each) for each in choices) or "the schedule leaves nothing open"
        super().__init__(str(Problem("", what, f"to choose: {there}", hint)))


class NoCourseFileError(RequestError):
    """There is no course file of this name; `is_schedule`: it is an id of the catalogue."""

    def __init__(self, path: str, *, is_schedule: bool) -> None:
        self.path = path
        self.is_schedule = is_schedule
        super().__init__(
            f"{path} is a schedule of the catalogue and no course file"
            if is_schedule
            else f"there is no course file {path}"
        )


class ServerError(DosecalError):
    """A server refused or failed (exit 13); no event on it is half written."""


class QuantityError(DosecalError):
    """A text is not the quantity, interval or bound that it should be.

    Attributes:
        what: What is wrong with the text.
        allowed: What would be right.
        hint: A near miss, or "".
    """

    def __init__(self, what: str, allowed: str, hint: str = "") -> None:
        self.what = what
        self.allowed = allowed
        self.hint = hint
        super().__init__(str(Problem("", what, allowed, hint)))
