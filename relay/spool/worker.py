"""The one thread that owns the connection: it commits all that wait at once, then answers.

While it syncs one batch the next gathers, so that load makes the batches larger and nobody waits
for a timer. Answers go out only after the commit and after ``seen``. The first fault of the disk
is the last thing this thread does to it: whoever waits, and whoever comes, gets SpoolBroken.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from relay.errors import SpoolBroken, SpoolFull
from relay.spool.bells import Rung
from relay.spool.bodies import Bodies
from relay.spool.faults import Fault, fault_of
from relay.spool.room import Room
from relay.spool.seen import Seen
from relay.spool.store import Pending, Store

MOST_AT_ONCE = 512
"""Operations in one transaction: past a hundred nothing is gained, and answers come later."""

CHECKPOINT_PAGES = 256
"""Pages (1 MiB) in the log after which it is copied into the database: what a damaged log can lose
is small. We do it ourselves because SQLite swallows the errors of its own automatic one."""

CHORES_S = 60.0
"""Seconds between tidyings: the log is emptied, ``seen`` synced, the day's tables turned."""

SLACK_PAGES = 4096
"""Free pages (16 MiB) that the database may keep; what is more is given back to the disk."""

_ABANDONED: list[sqlite3.Connection] = []
"""Connections to a disk that failed: never closed, since closing one writes."""

T = TypeVar("T")

Answer = Callable[[Any], None]
"""Told the result of an operation, or the exception it failed with."""


class Kind(Enum):
    """What an operation needs."""

    PUT = "put"  #: a transaction, and room for something new
    WRITE = "write"  #: a transaction; goes on while the disk is full
    READ = "read"  #: what is committed
    LEASE = "lease"  #: memory only


@dataclass(slots=True)
class Task:
    """One operation that waits. ``before`` is done ahead of the transaction: files are written."""

    kind: Kind
    run: Callable[[Store], Any]
    answer: Answer
    before: Callable[[], None] | None = None
    undo: Callable[[], None] | None = None


class Worker:
    """Runs what came together: what was given back, then changes in one transaction, then reads."""

    def __init__(
        self,
        store: Store,
        seen: Seen,
        room: Room,
        bodies: Bodies,
        *,
        wake: Callable[[set[Rung]], None],
        on_broken: Callable[[], None],
        chores_s: float = CHORES_S,
    ) -> None:
        self._store = store
        self._seen = seen
        self._room = room
        self._bodies = bodies
        self._wake = wake
        self._on_broken = on_broken
        self._chores_s = chores_s
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self.broken = False
        self._untidy = True
        self._thread = threading.Thread(target=self._work, name="spool", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, task: Task) -> bool:
        """Queue a task, from any thread. False: this has ended, and it will not be answered."""
        with self._gate:
            if self._closed or self.broken:
                return False
            self._tasks.put(task)
            return True

    def close(self) -> None:
        """Do what is queued, leave the disk tidy, end the thread."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._tasks.put(None)
        self._thread.join()

    # ------------------------------------------------------------ the thread

    def _work(self) -> None:
        open_still = True
        tidied = time.monotonic()
        while open_still:
            every_s = min(1.0, self._chores_s) if self._room.thrown_out else self._chores_s
            batch, open_still = self._gather(tidied + every_s - time.monotonic())
            self._serve(batch)
            if time.monotonic() >= tidied + every_s or not open_still:
                self._guarded(self._tidy)
                tidied = time.monotonic()
        if not self.broken:
            self._guarded(self._seen.close)
            self._guarded(self._store.connection.close)

    def _gather(self, timeout_s: float) -> tuple[list[Task], bool]:
        """All that wait now; False: nothing follows."""
        batch: list[Task] = []
        try:
            task = self._tasks.get(timeout=max(0.0, timeout_s))
            while task is not None:
                batch.append(task)
                if len(batch) == MOST_AT_ONCE:
                    return batch, True
                task = self._tasks.get_nowait()
        except queue.Empty:
            return batch, True
        return batch, False

    def _serve(self, batch: Sequence[Task]) -> None:
        for task in batch:
            if task.kind is Kind.LEASE:
                self._read(task)
        writes = [task for task in batch if task.kind in (Kind.PUT, Kind.WRITE)]
        if any(task.kind is Kind.PUT for task in writes):
            writes = self._admitted(writes)
        writes = [task for task in writes if self._prepared(task)]
        if writes:
            self._write(writes)
        for task in batch:
            if task.kind is Kind.READ:
                self._read(task)
        self._wake(set())

    def _admitted(self, writes: list[Task]) -> list[Task]:
        """Without the puts, where there is no room for them."""
        room = self._guarded(lambda: self._room.enough() or self._room.take_back())
        if room and self._guarded(self._room.enough):
            return writes
        for task in writes:
            if task.kind is Kind.PUT:
                self._fail(task, SpoolFull())
        return [task for task in writes if task.kind is not Kind.PUT]

    def _prepared(self, task: Task) -> bool:
        try:
            if task.before and not self.broken:
                task.before()
            return True
        except Exception as error:  # judged, and told to the one who asked
            self._fail(task, self._undone(error))
            return False

    def _read(self, task: Task) -> None:
        if self.broken:
            self._fail(task, SpoolBroken())
            return
        try:
            result = task.run(self._store)
        except Exception as error:  # judged, and told to the one who asked
            self._fail(task, self._undone(error))
            return
        self._tell(task, result)

    # ------------------------------------------------------------ changes

    def _write(self, tasks: Sequence[Task]) -> None:
        """Commit these together and answer them. If that fails, each by itself: one that is too
        large for the disk, or a mistake, must not fail the others."""
        outcome = self._transaction(tasks)
        if isinstance(outcome, Exception) and len(tasks) > 1:
            for task in tasks:
                self._write([task])
            return
        if isinstance(outcome, SpoolFull) and tasks[0].kind is Kind.WRITE:
            self._make_room()
            outcome = self._transaction(tasks)
        if isinstance(outcome, Exception):
            self._fail(tasks[0], outcome)
        else:
            self._after_commit(tasks, *outcome)

    def _make_room(self) -> None:
        """For what must go on. The log is emptied at once: later there may be no room left for
        the database to take it in, and then it could only grow."""
        self._guarded(self._room.throw_out)
        self.empty_log()

    def _transaction(self, tasks: Sequence[Task]) -> tuple[list[Any], Pending] | Exception:
        """The results and what follows, durable; or why nothing was changed."""
        if self.broken:
            return SpoolBroken()
        try:
            self._store.begin()
            results = [task.run(self._store) for task in tasks]
            pending = self._store.commit()
        except Exception as error:  # whatever it is, it must not end the thread
            return self._undone(error)
        self._untidy = True
        try:
            self._seen.write(self._store.mark)
        except OSError:  # it is committed, so it cannot be refused any more: nobody is told
            self._break()
            return SpoolBroken()
        return results, pending

    def _undone(self, error: Exception) -> Exception:
        """What the caller is told of an error, with nothing left of what was begun."""
        fault = fault_of(error)
        if fault is not Fault.BROKEN:
            try:
                self._store.rollback()
            except Exception:  # an undo that fails leaves nothing to rely on
                fault = Fault.BROKEN
        if fault is Fault.BROKEN:
            self._break()
            return SpoolBroken()
        return SpoolFull() if fault is Fault.FULL else error

    def _after_commit(self, tasks: Sequence[Task], results: list[Any], pending: Pending) -> None:
        for task, result in zip(tasks, results, strict=True):
            self._tell(task, result)
        self._wake(pending.rung)
        if pending.gone:
            self._guarded(lambda: self._bodies.remove(pending.gone))
        if self._store.log_pages >= CHECKPOINT_PAGES:
            self._guarded(lambda: self._checkpoint("PASSIVE"))

    # ------------------------------------------------------------ chores

    def empty_log(self) -> None:
        """Copy the log into the database and cut it off. In this thread only."""
        self._guarded(lambda: self._checkpoint("TRUNCATE"))

    def scrub(self) -> None:
        """The same for somebody who waits for it, and is told if it cannot be done. In this thread
        only. Raises OSError or sqlite3.Error."""
        self._checkpoint("TRUNCATE")

    def _checkpoint(self, how: str) -> None:
        self._store.connection.execute(f"PRAGMA wal_checkpoint({how})").fetchall()
        self._store.checkpointed()
        self._seen.sync()

    def _tidy(self) -> None:
        if self._store.day_is_over():
            self._write([Task(Kind.WRITE, lambda store: store.turn_day(), lambda _: None)])
        if self._untidy or self._room.thrown_out:
            self._guarded(lambda: self._checkpoint("TRUNCATE"))
            if self._guarded(self._give_back):
                self._guarded(lambda: self._checkpoint("TRUNCATE"))
            self._untidy = False
        self._guarded(self._room.take_back)

    def _give_back(self) -> bool:
        """Return free pages to the file system; True if there were any to return."""
        execute = self._store.connection.execute
        (free,) = execute("PRAGMA freelist_count").fetchone()
        surplus = free - (SLACK_PAGES if self._room.enough() else 0)
        if surplus <= 0:
            return False
        execute(f"PRAGMA incremental_vacuum({min(surplus, SLACK_PAGES)})").fetchall()
        return True

    # ------------------------------------------------------------ answers

    def _tell(self, task: Task, result: object) -> None:
        try:
            task.answer(result)
        except Exception as error:  # the mistake of one who asked; the others still want answers
            self._complain(error)

    def _fail(self, task: Task, error: Exception) -> None:
        if task.undo:
            self._guarded(task.undo)
        self._tell(task, SpoolBroken() if self.broken else error)

    def _guarded(self, act: Callable[[], T]) -> T | None:
        """Do something that nobody waits for; None if it failed, or may not be done any more."""
        if self.broken:
            return None
        try:
            return act()
        except Exception as error:  # nobody waits for it, so it is judged here
            fault = fault_of(error)
            if fault is Fault.BROKEN:
                self._break()
            elif fault is Fault.BUG:
                self._complain(error)
            return None

    def _break(self) -> None:
        with self._gate:
            if self.broken:
                return
            self.broken = True
        _ABANDONED.append(self._store.connection)
        self._on_broken()

    def _complain(self, error: Exception) -> None:
        thread = threading.current_thread()
        threading.excepthook(
            threading.ExceptHookArgs((type(error), error, error.__traceback__, thread))
        )
