"""Rows that are looked at and not taken, and rows changed together, each by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from relay.model import Change, NewRow, Queue, Row, Sent, State
from relay.ports import Spool
from relay.spool.memory import MemorySpool
from relay.spool.sqlite import SqliteSpool

NOW = 1_750_000_000 - 1_750_000_000 % 3600
HANDED = Change(Queue.ENDED, Sent.HANDED, due=None)


@dataclass
class Clock:
    at: int = NOW

    def now(self) -> int:
        return self.at


@pytest.fixture(params=["memory", "sqlite"])
async def spool(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Spool]:
    made: MemorySpool | SqliteSpool
    if request.param == "memory":
        made = MemorySpool(Clock())
    else:
        made = SqliteSpool.open(
            tmp_path / "data",
            tmp_path / "seen",
            clock=Clock(),
            min_free_bytes=0,
            ballast_bytes=0,
            on_broken=lambda: None,
        )
    yield made
    made.close()


def crossing(n: int, *peers: str, due: int = 0) -> NewRow:
    """An envelope that is to go to these."""
    id = n.to_bytes(16, "big")
    then = tuple(NewRow(Queue.OUTBOUND, Sent.WAITING, id, NOW, due, name) for name in peers)
    return NewRow(Queue.ASSIGNED, State.WAITING, id, NOW, None, body=b"sealed", then=then)


async def peeked(spool: Spool, peer: str, limit: int = 9, but: frozenset[int] = frozenset()):
    return await spool.peek(Queue.OUTBOUND, now=NOW, limit=limit, name=peer, but=but)


def numbers(rows: list[Row]) -> list[int]:
    return [int.from_bytes(row.id, "big") for row in rows]


async def test_what_is_peeked_at_is_there_again_and_is_of_one_name(spool: Spool) -> None:
    await spool.put([crossing(1, "b", "c"), crossing(2, "b"), crossing(3, "c")])
    for _ in range(2):
        assert numbers(await peeked(spool, "b")) == [1, 2]
    assert numbers(await peeked(spool, "c", limit=1)) == [1]


async def test_rows_that_are_left_out_make_room_for_others(spool: Spool) -> None:
    await spool.put([crossing(n, "b") for n in range(1, 6)])
    first = await peeked(spool, "b", limit=2)
    rest = await peeked(spool, "b", limit=2, but=frozenset(row.seq for row in first))
    assert numbers(rest) == [3, 4]


async def test_what_is_not_due_is_not_peeked_at(spool: Spool) -> None:
    await spool.put([crossing(1, "b", due=NOW + 1), crossing(2, "b")])
    assert numbers(await peeked(spool, "b")) == [2]


async def test_each_row_is_changed_by_itself(spool: Spool) -> None:
    await spool.put([crossing(n, "b") for n in range(1, 4)])
    rows = await peeked(spool, "b")
    assert await spool.change(rows[1], Change(Queue.OUTBOUND, Sent.SENDING, due=0))
    assert await spool.change_each([(row, HANDED) for row in rows]) == [True, False, True]
    counts = await spool.counts()
    assert (counts.states["handed"], counts.states["waiting"]) == (2, 1)


async def test_a_row_that_somebody_holds_is_not_changed(spool: Spool) -> None:
    await spool.put([crossing(1, "b")])
    (held,) = await spool.take(Queue.OUTBOUND, now=NOW, limit=1, name="b")
    assert await spool.change_each([(held, HANDED)]) == [False]
