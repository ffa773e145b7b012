"""What can go wrong, as values: one root, one class for each exit code.

Only the command line turns these into messages and exit codes; each carries its data.
"""

from typing import NamedTuple


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
