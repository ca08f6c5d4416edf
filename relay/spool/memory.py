"""The spool in memory: for tests and dry runs. No threads, so it works under virtual time.

It is the same store on a database in memory, without what a disk needs: no files, no ``seen``, no
full disk. What it promises of order, leases, repeats and the sum is what the other one promises.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from typing import TypeVar

import trio

from relay.model import (
    Change,
    Changes,
    Counts,
    Head,
    Heads,
    Instant,
    Known,
    Moves,
    NewRow,
    Place,
    Queue,
    Row,
    SomeRows,
    Stored,
    Sums,
    Wanted,
    Whole,
)
from relay.ports import Clock, Order, PutDone
from relay.spool.bells import Bells
from relay.spool.opening import make_tables
from relay.spool.store import Store

T = TypeVar("T")


def _no_file(name: str, most: int = -1) -> bytes | None:
    return None


class MemorySpool:
    """``ports.Spool`` in memory; ``close`` forgets it all."""

    def __init__(self, clock: Clock, connection: sqlite3.Connection | None = None) -> None:
        connection = connection or sqlite3.connect(":memory:", isolation_level=None)
        make_tables(connection)
        self._clock = clock
        self._store = Store(connection, clock, _no_file)
        self._bells = Bells()

    def reopened(self) -> MemorySpool:
        """The same as a new process finds it: nothing is leased, and what was under way is unsure.
        This one is not to be used any more."""
        again = MemorySpool(self._clock, self._store.connection)
        again._commit(lambda store: store.recover(None, doubt=False))
        return again

    def reopen(self) -> None:
        """Be as a new process would find it: no leases, and what was being sent is unsure."""
        self._store = Store(self._store.connection, self._clock, _no_file)
        self._commit(lambda store: store.recover(None, doubt=False))

    def close(self) -> None:
        """Forget everything."""
        self._store.connection.close()

    async def put(
        self, rows: Sequence[NewRow], *, turned_away: int = 0
    ) -> Sequence[Stored | Known]:
        return await self._write(lambda store: store.put(rows, [None] * len(rows), turned_away))

    def put_soon(self, rows: Sequence[NewRow], done: PutDone) -> None:
        done(self._commit(lambda store: store.put(rows, [None] * len(rows))))

    async def take(
        self,
        queue: Queue,
        *,
        now: Instant,
        limit: int,
        name: str | None = None,
        first: Order | None = None,
    ) -> Sequence[Row]:
        await trio.lowlevel.checkpoint()
        taken, _ = self._store.take(queue, now, limit, name, first)
        return taken

    async def settle(
        self, row: Row, to: Change, *, then: Sequence[NewRow] = (), keep: bool = False
    ) -> Row | None:
        files = [None] * len(then)
        return await self._write(lambda store: store.settle(row, to, None, then, files, keep))

    def release(self, row: Row) -> None:
        self._store.leases.end(row)
        self._bells.ring({(row.queue, row.name)})

    async def wait(self, queue: Queue, *, name: str | None = None) -> None:
        await self._bells.wait(queue, name, partial(self.next_due, queue, name=name), self._clock)

    async def next_due(self, queue: Queue, *, name: str | None = None) -> Instant | None:
        return await self._read(lambda store: store.next_due(queue, name))

    async def oldest_due(self, queue: Queue, *, now: Instant) -> int | None:
        return await self._read(lambda store: store.tables.oldest_due(queue, now))

    async def body(self, seq: int) -> bytes:
        return await self._read(lambda store: store.body(seq))

    async def look(
        self,
        *,
        queue: Queue | None = None,
        id: bytes | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> Sequence[Row]:
        return await self._read(lambda store: store.look(queue, id, after, limit))

    async def heads(
        self, size: int, *, queue: Queue | None = None, after: int = 0, limit: int = 500
    ) -> Heads:
        return await self._read(lambda store: store.heads(size, queue, after, limit))

    async def put_heads(self, changes: Sequence[Head]) -> int:
        return await self._write(lambda store: store.put_heads(changes))

    async def counts(self) -> Counts:
        return await self._read(lambda store: store.counts())

    async def board(self) -> Sequence[Place]:
        return await self._read(lambda store: store.board())

    async def self_check(self) -> Sequence[str]:
        """What is wrong with the counts; empty if nothing is."""
        return await self._read(lambda store: store.self_check())

    async def change(self, row: Row, to: Change, *, then: Sequence[NewRow] = ()) -> bool:
        return await self._write(
            lambda store: store.change(row, to, None, then, [None] * len(then))
        )

    async def change_all(
        self, changes: Sequence[tuple[Row, Change]], *, sheets: Sequence[tuple[int, NewRow]] = ()
    ) -> bool:
        files = [None] * (len(changes) + len(sheets))
        return await self._write(lambda store: store.change_all(changes, files, sheets))

    async def change_each(self, changes: Sequence[tuple[Row, Change]]) -> Sequence[bool]:
        """As ports.Spool."""
        files = [None] * len(changes)
        return await self._write(lambda store: store.change_each(changes, files))

    async def peek(
        self, queue: Queue, *, now: Instant, limit: int, name: str, but: Container[int] = ()
    ) -> Sequence[Row]:
        """As ports.Spool."""
        return await self._read(lambda store: store.peek(queue, now, limit, name, but))

    async def settle_with(self, row: Row, to: Change, others: Sequence[tuple[Row, Change]]) -> bool:
        files = [None] * (1 + len(others))
        return await self._write(lambda store: store.settle_with(row, to, others, files))

    async def named(self, name: bytes, *, since: Instant = 0) -> Sequence[Row]:
        return await self._read(lambda store: store.named(name, since))

    async def originals(self, root: int) -> Sequence[Row]:
        """As ports.Spool."""
        return await self._read(lambda store: store.originals(root))

    async def sheet(self, root: int) -> Row | None:
        """As ports.Spool."""
        return await self._read(lambda store: store.sheet(root))

    async def wholes(
        self, *, after: int = 0, limit: int = 100, among: Sequence[int] | None = None
    ) -> Sequence[Whole]:
        """As ports.Spool."""
        return await self._read(lambda store: store.wholes(after, limit, among))

    async def seqs_of(
        self, ids: Sequence[bytes], *, after: int = 0
    ) -> tuple[dict[bytes, int], int]:
        """As ports.Spool."""
        return await self._read(lambda store: store.seqs_of(ids, after))

    async def moves(self) -> Moves:
        """What moved on since this was asked last, for who counts it."""
        return await self._read(lambda store: store.moves())

    async def summed(self, queue: Queue, *, now: Instant, latest: Instant, after: int = 0) -> Sums:
        """As ports.Spool."""
        return await self._read(lambda store: store.summed(queue, after, now, latest))

    async def find_rows(self, wanted: Wanted, *, after: int = 0, limit: int = 100) -> SomeRows:
        """Rows for an operator, without their bodies, in the order that ``wanted`` says. They are
        looked for in some 20,000 rows at a time: what it gives may be less than there is, and says
        from where to go on."""
        return await self._read(lambda store: store.find(wanted, after, limit))

    async def changes(self, since: int) -> Changes:
        """As ports.Spool."""
        return await self._read(lambda store: store.changes(since))

    async def family(self, root: int) -> Sequence[Row]:
        return await self._read(lambda store: store.family(root))

    async def scrub(self) -> None:
        await trio.lowlevel.checkpoint()  # there is no log

    async def count(self, *, repeats: int = 0, turned_away: int = 0) -> None:
        await self._write(lambda store: store.count(repeats, turned_away))

    async def purge(self, before: Instant, *, limit: int = 500) -> int:
        return await self._write(lambda store: store.purge(before, limit))

    async def place(self, place: Place) -> None:
        await self._write(lambda store: store.tables.place(place))

    async def remembered(self) -> Mapping[str, bytes]:
        return await self._read(lambda store: store.tables.kept())

    async def remember(self, name: str, value: bytes) -> None:
        await self._write(lambda store: store.tables.keep(name, value))

    async def exchange(self, name: str, was: bytes, now: bytes) -> bool:
        return await self._write(lambda store: store.exchange(name, was, now))

    async def accept_loss(self) -> int:
        return await self._write(lambda store: store.accept_loss())

    async def move(self, by_s: int) -> int:
        """Another time is believed, so many seconds later than the one before."""
        return await self._write(lambda store: store.move(by_s))

    async def moved(self) -> int:
        """By how many seconds in all."""
        return await self._read(lambda store: store.moved())

    # ------------------------------------------------------------ no thread

    async def _read(self, run: Callable[[Store], T]) -> T:
        await trio.lowlevel.checkpoint()
        return run(self._store)

    async def _write(self, run: Callable[[Store], T]) -> T:
        await trio.lowlevel.checkpoint()
        return self._commit(run)

    def _commit(self, run: Callable[[Store], T]) -> T:
        self._store.begin()
        try:
            result = run(self._store)
        except BaseException:
            self._store.rollback()
            raise
        self._bells.ring(self._store.commit().rung)
        return result
