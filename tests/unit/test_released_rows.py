"""What a window held is taken in order of arrival, also where many are due in one second."""

from __future__ import annotations

import sqlite3

import pytest

from relay.model import Change, NewRow, Queue, Sent, State
from relay.ports import First
from relay.spool.memory import MemorySpool

START = 1_800_000_000
MANY = 800
STEPS = 8000
"""Of SQLite's machine: to sort all of them takes 13,000."""


class Hands:
    def now(self) -> int:
        return START


@pytest.mark.parametrize("first", ["oldest", "newest"])
async def test_a_take_does_not_look_at_all_that_are_due_in_one_second(first: First) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    spool = MemorySpool(Hands(), connection)
    await spool.put(
        [NewRow(Queue.DELIVER, State.WAITING, bytes(16), START, START)] * MANY,
    )
    messages = list(await spool.take(Queue.DELIVER, now=START, limit=MANY))
    pairs = zip(messages[1::2], messages[::2], strict=True)  # made in batches, not quite in order
    for row in [row for pair in pairs for row in pair]:
        then = [NewRow(Queue.POST, Sent.WAITING, bytes(16), START, START, "box")]
        await spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=then)
    steps = 0

    def counts() -> None:
        nonlocal steps
        steps += 100

    connection.set_progress_handler(counts, 100)
    taken = await spool.take(Queue.POST, now=START, limit=3, name="box", first=first)
    arrived = [row.seq for row in messages]
    assert [row.root for row in taken] == (
        arrived[:3] if first == "oldest" else arrived[: MANY - 4 : -1]
    )
    assert steps < STEPS
