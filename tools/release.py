"""Build a release and try it: `python tools/release.py`, with the package `build` installed.

The last commit is built twice, in two folders and as by two unlike people: with another time zone,
umask and hash seed. Both must give the same bytes, so that anybody who has the commit can check
that a published file was made of it. The wheel is then installed in a clean environment and used
there. What has passed is laid in `dist/`, with its SHA-256 on stdout.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILDERS: tuple[tuple[int, Mapping[str, str]], ...] = (
    (0o022, {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
    (0o077, {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}),
)
"""Who builds: a umask, and an environment."""
START = ("--start", "2026-12-01", "--time", "09:00", "--tz", "Europe/Moscow")


def commit_time(environ: Mapping[str, str]) -> str:
    """Return the time of the release in seconds: as given, or that of the last commit."""
    return environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct").decode().strip()


def build(source: bytes, folder: Path, umask: int, environ: Mapping[str, str]) -> Path:
    """Build the sdist, and the wheel out of it.

    Args:
        source: A tar archive of what is to be built.
        folder: An empty folder to work in.
        umask: What the files of the builder may not be.
        environ: The builder's environment.

    Returns:
        The folder that holds the two.
    """
    before = os.umask(umask)
    try:
        with tarfile.open(fileobj=io.BytesIO(source)) as archive:
            archive.extractall(folder / "source", filter="data")
        command = [sys.executable, "-m", "build", "--outdir", str(folder / "built")]
        subprocess.run(
            [*command, str(folder / "source")], env=environ, check=True, stdout=sys.stderr
        )
    finally:
        os.umask(before)
    return folder / "built"


def differences(first: Path, second: Path) -> list[str]:
    """Return in what the files of two folders differ, down to the members of an archive."""
    found = []
    for name in sorted({path.name for folder in (first, second) for path in folder.iterdir()}):
        one, other = first / name, second / name
        if not (one.is_file() and other.is_file()):
            found.append(f"{name}: only one of the two builds made it")
        elif one.read_bytes() != other.read_bytes():
            ours, theirs = _members(one), _members(other)
            names = ours.keys() | theirs.keys()
            inner = sorted(each for each in names if ours.get(each) != theirs.get(each))
            what = ", ".join(inner) or "the archive itself (order, times or modes)"
            found.append(f"{name}: {what}")
    return found


def _members(path: Path) -> dict[str, bytes]:
    """Return what an archive holds by name; of another file, nothing."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as sdist:
            files = ((each.name, sdist.extractfile(each)) for each in sdist)
            return {name: file.read() for name, file in files if file}
    return {}


def use(wheel: Path, folder: Path) -> None:
    """Install a wheel in a clean environment, and list the catalogue and write a calendar there."""
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    home = folder / "empty"
    home.mkdir()

    def run(*command: str) -> str:
        command = (str(programs / command[0]), *command[1:])
        made = subprocess.run(command, cwd=home, check=True, stdout=subprocess.PIPE)
        return made.stdout.decode()

    run("python", "-m", "pip", "install", "-q", str(wheel))
    _expect("netakimab-psoriasis" in run("dosecal", "list"), "`dosecal list` lacks the catalogue")
    _expect("недел" in run("dosecal", "list", "--lang", "ru"), "the wheel speaks no Russian")
    run("dosecal", "ics", "netakimab-psoriasis", *START, "-o", "injections.ics")
    calendar = (home / "injections.ics").read_bytes()
    _expect(calendar.count(b"BEGIN:VEVENT") >= 15, "`dosecal ics` wrote no calendar of a year")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"release: {otherwise}")


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def main() -> None:
    """Build, compare, use, and lay the files in `dist/`."""
    _expect(find_spec("build") is not None, "first: python -m pip install build")
    source, epoch = _git("archive", "--format=tar", "HEAD"), commit_time(os.environ)
    with tempfile.TemporaryDirectory() as name:
        work, made = Path(name), []
        for number, (umask, environ) in enumerate(BUILDERS):
            folder = work / f"builder-{number}"
            folder.mkdir()
            environ = {**os.environ, **environ, "SOURCE_DATE_EPOCH": epoch}
            made.append(build(source, folder, umask, environ))
        if differ := differences(*made):
            raise SystemExit("\n".join(["release: the two builds differ", *differ]))
        (wheel,) = made[0].glob("*.whl")
        use(wheel, work)
        dist = ROOT / "dist"
        dist.mkdir(exist_ok=True)
        for path in sorted(made[0].iterdir()):
            shutil.copy(path, dist)
            print(hashlib.sha256(path.read_bytes()).hexdigest(), f" dist/{path.name}")


if __name__ == "__main__":
    main()
