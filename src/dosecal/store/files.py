"""Writing files: whole or not at all, and of two writers at once none is lost."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dosecal.errors import RequestError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PAUSE: Final = 0.05  # seconds
_TRIES: Final = 200
_MARK_WITHIN: Final = 1 << 16  # bytes from the begin or the end of a file
OWN_CALENDAR: Final = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dosecal//"
"""How every calendar begins that dosecal has written, and no other."""
_MARKS: Final = (
    (OWN_CALENDAR, OWN_CALENDAR),
    (b"<!DOCTYPE html", b'<meta name="generator" content="dosecal">'),
    (b"%PDF-", b"/ID [(dosecal)"),
)
"""How each kind of file begins, and what stands in it only if dosecal has written it."""


def not_ours(path: Path | str) -> RequestError:
    """Return what is said of a place that holds what dosecal has not written."""
    return RequestError(
        f"{path} is a file of another kind, and not by dosecal; it stays as it is: give another "
        "name, or move it away first"
    )


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and only over one of its kind that dosecal has written.

    Raises:
        RequestError: The place cannot be written, or holds something else.
    """
    try:
        if path.is_dir():
            raise RequestError(f"{path} is a folder; name a file in it")
        if path.exists() and not _is_ours(path, data):
            raise not_ours(path)
        target = path.resolve()
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as new:
                new.write(data)
                new.flush()
                os.fsync(new.fileno())
            temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o600)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror or error}") from error


def _is_ours(path: Path, data: bytes) -> bool:
    """Say whether a file is empty, or of the kind of `data` and written by dosecal."""
    if not path.is_file():  # a pipe would wait for ever
        return False
    with path.open("rb") as old:
        stands = old.read(_MARK_WITHIN)
        size = old.seek(0, os.SEEK_END)
        old.seek(max(size - _MARK_WITHIN, 0))
        end = old.read()
    return not stands or any(
        data.startswith(begin) and stands.startswith(begin) and (mark in stands or mark in end)
        for begin, mark in _MARKS
    )


def create(path: Path, data: bytes) -> None:
    """Write a new private file (mode 0600), whole, and never in place of another.

    Raises:
        RequestError: There is one already, or it cannot be written.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as new:
                _fill(new.fileno(), data)
            _link(Path(name), path, data)
        finally:
            Path(name).unlink()
        _sync_folder(path.parent)
    except FileExistsError:
        raise RequestError(f"{path} exists already; it stays as it is") from None
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror or error}") from error


def _link(whole: Path, path: Path, data: bytes) -> None:
    """Give a whole file its name, unless another has it."""
    try:
        os.link(whole, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as a memory stick's
        with path.open("xb") as new:
            _fill(new.fileno(), data)


def extend(path: Path, more: Callable[[bytes], bytes]) -> None:
    """Add to the end of a file; a crash at any instant leaves the old file or the new one, whole.

    Args:
        path: The file; its permissions stay.
        more: From what stands to what is added; what it raises leaves the file untouched.

    Raises:
        RequestError: It cannot be read or written.
    """
    try:
        target = path.resolve(strict=True)
        with _locked(target) as stands:
            addition = more(stands)
            temporary = target.with_name(f".{target.name[:100]}.new")  # the lock makes it ours
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                try:
                    _fill(descriptor, stands + addition)
                finally:
                    os.close(descriptor)
                temporary.chmod(target.stat().st_mode & 0o7777)
                temporary.replace(target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _sync_folder(target.parent)
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def _locked(target: Path) -> Iterator[bytes]:
    """Wait until nobody else writes the file, and yield what stands in it."""
    if fcntl is None:
        with _lock_file(target.with_name(f".{target.name[:100]}.lock")):
            yield target.read_bytes()
        return
    while True:
        with target.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(file.fileno()), target.stat()):
                yield file.read()
                return
        # somebody put a new file in its place while we waited: lock that one


@contextmanager
def _lock_file(lock: Path) -> Iterator[None]:
    """Hold a file that only one can create, where the system cannot lock the file itself."""
    for _ in range(_TRIES):
        try:
            lock.touch(exist_ok=False)
        except FileExistsError:
            time.sleep(_PAUSE)
        else:
            break
    else:
        raise RequestError(f"{lock} stays: if no other dosecal is at work, delete it")
    try:
        yield
    finally:
        lock.unlink()


def _fill(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can (not on Windows)."""
    if fcntl is None:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
