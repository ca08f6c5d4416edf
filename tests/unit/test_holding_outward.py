"""While a window is in force nobody asks the platform for anything, but for what a person says now.

The core's own wiring, with an outlet that counts what it is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from itertools import pairwise
from typing import Any

import trio
from holding_parts import KEYS, START, Loop, Platform, window
from holding_parts import Node as Writer
from trio.testing import MockClock

from relay.config import Destination
from relay.journal import Journal
from relay.model import (
    Health,
    Later,
    NewRow,
    Once,
    Part,
    Place,
    Posted,
    Queue,
    Removed,
    Replied,
    Sent,
)
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.calls import Outlet
from relay.node.holding import Holding
from relay.node.outward import Outward
from relay.node.pipes import Pipe, pair
from relay.node.process import FROM_OUTLET, Process
from relay.node.replies import Asked, Replies
from relay.rules.windows import Window
from relay.spool.memory import MemorySpool
from relay.wire import frames

NAME = "box"


class Counting(Outlet):
    """An outlet that counts what it is asked. ``trouble``: what is wrong with the account."""

    def __init__(self) -> None:
        ours, self.theirs = pair()
        super().__init__(Process("outlet", 1, Pipe(ours, FROM_OUTLET)), self._nobody)
        self.asked: Counter[str] = Counter()
        self.sent: list[float] = []
        self.trouble = ""

    @staticmethod
    async def _nobody(pid: int) -> None:
        raise AssertionError("nobody is killed")

    async def call(self, make: Any, keep: Any = None) -> Any:
        frame = make(1)
        self.asked[type(frame).__name__] += 1
        match frame:
            case frames.Check():
                return frames.Checked(1, Health("" if self.trouble else "account", self.trouble))
            case frames.Prepare():
                return frames.Prepared(1, (Part("key", 0, 1, b"text"),))
            case frames.Send():
                self.sent.append(trio.current_time())
                return frames.Ended(1, Posted("1"))
            case frames.Remove():
                return frames.TookBack(1, Removed())
            case frames.AskReplies():
                return frames.Replies(1, Replied((), b"cursor"))
        raise AssertionError(frame)

    def close(self) -> None:
        self.process.pipe.close()
        self.theirs.close()


class NoSteps:
    async def run(self) -> None:
        await trio.sleep_forever()


class Node:
    """Outward with one destination, its board and its windows."""

    def __init__(self) -> None:
        self.clock = Loop()
        self.spool = MemorySpool(self.clock)
        self.board = Board(self.spool, self.clock)
        self.outlet = Counting()
        self.journal = Journal("core", StringIO())
        self.ended = trio.Event()
        self.outward: Outward
        self.holding: Holding

    @asynccontextmanager
    async def running(self, *windows: Window) -> AsyncIterator[Node]:
        destinations = {NAME: Destination(bridge="folder")}
        self.holding = await Holding.loaded(
            self.spool, self.clock, windows, destinations, self.journal
        )
        await self.board.load(destinations)
        self.outward = Outward(
            self.spool,
            self.board,
            self.clock,
            self.journal,
            destinations,
            Brake(self.spool, self.clock, {}, destinations, {}),
            lambda: None,
            lambda keys: (b"", b""),
            holding=self.holding,
        )
        self.outward.serves(self.outlet, frames.Serves(NAME, Once("exact"), 1))
        asked = {NAME: Asked(self.outward.bridge(NAME), 60, 10)}
        replies = Replies(self.spool, KEYS, asked, self.holding.stops)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.holding.run)
                nursery.start_soon(self._goes_out)
                nursery.start_soon(replies.run)
                yield self
                nursery.cancel_scope.cancel()
        finally:
            self.outlet.close()

    async def _goes_out(self) -> None:
        await self.outward.run(NoSteps(), KEYS)  # type: ignore[arg-type]
        self.ended.set()

    def shown(self, due: int = 0) -> Place:
        [place] = self.board.places()
        return self.holding.shown(place, due)


async def test_a_node_that_starts_in_a_window_asks_for_nothing_before_its_end(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    async with node.running(window(-100, 1000)):
        await trio.sleep_until(999)
        assert node.outlet.asked == {}
        await trio.sleep_until(1002)
        assert node.outlet.asked["Check"] == 1
        await trio.sleep_until(1100)
        assert node.outlet.asked["AskReplies"] > 0


async def test_an_account_that_is_refused_is_asked_again_after_the_window_and_says_so_meanwhile(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    node.outlet.trouble = "its token is old"
    async with node.running(window(90, 1000)):
        await trio.sleep_until(95)
        checks = node.outlet.asked["Check"]
        await trio.sleep_until(999)
        assert node.outlet.asked["Check"] == checks
        assert (node.shown().state, node.shown().why) == ("login", "its token is old")
        node.outlet.trouble = ""
        await trio.sleep_until(1065)
        assert node.shown().state == "works"


async def test_what_a_person_takes_back_is_taken_back_all_the_same(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    async with node.running(window(-100, 1000)):
        assert await node.outward.remove(NAME, "1") == Removed()


async def test_a_stop_of_the_node_does_not_wait_for_the_end_of_a_window(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    async with node.running(window(-100, 1000)):
        await trio.sleep(1)
        node.outward.finish()
        with trio.fail_after(1):
            await node.ended.wait()
        assert node.outlet.asked == {}


async def test_a_platform_that_is_back_by_the_word_of_a_person(autojump_clock: MockClock) -> None:
    node = Node()
    async with node.running():
        await trio.sleep(1)
        assert not node.outward.comes_back(NAME)
        node.holding.told(NAME, Later("answered 503", START + 3000, scope="host"))
        await trio.sleep(1)
        assert node.shown().state == "planned"
        assert node.outward.comes_back(NAME)
        await trio.sleep(1)
        assert (node.shown().state, node.outward.comes_back(NAME)) == ("works", False)


async def test_the_board_says_what_is_planned_and_then_what_is_left(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    async with node.running(window(10, 1000, every_s=60)):
        await trio.sleep_until(11)
        assert node.shown(3).why == "maintenance, until 08:16 UTC; then 3, oldest first, 60/h"
        new = [NewRow(Queue.POST, Sent.WAITING, bytes(16), START, START, NAME)] * 3
        await node.spool.put(new)
        await trio.sleep_until(1000.5)
        assert node.shown(3).state == "works"
        assert node.shown(3).why == "releasing: 3 left, oldest first, 60/h"


async def test_what_waited_for_its_outlet_does_not_shorten_the_pause_after_it(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    async with node.running(window(90, 100, every_s=10)):
        await trio.sleep_until(91)
        writer = Writer(Platform(), spool=node.spool)
        await writer.accepts(3)
        for row in await node.spool.take(Queue.DELIVER, now=node.clock.now(), limit=3):
            await writer._assign(row, node.clock.now())
        await trio.sleep_until(101)
        node.outlet.process.dead.set()
        await trio.sleep_until(111.5)
        again = Counting()
        again.sent = node.outlet.sent
        node.outward.serves(again, frames.Serves(NAME, Once("exact"), 1))
        await trio.sleep_until(150)
        again.close()
    gaps = [after - at for at, after in pairwise(again.sent)]
    assert len(gaps) == 2 and min(gaps) >= 10
