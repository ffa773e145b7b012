"""How files are opened, read and written: the one place that does.

A file is looked at before it is read, so that a pipe is never waited for. A file is written under
a temporary name of its own and then renamed: whole or not at all. Of two writers at once none is
lost.
"""

import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from dosecal.errors import OthersCalendarError, RequestError

if TYPE_CHECKING:
    from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PAUSE: Final = 0.05  # seconds
_TRIES: Final = 200
_MARK_WITHIN: Final = 1 << 16  # bytes from the begin or the end of a file
_NAME: Final = 100  # letters of a file's name that its temporary keeps; file systems take 255
_PRIVATE: Final = 0o600

# What a system does not know is 0. A pipe opened with O_NONBLOCK is not waited for.
_READ: Final = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip
# A file that is made must be new: whatever lies there, a link too, is neither followed nor cut.
_MAKE: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip

OWN_CALENDAR: Final = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//dosecal//"
"""How every calendar begins that dosecal has written, and no other."""
_MARKS: Final = (
    (OWN_CALENDAR, OWN_CALENDAR),
    (b"<!DOCTYPE html", b'<meta name="generator" content="dosecal">'),
    (b"%PDF-", b"/ID [(dosecal)"),
)
"""How each kind of file begins, and what stands in it only if dosecal has written it."""
_KINDS: Final = (
    (stat.S_ISDIR, "Is a directory"),
    (stat.S_ISFIFO, "it is a pipe and no file"),
    (stat.S_ISSOCK, "it is a socket and no file"),
)


def not_ours(path: "Path | str") -> RequestError:
    """Return what is said of a place that holds what dosecal has not written."""
    return RequestError(
        f"{path} is a file of another kind, and not by dosecal; it stays as it is: give another "
        "name, or move it away first"
    )


def _cannot(what: str, path: "Path | str", error: Exception) -> RequestError:
    """Return what is said where the system refuses a file, or a name is none."""
    if isinstance(error, OSError):
        return RequestError(f"cannot {what} {path}: {error.strerror or error}")
    return RequestError(f"cannot {what} {str(path)!r}: {error}")


def open_regular(path: "Path | str") -> BinaryIO:
    """Open a file for reading, once it is known to be one: a pipe or device is never waited for.

    Raises:
        RequestError: It cannot be read, or is no regular file.
    """
    try:
        descriptor = os.open(path, _READ)
    except (OSError, ValueError) as error:
        raise _cannot("read", path, error) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "it is a device")
        raise RequestError(f"cannot read {path}: {kind}")
    return os.fdopen(descriptor, "rb")


def read_regular(path: "Path | str", most: int = -1) -> bytes:
    """Return the first `most` bytes of a regular file; -1: all of them.

    Raises:
        RequestError: It cannot be read, or is no regular file.
    """
    with open_regular(path) as file:
        try:
            return file.read(most)
        except OSError as error:
            raise _cannot("read", path, error) from None


def begins_with(path: str, *begins: bytes) -> bool:
    """Say whether a file that is no link begins with one of these; what is not there does.

    Raises:
        RequestError: It cannot be read.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
    except FileNotFoundError:
        return True
    return read_regular(path, max(map(len, begins))).startswith(begins)


def write_whole(
    path: "Path | str", data: bytes, *, may_replace: Callable[[bytes], bool] | None = None
) -> None:
    """Write a file whole or not at all, and only over one of its kind that dosecal has written.

    Its permissions stay; a new one, and one that was empty, is for its owner alone.

    Args:
        path: The file.
        data: What it is to hold.
        may_replace: From what stands in a file of ours to whether this may take its place; None:
            it may.

    Raises:
        OthersCalendarError: It may not.
        RequestError: The place cannot be written, or holds something else.
    """
    try:
        mode = _PRIVATE
        with suppress(FileNotFoundError):
            found = os.stat(path)
            if stat.S_ISDIR(found.st_mode):
                raise RequestError(f"{path} is a folder; name a file in it")
            if not stat.S_ISREG(found.st_mode) or not _is_ours(path, data):
                raise not_ours(path)
            if may_replace and found.st_size and not may_replace(read_regular(path)):
                raise OthersCalendarError(str(path))
            mode = stat.S_IMODE(found.st_mode) & 0o777 if found.st_size else _PRIVATE
        target = os.path.realpath(path)
        with replacing(target, temporary_of(target), mode) as descriptor:
            _fill(descriptor, data)
    except OSError as error:
        raise _cannot("write", path, error) from error


def _is_ours(path: "Path | str", data: bytes) -> bool:
    """Say whether a file is empty, or of the kind of `data` and written by dosecal."""
    with open_regular(path) as old:
        stands = old.read(_MARK_WITHIN)
        size = old.seek(0, os.SEEK_END)
        old.seek(max(size - _MARK_WITHIN, 0))
        end = old.read()
    return not stands or any(
        data.startswith(begin) and stands.startswith(begin) and (mark in stands or mark in end)
        for begin, mark in _MARKS
    )


def create(path: "Path | str", data: bytes) -> None:
    """Write a new private file (mode 0600), whole, and never in place of another.

    Raises:
        RequestError: There is one already, or it cannot be written.
    """
    target = str(path)
    try:
        descriptor, temporary = _make(temporary_of(target))
        try:
            try:
                _fill(descriptor, data)
            finally:
                os.close(descriptor)
            _give_free_name(temporary, target)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
        _sync_folder(os.path.dirname(target))
    except FileExistsError:
        raise RequestError(f"{path} exists already; it stays as it is") from None
    except OSError as error:
        raise _cannot("write", path, error) from error


def _give_free_name(whole: str, path: str) -> None:
    """Give a whole file its name, unless another has it."""
    try:
        os.link(whole, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as a memory stick's
        os.close(os.open(path, _MAKE, _PRIVATE))  # the name is ours now: nobody's file is lost
        try:
            os.replace(whole, path)
        except BaseException:
            os.unlink(path)
            raise


def extend(path: "Path | str", more: Callable[[bytes], bytes]) -> None:
    """Add to the end of a file; a crash at any instant leaves the old file or the new one, whole.

    Args:
        path: The file; its permissions stay.
        more: From what stands to what is added; what it raises leaves the file untouched.

    Raises:
        RequestError: It cannot be read or written.
    """
    try:
        target = os.path.realpath(path, strict=True)
        with _locked(target) as stands:
            addition = more(stands)
            mode = stat.S_IMODE(os.stat(target).st_mode)
            with replacing(target, temporary_of(target), mode) as descriptor:
                _fill(descriptor, stands + addition)
            _sync_folder(os.path.dirname(target))
    except OSError as error:
        raise _cannot("write", path, error) from error


def temporary_of(target: str) -> str:
    """Return the hidden name beside a file under which its next text comes into being."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_NAME]}.new")


@contextmanager
def replacing(
    target: str, temporary: str, mode: int = _PRIVATE, *, lock: bool = True
) -> Iterator[int]:
    """Yield the descriptor of a new file that takes the place of `target` once it is filled.

    Whatever interrupts, `target` is the old file or the new one, and the new one's unfinished
    text goes; only what ends the process at once leaves it behind, for the next writer to remove.

    Args:
        target: The file.
        temporary: The name of the new one until then, in the same file system.
        mode: Its permissions in the end; until then it is for its owner alone.
        lock: Whether others may write there at the same time, so that an unfinished file must be
            told from the rest of a crash.
    """
    descriptor, temporary = _make(temporary, lock=lock)
    try:
        try:
            yield descriptor
            if mode != _PRIVATE:
                os.chmod(temporary, mode)
            if fcntl is not None:  # a lock upon it says that it is no rest of a crash
                os.replace(temporary, target)
        finally:
            os.close(descriptor)
        if fcntl is None:  # Windows renames no open file
            os.replace(temporary, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _make(wanted: str, *, lock: bool = True) -> tuple[int, str]:
    """Make a new, private, empty file; return its descriptor and its name.

    The name is the one wanted where it is free, or where the rest of a crash lies there, which is
    removed. Where anything else does, it stays untouched and the name gets an addition.
    """
    name = wanted
    while True:
        try:
            descriptor = os.open(name, _MAKE, _PRIVATE)
        except FileExistsError:
            if name == wanted and _remove_rest(name):
                continue
            name = f"{wanted.removesuffix('.new')}.{os.urandom(4).hex()}.new"
            continue
        if not lock:
            return descriptor, name
        if fcntl is None:
            return descriptor, name
        with suppress(OSError):  # a network's file system may know no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_at(name, descriptor):
            return descriptor, name
        os.close(descriptor)  # another took it for a rest before we had the lock


def _remove_rest(path: str) -> bool:
    """Remove what a writer of ours that was killed has left behind, and nothing else.

    Returns:
        Whether the name may be free now.
    """
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            return False
        if fcntl is None:
            os.unlink(path)  # Windows refuses where somebody has it open
            return True
        if found.st_uid != os.geteuid():
            return False
        descriptor = os.open(path, _READ | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a living writer holds it
            if not _is_at(path, descriptor):
                return False
            os.unlink(path)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _is_at(path: str, descriptor: int) -> bool:
    """Say whether an open file is the one of this name, and no link to it."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False


def private_folder(path: str) -> None:
    """Make a folder for its owner alone if it is not there; a link to one is refused.

    Raises:
        RequestError: Something else has the name.
        OSError: It cannot be made.
    """
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        raise RequestError(f"{path} is a link or a file, where a folder of dosecal's own belongs")


def private_file(path: str) -> None:
    """Make an empty file for its owner alone if it is not there; a link or pipe is refused.

    Raises:
        RequestError: Something else has the name.
        OSError: It cannot be made.
    """
    try:
        os.close(os.open(path, _MAKE, _PRIVATE))
    except FileExistsError:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise RequestError(
                f"{path} is a link or a pipe, where a file of dosecal's own belongs"
            ) from None


def remove_rests(folder: str, named: Iterable[str]) -> None:
    """Remove the unfinished files of killed processes from a folder that this process has locked.

    Args:
        folder: The folder, which is no link.
        named: Regular expressions, one of which a whole name fulfils. Other names, links and
            pipes stay.
    """
    ours = re.compile("|".join(named))
    with os.scandir(folder) as found:
        rests = [
            each.path
            for each in found
            if ours.fullmatch(each.name)
            and each.is_file(follow_symlinks=False)
            and each.stat(follow_symlinks=False).st_nlink == 1
        ]
    for path in rests:
        os.unlink(path)


@contextmanager
def _locked(target: str) -> Iterator[bytes]:
    """Wait until nobody else writes the file, and yield what stands in it."""
    if fcntl is None:
        folder, name = os.path.split(target)
        with _lock_file(os.path.join(folder, f".{name[:_NAME]}.lock")):
            yield read_regular(target)
        return
    while True:
        with open_regular(target) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(target)):
                yield file.read()
                return
        # somebody put a new file in its place while we waited: lock that one


@contextmanager
def _lock_file(lock: str) -> Iterator[None]:
    """Hold a file that only one can create, where the system cannot lock the file itself."""
    for _ in range(_TRIES):
        try:
            os.close(os.open(lock, _MAKE, _PRIVATE))
        except FileExistsError:
            time.sleep(_PAUSE)
        else:
            break
    else:
        raise RequestError(f"{lock} stays: if no other dosecal is at work, delete it")
    try:
        yield
    finally:
        os.unlink(lock)


def _fill(descriptor: int, data: bytes) -> None:
    """Write all of the data, and wait until the disk has it."""
    pour(descriptor, data)
    os.fsync(descriptor)


def pour(descriptor: int, data: bytes) -> None:
    """Write all of the data: a disk can take a part at a time."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _sync_folder(folder: str) -> None:
    """Make a rename last through a power cut, where the system can (not on Windows)."""
    if fcntl is None:
        return
    descriptor = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
