"""What to do about a mistake, in the words of the command line: its options and commands.

An error says what is wrong and carries the values; what a person types to mend it stands here
alone, so that another edge, a browser say, can find words of its own.
"""

from collections.abc import Callable
from typing import Any, Final

from dosecal.errors import (
    BatchEndedError,
    DosecalError,
    NoCourseFileError,
    NoSourceError,
    PageTooFullError,
    PdfMissingError,
    SurfaceMissingError,
    WeightMissingError,
)


def _no_course_file(error: NoCourseFileError) -> str:
    if error.is_schedule:
        return f"; to begin a course: dosecal new NAME.toml --schedule {error.path} --start DATE"
    return f"; to begin one: dosecal new {error.path} --schedule ID --start DATE"


_REMEDIES: Final[dict[type[DosecalError], Callable[[Any], str]]] = {
    BatchEndedError: lambda _: "; run it again with --resume",
    NoCourseFileError: _no_course_file,
    NoSourceError: lambda _: ": name it with --source TITLE",
    PageTooFullError: lambda _: "; give an earlier --until",
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
