"""One patient and one course at a time: copies, two medicines, each patient's day, bad rows."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from dosecal.cli import main
from dosecal.clinic import patients_file
from dosecal.clinic.patients_file import Today
from dosecal.formats import course_file
from dosecal.ical.calendar_file import CalendarPart, calendar_bytes, calendar_of_several
from dosecal.ical.events import CalendarOptions
from dosecal.ical.revisions import calendar_plan
from dosecal.model.course import Course
from dosecal.model.dates import add_months, year_question
from dosecal.plan import walk
from dosecal.store.catalogue import load
from dosecal.words.reasons import reason_text

S = "netakimab-psoriasis"
OTHER = "adalimumab-rheumatoid-arthritis"
TODAY = ("--today", "2026-12-02")
GIVEN = '[[given]]\ndose = 1\ndate = 2026-12-01\nsites = ["left-thigh", "right-thigh"]\n'


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def table(path: Path, *lines: str, head: str = "id,schedule,start") -> Path:
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path


def course(path: Path, log: str = "", id: str = "one", **head: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    values = {"schedule": f'"{S}"', "id": f'"{id}"', "start": "2026-12-01"} | head
    lines = [f"{key} = {value}" for key, value in values.items()]
    path.write_text("\n".join(["format = 1", *lines, log]), encoding="utf-8")
    return path


def events(path: Path) -> list[str]:
    found = Calendar.from_ical(path.read_bytes())
    return [str(each["UID"]) for each in found.walk("VEVENT")]


# Copies of a course


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_of_two_files_with_one_course_neither_is_listed(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "courses"
    course(folder / "anna.toml", GIVEN)
    course(folder / "anna.sync-conflict.toml")
    course(folder / "anna.third.toml")
    course(folder / "boris.toml", id="two")
    found = run("due", folder, *TODAY, "--format", form)
    assert found.exit_code == 11
    said = found.stderr.splitlines()
    assert len(said) == 2
    for line, copy in zip(said, ("anna.third.toml", "anna.toml"), strict=True):
        assert line.startswith(
            f"dosecal: {folder / copy}: this course is that of {folder}/anna.sync-conflict.toml"
        )
    rows = found.stdout.split('"errors"')[0]
    assert "boris" in rows
    if form in ("csv", "json"):
        assert "anna" not in rows
    if form == "json":
        listed = json.loads(found.stdout)
        assert [each["id"] for each in listed["errors"]] == [
            "anna.third", "anna.sync-conflict", "anna",
        ]  # fmt: skip
        assert {each["column"] for each in listed["errors"]} == {"id"}
    if form in ("table", "markdown"):
        last = found.stdout.splitlines()[-1]
        assert last == "not read: 3 (anna.third, anna.sync-conflict, anna)"
    assert "nobody" not in found.stderr


def test_what_is_asked_of_a_copy_is_withdrawn_with_it(tmp_path: Path) -> None:
    for name in ("a", "b"):
        course(tmp_path / f"{name}.toml")
    assert run("due", tmp_path / "a.toml", *TODAY).exit_code == 12
    found = run("due", tmp_path / "a.toml", tmp_path / "b.toml", *TODAY)
    assert (found.exit_code, found.stdout) == (11, "not read: 2 (b, a)\n")


def test_the_same_file_named_twice_is_listed_once(tmp_path: Path) -> None:
    path = course(tmp_path / "courses" / "anna.toml", GIVEN)
    patients = table(tmp_path / "p.csv", "P1,courses/anna.toml", head="id,course")
    (tmp_path / "link.toml").symlink_to(path)
    once = json.loads(run("due", path, *TODAY, "--format", "json").stdout)
    assert len(once["rows"]) == 1
    for sources in (
        (path, path),
        (path, path.parent),
        (path, patients),
        (tmp_path / "link.toml", path),
    ):
        found = run("due", *sources, *TODAY, "--format", "json")
        listed = json.loads(found.stdout)
        assert (found.exit_code, len(listed["rows"]), listed["errors"]) == (0, 1, [])


def test_due_and_batch_refuse_the_same_row(tmp_path: Path) -> None:
    course(tmp_path / "anna.toml", GIVEN)
    course(tmp_path / "copy.toml")
    patients = table(tmp_path / "p.csv", "P1,anna.toml", "P2,copy.toml", head="id,course")
    said = (
        f"dosecal: {patients}: line 3, column course: this course is that of line 2 already "
        "(one course file a patient)"
    )
    due = run("due", patients, *TODAY, "--format", "json")
    batch = run("batch", patients, "-o", tmp_path / "out", *TODAY)
    assert (due.exit_code, batch.exit_code) == (11, 11)
    assert said in due.stderr.splitlines()
    assert said in batch.stderr.splitlines()
    assert [each["id"] for each in json.loads(due.stdout)["rows"]] == ["P1"]
    other = table(tmp_path / "q.csv", "P3,anna.toml", head="id,course")
    both = run("due", patients, other, *TODAY)
    assert f"{other}: line 2, column course: this course is that of {patients}:2" in both.stderr


def test_a_row_and_a_copy_beside_it_are_both_withdrawn(tmp_path: Path) -> None:
    course(tmp_path / "anna.toml", GIVEN)
    patients = table(tmp_path / "p.csv", "P1,anna.toml", head="id,course")
    copy = course(tmp_path / "other" / "copy.toml")
    for sources, ids in (((patients, copy), ["copy", "P1"]), ((copy, patients), ["P1", "copy"])):
        found = run("due", *sources, *TODAY, "--format", "json")
        listed = json.loads(found.stdout)
        assert (found.exit_code, listed["rows"]) == (11, [])
        assert [each["id"] for each in listed["errors"]] == ids


def test_check_names_a_copy(tmp_path: Path) -> None:
    one, two = course(tmp_path / "a.toml"), course(tmp_path / "b.toml")
    found = run("check", one, two)
    assert found.exit_code == 11
    assert f'{two}: id: "one" is the id of {one} too (one of them is a copy' in found.stdout
    assert run("check", one, one, course(tmp_path / "c.toml", id="c")).exit_code == 0


# What could not be read


def test_what_could_not_be_read_is_named_at_the_end(tmp_path: Path) -> None:
    patients = table(tmp_path / "p.csv", "P1,x,2026-12-01", "P2,y,2026-12-01", ",x,2026-12-01")
    found = run("due", patients, *TODAY)
    assert found.exit_code == 11
    assert found.stdout == "not read: 3 (P1, P2, line 4)\n"
    assert "nobody" not in found.stderr
    assert run("due", patients, *TODAY, "--lang", "ru").stdout == (
        "не прочитано: 3 (P1, P2, line 4)\n"
    )


def test_the_end_of_the_list_names_twenty(tmp_path: Path) -> None:
    patients = table(tmp_path / "p.csv", *(f"P{n},{S},x" for n in range(30)))
    (line,) = run("due", patients, *TODAY).stdout.splitlines()
    assert line == f"not read: 30 ({', '.join(f'P{n}' for n in range(20))}, ...)"


def test_errors_in_json_say_where(tmp_path: Path) -> None:
    patients = table(tmp_path / "p.csv", f"P1,{S},01.12.2026")
    found = json.loads(run("due", patients, *TODAY, "--format", "json").stdout)
    (error,) = found["errors"]
    assert error.pop("problem").startswith('"01.12.2026" can be 2026-01-12 or 2026-12-01')
    assert error == {"id": "P1", "source": str(patients), "line": 2, "column": "start"}


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    late = course(tmp_path / "late.toml")
    found = run("due", tmp_path / "none.toml", late, *TODAY)
    assert (found.exit_code, "late" in found.stdout) == (2, True)
    assert "not read: 1 (none)" in found.stdout
    bad = tmp_path / "bad.toml"
    bad.write_text('schedule = "x"\n', encoding="utf-8")
    assert run("due", tmp_path / "none.toml", late, bad, *TODAY).exit_code == 11


def fail(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError("a slip")


def test_a_mistake_of_dosecal_in_one_row_is_named_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row or file that dosecal itself stumbles over does not end the work of a clinic."""
    real = patients_file.read_patient

    def stumbles(row: patients_file.PatientRow, *more: object) -> object:
        return fail() if row.id == "P2" else real(row, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(patients_file, "read_patient", stumbles)
    patients = table(tmp_path / "p.csv", *(f"P{n},{S},2026-12-0{n}" for n in (1, 2, 3)))
    said = f"{patients}: line 3: a mistake of dosecal itself: ZeroDivisionError: a slip"
    due = run("due", patients, *TODAY)
    assert (due.exit_code, said in due.stderr) == (1, True)
    assert "not read: 1 (P2)" in due.stdout
    assert "P3" in due.stdout
    batch = run("batch", patients, "-o", tmp_path / "out", *TODAY)
    assert (batch.exit_code, said in batch.stderr) == (1, True)
    assert sorted(each.name for each in (tmp_path / "out").glob("*.ics")) == ["P1.ics", "P3.ics"]
    assert "ZeroDivisionError" in (tmp_path / "out" / "errors.csv").read_text(encoding="utf-8")
    assert run("batch", patients, "-o", tmp_path / "no", "--strict", *TODAY).exit_code == 1


def test_a_mistake_of_dosecal_in_a_plan_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "courses"
    course(folder / "anna.toml", GIVEN)
    course(folder / "boris.toml", id="two")
    real = course_file.read_course

    def stumbles(data: bytes, path: str, *more: object) -> object:
        return fail() if "anna" in path else real(data, path, *more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(course_file, "read_course", stumbles)
        found = run("due", folder, *TODAY)
    assert (found.exit_code, "boris" in found.stdout) == (1, True)
    assert f"{folder}/anna.toml: a mistake of dosecal itself" in found.stderr
    monkeypatch.setattr(walk, "judge", fail)
    found = run("due", folder, *TODAY)
    assert (found.exit_code, "anna" in found.stdout) == (1, True)
    assert f"{folder}/boris.toml: a mistake of dosecal itself" in found.stderr


HUGE = "0x" + "f" * 5000


@pytest.mark.parametrize("key", [f"start = {HUGE}", f"[[given]]\ndose = {HUGE}\ndate = 2026-12-01"])
def test_a_hostile_course_file_ends_no_list(tmp_path: Path, key: str) -> None:
    course(tmp_path / "c" / "a.toml", GIVEN)
    bad = course(tmp_path / "c" / "bad.toml", id="bad")
    bad.write_text(bad.read_text("utf-8").replace("start = 2026-12-01", "") + key, "utf-8")
    patients = table(tmp_path / "p.csv", "P1,c/a.toml", "P2,c/bad.toml", head="id,course")
    for arguments in (("due", tmp_path / "c"), ("batch", patients, "-o", tmp_path / "out")):
        found = run(*arguments, *TODAY)
        assert found.exit_code in (1, 11)
        assert "bad.toml" in found.stderr or "line 3, column course" in found.stderr
        assert isinstance(found.exception, SystemExit)
    assert (tmp_path / "out" / "P1.ics").exists()


# Two medicines of one patient


def two(path: Path, *more: str) -> Path:
    lines = (f"P-1,{S},2026-12-01", f"P-2,{S},2026-12-01", f"P-1,{OTHER},2026-12-02", *more)
    return table(path, *lines)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_rows_of_a_patient_become_one_calendar(tmp_path: Path, jobs: int) -> None:
    patients = two(tmp_path / "p.csv")
    found = run("batch", patients, "-o", tmp_path / "out", "--jobs", jobs, *TODAY)
    assert (found.exit_code, found.stderr) == (0, f"{tmp_path / 'out'}: 2 calendars written\n")
    alone = []
    for id, start in ((S, "2026-12-01"), (OTHER, "2026-12-02")):
        one = tmp_path / f"{id}.ics"
        assert run("ics", id, "--start", start, "--for", "P-1", "-o", one, *TODAY).exit_code == 0
        alone += events(one)
    together = events(tmp_path / "out" / "P-1.ics")
    assert sorted(together) == sorted(alone)
    assert len(set(together)) == len(together)
    index = (tmp_path / "out" / "index.csv").read_text(encoding="utf-8-sig").splitlines()
    assert index[1:] == [
        "P-2,P-2.ics,2026-12-01,2026-12-08,15",
        f"P-1,P-1.ics,2026-12-01,2026-12-02,{len(together)}",
    ]
    due = json.loads(run("due", patients, *TODAY, "--format", "json").stdout)["rows"]
    assert {each["medicine"] for each in due if each["id"] == "P-1"} == {"netakimab", "adalimumab"}


def test_resume_keeps_a_calendar_of_two_rows_until_one_changes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for start, kept in (("2026-12-02", 0), ("2026-12-02", 2), ("2026-12-03", 1)):
        lines = (f"P-1,{S},2026-12-01", f"P-2,{S},2026-12-01", f"P-1,{OTHER},{start}")
        patients = table(tmp_path / "p.csv", *lines)
        found = run("batch", patients, "-o", out, "--resume", *TODAY)
        match = re.search(r"(\d+) kept", found.stderr)
        assert (found.exit_code, int(match[1]) if match else 0) == (0, kept)
    fresh = tmp_path / "fresh"
    run("batch", patients, "-o", fresh, *TODAY)
    assert (out / "P-1.ics").read_bytes() == (fresh / "P-1.ics").read_bytes()


def test_the_same_schedule_twice_is_refused_and_the_first_counts(tmp_path: Path) -> None:
    own = (Path(__file__).parents[2] / "schedules" / f"{S}.toml").read_bytes()
    (tmp_path / f"{S}.toml").write_bytes(own)
    patients = two(tmp_path / "p.csv", f"P-1,{S},2026-12-09", f"P-1,./{S}.toml,2026-12-09")
    found = run("batch", patients, "-o", tmp_path / "out", *TODAY)
    assert found.exit_code == 11
    for line in (5, 6):
        said = f'line {line}, column id: "P-1" stands in line 2 already (each id once for each'
        assert said in found.stderr
        assert said in run("due", patients, *TODAY).stderr
    assert len(events(tmp_path / "out" / "P-1.ics")) == 15 + 27


def test_a_calendar_that_would_lack_a_medicine_is_not_written(tmp_path: Path) -> None:
    patients = two(tmp_path / "p.csv", "P-1,nothing,2026-12-01")
    found = run("batch", patients, "-o", tmp_path / "out", *TODAY)
    assert found.exit_code == 11
    assert not (tmp_path / "out" / "P-1.ics").exists()
    for line in (2, 4):
        said = f"line {line}, column id: not written, because line 5 of the same patient is wrong"
        assert said in found.stderr
    assert "3 rows are wrong" in found.stderr
    run("batch", table(patients, f"P-1,{S},2026-12-01"), "-o", tmp_path / "out", *TODAY)
    stands = (tmp_path / "out" / "P-1.ics").read_bytes()
    run("batch", two(patients, "P-1,nothing,2026-12-01"), "-o", tmp_path / "out", *TODAY)
    assert (tmp_path / "out" / "P-1.ics").read_bytes() == stands


def test_rows_far_apart_are_put_together_in_flat_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dosecal.clinic import spill

    lines = [*(f"P-{n},{S},2026-12-01" for n in range(60)),
             *(f"P-{n},{OTHER},2026-12-02" for n in reversed(range(60)))]  # fmt: skip
    patients = table(tmp_path / "p.csv", *lines)
    run("batch", patients, "-o", tmp_path / "a", *TODAY)
    monkeypatch.setattr(spill, "IN_MEMORY", 10)
    run("batch", patients, "-o", tmp_path / "b", *TODAY)
    a, b = (
        {each.name: each.read_bytes() for each in (tmp_path / name).glob("[!.]*")} for name in "ab"
    )
    assert (len(a), a) == (61, b)


def part(schedule: str, id: str, zone: str = "") -> CalendarPart:
    clock = datetime(2026, 1, 1, 9).time() if zone else None
    made = Course(load(schedule), id, date(2026, 12, 1), clock, zone)
    options = CalendarOptions()
    plan = calendar_plan(made, None, None, None, None)
    return CalendarPart(made, plan, reason_text(made.schedule, options.language), options)


@pytest.mark.parametrize("zone", ["", "Europe/Berlin", "Africa/Casablanca"])
def test_a_calendar_of_one_course_is_that_course_s(zone: str) -> None:
    one = part(S, "x", zone)
    alone = calendar_bytes(one.course, one.planned, reason_text=one.reason_text)
    assert calendar_of_several([one]) == alone


def test_each_zone_of_a_calendar_is_described_once_and_the_days_are_in_order() -> None:
    data = calendar_of_several(
        [part(S, "x", "Europe/Berlin"), part(OTHER, "y", "America/New_York"),
         part(S, "z", "Europe/Berlin"), part(OTHER, "w")]
    )  # fmt: skip
    assert re.findall(rb"\r\nTZID:(\S+)", data) == [b"Europe/Berlin", b"America/New_York"]
    days = re.findall(rb"DTSTART(?:;TZID=[\w/]+|;VALUE=DATE):(\d{8})", data)
    assert days == sorted(days)
    assert data.count(b"BEGIN:VCALENDAR") == data.count(b"\r\nNAME:") == 1
    found = Calendar.from_ical(data)
    assert len(found.walk("VEVENT")) == 2 * 15 + 2 * 27


# Each patient's day


NOON = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)  # 23:30 in Pago Pago, still 30 November


def test_the_day_is_that_of_the_patient() -> None:
    today = Today(date(2026, 12, 1), NOON)
    assert today.of("Pacific/Pago_Pago") == date(2026, 11, 30)
    assert today.of("Pacific/Kiritimati") == date(2026, 12, 2)
    assert today.of("") == date(2026, 12, 1)
    assert Today(date(2026, 12, 5)).of("Pacific/Pago_Pago") == date(2026, 12, 5)


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_due_batch_and_status_agree_about_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON.timestamp())))
    day = Today(date(2026, 12, 1), NOON).of(zone)
    path = course(tmp_path / "a.toml", start=str(day), time="09:00:00", timezone=f'"{zone}"')
    patients = table(
        tmp_path / "p.csv", f"P,{S},{day},09:00,{zone}", head="id,schedule,start,time,timezone"
    )
    for source in (path, patients):
        rows = json.loads(run("due", source, "--format", "json").stdout)["rows"]
        assert (rows[0]["date"], rows[0]["status"]) == (str(day), "due")
        told = run("due", source, "--format", "json", "--today", "2026-12-05").stdout
        assert "2026-12-05" in told or source == patients
    assert "is DUE today" in run("status", path).stdout
    assert run("batch", patients, "-o", tmp_path / "out").exit_code == 0
    index = (tmp_path / "out" / "index.csv").read_text(encoding="utf-8-sig")
    assert index.splitlines()[1] == f"P,P.ics,{day},{day},15"


def test_what_is_late_takes_one_row(tmp_path: Path) -> None:
    """A start that is a year too early gives one row and not one for each dose since."""
    path = course(tmp_path / "a.toml", start="2020-12-01")
    rows = json.loads(run("due", path, *TODAY, "--format", "json").stdout)["rows"]
    assert [each["status"] for each in rows].count("late") == 1


# Years of other calendars


@pytest.mark.parametrize(
    ("start", "asked"),
    [("2569-12-01", True), ("2083-08-15", True), ("2028-12-02", False), ("2028-12-03", True),
     ("1996-12-02", False), ("1996-12-01", True), ("2019-03-22", False)],
)  # fmt: skip
def test_a_start_of_another_calendar_is_asked_about(
    tmp_path: Path, start: str, asked: bool
) -> None:
    patients = table(tmp_path / "p.csv", f"P1,{OTHER},{start}")
    path = course(tmp_path / "a.toml", start=start)
    rows = table(tmp_path / "q.csv", "P1,a.toml", head="id,course")
    for arguments, place in (
        (("due", patients), f"{patients}: line 2, column start: it starts on {start}"),
        (("batch", patients, "-o", tmp_path / "out"),
         f"{patients}: line 2, column start: it starts on {start}"),
        (("due", path), f"{path}: start: it starts on {start}"),
        (("due", rows), f"{rows}: line 2, column course: it starts on {start}"),
    ):  # fmt: skip
        found = run(*arguments, *TODAY)
        assert found.exit_code in (0, 12)
        assert (place in found.stderr, "is the year right?" in found.stderr) == (asked, asked)


def test_a_start_is_asked_about_beyond_two_years_ahead_and_30_back() -> None:
    for today in (date(2026, 12, 1), date(2024, 2, 29), date(2023, 2, 28)):
        for days in (*range(-10_965, -10_945), *range(720, 740), 0):
            start = date.fromordinal(today.toordinal() + days)
            usual = add_months(today, -360) <= start <= add_months(today, 24)
            assert (year_question(start, today) == "") == usual


# The folder of a batch


posix = pytest.mark.skipif(os.name == "nt", reason="no links of this kind")


@posix
def test_batch_follows_no_link_at_its_own_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "1.tmp").write_text("mine", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".dosecal").symlink_to(elsewhere)
    found = run("batch", two(tmp_path / "p.csv"), "-o", tmp_path / "out", *TODAY)
    assert (found.exit_code, ".dosecal is a link or a file" in found.stderr) == (2, True)
    assert [each.name for each in elsewhere.iterdir()] == ["1.tmp"]
    assert [each.name for each in (tmp_path / "out").iterdir()] == [".dosecal"]


def soft(place: Path, target: Path) -> None:
    place.symlink_to(target)


def hard(place: Path, target: Path) -> None:
    place.hardlink_to(target)


def fifo(place: Path, target: Path) -> None:
    os.mkfifo(place)


@posix
@pytest.mark.parametrize("plant", [soft, hard, fifo])
@pytest.mark.parametrize("name", ["index.csv.new", "journal.sqlite", "notes.tmp", "pid"])
def test_batch_writes_through_nothing_in_it(
    tmp_path: Path, name: str, plant: Callable[[Path, Path], None]
) -> None:
    target = tmp_path / "precious"
    target.write_text("mine", encoding="utf-8")
    own = tmp_path / "out" / ".dosecal"
    own.mkdir(parents=True)
    place = own / (f"{os.getpid()}.tmp" if name == "pid" else name)
    plant(place, target)
    found = run("batch", two(tmp_path / "p.csv"), "-o", tmp_path / "out", *TODAY)
    assert found.exit_code == (2 if name == "journal.sqlite" else 0), found.output
    assert target.read_text(encoding="utf-8") == "mine"
    assert place.is_symlink() or place.exists()


def test_the_lists_begin_with_a_mark_and_are_written_over_with_and_without(tmp_path: Path) -> None:
    out, patients = tmp_path / "out", two(tmp_path / "p.csv", "P-3,,")
    for _ in range(2):
        assert run("batch", patients, "-o", out, *TODAY).exit_code == 11
        for name, head in (("index.csv", b"id,file"), ("errors.csv", b"line,id")):
            data = (out / name).read_bytes()
            assert data.startswith(b"\xef\xbb\xbf" + head)
            assert data.count(b"\xef\xbb\xbf") == 1
            (out / name).write_bytes(data.removeprefix(b"\xef\xbb\xbf"))
    due = run("due", patients, *TODAY, "--format", "csv")
    assert due.stdout_bytes.startswith(b"patient,")


@posix
def test_a_pipe_among_the_calendars_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / "P-1.ics")
    found = subprocess.run(
        [sys.executable, "-m", "dosecal", "batch", two(tmp_path / "p.csv"), "-o", tmp_path / "out",
         *TODAY],
        capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert (found.returncode, found.stderr.count("of another kind")) == (11, 1)
