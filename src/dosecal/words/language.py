"""The reader's language: texts, plurals, lists, dates and doses, as one value that is passed on.

English stands in the code itself and needs nothing. Other languages are gettext catalogues,
`locale/<code>/LC_MESSAGES/*.po`, compiled when dosecal is built (docs/decisions/0004-languages.md);
Babel, for their lists, numbers and dates, is imported when the first of these is written.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from dosecal.model.dates import WEEKDAYS, Interval
from dosecal.model.languages import joined, known_code

if TYPE_CHECKING:
    from gettext import GNUTranslations

    from babel import Locale

    from dosecal.model.quantities import Amount

LOCALES: Final = f"{__file__.removesuffix('language.py')}locale"
"""The folder of the catalogues."""
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def marked(message: str) -> str:
    """Return a message as it is: it is a text to translate, put into words elsewhere."""
    return message


NOT_TRANSLATED: Final = marked("{text} (not translated)")
_LETTERS: Final = {"ru": ("\u0400", "\u04ff"), "zh": ("\u4e00", "\u9fff")}
"""The first and the last letter of the languages that are not written in Latin letters."""
UNITS: Final = {
    "mg": marked("mg"),
    "mcg": marked("mcg"),
    "g": marked("g"),
    "IU": marked("IU"),
    "units": marked("units"),
    "mL": marked("mL"),
    "kg": marked("kg"),
    "m2": marked("m²"),
}


class Language(NamedTuple):
    """A language to write for a reader in.

    Attributes:
        code: One of `LANGUAGES`.
        messages: dosecal's own words; for English, nothing: they stand in the code.
        schedule_texts: Words of the shipped schedules.
    """

    code: str = "en"
    messages: "GNUTranslations | None" = None
    schedule_texts: "GNUTranslations | None" = None

    @property
    def locale(self) -> "Locale | None":
        """What Babel knows of the language; None for English, which needs no Babel."""
        return None if self.code == "en" else _locale(self.code)

    def text(self, message: str, /, **values: object) -> str:
        """Return a message in this language, `{names}` filled in."""
        found = self.messages.gettext(message) if self.messages else message
        return found.format(**values)

    def plural(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Return the form of a message for a number, which is `{count}` in it."""
        if self.messages:
            found = self.messages.ngettext(one, many, count)
        else:
            found = one if count == 1 else many
        return found.format(count=count, **values)

    def plural_in(self, context: str, one: str, many: str, count: int, /) -> str:
        """Return the form of a message for a number, where a language inflects by context."""
        if self.messages:
            found = self.messages.npgettext(context, one, many, count)
        else:
            found = one if count == 1 else many
        return found.format(count=count)

    def of_schedule(self, text: str) -> tuple[str, str]:
        """Return a text of a schedule, and the code of the language that it is in.

        The texts of the catalogue are in English; a file of one's own may be written in the
        reader's language, which its letters show where they are not Latin ones.
        """
        if self.schedule_texts and text:
            if found := self.schedule_texts.gettext(text):
                return found, self.code
            first, last = _LETTERS.get(self.code, ("", ""))
            if any(first <= letter <= last for letter in text):
                return text, self.code
        return text, "en"

    def stated(self, text: str) -> str:
        """Return a text of a schedule; one that nobody has translated says so of itself."""
        found, code = self.of_schedule(text)
        if code == self.code or not text:
            return found
        return self.text(NOT_TRANSLATED, text=found)

    def joined(self, words: Sequence[str], last: Literal["and", "or"] = "and") -> str:
        """Join words as a list: "0, 1 and 2"."""
        if self.locale is not None:
            from babel.lists import format_list

            return format_list(words, "standard" if last == "and" else last, self.locale)
        return joined(words, last)

    def interval(self, interval: Interval) -> str:
        """Write a length of time: "4 weeks"."""
        count = interval.count
        match interval.unit:
            case "day":
                return self.plural("{count} day", "{count} days", count)
            case "week":
                return self.plural("{count} week", "{count} weeks", count)
            case "month":
                return self.plural("{count} month", "{count} months", count)
            case _:
                return self.plural("{count} year", "{count} years", count)

    def compared_interval(self, interval: Interval) -> str:
        """Write a length of time after a word such as "at least", where some languages inflect."""
        count = interval.count
        match interval.unit:
            case "day":
                return self.plural_in("compared", "{count} day", "{count} days", count)
            case "week":
                return self.plural_in("compared", "{count} week", "{count} weeks", count)
            case "month":
                return self.plural_in("compared", "{count} month", "{count} months", count)
            case _:
                return self.plural_in("compared", "{count} year", "{count} years", count)

    def number(self, number: Any) -> str:
        """Write a decimal exactly, with the decimal sign of the language."""
        from dosecal.model.quantities import plain  # `list` needs a language and no number

        text = plain(number)
        if self.locale is None:
            return text
        return text.replace(".", self.locale.number_symbols["latn"]["decimal"])

    def amount(self, amount: "Amount") -> str:
        """Write a dose: the exact value and its unit."""
        per = f"/{self.text(UNITS[amount.per])}" if amount.per else ""
        return f"{self.number(amount.value)} {self.text(UNITS[amount.unit])}{per}"

    def weekday(self, day: date) -> str:
        """Write the day of the week, short: "Tue"."""
        if self.locale is None:
            return WEEKDAYS[day.weekday()]
        return str(self.locale.days["stand-alone"]["abbreviated"][day.weekday()])

    def shortest_weekday(self, day: date) -> str:
        """Write the day of the week for the head of a calendar: "Tu"."""
        if self.locale is None:
            return self.weekday(day)[:2]
        width = "narrow" if self.code == "zh" else "short"  # in Chinese alone it is not ambiguous
        return str(self.locale.days["stand-alone"][width][day.weekday()]).rstrip(".")

    def day(self, day: date) -> str:
        """Write a date for a reader on paper, with its weekday: "Tue 1 Dec 2026"."""
        if self.locale is None:
            return f"{self.weekday(day)} {day.day} {MONTHS[day.month - 1][:3]} {day.year}"
        from babel.dates import format_skeleton

        return format_skeleton("yMMMEd", day, locale=self.locale)

    def month(self, day: date) -> str:
        """Write the month and the year: "December 2026"."""
        if self.locale is None:
            return f"{MONTHS[day.month - 1]} {day.year}"
        from babel.dates import format_date, format_skeleton

        if self.code == "zh":
            return format_skeleton("yMMMM", day, locale=self.locale)
        return format_date(day, "LLLL y", self.locale)

    @property
    def first_weekday(self) -> int:
        """The first day of the week in a calendar, 0 for Monday."""
        return 0 if self.locale is None else self.locale.first_week_day


ENGLISH: Final = Language()


def language(code: str) -> Language:
    """Return a language by its code.

    Raises:
        RequestError: There is none.
    """
    return _language(known_code(code))


@cache
def _language(code: str) -> Language:
    if code == "en":
        return ENGLISH
    from gettext import NullTranslations

    class Lacking(NullTranslations):
        """Says nothing for a text that a catalogue lacks, so that it is known from one kept."""

        def gettext(self, message: str) -> str:
            return ""

    stated = _read(code, "schedules")
    stated.add_fallback(Lacking())
    return Language(code, _read(code, "dosecal"), stated)


@cache
def _locale(code: str) -> "Locale":
    from babel import Locale

    return Locale.parse(code)


def _read(code: str, domain: str) -> "GNUTranslations":
    """Read a catalogue, compiled if that was made of the very text that stands beside it.

    A compiled catalogue ends with the text that it was made of, and in a wheel, where no text
    stands beside it, with nothing more. So one that is older than its text, or half written, is
    never taken, whatever the times of the two files say.

    Raises:
        FileNotFoundError: There is neither the text nor a compiled form that needs none.
    """
    from gettext import GNUTranslations
    from io import BytesIO

    path = f"{LOCALES}/{code}/LC_MESSAGES/{domain}"
    text, compiled = _content(f"{path}.po"), _content(f"{path}.mo") or b""
    if not compiled.endswith(b"\0" + (text or b"")):
        if text is None:
            raise FileNotFoundError(f"{path}.po")
        compiled = _compiled(text, code)
    return GNUTranslations(BytesIO(compiled))


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - importing pathlib would slow the start
            return file.read()
    except FileNotFoundError:
        return None


def _compiled(text: bytes, code: str) -> bytes:
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    binary = BytesIO()
    write_mo(binary, read_po(BytesIO(text), locale=code))
    return binary.getvalue()
