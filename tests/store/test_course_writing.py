"""A course file stays whole: kills, full disks and writers at once (docs/course-file.md)."""

import errno
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from click.testing import CliRunner

from dosecal.cli import main
from dosecal.errors import RequestError
from dosecal.model.course import Course, Given
from dosecal.store import files
from dosecal.store.named import course_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="forks and POSIX signals")
HEAD = b'format = 1\nschedule = "etanercept-rheumatoid-arthritis"\nid = "c"\nstart = 2026-01-05\n'
TODAY = ("--today", "2036-01-01")


def read(path: Path) -> Course:
    return course_of(path.read_bytes(), path)


def given(path: Path) -> list[int]:
    return [entry.dose for entry in read(path).log or () if isinstance(entry, Given)]


def record(path: Path, number: int) -> None:
    """Run the command in this process."""
    on = read(path).start + timedelta(weeks=number - 1)
    arguments = ["record", str(path), "--on", str(on), "--dose", str(number), *TODAY]
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 0, found.output


def record_for_ever(path: Path, began: Any) -> None:
    number = max(given(path), default=0)
    began.set()
    while True:
        record(path, number := number + 1)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    path = tmp_path / "course.toml"
    files.create(path, HEAD)
    return path


def left(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir()} - {path.name}


@posix
def test_150_kills_of_record_leave_a_whole_file(course: Path) -> None:
    """Each process records dose after dose until it is killed at some instant."""
    record(course, 1)  # what the command imports is there before the first process begins
    forks = multiprocessing.get_context("fork")
    chance = random.Random(7)  # noqa: S311 - instants, no secrets
    held, written = 1, 0
    for kill in range(150):
        if kill % 10 == 0:
            course.write_bytes(HEAD)
            held = 0
        began = forks.Event()
        writer = forks.Process(target=record_for_ever, args=(course, began))
        writer.start()
        assert began.wait(60)
        time.sleep(chance.random() * 0.12)
        writer.kill()
        writer.join()
        doses = given(course)
        assert doses == list(range(1, len(doses) + 1))
        assert len(doses) >= held
        assert course.stat().st_mode & 0o777 == 0o600
        assert left(course) <= {".course.toml.new"}
        written += len(doses) - held
        held = len(doses)
    assert written > 0
    record(course, held + 1)
    assert left(course) == set()


def record_until(path: Path, instant: int) -> None:
    """Run the command, writing a few bytes at a time, and crash at a call or return in files.py."""
    calls = 0
    write = os.write

    def crash(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        place = frame if event.startswith("c_") else frame.f_back
        if place and place.f_code.co_filename == files.__file__:
            calls += 1
            if calls == instant:
                os.kill(os.getpid(), signal.SIGKILL)

    os.write = lambda descriptor, data: write(descriptor, memoryview(data)[:40])
    sys.setprofile(crash)
    record(path, 1)


@posix
def test_a_crash_at_each_instant_leaves_the_old_file_or_the_new(course: Path) -> None:
    record(course, 1)
    forks = multiprocessing.get_context("fork")
    found = set()
    for instant in range(1, 1000):
        course.write_bytes(HEAD)
        writer = forks.Process(target=record_until, args=(course, instant))
        writer.start()
        writer.join()
        assert given(course) in ([], [1])
        found.add((bool(given(course)), bool(left(course))))
        if writer.exitcode == 0:
            break
        assert writer.exitcode == -signal.SIGKILL
    assert found == {(False, False), (False, True), (True, False)}
    assert left(course) == set()


@posix
def test_a_half_written_rest_of_a_crash_is_replaced(course: Path) -> None:
    rest = course.with_name(".course.toml.new")
    rest.write_bytes(b"[[giv" * 1000)
    record(course, 1)
    assert (given(course), left(course)) == ([1], set())


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_leaves_the_old_file(
    course: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(RequestError, match="No space left on device"):
            files.extend(course, lambda _: b"x")
        with pytest.raises(RequestError, match="No space left on device"):
            files.create(course.with_name("new.toml"), b"x")
    assert (course.read_bytes(), left(course)) == (HEAD, set())


@posix
@pytest.mark.usefixtures("unmeasured")
def test_a_limit_of_the_system_leaves_the_old_file(course: Path) -> None:
    """The file may grow no further: the command says so and nothing is lost."""
    script = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(HEAD) + 20}, {len(HEAD) + 20})); "
        "from dosecal.cli import main; main()"
    )
    found = subprocess.run(
        [sys.executable, "-B", "-c", script, "record", course, "--on", "2026-01-05", *TODAY],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == f"dosecal: cannot write {course}: File too large\n"
    assert (course.read_bytes(), left(course)) == (HEAD, set())


@posix
def test_an_interrupt_leaves_the_old_file(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.extend(course, lambda _: b"x")
    assert (course.read_bytes(), left(course)) == (HEAD, set())


def record_when_told(path: Path, number: int, start: Any) -> None:
    start.wait()
    record(path, number)


@posix
def test_of_30_pairs_of_records_at_once_none_is_lost(course: Path) -> None:
    forks = multiprocessing.get_context("fork")
    for pair in range(30):
        start = forks.Barrier(2)
        numbers = (2 * pair + 1, 2 * pair + 2)
        both = [forks.Process(target=record_when_told, args=(course, n, start)) for n in numbers]
        for each in both:
            each.start()
        for each in both:
            each.join()
            assert each.exitcode == 0
    assert sorted(given(course)) == list(range(1, 61))
    times = [entry.recorded for entry in read(course).log or ()]
    assert all(one < other for one, other in pairwise(times) if one and other)
    assert None not in times
    assert left(course) == set()


ENTRIES = (
    "record --dose {n} --on {day} --lot A1 --at 09:30",
    "record --extra --on {day1} --amount 25_mg",
    "decide --dose {n} --then repeat --on {day2}",
    "record --dose {n} --on {day2}",
    "skip --dose {n1} --note fever",
    "move --dose {n2} --to {day15} --decided --today 2026-01-05",
    "hold --from {day16} --until {day18} --reason trip",
    "hold --end {day17}",
    "weigh --kg 70.5 --on {day}",
    "zone --tz Europe/Moscow --on {day}",
    "void --zone",
    "void --dose {n1}",
    "stop --on 2035-01-01 --reason x",
    "void --stop",
    "step --to {phase} --on {day21} --decided",
    "void --step",
)
"""Every kind of entry, one round of three weeks; a round leaves the file as one of `record` can."""


def enter(path: Path, place: int) -> None:
    """Run the `place`-th command, from 0, in this process."""
    turn, nth = divmod(place, len(ENTRIES))
    number, course = 3 * turn + 1, read(path)
    days = {
        f"day{days or ''}": course.start + timedelta(weeks=3 * turn, days=days)
        for days in range(22)
    }
    name, *words = (
        ENTRIES[nth]
        .format(
            n=number, n1=number + 1, n2=number + 2, phase=course.schedule.phases[0].name, **days
        )
        .split()
    )
    words = [word.replace("_", " ") for word in words]
    today = TODAY if name in ("record", "decide", "skip") else ()
    found = CliRunner().invoke(main, [name, str(path), *words, *today])
    assert found.exit_code == 0, (ENTRIES[nth], found.output)


def enter_for_ever(path: Path, began: Any) -> None:
    place = len(read(path).log or ())
    began.set()
    while True:
        enter(path, place)
        place += 1


def test_every_kind_of_entry_is_entered_in_two_rounds(course: Path) -> None:
    for place in range(2 * len(ENTRIES)):
        stands = course.read_bytes()
        enter(course, place)
        assert course.read_bytes().startswith(stands)
        assert len(read(course).log or ()) == place + 1
    assert CliRunner().invoke(main, ["check", str(course)]).exit_code == 0


@posix
def test_150_kills_with_every_kind_of_entry_leave_a_whole_file(course: Path) -> None:
    enter(course, 0)  # what the commands import is there before the first process begins
    forks = multiprocessing.get_context("fork")
    chance = random.Random(11)  # noqa: S311 - instants, no secrets
    before: tuple[object, ...] = read(course).log or ()
    written = 0
    for kill in range(150):
        if kill % 10 == 0:
            course.write_bytes(HEAD)
            before = ()
        began = forks.Event()
        writer = forks.Process(target=enter_for_ever, args=(course, began))
        writer.start()
        assert began.wait(60)
        time.sleep(chance.random() * 0.12)
        writer.kill()
        writer.join()
        assert writer.exitcode == -signal.SIGKILL  # no command failed
        log = read(course).log or ()
        assert log[: len(before)] == before
        assert left(course) <= {".course.toml.new"}
        written += len(log) - len(before)
        before = log
    assert written > 150 // 10


def enter_when_told(path: Path, words: tuple[str, ...], start: Any) -> None:
    start.wait()
    found = CliRunner().invoke(main, [words[0], str(path), *words[1:]])
    assert found.exit_code == 0, found.output


@posix
def test_of_30_pairs_of_other_entries_at_once_none_is_lost(course: Path) -> None:
    forks = multiprocessing.get_context("fork")
    kinds = (
        ("weigh", "--kg", "70", "--on", "2026-01-05"),
        ("hold", "--from", "2030-01-01", "--until", "2030-01-02"),
        ("move", "--dose", "2", "--to", "2026-01-14", "--decided", "--today", "2026-01-05"),
        ("zone", "--tz", "Europe/Moscow", "--on", "2026-01-05"),
        ("record", "--extra", "--on", "2026-01-06", "--amount", "25 mg", *TODAY),
    )
    for pair in range(30):
        start = forks.Barrier(2)
        both = [
            forks.Process(target=enter_when_told, args=(course, kinds[(pair + n) % 5], start))
            for n in (0, 1 + pair % 4)
        ]
        for each in both:
            each.start()
        for each in both:
            each.join()
            assert each.exitcode == 0
    log = read(course).log or ()
    assert len(log) == 60
    assert left(course) == set()


@posix
def test_two_whole_commands_at_once(course: Path) -> None:
    begin = [sys.executable, "-c", "from dosecal.cli import main; main()", "record", str(course)]
    both = [
        subprocess.Popen([*begin, "--on", f"2026-01-{day}", "--dose", dose, *TODAY])
        for day, dose in (("05", "1"), ("12", "2"))
    ]
    assert [each.wait() for each in both] == [0, 0]
    assert sorted(given(course)) == [1, 2]


def test_where_files_cannot_be_locked_a_file_of_its_own_is_the_lock(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "fcntl", None)
    monkeypatch.setattr(files, "_PAUSE", 0.001)
    monkeypatch.setattr(files, "_TRIES", 20_000)
    seen: list[set[str]] = []

    def more(stands: bytes) -> bytes:
        seen.append(left(course))
        time.sleep(0.001)
        return b"# %d\n" % stands.count(b"#")

    def ten_times() -> None:
        for _ in range(10):
            files.extend(course, more)

    writers = [threading.Thread(target=ten_times) for _ in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert course.read_bytes() == HEAD + b"".join(b"# %d\n" % number for number in range(40))
    assert seen == [{".course.toml.lock"}] * 40
    assert left(course) == set()


def test_a_lock_that_stays_is_named_and_left(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "fcntl", None)
    monkeypatch.setattr(files, "_PAUSE", 0)
    monkeypatch.setattr(files, "_TRIES", 3)
    lock = course.with_name(".course.toml.lock")
    lock.touch()
    with pytest.raises(RequestError) as refused:
        files.extend(course, lambda _: b"x")
    assert str(refused.value) == f"{lock} stays: if no other dosecal is at work, delete it"
    assert (course.read_bytes(), lock.exists()) == (HEAD, True)


def test_a_mistake_found_while_the_file_is_locked_frees_it(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> bytes:
        raise RequestError("no")

    for lock_file in (False, True):
        if lock_file:
            monkeypatch.setattr(files, "fcntl", None)
        with pytest.raises(RequestError):
            files.extend(course, refuse)
        assert (course.read_bytes(), left(course)) == (HEAD, set())
        files.extend(course, lambda _: b"")


@posix
def test_a_link_is_followed_and_stays(course: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(course)
    record(link, 1)
    assert link.is_symlink()
    assert given(course) == [1]
