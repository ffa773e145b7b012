"""The shipped schedules, by id.

What `dosecal list` shows of them stands in one small index beside them, so that a list need not
read every file; `index_text` makes it anew from the files, and a test compares the two.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from dosecal.errors import RequestError

if TYPE_CHECKING:
    from dosecal.schedule import Schedule

INDEX: Final = "index.tsv"


class Entry(NamedTuple):
    """What the catalogue says of a schedule in one line."""

    id: str
    medicine: str
    brand: str
    indication: str
    jurisdiction: str
    regimen: str


def folder() -> str:
    """Return where the schedules lie: inside the package, or beside `src` in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.join(package, "schedules")
    if os.path.isdir(installed):
        return installed
    return os.path.join(os.path.dirname(os.path.dirname(package)), "schedules")


def entries() -> tuple[Entry, ...]:
    """Return the catalogue in order of id."""
    with open(os.path.join(folder(), INDEX), encoding="utf-8") as file:
        return tuple(Entry(*line.rstrip("\n").split("\t")) for line in file)


def ids() -> tuple[str, ...]:
    """Return the ids of the catalogue, sorted."""
    return tuple(entry.id for entry in entries())


def load(id: str) -> "Schedule":
    """Return a schedule of the catalogue.

    Raises:
        RequestError: There is none with this id.
    """
    known = ids()
    if id not in known:
        from dosecal.slips import near_miss

        hint = near_miss(id, known)
        raise RequestError(
            f'no schedule "{id}" in the catalogue and no file of that name; '
            f"{hint + ' ' if hint else ''}`dosecal list` shows the catalogue"
        )
    return _read(id)


def schedules() -> Iterator["Schedule"]:
    """Yield every schedule of the folder in order of id."""
    for name in sorted(os.listdir(folder())):
        id, suffix = os.path.splitext(name)
        if suffix == ".toml":
            yield _read(id)


def index_text() -> str:
    """Return what the index has to hold: a line of tab-separated cells for each schedule."""
    from dosecal.sentence import sentence

    rows = (
        (each.id, each.medicine, each.brand, each.indication, each.jurisdiction, sentence(each))
        for each in schedules()
    )
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def _read(id: str) -> "Schedule":
    from dosecal.schedule_file import read_schedule

    path = os.path.join(folder(), f"{id}.toml")
    with open(path, "rb") as file:
        return read_schedule(file.read(), id, path)
