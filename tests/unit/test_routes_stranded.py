"""Where no way was left and one is back, what waited for it goes on at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any

import trio
from holding_parts import KEYS, NAME, Platform
from holding_parts import Node as Writer
from trio.testing import MockClock

from relay.config import Destination
from relay.exit.rest import Rest
from relay.journal import Journal
from relay.model import (
    Found,
    Health,
    Later,
    NewRow,
    Once,
    Outcome,
    Part,
    Posted,
    Queue,
    Row,
    Sent,
    Unknown,
    Unsure,
)
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.calls import Outlet
from relay.node.outward import Outward
from relay.node.pipes import Pipe, pair
from relay.node.process import FROM_OUTLET, Process
from relay.node.stranded import Stranded
from relay.spool.memory import MemorySpool
from relay.wire import frames

START = 1_800_000_000
HOUR = 3600
EXACT = Once("exact")
UNREACHED = Later("the host cannot be reached", scope="host")


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


class Node:
    def __init__(self) -> None:
        self.spool = MemorySpool(Loop())
        self.stranded = Stranded(self.spool, Loop())

    async def waits(
        self, outcome: Outcome | Rest, *, name: str = "there", state: Sent = Sent.WAITING
    ) -> Row:
        """A delivery whose turn ended so, and whose next one is in an hour."""
        new = NewRow(Queue.POST, state, bytes(16), START, START + HOUR, name, "why")
        before = {row.seq for row in await self.spool.look()}
        await self.spool.put([new])
        [row] = [row for row in await self.spool.look() if row.seq not in before]
        self.stranded.ended(row, outcome)
        return row

    async def due(self, *rows: Row) -> list[int]:
        """In how many seconds the next turn of each is."""
        now = {row.seq: row for row in await self.spool.look()}
        return [(now[row.seq].due or 0) - START for row in rows]


@asynccontextmanager
async def node() -> AsyncIterator[Node]:
    one = Node()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.stranded.run)
        yield one
        nursery.cancel_scope.cancel()


async def test_what_waited_for_a_way_goes_on_when_one_is_back(autojump_clock: MockClock) -> None:
    async with node() as one:
        waited = [await one.waits(UNREACHED) for _ in range(3)]
        elsewhere = await one.waits(UNREACHED, name="elsewhere")
        await trio.sleep(100)
        one.stranded.back("there")
        await trio.sleep(1)
        assert await one.due(*waited, elsewhere) == [100, 100, 100, HOUR]
        assert [row.why for row in await one.spool.look()] == ["why"] * 4
        one.stranded.back("elsewhere")
        await trio.sleep(1)
        assert await one.due(elsewhere) == [101]


async def test_what_a_platform_told_to_wait_waits(autojump_clock: MockClock) -> None:
    """Also where it had been kept from it before."""
    async with node() as one:
        told = await one.waits(Later("answered 503", START + HOUR, scope="host"))
        kept = await one.waits(UNREACHED)
        one.stranded.ended(kept, Later("answered 429", START + HOUR, scope="destination"))
        rests = await one.waits(UNREACHED)
        one.stranded.ended(rests, Rest(START + HOUR, "its limit is used up"))
        one.stranded.back("there")
        await trio.sleep(1)
        assert await one.due(told, kept, rests) == [HOUR] * 3


async def test_what_is_in_doubt_or_a_person_has_stopped_is_left_alone(
    autojump_clock: MockClock,
) -> None:
    async with node() as one:
        rows = [await one.waits(UNREACHED, state=state) for state in (Sent.UNSURE, Sent.HELD)]
        one.stranded.back("there")
        await trio.sleep(1)
        assert await one.due(*rows) == [HOUR, HOUR]


async def test_more_than_one_look_at_the_spool_shows_are_woken(autojump_clock: MockClock) -> None:
    async with node() as one:
        new = [NewRow(Queue.POST, Sent.WAITING, bytes(16), START, START + HOUR, "there")] * 1500
        await one.spool.put(new)
        rows = [*await one.spool.look(), *await one.spool.look(after=1000)]
        for row in rows:
            one.stranded.ended(row, UNREACHED)
        one.stranded.back("there")
        await trio.sleep(1)
        assert len(rows) == 1500 and await one.due(rows[0], rows[999]) == [0, 0]
        assert await one.spool.next_due(Queue.POST, name="there") == START
        taken = await one.spool.take(Queue.POST, now=START, limit=5000, name="there")
        assert len(taken) == 1500


# ---------------------------------------------------------------- in the core


class Abroad(Outlet):
    """An outlet whose bridge reaches its platform, or not; and when it tried."""

    def __init__(self) -> None:
        ours, self.theirs = pair()
        super().__init__(Process("outlet", 1, Pipe(ours, FROM_OUTLET)), self._nobody)
        self.tried: list[float] = []
        self.told = trio.Event()
        self.reaches = False
        self.ends: Outcome = UNREACHED

    @staticmethod
    async def _nobody(pid: int) -> None:
        raise AssertionError("nobody is killed")

    async def call(self, make: Any, keep: Any = None) -> Any:
        match make(1):
            case frames.Check():
                return frames.Checked(1, Health("account"))
            case frames.Prepare():
                return frames.Prepared(1, (Part("key", 0, 1, b"text"),))
            case frames.Send():
                self.tried.append(trio.current_time())
                self.told.set()
                self.told = trio.Event()
                return frames.Ended(1, Posted("1") if self.reaches else self.ends)
            case frames.Find():
                self.tried.append(trio.current_time())
                return frames.Looked(1, Found("1") if self.reaches else Unknown())
        raise AssertionError

    def close(self) -> None:
        self.process.pipe.close()
        self.theirs.close()


class NoSteps:
    async def run(self) -> None:
        await trio.sleep_forever()


@asynccontextmanager
async def core(outlet: Abroad, once: Once = EXACT, deliveries: int = 1) -> AsyncIterator[Outward]:
    """The exit's side of a core with one destination, and what is to be posted there."""
    clock, destinations = Loop(), {NAME: Destination(bridge="folder", routes=("direct", "tor"))}
    spool = MemorySpool(clock)
    board = Board(spool, clock)
    await board.load(destinations)
    writer = Writer(Platform(), spool=spool)
    await writer.accepts(deliveries)
    for row in await spool.take(Queue.DELIVER, now=clock.now(), limit=deliveries):
        await writer._assign(row, clock.now())
    brake = Brake(spool, clock, {}, destinations, {})
    journal = Journal("core", StringIO())
    outward = Outward(
        spool, board, clock, journal, destinations, brake, lambda: None, lambda keys: (b"", b"")
    )
    outward.serves(outlet, frames.Serves(NAME, once, 1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outward.run, NoSteps(), KEYS)
        yield outward
        nursery.cancel_scope.cancel()
    outlet.close()


async def test_a_way_that_is_back_is_used_by_what_waited_for_hours(
    autojump_clock: MockClock,
) -> None:
    outlet = Abroad()
    async with core(outlet) as outward:
        await trio.sleep(1)
        outward.routed(frames.Routed(NAME, "", {"direct": "timed out", "tor": "proxy"}))
        await trio.sleep(3 * HOUR)
        await outlet.told.wait()
        await trio.sleep(1)  # it waits half an hour at least, by now, and its destination rests
        outlet.reaches, back = True, trio.current_time()
        outward.routed(frames.Routed(NAME, "tor", {"direct": "timed out"}))
        await trio.sleep(5)
        assert back <= outlet.tried[-1] < back + 5
        tried = len(outlet.tried)
        outward.routed(frames.Routed(NAME, "direct", {}))  # a better one: nothing waits for it
        await trio.sleep(HOUR)
        assert len(outlet.tried) == tried


async def test_what_is_in_doubt_when_the_line_is_cut_needs_no_person_however_long_that_lasts(
    autojump_clock: MockClock,
) -> None:
    outlet = Abroad()
    outlet.ends = Unsure("the request left and no whole answer came")
    async with core(outlet, Once("lookup")) as outward:
        outward.routed(frames.Routed(NAME, "", {"direct": "timed out", "tor": "proxy"}))
        await trio.sleep(3 * HOUR)
        assert len(outlet.tried) > 12  # looked for, all that time
        outlet.reaches = True
        outward.routed(frames.Routed(NAME, "tor", {"direct": "timed out"}))
        await trio.sleep(HOUR)
        ended = await outward._spool.look(queue=Queue.ENDED)
        assert [row.state for row in ended if row.name == NAME] == [Sent.POSTED]


async def test_a_rest_that_the_platform_named_lasts_on_any_way(autojump_clock: MockClock) -> None:
    outlet = Abroad()
    outlet.ends = Later("answered 429", START + 600, scope="destination")
    async with core(outlet, deliveries=2) as outward:
        await trio.sleep(1)
        outward.routed(frames.Routed(NAME, "", {"direct": "timed out", "tor": "proxy"}))
        outward.routed(frames.Routed(NAME, "direct", {}))
        await trio.sleep(500)
        assert outlet.tried == [0]
        outlet.reaches = True
        await trio.sleep(200)
        assert outlet.tried == [0, 600, 600]
