"""Writing files: whole or not at all."""

import os
import tempfile
from pathlib import Path

from dosecal.errors import RequestError

_SIGNATURES = {".ics": (b"BEGIN:VCALENDAR",), ".html": (b"<!DOCTYPE html", b"<!doctype html"),
               ".pdf": (b"%PDF-",)}  # fmt: skip


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and never over an existing file of another kind.

    Raises:
        RequestError: The place cannot be written, or holds something else.
    """
    signatures = _SIGNATURES.get(path.suffix.lower()) or next(
        known for known in _SIGNATURES.values() if data.startswith(known)
    )
    try:
        if path.is_dir():
            raise RequestError(f"{path} is a folder; name a file in it")
        if path.exists():
            with path.open("rb") as old:
                begin = old.read(64).lstrip(b"\xef\xbb\xbf \r\n")
            if begin and not begin.startswith(signatures):
                raise RequestError(f"{path} is a file of another kind; it stays as it is")
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
