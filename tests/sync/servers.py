"""Real CalDAV servers on this computer, each with its own storage, login and port."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import bcrypt

USER = "anna"
PASSWORD = "сосна: \" e 'pine"  # noqa: S105  # a password of the tests alone


class Running(NamedTuple):
    """A server that answers."""

    url: str
    user: str
    password: str
    ca_file: str
    storage: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _htpasswd(folder: Path) -> Path:
    path = folder / "users"
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    path.write_text(f"{USER}:{hashed}\n", encoding="utf-8")
    return path


@contextmanager
def _serving(folder: Path, port: int, *command: str) -> Iterator[None]:
    """Run a server until the block ends; fail with what it said where it does not start."""
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], stdout=out, stderr=out, cwd=folder
        )
        try:
            end = monotonic() + 60
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if process.poll() is not None or monotonic() > end:
                        raise AssertionError(log.read_text("utf-8", "replace")) from None
                    sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def radicale(folder: Path) -> Iterator[Running]:
    """Radicale over plain HTTP on loopback, users in a file hashed with bcrypt."""
    port = _free_port()
    config = folder / "config"
    config.write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {_htpasswd(folder)}\n"
        "htpasswd_encryption = bcrypt\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {folder / 'storage'}\n",
        encoding="utf-8",
    )
    with _serving(folder, port, "radicale", "--config", str(config)):
        yield Running(f"http://127.0.0.1:{port}/", USER, PASSWORD, "", folder / "storage")


@contextmanager
def xandikos(folder: Path) -> Iterator[Running]:
    """Xandikos over TLS with a certificate of its own, users in a file hashed with bcrypt."""
    port = _free_port()
    with _serving(
        folder, port, "xandikos", "serve", "--directory", str(folder / "storage"),
        "--listen-address", "localhost", "--port", str(port), "--no-detect-systemd",
        "--current-user-principal", f"/{USER}/", "--autocreate",
        "--state-dir", str(folder / "state"), "--autocert",
        "--htpasswd", str(_htpasswd(folder)),
    ):  # fmt: skip
        (certificate,) = (folder / "state").rglob("*.crt")
        yield Running(f"https://localhost:{port}/", USER, PASSWORD, str(certificate),
                      folder / "storage")  # fmt: skip
