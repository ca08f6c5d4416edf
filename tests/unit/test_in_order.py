"""What is released without a delay keeps its order of arrival; a channel with priority goes first.

Steps work on batches: what of one is ready first must not become the older one thereby.
"""

from __future__ import annotations

from functools import partial

import pytest
import trio
from trio.testing import MockClock

from relay.exit.assign import assign
from relay.model import FIRST, URGENT, Change, NewRow, Queue, Row, State
from relay.node.arrivals import Arrivals
from relay.node.passed import released_before
from relay.node.workers import each
from relay.rules.in_order import BATCHES, RECENT_S, InOrder
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool

START = 1_800_000_000


class Loop:
    """A clock that goes with the loop's own."""

    def now(self) -> int:
        return START + int(trio.current_time())


def test_what_arrived_earlier_is_not_dated_later_than_what_overtook_it() -> None:
    order = InOrder()
    assert order.instants([5, 6, 7], START) == [START] * 3
    assert order.instants([1, 8], START + 1) == [START, START + 1]
    assert order.instants([2, 9], START + RECENT_S + 1) == [START + 1, START + RECENT_S + 1]


def test_what_was_kept_for_long_is_dated_as_it_comes() -> None:
    order = InOrder()
    order.instants([5], START)
    assert order.instants([1], START + RECENT_S + 1) == [START + RECENT_S + 1]


@pytest.mark.parametrize("set_to", [START - 10**6, START + 10**6])
def test_a_clock_that_was_set_dates_nothing_back(set_to: int) -> None:
    order = InOrder()
    order.instants([5], START)
    assert order.instants([1], set_to) == [set_to]


def test_so_many_batches_are_remembered_and_no_more() -> None:
    order = InOrder()
    order.instants([10**6], START)
    for n in range(BATCHES):
        order.instants([n], START + 1)
    assert order.instants([1], START + 2) == [START + 1]


async def test_messages_that_were_read_at_very_different_speeds_keep_their_order(
    autojump_clock: MockClock,
) -> None:
    clock = Loop()
    spool = MemorySpool(clock)
    new = [NewRow(Queue.READ, State.WAITING, n.to_bytes(16, "big"), START) for n in range(100)]
    await spool.put(new)

    async def read(row: Row, now: int) -> None:
        await trio.sleep((row.seq * 7 % 16) / 4)  # of each sixteen another one is the first
        await spool.settle(row, Change(Queue.REVIEW, State.WAITING, due=0))

    async def review(row: Row, now: int) -> None:
        await spool.settle(row, Change(Queue.DELIVER, State.WAITING, due=now))

    with trio.move_on_after(60):
        async with trio.open_nursery() as nursery:
            for queue, step in ((Queue.READ, read), (Queue.REVIEW, review)):
                nursery.start_soon(each, spool, queue, clock, step, Arrivals())
    rows = await spool.look(queue=Queue.DELIVER)
    assert len(rows) == 100
    assert sorted(rows, key=lambda row: (row.due, row.seq)) == rows
    assert len({row.due for row in rows}) > 5


@pytest.mark.parametrize("cut", [0.6, 1.1, 3.3, 7.7, 11.2])
async def test_of_a_batch_that_the_end_of_a_process_cut_in_two_the_rest_is_no_later(
    autojump_clock: MockClock, cut: float
) -> None:
    clock = Loop()
    spool = MemorySpool(clock)
    new = [NewRow(Queue.READ, State.WAITING, n.to_bytes(16, "big"), START) for n in range(100)]
    await spool.put(new)

    async def life(spool: MemorySpool, lasts_s: float) -> None:
        async def read(row: Row, now: int) -> None:
            await trio.sleep((row.seq * 7 % 16) / 4)
            await spool.settle(row, Change(Queue.REVIEW, State.WAITING, due=0))

        async def review(row: Row, now: int) -> None:
            await spool.settle(row, Change(Queue.DELIVER, State.WAITING, due=now))

        passed = InOrder(await released_before(spool, clock.now()))
        with trio.move_on_after(lasts_s):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(each, spool, Queue.READ, clock, read, Arrivals())
                loop = partial(each, order=passed)
                nursery.start_soon(loop, spool, Queue.REVIEW, clock, review, Arrivals())

    await life(spool, cut)
    await trio.sleep(600)
    spool = spool.reopened()
    await life(spool, 60)
    rows = await spool.look(queue=Queue.DELIVER)
    assert len(rows) == 100
    assert sorted(rows, key=lambda row: (row.due, row.seq)) == rows


async def test_where_nothing_is_on_its_way_nobody_looks_at_what_was_released() -> None:
    spool = MemorySpool(Loop())
    await spool.put([NewRow(Queue.DELIVER, State.WAITING, bytes(16), START, START)])
    assert await released_before(spool, START) == []


def message(due: int | None) -> Row:
    return Row(1, 1, 1, Queue.DELIVER, State.WAITING, bytes(16), START, due, "news", "")


@pytest.mark.parametrize(
    ("due", "then"),
    [(START - 9, START - 9), (START, START), (FIRST, START), (URGENT, START), (None, START)],
)
def test_a_delivery_is_due_when_its_message_was(due: int | None, then: int) -> None:
    _, [delivery] = assign(message(due), {"news": Policy()}, {}, START)
    assert delivery.due == then


def test_a_channel_with_priority_goes_before_the_others_but_waits_for_a_tick() -> None:
    policy = Policy(("page", "box"), priority=True)
    _, [page, box] = assign(message(START - 9), {"news": policy}, {"page": 600}, START + 1)
    assert (page.due, box.due) == (START + 600, URGENT)
