"""An operator on a bad day: what is odd and rare, and must neither hold anything nor be silent."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from relay.config import parse
from relay.exit.account import Account
from relay.model import Change, NewRow, Outcome, Queue, Row, Sent, State, Stopped
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.overview import Overview
from relay.node.poster import Poster
from relay.spool.memory import MemorySpool

START = 1_800_000_000


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


class Revoked:
    """In place of a Posting: each turn takes a second, and the account is refused."""

    def __init__(self, spool: MemorySpool) -> None:
        self.spool = spool
        self.begun = 0

    async def turn(self, row: Row) -> Outcome:
        self.begun += 1
        await trio.sleep(1)
        stopped = Change(Queue.POST, Sent.STOPPED, due=None)
        await self.spool.settle(row, stopped)
        await trio.sleep(0.1)  # the loop has heard the bell of that before this turn has ended
        return Stopped("revoked", "log in")


@pytest.mark.parametrize("waiting", [1, 2, 3, 5])
async def test_a_refused_account_ends_its_loop_however_many_sends_it_bears(
    autojump_clock: MockClock, waiting: int
) -> None:
    clock = Loop()
    spool = MemorySpool(clock)
    turns = Revoked(spool)
    poster = Poster(
        spool,
        clock,
        turns,  # type: ignore[arg-type]
        Account("box", "account", False, "hold", 60),
        3,
        Brake(spool, clock, ["news"], ["box"], {}),
        lambda outcome: None,
        lambda: None,
    )
    await spool.put([NewRow(Queue.POST, State.WAITING, bytes(16), START, name="box")] * waiting)
    with trio.fail_after(30):
        await poster.run()
    assert turns.begun == min(waiting, 3)
    left = await spool.take(Queue.POST, now=clock.now(), limit=9, name="box")
    assert len(left) == max(0, waiting - 3)


async def troubles_of(spool: MemorySpool, clock: Loop, *served: str) -> dict[str, str]:
    """The alarms of a node that posts to these, by their keys; it has no folder, and so no disk."""
    board = Board(spool, clock)
    await board.load(served)
    brake = Brake(spool, clock, ["news"], list(served), {})
    settings = parse({}, Path("relay.toml"))
    overview = Overview(spool, board, brake, clock, settings, lambda: "ok", lambda: 0)
    assert all(place["oldest_s"] >= 0 for place in (await overview.board()).values())
    return {one.key: one.said for one in await overview.troubles() if one.key != "disk"}


async def test_what_waits_for_a_destination_that_was_taken_out_is_an_alarm(
    autojump_clock: MockClock,
) -> None:
    clock = Loop()
    spool = MemorySpool(clock)
    for name, state in (("loft", Sent.WAITING), ("loft", Sent.HELD), ("box", Sent.WAITING)):
        await spool.put([NewRow(Queue.POST, state, bytes(16), START, name=name)])
    said = await troubles_of(spool, clock, "box")
    assert list(said) == ["nowhere loft"]
    assert "2 wait for loft" in said["nowhere loft"]


@pytest.mark.parametrize("queue", [Queue.POST, Queue.DELIVER])
async def test_what_a_clock_a_year_ahead_put_off_is_an_alarm_when_it_was_set_back(
    autojump_clock: MockClock, queue: Queue
) -> None:
    clock, year = Loop(), 365 * 86400
    spool = MemorySpool(clock)
    for due in (START + year, START + 6 * 3600):
        new = NewRow(queue, State.WAITING, bytes(16), START + year, due, name="box")
        await spool.put([new])
    said = await troubles_of(spool, clock, "box")
    assert list(said) == ["ahead"] and said["ahead"].startswith("1 are due")
