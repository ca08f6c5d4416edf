"""A desk that somebody has taken over: whatever it sends, and whatever it does not hear, the core
goes on, and is no larger than before.

The other end of the pair is held by the test, which is any process that an enemy runs.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from relay.errors import Asked, Damaged
from relay.node import pipes
from relay.node.desk.service import MOST_AT_ONCE, MOST_BYTES, MOST_HEARD, MOST_LARGE, AtDesk
from relay.node.process import TO_CORE
from relay.wire import frames


class Enemy:
    """A core that carries out what its ``carry`` does, and a desk that an enemy writes."""

    def __init__(self) -> None:
        self.at_desk = AtDesk(self.answers)
        ours, theirs = pipes.pair()
        self.core = pipes.Pipe(ours, TO_CORE["desk"])
        self.desk = pipes.Pipe(theirs, (frames.DeskTold, frames.DeskNews))
        self.under_way = 0
        self.most = 0
        self.goes_on = trio.Event()
        self.heard = 0

    async def answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if order["do"] in ("wait", "show"):
                await self.goes_on.wait()
            if order["do"] == "refuse":
                raise Asked("no")
            yield {"said": "x" * int(order.get("much", 1))}
        finally:
            self.under_way -= 1

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """The core hears the desk until the block ends."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._hear)
            await wait_all_tasks_blocked()
            yield
            self.desk.close()
            self.goes_on.set()

    async def _hear(self) -> None:
        async with self.at_desk.connected(self.core) as said:
            while (frame := await self.core.receive()) is not None:
                await said(frame)
                self.heard += 1
        self.core.close()

    async def asks(self, n: int, order: bytes | dict[str, Any]) -> None:
        said = order if isinstance(order, bytes) else json.dumps(order).encode()
        await self.desk.send(frames.DeskAsks(n, said))

    async def told(self, n: int) -> dict[str, Any]:
        """The last answer to an order."""
        while True:
            frame = await self.desk.receive()
            if isinstance(frame, frames.DeskTold) and frame.n == n and frame.end:
                return {"refused": frame.refused, **json.loads(frame.answer)}


NO_ORDERS = [
    b"",
    b"{",
    b"null",
    b"7",
    b'"do"',
    b"[]",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"do":' * 100_000,
    b"9" * 100_000,
    b'{"do": "\xed\xa0\x80"',
    b'{"do": NaN}',
    b'{"do": 1e999}',
    b'{"do": "look", "text": "\\ud800"}',
    b'{"do": "look", "\\udfff": 1}',
]
ODD_ORDERS: list[bytes] = [
    b"{}",
    b'{"do": null}',
    b'{"do": ["show"]}',
    b'{"do": {"show": 1}}',
]


@pytest.mark.parametrize("order", [*NO_ORDERS, *ODD_ORDERS], ids=lambda one: repr(one[:20]))
async def test_what_is_no_order_is_refused_and_the_core_goes_on(order: bytes) -> None:
    enemy = Enemy()
    async with enemy.connected():
        await enemy.asks(1, order)
        answer = await enemy.told(1)
        assert answer["refused"] or order in ODD_ORDERS
        await enemy.asks(2, {"do": "look"})
        assert not (await enemy.told(2))["refused"]


async def test_an_order_of_a_number_that_is_under_way_is_damage() -> None:
    enemy = Enemy()
    async with enemy.at_desk.connected(enemy.core) as said:
        await said(frames.DeskAsks(1, b'{"do": "wait"}'))
        with pytest.raises(Damaged):
            await said(frames.DeskAsks(1, b'{"do": "wait"}'))
    enemy.core.close()
    enemy.desk.close()


async def test_a_flood_of_orders_is_not_heard_further_than_there_is_room() -> None:
    enemy = Enemy()
    async with enemy.connected():
        with trio.move_on_after(1) as over:
            for n in range(3 * MOST_HEARD):
                await enemy.asks(n, {"do": "wait"})
                if n % 50 == 0:
                    await wait_all_tasks_blocked()
                    over.deadline = trio.current_time() + 0.05
        assert over.cancelled_caught
        assert enemy.most == MOST_AT_ONCE
        assert enemy.heard <= MOST_HEARD


async def test_huge_orders_are_not_heard_further_either() -> None:
    enemy = Enemy()
    large = {"do": "wait", "text": "x" * (MOST_BYTES // 5)}
    async with enemy.connected():
        with trio.move_on_after(0.3) as over:
            for n in range(200):
                await enemy.asks(n, large)
        assert over.cancelled_caught
        assert enemy.heard <= 4


async def test_what_was_asked_is_carried_out_once_there_is_room_again() -> None:
    enemy = Enemy()
    async with enemy.connected(), trio.open_nursery() as nursery:

        async def ask() -> None:
            for n in range(MOST_HEARD + 10):
                await enemy.asks(n, {"do": "wait"})

        nursery.start_soon(ask)
        await wait_all_tasks_blocked(0.01)
        enemy.goes_on.set()
        ended = 0
        while ended < MOST_HEARD + 10:
            ended += (await enemy.desk.receive()).end


async def test_few_messages_are_open_at_a_time() -> None:
    enemy = Enemy()
    async with enemy.connected():
        for n in range(100):
            await enemy.asks(n, {"do": "show"})
        await wait_all_tasks_blocked(0.01)
        assert enemy.most == MOST_LARGE
        await enemy.asks(100, {"do": "who"})
        assert not (await enemy.told(100))["refused"]


async def test_a_desk_that_hears_nothing_keeps_nobody_else_waiting() -> None:
    enemy = Enemy()
    async with enemy.connected():
        for n in range(10):
            await enemy.asks(n, {"do": "look", "much": 200_000})
        await wait_all_tasks_blocked(0.01)
        with trio.fail_after(1):
            for n in range(1000):
                await enemy.at_desk.note({"asides": [n], "word": "x" * 10_000})
        while not isinstance(frame := await enemy.desk.receive(), frames.DeskNews):
            pass
        assert json.loads(frame.news)["asides"] == [999]


async def test_what_stands_is_told_to_the_desk_that_is_there_and_to_no_later_one() -> None:
    enemy = Enemy()
    await enemy.at_desk.note({"word": "before"})
    async with enemy.connected():
        await enemy.at_desk.note({"word": "now"})
        frame = await enemy.desk.receive()
        assert json.loads(frame.news) == {"word": "now"}
    assert not enemy.at_desk.is_there
