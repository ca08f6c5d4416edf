"""What moved on, for who counts it; and rows that an operator asks for, a page at a time."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from spool_parts import NOW, Disk, HandClock

from relay.model import HOUR, Change, Kept, NewRow, Queue, Row, Sent, State, Sum, Wanted
from relay.spool import finding
from relay.spool.memory import MemorySpool
from relay.spool.moves import Moving

RELEASED = Change(Queue.DELIVER, State.WAITING, due=NOW)
POST = NewRow(Queue.POST, Sent.WAITING, b"d" * 16, NOW, NOW, name="box", why="platform SAYS no")


def a_message(n: int, *, queue: Queue = Queue.REVIEW, why: str = "") -> NewRow:
    return NewRow(queue, State.HELD, n.to_bytes(16, "big"), NOW, None, name="news", why=why)


async def look(spool: MemorySpool, n: int) -> Row:
    [row] = await spool.look(after=n - 1, limit=1)
    return row


async def test_what_a_person_released_or_dropped_and_what_was_posted_is_counted_once() -> None:
    spool = MemorySpool(HandClock())
    await spool.put([a_message(1), a_message(2)])
    await spool.change(await look(spool, 1), RELEASED)
    await spool.change(await look(spool, 2), Change(Queue.ENDED, State.DROPPED, due=None))
    assigned = Change(Queue.ASSIGNED, State.WAITING, due=None)
    await spool.change(await look(spool, 1), assigned, then=[POST])
    await spool.change(await look(spool, 3), Change(Queue.ENDED, Sent.POSTED, due=None))
    moves = await spool.moves()
    assert [(one.what, one.seq, one.name, one.by_a_person) for one in moves.moved] == [
        ("released", 1, "news", True),
        ("dropped", 2, "news", True),
        ("posted", 3, "box", False),
    ]
    assert moves.highest == 3
    assert not (await spool.moves()).moved


async def test_what_could_not_be_done_moved_nothing() -> None:
    spool = MemorySpool(HandClock())
    await spool.put([a_message(1)])
    row = await look(spool, 1)
    assert await spool.change(row, RELEASED)
    assert not await spool.change(row, RELEASED)
    assert len((await spool.moves()).moved) == 1


async def test_moves_that_nobody_asks_for_do_not_fill_the_memory() -> None:
    moving, spool = Moving(most=10), MemorySpool(HandClock())
    await spool.put([a_message(1)])
    await spool.change(await look(spool, 1), RELEASED)
    [one] = (await spool.moves()).moved
    moving.add([one] * 100)
    assert len(moving.taken()) == 10


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        (Wanted(), [1, 2, 3]),
        (Wanted(newest=True), [3, 2, 1]),
        (Wanted(queue=Queue.POST), [3]),
        (Wanted(queue=Queue.ENDED), []),
        (Wanted(state="held"), [1, 2]),
        (Wanted(channel="news"), [1, 2]),
        (Wanted(channel="box"), []),
        (Wanted(destination="box"), [3]),
        (Wanted(why="Says NO"), [3]),
        (Wanted(why="%"), []),
    ],
)
async def test_rows_are_found_by_what_an_operator_asks(wanted: Wanted, seqs: list[int]) -> None:
    spool = MemorySpool(HandClock())
    await spool.put([a_message(1), a_message(2, why="danger: phone")])
    await spool.change(
        await look(spool, 2),
        Change(Queue.REVIEW, State.HELD, due=None, why="danger: phone"),
        then=[POST],
    )
    beside = NewRow(Queue.SHEET, Kept.SEALED, b"s" * 16, NOW, None, body=b"x")
    await spool.change_all([], sheets=[(1, beside)])
    found = await spool.find_rows(wanted)
    assert [row.seq for row in found.rows] == seqs and found.after is None


async def test_every_row_is_on_one_page_also_where_few_of_many_are_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "AT_A_TIME", 4)
    spool = MemorySpool(HandClock())
    await spool.put([a_message(n, why="phone" if n % 5 == 0 else "") for n in range(1, 24)])
    for newest in (False, True):
        seqs: list[int] = []
        after: int | None = 0
        while after is not None:
            found = await spool.find_rows(Wanted(why="phone", newest=newest), after=after, limit=2)
            seqs, after = [*seqs, *(row.seq for row in found.rows)], found.after
        assert seqs == sorted([5, 10, 15, 20], reverse=newest)


@pytest.mark.slow
async def test_a_page_of_a_hundred_thousand_rows_takes_no_time(tmp_path: Path) -> None:
    with Disk(tmp_path).spool() as spool:
        for at in range(0, 100_000, 5_000):
            await spool.put([a_message(n) for n in range(at + 1, at + 5_001)])
        for wanted in (Wanted(), Wanted(newest=True), Wanted(why="nowhere"), Wanted(state="held")):
            began = time.perf_counter()
            await spool.find_rows(wanted, after=40_000)
            assert time.perf_counter() - began < 0.2


async def test_what_waits_is_summed_by_where_it_goes_and_why() -> None:
    spool = MemorySpool(HandClock())
    row = NewRow(Queue.POST, Sent.WAITING, b"d" * 16, NOW, NOW, name="box", why="")
    later = replace(row, due=NOW + 100, hour=NOW - HOUR)
    never = replace(row, due=None, state=Sent.HELD, why="unsure")
    await spool.put([row, later, later, never, replace(row, name="page", due=NOW + 9)])
    found = await spool.summed(Queue.POST, now=NOW, latest=NOW + 50)
    assert found.after is None
    assert {(one.name, one.state): one for one in found.sums} == {
        ("box", "waiting"): Sum("box", "waiting", "", 3, NOW - HOUR, 1, 2),
        ("box", "held"): Sum("box", "held", "unsure", 1, NOW, 0, 0),
        ("page", "waiting"): Sum("page", "waiting", "", 1, NOW, 0, 0),
    }
    beyond = await spool.summed(Queue.POST, now=NOW, latest=NOW, after=4)
    assert [one.name for one in beyond.sums] == ["page"]
