"""How much waits, put together by destination, state and reason: for a board of a queue of any
length, without a row of it leaving the thread."""

from __future__ import annotations

import sqlite3
from typing import Final

from relay.model import Instant, Queue, Sum, Sums
from relay.spool.tables import LISTED

AT_A_TIME: Final = 20_000
"""Rows that are looked at before others have their turn: some 20 milliseconds."""

_SOME: Final = f"""
FROM row WHERE seq > ? AND queue = ? AND {LISTED} ORDER BY seq LIMIT {AT_A_TIME}
"""

_SUMS: Final = f"""
SELECT name, state, why, count(*), min(hour), sum(due IS NOT NULL AND due <= ?),
  sum(due IS NOT NULL AND due > ?)
FROM (SELECT name, state, why, hour, due {_SOME}) GROUP BY name, state, why
"""

_COUNT: Final = f"SELECT count(*), max(seq) FROM (SELECT seq {_SOME})"


def summed(
    connection: sqlite3.Connection, queue: Queue, after: int, now: Instant, latest: Instant
) -> Sums:
    """The next rows of a queue after a seq; not of inbox and ended, which nobody lists."""
    rows = connection.execute(_SUMS, (now, latest, after, queue.value))
    sums = tuple(Sum(*columns) for columns in rows)
    looked, last = connection.execute(_COUNT, (after, queue.value)).fetchone()
    return Sums(sums, last if looked == AT_A_TIME else None)
