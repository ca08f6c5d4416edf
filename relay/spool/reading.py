"""What the spool tells of its tables, and what it lends of them. It changes nothing but leases.

Bodies are read whole, but not too many at a time: of those that are taken together the core has
all in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Final

from relay.errors import Damaged
from relay.model import Changes, Heads, Instant, Place, Queue, Row, SomeRows, Sums, Wanted, Whole
from relay.ports import Order
from relay.spool.feed import Feed
from relay.spool.finding import found
from relay.spool.heads import ReadFile, heads, put_over
from relay.spool.leases import Leases
from relay.spool.summing import summed
from relay.spool.tables import Tables

TAKEN_BYTES: Final = 16 * 1024 * 1024
"""Bytes of bodies that are taken together, or one that is larger: sixteen mails of 10 MB at a time
would be more than all processes of a node are to have."""

LOOKED_THROUGH: Final = 20_000
"""Rows in which ids are looked for at a time: a few milliseconds, which others wait."""

MOST_NAMED: Final = 1000
"""Rows of one name that are given: a name is of one person's messages."""


class Reading:
    """The tables of one connection, as they are. ``read_file`` gives the bytes of a body that is a
    file."""

    def __init__(self, connection: sqlite3.Connection, read_file: ReadFile) -> None:
        self.connection = connection
        self._read_file = read_file
        self.tables = Tables(connection)
        self.leases = Leases()
        self.feed = Feed()

    def take(
        self,
        queue: Queue,
        now: Instant,
        limit: int,
        name: str | None,
        first: Order | None = None,
    ) -> tuple[list[Row], list[Row]]:
        """Lease rows that are due, with their bodies, of these no more than TAKEN_BYTES, or one;
        and apart from them those whose body is gone, for ``quarantine``."""
        taken: list[Row] = []
        missing: list[Row] = []
        room = TAKEN_BYTES
        if first is None or name is None:
            due = self.tables.due(queue, name, now, limit, self.leases)
        else:
            due = self.tables.released(queue, name, now, limit, self.leases, first)
        for _, seq in due:
            row = self.tables.row(seq)
            assert row is not None
            body = self._body(seq)
            if body is None:
                missing.append(row)
                continue
            room -= len(body)
            if room < 0 and taken:  # it is the first of the next batch
                break
            row = replace(row, body=body)
            self.leases.begin(row)
            taken.append(row)
        return taken, missing

    def peek(
        self, queue: Queue, now: Instant, limit: int, name: str, but: Container[int]
    ) -> list[Row]:
        """Rows that are due, first due first, without those of these seqs; not leased."""
        seqs = self.tables.due_but(queue, name, now, limit, but)
        return [row for seq in seqs if (row := self.tables.row(seq)) is not None]

    def _body(self, seq: int) -> bytes | None:
        return self._whole_body(*self.tables.body(seq))

    def _whole_body(self, blob: bytes | None, file: str | None) -> bytes | None:
        return put_over(self._read_file(file), blob) if file else blob

    def body(self, seq: int) -> bytes:
        """The body of one row. Raises Damaged if its file is gone."""
        body = self._body(seq)
        if body is None:
            raise Damaged("the body of this row is missing on the disk")
        return body

    def next_due(self, queue: Queue, name: str | None) -> Instant | None:
        """When the next row comes due that nobody holds."""
        first = self.tables.due(queue, name, None, 1, self.leases)
        return first[0][0] if first else None

    def named(self, name: bytes, since: Instant) -> list[Row]:
        """Submissions by a name, not leased."""
        return self.tables.named(name, since, MOST_NAMED)

    def family(self, root: int) -> list[Row]:
        """A submission and its deliveries, not leased."""
        submission = self.tables.row(root)
        if submission is None or submission.root != root:
            return []
        return [submission, *self.tables.deliveries(root)]

    def originals(self, root: int) -> list[Row]:
        """What came along with a submission, as it came, not leased."""
        return self.tables.originals(root)

    def sheet(self, root: int) -> Row | None:
        """What persons wrote about a submission, with its body."""
        found = self.tables.sheet(root)
        return found and replace(found, body=self._body(found.seq) or b"")

    def wholes(self, after: int, limit: int, among: Sequence[int] | None) -> list[Whole]:
        """Submissions with what stands beside them, of large ones few; not leased."""
        if among is None:
            found = self.tables.submissions(after, limit)
        else:
            some = sorted({seq for seq in among if seq > after})[:limit]
            found = self.tables.submissions_among(some)
        rows: list[Row] = []
        room = TAKEN_BYTES
        for row, file in found:
            whole = self._whole_body(row.body, file) or b""
            rows.append(replace(row, body=whole) if file else row)
            room -= len(rows[-1].body)
            if room <= 0:
                break
        beside = self.tables.beside([row.seq for row in rows])
        return [self._whole(row, beside.get(row.seq, [])) for row in rows]

    def _whole(self, row: Row, beside: list[Row]) -> Whole:
        sheet = next((one for one in beside if one.queue == Queue.SHEET), None)
        if sheet is None:
            return Whole(row, tuple(beside), None)
        with_body = replace(sheet, body=self._body(sheet.seq) or b"")
        return Whole(row, tuple(one for one in beside if one is not sheet), with_body)

    def seqs_of(self, ids: Sequence[bytes], after: int) -> tuple[dict[bytes, int], int]:
        """Submissions by their ids, and after which seq to go on."""
        return self.tables.seqs_of(ids, after, LOOKED_THROUGH)

    def changes(self, since: int) -> Changes:
        """What changed since then."""
        return self.feed.since(since)

    def summed(self, queue: Queue, after: int, now: Instant, latest: Instant) -> Sums:
        """What waits in a queue, put together."""
        return summed(self.connection, queue, after, now, latest)

    def find(self, wanted: Wanted, after: int, limit: int) -> SomeRows:
        """Rows that an operator asks for."""
        return found(self.connection, wanted, after, limit)

    def heads(self, size: int, queue: Queue | None, after: int, limit: int) -> Heads:
        """Rows with the first bytes of their bodies, not leased."""
        return heads(self.connection, self._read_file, size, queue, after, limit)

    def look(self, queue: Queue | None, id: bytes | None, after: int, limit: int) -> list[Row]:
        """Rows as they are, not leased."""
        return self.tables.look(queue, id, after, limit)

    def board(self) -> list[Place]:
        """The board."""
        return self.tables.places()
