"""What every spool promises of releasing in order, of rerouting, and of what it is to remember."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from test_spool import ASSIGNED, NOW, Disk, HandClock, clock, delivery, new, one, spool

from relay.model import FIRST, URGENT, Change, Queue, Sent, State
from relay.ports import First, Spool

__all__ = ["clock", "spool"]


async def waiting(spool: Spool, *dues: int) -> list[int]:
    """A message for "mastodon" with each of these due times, their deliveries stored in the
    opposite order; the seqs of the messages."""
    await spool.put([new() for _ in dues])
    roots = list(await spool.take(Queue.INBOX, now=NOW, limit=len(dues)))
    for root, due in reversed(list(zip(roots, dues, strict=True))):
        await spool.settle(root, ASSIGNED, then=[delivery("mastodon", due)])
    return [root.seq for root in roots]


@pytest.mark.parametrize(
    ("first", "order"),
    [("oldest", [4, 3, 0, 1, 2]), ("newest", [4, 3, 2, 1, 0])],
)
async def test_what_was_held_back_comes_in_the_asked_order(
    spool: Spool, first: First, order: list[int]
) -> None:
    roots = await waiting(spool, NOW - 9, NOW - 9, NOW - 5, URGENT, FIRST, NOW + 1)
    came = []
    for _ in order:  # one at a time, each still leased when the next is taken
        [row] = await spool.take(Queue.POST, now=NOW, limit=1, name="mastodon", first=first)
        came.append(row.root)
    assert came == [roots[n] for n in order]
    assert await spool.take(Queue.POST, now=NOW, limit=1, name="mastodon", first=first) == []


async def test_a_free_delivery_is_rerouted_in_one_go(spool: Spool) -> None:
    await waiting(spool, NOW)
    [row] = await spool.look(queue=Queue.POST)
    to = Change(Queue.ENDED, Sent.REROUTED, due=None, why="bluesky has it")
    assert await spool.change(row, to, then=[delivery("bluesky")])
    family = await spool.family(row.root)
    assert [(one.name, one.state) for one in family[1:]] == [
        ("mastodon", Sent.REROUTED),
        ("bluesky", Sent.WAITING),
    ]
    assert (family[0].queue, family[0].state) == (Queue.ASSIGNED, State.WAITING)
    again = await one(spool, Queue.POST, "bluesky")
    await spool.settle(again, Change(Queue.ENDED, Sent.POSTED, due=None))
    assert (await spool.family(row.root))[0].state == State.POSTED


async def test_a_delivery_that_somebody_holds_is_not_rerouted(spool: Spool) -> None:
    await waiting(spool, NOW)
    [row] = await spool.look(queue=Queue.POST)
    held = await one(spool, Queue.POST, "mastodon")
    to = Change(Queue.ENDED, Sent.REROUTED, due=None)
    assert not await spool.change(row, to, then=[delivery("bluesky")])
    assert len(await spool.family(row.root)) == 2
    spool.release(held)


async def test_the_last_value_of_a_name_is_remembered_and_an_empty_one_forgotten(
    spool: Spool,
) -> None:
    assert await spool.remembered() == {}
    await spool.remember("window w1", b"one")
    await spool.remember("window w1", b"two")
    await spool.remember("clock", b"three")
    assert await spool.remembered() == {"window w1": b"two", "clock": b"three"}
    await spool.remember("window w1", b"")
    assert await spool.remembered() == {"clock": b"three"}


async def test_what_is_remembered_outlives_the_process(tmp_path: Path) -> None:
    disk = Disk(tmp_path, HandClock())
    before = disk.open()
    await before.remember("window w1", b"kept")
    before.close()
    after = disk.open()
    assert await after.remembered() == {"window w1": b"kept"}
    after.close()


async def drawn(spool: Spool, limit: int) -> list[int]:
    """The messages whose deliveries come, so many at a time, each still leased then."""
    came: list[int] = []
    while rows := await spool.take(
        Queue.POST, now=NOW, limit=limit, name="mastodon", first="drawn"
    ):
        came += [row.root for row in rows]
    return came


async def test_what_is_released_together_comes_in_an_order_that_tells_nothing(spool: Spool) -> None:
    roots = await waiting(spool, *[NOW - 9] * 40)
    came = await drawn(spool, 3)
    assert sorted(came) == roots  # each once
    assert came not in (roots, roots[::-1])  # one in 10^47, twice
    turned = sum(one > other for one, other in pairwise(came))
    assert 5 < turned < 35  # of 39 neighbours about half: outside of this one in 10^6


async def test_five_hundred_of_one_second_are_one_draw(spool: Spool) -> None:
    """Who came first is as likely to go out among the last: drawn from the next few it was not."""
    roots = await waiting(spool, *[NOW - 9] * 500)
    came = await drawn(spool, 64)
    assert sorted(came) == roots
    early = set(roots[:250])
    in_front = sum(root in early for root in came[:250])
    assert 90 < in_front < 160  # 125, give or take 5.6; outside of this one in 10^9


async def test_what_is_due_earlier_comes_earlier_and_what_is_urgent_first(spool: Spool) -> None:
    roots = await waiting(spool, NOW - 5, NOW - 9, NOW - 5, URGENT, FIRST, URGENT, NOW + 1)
    came = await drawn(spool, 1)
    assert came[:4] == [roots[4], roots[3], roots[5], roots[1]]
    assert sorted(came[4:]) == [roots[0], roots[2]]
