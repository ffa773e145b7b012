"""What a batch has written so far, kept beside it, so that a second run can go on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from dosecal.errors import RequestError
from dosecal.store.files import private_file

_EACH: Final = 500
"""So many entries are made safe at once: after a crash at most so many are done again."""


class WrittenCalendar(NamedTuple):
    """A calendar that stands.

    Attributes:
        asked: Digest of everything that it was made from.
        digest: Digest of its bytes.
        first: Date of its first dose, ISO 8601.
        next: Date of the next dose on or after `today`, or "".
        doses: How many it holds.
        ends: Whether the plan goes on after the calendar and no dose in it is still to come.
        today: The day for which `next` was found.
    """

    asked: str
    digest: str
    first: str
    next: str
    doses: int
    ends: bool
    today: str


class Journal:
    """The calendars written, by file name."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._pending: list[tuple[object, ...]] = []
        self._forgotten = False

    def get(self, file: str) -> WrittenCalendar | None:
        """Return what an earlier run noted of a file."""
        if self._forgotten:
            return None
        row = self._database.execute(
            "SELECT asked, digest, first, next, doses, ends, today FROM written WHERE file = ?",
            (file,),
        ).fetchone()
        return WrittenCalendar._make(row) if row else None

    def put(self, file: str, written: WrittenCalendar) -> None:
        """Note a file that was written."""
        self._pending.append((file, *written))
        if len(self._pending) == _EACH:
            self.keep()
            self._database.execute("BEGIN EXCLUSIVE")

    def keep(self) -> None:
        """Make safe what was noted."""
        self._database.executemany(
            "INSERT OR REPLACE INTO written VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._pending
        )
        self._database.execute("COMMIT")
        self._pending.clear()

    def forget(self) -> None:
        """Begin anew."""
        self._database.execute("DELETE FROM written")
        self._forgotten = True


@contextmanager
def journal(folder: Path) -> Iterator[Journal]:
    """Open the journal of a folder, for one run at a time.

    Raises:
        RequestError: Another run is at work in the folder, or it cannot be written.
    """
    path = folder / "journal.sqlite"
    try:
        database = _opened(path)
    except sqlite3.OperationalError as error:
        raise RequestError(f"cannot use {path}: {error}; is another batch at work there?") from (
            error
        )
    except sqlite3.DatabaseError:  # a power cut can spoil it; all is then written again
        path.unlink()
        database = _opened(path)
    noted = Journal(database)
    try:
        yield noted
    except sqlite3.Error as error:
        raise RequestError(f"cannot write {path}: {error}") from error
    finally:
        with suppress(sqlite3.Error):  # what it does not hold is only done again
            noted.keep()
        database.close()


def _opened(path: Path) -> sqlite3.Connection:
    private_file(str(path))
    database = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        database.execute(
            "CREATE TABLE IF NOT EXISTS written (file TEXT PRIMARY KEY, asked TEXT, digest TEXT, "
            "first TEXT, next TEXT, doses INT, ends INT, today TEXT) WITHOUT ROWID"
        )
    except BaseException:
        database.close()
        raise
    return database
