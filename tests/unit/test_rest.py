"""A platform's own limit is used up: its destination rests, and its board says why."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from relay.exit.account import Account
from relay.exit.rest import USED_UP, Rest
from relay.model import Change, Later, NewRow, Outcome, Posted, Queue, Row, Sent, State, Unsure
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.poster import Poster
from relay.spool.memory import MemorySpool
from relay.wire import frames
from relay.wire.pack import pack, unpack_any

START = 1_800_000_000
ACCOUNT = Account("box", "account", False, "hold", 60)


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


class Turns:
    """In place of a Posting: each turn takes a second and ends its delivery."""

    def __init__(self, spool: MemorySpool, *outcomes: Outcome | Rest) -> None:
        self.spool = spool
        self.outcomes = list(outcomes)
        self.begun: list[int] = []

    async def turn(self, row: Row) -> Outcome | Rest:
        self.begun.append(int(trio.current_time()))
        outcome = self.outcomes.pop(0) if self.outcomes else Posted("1")
        await trio.sleep(1)
        await self.spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None))
        return outcome


class Node:
    """One destination with its board, and deliveries that wait for it."""

    def __init__(self, *outcomes: Outcome | Rest, at_once: int = 1) -> None:
        self.clock = Loop()
        self.spool = MemorySpool(self.clock)
        self.board = Board(self.spool, self.clock)
        self.turns = Turns(self.spool, *outcomes)
        self.poster = Poster(
            self.spool,
            self.clock,
            self.turns,  # type: ignore[arg-type]
            ACCOUNT,
            at_once,
            Brake(self.spool, self.clock, ["news"], ["box"], {}),
            lambda outcome: self.board.told("box", outcome),
            lambda: None,
            lambda: self.board.rested("box"),
        )

    async def begin(self, nursery: trio.Nursery, waiting: int) -> None:
        await self.board.load(["box"])
        new = NewRow(Queue.POST, State.WAITING, bytes(16), START, name="box")
        await self.spool.put([new] * waiting)
        nursery.start_soon(self.poster.run)

    @property
    def shown(self) -> tuple[str, str]:
        [place] = self.board.places()
        return place.state, place.why


@pytest.mark.parametrize("ended", [Posted("1", rest=START + 900), Rest(START + 900)])
async def test_a_destination_rests_until_its_platform_takes_more(
    autojump_clock: MockClock, ended: Outcome | Rest
) -> None:
    node = Node(ended)
    async with trio.open_nursery() as nursery:
        await node.begin(nursery, 3)
        await trio.sleep(899)
        assert node.turns.begun == [0]
        assert node.shown == ("slow", f"{USED_UP}: it goes on by 09h UTC")
        await trio.sleep(2)
        assert node.turns.begun == [0, 900]
        assert node.shown[0] == "works"
        node.poster.finish()


async def test_the_board_forgets_a_rest_that_is_over_also_where_nothing_waits(
    autojump_clock: MockClock,
) -> None:
    node = Node(Posted("1", rest=START + 900))
    async with trio.open_nursery() as nursery:
        await node.begin(nursery, 1)
        await trio.sleep(800)
        assert node.shown[0] == "slow"
        await trio.sleep(101)
        assert node.shown == ("works", "")
        node.poster.finish()


async def test_what_was_under_way_beside_it_ends_no_rest(autojump_clock: MockClock) -> None:
    node = Node(Posted("1", rest=START + 900), Posted("2"), at_once=2)
    async with trio.open_nursery() as nursery:
        await node.begin(nursery, 4)
        await trio.sleep(890)
        assert node.turns.begun == [0, 0]
        await trio.sleep(20)
        assert len(node.turns.begun) == 4
        node.poster.finish()


async def test_a_person_may_try_before_the_rest_is_over(autojump_clock: MockClock) -> None:
    node = Node(Posted("1", rest=START + 900))
    async with trio.open_nursery() as nursery:
        await node.begin(nursery, 2)
        await trio.sleep(100)
        node.poster.nudge()
        await trio.sleep(2)
        assert node.turns.begun == [0, 100]
        node.poster.finish()


@pytest.mark.parametrize(
    "outcome", [Posted("1", "https://x/1", 1_800_000_900), Posted("1"), Later("busy"), Unsure("?")]
)
def test_a_rest_travels_from_the_outlet_to_the_core(outcome: Outcome) -> None:
    ended = frames.Ended(7, outcome)
    assert unpack_any([frames.Ended, frames.Failed], pack(ended)) == ended
