"""The shipped schedules, by id.

What `dosecal list` shows of them stands in one small index beside them, so that a list need not
read every file; `index_text` makes it anew from the files, and a test compares the two.
"""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from dosecal.errors import RequestError

if TYPE_CHECKING:
    from dosecal.model.schedule import Schedule

INDEX: Final = "index.tsv"
_SHORT: Final = 3  # letters of a word that names no medicine
_SHOWN: Final = 8  # schedules that a message names


class CatalogueEntry(NamedTuple):
    """What the catalogue says of a schedule in one line; `also`: its names in other languages."""

    id: str
    medicine: str
    brand: str
    indication: str
    jurisdiction: str
    regimen: str
    also: str

    def holds(self, words: Iterable[str]) -> bool:
        """Say whether all the words stand in its id or names, in capitals or not."""
        names = (self.id, self.medicine, self.brand, self.indication, self.also)
        text = " ".join(names).casefold()
        return all(word.casefold() in text for word in words)


def folder() -> str:
    """Return where the schedules lie: inside the package, or beside `src` in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "schedules")
    if os.path.isdir(installed):
        return installed
    return os.path.join(os.path.dirname(os.path.dirname(package)), "schedules")


def entries() -> tuple[CatalogueEntry, ...]:
    """Return the catalogue in order of id."""
    with open(os.path.join(folder(), INDEX), encoding="utf-8") as file:
        return tuple(CatalogueEntry(*line.removesuffix("\n").split("\t")) for line in file)


def ids() -> tuple[str, ...]:
    """Return the ids of the catalogue, sorted."""
    return tuple(entry.id for entry in entries())


def load(id: str) -> "Schedule":
    """Return a schedule of the catalogue.

    Raises:
        RequestError: There is none with this id.
    """
    if id not in ids():
        raise RequestError(
            f'no schedule "{id}" in the catalogue and no file of that name; '
            f"{_meant(id)}`dosecal list` shows the catalogue"
        )
    return _read(id)


def _meant(name: str) -> str:
    """Return which schedules a person may mean: all of a medicine where it is one, or ""."""
    from dosecal.model.hints import nearest

    known = entries()
    words = name.split()
    found = [entry for entry in known if entry.holds(words)] if words else []
    if not found:
        names = {
            word.strip(",;()")
            for entry in known
            for word in f"{entry.medicine} {entry.brand} {entry.also}".split()
            if len(word) > _SHORT
        }
        near = nearest(name, (*ids(), *sorted(names)))
        found = [entry for entry in known if near and entry.holds((near,))]
        found = [entry for entry in found if entry.id == near] or found
    if len(found) == 1:
        return f'did you mean "{found[0].id}"? '
    if not found:
        return ""
    shown = [f"  {entry.id} - {entry.indication}" for entry in found[:_SHOWN]]
    if len(found) > _SHOWN:
        shown.append(f"  and {len(found) - _SHOWN} more")
    return "\n".join(["did you mean one of these:", *shown, ""])


def schedules() -> Iterator["Schedule"]:
    """Yield every schedule of the folder in order of id."""
    for name in sorted(os.listdir(folder())):
        id, suffix = os.path.splitext(name)
        if suffix == ".toml":
            yield _read(id)


def index_text() -> str:
    """Return what the index has to hold: a line of tab-separated cells for each schedule."""
    from dosecal.sentence.write import sentence

    rows = (
        (
            each.id,
            each.medicine,
            each.brand,
            each.indication,
            each.jurisdiction,
            sentence(each),
            " ".join(word for names in each.names for word in names[1:]),
        )
        for each in schedules()
    )
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def _read(id: str) -> "Schedule":
    from dosecal.formats.schedule_file import read_schedule

    path = os.path.join(folder(), f"{id}.toml")
    with open(path, "rb") as file:
        return read_schedule(file.read(), id, path)
