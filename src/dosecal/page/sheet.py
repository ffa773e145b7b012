"""What the parts of the page for the fridge share: whose it is, and how its texts are marked up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from dosecal.model.course import Course, Extra, Stopped
from dosecal.model.schedule import Note, Schedule, Source
from dosecal.page.markup import Html, tag, together
from dosecal.plan.advice import first_open
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.doses import STATUSES, injections_words, site_words
from dosecal.words.language import NOT_TRANSLATED, Language
from dosecal.words.reasons import reason_text


@dataclass(frozen=True)
class Sheet:
    """What every part of the page needs.

    Attributes:
        undecided: Doses that were given and whose question stands open.
        extras: Administrations outside the plan within the dates of the page, in order of time.
        stopped: The stop of the treatment that holds, or is to come.
    """

    course: Course
    listed: tuple[AssessedDose, ...]
    undecided: tuple[AssessedDose, ...]
    first: date
    today: date
    language: Language
    extras: tuple[Extra, ...] = ()
    stopped: Stopped | None = None

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule of the next dose, with the sources of every other of the course."""
        shown = (self.next.schedule if self.next else None) or self.course.schedule
        return self.course._replace(schedule=shown).citing

    @property
    def next(self) -> AssessedDose | None:
        """The dose to act on: the first that is still to be given."""
        return first_open(self.listed)

    @property
    def cited(self) -> Schedule:
        """The schedule with the numbers of the list of sources for their titles."""
        numbers = {source.id: number for number, source in enumerate(self.titled, 1)}
        return self.schedule._replace(
            sources=tuple(
                each._replace(title=f"[{numbers[each.id]}]" if each.id in numbers else "")
                for each in self.schedule.sources
            ),
        )

    @cached_property
    def titled(self) -> tuple[Source, ...]:
        """The sources that may be named: of all that the page shows, so not the class's."""
        of = self.schedule
        of_class = set(of.class_sources) - set(_cited(of._replace(sources=())))
        return tuple(each for each in of.sources if each.title and each.id not in of_class)

    def refs(self, sources: Sequence[str]) -> Html | None:
        """Return the numbers of sources, each a link to its place in the list of sources."""
        order = [source.id for source in self.titled]
        links = [
            tag("a", f"[{order.index(each) + 1}]", href=f"#source-{order.index(each) + 1}")
            for each in sources
            if each in order
        ]
        return together(" ", *links) if links else None

    def stated(self, text: str) -> Html:
        """Return a text of the schedule, marked where it is not in the language of the page."""
        found, code = self.language.of_schedule(text)
        if code == self.language.code:
            return together(found)
        before, here, after = self.language.text(NOT_TRANSLATED, text="\n").partition("\n")
        assert here  # noqa: S101 - the text stands in the message, in every language
        return together(before, tag("span", found, lang=code), after)

    def day(self, day: date) -> Html:
        """Return a date as the reader writes it, unbroken."""
        return tag("time", self.language.day(day), datetime=day.isoformat(), class_="nowrap")


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def section(title: str, name: str, *parts: Html | None) -> Html:
    """Return a section under its heading; `name` is where a link finds it."""
    return tag("section", tag("h2", title, id=name), *parts, aria_labelledby=name)


def amount_and_injections(dose: AssessedDose, language: Language) -> str:
    """Write what a dose is: "120 mg in 2 injections"."""
    return language.text(
        "{dose} in {injections}",
        dose=language.amount(dose.amount),
        injections=injections_words(dose.injections, language),
    )


def site_list(sites: Sequence[str], language: Language) -> str:
    """Write sites in a list, one that stands twice once: "left thigh and right thigh"."""
    return language.joined([site_words(site, language) for site in dict.fromkeys(sites)])


def week(sheet: Sheet, day: date) -> int:
    """Return the week of the course in which a day lies, from 0."""
    return (day - sheet.course.start).days // 7


def word_beside(sheet: Sheet, dose: AssessedDose) -> str:
    """Return the word that a dose carries beside its date, or ""."""
    if dose.status is Status.UPCOMING:
        return ""
    if dose.status is Status.DUE and dose.day == sheet.today:
        return sheet.language.text("today")
    return sheet.language.text(STATUSES[dose.status])


def reasons_said(
    sheet: Sheet, dose: AssessedDose, kind: type | tuple[type, ...] | None = None
) -> list[str]:
    """Return the reasons of a dose in words, of some kinds or all."""
    words = reason_text(sheet.cited, sheet.language, sheet.language.day)
    return [words(each) for each in dose.reasons if kind is None or isinstance(each, kind)]


def placed(sheet: Sheet, abouts: Sequence[str]) -> Iterator[Html]:
    """Yield the notes about these subjects, in the order of the subjects."""
    for about in abouts:
        for note in sheet.schedule.notes:
            if note.about == about:
                yield note_item(sheet, note)


def _cited(value: object) -> Iterator[str]:
    """Yield the ids of the sources that the statements of a schedule name, its class left out."""
    if isinstance(value, tuple):
        yield from getattr(value, "sources", ())
        for each in value:
            yield from _cited(each)


def note_item(sheet: Sheet, note: Note) -> Html:
    """Return a note with its subject and its sources."""
    about, code = sheet.language.of_schedule(note.about)
    subject = tag("b", capital(about), ": ", lang=code if code != sheet.language.code else None)
    return tag("li", subject, sheet.stated(note.text), sheet.refs(note.sources))
