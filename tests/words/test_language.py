"""Every language is complete, keeps every number, and is chosen in the stated order."""

import ast
import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from gettext import GNUTranslations, c2py
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import hatch_build
from dosecal.errors import RequestError
from dosecal.model.dates import TIME_UNITS, Interval
from dosecal.model.languages import LANGUAGES, of_environment
from dosecal.model.quantities import UNITS, Amount
from dosecal.model.schedule import Repeating, Window
from dosecal.sentence.write import begins_anew
from dosecal.store import catalogue
from dosecal.words import language as languages
from dosecal.words.language import ENGLISH, language
from dosecal.words.rules import rule_words
from dosecal.words.schedule import ROUTES, phase_words

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "dosecal"
FOLDER = SOURCE / "words" / "locale"
OTHERS = sorted(set(LANGUAGES) - {"en"})
COUNTS = range(130)
DAY = "{count} day"


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


def said(translations: GNUTranslations, message: Message) -> list[str]:
    """Return what a compiled catalogue says for a message: with a plural, for each count."""
    one, *many = [message.id] if isinstance(message.id, str) else message.id
    match message.context, many:
        case None, [several]:
            return [translations.ngettext(one, several, count) for count in COUNTS]
        case str(context), [several]:
            return [translations.npgettext(context, one, several, count) for count in COUNTS]
    return [translations.gettext(one)]


def stated(catalogue: Catalog, message: Message) -> list[str]:
    """Return what the text of a catalogue says in the same places."""
    if isinstance(message.id, str):
        return texts(message)
    form = c2py(catalogue.plural_expr)
    return [texts(message)[form(count)] for count in COUNTS]


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a copy of the Russian catalogue that is read instead, compiled."""
    folder = tmp_path / "src" / "locale" / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for text in (FOLDER / "ru" / "LC_MESSAGES").glob("*.po"):
        (folder / text.name).write_bytes(text.read_bytes())
    hatch_build.compile_in_place(tmp_path)
    monkeypatch.setattr(languages, "LOCALES", str(tmp_path / "src" / "locale"))
    return folder


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test pass because a text was compiled anew."""

    def refuse(text: bytes, code: str) -> bytes:
        raise AssertionError

    monkeypatch.setattr(languages, "_compiled", refuse)


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("tail", [True, False], ids=["in place", "in a wheel"])
@pytest.mark.parametrize("domain", ["dosecal", "schedules"])
@pytest.mark.parametrize("code", OTHERS)
def test_the_compiled_catalogue_says_what_its_text_says(
    code: str, domain: str, tail: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FOLDER / code / "LC_MESSAGES" / f"{domain}.po"
    folder = tmp_path / "src" / "locale" / code / "LC_MESSAGES"
    folder.mkdir(parents=True)
    if tail:
        (folder / text.name).write_bytes(text.read_bytes())
        hatch_build.compile_in_place(tmp_path)
    else:
        (folder / f"{domain}.mo").write_bytes(hatch_build.compiled(text))
    monkeypatch.setattr(languages, "LOCALES", str(tmp_path / "src" / "locale"))
    translations = languages._read(code, domain)
    source = po(code, domain)
    messages = [message for message in source if message.id]
    assert messages
    for message in messages:
        assert said(translations, message) == stated(source, message), message.id


@pytest.mark.usefixtures("unread")
def test_a_compiled_catalogue_is_taken_as_it_is(copied: Path) -> None:
    assert languages._read("ru", "dosecal").ngettext(DAY, "", 1) == "{count} день"


@pytest.mark.parametrize("older_by_the_clock", [True, False])
def test_a_changed_text_wins_whatever_the_clock_says(
    copied: Path, older_by_the_clock: bool
) -> None:
    """As after a checkout of an older revision, or a text restored with its own time."""
    text, made = copied / "dosecal.po", copied / "dosecal.mo"
    text.write_bytes(text.read_bytes().replace("{count} день".encode(), "{count} сутки".encode()))
    os.utime(text, ns=(0, made.stat().st_mtime_ns + (-(10**9) if older_by_the_clock else 10**9)))
    assert languages._read("ru", "dosecal").ngettext(DAY, "", 1) == "{count} сутки"


def test_the_end_of_the_text_is_not_that_text(copied: Path) -> None:
    """As where somebody deletes the first messages: the compiled catalogue still has them."""
    text = copied / "dosecal.po"
    front = "Front: the figure faces you"
    first, rest = text.read_bytes().split(b"\n\n#: ical/events.py", 1)
    assert front in first.decode()
    text.write_bytes(rest)
    assert languages._read("ru", "dosecal").gettext(front) == front


@pytest.mark.parametrize("kept", [0, 4, 2000, -1])
def test_a_half_written_compiled_catalogue_is_not_taken(copied: Path, kept: int) -> None:
    made = copied / "dosecal.mo"
    made.write_bytes(made.read_bytes()[:kept])
    assert languages._read("ru", "dosecal").ngettext(DAY, "", 1) == "{count} день"


def test_without_a_compiled_catalogue_the_text_is_read(copied: Path) -> None:
    (copied / "dosecal.mo").unlink()
    assert languages._read("ru", "dosecal").ngettext(DAY, "", 1) == "{count} день"


@pytest.mark.parametrize("left", ["*.po", "*"])
def test_a_catalogue_whose_text_is_gone_is_not_taken(copied: Path, left: str) -> None:
    """A checkout that lost the language must not speak it from what was once compiled."""
    for path in copied.glob(left):
        path.unlink()
    with pytest.raises(FileNotFoundError, match=r"dosecal\.po"):
        languages._read("ru", "dosecal")


def test_compiling_asks_no_clock() -> None:
    """Else two builds of one revision would differ."""
    made = [hatch_build.compiled(path) for path in hatch_build.catalogues(ROOT)]
    assert len(made) == 2 * len(OTHERS)
    assert all(b"POT-Creation-Date: 1970-01-01 00:00" in each for each in made)


def test_words_without_lists_or_dates_need_no_babel(copied: Path) -> None:
    code = (
        "import sys; from dosecal.words import language\n"
        f"language.LOCALES = {str(copied.parents[1])!r}\n"
        "ru = language.language('ru')\n"
        "assert ru.plural('{count} day', '{count} days', 3) == '3 дня'\n"
        "assert 'babel' not in sys.modules\n"
        "assert ru.joined(['1', '2']) == '1 и 2'\n"
        "assert 'babel.messages' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-X", "utf8", "-c", code], check=True)


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


@pytest.mark.parametrize("domain", ["dosecal", "schedules"])
@pytest.mark.parametrize("code", OTHERS)
def test_no_message_stands_twice(code: str, domain: str) -> None:
    """A second translation of one message would win or lose without anybody seeing it."""
    text = (FOLDER / code / "LC_MESSAGES" / f"{domain}.po").read_text("utf-8")
    ids = re.findall(r'^(?:msgctxt (".*")\n)?msgid ((?:".*"\n)+)', text, re.MULTILINE)
    assert len(ids) > 40
    assert len(ids) == len(set(ids))


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
        words = phase_words(phase, found, first=begins_anew(schedule.phases, number))
        for band in phase.bands:
            assert band.amount is None or phase.choices or found.amount(band.amount) in words
    for rule in schedule.missed:
        words = rule_words(rule, found)
        for bound in (bound for clock in rule.clocks for bound in clock.ranges):
            assert str(bound.interval.count) in words


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
