"""What came along with a message is destroyed in the end, and at once where somebody wants that."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
import trio
from spool_parts import NOW, HandClock
from trio.testing import MockClock

from relay.exit.originals import set_aside
from relay.exit.record import Record, store
from relay.exit.withdraw import Withdrawal
from relay.journal import Journal
from relay.model import (
    HOUR,
    Change,
    Kept,
    Media,
    Message,
    NewRow,
    Queue,
    Removed,
    Row,
    Sent,
    State,
    Unknown,
)
from relay.node.decisions import Decisions
from relay.node.kept_originals import KeptOriginals
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.keys import ExitKeys, make_exit_keys

KEYS = make_exit_keys()
ID = bytes(range(16))
DAY = 24 * HOUR
PHOTO = Media("image/jpeg", b"as it came")


class Node:
    """A spool with one message that came with a picture, held for a person."""

    keys: ExitKeys | None = KEYS

    def __init__(self) -> None:
        self.clock = HandClock()
        self.spool = MemorySpool(self.clock)
        self.policies: Mapping[str, Policy] = {"news": Policy()}
        self.log = io.StringIO()
        self.frozen = False
        self.kept = KeptOriginals(
            self.spool,
            self.clock,
            7 * DAY,
            Journal("core", self.log),
            lambda: None,
            lambda: self.frozen,
        )

    def nudge(self, name: str) -> None: ...

    async def held(self) -> Row:
        record = Record(bytes(32), "mail", "m", "news", message=Message("see", media=(PHOTO,)))
        body = store(record, KEYS.storage, ID)
        new = NewRow(Queue.CLEAN, State.WAITING, ID, NOW, due=0, name="news", body=body)
        await self.spool.put([new])
        [row] = await self.spool.look(queue=Queue.CLEAN)
        beside = set_aside(row, (PHOTO,), KEYS.storage)
        held = Change(Queue.REVIEW, State.HELD, due=None, body=body)
        assert await self.spool.change(row, held, then=[beside])
        return await self.message()

    async def message(self) -> Row:
        return (await self.spool.family(1))[0]

    async def decides(self, what: str) -> None:
        rows = await self.spool.family(1)
        await getattr(Decisions(self), what)(rows)

    async def original(self) -> tuple[str, bool]:
        """Its state, and whether there is anything left of it."""
        [row] = await self.spool.originals(1)
        return row.state, await self.spool.body(row.seq) != b""


KEPT, GONE = (Kept.SEALED, True), (Kept.DESTROYED, False)


async def test_what_nobody_has_decided_about_is_kept_however_old_it_is() -> None:
    node = Node()
    await node.held()
    node.clock.at += 400 * DAY
    assert await node.kept.destroyed() == 0
    assert await node.original() == KEPT


@pytest.mark.parametrize("what", ["release", "drop"])
async def test_it_is_destroyed_seven_days_after_the_decision_and_not_before(what: str) -> None:
    node = Node()
    await node.held()
    await node.decides(what)
    node.clock.at += 7 * DAY
    assert await node.kept.destroyed() == 0
    node.clock.at += HOUR
    assert await node.kept.destroyed() == 1
    assert await node.original() == GONE
    assert await node.kept.destroyed() == 0
    assert (await node.message()).queue != Queue.ORIGINAL


async def test_nothing_is_destroyed_by_a_clock_that_is_not_believed() -> None:
    node = Node()
    await node.held()
    await node.decides("release")
    node.clock.at += 70 * DAY
    node.frozen = True
    assert await node.kept.destroyed() == 0
    assert await node.original() == KEPT


async def test_a_message_that_is_held_again_keeps_what_came_with_it() -> None:
    node = Node()
    await node.held()
    await node.decides("release")
    await node.decides("hold")
    node.clock.at += 70 * DAY
    assert await node.kept.destroyed() == 0


async def test_what_was_destroyed_is_told_as_a_count(autojump_clock: MockClock) -> None:
    node = Node()
    await node.held()
    await node.decides("drop")
    node.clock.at += 8 * DAY
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.kept.run)
        await trio.sleep(2000)
        nursery.cancel_scope.cancel()
    assert node.log.getvalue().count("what came with 1 messages") == 1


# ---------------------------------------------------------------- at once


async def test_what_may_not_even_be_kept_is_destroyed_with_what_came_along() -> None:
    node = Node()
    await node.held()
    await node.decides("destroy")
    assert await node.original() == GONE
    message = await node.message()
    assert (message.state, await node.spool.body(1)) == (State.DROPPED, b"")


async def test_dropped_and_later_destroyed_is_destroyed() -> None:
    node = Node()
    await node.held()
    await node.decides("drop")
    assert await node.original() == KEPT
    await node.decides("destroy")
    assert await node.original() == GONE


async def _removed(name: str, ref: str) -> Removed:
    return Removed()


async def _unknown(*_: Any) -> Unknown:
    return Unknown()


async def withdrawn(node: Node, how: str) -> None:
    withdrawal = Withdrawal(node.spool, KEYS, _removed, _unknown)
    if how == "by its sender":
        await withdrawal.asked(1)
    else:
        async for _ in withdrawal.of(1):
            pass


@pytest.mark.parametrize("how", ["by its sender", "by a person"])
async def test_what_is_taken_back_before_it_was_decided_leaves_nothing(how: str) -> None:
    node = Node()
    await node.held()
    await withdrawn(node, how)
    assert await node.original() == GONE
    assert (await node.message()).state == State.WITHDRAWN


@pytest.mark.parametrize("state", [Sent.WAITING, Sent.POSTED])
@pytest.mark.parametrize("how", ["by its sender", "by a person"])
async def test_what_is_taken_back_later_leaves_nothing_of_what_came(how: str, state: Sent) -> None:
    node = Node()
    message = await node.held()
    delivery = NewRow(Queue.POST, Sent.WAITING, ID, NOW, name="page")
    assigned = Change(Queue.ASSIGNED, State.WAITING, due=None)
    assert await node.spool.change(message, assigned, then=[delivery])
    if state == Sent.POSTED:
        [row] = await node.spool.look(queue=Queue.POST)
        await node.spool.change(row, Change(Queue.ENDED, Sent.POSTED, due=None))
    await withdrawn(node, how)
    expected = KEPT if (how, state) == ("by a person", Sent.POSTED) else GONE
    assert await node.original() == expected  # how it is called there is not known, so it stays
