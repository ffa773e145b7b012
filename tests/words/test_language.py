"""Every language is complete, keeps every number, and is chosen in the stated order."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from dosecal.errors import RequestError
from dosecal.model.dates import TIME_UNITS, Interval
from dosecal.model.languages import LANGUAGES, of_environment
from dosecal.model.quantities import UNITS, Amount
from dosecal.model.schedule import Repeating, Window
from dosecal.store import catalogue
from dosecal.words.language import ENGLISH, language
from dosecal.words.schedule import ROUTES, phase_words, rule_words

SOURCE = Path(__file__).parents[2] / "src" / "dosecal"
FOLDER = SOURCE / "words" / "locale"
OTHERS = sorted(set(LANGUAGES) - {"en"})


class Extracted(NamedTuple):
    context: str | None
    one: str
    many: str | None = None


def extracted(source: str) -> Iterator[Extracted]:
    """Yield the messages of a module: literals handed to text, plural, plural_in and marked."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        words = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
        match name, words:
            case "text" | "marked", [str(one)]:
                yield Extracted(None, one)
            case "plural", [str(one), str(many), *_]:
                yield Extracted(None, one, many)
            case "plural_in", [str(context), str(one), str(many), *_]:
                yield Extracted(context, one, many)


MESSAGES = sorted(
    {each for path in SOURCE.rglob("*.py") for each in extracted(path.read_text("utf-8"))},
    key=str,
)


def po(code: str, domain: str = "dosecal") -> Catalog:
    with (FOLDER / code / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def texts(message: Message) -> list[str]:
    found = message.string
    return [found] if isinstance(found, str) else list(found or ())


def test_messages_are_found_in_every_form() -> None:
    source = """language.text("a"); marked("b"); f"{text('c', x=1)}"; language.plural("d", "e", 2)
language.plural_in("f", "g", "h", 2); text(variable)"""
    assert set(extracted(source)) == {
        Extracted(None, "a"), Extracted(None, "b"), Extracted(None, "c"),
        Extracted(None, "d", "e"), Extracted("f", "g", "h"),
    }  # fmt: skip
    assert len(MESSAGES) > 150


def test_each_language_has_its_catalogue_and_each_catalogue_its_language() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == OTHERS


@pytest.mark.parametrize("code", OTHERS)
def test_no_message_lacks_a_translation_and_none_is_left_over(code: str) -> None:
    found = po(code)
    wanted = {(each.context, each.one): each for each in MESSAGES}
    missing = [
        each
        for key, each in wanted.items()
        if not (message := found.get(key[1], key[0]))
        or not all(texts(message))
        or len(texts(message)) != (found.num_plurals if each.many else 1)
    ]
    assert missing == []
    assert [m.id for m in found if m.fuzzy and m.id] == []
    left = {(m.context, m.id[0] if isinstance(m.id, tuple) else m.id) for m in found if m.id}
    assert left - set(wanted) == set()


@pytest.mark.parametrize("code", OTHERS)
def test_translations_fill_in_the_same_values(code: str) -> None:
    found = po(code)
    wrong = []
    for each in MESSAGES:
        message = found.get(each.one, each.context)
        assert message is not None
        wanted = names(each.many or each.one)
        wrong += [text for text in texts(message) if names(text) != wanted]
    assert wrong == []


@pytest.mark.parametrize("code", OTHERS)
def test_texts_of_schedules_are_those_of_the_catalogue_with_the_same_numbers(code: str) -> None:
    known = {
        text
        for schedule in catalogue.schedules()
        for text in (
            *(phase.name for phase in schedule.phases),
            *(check.name for check in schedule.checks),
            *(part for note in schedule.notes for part in (note.about, note.text)),
            schedule.preparation.storage if schedule.preparation else "",
        )
    }
    for message in po(code, "schedules"):
        if message.id:
            assert message.id in known
            numbers = [
                sorted(re.findall(r"\d+(?:[.,]\d+)?", text.replace(",", ".")))
                for text in (str(message.id), str(message.string))
            ]
            assert numbers[0] == numbers[1], message.id


@pytest.mark.parametrize("code", OTHERS)
def test_names_of_phases_and_subjects_of_notes_are_in_every_language(code: str) -> None:
    """They head what a reader sees of every schedule; the texts of notes may stay English."""
    recurring = {
        text
        for schedule in catalogue.schedules()
        for text in (
            *(phase.name for phase in schedule.phases),
            *(note.about for note in schedule.notes),
        )
    }
    translated = {message.id for message in po(code, "schedules") if message.string}
    assert recurring - translated == set()


@pytest.mark.parametrize("id", [id for id in catalogue.ids() if id.startswith("netakimab")])
def test_netakimab_is_wholly_in_russian(id: str) -> None:
    russian, schedule = language("ru"), catalogue.load(id)
    stated = [
        *(phase.name for phase in schedule.phases),
        *(check.name for check in schedule.checks),
        *(part for note in schedule.notes for part in (note.about, note.text)),
    ]
    assert [text for text in stated if russian.of_schedule(text)[1] != "ru"] == []
    named = schedule.named("ru")
    assert (named.medicine, named.brand) == ("нетакимаб", "Эфлейра")
    assert re.search("[а-я]", named.indication)
    assert schedule.named("de") == schedule


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "de_DE@euro"}, "de"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "fr"}, "fr"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "pt_BR.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
    ],
)
def test_the_environment_chooses(environ: dict[str, str], code: str) -> None:
    assert of_environment(environ) == code


def test_an_unknown_language_names_those_that_exist() -> None:
    with pytest.raises(RequestError, match=r'no language "xx"; there are de \(Deutsch\), en'):
        language("xx")
    assert language("ru-RU") == language("RU_ru") == language("ru")
    assert language("en") is ENGLISH


PLURALS = [
    ("ru", 1, "1 день"), ("ru", 2, "2 дня"), ("ru", 5, "5 дней"), ("ru", 11, "11 дней"),
    ("ru", 21, "21 день"), ("ru", 0, "0 дней"), ("de", 1, "1 Tag"), ("de", 2, "2 Tage"),
    ("fr", 0, "0 jour"), ("fr", 2, "2 jours"), ("es", 0, "0 días"), ("zh", 3, "3天"),
    ("en", 1, "1 day"), ("en", 0, "0 days"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "count", "words"), PLURALS)
def test_plurals(code: str, count: int, words: str) -> None:
    assert language(code).interval(Interval(count, "day")) == words


def test_a_language_inflects_after_a_comparison() -> None:
    assert language("ru").compared_interval(Interval(2, "week")) == "2 недель"
    assert language("ru").compared_interval(Interval(1, "week")) == "1 недели"


@pytest.mark.parametrize(
    ("code", "weekday", "day", "month", "listed"),
    [
        ("en", "Tue", "Tue 1 Dec 2026", "December 2026", "1, 2 and 3"),
        ("ru", "вт", "вт, 1 дек. 2026\u202fг.", "декабрь 2026", "1, 2 и 3"),
        ("de", "Di", "Di., 1. Dez. 2026", "Dezember 2026", "1, 2 und 3"),
        ("es", "mar", "mar, 1 dic 2026", "diciembre 2026", "1, 2 y 3"),
        ("fr", "mar.", "mar. 1 déc. 2026", "décembre 2026", "1, 2 et 3"),
        ("zh", "周二", "2026年12月1日周二", "2026年12月", "1、2和3"),
    ],
)
def test_dates_and_lists(code: str, weekday: str, day: str, month: str, listed: str) -> None:
    found, when = language(code), date(2026, 12, 1)
    assert found.weekday(when) == weekday
    assert found.day(when).replace("\xa0", "\u202f") == day
    assert found.month(when) == month
    assert found.joined(["1", "2", "3"]) == listed
    assert found.joined(["1"]) == "1"


@given(
    st.sampled_from(sorted(LANGUAGES)),
    st.decimals("0.0001", "1000000", allow_nan=False, places=4),
    st.sampled_from(UNITS),
    st.sampled_from(["", "kg", "m2"]),
)
def test_a_dose_keeps_its_exact_value_in_every_language(
    code: str, value: Decimal, unit: str, per: Literal["", "kg", "m2"]
) -> None:
    words = language(code).amount(Amount(value, unit, per))
    number, _, rest = words.partition(" ")
    assert Decimal(number.replace(",", ".")) == value
    assert rest.count("/") == bool(per)


@pytest.mark.parametrize("code", sorted(LANGUAGES))
@pytest.mark.parametrize("id", catalogue.ids())
def test_every_shipped_phase_and_rule_has_words_with_its_numbers(code: str, id: str) -> None:
    schedule, found = catalogue.load(id), language(code)
    for number, phase in enumerate(schedule.phases):
        words = phase_words(phase, found, first=number == 0)
        for band in phase.bands:
            assert band.amount is None or found.amount(band.amount) in words
    for rule in schedule.missed:
        words = rule_words(rule, found)
        assert rule.range is None or str(rule.range.interval.count) in words


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_no_part_of_a_phase_is_lost_in_a_language(code: str) -> None:
    """What a dose needs to be given rightly: route, days of a cycle, window, number of doses."""
    found = language(code)
    timing = Repeating(
        Interval(28, "day"), Interval(9, "week"), follows=False, doses=44, on_days=(0, 13)
    )
    phase = (
        catalogue.load("netakimab-psoriasis")
        .phases[1]
        ._replace(
            timing=timing,
            route="intravenous",
            window=Window(Interval(3, "day"), Interval(7, "week")),
        )
    )
    words = phase_words(phase, found, first=False)
    assert found.text(ROUTES["intravenous"]) in words
    assert {"28", "9", "44", "0", "13", "3", "7"} <= set(re.findall(r"\d+", words))
    assert words.startswith(phase_words(phase._replace(window=None), found, first=False) + " (")


@pytest.mark.parametrize("unit", TIME_UNITS)
@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_no_interval_loses_its_number(code: str, unit: str) -> None:
    found = language(code)
    for count in range(130):
        assert re.search(rf"\b{count}(?!\d)", found.interval(Interval(count, unit)))
