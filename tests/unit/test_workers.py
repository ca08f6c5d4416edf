"""The loops of the core: what they do when they are stopped, and while the disk is full."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.account import Account
from relay.exit.settle import settle
from relay.model import (
    Change,
    Later,
    NewRow,
    Outcome,
    Posted,
    Queue,
    Row,
    Sent,
    State,
    Stopped,
    Unsure,
)
from relay.node.arrivals import Arrivals
from relay.node.board import FLUSH_S, Board
from relay.node.brake import Brake
from relay.node.poster import DOUBTS, REST_S, Poster
from relay.node.workers import each
from relay.spool.memory import MemorySpool

START = 1_800_000_000
ACCOUNT = Account("box", "account", False, "hold", 60)


class Hands:
    at = START

    def now(self) -> int:
        return self.at


class Turns:
    """In place of a Posting: a turn takes a while, and settles."""

    def __init__(self, spool: MemorySpool, outcome: Outcome) -> None:
        self.spool = spool
        self.outcome = outcome
        self.begun = 0
        self.ended = 0

    async def turn(self, row: Row) -> Outcome:
        self.begun += 1
        await trio.sleep(1)
        self.ended += 1
        await self.spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None))
        return self.outcome


async def with_deliveries(n: int) -> MemorySpool:
    spool = MemorySpool(Hands())
    await spool.put([NewRow(Queue.POST, State.WAITING, bytes(16), START, name="box")] * n)
    return spool


def poster(spool: MemorySpool, turns: Turns, at_once: int = 2) -> Poster:
    told: list[Outcome] = []
    return Poster(
        spool,
        Hands(),
        turns,  # type: ignore[arg-type]
        ACCOUNT,
        at_once,
        Brake(spool, Hands(), ["news"], ["box"], {}),
        told.append,
        lambda: None,
    )


async def test_a_poster_that_is_to_finish_begins_nothing_and_ends_what_is_under_way(
    autojump_clock: MockClock,
) -> None:
    spool = await with_deliveries(5)
    turns = Turns(spool, Posted("1"))
    posting = poster(spool, turns)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(posting.run)
        await trio.sleep(1.5)
        posting.finish()
    assert (turns.begun, turns.ended) == (4, 4)


async def test_a_poster_that_waits_for_work_finishes_at_once(autojump_clock: MockClock) -> None:
    spool = await with_deliveries(0)
    posting = poster(spool, Turns(spool, Posted("1")))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(posting.run)
        await trio.sleep(1)
        posting.finish()
    assert trio.current_time() < 3


async def test_a_stopped_account_ends_its_poster(autojump_clock: MockClock) -> None:
    spool = await with_deliveries(5)
    turns = Turns(spool, Stopped("the token is old", "log in"))
    await poster(spool, turns, at_once=1).run()
    assert turns.begun == 1


async def test_a_platform_whose_sends_all_end_in_doubt_is_left_alone_for_a_while(
    autojump_clock: MockClock,
) -> None:
    spool = await with_deliveries(2 * DOUBTS)
    turns = Turns(spool, Unsure("answered 502"))
    posting = poster(spool, turns, at_once=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(posting.run)
        await trio.sleep(DOUBTS + REST_S - 1)
        assert turns.begun == DOUBTS
        await trio.sleep(5)
        assert turns.begun > DOUBTS
        posting.finish()


async def test_a_platform_that_says_at_once_each_time_is_asked_ever_more_rarely(
    autojump_clock: MockClock,
) -> None:
    spool = await with_deliveries(200)
    turns = Turns(spool, Later("answered 503", not_before=0, scope="host"))
    posting = poster(spool, turns, at_once=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(posting.run)
        await trio.sleep(10 * REST_S)
        posting.finish()
    assert 10 <= turns.begun <= 16


class FullFor:
    """A spool without room for a while."""

    def __init__(self, spool: MemorySpool, method: str, times: int) -> None:
        self._spool = spool
        self._method = method
        self.left = times

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._spool, name)
        if name != self._method:
            return method

        async def full(*given: Any, **more: Any) -> Any:
            if self.left:
                self.left -= 1
                raise SpoolFull
            return await method(*given, **more)

        return full


async def test_the_board_is_written_when_there_is_room_again(autojump_clock: MockClock) -> None:
    full = FullFor(MemorySpool(Hands()), "place", 3)
    board = Board(full, Hands())  # type: ignore[arg-type]
    await board.load(["page"])
    board.state("page", "slow", "answered 503")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(board.run)
        await trio.sleep(4.5 * FLUSH_S)
        [place] = await full.board()
        assert (place.name, place.state) == ("page", "slow")
        nursery.cancel_scope.cancel()


async def test_a_place_whose_account_is_back_needs_its_operator_no_more() -> None:
    board = Board(MemorySpool(Hands()), Hands())
    await board.load(["page"])
    board.state("page", "login", "the folder is not there")
    board.reachable("page")
    [place] = board.places()
    assert (place.state, place.why) == ("works", "")
    board.state("page", "slow", "answered 503")
    board.reachable("page")
    assert board.places()[0].state == "slow"


async def test_steps_go_on_when_the_full_disk_has_room_again(autojump_clock: MockClock) -> None:
    full = FullFor(await with_deliveries(3), "settle", 5)

    async def step(row: Row, now: int) -> None:
        change = Change(Queue.ENDED, State.DROPPED, due=None)
        await settle(full, row, change)  # type: ignore[arg-type]

    with trio.move_on_after(30):
        await each(full, Queue.POST, Hands(), step, Arrivals())  # type: ignore[arg-type]
    assert (await full.counts()).states["dropped"] == 3


@pytest.mark.parametrize("times", [0, 1])
async def test_a_settle_that_is_late_says_so_also_after_a_full_disk(
    autojump_clock: MockClock, times: int
) -> None:
    full = FullFor(await with_deliveries(1), "settle", times)
    [row] = await full.take(Queue.POST, now=START, limit=1)
    change = Change(Queue.POST, State.HELD, due=None)
    again = await settle(full, row, change, keep=True)  # type: ignore[arg-type]
    assert again is not None
    assert await settle(full, row, change) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("not_before", "rests_s"), [(None, 30), (START + 90, 90), (START + 10**9, 6 * 3600)]
)
async def test_a_destination_rests_by_our_own_timer_whatever_the_wall_clock_does(
    autojump_clock: MockClock, not_before: int | None, rests_s: int
) -> None:
    spool = await with_deliveries(1)
    later = Later("answered 429", not_before, scope="destination")
    turns = Turns(spool, later)
    posting = poster(spool, turns)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(posting.run)
        await trio.sleep(2)
        Hands.at -= 10**8
        try:
            await spool.put([NewRow(Queue.POST, State.WAITING, bytes(16), START, name="box")])
            await trio.sleep(rests_s - 3)
            assert turns.begun == 1
            await trio.sleep(3)
            assert turns.begun == 2
        finally:
            Hands.at = START
            posting.finish()
