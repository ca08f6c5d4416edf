"""A destination that bills starts only with a limit, also where no settings could tell before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import StringIO
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.config import Destination
from relay.journal import Journal
from relay.model import Health, Once
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.calls import Outlet
from relay.node.outward import Outward
from relay.node.pipes import Pipe, pair
from relay.node.process import TO_CORE, Process
from relay.spool.memory import MemorySpool
from relay.wire import frames

START = 1_800_000_000


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


class Well(Outlet):
    """An outlet whose one bridge is well."""

    def __init__(self) -> None:
        ours, self.theirs = pair()
        super().__init__(Process("outlet", 1, Pipe(ours, TO_CORE)), self._nobody)

    @staticmethod
    async def _nobody(pid: int) -> None:
        raise AssertionError("nobody is killed")

    async def call(self, make: Any, keep: Any = None) -> Any:
        assert isinstance(make(1), frames.Check)
        return frames.Checked(1, Health("account"))

    def close(self) -> None:
        self.process.pipe.close()
        self.theirs.close()


class NoSteps:
    async def run(self) -> None:
        await trio.sleep_forever()


@asynccontextmanager
async def serving(bills: str, limit: Mapping[str, float]) -> AsyncIterator[Board]:
    clock = Loop()
    spool = MemorySpool(clock)
    board = Board(spool, clock)
    await board.load(["x"])
    destinations = {"x": Destination.model_validate({"bridge": "folder", **limit})}
    brake = Brake(spool, clock, {}, destinations, {})
    outward = Outward(
        spool,
        board,
        clock,
        Journal("core", StringIO()),
        destinations,
        brake,
        lambda: None,
        lambda keys: (b"", b""),
    )
    outlet = Well()
    outward.serves(outlet, frames.Serves("x", Once("exact"), 1, bills=bills))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outward.run, NoSteps(), None)
        await trio.sleep(1)
        yield board
        nursery.cancel_scope.cancel()
    outlet.close()


@pytest.mark.parametrize(
    ("bills", "limit", "state"),
    [
        ("USD", {}, "login"),
        ("USD", {"posts_per_day": 9, "posts_per_month": 9}, "login"),
        ("USD", {"money_per_month": 10.0}, "works"),
        ("USD", {"money_per_day": 1.0}, "works"),
        ("", {}, "works"),
        ("", {"money_per_month": 10.0}, "works"),
    ],
)
async def test_what_bills_posts_nothing_without_a_limit(
    autojump_clock: MockClock, bills: str, limit: Mapping[str, float], state: str
) -> None:
    async with serving(bills, limit) as board:
        [place] = board.places()
        assert place.state == state
        assert ("set money_per_month" in place.why) is (state == "login")
        assert board.units["x"] == bills
        assert bool(place.account) is (state == "works")


async def test_a_unit_of_money_is_short_whatever_a_bridge_says(autojump_clock: MockClock) -> None:
    async with serving("USD\n" * 1000, {"money_per_day": 1.0}) as board:
        assert board.units["x"].isprintable() and len(board.units["x"]) <= 8
