"""The shipped schedules, by id.

What `dosecal list` shows of them, and the words that find them, stand in one small index beside
them, so that a list need not read every file; `index_text` makes it anew from the files, and a test
compares the two. The words in other languages come from the files' own names and from a table of
illnesses, classes, routes and countries beside them.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from dosecal.errors import NoScheduleError

if TYPE_CHECKING:
    from dosecal.model.schedule import Schedule

_ID: Final = re.compile("[a-z0-9][a-z0-9-]*")
INDEX: Final = "index.tsv"
WORDS: Final = "words.tsv"
"""The kind of a word, the word in English, German, Spanish, French, Russian and Chinese."""
_SHORT: Final = 3  # letters of a word that names no medicine
_COUNTRY: Final = 2  # letters of a jurisdiction: EU, US
_STEM: Final = 6  # letters at least of a name before what ends it in its language
_ENDING: Final = 2  # letters at most of its ending here
_OTHER_ENDING: Final = 5  # letters at most of its ending in another language
_ALIKE: Final = 0.75  # how alike a word that is meant is at least
_BESIDE: Final = re.compile(
    r"(,|\b(alone|single agent) or) with [^,;]*"
    r"|(отдельно или )?вместе с \w+"
)
"""What an indication says is taken beside the medicine; folded."""
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
        """Say whether all the words begin a word of what finds it, in capitals or not.

        Accents do not count. A country of two capitals (`EU`, `US`) is a word of its own: "us" is
        in "using" too. A medicine that is taken beside it ("alone or with methotrexate") finds it
        not.
        """
        countries = self.jurisdiction.replace(",", " ").split()
        text = self.searched()
        return all(
            word in countries if _is_country(word) else _begins_word(folded(word), text)
            for word in words
        )

    def searched(self) -> str:
        """Return what its words are looked for in."""
        names = (self.id, self.medicine, self.brand, self.indication, self.medicine_class)
        return _BESIDE.sub("", f"{folded(' '.join(names))} {folded(self.route)}, {self.also}")

    def is_named(self, word: str) -> bool:
        """Say whether a word is the name of its medicine or brand, whatever language ends it."""
        wanted = folded(word)
        names = re.findall(r"\w+", folded(f"{self.medicine} {self.brand}"))
        return len(wanted) > _SHORT and any(_is_inflected(wanted, name) for name in names)


def folded(text: str) -> str:
    """Return a text as it is searched: without capitals and accents."""
    if text.isascii():
        return text.casefold()
    from unicodedata import combining, normalize  # costs more than the list of an ASCII reader

    plain = normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not combining(letter))


def _begins_word(word: str, text: str) -> bool:
    """Say whether a word of a text begins so; in Chinese, whose words no space parts, anywhere."""
    if any("\u4e00" <= letter <= "\u9fff" for letter in word):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}", text) is not None


def _is_inflected(word: str, name: str) -> bool:
    """Say whether a word is a name, maybe with another ending: "semaglutida", "Zoledronsäure"."""
    same = (one == other for one, other in zip(word, name, strict=False))
    shared = sum(1 for _ in takewhile(bool, same))
    ends = len(word) - shared <= _OTHER_ENDING
    return word == name or (ends and shared >= max(len(name) - _ENDING, _STEM))


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


def found(words: Sequence[str]) -> tuple[CatalogueEntry, ...]:
    """Return the schedules that hold all the words; the name of a medicine finds its own alone."""
    known = entries()
    for word in words:
        named = tuple(entry for entry in known if entry.is_named(word))
        known = named or tuple(entry for entry in known if entry.holds((word,)))
    return known


def near(words: Sequence[str]) -> str:
    """Return the words with each that finds nothing by itself as it may be meant, or ""."""
    from dosecal.model.hints import nearest

    meant = [word if found((word,)) else nearest(folded(word), _names(), _ALIKE) for word in words]
    return " ".join(meant) if all(meant) and meant != list(words) and found(meant) else ""


def _names() -> list[str]:
    """Return the words that name or find a schedule, of those that are long enough to be one."""
    texts = (each.searched() for each in entries())
    return sorted({word for text in texts for word in re.findall(r"\w+", text)
                   if len(word) > _SHORT})  # fmt: skip


def load(id: str) -> "Schedule":
    """Return a schedule of the catalogue.

    Raises:
        RequestError: There is none with this id.
    """
    if not _ID.fullmatch(id) or not os.path.isfile(os.path.join(folder(), f"{id}.toml")):
        raise NoScheduleError(id, _meant(id))
    return _read(id)


def _meant(name: str) -> str:
    """Return which schedules a person may mean: all of a medicine where it is one, or ""."""
    from dosecal.model.hints import nearest

    chosen = found(name.split()) if name.split() else ()
    if not chosen:
        meant = nearest(name, (*ids(), *_names()))
        chosen = found((meant,)) if meant else ()
        chosen = tuple(entry for entry in chosen if entry.id == meant) or chosen
    spelt = folded("-".join(name.split()))
    chosen = tuple(entry for entry in chosen if entry.id == spelt) or chosen
    if len(chosen) == 1:
        return f'did you mean "{chosen[0].id}"? '
    if not chosen:
        return ""
    shown = [f"  {entry.id} - {entry.indication}" for entry in chosen[:_SHOWN]]
    if len(chosen) > _SHOWN:
        shown.append(f"  and {len(chosen) - _SHOWN} more")
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
    """Return the table of medicines, illnesses, classes, routes and countries in each language.

    Of a medicine the name in Chinese alone: in German, Spanish and French it is found by its stem,
    and its Russian name stands in the file.
    """
    with open(os.path.join(folder(), WORDS), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    return tuple(Word(kind, english, tuple(others)) for kind, english, *others in lines)


def speaks_of(word: Word, schedule: "Schedule") -> bool:
    """Say whether a word of the table holds for a schedule."""
    match word.kind:
        case "medicine":
            return _begins_word(folded(word.english), folded(schedule.medicine))
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
