"""What stands where a file is to be written: dosecal's own is written anew, all else stays."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main
from dosecal.errors import RequestError
from dosecal.store.files import write_whole

ASKED = ("netakimab-psoriasis", "--start", "2026-12-01", "--today", "2026-12-01", "-o")


def run(command: str, path: Path) -> Result:
    return CliRunner().invoke(main, [command, *ASKED, str(path)])


SOMEBODYS = [
    ("ics", "own.ics", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"),
    ("ics", "own.ics", b"my notes"),
    ("ics", "own.txt", b"BEGIN:VCALENDAR is how they begin"),
    ("ics", "own", b"\0"),
    ("print", "own.html", b"<!DOCTYPE html>\n<html lang=en><title>mine</title></html>\n"),
    ("print", "own.html", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dosecal//"),
]


@pytest.mark.parametrize(("command", "name", "data"), SOMEBODYS)
def test_nothing_is_written_over_what_dosecal_did_not_make(
    tmp_path: Path, command: str, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    found = run(command, tmp_path / name)
    assert (found.exit_code, (tmp_path / name).read_bytes()) == (2, data)
    assert f"{name} is a file of another kind, and not by dosecal" in found.stderr
    assert "give another name, or move it away" in found.stderr
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_pdf_of_somebody_else_stays(tmp_path: Path) -> None:
    path, ours = tmp_path / "own.pdf", b"%PDF-1.7 ... /ID [(dosecal) (e23b)]"
    write_whole(path, ours)
    write_whole(path, ours)
    path.write_bytes(b"%PDF-1.7\n%%EOF\n")
    with pytest.raises(RequestError, match="another kind"):
        write_whole(path, ours)
    assert path.read_bytes() == b"%PDF-1.7\n%%EOF\n"


def test_a_folder_and_a_pipe_are_no_place_for_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ics"
    os.mkfifo(pipe)
    assert "another kind" in run("ics", pipe).stderr
    assert "is a folder; name a file in it" in run("ics", tmp_path).stderr


def test_its_own_are_written_anew_and_not_one_over_the_other(tmp_path: Path) -> None:
    calendar, page = tmp_path / "a.ics", tmp_path / "a.html"
    for _ in range(2):
        assert (run("ics", calendar).exit_code, run("print", page).exit_code) == (0, 0)
    whole = page.read_bytes()
    assert run("ics", page).exit_code == 2
    assert page.read_bytes() == whole
    calendar.write_bytes(b"")  # as mktemp leaves one
    assert run("ics", calendar).exit_code == 0
