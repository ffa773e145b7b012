"""The catalogue as a list: id, medicine, indication and regimen of each schedule."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from dosecal.outputs.formats import Listing, TextRow
from dosecal.store.catalogue import CatalogueEntry, load
from dosecal.words.language import Language, marked

KEYS: Final = ("id", "medicine", "indication", "regimen")
"""The heads in English and for a program."""
HEAD: Final = (
    marked("Schedule"),
    marked("Medicine"),
    marked("Indication"),
    marked("Regimen"),
)


def catalogue_listing(entries: Sequence[CatalogueEntry], reader: Language) -> Listing:
    """Return the list of these schedules; the index, which is in English, does for a program."""

    def indexed() -> Iterator[TextRow]:
        return ((each.id, each.medicine, each.indication, each.regimen) for each in entries)

    def objects() -> list[dict[str, Any]]:
        shown = [each._asdict() for each in entries]
        return [{key: each[key] for key in each if key != "also"} for each in shown]

    if reader.code == "en":
        return Listing(KEYS, indexed, KEYS, indexed, objects)
    head = tuple(map(reader.text, HEAD))
    return Listing(head, lambda: _rows(entries, reader), KEYS, indexed, objects)


def _rows(entries: Sequence[CatalogueEntry], reader: Language) -> Iterator[TextRow]:
    """Yield the cells of each schedule in the language of the reader."""
    from dosecal.words.schedule import indication_words, regimen_words

    for each in entries:
        named = load(each.id).named(reader.code)
        use = indication_words(named, reader)
        yield each.id, named.medicine, use, regimen_words(named, reader)
