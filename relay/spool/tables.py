"""The statements, and rows to values. No decisions, no transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterator, Sequence
from heapq import merge
from itertools import islice
from secrets import SystemRandom
from typing import Any

from relay.model import FIRST, URGENT, Change, Instant, NewRow, Place, Queue, Row
from relay.ports import Order
from relay.spool.leases import Leases

PAGE_BYTES = 4096

COLUMNS = "row.seq, root, rev, queue, state, id, hour, due, row.name, why, note"
_NO_END = "'ended', 'original', 'sheet'"
LISTED = "queue NOT IN ('inbox', 'ended')"  # as in the index row_listed, to the letter

_WITH_BODY = f"SELECT {COLUMNS}, blob, file FROM row LEFT JOIN body ON body.seq = row.seq"
_OWN_LIMITED = "root = row.seq ORDER BY row.seq LIMIT ?"

MOST_APART = 16
"""Of submissions that lie further apart the rows are looked up one by one."""

_NAMES = """
WITH RECURSIVE names (n) AS (
  SELECT min(name) FROM row WHERE queue = ?1 AND due IS NOT NULL
  UNION ALL
  SELECT (SELECT min(name) FROM row WHERE queue = ?1 AND due IS NOT NULL AND name > n)
  FROM names WHERE n IS NOT NULL
) SELECT n FROM names WHERE n IS NOT NULL
"""

_DUE = """
SELECT due, seq FROM row INDEXED BY row_due
WHERE queue = ? AND name = ? AND due IS NOT NULL AND due <= ? ORDER BY due, seq LIMIT ?
"""

_RELEASED = """
SELECT due, seq FROM (
  SELECT due, seq, root FROM row INDEXED BY row_due
  WHERE queue = ? AND name = ? AND due >= ? AND due <= ? ORDER BY due {0}, seq {0} LIMIT ?
) ORDER BY due {0}, root {0} LIMIT ?
"""
"""Among those of one second in order of arrival, which is not quite that of their own seqs."""

_NEAR = 64
"""How far these two orders differ at the most, in rows: deliveries are made in batches. To sort all
of one second would take a tenth of a second where a pause ends for a hundred thousand."""

_TOGETHER = """
SELECT due, seq FROM row INDEXED BY row_due
WHERE queue = ? AND name = ? AND due >= ? AND due <= ? ORDER BY due LIMIT ?
"""

_DRAWN_FROM = 1024
"""Rows among which the next ones are drawn: as many as that in one second come in any order, each
as likely as another. It takes a millisecond; all of a hundred thousand would take a hundred."""

_OLDEST = """
SELECT min(seq) FROM row INDEXED BY row_due
WHERE queue = ? AND name = ? AND due IS NOT NULL AND due <= ?
"""

_NEVER = 1 << 62

_random = SystemRandom().random


def row_of(columns: Sequence[Any]) -> Row:
    """A row, without its body, from the columns in the order of the table."""
    seq, root, rev, queue, *rest = columns
    return Row(seq, root, rev, Queue(queue), *rest)


class Tables:
    """One connection's view of ``row``, ``body`` and ``board``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.run = connection.execute
        self.body_pages = 0
        """Pages of bodies written since somebody set it to zero."""

    # ------------------------------------------------------------ reading

    def due(
        self, queue: Queue, name: str | None, until: Instant | None, limit: int, but: Leases
    ) -> list[tuple[Instant, int]]:
        """At most ``limit`` rows that nobody holds, as (due, seq): first due first, then in order
        of arrival. Over several names it asks for each, which the index answers at once."""
        names = [name] if name is not None else self._names(queue)
        last = _NEVER if until is None else until
        found = [
            self.run(_DUE, (queue, one, last, limit + len(but))).fetchall()  # no cursor stays open
            for one in names
        ]
        return list(islice((at for at in merge(*found) if at[1] not in but), limit))

    def due_but(
        self, queue: Queue, name: str, until: Instant, limit: int, but: Container[int]
    ) -> list[int]:
        """At most ``limit`` rows of one name, first due first, held by somebody or not, but those
        of these seqs."""
        found = self.run(_DUE, (queue, name, until, -1))
        seqs = list(islice((seq for _, seq in found if seq not in but), limit))
        found.close()
        return seqs

    def released(
        self, queue: Queue, name: str, until: Instant, limit: int, but: Leases, order: Order
    ) -> list[tuple[Instant, int]]:
        """As ``due``, of one name; those due URGENT and before it first of all, then the newest or
        the oldest. Of one second the order may be drawn, among the next that wait."""
        most = limit + len(but)
        near = most + _NEAR
        urgent = (queue, name, FIRST, min(URGENT, until), near, most)
        found = self.run(_RELEASED.format("ASC"), urgent).fetchall()
        if order == "drawn":
            together = (queue, name, URGENT + 1, until, most + _DRAWN_FROM)
            found += _drawn(self.run(_TOGETHER, together).fetchall())
        else:
            way = "DESC" if order == "newest" else "ASC"
            others = (queue, name, URGENT + 1, until, near, most)
            found += self.run(_RELEASED.format(way), others).fetchall()
        return [at for at in found if at[1] not in but][:limit]

    def oldest_due(self, queue: Queue, until: Instant) -> int | None:
        """The lowest seq of the rows that are due."""
        found = (self.run(_OLDEST, (queue, one, until)).fetchone() for one in self._names(queue))
        return min((seq for (seq,) in found if seq is not None), default=None)

    def _names(self, queue: Queue) -> list[str]:
        """Those for which something waits in a queue."""
        return [name for (name,) in self.run(_NAMES, (queue,))]

    def row(self, seq: int) -> Row | None:
        """One row, without its body."""
        columns = self.run(f"SELECT {COLUMNS} FROM row WHERE seq = ?", (seq,)).fetchone()
        return columns and row_of(columns)

    def body(self, seq: int) -> tuple[bytes | None, str | None]:
        """The bytes of a body, or the name of its file; empty bytes if there is none."""
        found = self.run("SELECT blob, file FROM body WHERE seq = ?", (seq,)).fetchone()
        return found or (b"", None)

    def look(self, queue: Queue | None, id: bytes | None, after: int, limit: int) -> list[Row]:
        """Rows without bodies in order of seq. By id it reads them all: it is an operator's."""
        where: list[str] = ["seq > ?"]
        given: list[object] = [after]
        if queue is not None:
            where.append("queue = ?")
            given.append(queue)
            if queue not in (Queue.INBOX, Queue.ENDED):
                where.append(LISTED)
        if id is not None:
            where.append("substr(id, 1, ?) = ?")
            given += [len(id), id]
        text = f"SELECT {COLUMNS} FROM row WHERE {' AND '.join(where)} ORDER BY seq LIMIT ?"
        return [row_of(columns) for columns in self.run(text, [*given, limit])]

    def named(self, name: bytes, since: Instant, limit: int) -> list[Row]:
        """The newest submissions of a name that are not older than an hour, in order of arrival."""
        text = f"""
            SELECT {COLUMNS} FROM named JOIN row ON row.seq = named.seq
            WHERE named.name = ? AND hour >= ? ORDER BY named.seq DESC LIMIT ?"""
        newest_first = self.run(text, (name, since, limit)).fetchall()
        return [row_of(columns) for columns in reversed(newest_first)]

    def deliveries(self, root: int) -> list[Row]:
        """The deliveries of a submission, in order of seq; an index has them."""
        text = f"SELECT {COLUMNS} FROM row WHERE root = ? AND root <> seq"
        text += " AND queue NOT IN ('original', 'sheet') ORDER BY seq"
        return [row_of(columns) for columns in self.run(text, (root,))]

    def originals(self, root: int) -> list[Row]:
        """What came along with a submission, as it came, in order of seq."""
        text = f"SELECT {COLUMNS} FROM row WHERE root = ? AND root <> seq"
        text += " AND queue = 'original' ORDER BY seq"
        return [row_of(columns) for columns in self.run(text, (root,))]

    def sheet(self, root: int) -> Row | None:
        """What persons wrote about a submission, without its body."""
        text = f"SELECT {COLUMNS} FROM row WHERE root = ? AND root <> seq AND queue = 'sheet'"
        columns = self.run(text, (root,)).fetchone()
        return columns and row_of(columns)

    def submissions(self, after: int, limit: int) -> Iterator[tuple[Row, str | None]]:
        """Submissions after a seq with their bodies, or the name of the file that has it."""
        found = self.run(f"{_WITH_BODY} WHERE row.seq > ? AND {_OWN_LIMITED}", (after, limit))
        return map(_with_body, found)

    def submissions_among(self, seqs: Sequence[int]) -> Iterator[tuple[Row, str | None]]:
        """The same of those of these seqs that are submissions."""
        for seq in seqs:
            found = self.run(f"{_WITH_BODY} WHERE row.seq = ? AND {_OWN_LIMITED}", (seq, 1))
            yield from map(_with_body, found)

    def beside(self, roots: Sequence[int]) -> dict[int, list[Row]]:
        """What belongs to these submissions, which follow each other or are few, but for their
        originals: by submission, in order of seq."""
        families: dict[int, list[Row]] = {}
        if roots:
            text = f"SELECT {COLUMNS} FROM row WHERE root >= ? AND root <= ? AND root <> seq"
            text += " AND queue <> 'original' ORDER BY root, seq"
            if roots[-1] - roots[0] > MOST_APART * len(roots):
                for root in roots:
                    families |= self.beside([root])
                return families
            for row in map(row_of, self.run(text, (roots[0], roots[-1]))):
                families.setdefault(row.root, []).append(row)
        return families

    def family(self, root: int) -> list[Row]:
        """What belongs to a submission but for its originals, in order of seq."""
        return self.beside([root]).get(root, [])

    def seqs_of(self, ids: Sequence[bytes], after: int, span: int) -> tuple[dict[bytes, int], int]:
        """Submissions by id among the next ``span`` rows; after which seq these end, 0 at the end
        of all. There is no index on ids: each new one would cost a page of it."""
        text = "SELECT seq FROM row WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ?"
        (last,) = self.run(text, (after, span - 1)).fetchone() or (0,)
        marks = ", ".join("?" * len(ids))
        text = "SELECT id, seq FROM row WHERE seq > ? AND seq <= ? AND root = seq"
        rows = self.run(f"{text} AND id IN ({marks})", (after, last or _NEVER, *ids))
        return dict(rows.fetchall()), last

    def ended(self, before: Instant, limit: int) -> list[Row]:
        """Submissions that ended before this hour and were not set aside, oldest first."""
        text = f"""
            SELECT {COLUMNS} FROM row
            WHERE queue = 'ended' AND root = seq AND due < ? AND state <> 'quarantined'
              AND NOT EXISTS (
              SELECT 1 FROM row AS d
              WHERE d.root = row.seq AND d.root <> d.seq AND d.queue NOT IN ({_NO_END}))
            ORDER BY due LIMIT ?"""
        return [row_of(columns) for columns in self.run(text, (before, limit))]

    def files(self) -> Iterator[str]:
        """The names of all bodies that are files."""
        return (name for (name,) in self.run("SELECT file FROM body WHERE file IS NOT NULL"))

    def places(self) -> list[Place]:
        """The board."""
        text = (
            "SELECT name, state, since, last, posted, account, why, month, spent"
            " FROM board ORDER BY name"
        )
        return [Place(*columns) for columns in self.run(text)]

    # ------------------------------------------------------------ writing

    def insert(self, seq: int, root: int, new: NewRow, file: str | None) -> None:
        """A new row and its body."""
        self.run(
            "INSERT INTO row VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                seq,
                root,
                new.queue.value,  # a plain str is bound faster than a StrEnum
                str(new.state),
                new.id,
                new.hour,
                new.due,
                new.name,
                new.why,
                new.note,
            ),
        )
        self.store_body(seq, new.body, file)

    def update(self, row: Row) -> None:
        """Write what may change of a row."""
        self.run(
            "UPDATE row SET rev = ?, queue = ?, state = ?, hour = ?, due = ?, name = ?, why = ?,"
            " note = ? WHERE seq = ?",
            (
                row.rev,
                row.queue.value,
                str(row.state),
                row.hour,
                row.due,
                row.name,
                row.why,
                row.note,
                row.seq,
            ),
        )

    def decided(self, root: int, hour: Instant | None) -> None:
        """A submission was decided in this hour (None: it is to be, again): what came along with
        it, and is not destroyed yet, is due from then on."""
        text = "UPDATE row SET due = ?, rev = rev + 1 WHERE root = ? AND root <> seq"
        self.run(f"{text} AND queue = 'original' AND state = 'sealed'", (hour, root))

    def store_body(self, seq: int, body: bytes, file: str | None) -> None:
        """The body of a row that has none."""
        if body:
            self.body_pages += 0 if file else len(body) // PAGE_BYTES
            kept = None if file else body
            self.run("INSERT INTO body VALUES (?, ?, ?)", (seq, kept, file))

    def wrote(self, pages: int) -> None:
        """So many pages of bodies were written in place."""
        self.body_pages += pages

    def destroy_body(self, seq: int) -> str | None:
        """Delete a body; the name of its file, which is to be removed after the commit."""
        text = "DELETE FROM body WHERE seq = ? RETURNING length(blob), file"
        length, file = self.run(text, (seq,)).fetchone() or (0, None)
        self.body_pages += (length or 0) // PAGE_BYTES  # secure_delete writes them, too
        return file

    def call(self, seq: int, names: Sequence[bytes]) -> None:
        """Give a submission names, besides those it has."""
        for name in names:
            self.run("INSERT OR IGNORE INTO named VALUES (?, ?)", (name, seq))

    def move(self, by_s: int) -> None:
        """Move every due time that is one, FIRST and URGENT are none. Nobody's copy of a row is out
        of date for that: what settles it gives it another."""
        text = "UPDATE row SET due = max(due + ?, ?) WHERE due > ?"
        self.run(text, (by_s, URGENT + 1, URGENT))

    def delete(self, seq: int) -> None:
        """Delete a row and its names, after its body."""
        self.run("DELETE FROM named WHERE seq = ?", (seq,))
        self.run("DELETE FROM row WHERE seq = ?", (seq,))

    def kept(self) -> dict[str, bytes]:
        """All that is remembered."""
        return dict(self.run("SELECT name, value FROM kept").fetchall())

    def keep(self, name: str, value: bytes) -> None:
        """Remember a value in place of the one before; an empty one is forgotten."""
        self.run("DELETE FROM kept WHERE name = ?", (name,))
        if value:
            self.run("INSERT INTO kept VALUES (?, ?)", (name, value))

    def place(self, place: Place) -> None:
        """Write one row of the board."""
        self.run(
            "INSERT OR REPLACE INTO board VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place.name,
                place.state,
                place.since,
                place.last,
                place.posted,
                place.account,
                place.why,
                place.month,
                place.spent,
            ),
        )


def _with_body(columns: Sequence[Any]) -> tuple[Row, str | None]:
    seq, root, rev, queue, *rest, blob, file = columns
    rest.append(blob or b"")
    return Row(seq, root, rev, Queue(queue), *rest), file


def _drawn(found: list[tuple[Instant, int]]) -> list[tuple[Instant, int]]:
    """Those of one second in any order."""
    return sorted(found, key=lambda at: (at[0], _random()))


def changed(row: Row, to: Change) -> Row:
    """The row after a change, as it will be stored."""
    return Row(
        row.seq,
        row.root,
        row.rev + 1,
        to.queue,
        to.state,
        row.id,
        row.hour if to.hour is None else to.hour,
        to.due,
        row.name if to.name is None else to.name,
        to.why,
        row.note if to.note is None else to.note,
        row.body if to.body is None else to.body,
    )
