"""Whatever happens in whatever order, the sum adds up: accepted is what was answered with yes."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import trio
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from spool_parts import NOW, Disk, HandClock, new

from relay.model import HOUR, Change, NewRow, Queue, Row, Sent, State, Stored
from relay.spool.memory import MemorySpool
from relay.spool.sqlite import SqliteSpool

NAMES = ("page", "folder", "webhook")
OVER = (Sent.POSTED, Sent.REFUSED, Sent.EXPIRED, Sent.DROPPED, Sent.WITHDRAWN)
ENDS = (State.DROPPED, State.QUARANTINED, State.EXPIRED, State.JOINED, State.COMMAND)
keys = st.integers(0, 12).map(lambda n: n.to_bytes(16, "big"))
bodies = st.sampled_from((b"", b"sealed", b"x" * 4000))


class Sum(RuleBasedStateMachine):
    """Random puts, claims, settles, changes, purges and days, against a ledger of our own."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock()
        self.stored = self.repeats = 0
        self.leased: list[Row] = []
        self.spool: Any = self.open()

    def open(self) -> Any:
        return MemorySpool(self.clock)

    def do(self, act: Callable[[Any], Awaitable[Any]]) -> Any:
        return trio.run(act, self.spool)

    @rule(rows=st.lists(st.tuples(bodies, st.lists(keys, max_size=2)), min_size=1, max_size=4))
    def put(self, rows: list[tuple[bytes, list[bytes]]]) -> None:
        made = [new(body, keys=tuple(keys), hour=self.clock.at) for body, keys in rows]
        for result in self.do(lambda spool: spool.put(made)):
            if isinstance(result, Stored):
                self.stored += 1
            else:
                self.repeats += 1

    @rule(queue=st.sampled_from((Queue.INBOX, Queue.POST)), limit=st.integers(1, 3))
    def take(self, queue: Queue, limit: int) -> None:
        rows = self.do(lambda spool: spool.take(queue, now=self.clock.at, limit=limit))
        seqs = {row.seq for row in self.leased}
        assert not seqs & {row.seq for row in rows}
        self.leased += rows

    @rule(to=st.sampled_from(("assign", "over", "held", "later", "back")), data=st.data())
    def settle(self, to: str, data: Any) -> None:
        if not self.leased:
            return
        row = self.leased.pop(data.draw(st.integers(0, len(self.leased) - 1)))
        if to == "back":
            self.spool.release(row)
            return
        change, then = self._change(row, to, data)
        assert self.do(lambda spool: spool.settle(row, change, then=then)) is not None
        assert self.do(lambda spool: spool.settle(row, change, then=then)) is None

    def _change(self, row: Row, to: str, data: Any) -> tuple[Change, list[NewRow]]:
        if row.queue == Queue.POST:
            if to == "over":
                return Change(Queue.ENDED, data.draw(st.sampled_from(OVER)), None, body=b""), []
            states = {"held": Sent.HELD, "assign": Sent.STOPPED, "later": Sent.WAITING}
            return Change(Queue.POST, states[to], due=0 if to == "later" else None), []
        if to == "assign":
            names = data.draw(st.sets(st.sampled_from(NAMES), min_size=1))
            fields = {"queue": Queue.POST, "state": Sent.WAITING, "hour": row.hour}
            then = [new(b"", name=name, **fields) for name in sorted(names)]
            return Change(Queue.ASSIGNED, State.WAITING, due=None), then
        if to == "held":
            return Change(Queue.REVIEW, State.HELD, due=None), []
        if to == "later":
            return Change(Queue.INBOX, State.WAITING, due=self.clock.at + HOUR), []
        return Change(Queue.ENDED, data.draw(st.sampled_from(ENDS)), due=None, body=b""), []

    @rule(data=st.data())
    def operator(self, data: Any) -> None:
        rows = self.do(lambda spool: spool.look())
        held = [row for row in rows if row.state in (Sent.HELD, Sent.STOPPED, Sent.REFUSED)]
        if held:
            row = data.draw(st.sampled_from(held))
            again = Queue.POST if row.root != row.seq else Queue.INBOX
            assert self.do(lambda spool: spool.change(row, Change(again, "waiting", due=0)))

    @rule(limit=st.integers(1, 5))
    def purge(self, limit: int) -> None:
        self.do(lambda spool: spool.purge(self.clock.at, limit=limit))

    @rule(hours=st.sampled_from((1, 30, 24 * 9)))
    def time_passes(self, hours: int) -> None:
        self.clock.at += hours * HOUR

    @invariant()
    def it_adds_up(self) -> None:
        counts = self.do(lambda spool: spool.counts())
        assert counts.accepted == self.stored
        assert counts.repeats == self.repeats
        assert all(n > 0 for n in counts.states.values())
        assert self.do(lambda spool: spool.self_check()) == []

    @invariant()
    def each_submission_waits_while_a_delivery_does(self) -> None:
        rows = self.do(lambda spool: spool.look())
        going = Counter(row.root for row in rows if row.root != row.seq and row.state in GOING)
        for row in rows:
            if row.root == row.seq and row.queue in (Queue.ASSIGNED, Queue.ENDED):
                assert (row.state == State.WAITING) == (going[row.seq] > 0)

    def teardown(self) -> None:
        self.spool.close()


GOING = {Sent.WAITING, Sent.PREPARED, Sent.SENDING, Sent.UNSURE, Sent.STOPPED}


class SumOnDisk(Sum):
    """The same, and the process ends now and then."""

    def open(self) -> SqliteSpool:
        self.disk = Disk(Path(tempfile.mkdtemp()), self.clock)
        return self._open()

    def _open(self) -> SqliteSpool:
        return SqliteSpool.open(
            self.disk.folder,
            self.disk.seen,
            clock=self.clock,
            min_free_bytes=0,
            ballast_bytes=0,
            on_broken=lambda: None,
        )

    @rule()
    def a_new_process(self) -> None:
        self.spool.close()
        self.leased = []
        self.spool = self._open()

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.disk.root)


TestSum = Sum.TestCase
TestSum.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestSumOnDisk = SumOnDisk.TestCase
TestSumOnDisk.settings = settings(max_examples=8, stateful_step_count=25, deadline=None)
assert NOW % HOUR == 0
