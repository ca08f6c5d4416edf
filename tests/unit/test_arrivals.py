"""Steps rest while doors put: for how long, and that they are never stopped."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from relay.model import Change, NewRow, Queue, Row, State
from relay.node.arrivals import REST, REST_S, STILL_S, Arrivals
from relay.node.workers import BATCH, each
from relay.spool.memory import MemorySpool

START = 1_800_000_000


class Hands:
    def now(self) -> int:
        return START


async def rested(arrivals: Arrivals, worked_s: float) -> float:
    began = trio.current_time()
    await arrivals.first(worked_s)
    return trio.current_time() - began


async def coming(arrivals: Arrivals, every_s: float) -> None:
    while True:
        arrivals.came()
        await trio.sleep(every_s)


async def test_nobody_rests_while_nothing_comes(autojump_clock: MockClock) -> None:
    arrivals = Arrivals()
    assert await rested(arrivals, 0.5) == 0
    arrivals.came()
    await trio.sleep(STILL_S)
    assert await rested(arrivals, 0.5) == 0


async def test_a_rest_ends_when_the_doors_are_still(autojump_clock: MockClock) -> None:
    arrivals = Arrivals()
    arrivals.came()
    assert await rested(arrivals, 0.5) == pytest.approx(STILL_S)


@pytest.mark.parametrize(
    ("worked_s", "rest_s"),
    [(0.0, 0.0), (0.1, 0.1 * REST), (REST_S / REST, REST_S), (0.4, REST_S), (60.0, REST_S)],
)
async def test_a_rest_is_a_share_of_the_work_and_bounded(
    worked_s: float, rest_s: float, autojump_clock: MockClock
) -> None:
    arrivals = Arrivals()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(coming, arrivals, STILL_S / 2)
        await trio.sleep(1)
        assert await rested(arrivals, worked_s) == pytest.approx(rest_s)
        nursery.cancel_scope.cancel()


async def test_a_flood_that_lasts_leaves_the_steps_a_quarter(autojump_clock: MockClock) -> None:
    spool, arrivals = MemorySpool(Hands()), Arrivals()
    await spool.put([NewRow(Queue.INBOX, State.WAITING, bytes(16), START)] * (10 * BATCH))

    settled: list[int] = []
    all_settled = trio.Event()

    async def step(row: Row, now: int) -> None:
        await trio.sleep(0.1)
        await spool.settle(row, Change(Queue.ENDED, State.DROPPED, due=None))
        settled.append(row.seq)
        if len(settled) == 10 * BATCH:
            all_settled.set()

    began = trio.current_time()
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(coming, arrivals, STILL_S / 2)
            nursery.start_soon(each, spool, Queue.INBOX, Hands(), step, arrivals)
            await all_settled.wait()
            nursery.cancel_scope.cancel()
    took_s = trio.current_time() - began  # ten batches, nine rests between them
    assert took_s == pytest.approx(10 * 0.1 + 9 * 0.1 * REST, abs=0.01)
