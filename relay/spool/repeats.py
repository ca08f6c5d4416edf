"""What came before, by its repeat keys, and by the ids of envelopes that crossed a link: in small
tables, one a day, dropped whole when they are too old.

A table a day needs no deleting row by row, and its index stays small: one of everything would cost
each put a random page of a large tree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final, Literal

from relay.model import Instant
from relay.wire.epochs import DAY_S
from relay.wire.names import day_number

DAYS: Final = 7
"""Days after the first that a repeat is known. A mail server tries again for about five."""

MORE_DAYS: Final = 3
"""Days beyond the time on the road that an id is known: those of its key, of what an hour rounds up
and of two clocks that differ. What comes later has expired, and nothing opens it."""

ROAD_S: Final = 14 * DAY_S

Of = Literal["repeat", "crossed"]


def days_of_road(road_s: int) -> int:
    """Days after the first that the id of an envelope is known, for so many seconds on the road."""
    return -(-road_s // DAY_S) + MORE_DAYS


class Repeats:
    """The tables of one kind that are there. ``turn`` opens the day's own; both happen in a
    transaction. While the clock is ``frozen`` none is dropped."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        frozen: Callable[[], bool] = lambda: False,
        of: Of = "repeat",
        days: int = DAYS,
    ) -> None:
        """``days`` after the first a table is dropped."""
        self._connection = connection
        self._frozen = frozen
        self._of = of
        self._kept = days
        self.read()

    def read(self) -> None:
        """Find out which days are there; also after a transaction that was undone."""
        found = self._connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ? || '_[0-9]*'",
            (self._of,),
        )
        self._days = sorted(int(name.removeprefix(f"{self._of}_")) for (name,) in found)
        self._today = -1
        self._known = self._add = ""

    def is_turned(self, now: Instant) -> bool:
        """Whether the day has its table."""
        return day_number(now) == self._today

    def turn(self, now: Instant) -> None:
        """Make the table of the day of ``now``, and drop those that are too old."""
        today = day_number(now)
        old = [] if self._frozen() else [day for day in self._days if day < today - self._kept]
        for day in old:
            self._connection.execute(f"DROP TABLE {self._of}_{day}")
            self._days.remove(day)
        if today not in self._days:
            self._connection.execute(
                f"CREATE TABLE {self._of}_{today} (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID"
            )
            self._days.append(today)
        self._today = today
        any_day = " OR ".join(
            f"EXISTS (SELECT 1 FROM {self._of}_{day} WHERE key = ?1)"
            for day in sorted(self._days, reverse=True)
        )
        self._known = f"SELECT {any_day}"
        self._add = f"INSERT OR IGNORE INTO {self._of}_{today} VALUES (?)"

    def move(self, days: int) -> None:
        """The time was moved by so many days, and every table with it: none is older for that."""
        in_turn = sorted(self._days, reverse=days > 0) if days else ()
        for day in in_turn:  # each makes room for the next
            name = f"{self._of}_{day}"
            self._connection.execute(f"ALTER TABLE {name} RENAME TO {self._of}_{day + days}")
        self.read()

    def known(self, keys: tuple[bytes, ...]) -> bool:
        """Whether one of the keys was there; all of them are afterwards.

        Also those that come with a known one: a message that came again under a new id is a
        repeat under that id, too."""
        found = [self._connection.execute(self._known, (key,)).fetchone()[0] for key in keys]
        new = [(key,) for key, there in zip(keys, found, strict=True) if not there]
        self._connection.executemany(self._add, new)
        return any(found)
