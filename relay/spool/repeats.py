"""Repeat keys, a small table a day, dropped whole when it is older than seven days.

A table a day needs no deleting row by row, and its index stays small: one of everything would cost
each put a random page of a large tree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from relay.model import Instant
from relay.wire.names import day_of

DAYS = 7
"""Days after the first that a repeat is known. A mail server tries again for about five."""


class Repeats:
    """The tables that are there. ``turn`` opens the day's own; both happen in a transaction.
    While the clock is ``frozen`` none is dropped."""

    def __init__(
        self, connection: sqlite3.Connection, frozen: Callable[[], bool] = lambda: False
    ) -> None:
        self._connection = connection
        self._frozen = frozen
        self.read()

    def read(self) -> None:
        """Find out which days are there; also after a transaction that was undone."""
        found = self._connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'repeat_[0-9]*'"
        )
        self._days = sorted(int(name.removeprefix("repeat_")) for (name,) in found)
        self._today = -1
        self._known = self._add = ""

    def is_turned(self, now: Instant) -> bool:
        """Whether the day has its table."""
        return day_of(now) == self._today

    def turn(self, now: Instant) -> None:
        """Make the table of the day of ``now``, and drop those that are too old."""
        today = day_of(now)
        old = [] if self._frozen() else [day for day in self._days if day < today - DAYS]
        for day in old:
            self._connection.execute(f"DROP TABLE repeat_{day}")
            self._days.remove(day)
        if today not in self._days:
            self._connection.execute(
                f"CREATE TABLE repeat_{today} (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID"
            )
            self._days.append(today)
        self._today = today
        any_day = " OR ".join(
            f"EXISTS (SELECT 1 FROM repeat_{day} WHERE key = ?1)"
            for day in sorted(self._days, reverse=True)
        )
        self._known = f"SELECT {any_day}"
        self._add = f"INSERT OR IGNORE INTO repeat_{today} VALUES (?)"

    def move(self, days: int) -> None:
        """The time was moved by so many days, and every table with it: none is older for that."""
        in_turn = sorted(self._days, reverse=days > 0) if days else ()
        for day in in_turn:  # each makes room for the next
            self._connection.execute(f"ALTER TABLE repeat_{day} RENAME TO repeat_{day + days}")
        self.read()

    def known(self, keys: tuple[bytes, ...]) -> bool:
        """Whether one of the keys was there; all of them are afterwards.

        Also those that come with a known one: a message that came again under a new id is a
        repeat under that id, too."""
        found = [self._connection.execute(self._known, (key,)).fetchone()[0] for key in keys]
        new = [(key,) for key, there in zip(keys, found, strict=True) if not there]
        self._connection.executemany(self._add, new)
        return any(found)
