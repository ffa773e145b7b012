"""One bad course file a mistake, with its exact messages; hostile files are refused at once.

A file's own comments, "# > ...", are what is to be said of it.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dosecal.cli import main

FILES = sorted((Path(__file__).parents[1] / "bad_courses").glob("*.toml"))
HEAD = 'format = 1\nschedule = "netakimab-psoriasis"\nid = "5f0c"\nstart = 2026-12-01\n'
COMMANDS = (
    ("status", "--today", "2027-01-05"),
    ("upcoming", "--today", "2027-01-05"),
    ("ics", "-o", "{folder}/out.ics"),
    ("record", "--on", "2026-12-01", "--today", "2027-01-05"),
    ("skip", "--dose", "1"),
    ("hold", "--from", "2026-12-01"),
    ("decide", "--dose", "1", "--then", "keep"),
    ("void", "--dose", "1"),
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def refused(path: Path, command: tuple[str, ...], codes: tuple[int, ...] = (11,)) -> str:
    """Run a command on a file; return what it says, without a traceback and the file as it was."""
    before = path.read_bytes()
    name, *options = (each.format(folder=path.parent) for each in command)
    found = run(name, path, *options)
    assert isinstance(found.exception, SystemExit | None), (command, found.exception)
    assert found.exit_code in codes, (command, found.output)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return found.output


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_and_its_exact_messages(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = [line[4:] for line in text.splitlines() if line.startswith("# > ")]
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    said = refused(path, ("status", "--today", "2027-01-05"))
    assert said.removeprefix("dosecal: ").splitlines() == [f"{path}: {each}" for each in expected]
    for command in COMMANDS:
        refused(
            path, command, (11,) if file.stem not in ("a_schedule", "not_toml") else (2, 10, 11)
        )


def test_a_course_of_a_wrong_schedule_exits_10(tmp_path: Path) -> None:
    (tmp_path / "courses").mkdir()
    (tmp_path / "wrong.toml").write_text('format = 1\nmedicine = "x"\n', encoding="utf-8")
    path = tmp_path / "courses" / "x.toml"
    path.write_text(HEAD.replace("netakimab-psoriasis", "../wrong.toml"), encoding="utf-8")
    for command in COMMANDS:
        assert "wrong.toml: phase: missing" in refused(path, command, (10,))


@pytest.mark.parametrize("name", ["nothere.toml", "/", "../nothere/x.toml", "x.toml", "a\\u0000b/"])
def test_a_course_of_a_schedule_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(HEAD.replace("netakimab-psoriasis", name), encoding="utf-8")
    for command in COMMANDS:
        refused(path, command, (2, 10, 11))


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"\xef\xbb\xbf\xff",
        HEAD.encode("utf-16"),
        b"",
        b"\x00" * 100,
        HEAD.encode() + b"a = " + b"[" * 100_000,
        HEAD.encode() + b"a" + b".a" * 100_000 + b" = 1",
        HEAD.encode() + b"[a" + b".a" * 10_000 + b"]\n",
        HEAD.encode() + b"# " + b"x" * 1_000_000,
        HEAD.encode() + b"weight_kg = " + b"9" * 5_000,
        HEAD.encode() + b"[[given]]\ndose = 1\ndate = 2026-12-01\n" * 4_000,
        HEAD.encode() + b"[[void]]\ndose = 1\n" * 4_000,
        HEAD.encode() + b"[[given]]\ndose = 36525\ndate = 2026-12-01\n" + b"[[avoid]]\n" * 4_000,
        HEAD.encode() + b'[[avoid]]\nsite = "x"\n' * 1_000,
        HEAD.encode().replace(b"5f0c", b"\\uD800"),
    ],
    ids=lambda data: f"{len(data)} bytes, {data[-12:]!r}",
)
def test_hostile_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    for command in COMMANDS[:4]:
        refused(path, command, (2, 10, 11))


@pytest.mark.parametrize(
    "log",
    [
        "[[given]]\ndose = 1\ndate = 2999-12-31\n",
        "[[skipped]]\ndose = 36525\n",
        "[[hold]]\nfrom = 1900-01-01\nuntil = 2999-12-31\n",
        "[[hold]]\nfrom = 1900-01-01\n",
        '[[avoid]]\nsite = "left-thigh"\nfrom = 1900-01-01\nuntil = 2999-12-31\n',
        "[[skipped]]\ndose = 1\nrecorded = 1900-01-01T00:00:00+23:00\n",
        '[[given]]\ndose = 1\ndate = 2026-12-01\nnote = """\n[[void]]\n"""\n',
        "[['given']] # a\n'dose' = 1\ndate = 2026-12-01\n",
    ],
)  # fmt: skip
def test_odd_files_that_are_right_do_not_fail(tmp_path: Path, log: str) -> None:
    for command in COMMANDS:
        path = tmp_path / "x.toml"
        path.write_text(HEAD + log, encoding="utf-8")
        name, *options = (each.format(folder=tmp_path) for each in command)
        found = run(name, path, *options)
        assert isinstance(found.exception, SystemExit | None), (command, found.exception)
        assert found.exit_code in (0, 2, 12), (command, found.output)
        assert run("check", path).exit_code == 0


TAKEN_BACK = "[[given]]\ndose = 1\ndate = 2026-12-02\n[[void]]\ndose = 1\n"


@pytest.mark.parametrize(
    ("first", "day"),
    [
        ("", "2026-12-01"),
        ('note = """\n[[void]]\ndose = 1\n"""\n', "2026-12-01"),
        ("note = '''\n[[void]]\n\"\"\"\n'''\n", "2026-12-01"),
        ('note = "\\"# [[given]]"  # "\n', "2026-12-01"),
        ("note = '[[given]]\\'  # '\n", "2026-12-01"),
        ("# [[void]]\n  # dose's\n", "2026-12-01"),
    ],
)
def test_entries_count_in_the_order_of_the_file(tmp_path: Path, first: str, day: str) -> None:
    path = tmp_path / "x.toml"
    again = f"[['given']] # once more\ndose = 1\ndate = {day}\n{first}"
    path.write_text(f"{HEAD}{TAKEN_BACK}{again}[[decided]]\ndose = 1\nthen = 'keep'\n")
    assert f"Last given: dose 1, {day}" in run("status", path, "--today", "2026-12-02").stdout


def test_entries_in_a_list_count_as_they_were_recorded(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    at = "recorded = 2026-12-0{}T08:00:00Z"
    given = ", ".join(
        f"{{dose = 1, date = 2026-12-{day}, {at.format(on)}}}" for day, on in (("02", 2), ("01", 4))
    )
    path.write_text(f"{HEAD}given = [{given}]\nvoid = [{{dose = 1, {at.format(3)}}}]\n")
    assert "Last given: dose 1, 2026-12-01" in run("status", path, "--today", "2026-12-02").stdout
