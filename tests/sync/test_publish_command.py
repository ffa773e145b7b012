"""`dosecal publish` as a user types it: what is printed, the password, and exit codes."""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import keyring
import pytest
from click.testing import CliRunner, Result
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from dosecal import errors
from dosecal.cli import main
from dosecal.errors import (
    CertificateError,
    ElsewhereError,
    NoHomeError,
    NotMadeError,
    SameNameError,
    ServerError,
)
from dosecal.sync import (
    connection as webdav,
)
from dosecal.sync import (
    marks,
    multistatus,
    publish,
    server_addresses,
)
from dosecal.sync import (
    server as caldav_server,
)
from publishing import connected
from servers import PASSWORD, USER, Running


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Begin a course of one year and set the password."""
    monkeypatch.setenv("DOSECAL_PASSWORD", PASSWORD)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")  # 2026-12-01
    path = tmp_path / "course.toml"
    begun = run("new", str(path), "--schedule", "netakimab-psoriasis", "--start", "2026-11-02",
                "--time", "09:00", "--tz", "Europe/Moscow")  # fmt: skip
    assert begun.exit_code == 0, begun.output
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def at(server: Running, *more: str) -> tuple[str, ...]:
    trusted = ("--ca-file", server.ca_file) if server.ca_file else ()
    return ("--url", server.url, "--user", USER, *trusted, *more)


def test_a_course_is_kept_right(server: Running, course: str) -> None:
    to = at(server, "--calendar", "kept right")
    dry = run("publish", course, *to, "--dry-run")
    assert (dry.exit_code, dry.stdout.count("would be created: ")) == (0, 16)
    assert dry.stderr == "16 events: 16 created (dry run, nothing was sent)\n"
    first = run("publish", course, *to)
    assert first.exit_code == 0, first.stderr
    assert first.stdout == dry.stdout.replace("would be ", "")
    assert first.stderr == "16 events: 16 created\n"
    again = run("publish", course, *to)
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == "16 events: nothing to change\n"
    run("record", course, "--on", "2026-11-02")
    recorded = run("publish", course, *to)
    assert "changed: 2026-11-02 Injection, dose 1 (given)\n" in recorded.stdout
    assert run("publish", course, *to, "--private").stderr == "16 events: 16 changed\n"
    shown = run("publish", course, *to, "--title", "medicine", "--until", "2026-11-20").stdout
    assert shown.count("changed: ") == 3
    assert shown.count("removed: ") == 13
    assert "netakimab 120 mg, dose 2" in shown
    removed = re.findall(r"removed: (\S+)", shown)
    assert removed == sorted(removed)


def test_no_event_leaves_because_its_dose_has_moved(behind: Running, course: str) -> None:
    to = at(behind, "--calendar", "moved")
    assert "16 events: 16 created" in run("publish", course, *to).stderr
    given = ("--on", "2026-11-30", "--dose", "2", "--then", "shift")
    assert run("record", course, *given).exit_code == 0
    moved = run("publish", course, *to)
    assert "removed" not in moved.stdout
    assert "changed: 2027-12-06 Injection, dose 16" in moved.stdout


def test_a_course_that_has_lasted_for_years_keeps_a_year_ahead(
    server: Running, course: str
) -> None:
    to = at(server, "--calendar", "old")
    run("publish", course, *to)
    later = run("publish", course, *to, "--today", "2029-01-10")
    assert later.exit_code == 0, later.stderr
    assert "removed" not in later.stdout
    last = max(re.findall(r"created: (\S+)", later.stdout))
    assert "2029-12-10" < last <= "2030-01-09"
    assert "past" not in later.stderr
    ended = run("publish", course, *to, "--today", "2029-01-10", "--until", "2026-11-20")
    words = "the last dose in it, 2026-11-16, lies in the past; a later --until publishes later"
    assert (ended.exit_code, words in ended.stderr) == (0, True)


def test_what_was_changed_on_the_server_is_said_and_left(server: Running, course: str) -> None:
    to = at(server, "--calendar", "left")
    run("publish", course, *to)
    calendar = connected(server).calendar("left")
    assert calendar
    (was,) = (each for each in calendar.stored() if b"dose 2\r\n" in each.data)
    assert calendar.change(was, was.data.replace(b"20261109T", b"20261110T"))
    left = run("publish", course, *to)
    assert left.exit_code == 13
    assert left.stdout == (
        "changed on the server: 2026-11-09 Injection, dose 2, there 2026-11-10 Injection, dose 2\n"
    )
    assert "--overwrite" in left.stderr
    dry = run("publish", course, *to, "--overwrite", "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "would be changed: 2026-11-09 Injection, dose 2\n")
    assert run("publish", course, *to, "--overwrite").exit_code == 0
    assert run("publish", course, *to).exit_code == 0


def test_reminders_are_published(server: Running, course: str) -> None:
    run("publish", course, *at(server, "--calendar", "remind", "--remind", "evening before",
                               "--remind", "30 minutes"))  # fmt: skip
    calendar = connected(server).calendar("remind")
    assert calendar
    for each in calendar.stored():
        assert b"TRIGGER:-PT13H\r\n" in each.data
        assert b"TRIGGER:-PT30M\r\n" in each.data


def test_a_server_that_fails_exits_13(server: Running, course: str) -> None:
    down = run("publish", course, "--url", "http://127.0.0.1:1/", "--user", USER)
    assert (down.exit_code, down.stdout) == (13, "")
    assert "no connection" in down.stderr
    assert "no event was sent" in down.stderr
    assert PASSWORD not in down.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("netakimab-psoriasis", "--url", "https://x/", "--user", "a"), "is no course file"),
        (("{}", "--url", "http://x/", "--user", "a"), "use https"),
        (("{}", "--url", "https://a:b@x/", "--user", "a"), "a user name or a password"),
        (("{}", "--user", "a"), "Missing option '--url'"),
        (("{}", "--url", "https://x/"), "Missing option '--user'"),
        (("{}", "--url", "https://x/", "--user", "a", "--ca-file", "no.pem"), "does not exist"),
        (("{}", "--url", "https://x/", "--user", "a", "--remind", "soon"), "is no reminder"),
        (("{}", "--url", "https://x/", "--user", "a", "--password", "p"), "No such option"),
    ],
)
def test_wrong_usage(course: str, arguments: tuple[str, ...], message: str) -> None:
    found = run("publish", *(each.format(course) for each in arguments))
    assert (found.exit_code, found.stdout) == (2, "")
    assert message in found.stderr


class Kept(KeyringBackend):
    """A keyring with one password, or one that is locked."""

    priority = 1
    locked = False

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password of one server."""
        if self.locked:
            raise KeyringLocked
        return PASSWORD if (service, username) == ("dosecal:127.0.0.1", USER) else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Do nothing."""


def test_the_password_may_lie_in_a_keyring(
    behind: Running, course: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOSECAL_PASSWORD")
    backend = Kept()  # type: ignore[no-untyped-call]  # keyring states none
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        kept = run("publish", course, *at(behind, "--calendar", "keyring"))
        backend.locked = True
        locked = run("publish", course, *at(behind, "--calendar", "keyring"))
    finally:
        keyring.set_keyring(before)
    assert kept.stderr == "16 events: 16 created\n"
    assert locked.exit_code == 2
    assert "set DOSECAL_PASSWORD" in locked.stderr


def test_the_password_may_be_typed(
    behind: Running, course: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOSECAL_PASSWORD", "")
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setattr("dosecal.cli.publish._on_terminal", lambda: True)
    typed = CliRunner().invoke(
        main, ["publish", course, *at(behind, "--calendar", "typed")], input=f"{PASSWORD}\n"
    )
    assert "16 events: 16 created\n" in typed.stderr
    assert PASSWORD not in typed.output


@pytest.mark.parametrize("missing", ["httpx2", "httpcore2"])
def test_without_the_extra_it_says_what_to_install(
    course: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    for name in ("dosecal.sync.connection", "dosecal.sync.server", "dosecal.sync.publish"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    found = run("publish", course, "--url", "https://x/", "--user", "a")
    assert found.exit_code == 2
    assert "in the clone of the repository: pip install '.[caldav]'" in found.stderr


def test_help_says_what_clients_keep_of_reminders() -> None:
    for command in ("ics", "publish"):
        words = " ".join(run(command, "--help").stdout.split())
        assert "Outlook keeps one reminder, Google none" in words


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CertificateError("https://x/", "expired"),
         ("https://x/: its certificate cannot be verified, nothing was sent (expired); name the "
         "certificates of a clinic's own authority with --ca-file")),
        (ElsewhereError("https://x/", "https://y/"),
         ("https://x/: the server points to https://y/; the password goes to no other server by "
         "itself: give that address with --url if you trust it")),
        (SameNameError("https://x/", "{a}", ("https://x/1/", "https://x/2/")),
         ('https://x/: 2 calendars are named "{a}": https://x/1/, https://x/2/; give the '
          "address of one with --url")),
        (NoHomeError("https://x/"),
         ("https://x/: the server does not say where this user's calendars are; give the "
          "address of the calendar itself with --url")),
        (NotMadeError("a", "https://x/: the server has no room left (507)"),
         ('https://x/: the server has no room left (507) (making the calendar "a"); where the '
         "server lets none be made so, make one by hand and give its address with --url")),
        (ServerError("https://x/: {error.args}"), "https://x/: {error.args}"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_the_command_line_alone_names_the_option_that_helps(
    course: str, error: ServerError, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("dosecal.sync.server.Server.calendar", fail)
    assert "--" not in str(error)
    found = run("publish", course, "--url", "http://127.0.0.1:1/", "--user", USER)
    assert found.exit_code == 13
    assert found.stderr == f"dosecal: {said}; no event was sent\n"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://a:b@x/", ("--url holds a user name or a password; give the user with --user, and "
         "the password in DOSECAL_PASSWORD, a keyring or at the prompt")),
        ("x", "--url is no address of a server; write it as https://calendar.example.com/"),
        ("http://x/", ("--url: the password and the events would cross the network to x "
         "unencrypted; use https (http is for localhost alone)")),
    ],
)  # fmt: skip
def test_a_wrong_address_is_said_with_its_option(course: str, url: str, said: str) -> None:
    found = run("publish", course, "--url", url, "--user", USER)
    assert found.exit_code == 2
    assert f"{said}\n" in found.stderr


@pytest.mark.parametrize(
    "module", [caldav_server, errors, marks, multistatus, publish, server_addresses, webdav]
)
def test_below_the_command_line_nothing_speaks_of_options(module: ModuleType) -> None:
    assert re.findall(r"\s--[a-z]\S*", inspect.getsource(module)) == []


def test_certificates_that_cannot_be_read(course: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    found = run("publish", course, "--url", "https://localhost:1/", "--user", USER,
                "--ca-file", str(empty))  # fmt: skip
    assert (found.exit_code, found.stdout) == (2, "")
    assert "no certificates can be read there" in found.stderr


def test_what_a_stop_ends_leaves_the_server_and_comes_back_with_a_step(
    behind: Running, course: str
) -> None:
    to = at(behind, "--calendar", "stopped")
    assert "16 events: 16 created" in run("publish", course, *to).stderr
    extra = ("--extra", "--on", "2026-11-05", "--site", "left-thigh", "--amount", "60 mg")
    assert run("record", course, *extra, "--injections", "1").exit_code == 0
    assert "created: 2026-11-05 Extra injection (given)\n" in run("publish", course, *to).stdout
    assert run("void", course, "--extra").exit_code == 0
    assert "removed: 2026-11-05 " in run("publish", course, *to).stdout
    assert run("stop", course, "--on", "2026-11-20").exit_code == 0
    ended = run("publish", course, *to)
    assert (ended.exit_code, ended.stdout.count("removed: ")) == (0, 13)
    assert ended.stdout.count("Cancelled") == 0
    step = run("step", course, "--to", "maintenance", "--on", "2027-01-04", "--decided")
    assert step.exit_code == 0, step.stderr
    resumed = run("publish", course, *to).stdout
    assert re.search(r"created: 2027-01-04 Injection, dose \d+\n", resumed)


def test_a_course_stopped_at_its_start_leaves_no_event(behind: Running, course: str) -> None:
    to = at(behind, "--calendar", "never begun")
    assert "16 events: 16 created" in run("publish", course, *to).stderr
    assert run("stop", course, "--on", "2026-11-02").exit_code == 0
    assert run("publish", course, *to).stdout.count("removed: ") == 16
