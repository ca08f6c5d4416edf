"""The core ends at any commit of a deed: asked for again it is done once, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import trio
from desk_parts import Clock, Core, token

from relay.errors import SpoolBroken
from relay.model import Change, NewRow, Queue, Row, Sent, State
from relay.spool.memory import MemorySpool

SENT = (State.WAITING, State.JOINED, State.JOINED)


class DyingSpool(MemorySpool):
    """A spool that ends before, or just after, the commit of this number; nobody hears of it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.left, self.committed = -1, False

    async def change_all(
        self, changes: Sequence[tuple[Row, Change]], *, sheets: Sequence[tuple[int, NewRow]] = ()
    ) -> bool:
        self.left -= 1
        if self.left == 0:
            if self.committed:
                await super().change_all(changes, sheets=sheets)
            raise SpoolBroken
        return await super().change_all(changes, sheets=sheets)


def dying(**policy: Any) -> tuple[Core, DyingSpool]:
    spool = DyingSpool(Clock())
    return Core(spool, **policy), spool


async def killed(core: Core, spool: DyingSpool, at: int, committed: bool, **order: Any) -> Core:
    """Give an order, of which the core ends at a commit; gives the core that comes after it."""
    spool.left, spool.committed = at, committed
    try:
        await core.asked(**order)
    except* SpoolBroken:
        pass
    spool.left = -1
    spool.reopen()
    return core.started_anew()


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize("do", ["publish", "drop"])
async def test_a_deed_on_many_is_done_to_each_of_them_once(
    do: str, at: int, committed: bool
) -> None:
    core, spool = dying()
    ids = [await core.message(n) for n in (1, 2, 3)]
    order = {"do": do, "ids": ids, "token": token(1)}
    again = await killed(core, spool, at, committed, **order)
    answer = await again.asked(**order)
    assert sorted(one["id"] for one in answer["done"]) == ids
    assert answer["not_done"] == []
    rows = await spool.look()
    messages = [row for row in rows if row.seq == row.root]
    assert {row.queue for row in messages} == {Queue.DELIVER if do == "publish" else Queue.ENDED}
    assert {row.rev for row in messages} == {2}
    undone = await again.asked("undo", deed=token(1), token=token(2))
    assert len(undone["done"]) == 3
    assert (await spool.counts()).states == {State.HELD: 3}


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
async def test_a_group_is_published_whole_or_not_at_all(committed: bool) -> None:
    core, spool = dying()
    chosen, *others = [await core.message(n) for n in (1, 2, 3)]
    order = {"do": "publish", "ids": [chosen], "with": {chosen: others}, "token": token(1)}
    again = await killed(core, spool, 1, committed, **order)
    before = (await spool.counts()).states
    assert before == ({State.WAITING: 1, State.JOINED: 2} if committed else {State.HELD: 3})
    answer = await again.asked(**order)
    assert answer["done"] == [{"id": chosen, "changed": 3}]
    assert (await spool.counts()).states == {State.WAITING: 1, State.JOINED: 2}
    third = await killed(again, spool, 1, committed, do="undo", deed=token(1), token=token(2))
    await third.asked("undo", deed=token(1), token=token(2))
    assert (await spool.counts()).states == {State.HELD: 3}


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
async def test_what_one_person_wanted_is_what_one_person_wanted(committed: bool) -> None:
    core, spool = dying(two_persons="all")
    id = await core.message(1)
    order = {"do": "publish", "ids": [id], "token": token(1)}
    again = await killed(core, spool, 1, committed, **order)
    assert (await again.asked(**order))["waits"]
    second = {**order, "by": "bob", "token": token(2)}
    last = await killed(again, spool, 1, committed, **second)
    assert (await last.asked(**second))["done"] == [{"id": id, "changed": 1}]
    assert (await spool.counts()).states == {State.WAITING: 1}


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
async def test_a_question_is_asked_once(committed: bool) -> None:
    core, spool = dying()
    id = await core.message(1)
    order = {"do": "ask", "id": id, "text": "Which street", "token": token(1)}
    again = await killed(core, spool, 1, committed, **order)
    await again.asked(**order)
    assert (await again.record(id)).answers == ("Which street",)


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
async def test_deliveries_are_held_and_go_on_again_once(committed: bool) -> None:
    core, spool = dying()
    id = await core.message(1)
    await core.assign(id, page=Sent.WAITING, telegram=Sent.PREPARED)
    order = {"do": "hold", "ids": [id], "token": token(1)}
    again = await killed(core, spool, 1, committed, **order)
    await again.asked(**order)
    assert await again.deliveries(id) == {"page": "held", "telegram": "held"}
    await again.asked("undo", deed=token(1), token=token(2))
    assert await again.deliveries(id) == {"page": "waiting", "telegram": "prepared"}


async def test_the_same_deed_given_twice_at_once_is_done_once() -> None:
    core = Core()
    id = await core.message(1)
    answers = []

    async def give() -> None:
        answers.append(await core.asked("publish", ids=[id], token=token(1)))

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(give)
    assert answers[0] == answers[1] == answers[2]
    assert (await core.row(id)).rev == 2


async def test_a_deed_that_failed_may_be_given_again() -> None:
    core, spool = dying()
    id = await core.message(1)
    spool.left = 1
    with pytest.RaisesGroup(SpoolBroken):
        await core.asked("publish", ids=[id], token=token(1))
    assert (await core.asked("publish", ids=[id], token=token(1)))["done"]
