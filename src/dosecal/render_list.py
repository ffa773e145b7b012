"""The catalogue as rows: id, medicine, indication and regimen of each schedule."""

from collections.abc import Iterable, Iterator
from typing import Final

from dosecal.catalogue import Entry, load
from dosecal.language import Language, marked
from dosecal.rows import Row

HEAD: Final = ("id", "medicine", "indication", "regimen")
"""The heads in English and for a program."""
HEAD_WORDS: Final = (
    marked("Schedule"),
    marked("Medicine"),
    marked("Indication"),
    marked("Regimen"),
)


def head(reader: Language) -> Row:
    """Return the heads of the columns."""
    return HEAD if reader.code == "en" else tuple(map(reader.text, HEAD_WORDS))


def rows(entries: Iterable[Entry], reader: Language) -> Iterator[Row]:
    """Yield the cells of each schedule.

    The index holds them in English; for another language the schedules are read.
    """
    if reader.code == "en":
        yield from ((each.id, each.medicine, each.indication, each.regimen) for each in entries)
        return
    from dosecal.schedule_words import regimen_words

    for each in entries:
        named = load(each.id).named(reader.code)
        yield each.id, named.medicine, named.indication, regimen_words(named, reader)
