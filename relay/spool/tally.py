"""The sum: every accepted submission has one state, so accepted is the total of the states.

The counts of live rows are kept in memory and changed with the commit that changes the rows; they
are counted once, when the spool is opened. Purged rows are in the table ``tally``.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal

from relay.model import Counts, Queue

Kind = Literal["submission", "delivery", "original", "sheet"]


_BESIDE: Final[dict[str, Kind]] = {Queue.ORIGINAL: "original", Queue.SHEET: "sheet"}


def kind_of(seq: int, root: int, queue: str) -> Kind:
    """What a row is: what stands beside a submission is in no sum."""
    if seq == root:
        return "submission"
    return (
        "original" if queue == Queue.ORIGINAL else "sheet" if queue == Queue.SHEET else "delivery"
    )


_COUNT = """
SELECT iif(root = seq, 'submission', iif(queue IN ('original', 'sheet'), queue, 'delivery')),
  state, queue, count(*)
FROM row GROUP BY 1, 2, 3
"""


class Tally:
    """Counts by kind and state, and by queue; a difference is one too, with negative numbers."""

    def __init__(self) -> None:
        self.live: Counter[tuple[Kind, str]] = Counter()
        self.queues: Counter[str] = Counter()
        self.purged: Counter[tuple[Kind, str]] = Counter()

    def came(self, kind: Kind, state: str, queue: str, n: int = 1) -> None:
        """So many rows are there now."""
        self.live[kind, state] += n
        self.queues[queue] += n

    def went(self, kind: Kind, state: str, queue: str) -> None:
        """A row is not there any more, or not so."""
        self.came(kind, state, queue, -1)

    def purge(self, kind: Kind, state: str, queue: str) -> None:
        """A row is gone for good, and still counted."""
        self.went(kind, state, queue)
        self.purged[kind, state] += 1

    def add(self, difference: Tally) -> None:
        """Take over what a transaction changed, once it is committed."""
        self.live.update(difference.live)  # a Counter's update adds
        self.queues.update(difference.queues)
        self.purged.update(difference.purged)

    @property
    def accepted(self) -> int:
        """How many submissions were ever accepted."""
        both = (*self.live.items(), *self.purged.items())
        return sum(n for (kind, _), n in both if kind == "submission")

    def counts(self, *, repeats: int, turned_away: int, lost: int) -> Counts:
        """All that is told of it; what is zero is left out."""
        return Counts(
            states=self._of("submission"),
            deliveries=self._of("delivery"),
            queues={queue: n for queue, n in self.queues.items() if n},
            repeats=repeats,
            turned_away=turned_away,
            lost=lost,
        )

    def _of(self, kind: Kind) -> dict[str, int]:
        total: Counter[str] = Counter()
        for (of, state), n in (*self.live.items(), *self.purged.items()):
            if of == kind:
                total[state] += n
        return {state: n for state, n in total.items() if n}


def counted(connection: sqlite3.Connection) -> Tally:
    """Count everything anew from the tables."""
    tally = Tally()
    for kind, state, queue, n in connection.execute(_COUNT):
        tally.came(kind, state, queue, n)
    for kind, state, n in connection.execute("SELECT kind, state, n FROM tally"):
        tally.purged[kind, state] += n
    return tally


def store_purged(
    connection: sqlite3.Connection, purged: Iterable[tuple[tuple[Kind, str], int]]
) -> None:
    """Add to the table what a transaction purged."""
    connection.executemany(
        "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [(kind, state, n) for (kind, state), n in purged],
    )
