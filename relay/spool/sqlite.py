"""The spool on a disk: one SQLite database, one connection, one thread.

Accepted means kept: nothing is answered before its commit is synced. In the folder lie
``spool.sqlite`` (and its log), ``bodies`` and ``ballast``. Whoever opens it has locked the folder
against a second relay before; SQLite's own exclusive lock keeps out anybody else who would look
into a live database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import trio

from relay.errors import SpoolBroken, SpoolFull
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
    hour_of,
)
from relay.ports import Clock, Order, PutDone
from relay.spool.bodies import FILE_OVER, Bodies
from relay.spool.calls import Call, Loops
from relay.spool.faults import Fault, fault_of
from relay.spool.files import make_folder, sync_folder
from relay.spool.opening import check_header, connect_in, read_seen, recover, translated
from relay.spool.repeats import ROAD_S
from relay.spool.room import Free, Room, free_bytes
from relay.spool.seen import Seen
from relay.spool.store import Files, Store
from relay.spool.worker import CHORES_S, Kind, Task, Worker

FILE = "spool.sqlite"

MIB = 1 << 20

T = TypeVar("T")


class SqliteSpool:
    """``ports.Spool`` on a disk. Made by ``open``, ended by ``close``."""

    def __init__(
        self, worker: Worker, bodies: Bodies, loops: Loops, clock: Clock, notices: tuple[str, ...]
    ) -> None:
        self._worker = worker
        self._bodies = bodies
        self._loops = loops
        self._clock = clock
        self.notices = notices
        """What was odd when it was opened, and is no loss: sentences for the operator."""
        self.set_back = False
        """Whether it may be older than what was posted: an operator decides what goes on."""

    @classmethod
    def open(
        cls,
        folder: Path,
        seen: Path,
        *,
        clock: Clock,
        min_free_bytes: int = 64 * MIB,
        ballast_bytes: int = 8 * MIB,
        set_back: bool = False,
        on_broken: Callable[[], None],
        free: Free = free_bytes,
        chores_s: float = CHORES_S,
        frozen: Callable[[], bool] = lambda: False,
        road_s: int = ROAD_S,
    ) -> SqliteSpool:
        """Open the spool in ``folder``, or make it; ``seen`` is a file outside of it.

        ``set_back``: an operator says that it is older than what was posted since. ``on_broken``
        is called once, by the spool's thread, after the disk failed. ``free`` tells the free
        bytes of a folder; ``chores_s`` are the seconds between tidyings; while the clock is
        ``frozen`` no repeat key is forgotten. ``road_s``: for how long an envelope may be on the
        road to this node: the ids of links are known for that, and some days. Blocks. Raises Busy,
        SpoolFull, SpoolBroken (NewerSpool among them).
        """
        try:
            return cls._opened(
                folder,
                seen,
                clock,
                min_free_bytes,
                ballast_bytes,
                set_back,
                on_broken,
                free,
                chores_s,
                frozen,
                road_s,
            )
        except (OSError, sqlite3.Error) as error:
            raise translated(error) from error

    @classmethod
    def _opened(
        cls,
        folder: Path,
        seen_path: Path,
        clock: Clock,
        min_free_bytes: int,
        ballast_bytes: int,
        set_back: bool,
        on_broken: Callable[[], None],
        free: Free,
        chores_s: float,
        frozen: Callable[[], bool],
        road_s: int,
    ) -> SqliteSpool:
        make_folder(folder)
        path = folder / FILE
        was_there = check_header(path)
        room = Room(folder, min_free_bytes=min_free_bytes, ballast_bytes=ballast_bytes, free=free)
        bodies = Bodies(folder / "bodies")
        mark, notices, doubt = read_seen(seen_path, was_there=was_there)
        connection = connect_in(path, room)
        try:
            store = Store(connection, clock, bodies.read, frozen, road_s)
            set_back = recover(store, room, mark, doubt=doubt or set_back)
            sync_folder(folder)
            bodies.sweep(set(store.tables.files()), clock.now())
            seen = Seen(seen_path)
            seen.write(store.mark)
            seen.sync()
        except BaseException:
            connection.close()
            raise
        loops = Loops()

        def broke() -> None:
            loops.wake_all()
            on_broken()

        worker = Worker(
            store, seen, room, bodies, wake=loops.wake, on_broken=broke, chores_s=chores_s
        )
        worker.start()
        spool = cls(worker, bodies, loops, clock, notices)
        spool.set_back = set_back
        return spool

    def close(self) -> None:
        """Finish what is queued, leave the disk tidy. Blocks; later calls raise SpoolBroken."""
        self._worker.close()

    # ------------------------------------------------------------ puts

    async def put(
        self, rows: Sequence[NewRow], *, turned_away: int = 0
    ) -> Sequence[Stored | Known]:
        files = await self._written([row.body for row in rows])
        return await self._ask(Kind.PUT, lambda store: store.put(rows, files, turned_away), files)

    def put_soon(self, rows: Sequence[NewRow], done: PutDone) -> None:
        files: list[str | None] = [None] * len(rows)

        def write_files() -> None:
            files[:] = self._bodies.write([row.body for row in rows], self._hour())

        big = any(len(row.body) > FILE_OVER for row in rows)
        task = Task(
            Kind.PUT,
            lambda store: store.put(rows, files),
            done,
            before=write_files if big else None,
            undo=lambda: self._bodies.remove([name for name in files if name]),
        )
        if not self._worker.submit(task):
            done(SpoolBroken())

    # ------------------------------------------------------------ claims

    async def take(
        self,
        queue: Queue,
        *,
        now: Instant,
        limit: int,
        name: str | None = None,
        first: Order | None = None,
    ) -> Sequence[Row]:
        # a lease whose holder was cancelled before it heard of it would last for ever
        with trio.CancelScope(shield=True):
            taken, missing = await self._ask(
                Kind.READ, lambda store: store.take(queue, now, limit, name, first)
            )
            if missing:
                await self._quarantine(missing)
        return taken

    async def _quarantine(self, missing: Sequence[Row]) -> None:
        try:
            await self._ask(Kind.WRITE, lambda store: store.quarantine(missing))
        except SpoolFull:
            await trio.sleep(1)  # not even room for that: they are found again the next time

    async def settle(
        self, row: Row, to: Change, *, then: Sequence[NewRow] = (), keep: bool = False
    ) -> Row | None:
        files = await self._written([to.body or b"", *(new.body for new in then)])
        return await self._ask(
            Kind.WRITE,
            lambda store: store.settle(row, to, files[0], then, files[1:], keep),
            files,
        )

    def release(self, row: Row) -> None:
        def released(_: object) -> None:
            self._loops.wake({(row.queue, row.name)})

        self._worker.submit(Task(Kind.LEASE, lambda store: store.leases.end(row), released))

    async def wait(self, queue: Queue, *, name: str | None = None) -> None:
        self._loops.enter()
        await self._loops.bells.wait(
            queue, name, partial(self.next_due, queue, name=name), self._clock
        )
        if self._worker.broken:
            raise SpoolBroken

    async def next_due(self, queue: Queue, *, name: str | None = None) -> Instant | None:
        return await self._ask(Kind.READ, lambda store: store.next_due(queue, name))

    async def oldest_due(self, queue: Queue, *, now: Instant) -> int | None:
        return await self._ask(Kind.READ, lambda store: store.tables.oldest_due(queue, now))

    # ------------------------------------------------------------ looking

    async def peek(
        self, queue: Queue, *, now: Instant, limit: int, name: str, but: Container[int] = ()
    ) -> Sequence[Row]:
        """As ports.Spool."""
        return await self._ask(Kind.READ, lambda store: store.peek(queue, now, limit, name, but))

    async def body(self, seq: int) -> bytes:
        return await self._ask(Kind.READ, lambda store: store.body(seq))

    async def look(
        self,
        *,
        queue: Queue | None = None,
        id: bytes | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> Sequence[Row]:
        return await self._ask(Kind.READ, lambda store: store.look(queue, id, after, limit))

    async def named(self, name: bytes, *, since: Instant = 0) -> Sequence[Row]:
        return await self._ask(Kind.READ, lambda store: store.named(name, since))

    async def originals(self, root: int) -> Sequence[Row]:
        """As ports.Spool."""
        return await self._ask(Kind.READ, lambda store: store.originals(root))

    async def sheet(self, root: int) -> Row | None:
        """As ports.Spool."""
        return await self._ask(Kind.READ, lambda store: store.sheet(root))

    async def wholes(
        self, *, after: int = 0, limit: int = 100, among: Sequence[int] | None = None
    ) -> Sequence[Whole]:
        """As ports.Spool."""
        return await self._ask(Kind.READ, lambda store: store.wholes(after, limit, among))

    async def seqs_of(
        self, ids: Sequence[bytes], *, after: int = 0
    ) -> tuple[dict[bytes, int], int]:
        """As ports.Spool."""
        return await self._ask(Kind.READ, lambda store: store.seqs_of(ids, after))

    async def moves(self) -> Moves:
        """What moved on since this was asked last, for who counts it."""
        return await self._ask(Kind.READ, lambda store: store.moves())

    async def summed(self, queue: Queue, *, now: Instant, latest: Instant, after: int = 0) -> Sums:
        """As ports.Spool."""
        return await self._ask(Kind.READ, lambda store: store.summed(queue, after, now, latest))

    async def find_rows(self, wanted: Wanted, *, after: int = 0, limit: int = 100) -> SomeRows:
        """Rows for an operator, without their bodies, in the order that ``wanted`` says. They are
        looked for in some 20,000 rows at a time: what it gives may be less than there is, and says
        from where to go on."""
        return await self._ask(Kind.READ, lambda store: store.find(wanted, after, limit))

    async def changes(self, since: int) -> Changes:
        """As ports.Spool."""
        return await self._ask(Kind.READ, lambda store: store.changes(since))

    async def family(self, root: int) -> Sequence[Row]:
        return await self._ask(Kind.READ, lambda store: store.family(root))

    async def counts(self) -> Counts:
        return await self._ask(Kind.READ, lambda store: store.counts())

    async def board(self) -> Sequence[Place]:
        return await self._ask(Kind.READ, lambda store: store.board())

    async def self_check(self) -> Sequence[str]:
        """What is wrong with the database and the counts; empty if nothing is. Reads all of it."""
        return await self._ask(Kind.READ, lambda store: store.self_check())

    # ------------------------------------------------------------ the operator's

    async def change(self, row: Row, to: Change, *, then: Sequence[NewRow] = ()) -> bool:
        files = await self._written([to.body or b"", *(new.body for new in then)])
        return await self._ask(
            Kind.WRITE, lambda store: store.change(row, to, files[0], then, files[1:]), files
        )

    async def change_all(
        self, changes: Sequence[tuple[Row, Change]], *, sheets: Sequence[tuple[int, NewRow]] = ()
    ) -> bool:
        files = await self._written(
            [*(to.body or b"" for _, to in changes), *(new.body for _, new in sheets)]
        )
        return await self._ask(
            Kind.WRITE, lambda store: store.change_all(changes, files, sheets), files
        )

    async def change_each(self, changes: Sequence[tuple[Row, Change]]) -> Sequence[bool]:
        """As ports.Spool."""
        files = await self._written([to.body or b"" for _, to in changes])
        return await self._ask(Kind.WRITE, lambda store: store.change_each(changes, files), files)

    async def settle_with(self, row: Row, to: Change, others: Sequence[tuple[Row, Change]]) -> bool:
        files = await self._written([to.body or b"", *(other.body or b"" for _, other in others)])
        return await self._ask(
            Kind.WRITE, lambda store: store.settle_with(row, to, others, files), files
        )

    async def heads(
        self, size: int, *, queue: Queue | None = None, after: int = 0, limit: int = 500
    ) -> Heads:
        return await self._ask(Kind.READ, lambda store: store.heads(size, queue, after, limit))

    async def put_heads(self, changes: Sequence[Head]) -> int:
        # it can wait for room, unlike what must go on while the disk is full
        return await self._ask(Kind.PUT, lambda store: store.put_heads(changes))

    async def scrub(self) -> None:
        await self._ask(Kind.READ, lambda store: self._worker.scrub())

    async def count(self, *, repeats: int = 0, turned_away: int = 0) -> None:
        await self._ask(Kind.WRITE, lambda store: store.count(repeats, turned_away))

    async def purge(self, before: Instant, *, limit: int = 500) -> int:
        return await self._ask(Kind.WRITE, lambda store: store.purge(before, limit))

    async def place(self, place: Place) -> None:
        await self._ask(Kind.WRITE, lambda store: store.tables.place(place))

    async def remembered(self) -> Mapping[str, bytes]:
        return await self._ask(Kind.READ, lambda store: store.tables.kept())

    async def remember(self, name: str, value: bytes) -> None:
        await self._ask(Kind.WRITE, lambda store: store.tables.keep(name, value))

    async def exchange(self, name: str, was: bytes, now: bytes) -> bool:
        return await self._ask(Kind.WRITE, lambda store: store.exchange(name, was, now))

    async def move(self, by_s: int) -> int:
        """Another time is believed, so many seconds later (below 0: earlier) than the one before:
        due times, the hours in which something ended and the days of repeat keys are moved with
        it. Gives what ``moved`` gives from then on. Raises SpoolFull."""
        return await self._ask(Kind.WRITE, lambda store: store.move(by_s))

    async def moved(self) -> int:
        """By how many seconds all that was moved since the spool was made."""
        return await self._ask(Kind.READ, lambda store: store.moved())

    async def accept_loss(self) -> int:
        return await self._ask(Kind.WRITE, lambda store: store.accept_loss())

    # ------------------------------------------------------------ the thread

    async def _ask(self, kind: Kind, run: Callable[[Store], T], files: Files = ()) -> T:
        self._loops.enter()
        call: Call[T] = Call()
        names = [name for name in files if name]
        undo = partial(self._bodies.remove, names) if names else None
        if not self._worker.submit(Task(kind, run, partial(self._loops.answer, call), undo=undo)):
            raise SpoolBroken
        return await call.wait()

    async def _written(self, bodies: Sequence[bytes]) -> Files:
        """Make files of the big ones, in a thread of their own."""
        if not any(len(body) > FILE_OVER for body in bodies):
            return [None] * len(bodies)
        try:
            return await trio.to_thread.run_sync(self._bodies.write, bodies, self._hour())
        except OSError as error:
            if fault_of(error) is Fault.FULL:
                raise SpoolFull from error
            await self._ask(Kind.WRITE, partial(_failed, error))  # ends it all, for everybody
            raise SpoolBroken from error

    def _hour(self) -> Instant:
        return hour_of(self._clock.now())


def _failed(error: OSError, _: Store) -> None:
    raise error
