"""The catalogue as rows: id, medicine, indication and regimen of each schedule."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from dosecal.outputs.rows import Row
from dosecal.store.catalogue import CatalogueEntry
from dosecal.words.language import Language, marked

if TYPE_CHECKING:
    from dosecal.model.schedule import Schedule

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


def index_rows(entries: Iterable[CatalogueEntry]) -> Iterator[Row]:
    """Yield the cells of each schedule as the index holds them, in English."""
    return ((each.id, each.medicine, each.indication, each.regimen) for each in entries)


def rows(schedules: "Iterable[Schedule]", reader: Language) -> Iterator[Row]:
    """Yield the cells of each schedule in the language of the reader."""
    from dosecal.words.schedule import regimen_words

    for each in schedules:
        named = each.named(reader.code)
        yield each.id, named.medicine, named.indication, regimen_words(named, reader)
