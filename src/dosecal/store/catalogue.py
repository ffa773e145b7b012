"""The shipped schedules, by id.

What `dosecal list` shows of them, and the words that find them, stand in one small index beside
them, so that a list need not read every file; `index_text` makes it anew from the files, and a test
compares the two. The words in other languages come from the files' own names and from a table of
illnesses, classes, routes and countries beside them.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from dosecal.errors import RequestError

if TYPE_CHECKING:
    from dosecal.model.schedule import Schedule

INDEX: Final = "index.tsv"
WORDS: Final = "words.tsv"
"""The kind of a word, the word in English, German, Spanish, French, Russian and Chinese."""
_SHORT: Final = 3  # letters of a word that names no medicine
_COUNTRY: Final = 2  # letters of a jurisdiction: EU, US
_SHOWN: Final = 8  # schedules that a message names


class CatalogueEntry(NamedTuple):
    """What the catalogue says of a schedule in one line.

    Attributes:
        route: Its routes, the schedule's own first.
        also: Its names in other languages, and its illness, class, route and country in each,
            folded as `folded` does.
    """

    id: str
    medicine: str
    brand: str
    indication: str
    jurisdiction: str
    regimen: str
    medicine_class: str
    route: str
    also: str

    def holds(self, words: Iterable[str]) -> bool:
        """Say whether all the words stand in what finds it, in capitals or not, accents or not.

        A country of two capitals (`EU`, `US`) is a word of its own: "us" is in "adjusted" too.
        """
        names = (self.id, self.medicine, self.brand, self.indication, self.medicine_class)
        text = f"{folded(' '.join(names))} {folded(self.route)} {self.also}"
        countries = self.jurisdiction.replace(",", " ").split()
        return all(
            word in countries if _is_country(word) else folded(word) in text for word in words
        )


def folded(text: str) -> str:
    """Return a text as it is searched: without capitals and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _is_country(word: str) -> bool:
    return len(word) == _COUNTRY and word.isascii() and word.isupper()


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
    parts = map(os.path.splitext, os.listdir(folder()))
    for id in sorted(stem for stem, suffix in parts if suffix == ".toml"):
        yield _read(id)


def index_text() -> str:
    """Return what the index has to hold: a line of tab-separated cells for each schedule."""
    from dosecal.sentence.write import sentence

    table = words()
    rows = (
        (
            each.id,
            each.medicine,
            each.brand,
            each.indication,
            each.jurisdiction,
            sentence(each),
            each.medicine_class,
            ", ".join(dict.fromkeys((each.route, *(phase.route for phase in each.phases)))),
            _also(each, table),
        )
        for each in schedules()
    )
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


class Word(NamedTuple):
    """A word of the table: of what kind, in English, and what it is in the other languages."""

    kind: str
    english: str
    others: tuple[str, ...]


def words() -> tuple[Word, ...]:
    """Return the table of illnesses, classes, routes and countries in every language."""
    with open(os.path.join(folder(), WORDS), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    return tuple(Word(kind, english, tuple(others)) for kind, english, *others in lines)


def speaks_of(word: Word, schedule: "Schedule") -> bool:
    """Say whether a word of the table holds for a schedule."""
    match word.kind:
        case "illness":
            return folded(word.english) in folded(f"{schedule.indication} {schedule.medicine}")
        case "class":
            return folded(word.english) in folded(schedule.medicine_class)
        case "route":
            return word.english in {schedule.route, *(each.route for each in schedule.phases)}
        case _:
            return word.english in schedule.jurisdiction.replace(",", " ").split()


def _also(schedule: "Schedule", table: Iterable[Word]) -> str:
    """Return the words of other languages that find a schedule, folded, each once."""
    own = [word for names in schedule.names for word in names[1:]]
    own += [other for word in table if speaks_of(word, schedule) for other in word.others]
    return " ".join(dict.fromkeys(folded(" ".join(own)).split()))


def _read(id: str) -> "Schedule":
    from dosecal.formats.schedule_file import read_schedule

    path = os.path.join(folder(), f"{id}.toml")
    with open(path, "rb") as file:
        return read_schedule(file.read(), id, path)
