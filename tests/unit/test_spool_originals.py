"""Media as they came: rows beside their submission that are in no sum, and go with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from spool_parts import NOW, Disk, HandClock

from relay.model import HOUR, Change, Kept, NewRow, Queue, Row, Sent, State
from relay.ports import Spool
from relay.spool.memory import MemorySpool

ID = bytes(16)
ORIGINAL = NewRow(Queue.ORIGINAL, Kept.SEALED, ID, NOW, due=None, body=b"sealed")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["sqlite", "memory"])
def spool(request: pytest.FixtureRequest, clock: HandClock, tmp_path: Path) -> Iterator[Spool]:
    if request.param == "memory":
        yield MemorySpool(clock)
        return
    disk = Disk(tmp_path, clock)
    with disk.spool() as opened:
        yield opened


async def held_with_a_picture(spool: Spool) -> Row:
    [stored] = await spool.put([NewRow(Queue.READ, State.WAITING, ID, NOW, body=b"record")])
    [row] = await spool.take(Queue.READ, now=NOW, limit=1)
    held = Change(Queue.REVIEW, State.HELD, due=None)
    assert await spool.settle(row, held, then=[ORIGINAL])
    [row] = await spool.look(queue=Queue.REVIEW)
    assert row.seq == stored.seq  # type: ignore[union-attr]
    return row


async def test_an_original_is_no_delivery_and_in_no_sum(spool: Spool) -> None:
    message = await held_with_a_picture(spool)
    assert (await spool.counts()).states == {State.HELD: 1}
    assert (await spool.counts()).deliveries == {}
    assert [row.queue for row in await spool.family(message.seq)] == [Queue.REVIEW]
    [original] = await spool.originals(message.seq)
    assert await spool.body(original.seq) == b"sealed"


async def test_an_original_is_due_from_the_hour_of_the_decision(
    spool: Spool, clock: HandClock
) -> None:
    message = await held_with_a_picture(spool)
    assert await spool.next_due(Queue.ORIGINAL) is None
    clock.at += HOUR + 100
    assert await spool.change(message, Change(Queue.DELIVER, State.WAITING, due=0))
    assert await spool.next_due(Queue.ORIGINAL) == NOW - NOW % HOUR + HOUR
    [message] = await spool.look(queue=Queue.DELIVER)
    assert await spool.change(message, Change(Queue.REVIEW, State.HELD, due=None))
    assert await spool.next_due(Queue.ORIGINAL) is None


async def test_deliveries_alone_decide_the_state_of_a_message_with_an_original(
    spool: Spool,
) -> None:
    message = await held_with_a_picture(spool)
    delivery = NewRow(Queue.POST, Sent.POSTED, ID, NOW, name="page", due=None)
    to = Change(Queue.ASSIGNED, State.WAITING, due=None)
    assert await spool.change(message, to, then=[delivery])
    [posted] = await spool.look(queue=Queue.POST)
    assert await spool.change(posted, Change(Queue.ENDED, Sent.POSTED, due=None))
    assert (await spool.counts()).states == {State.POSTED: 1}


async def test_an_original_that_was_destroyed_is_purged_with_its_submission(
    spool: Spool, clock: HandClock
) -> None:
    message = await held_with_a_picture(spool)
    assert await spool.change(message, Change(Queue.ENDED, State.DROPPED, due=None, body=b""))
    [original] = await spool.take(Queue.ORIGINAL, now=clock.now(), limit=9)
    gone = Change(Queue.ORIGINAL, Kept.DESTROYED, due=None, body=b"")
    assert await spool.settle(original, gone)
    assert await spool.body(original.seq) == b""
    assert await spool.purge(clock.now() + 2 * HOUR) == 1
    assert await spool.originals(message.seq) == []
    assert (await spool.counts()).states == {State.DROPPED: 1}
    assert (await spool.counts()).deliveries == {}


async def test_what_is_large_beside_a_row_that_nobody_holds_is_a_file_and_goes_with_it(
    tmp_path: Path, clock: HandClock
) -> None:
    disk, large = Disk(tmp_path, clock), bytes(300 * 1024)
    with disk.spool() as spool:
        await spool.put([NewRow(Queue.CLEAN, State.WAITING, ID, NOW, body=b"record")])
        [row] = await spool.look(queue=Queue.CLEAN)
        beside = NewRow(Queue.ORIGINAL, Kept.SEALED, ID, NOW, due=None, body=large)
        held = Change(Queue.REVIEW, State.HELD, due=None)
        assert await spool.change(row, held, then=[beside])
        assert not await spool.change(row, held, then=[beside])
        [original] = await spool.originals(row.seq)
        assert await spool.body(original.seq) == large
        assert len(bodies_in(tmp_path)) == 1


def bodies_in(folder: Path) -> list[Path]:
    return list(folder.rglob("bodies/*"))


async def test_of_large_bodies_few_are_taken_at_once_and_of_a_huge_one_one(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.spool.reading.TAKEN_BYTES", 100)
    for size in (40, 40, 40, 500, 1):
        await spool.put([NewRow(Queue.READ, State.WAITING, ID, NOW, body=bytes(size))])
    sizes = []
    while rows := await spool.take(Queue.READ, now=NOW, limit=16):
        sizes.append([len(row.body) for row in rows])
    assert sizes == [[40, 40], [40], [500], [1]]
