"""The clinic's work list: who is on it, in what order, in four forms, in flat memory."""

import csv
import io
import json
import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main
from dosecal.clinic import work_list as due_module
from dosecal.clinic.patients_file import Patient
from dosecal.clinic.work_list import ListedRow, WorkItem, WorkList, find
from dosecal.formats.course_file import read_course
from dosecal.model.course import Course
from dosecal.model.languages import LANGUAGES
from dosecal.plan.advice import advise
from dosecal.plan.assess import doses
from dosecal.plan.walk import Status
from dosecal.store.catalogue import load
from dosecal.words.language import language

S = "netakimab-psoriasis"  # no missed-dose rule: ask
HEAD = "id,schedule,start"
HEAD_WORDS = (
    "Patient", "Medicine", "No.", "Dose", "Injections", "Sites", "Status", "Target", "Where",
)  # fmt: skip
HEAVY = (
    "icalendar",
    "sqlite3",
    "multiprocessing",
    "concurrent",
    "csv",
    "hashlib",
    "tempfile",
    "json",
    "pathlib",
    "difflib",
)
ROOT = Path(__file__).parents[2]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["due", *map(str, arguments)])


def write(path: Path, *lines: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path


def course(path: Path, start: str = "2026-12-01", *log: str, schedule: str = S) -> Path:
    head = f'format = 1\nschedule = "{schedule}"\nid = "{path.stem}"\nstart = {start}\n'
    path.write_text("\n".join([head, *log]), encoding="utf-8")
    return path


def given(dose: int, day: str, then: str = "") -> str:
    more = f'then = "{then}"\n' if then else ""
    return f"[[given]]\ndose = {dose}\ndate = {day}\n{more}"


def listed(*arguments: object) -> list[tuple[str, str, int | None, str]]:
    """Return (patient, date, number, status) of each entry."""
    found = run(*arguments, "--format", "json")
    return [
        (each["id"], each["date"], each["number"], each["status"])
        for each in json.loads(found.stdout)["rows"]
    ]


CASES = {
    # log, today, from and until (None: the default), entries, exit code
    "due today": ((), "2026-12-01", None, [("2026-12-01", 1, "due")], 0),
    "from another day": (
        (), "2026-12-01", ("2026-12-08", "2026-12-14"),
        [("2026-12-08", 2, "upcoming")], 0,
    ),
    "late without a rule": (
        (given(1, "2026-12-01"),), "2026-12-10", None,
        [("2026-12-10", 2, "late"), ("2026-12-15", 3, "upcoming")], 12,
    ),
    "late is listed whatever the dates": (
        (given(1, "2026-12-01"),), "2026-12-10", ("2027-03-01", "2027-03-02"),
        [("2026-12-10", 2, "late")], 12,
    ),
    "given late and not decided": (
        (given(1, "2026-12-01"), given(2, "2026-12-10")), "2026-12-11", None,
        [("2026-12-10", 2, "given"), ("2026-12-15", 3, "upcoming")], 12,
    ),
    "given late and decided": (
        (given(1, "2026-12-01"), given(2, "2026-12-10", "keep")), "2026-12-11", None,
        [("2026-12-15", 3, "upcoming")], 0,
    ),
    "skipped": (
        (given(1, "2026-12-01"), "[[skipped]]\ndose = 2\n"), "2026-12-08", None, [], 0,
    ),
    "on hold": (
        (given(1, "2026-12-01"), "[[hold]]\nfrom = 2026-12-05\n"), "2026-12-10", None, [], 0,
    ),
    "six days ahead": (
        (given(1, "2026-12-01"),), "2026-12-02", None, [("2026-12-08", 2, "upcoming")], 0,
    ),
    "not seven": ((given(1, "2026-12-01"),), "2026-12-01", None, [], 0),
    "nothing later hides it": (
        tuple(given(n + 1, f"2026-12-{1 + 7 * n:02}") for n in range(3)), "2027-01-06", None,
        [("2027-01-12", 4, "upcoming")], 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_who_is_listed(
    tmp_path: Path,
    case: tuple[tuple[str, ...], str, tuple[str, str] | None, list[tuple[str, int, str]], int],
) -> None:
    log, today, dates, entries, code = case
    path = course(tmp_path / "anna.toml", "2026-12-01", *log)
    between = ("--from", dates[0], "--until", dates[1]) if dates else ()
    found = listed(path, "--today", today, *between)
    assert found == [("anna", *entry) for entry in entries]
    assert run(path, "--today", today, *between).exit_code == code


LOGS = (
    "",
    given(1, "2026-12-01"),
    given(1, "2026-12-09"),
    given(1, "2026-12-01") + given(2, "2027-02-10"),
    given(1, "2026-12-09", "restart"),
    given(1, "2026-12-09") + given(2, "2026-12-20", "restart"),
    "[[hold]]\nfrom = 2026-12-10\n",
)


@pytest.mark.parametrize(
    "schedule", [S, "secukinumab-psoriasis-us", "golimumab-rheumatoid-arthritis"]
)
@pytest.mark.parametrize("log", LOGS)
def test_a_decision_is_missing_where_status_says_so(schedule: str, log: str) -> None:
    text = f'format = 1\nschedule = "{schedule}"\nid = "x"\nstart = 2026-12-01\n{log}'
    one = read_course(text.encode(), "x.toml", load)
    for day in range(0, 150, 7):
        today = date.fromordinal(date(2026, 12, 1).toordinal() + day)
        found = find(Patient("x", one), "x.toml", today, today, today)
        assert found.decision_missing == advise(one, today).decision_missing


def test_dated_checks_are_listed(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", "P1,ofatumumab-multiple-sclerosis-eu,2026-12-29")
    found = run(patients, "--today", "2026-12-01")
    assert found.exit_code == 0
    assert "2026-12-01 Tue\n" in found.stdout
    assert "check: live or live-attenuated vaccines given by now" in found.stdout
    assert listed(patients, "--today", "2026-11-24") == []


def test_the_order_is_late_first_then_by_day_time_and_patient(tmp_path: Path) -> None:
    folder = tmp_path / "courses"
    folder.mkdir()
    course(folder / "late.toml", "2026-12-02")
    course(folder / "later.toml", "2026-12-01")
    (folder / "schedule.toml").write_text(
        (ROOT / "schedules" / f"{S}.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    patients = write(
        tmp_path / "p.csv", f"C,{S},2026-12-08,09:00,Europe/Moscow", f"B,{S},2026-12-08,,",
        f"A,{S},2026-12-08,10:00,Europe/Moscow", f"D,{S},2026-12-07,,",
        head=f"{HEAD},time,timezone",
    )  # fmt: skip
    found = listed(patients, folder, "--today", "2026-12-07")
    assert [each[0] for each in found if each[3] == "late"] == ["later", "late"]
    assert [each[0] for each in found][2:] == ["D", "B", "later", "C", "A", "late"]


def test_every_form_tells_the_same(tmp_path: Path) -> None:
    patients = write(tmp_path / "p|1.csv", f"=1|2,{S},2026-12-01", f"Anna,{S},2026-12-02")
    anna = course(tmp_path / "Anna.toml", "2026-11-20")
    arguments = (patients, anna, "--today", "2026-12-01")
    found = json.loads(run(*arguments, "--format", "json").stdout)
    objects = found["rows"]
    lines = list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").stdout)))
    assert (list(found), found["errors"]) == (["rows", "errors"], [])
    assert list(objects[0]) == [
        "id", "course", "medicine", "label", "number", "target_date", "date", "status", "then",
        "reason", "dose", "injections", "sites", "checks",
    ]  # fmt: skip
    assert list(lines[0]) == [
        "patient", "source", "date", "time", "number", "medicine", "dose", "injections", "sites",
        "phase", "target_date", "earliest_date", "latest_date", "status", "check", "reason",
    ]  # fmt: skip
    for name, column in (("date", "date"), ("dose", "dose"), ("status", "status")):
        assert [each[name] for each in objects] == [each[column] for each in lines]
    assert [objects[0][name] for name in ("id", "course", "status", "then")] == [
        "Anna", str(anna), "late", "ask",
    ]  # fmt: skip
    assert {each["course"] for each in objects} == {str(anna), None}
    assert {each["patient"] for each in lines} == {"Anna", "'=1|2"}
    table = run(*arguments).stdout
    assert table.splitlines()[1] == "Late, or to be decided"
    assert "    why: " in table
    assert f"{patients}:2" in table
    markdown = run(*arguments, "--format", "markdown").stdout
    assert markdown.startswith("## Late, or to be decided\n\n| Time | Patient |")
    assert "=1\\|2" in markdown
    assert markdown.count("\n| --- |") == markdown.count("## ")


def test_what_is_wrong_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    patients = write(
        tmp_path / "p.csv", f"P1,{S},2026-12-01", "P2,x,2026-12-01", f"P1,{S},2026-12-01"
    )
    folder = tmp_path / "courses"
    folder.mkdir()
    course(folder / "good.toml")
    (folder / "bad.toml").write_text('schedule = "x"\n', encoding="utf-8")
    (folder / "cut.toml").write_bytes(b"")
    (folder / "wide.toml").write_bytes((folder / "good.toml").read_text("utf-8").encode("utf-16"))
    (tmp_path / "empty").mkdir()
    found = run(
        patients, folder, tmp_path / "none.csv", tmp_path / "empty", "--today", "2026-12-01"
    )
    assert found.exit_code == 11  # before 12: the list is not complete
    for message in (
        f"{patients}: line 3, column schedule: no schedule",
        f'{patients}: line 4, column id: "P1" stands in line 2 already',
        f"{folder / 'bad.toml'}: format: missing",
        f"{folder / 'cut.toml'}: format: missing",
        f"{folder / 'wide.toml'}: ",
        f"cannot read {tmp_path / 'none.csv'}",
        f"{tmp_path / 'empty'}: no course file (.toml) in this folder",
    ):
        assert message in found.stderr
    assert "P1" in found.stdout
    assert "good" in found.stdout


def test_an_empty_list_says_so(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", f"P1,{S},2026-12-20")
    found = run(patients, "--today", "2026-12-01")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "nobody is due, late or to be checked from 2026-12-01 to 2026-12-07" in found.stderr
    objects = json.loads(run(patients, "--today", "2026-12-01", "--format", "json").stdout)
    assert objects == {"rows": [], "errors": []}
    assert run(patients, "--from", "2026-12-02", "--until", "2026-12-01").exit_code == 2


RUSSIAN = """\
  Пациент  Препарат   №  Доза    Инъекции  Места                      Состояние   Плановая дата
Опаздывают или ждут решения
  anna     нетакимаб  1  120 мг  2         левое бедро, правое бедро  опаздывает  2026-12-01
{checks}
    почему: с опозданием на 2 дня: источник не указывает правила для этого; спросите лечащего врача\
"""


def test_the_list_is_in_the_readers_language(tmp_path: Path) -> None:
    path = course(tmp_path / "anna.toml")
    path.write_text(f'language = "de"\n{path.read_text(encoding="utf-8")}', encoding="utf-8")
    names = [language("ru").of_schedule(check.name)[0] for check in load(S).checks]
    checks = "\n".join(f"    перед этой дозой: {name}" for name in names)
    found = run(path, "--today", "2026-12-03", "--lang", "ru")
    assert found.stdout.startswith(RUSSIAN.format(checks=checks))
    assert "\n2026-12-08 вт\n" in found.stdout
    nobody = run(path, "--from", "2026-11-02", "--until", "2026-11-02", "--today", "2026-11-01",
                 "--lang", "ru")  # fmt: skip
    assert nobody.stderr == (
        "dosecal: с 2026-11-02 по 2026-11-02 нет ни доз, ни проверок, и никто не опаздывает\n"
    )


@pytest.mark.parametrize("code", sorted(LANGUAGES))
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_every_word_of_the_list_follows_the_language(tmp_path: Path, code: str, form: str) -> None:
    path, spoken = course(tmp_path / "anna.toml", "2026-12-01", given(1, "2026-12-01")), {}
    for lang in ("en", code):
        asked = ("--today", "2026-12-10", "--lang", lang, "--format", form)
        spoken[lang] = run(path, path, *asked).stdout  # two sources: the last column, too
    for word in (*HEAD_WORDS, "late", "upcoming", "left abdomen", "Late, or to be decided"):
        assert word in spoken["en"]
        assert language(code).text(word) in spoken[code]
    assert (spoken["en"] == spoken[code]) == (code == "en")


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_programs_read_keeps_its_keys_and_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    write(
        tmp_path / "p.csv", f"P1,{S},2026-12-12", "P2,ofatumumab-multiple-sclerosis-eu,2027-01-08"
    )
    course(tmp_path / "anna.toml")
    monkeypatch.chdir(tmp_path)

    def without_reasons(*arguments: str) -> tuple[list[dict[str, object]], list[object]]:
        text = run("p.csv", "anna.toml", "--today", "2026-12-10", "--format", form, *arguments)
        rows = (
            json.loads(text.stdout)["rows"]
            if form == "json"
            else [*csv.DictReader(io.StringIO(text.stdout))]
        )
        return rows, [row.pop("reason") for row in rows]

    (english, why), (russian, why_in_russian) = without_reasons(), without_reasons("--lang", "ru")
    assert {row["status"] for row in english} == {"late", "upcoming", "check"}
    assert english == russian
    assert why != why_in_russian


def test_an_unknown_language_names_those_that_exist(tmp_path: Path) -> None:
    found = run(course(tmp_path / "anna.toml"), "--lang", "xx")
    assert (found.exit_code, 'no language "xx"; there are de' in found.stderr) == (2, True)


COURSE = Course(load(S), "c", date(2026, 12, 1))
DOSE = next(doses(COURSE))


def entry(number: int) -> tuple[WorkItem, ListedRow]:
    day = date.fromordinal(740_000 + number * 7919 % 1000)
    status = Status.LATE if number % 50 == 0 else Status.UPCOMING
    dose = DOSE._replace(number=number, target=day, day=day, status=status)
    patient = Patient(f"P{number}", COURSE._replace(id=f"c{number % 7}"))
    row = ListedRow("h", (f"P{number}", "left thigh", "120 mg"), ("why",))
    return WorkItem(patient, "p.csv:1", day, dose, ()), row


def test_a_list_sorted_on_disk_is_that_sorted_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = WorkList(), WorkList()
    for number in range(500):
        few.add(*entry(number))
    monkeypatch.setattr(due_module, "IN_MEMORY", 60)
    for number in range(500):
        many.add(*entry(number))
    assert list(many) == list(few)
    assert list(many) == list(few), "it can be gone through twice"
    assert len(many) == len(few) == 500
    for each in (few, many):
        each.withdraw("c3")
        assert len(each) == 500 - 71
    assert list(many) == list(few)
    many.close()


def test_memory_does_not_grow_with_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_module, "IN_MEMORY", 200)
    peaks = []
    for count in (2_000, 6_000):
        work = WorkList()
        tracemalloc.start()
        for number in range(count):
            work.add(*entry(number))
        assert sum(1 for _ in work) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        work.close()
    assert peaks[1] < peaks[0] * 1.2


@pytest.mark.usefixtures("unmeasured")
def test_a_start_imports_nothing_heavy(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", f"P1,{S},2026-12-01")
    code = (
        "import sys; from dosecal.cli import main\n"
        f"try: main(['due', {str(patients)!r}])\n"
        f"except SystemExit: print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.splitlines()[-1] == "[]", found.stderr
