"""What stood before: in memory while it is little, on disk beyond that."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite3 import Connection

IN_MEMORY: Final = 20_000
"""So many are kept in memory, inclusive."""


class Seen:
    """The first place of each key, in flat memory whatever their number."""

    def __init__(self) -> None:
        self._few: dict[str, int] = {}
        self._many: Connection | None = None

    def first(self, key: str, place: int) -> int | None:
        """Return where the key stood first, or note `place` and return None."""
        if self._many is None:
            if key in self._few:
                return self._few[key]
            self._few[key] = place
            if len(self._few) > IN_MEMORY:
                self._spill()
            return None
        found = self._many.execute("SELECT place FROM seen WHERE key = ?", (key,)).fetchone()
        if found:
            return int(found[0])
        self._many.execute("INSERT INTO seen VALUES (?, ?)", (key, place))
        return None

    def _spill(self) -> None:
        self._many = scratch()
        self._many.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, place INT) WITHOUT ROWID")
        self._many.executemany("INSERT INTO seen VALUES (?, ?)", self._few.items())
        self._few = {}

    def close(self) -> None:
        """Give the disk back."""
        if self._many is not None:
            self._many.close()


def scratch() -> "Connection":
    """Return an empty database on disk that nobody else sees and that vanishes when closed."""
    import sqlite3

    made = sqlite3.connect("", isolation_level=None)
    made.execute("PRAGMA journal_mode = OFF")
    made.execute("BEGIN")
    return made
