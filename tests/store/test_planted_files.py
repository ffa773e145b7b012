"""What lies where dosecal reads or writes: links are not followed, pipes not waited for."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main
from dosecal.errors import RequestError
from dosecal.model.schedule import digest
from dosecal.store import files
from dosecal.store.named import schedule

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no links and pipes of this kind")

S = "netakimab-psoriasis"
COURSE = f'format = 1\nschedule = "{S}"\nid = "c"\nstart = 2026-12-01\n'
TODAY = ("--today", "2026-12-02")
OURS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dosecal//dosecal//EN\r\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def course(tmp_path: Path) -> Path:
    path = tmp_path / "anna.toml"
    path.write_text(COURSE, encoding="utf-8")
    return path


def hard(place: Path, target: Path) -> None:
    place.hardlink_to(target)


def soft(place: Path, target: Path) -> None:
    place.symlink_to(target)


def dangling(place: Path, target: Path) -> None:
    place.symlink_to(target.with_name("nothing"))


def fifo(place: Path, target: Path) -> None:
    os.mkfifo(place)


def folder(place: Path, target: Path) -> None:
    place.mkdir()


PLANTED = [hard, soft, dangling, fifo, folder]


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("command", ["record", "new", "ics", "print"])
def test_what_lies_at_a_temporary_name_stays(
    tmp_path: Path, course: Path, command: str, plant: Callable[[Path, Path], None]
) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"mine")
    names = {"record": "anna.toml", "new": "eva.toml", "ics": "a.ics", "print": "a.html"}
    place = tmp_path / f".{names[command]}.new"
    plant(place, target)
    before = place.lstat()
    wanted = {
        "record": ("record", course, "--on", "2026-12-01", *TODAY),
        "new": ("new", tmp_path / "eva.toml", "--schedule", S, "--start", "2026-12-01", *TODAY),
        "ics": ("ics", course, "-o", tmp_path / "a.ics", *TODAY),
        "print": ("print", course, "-o", tmp_path / "a.html", *TODAY),
    }[command]
    found = run(*wanted)
    assert found.exit_code == 0, found.output
    assert (tmp_path / names[command]).stat().st_size > 0
    assert target.read_bytes() == b"mine"
    assert (place.lstat().st_ino, place.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert not (tmp_path / "nothing").exists()
    assert {each.name for each in tmp_path.iterdir()} <= {
        "anna.toml", "precious", place.name, names[command],
    }  # fmt: skip


def test_the_rest_of_a_crash_goes_and_what_a_living_writer_makes_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    rest = Path(files.temporary_of(str(path)))
    rest.write_bytes(b"half")
    files.write_whole(path, OURS)
    assert [each.name for each in tmp_path.iterdir()] == ["a.ics"]
    with files.replacing(str(path), str(rest)) as descriptor:
        files.write_whole(path, OURS + b"another")
        assert path.read_bytes() == OURS + b"another"
        assert rest.exists()
        files.pour(descriptor, OURS + b"first")
    assert path.read_bytes() == OURS + b"first"
    assert [each.name for each in tmp_path.iterdir()] == ["a.ics"]


def test_a_writer_whose_file_was_taken_for_a_rest_makes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the making of a file and its lock another may remove it."""
    path, real, times = tmp_path / "a.ics", files._is_at, list[str]()

    def removed(name: str, descriptor: int) -> bool:
        times.append(name)
        if len(times) == 1:
            Path(name).unlink()
        return real(name, descriptor)

    monkeypatch.setattr(files, "_is_at", removed)
    files.write_whole(path, OURS)
    assert (path.read_bytes(), len(times)) == (OURS, 2)


PIPE = "cannot read {path}: it is a pipe and no file"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "p.toml"), 2),
        (("show", "p.toml"), 2),
        (("upcoming", "p.toml"), 2),
        (("status", "p.toml"), 2),
        (("record", "p.toml", "--on", "2026-12-01"), 2),
        (("due", "p.toml"), 2),
        (("due", "courses"), 2),
        (("due", "rows.csv"), 11),
        (("batch", "rows.csv", "-o", "out"), 11),
        (("due", "schedules.csv"), 11),
    ],
)
def test_a_pipe_is_refused_and_never_waited_for(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    os.mkfifo(tmp_path / "p.toml")
    (tmp_path / "courses").mkdir()
    os.mkfifo(tmp_path / "courses" / "p.toml")
    (tmp_path / "rows.csv").write_text("id,course\nP1,p.toml\n", encoding="utf-8")
    text = "id,schedule,start\nP1,p.toml,2026-12-01\n"
    (tmp_path / "schedules.csv").write_text(text, encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-m", "dosecal", *arguments],
        cwd=tmp_path, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert "Traceback" not in found.stderr
    expected = "there is no course file" if arguments[0] in ("status", "record") else "is a pipe"
    assert (found.returncode, expected in found.stderr) == (code, True), found.stderr


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero"])
def test_a_device_is_refused(path: str) -> None:
    with pytest.raises(RequestError, match=f"cannot read {path}: it is a device"):
        files.read_regular(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Is a directory"):
        files.read_regular(tmp_path)


def test_a_circle_of_links_is_named(tmp_path: Path) -> None:
    loop = tmp_path / "loop.ics"
    loop.symlink_to(loop)
    found = run("ics", S, "--start", "2026-12-01", "-o", loop, *TODAY)
    assert (found.exit_code, "cannot write" in found.stderr) == (2, True), found.output
    for command in ("record", "check"):
        more = ("--on", "2026-12-01") if command == "record" else ()
        assert run(command, loop, *more).exit_code == 2


def test_an_empty_file_of_somebody_hands_no_permissions_on(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    path.touch()
    path.chmod(0o666)
    files.write_whole(path, OURS)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    files.write_whole(path, OURS)
    assert path.stat().st_mode & 0o777 == 0o640


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_without_hard_links_a_new_file_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real, written = tmp_path / "new.toml", os.write, list[int]()

    def fills_up(descriptor: int, data: bytes) -> int:
        if len(written) > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(1)
        return real(descriptor, bytes(data[:40]))

    monkeypatch.setattr(os, "link", no_links)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fills_up)
        with pytest.raises(RequestError, match="No space left"):
            files.create(path, b"x" * 400)
    assert list(tmp_path.iterdir()) == []
    files.create(path, b"x" * 400)
    assert path.read_bytes() == b"x" * 400
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RequestError, match="exists already"):
        files.create(path, b"y")
    assert path.read_bytes() == b"x" * 400
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_renamed_gives_the_name_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "replace", no_links)
    with pytest.raises(RequestError):
        files.create(tmp_path / "new.toml", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_private_folder_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    with pytest.raises(RequestError, match="is a link or a file"):
        files.private_folder(str(tmp_path / "link"))
    files.private_folder(str(tmp_path / "own"))
    files.private_folder(str(tmp_path / "own"))
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700


def test_only_rests_by_their_names_are_removed(tmp_path: Path) -> None:
    for name in ("12.tmp", "notes.tmp", "12.tmp.bak"):
        (tmp_path / name).touch()
    (tmp_path / "34.tmp").symlink_to("notes.tmp")
    os.mkfifo(tmp_path / "56.tmp")
    files.remove_rests(str(tmp_path), (r"\d+\.tmp",))
    assert {each.name for each in tmp_path.iterdir()} == {
        "notes.tmp", "12.tmp.bak", "34.tmp", "56.tmp",
    }  # fmt: skip


def test_schedules_that_say_the_same_have_one_digest(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "schedules" / f"{S}.toml").read_text(encoding="utf-8")
    found = []
    for folder, said in (("a", text), ("b", text), ("c", text.replace("120 mg", "240 mg"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.toml").write_text(said, encoding="utf-8")
        found.append(digest(schedule(str(tmp_path / folder / "x.toml"))))
    assert found[0] == found[1] != found[2]
    assert len(found[0]) == 64
