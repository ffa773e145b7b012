"""What goes to a file or a pipe is UTF-8, and a stream that cannot be written is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

S = "adalimumab-rheumatoid-arthritis"
COURSE = """format = 1
schedule = "netakimab-psoriasis"
id = "c"
start = 2026-12-01
language = "ru"
"""
TODAY = ("--today", "2026-12-01")


def run(
    *arguments: str | bytes, cwd: Path, redirected: str = "", encoding: str = "cp1252"
) -> subprocess.CompletedProcess[bytes]:
    command: list[str | bytes] = [sys.executable, "-m", "dosecal", *arguments]
    if redirected:
        command = ["sh", "-c", f'"$@" {redirected}', "sh", *command]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}
    )


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251", "ascii", "utf-16"])
def test_what_is_no_terminal_gets_utf_8(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "anna.toml").write_text(COURSE, encoding="utf-8")
    (tmp_path / "p.csv").write_text(
        f"id,schedule,start\n\u0418\u0432\u0430\u043d\u043e\u0432\u0430,{S},2026-12-01\n",
        encoding="utf-8",
    )
    for arguments, word in (
        (("due", "p.csv", "--format", "csv", *TODAY), "\u0418\u0432\u0430\u043d\u043e\u0432\u0430"),
        (("upcoming", S, "--start", "2026-12-01", "--lang", "ru", *TODAY), "\u2116"),
        (("record", "anna.toml", "--on", "2026-12-01", *TODAY), "\u0434\u043e\u0437\u0430 1"),
    ):
        found = run(*arguments, cwd=tmp_path, encoding=encoding)
        assert (found.returncode, word in found.stdout.decode("utf-8")) == (0, True), found


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes")
def test_a_file_name_that_is_no_utf_8_is_shown(tmp_path: Path) -> None:
    name = b"caf\xe9.toml"
    (tmp_path / os.fsdecode(name)).write_text(COURSE, "utf-8")
    for command in (b"check", b"due", b"status"):
        found = run(command, name, cwd=tmp_path)
        assert b"Traceback" not in found.stderr, found
    for form in ("table", "json", "csv", "markdown"):
        found = run("due", ".", "--format", form, *TODAY, cwd=tmp_path)
        assert b"Traceback" not in found.stderr, found
        assert b"caf" in found.stdout
        found.stdout.decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="a shell's redirections")
@pytest.mark.parametrize("shell", [">&-", "1<&0 </dev/null", ">&- 2>&-"])
def test_a_closed_stream_is_named_and_nothing_is_written(tmp_path: Path, shell: str) -> None:
    course = tmp_path / "anna.toml"
    course.write_text(COURSE, encoding="utf-8")
    arguments = ("due", "anna.toml", *TODAY) if "<&" in shell else (
        "record", "anna.toml", "--on", "2026-12-01", *TODAY,
    )  # fmt: skip
    found = run(*arguments, cwd=tmp_path, redirected=f"</dev/null {shell}")
    assert found.returncode == 2, found
    assert b"Traceback" not in found.stderr
    if "2>" not in shell:
        assert b"dosecal: cannot write the result" in found.stderr
    assert course.read_text(encoding="utf-8") == COURSE
