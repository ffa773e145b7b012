"""A calendar for every patient: safe names, whole files, going on, flat memory."""

import csv
import io
import os
import re
import signal
import stat
import subprocess
import sys
import time
import tracemalloc
import unicodedata
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from dosecal.cli import main
from dosecal.clinic.file_names import marked_name, safe_name
from dosecal.clinic.worker import next_day
from dosecal.model.languages import LANGUAGES
from dosecal.model.schedule import Schedule
from dosecal.plan.advice import acting
from dosecal.plan.assess import Horizon, within
from dosecal.store.catalogue import schedules
from prescribed import prescribed

S = "netakimab-psoriasis"
TODAY = ("--today", "2026-12-10")
HEAD = "id,schedule,start"
OWN = Path(__file__).parents[2].joinpath("schedules", f"{S}.toml").read_text(encoding="utf-8")
COURSE = f"""format = 1
schedule = "{S}"
id = "5f0c2c9e-ad5c-4c9d-b5c4-6a3d3a6f8b11"
start = 2026-12-01
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def write(path: Path, *lines: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path


def batch(patients: Path, folder: Path, *arguments: object) -> Result:
    return run("batch", patients, "-o", folder, *TODAY, *arguments)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def calendars(folder: Path) -> dict[str, bytes]:
    """Return what a reader of the folder finds: every file but the journal."""
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def uids(data: bytes) -> set[str]:
    return set(re.findall(r"\nUID:(\S+)", data.decode()))


def many(path: Path, count: int) -> Path:
    return write(path, *(f"P{n:06},{S},2026-12-{n % 28 + 1:02}" for n in range(count)))


def test_a_clinic_gets_calendars_an_index_and_its_errors(tmp_path: Path) -> None:
    patients = write(
        tmp_path / "p.csv", f"P1,{S},2026-12-01", "P2,netakimab,2026-12-01", f"P3,{S},2026-12-03",
        f"P3,{S},2026-12-03", f"P4,{S},tomorrow",
    )  # fmt: skip
    found = batch(patients, tmp_path / "out")
    assert found.exit_code == 11
    assert found.stdout == ""
    assert sorted(calendars(tmp_path / "out")) == ["P1.ics", "P3.ics", "errors.csv", "index.csv"]
    assert table(tmp_path / "out" / "index.csv") == [
        {"id": "P1", "file": "P1.ics", "first_dose": "2026-12-01", "next_dose": "2026-12-15",
         "doses": "15"},
        {"id": "P3", "file": "P3.ics", "first_dose": "2026-12-03", "next_dose": "2026-12-10",
         "doses": "15"},
    ]  # fmt: skip
    wrong = table(tmp_path / "out" / "errors.csv")
    assert [(each["line"], each["id"], each["column"]) for each in wrong] == [
        ("3", "P2", "schedule"), ("5", "P3", "id"), ("6", "P4", "start"),
    ]  # fmt: skip
    for each in wrong:
        place = f"{patients}: line {each['line']}, column {each['column']}: {each['problem']}"
        assert place in found.stderr


def test_errors_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", f"P1,{S},2026-12-01", "P2,,")
    assert batch(patients, tmp_path / "out").exit_code == 11
    assert batch(write(patients, f"P1,{S},2026-12-01"), tmp_path / "out").exit_code == 0
    assert sorted(calendars(tmp_path / "out")) == ["P1.ics", "index.csv"]


def test_a_calendar_is_that_of_ics(tmp_path: Path) -> None:
    (tmp_path / "anna.toml").write_text(
        f"{COURSE}\n[[given]]\ndate = 2026-12-03\ndose = 1\nrecorded = 2026-12-03T09:00:00Z\n",
        encoding="utf-8",
    )
    patients = write(
        tmp_path / "p.csv",
        f"P1,{S},2026-12-01,09:00,Europe/Moscow,,",
        "Anna,,,,,anna.toml,medicine",
        head="id,schedule,start,time,timezone,course,title",
    )  # fmt: skip
    assert batch(patients, tmp_path / "out").exit_code == 0
    one = ("--start", "2026-12-01", "--time", "09:00", "--tz", "Europe/Moscow", "--for", "P1")
    assert run("ics", S, *one, "-o", tmp_path / "one.ics").exit_code == 0
    anna = (tmp_path / "anna.toml", "--title", "medicine", "-o", tmp_path / "anna.ics")
    assert run("ics", *anna).exit_code == 0
    assert (tmp_path / "out" / "P1.ics").read_bytes() == (tmp_path / "one.ics").read_bytes()
    assert (tmp_path / "out" / "Anna.ics").read_bytes() == (tmp_path / "anna.ics").read_bytes()


def test_patients_who_begin_on_one_day_share_no_more_than_is_the_same(tmp_path: Path) -> None:
    """A plan serves the next patient only where nothing that it depends on differs."""
    rows = [
        "A,netakimab-psoriasis,2026-12-01,,,",
        "B,netakimab-psoriasis,2026-12-01,,yes,",
        "C,netakimab-psoriasis,2026-12-01,,,left-thigh",
        "D,netakimab-psoriatic-arthritis,2026-12-01,,,",
        "E,ustekinumab-psoriasis,2026-12-01,100,,",
        "F,ustekinumab-psoriasis,2026-12-01,101,,",
        "G,netakimab-psoriasis,2026-12-02,,,",
    ]
    head = f"{HEAD},weight_kg,caregiver,avoid"
    together, alone = tmp_path / "together", dict[str, bytes]()
    batch(write(tmp_path / "p.csv", *rows, *reversed(rows[:3]), head=head), together)
    for row in rows:
        batch(write(tmp_path / "one.csv", row, head=head), tmp_path / row[0])
        alone |= {
            name: data for name, data in calendars(tmp_path / row[0]).items() if ".ics" in name
        }
    found = {name: data for name, data in calendars(together).items() if ".ics" in name}
    assert found == alone
    bodies = {re.sub(rb"UID:\S+", b"", data) for data in found.values()}
    assert len(bodies) == len(rows)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_calendar_is_in_its_patients_language(tmp_path: Path, jobs: int) -> None:
    codes = [*sorted(LANGUAGES), "ru-RU", ""]
    rows = [f"P{n},{S},2026-12-01,{code}" for n, code in enumerate(codes)]
    patients = write(tmp_path / "p.csv", *rows, head=f"{HEAD},language")
    more = ("--lang", "es", "--remind", "evening before", "--remind", "2 hours")
    assert batch(patients, tmp_path / "out", *more, "--jobs", jobs).exit_code == 0
    for n, code in enumerate(codes):
        one = tmp_path / f"{n}.ics"
        asked = ("--start", "2026-12-01", "--for", f"P{n}", "--lang", code or "es", *more[2:])
        assert run("ics", S, *asked, "-o", one).exit_code == 0
        assert (tmp_path / "out" / f"P{n}.ics").read_bytes() == one.read_bytes()
    assert len({(tmp_path / f"{n}.ics").read_bytes() for n in range(len(LANGUAGES))}) == 6


def test_a_course_file_and_the_environment_say_the_language_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    (tmp_path / "anna.toml").write_text(f'{COURSE}language = "ru"\n', encoding="utf-8")
    patients = write(
        tmp_path / "p.csv", "Anna,,,anna.toml", f"P2,{S},2026-12-01,", head=f"{HEAD},course"
    )
    assert batch(patients, tmp_path / "out").exit_code == 0
    assert "\nNAME:Инъекции\n" in (tmp_path / "out" / "Anna.ics").read_text(encoding="utf-8")
    assert "\nNAME:Injektionen\n" in (tmp_path / "out" / "P2.ics").read_text(encoding="utf-8")


def test_an_unknown_language_is_a_bad_row(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", f"P1,{S},2026-12-01,xx", head=f"{HEAD},language")
    found = batch(patients, tmp_path / "out")
    assert found.exit_code == 11
    assert 'line 2, column language: no language "xx" (one of de, en, es' in found.stderr
    assert batch(patients, tmp_path / "out", "--lang", "xx").exit_code == 2


def test_no_two_patients_share_a_uid_and_no_id_is_readable(tmp_path: Path) -> None:
    ids = ["Anna", "Boris", "anna", "Zoe\u0308", "17", "017"]
    patients = write(tmp_path / "p.csv", *(f"{id},{S},2026-12-01" for id in ids))
    assert batch(patients, tmp_path / "out").exit_code == 0
    assert batch(patients, tmp_path / "north", "--for", "North").exit_code == 0
    found = [*(tmp_path / "out").glob("*.ics"), *(tmp_path / "north").glob("*.ics")]
    sets = [uids(each.read_bytes()) for each in found]
    assert len(set.union(*sets)) == sum(map(len, sets)) == 2 * len(ids) * 15
    assert not any(b"nna" in each.read_bytes() for each in found)


def test_two_rows_with_copies_of_one_course_file_are_refused(tmp_path: Path) -> None:
    for name in ("anna", "boris"):
        (tmp_path / f"{name}.toml").write_text(COURSE, encoding="utf-8")
    patients = write(tmp_path / "p.csv", "A,anna.toml", "B,boris.toml", head="id,course")
    found = batch(patients, tmp_path / "out")
    assert found.exit_code == 11
    assert "line 3, column course: this course is that of line 2 already" in found.stderr
    assert sorted(calendars(tmp_path / "out")) == ["A.ics", "errors.csv", "index.csv"]


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


HOSTILE = [
    "../P1", "/etc/passwd", "..", ".", "~", "a/../../b", "..\\P1", "C:\\P1", "C:P1", "P1.", "CON",
    "aux.txt", "nul", "COM1", "com\u00b9.x", "LPT9 .y", "-rf", "x" * 300, "\u0416" * 120, "a*b?",
    "a|b", "<a>", "a:b", ".hidden", "%2e%2e", "$HOME", "`id`", "a;b", "index", "errors", "\u202exe",
    "=1+1", "\U0001f489", "a\u0301b",
]  # fmt: skip
DEVICE = re.compile(
    r"(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])", re.I
)


def is_safe(name: str) -> bool:
    return (
        re.fullmatch(r"[^\W_][\w.+ -]*", name) is not None
        and not DEVICE.fullmatch(name.partition(".")[0].strip())
        and name[-1] not in ". "
        and len(f"{name}.ics".encode()) <= 120
        and unicodedata.is_normalized("NFC", name)
    )


@pytest.mark.parametrize("id", HOSTILE)
def test_a_name_is_safe(id: str) -> None:
    assert is_safe(safe_name(id))


@settings(deadline=None)
@given(st.text(min_size=1))
def test_any_name_is_safe(id: str) -> None:
    assert is_safe(safe_name(id))
    assert is_safe(marked_name(id))


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=5), unique_by=nfc))
def test_a_name_that_was_cleaned_is_that_of_no_other(ids: list[str]) -> None:
    marked = [safe_name(id) for id in ids if safe_name(id) != nfc(id)]
    assert len(set(marked)) == len(marked)


def test_no_id_leaves_the_folder_or_takes_anothers_file(tmp_path: Path) -> None:
    ids = [*HOSTILE, "P1", "p1", "P\uff11", "\u00e9", "e\u0301x"]
    ids = [id for id in ids if id.isprintable() and ";" not in id]
    patients = write(
        tmp_path / "p.csv", *(f'"{id}";{S};2026-12-01' for id in ids), head=HEAD.replace(",", ";")
    )
    found = batch(patients, tmp_path / "deep" / "out")
    assert found.exit_code == 0, found.stderr
    index = table(tmp_path / "deep" / "out" / "index.csv")
    names = [each["file"] for each in index]
    assert len(index) == len(ids) == len({nfc(name).casefold() for name in names})
    assert sorted(names) == sorted(each.name for each in (tmp_path / "deep/out").glob("*.ics"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["deep", "p.csv"]
    assert not any(each["id"][0] in "=+-@" for each in index)
    for id, each in zip(ids, index, strict=True):
        assert each["id"].lstrip("'") == nfc(id).strip()


def test_what_is_of_another_kind_stays(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "P1.ics").write_text("my notes", encoding="utf-8")
    (tmp_path / "mine.ics").write_text("BEGIN:VCALENDAR", encoding="utf-8")
    (folder / "P2.ics").symlink_to(tmp_path / "mine.ics")
    (folder / "P3.ics").mkdir()
    patients = write(tmp_path / "p.csv", *(f"P{n},{S},2026-12-01" for n in range(1, 6)))
    (folder / "P4.ics").write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n")
    found = batch(patients, folder)
    assert (found.exit_code, found.stderr.count("of another kind")) == (11, 4)
    assert (folder / "P1.ics").read_text(encoding="utf-8") == "my notes"
    assert (tmp_path / "mine.ics").read_text(encoding="utf-8") == "BEGIN:VCALENDAR"
    assert [each["id"] for each in table(folder / "index.csv")] == ["P5"]


@pytest.mark.parametrize("name", ["index.csv", "errors.csv"])
def test_another_list_is_never_written_over(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / name).write_text("id,my own\n", encoding="utf-8")
    found = batch(many(tmp_path / "p.csv", 2), folder)
    assert found.exit_code == 2
    assert "of another kind" in found.stderr
    assert calendars(folder) == {name: b"id,my own\n"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_strict_writes_nothing_unless_all_are_good(tmp_path: Path, jobs: int) -> None:
    bad = [f"P{n},{S},x" for n in range(30)]
    patients = write(tmp_path / "p.csv", f"G,{S},2026-12-01", *bad)
    found = batch(patients, tmp_path / "out", "--strict", "--jobs", jobs)
    assert (found.exit_code, found.stderr.count("column start")) == (11, 30)
    assert not (tmp_path / "out").exists()
    good = write(patients, f"G,{S},2026-12-01")
    assert batch(good, tmp_path / "out", "--strict", "--jobs", jobs).exit_code == 0
    assert sorted(calendars(tmp_path / "out")) == ["G.ics", "index.csv"]


def test_the_files_do_not_depend_on_how_many_work(tmp_path: Path) -> None:
    lines = [f"P{n:03},{S},2026-12-{n % 31:02}" for n in range(230)]
    patients = write(tmp_path / "p.csv", *lines)
    one = batch(patients, tmp_path / "one", "--jobs", 1)
    two = batch(patients, tmp_path / "two", "--jobs", 2)
    assert (one.exit_code, one.stderr.replace("one", "two")) == (11, two.stderr)
    assert calendars(tmp_path / "one") == calendars(tmp_path / "two")


def test_resume_keeps_what_stands_and_makes_the_rest(tmp_path: Path) -> None:
    patients, folder = many(tmp_path / "p.csv", 4), tmp_path / "out"
    batch(patients, folder)
    first = calendars(folder)
    (folder / "P000000.ics").unlink()
    (folder / "P000001.ics").write_bytes(first["P000001.ics"][:-30])
    before = {each.name: each.stat().st_mtime_ns for each in folder.glob("*.ics")}
    found = batch(patients, folder, "--resume")
    assert "2 calendars written, 2 kept as they were" in found.stderr
    assert calendars(folder) == first
    after = {each.name: each.stat().st_mtime_ns for each in folder.glob("*.ics")}
    kept = {name for name, at in before.items() if after[name] == at}
    assert kept == {"P000002.ics", "P000003.ics"}


def test_resume_sees_every_change(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    (tmp_path / "anna.toml").write_text(COURSE, encoding="utf-8")
    lines = [
        f"P1,{S},2026-12-01,,",
        "P2,own.toml,2026-12-01,,",
        "P3,,,anna.toml,",
        f"P4,{S},2026-12-01,,",
    ]

    def kept(*arguments: str) -> int:
        patients = write(tmp_path / "p.csv", *lines, head="id,schedule,start,course,title,language")
        found = run("batch", patients, "-o", folder, "--resume", *(arguments or TODAY))
        assert found.exit_code == 0, found.stderr
        fresh = run("batch", patients, "-o", tmp_path / "fresh", *(arguments or TODAY))
        assert fresh.exit_code == 0
        assert calendars(folder) == calendars(tmp_path / "fresh")
        match = re.search(r"(\d+) kept", found.stderr)
        return int(match[1]) if match else 0

    assert kept() == 0
    assert kept() == 4
    lines[0] = f"P1,{S},2026-12-02,,"
    assert kept() == 3
    lines[3] = f"P4,{S},2026-12-01,,medicine"
    assert kept() == 3
    (tmp_path / "own.toml").write_text(OWN.replace("120 mg", "240 mg"), encoding="utf-8")
    assert kept() == 3
    with (tmp_path / "anna.toml").open("a", encoding="utf-8") as file:
        file.write("[[given]]\ndose = 1\ndate = 2026-12-01\n")
    assert kept() == 3
    lines[0] = f"P1,{S},2026-12-02,,,ru"
    assert kept() == 3
    lines[0] = f"P1,{S},2026-12-02,,,de"
    assert kept() == 3
    assert kept(*TODAY, "--lang", "ru") == 1  # P1 says its own
    assert kept(*TODAY, "--lang", "ru-RU") == 4
    assert kept(*TODAY, "--remind", "evening before") == 0
    assert kept(*TODAY, "--remind", "evening before", "--remind", "1 hour") == 0
    assert kept(*TODAY, "--private") == 0
    assert kept(*TODAY, "--until", "2027-01-31") == 0
    assert kept("--today", "2026-12-15", "--until", "2027-01-31") == 3  # P3 is late by now
    assert kept("--today", "2026-12-16", "--until", "2027-01-31") == 1  # P1's next dose


def test_without_resume_all_is_made_anew(tmp_path: Path) -> None:
    patients, folder = many(tmp_path / "p.csv", 3), tmp_path / "out"
    batch(patients, folder)
    assert "3 calendars written\n" in batch(patients, folder).stderr


def test_a_spoiled_journal_costs_time_and_nothing_else(tmp_path: Path) -> None:
    patients, folder = many(tmp_path / "p.csv", 3), tmp_path / "out"
    batch(patients, folder)
    (folder / ".dosecal" / "journal.sqlite").write_bytes(b"no database at all, " * 400)
    found = batch(patients, folder, "--resume")
    assert (found.exit_code, "3 calendars written" in found.stderr) == (0, True)


LONG = 3000


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a batch that nothing interrupts."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    assert batch(many(folder / "p.csv", LONG), folder / "out").exit_code == 0
    return calendars(folder / "out")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_an_interruption_leaves_whole_files_and_resume_completes(
    tmp_path: Path, uninterrupted: dict[str, bytes], jobs: int, how: str
) -> None:
    patients, folder = many(tmp_path / "p.csv", LONG), tmp_path / "out"
    command = [sys.executable, "-m", "dosecal", "batch", str(patients), "-o", str(folder), *TODAY]
    work = subprocess.Popen(
        [*command, "--jobs", str(jobs)], stderr=subprocess.PIPE, start_new_session=True
    )
    while len(list(folder.glob("*.ics"))) < 20:
        assert work.poll() is None
        time.sleep(0.01)
    if how == "SIGINT":
        os.killpg(work.pid, signal.SIGINT)  # as a terminal does
    else:
        os.kill(work.pid, signal.SIGKILL)
    message = work.communicate(timeout=60)[1].decode()
    if how == "SIGINT":
        assert (work.returncode, message) == (
            130, "dosecal: interrupted; --resume goes on from here\n",
        )  # fmt: skip
    left = calendars(folder)
    assert 0 < len(left) < LONG
    assert all(
        name.endswith(".ics") and data.endswith(b"END:VCALENDAR\r\n") for name, data in left.items()
    )
    deadline = time.monotonic() + 30
    while True:  # other processes end soon after the first, and then the folder is free
        found = batch(patients, folder, "--resume", "--jobs", jobs)
        if found.exit_code == 0 or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert found.exit_code == 0, found.stderr
    assert calendars(folder) == uninterrupted
    assert [each.name for each in (folder / ".dosecal").iterdir()] == ["journal.sqlite"]


CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")


@pytest.mark.skipif(not CHILDREN.exists(), reason="the system does not list a process's children")
def test_other_processes_never_hear_ctrl_c_not_even_as_they_start(tmp_path: Path) -> None:
    patients = many(tmp_path / "p.csv", 120)
    command = [sys.executable, "-m", "dosecal", "batch", str(patients), "-o", str(tmp_path / "out")]
    work = subprocess.Popen([*command, *TODAY, "--jobs", "2"], stderr=subprocess.PIPE)
    children = Path(f"/proc/{work.pid}/task/{work.pid}/children")
    reached = set()
    while work.poll() is None:
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended just now
            for child in map(int, children.read_text().split()):
                os.kill(child, signal.SIGINT)
                reached.add(child)
        time.sleep(0.001)
    message = work.communicate()[1].decode()
    assert (work.returncode, message) == (0, f"{tmp_path / 'out'}: 120 calendars written\n")
    assert len(reached) >= 2


def test_one_batch_at_a_time_works_in_a_folder(tmp_path: Path) -> None:
    from dosecal.clinic.journal import journal

    patients, folder = many(tmp_path / "p.csv", 3), tmp_path / "out"
    batch(patients, folder)
    with journal(folder / ".dosecal"):
        found = batch(patients, folder)
    assert found.exit_code == 2
    assert "is another batch at work there?" in found.stderr


@pytest.mark.skipif(os.name == "nt", reason="no permissions of this kind")
def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    batch(write(tmp_path / "p.csv", f"P1,{S},2026-12-01", "P2,,"), tmp_path / "out")
    for each in (tmp_path / "out").rglob("*"):
        assert stat.S_IMODE(each.stat().st_mode) & 0o077 == 0, each


def test_memory_does_not_grow_with_the_patients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dosecal.clinic import spill as seen

    monkeypatch.setattr(seen, "IN_MEMORY", 100)
    peaks = []
    for count in (100, 700, 2100):  # the first fills what is kept once
        long = (f"P{n:06},{S},2026-12-{n % 28 + 1:02}{' ' * 200}" for n in range(count))
        patients = write(tmp_path / f"{count}.csv", *long)
        tracemalloc.start()
        found = batch(patients, tmp_path / f"{count}", "--count", 1, "--from", "2026-12-01")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found.exit_code == 0
    assert peaks[2] < peaks[1] * 1.3


def test_what_was_seen_is_known_in_memory_and_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    from dosecal.clinic import spill as seen

    monkeypatch.setattr(seen, "IN_MEMORY", 3)
    known = seen.Notebook()
    first = [known.first(f"P{n % 10}", str(n)) for n in range(20)]
    assert first == [*[None] * 10, *map(str, range(10))]
    known.put("P3", "x")
    known.remove("P4")
    assert (known.get("P3"), known.get("P4"), known.get("P5")) == ("x", None, "5")
    known.close()


@pytest.mark.parametrize("schedule", list(schedules()), ids=lambda schedule: schedule.id)
def test_the_next_dose_is_the_one_to_act_on(schedule: Schedule) -> None:
    course = prescribed(schedule, date(2026, 1, 31))
    planned = tuple(within(course, Horizon(count=3)))
    for day in range(-5, 130, 7):
        today = course.start + timedelta(days=day)
        dose = acting(course, today)
        assert next_day(course, planned, today) == (dose.day if dose else None)


def test_the_next_dose_is_that_of_the_plan_and_not_of_the_calendar(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", f"P1,{S},2026-12-01")
    batch(patients, tmp_path / "out", "--from", "2027-02-01")
    (row,) = table(tmp_path / "out" / "index.csv")
    assert (row["first_dose"], row["next_dose"]) == ("2027-02-09", "2026-12-15")


def test_calendars_that_are_over_are_named(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", f"P1,{S},2020-01-01", f"P2,{S},2026-12-01")
    found = batch(patients, tmp_path / "out")
    assert "1 of the calendars end before the next dose" in found.stderr
    assert table(tmp_path / "out" / "index.csv")[0]["next_dose"] > "2026-12-10"
    assert "end before" not in batch(patients, tmp_path / "out", "--from", "2026-12-10").stderr


@pytest.mark.parametrize(
    ("lines", "arguments", "code", "message"),
    [
        ([], (), 11, "no patient stands below the header"),
        (
            [f"P1,{S},2026-12-01"],
            ("--from", "2027-01-01", "--until", "2026-01-01"),
            2,
            "lies before",
        ),
        ([f"P1,{S},2026-12-01"], ("--until", "2026-01-01"), 11, "no dose in this range"),
        ([f"P1,{S},2026-12-01"], ("--time", "09:00"), 11, "column timezone: missing"),
        (["P1,rare.toml,2999-12-01"], ("--count", 99), 11, "past the year 9999"),
    ],
)
def test_wrong_use_says_what_is_right(
    tmp_path: Path, lines: list[str], arguments: tuple[object, ...], code: int, message: str
) -> None:
    (tmp_path / "rare.toml").write_text(OWN.replace("4 weeks", "100 years"), encoding="utf-8")
    found = batch(write(tmp_path / "p.csv", *lines), tmp_path / "out", *arguments)
    assert (found.exit_code, message in found.stderr) == (code, True), found.output


def test_a_folder_or_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    patients = many(tmp_path / "p.csv", 1)
    assert "cannot read" in batch(tmp_path / "none.csv", tmp_path / "out").stderr
    assert "cannot read" in batch(tmp_path, tmp_path / "out").stderr
    assert "is no folder" in batch(patients, patients).stderr
    assert [each.name for each in tmp_path.iterdir()] == ["p.csv"]


def test_rows_are_read_no_further_ahead_than_needed(tmp_path: Path) -> None:
    from functools import partial

    from dosecal.clinic.batch import BatchRequest, Observer
    from dosecal.clinic.batch import run as run_batch
    from dosecal.clinic.interrupt import Interruptible
    from dosecal.clinic.patients_file import RowDefaults, Today
    from dosecal.clinic.worker import BatchSettings
    from dosecal.ical.events import CalendarOptions
    from dosecal.store.catalogue import load
    from dosecal.store.named import Finder

    patients = many(tmp_path / "p.csv", 1500)
    line = patients.stat().st_size // 1500
    opened: list[BinaryIO] = []
    ahead: list[int] = []

    def open_file() -> BinaryIO:
        opened.append(patients.open("rb"))
        return opened[-1]

    settings = BatchSettings(
        tmp_path / "out", Finder(load, partial(pytest.fail, "no course")), RowDefaults(),
        Today(date(2026, 12, 1)), "1", CalendarOptions(), limit=1,
    )  # fmt: skip
    observer = Observer(
        Interruptible(),
        lambda row, problem: None,
        lambda row, question: None,
        lambda rows: ahead.append(opened[-1].tell() // line - rows),
    )
    run_batch(BatchRequest(open_file, "p.csv", settings, jobs=2), observer)
    assert len(ahead) == 1500
    assert max(ahead) < 50 * (2 * 2 + 2) + 2 * 8192 // line


def test_a_pipe_is_refused_because_it_can_be_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = batch(pipe, tmp_path / "out")
    assert (found.exit_code, "pipe is a stream, which can be read only once" in found.stderr) == (
        2, True,
    )  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_one_calendar_is_counted_as_one(tmp_path: Path) -> None:
    patients = write(tmp_path / "p.csv", f"P1,{S},2026-12-01")
    assert "out: 1 calendar written\n" in batch(patients, tmp_path / "out").stderr
