"""`show` takes the options of every PLAN command, and `show` and `list` speak every language."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main
from dosecal.model.languages import LANGUAGES
from dosecal.sentence.write import begins_anew
from dosecal.store import catalogue
from dosecal.words.language import language
from dosecal.words.rules import rule_words
from dosecal.words.schedule import phase_words, regimen_words

SHAPES = Path(__file__).parents[1] / "cases" / "regimens"
BY_WEIGHT = "ustekinumab-psoriasis"
PLAN = ("netakimab-psoriasis", "--start", "2026-12-01")
OTHERS = sorted(set(LANGUAGES) - {"en"})


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], env=env)


def show(*arguments: object) -> list[str]:
    found = run("show", *arguments)
    assert (found.exit_code, found.stderr) == (0, "")
    return found.stdout.splitlines()


def doses(lines: list[str]) -> list[str]:
    """Return the lines of the first doses: number, offset, date."""
    return [line for line in lines if re.match(r" +\d+  \D", line)]


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize("id", catalogue.ids())
def test_a_schedule_is_explained_in_a_language_and_loses_nothing(id: str, lang: str) -> None:
    plan, reader = (id, "--start", "2026-12-01", "--lang"), language(lang)
    english, spoken = show(*plan, "en"), show(*plan, lang)
    schedule = catalogue.load(id).named(lang)
    text = "\n".join(spoken)
    for number, phase in enumerate(schedule.phases):
        first = begins_anew(schedule.phases, number)
        assert phase_words(phase, reader, first=first) in text
    for rule in schedule.missed:
        assert rule_words(rule, reader) in text
    for check in schedule.checks:
        assert reader.of_schedule(check.name)[0] in text
    for note in schedule.notes:
        assert reader.of_schedule(note.text)[0] in text
    assert schedule.indication in text
    for source in schedule.sources:
        assert f"[{source.id}] {source.title}" in text
    for one, other in zip(doses(english), doses(spoken), strict=True):
        assert re.findall(r"\d+", one)[:5] == re.findall(r"\d+", other)[:5]
    same = {line for line in spoken if line in english and line and line[0] != " "}
    assert same - {english[0]} == ({"Phases", "Sources"} if lang == "fr" else set())


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_columns_of_first_doses_are_aligned_in_any_script(lang: str) -> None:
    from dosecal.words.text import width

    lines = doses(show(*PLAN, "--lang", lang))
    assert len({width(line[: line.index("202")]) for line in lines}) == 1


def test_the_words_of_netakimab_in_russian() -> None:
    lines = show(*PLAN, "--lang", "ru")
    assert lines[:6] == [
        "нетакимаб (Эфлейра)",
        "Схема: netakimab-psoriasis",
        "Показание: бляшечный псориаз среднетяжёлой и тяжёлой степени, взрослые",
        "Класс: IL-17A inhibitor (не переведено)",
        "Страна или регион: RU",
        "Путь введения: под кожу (подкожно)",
    ]
    assert "   4  неделя 6      2027-01-12 вт  поддерживающий" in lines
    assert "  источники не указывают правила для опоздавшей дозы: спросите лечащего врача" in lines


@pytest.mark.parametrize(
    ("plan", "lang", "offset"),
    [
        ("day-0-and-day-7-then-monthly-at-own-sites", "ru", "неделя 5 + 2 месяца"),
        ("day-0-and-day-7-then-monthly-at-own-sites", "de", "Woche 5 + 2 Monate"),
        ("three-times-a-week", "fr", "jour 14"),
        ("days-0-7-21-and-month-12", "es", "mes 12"),
        ("alternate-days-then-weekly-then-monthly-then-quarterly", "ru", "день 40 + 1 месяц"),
        ("months-0-1-then-every-2-months-from-3", "zh", "第3个月"),
    ],
)
def test_offsets_in_words(plan: str, lang: str, offset: str) -> None:
    assert offset in "\n".join(doses(show(SHAPES / f"{plan}.toml", "--lang", lang)))


def test_the_dose_of_a_person_stands_beside_the_bands_and_the_doses() -> None:
    lines = show(BY_WEIGHT, "--weight", "105.5", "--count", "2", "--lang", "de")
    assert sum("; bei 105,5 kg: 90 mg [" in line for line in lines) == 2
    assert [line.split()[3:5] for line in doses(lines)] == [["90", "mg"]] * 2
    asked = ("--weight", "105.5", "--count", "2", "--format", "json")
    shown = json.loads(run("show", BY_WEIGHT, *asked).stdout)
    assert [each["dose"] for each in shown["first_doses"]] == ["90 mg", "90 mg"]
    plain = show(*PLAN, "--weight", "80")
    assert not any("for 80 kg" in line for line in plain)
    assert "120 mg in 2 injections  loading" in doses(plain)[0]


def test_a_weight_without_a_stated_dose_is_shown_as_such_and_never_filled() -> None:
    plan = SHAPES / "three-weight-bands-every-4-weeks.toml"
    lines = show(plan, "--weight", "20", "--count", "1")
    assert any("; for 20 kg: no stated dose [shape]" in line for line in lines)
    assert "no stated dose" in doses(lines)[0]
    asked = ("--weight", "20", "--count", "1", "--format", "json")
    (dose,) = json.loads(run("show", plan, *asked).stdout)["first_doses"]
    assert (dose["dose"], dose["injections"]) == (None, None)


def for_person(*options: str) -> list[str]:
    found = [line for line in show(*PLAN, *options) if line.startswith("  for this person: ")]
    return [line.removeprefix("  for this person: ") for line in found]


def test_sites_are_those_left_for_the_person() -> None:
    assert for_person() == []
    (all_of_them,) = for_person("--caregiver")
    assert all_of_them.endswith("left upper arm, right upper arm")
    (left,) = for_person("--avoid", "left-thigh")
    assert left == "right thigh, left abdomen, right abdomen; avoided: left thigh"
    thighs = ("--avoid", "left-thigh", "--avoid", "right-thigh", "--avoid", "left-abdomen")
    (none,) = for_person(*thighs)
    assert none.startswith("no sites: 2 needed, 1 allowed (for a caregiver only:")
    shown = json.loads(run("show", *PLAN, *thighs, "--format", "json").stdout)
    assert shown["phases"][0]["sites_offered"] == ["right-abdomen"]


def test_fewer_injections_at_a_weight_need_fewer_sites(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'format = 1\nmedicine = "testumab"\n[[phase]]\nname = "only"\nevery = "4 weeks"\n'
        'dose = [{ weight = "< 60 kg", dose = "1 mg" },'
        ' { weight = ">= 60 kg", dose = "2 mg", injections = 2 }]\nsource = "label"\n'
        '[sites]\nregions = ["thigh"]\nsource = "label"\n'
        '[sources.label]\ntitle = "t"\nbasis = "label"\n',
        "utf-8",
    )
    light = show(path, "--avoid", "left-thigh", "--weight", "50")
    assert "  for this person: right thigh; avoided: left thigh" in light
    heavy = show(path, "--avoid", "left-thigh", "--weight", "70")
    assert any("2 needed, 1 allowed" in line for line in heavy)


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ((), range(1, 13)),
        (("--count", "3"), range(1, 4)),
        (("--count", "20"), range(1, 21)),
        (("--until", "2026-12-15"), range(1, 4)),
        (("--until", "2028-12-31"), range(1, 30)),
        (("--from", "2027-01-12", "--count", "2"), range(4, 6)),
        (("--from", "2026-12-09", "--until", "2027-02-08"), range(3, 5)),
    ],
)
def test_which_first_doses(options: tuple[str, ...], numbers: range) -> None:
    lines = show(*PLAN, *options)
    assert [int(line.split()[0]) for line in doses(lines)] == list(numbers)
    assert ("Doses from 2" in "\n".join(lines)) is ("--from" in options)


def test_dates_do_not_count_where_the_start_is_not_known() -> None:
    bare = show(PLAN[0])
    assert show(PLAN[0], "--from", "2030-01-01", "--until", "2031-01-01") == bare
    assert show(PLAN[0], "--time", "09:00", "--tz", "Europe/Moscow", "--for", "Anna") == bare


def test_no_dose_in_the_dates_is_said() -> None:
    found = run("show", *PLAN, "--until", "2026-11-30")
    assert (found.exit_code, doses(found.stdout.splitlines())) == (0, [])
    assert found.stderr == ("dosecal: no dose until 2026-11-30; the course starts on 2026-12-01\n")
    weekdays = run("show", SHAPES / "three-times-a-week.toml", "--start", "2026-12-01", "--until",
                   "2026-11-30")  # fmt: skip
    assert "here on a Monday" not in weekdays.stdout


def test_doses_beyond_the_calendar_are_answered() -> None:
    found = run("show", "guselkumab-psoriasis", "--count", "100000")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "past the year 9999" in found.stderr


def test_a_course_gives_its_own_and_the_options_come_first(tmp_path: Path) -> None:
    course = tmp_path / "anna.toml"
    begun = run("new", course, "--schedule", BY_WEIGHT, "--start", "2026-12-01", "--weight", "70",
                "--avoid", "left-thigh", "--lang", "fr")  # fmt: skip
    assert begun.exit_code == 0
    french = show(course)
    assert "Premières doses (la semaine 0 est le début)" in french
    assert "2026-12-01" in doses(french)[0]
    assert "45 mg" in doses(french)[0]
    assert any("évité : cuisse gauche" in line for line in french)
    assert "90 mg" in doses(show(course, "--weight", "120", "--lang", "en"))[0]
    refused = run("show", course, "--start", "2027-01-01")
    assert (refused.exit_code, "leave --start out" in refused.stderr) == (2, True)


def test_json_is_english_in_every_language() -> None:
    english = run("show", *PLAN, "--format", "json").stdout
    for lang in OTHERS:
        assert run("show", *PLAN, "--format", "json", "--lang", lang).stdout == english
        assert run("list", "--format", "json", "--lang", lang).stdout == (
            run("list", "--format", "json").stdout
        )


@pytest.mark.parametrize("lang", OTHERS)
def test_the_catalogue_in_a_language(lang: str) -> None:
    asked = ("list", "--lang", lang, "--format")
    assert run(*asked, "csv").stdout == run("list", "--format", "csv").stdout
    head, *lines = run(*asked, "table").stdout.splitlines()
    text, reader = "\n".join(lines), language(lang)
    for word in ("Schedule", "Medicine", "Indication", "Regimen"):
        assert reader.text(word) in head
    for schedule in catalogue.schedules():
        named = schedule.named(lang)
        (line,) = (line for line in lines if line.startswith(f"{schedule.id} "))
        assert named.medicine in line
        assert named.indication in line
        assert line.endswith(regimen_words(schedule, reader))
    assert ("нетакимаб" in text) is (lang == "ru")
    assert run("list", env={"LC_ALL": f"{lang}.UTF-8"}).stdout == run(*asked, "table").stdout
    assert run(*asked, "markdown").stdout.startswith(f"| {reader.text('Schedule')} |")


def test_the_catalogue_in_english_is_the_index() -> None:
    rows = list(csv.reader(io.StringIO(run("list", "--format", "csv").stdout)))
    assert rows[0] == ["id", "medicine", "indication", "regimen"]
    entries = catalogue.entries()
    assert rows[1:] == [[e.id, e.medicine, e.indication, e.regimen] for e in entries]
    assert run("list", "--lang", "xx").exit_code == 2
