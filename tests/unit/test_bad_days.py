"""An operator on a bad day: what is odd and rare, and must neither hold anything nor be silent."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from relay.exit.post import Account
from relay.model import Change, NewRow, Outcome, Posted, Queue, Row, Sent, State, Stopped
from relay.node.brake import Brake
from relay.node.workers import Poster
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
