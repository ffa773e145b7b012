"""What can go wrong, as values: one root, one class for each exit code.

Only the command line turns these into messages and exit codes; each carries its data.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

MAX_SHOWN: Final = 400
"""The most characters of a file that a message repeats in one place, inclusive."""
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
        return printable(f"{place}{self.what}{allowed}{hint}".replace("\n", "\\n"))


def bounded_problem(where: str, what: str, allowed: str = "", hint: str = "") -> Problem:
    """Return a problem with no more of a file in it than a message repeats."""
    return Problem(_cut(where), _cut(what), _cut(allowed), hint)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."


def printable(text: str) -> str:
    """Return lines without a character that could move a terminal's cursor: those as escapes."""
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    )


def described(value: object) -> str:
    """Return a value as a message shows it: its type where that is the mistake, cut short."""
    names: dict[type, str] = {dict: "a table", list: "a list", bool: "true or false"}
    if type(value) in names and not isinstance(value, bool):
        return names[type(value)]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"the time {value.isoformat()}"
    if isinstance(value, date):
        return f"the date {value.isoformat()}"
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a number of more than 20 digits"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


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


class UnsoundError(DosecalError):
    """A schedule or a course built in Python says what no file of it could say.

    Attributes:
        problems: Every one of them, with the place where it stands.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


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

    def __init__(self, phase: str, weight_kg: "Decimal | None") -> None:
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


class PageTooFullError(RequestError):
    """More doses or months are asked for than a printed page holds."""

    def __init__(self, doses: int, months: int, *, most_doses: int, most_months: int) -> None:
        self.doses = doses
        self.months = months
        super().__init__(
            f"{doses} doses in {months} months are more than a page holds: at most {most_doses} "
            f"doses and {most_months} months"
        )


class PdfMissingError(RequestError):
    """What makes a PDF is not installed: the extra, or a library of the system that it needs."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"a PDF needs what is not installed: {why}")


class NoSourceError(RequestError):
    """Facts about a source are stated, and no source."""

    def __init__(self) -> None:
        super().__init__("a basis and an address are a source's, and no source is named")


class ControlCharacterError(RequestError):
    """A stated fact, such as the brand, holds a control character."""

    def __init__(self, fact: str) -> None:
        self.fact = fact
        super().__init__(f"the {fact} holds a control character")


class BatchEndedError(RequestError):
    """A process of a batch was ended from outside; what it has written stands."""

    def __init__(self) -> None:
        super().__init__("a process of this batch was ended")


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
        return printable(f"{self.name}: {self.allowed}{said}")


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


class OthersCalendarError(RequestError):
    """A calendar file is that of another course: it is not written over."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"{path} holds the calendar of another course or start; it stays as it is: give "
            "another name, or delete it first"
        )


class NoScheduleError(RequestError):
    """There is no schedule of this id; `meant` says which may be meant, or is ""."""

    def __init__(self, id: str, meant: str) -> None:
        self.id = id
        self.meant = meant.strip()
        super().__init__(
            f'no schedule "{id}" in the catalogue and no file of that name'
            f"{'; ' + self.meant if self.meant else ''}"
        )


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


class Refusal(StrEnum):
    """Why an entry is not taken into a log; its text says it, `{names}` filled in."""

    BEFORE_START = "{on} lies before the start of the course, {start}"
    AFTER_TODAY = "{on} lies after today, {today}: record a dose once it was given"
    GIVEN_THAT_DAY = "dose {dose} is recorded as given on {on}"
    ALREADY_GIVEN = "dose {dose} is recorded already: given on {on}"
    ALREADY_SKIPPED = "dose {dose} is recorded already: skipped"
    ALREADY_TAKEN = "dose {dose} was given before this record began, due {target}"
    NOTHING_LEFT = "every dose of the course is given, skipped or missed"
    WHICH_DOSE = (
        "dose {dose} of {target} is open, and dose {other} of {other_target} is nearer to {on}: "
        "which one was it?"
    )
    NO_SUCH_DOSE = "there is no dose {dose}: the course has doses 1 to {last}"
    TOO_FAR_AHEAD = (
        "dose {dose} is due on {target}, more than a year after {on}: is the number right?"
    )
    IN_TIME = "dose {dose} was given in time on {on} (due {earliest} to {latest}): it moves nothing"
    NOTHING_TO_DECIDE = (
        "dose {dose} was given in time on {on} (due {earliest} to {latest}): it moves nothing and "
        "there is nothing to decide"
    )
    NOT_GIVEN = "dose {dose} is not recorded as given: record it first"
    OTHER_UNIT = "{amount} is in another unit than the dose, {dose}"
    SITES_PER_INJECTION = "dose {dose} is {injections}: a site for each, not {sites}"
    SITE_NOT_ALLOWED = "{site} is {bar} (allowed on {on}: {allowed})"
    ONE_SITE = "all injections of a dose go to one site"
    OWN_SITES = "each injection of a dose goes to a site of its own (allowed on {on}: {allowed})"
    HOLD_ENDS_FIRST = "a hold until {last} would end before it begins, {first}"
    NO_HOLD = "no hold had begun by {on}"
    NOTHING_TO_VOID = "there is no {about} to take back"
    MOVED_TO_THE_PAST = "{to} lies before today, {today}: what was given is recorded"
    MOVED_BEFORE_THE_LAST = "{to} is not after dose {other}, {other_day}"
    MOVED_ONTO_THE_NEXT = "{to} is not before dose {other}, due {other_day}"
    MOVED_OUT_OF_TIME = "{to} is not in time for dose {dose} ({earliest} to {latest}): {rule}"
    MOVED_INTO_A_GAP = "{to} is nearer to {other_day} than the {gap} that a source asks for"
    NO_DAY_FOR_REPEAT = "a dose that is repeated is due on another day: on which?"
    REPEATED_TOO_SOON = "{on} is not after the day on which dose {dose} was given, {given}"
    STEP_TO_NOWHERE = 'there is no phase "{to}" in the schedule {schedule}'
    STEP_INTO_THE_PAST = "dose {dose} is recorded on {given}, not before the step on {on}"
    STEP_TOO_EARLY = "phase {phase} began on {began} and lasts at least {least}: until {until}"
    STEP_TOO_NEAR = (
        "{on} is {days} after dose {dose}, {other_day}: less than half the {every} between doses "
        "of phase {phase}"
    )
    STOPPED_INTO_THE_PAST = "dose {dose} is recorded on {given}, not before the stop on {on}"
    NO_AMOUNT = "no dose is left to take the amount from"
    SUPPLY_UNCLEAR = "a number of injections in the house is 0 or more, one added is not 0"


class RefusedError(RequestError):
    """An entry is not taken into a log.

    Attributes:
        why: The kind of refusal.
        values: What its text names, and whatever else tells the way out.
    """

    def __init__(self, why: Refusal, **values: object) -> None:
        self.why = why
        self.values = values
        super().__init__(why.value.format(**values))


class AddressError(RequestError):
    """The address of a server cannot be used.

    Attributes:
        what: What is wrong, as it follows on the address's name (" is no address").
        allowed: What would be right.
    """

    def __init__(self, what: str, allowed: str) -> None:
        self.what = what
        self.allowed = allowed
        super().__init__(f"the server's address{what}; {allowed}")


class LoginInAddressError(AddressError):
    """The address of a server holds a user name or a password, which others could see there."""

    def __init__(self) -> None:
        super().__init__(" holds a user name or a password", "give both apart from it")


class ServerError(DosecalError):
    """A server refused or failed (exit 13); no event on it is half written."""


class CertificateError(ServerError):
    """The certificate of a server cannot be verified, so nothing was sent.

    Attributes:
        url: The server's address, as it is shown.
        why: What is wrong with the certificate.
    """

    def __init__(self, url: str, why: str) -> None:
        self.url = url
        self.why = why
        super().__init__(f"{url}: its certificate cannot be verified, nothing was sent ({why})")


class ElsewhereError(ServerError):
    """A server points to another one, to which the password does not go by itself.

    Attributes:
        url: The address that was asked, as it is shown.
        where: The address on the other server, as it is shown.
    """

    def __init__(self, url: str, where: str) -> None:
        self.url = url
        self.where = where
        super().__init__(
            f"{url}: the server points to {where}; the password goes to no other server by itself"
        )


class SameNameError(ServerError):
    """Several calendars have the name that was asked for, and none of them is guessed.

    Attributes:
        url: The server's address, as it is shown.
        name: The calendars' name.
        calendars: Their addresses, as they are shown.
    """

    def __init__(self, url: str, name: str, calendars: tuple[str, ...]) -> None:
        self.url = url
        self.name = name
        self.calendars = calendars
        super().__init__(
            f'{url}: {len(calendars)} calendars are named "{name}": {", ".join(calendars)}'
        )


class NotMadeError(ServerError):
    """A calendar could not be made.

    Attributes:
        name: The calendar's name.
        why: What the server did in place of it.
    """

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f'{why} (making the calendar "{name}")')


class NoHomeError(ServerError):
    """A server does not say where a user's calendars are.

    Attributes:
        url: The address that was asked, as it is shown.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"{url}: the server does not say where this user's calendars are")


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
