"""Texts by key in flat memory: a dictionary while they are few, SQLite on disk beyond that."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite3 import Connection

IN_MEMORY: Final = 20_000
"""So many texts are kept in memory, inclusive."""


class Notebook:
    """Remember a text by its key, in flat memory whatever their number."""

    def __init__(self) -> None:
        self._few: dict[str, str] = {}
        self._many: Connection | None = None

    def get(self, key: str) -> str | None:
        """Return the text of a key, or None."""
        if self._many is None:
            return self._few.get(key)
        found = self._many.execute("SELECT text FROM notes WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else None

    def put(self, key: str, text: str) -> None:
        """Note a text in place of the one that the key had."""
        if self._many is None:
            self._few[key] = text
            if len(self._few) > IN_MEMORY:
                self._spill()
        else:
            self._many.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (key, text))

    def first(self, key: str, text: str) -> str | None:
        """Return the text that the key has already; where it has none, note this one."""
        stands = self.get(key)
        if stands is None:
            self.put(key, text)
        return stands

    def remove(self, key: str) -> None:
        """Forget a key."""
        if self._many is None:
            self._few.pop(key, None)
        else:
            self._many.execute("DELETE FROM notes WHERE key = ?", (key,))

    def _spill(self) -> None:
        self._many = scratch()
        self._many.execute("CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID")
        self._many.executemany("INSERT INTO notes VALUES (?, ?)", self._few.items())
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
