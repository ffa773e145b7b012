"""What a person types to act on a course: the words that the layers below are handed.

Nothing below this package knows a command or an option; a browser hands in the names of its
buttons instead.
"""

from typing import Final, NamedTuple

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

    def end_hold(self) -> str:
        """Return what ends a hold."""
        return f"dosecal void {self.file} --hold"

    def status(self) -> str:
        """Return what says where the course stands."""
        return f"dosecal status {self.file}"
