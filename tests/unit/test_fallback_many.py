"""A hundred thousand fall back at once, on a disk, and what comes meanwhile is taken as ever."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import trio
from fallback_parts import KEYS, START

from relay.exit.elsewhere import Elsewhere
from relay.model import Change, NewRow, Posted, Queue, Row, Sent, State
from relay.node.brake import Brake
from relay.node.fallback import Fallback
from relay.node.scouts import Scouts
from relay.spool.sqlite import SqliteSpool

MANY = 100_000
PAGE = 1000
AT_ONCE = {"news": {"mastodon": ("bluesky", 0)}}


class Noon:
    """A clock that stands still."""

    def now(self) -> int:
        return START


async def waiting(spool: SqliteSpool, many: int) -> None:
    """So many messages that wait for mastodon."""

    async def assigned(row: Row) -> None:
        to = Change(Queue.ASSIGNED, State.WAITING, due=None)
        new = NewRow(Queue.POST, Sent.WAITING, row.id, START, START, "mastodon")
        await spool.settle(row, to, then=[new])

    for at in range(0, many, PAGE):
        ids = [n.to_bytes(16, "big") for n in range(at, at + PAGE)]
        await spool.put(
            [NewRow(Queue.DELIVER, State.WAITING, id, START, name="news") for id in ids]
        )
        async with trio.open_nursery() as nursery:
            for row in await spool.take(Queue.DELIVER, now=START, limit=PAGE):
                nursery.start_soon(assigned, row)


@pytest.mark.slow
async def test_a_hundred_thousand_go_at_once_and_nobody_waits_for_them(tmp_path: Path) -> None:
    clock = Noon()
    spool = SqliteSpool.open(
        tmp_path / "data",
        tmp_path / "seen",
        clock=clock,
        min_free_bytes=0,
        ballast_bytes=0,
        on_broken=lambda: None,
    )
    await waiting(spool, MANY)
    first = [row.id for row in await spool.look(queue=Queue.POST, limit=PAGE)]
    brake = Brake(spool, clock, ["news"], ["mastodon", "bluesky"], {})
    elsewhere = Elsewhere(spool, clock, KEYS, {})
    proved = Scouts(lambda name: True, lambda name: True)
    proved.told("bluesky", Posted("a"))
    went = []
    fallback = Fallback(
        spool,
        clock,
        KEYS,
        AT_ONCE,
        elsewhere,
        brake,
        proved,
        lambda name, to, count: went.append(count),
    )
    await fallback._look()
    waits = []

    async def others() -> None:
        while True:
            began = time.monotonic()
            await spool.put([NewRow(Queue.INBOX, State.WAITING, bytes(16), START)])
            waits.append(time.monotonic() - began)

    began = time.monotonic()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(others)
        await fallback._look()
        nursery.cancel_scope.cancel()
    took_s = time.monotonic() - began
    assert went == [MANY]
    assert len(waits) > MANY / 64
    assert max(waits) < took_s / 20
    deliveries = (await spool.counts()).deliveries
    assert (deliveries["rerouted"], deliveries["waiting"]) == (MANY, MANY)
    taken = await spool.take(Queue.POST, now=START, limit=PAGE, name="bluesky")
    assert [row.id for row in taken] == first
    await trio.to_thread.run_sync(spool.close)
