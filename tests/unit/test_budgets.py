"""What a destination may use: counted durably before each attempt, and never past the limit."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import trio
from budget_parts import HOUR, NAME, NOON, Hands, Killed, at, core
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.money import Paid
from relay.exit.rest import Rest
from relay.model import (
    Change,
    Later,
    Outcome,
    Place,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    Stopped,
    Unsure,
)
from relay.node.budgets import Budgets
from relay.node.kept_budgets import KEPT
from relay.node.purse import Purse
from relay.rules.budgets import Budget
from relay.spool.memory import MemorySpool

PER_DAY = Budget("posts", "day", 2)
PER_MONTH = Budget("posts", "month", 3)
TODAY = "its posts for today are spent"
THIS_MONTH = "its posts for this month are spent"
NEXT = at(2026, 12, 1)


# ---------------------------------------------------------------- counting


async def test_each_part_is_a_post_and_counted_before_it_is_sent() -> None:
    it = await core(Budget("posts", "day", 9), prices=(0, 0, 0))
    it.platform.dies = "before"
    with suppress(Killed):
        await it.turn()
    await it.again()
    assert (it.spent, it.platform.came) == ([1], [])
    while not isinstance(await it.turn(), Posted):
        pass
    assert (it.spent, len(it.platform.came)) == ([4], 3)  # the one that died counts, too


@pytest.mark.parametrize("ended", [Later("busy"), Refused("rude"), Stopped("token", "renew it")])
async def test_what_published_nothing_is_given_back_and_durably(ended: Outcome) -> None:
    it = await core(PER_DAY, PER_MONTH)
    it.platform.outcomes = [ended]
    await it.turn()
    assert it.spent == [0, 0]
    await it.budgets.flush()
    await it.again()
    assert it.spent == [0, 0]


async def test_a_crash_before_it_is_given_back_counts_too_much_and_not_too_little() -> None:
    it = await core(PER_DAY)
    it.platform.outcomes = [Later("busy")]
    await it.turn()
    await it.again()
    assert it.spent == [1]


async def test_what_is_in_doubt_stays_counted() -> None:
    it = await core(PER_DAY)
    it.platform.outcomes = [Unsure("cut")]
    await it.turn()
    assert it.spent == [1]


async def test_a_destination_without_budgets_writes_nothing_down() -> None:
    it = await core(messages=3)
    for _ in range(3):
        assert isinstance(await it.turn(), Posted)
    await it.budgets.flush()
    assert await it.spool.remembered() == {}


async def test_the_count_and_that_it_is_sent_are_asked_for_together_to_share_a_commit() -> None:
    it = await core(PER_DAY)
    remember, settle = it.spool.remember, it.spool.settle
    asked = {"remember": trio.Event(), "settle": trio.Event()}

    async def remembers(name: str, value: bytes) -> None:
        asked["remember"].set()
        await asked["settle"].wait()
        await remember(name, value)

    async def settles(row: Row, to: Change, **more: Any) -> Row | None:
        if to.state == Sent.SENDING:
            asked["settle"].set()
            await asked["remember"].wait()
        return await settle(row, to, **more)

    it.spool.remember, it.spool.settle = remembers, settles  # type: ignore[method-assign]
    with trio.fail_after(5):
        assert isinstance(await it.turn(), Posted)


@pytest.mark.parametrize("fulls", [1, 3])
async def test_counting_waits_for_room_and_nothing_is_sent_meanwhile(
    autojump_clock: MockClock, fulls: int
) -> None:
    it = await core(PER_DAY)
    remember, left = it.spool.remember, [SpoolFull() for _ in range(fulls)]

    async def full(name: str, value: bytes) -> None:
        assert it.platform.came == []
        if left:
            raise left.pop()
        await remember(name, value)

    it.spool.remember = full  # type: ignore[method-assign]
    assert isinstance(await it.turn(), Posted)
    await it.again()
    assert it.spent == [1]


# ---------------------------------------------------------------- limits


async def test_a_day_gets_what_it_has_and_the_next_one_the_rest() -> None:
    it = await core(PER_DAY, messages=5)
    for hour in range(3 * 24):
        it.clock.at = NOON + hour * HOUR
        await it.turn()
    assert it.platform.days == [2, 2, 1]


async def test_a_month_gets_what_it_has_whatever_its_days_would() -> None:
    it = await core(PER_DAY, PER_MONTH, messages=9)
    for hour in range(0, 40 * 24, 6):
        it.clock.at = at(2026, 11, 3) + hour * HOUR
        await it.turn()
    days = [datetime.fromtimestamp(when, UTC).strftime("%m-%d") for when, _ in it.platform.came]
    assert days == ["11-03", "11-03", "11-04", "12-01", "12-01", "12-02"]


async def test_it_is_said_which_budget_is_short_and_until_when() -> None:
    it = await core(PER_DAY, PER_MONTH, messages=4)
    it.clock.at = at(2026, 11, 28)
    await it.turn(), await it.turn()
    assert await it.turn() == Rest(at(2026, 11, 29), spent=True, why=TODAY)
    assert (it.board.places()[0].state, it.board.places()[0].why) == ("spent", TODAY)
    it.clock.at = at(2026, 11, 29)
    await it.turn()
    assert await it.turn() == Rest(NEXT, spent=True, why=THIS_MONTH)
    assert it.board.places()[0].why == THIS_MONTH
    waiting = [row for row in await it.spool.look(queue=Queue.POST)]
    assert [(row.state, row.why) for row in waiting] == [(Sent.WAITING, THIS_MONTH)]


async def test_a_thread_stops_where_it_is_and_goes_on_first_the_next_day() -> None:
    it = await core(PER_DAY, prices=(0, 0, 0), messages=1)
    assert await it.turn() == Rest(NEXT, spent=True, why=TODAY)
    await it.message()
    it.clock.at = NEXT
    await it.turn()
    assert it.platform.days == [2, 1]
    assert (await it.delivery()).state == Sent.POSTED


async def test_whoever_raises_the_limit_goes_on_at_once() -> None:
    it = await core(PER_DAY, messages=4)
    for _ in range(3):
        await it.turn()
    assert it.board.places()[0].state == "spent"
    it.limits = [Budget("posts", "day", 3)]
    await it.again()
    assert it.board.places()[0].state == "works"
    assert isinstance(await it.turn(), Posted)
    assert isinstance(await it.turn(), Rest)


async def test_a_limit_below_what_is_spent_stops_at_once() -> None:
    it = await core(PER_DAY, messages=3)
    await it.turn(), await it.turn()
    it.limits = [Budget("posts", "day", 1)]
    await it.again()
    assert isinstance(await it.turn(), Rest)
    assert it.spent == [2]


async def test_a_budget_that_is_written_later_knows_what_the_others_counted() -> None:
    it = await core(PER_DAY, messages=3)
    await it.turn(), await it.turn()
    it.limits = [Budget("posts", "month", 2)]
    await it.again()
    assert await it.turn() == Rest(NEXT, spent=True, why=THIS_MONTH)


async def test_a_clock_that_goes_back_gives_nothing() -> None:
    it = await core(PER_DAY, messages=6)
    it.clock.at = NEXT
    await it.turn(), await it.turn()
    it.clock.at = NEXT - 60
    assert isinstance(await it.turn(), Rest)
    await it.again()
    assert isinstance(await it.turn(), Rest)
    it.clock.at = NEXT + 60
    assert isinstance(await it.turn(), Rest)


async def test_of_two_at_once_only_one_gets_the_last() -> None:
    it = await core(PER_DAY, messages=4)
    rows = await it.spool.take(Queue.POST, now=NOON, limit=4, name=NAME)
    ended: list[object] = []

    async def turn(n: int) -> None:
        ended.append(await it.posting.turn(rows[n]))

    async with trio.open_nursery() as nursery:
        for n in range(4):
            nursery.start_soon(turn, n)
    assert len(it.platform.came) == 2
    assert sum(isinstance(one, Rest) for one in ended) == 2


# ---------------------------------------------------------------- what is kept


@pytest.mark.parametrize("value", [b"", b"x", b"\x80", b"\x81\xa1_\xa4Bank", bytes(100)])
async def test_a_count_that_is_damaged_counts_as_used_up_until_the_limit_is_raised(
    value: bytes,
) -> None:
    it = await core(PER_DAY, PER_MONTH, Budget("money", "day", 10))
    await it.spool.remember(KEPT + NAME, value or b"?")
    await it.again()
    assert it.spent == [2, 3, 10]
    assert [NAME in notice for notice in it.budgets.notices] == [True]
    assert await it.turn() == Rest(NEXT, spent=True, why=THIS_MONTH)
    await it.budgets.flush()
    it.limits = [Budget("posts", "day", 3), Budget("posts", "month", 4)]
    await it.again()
    assert isinstance(await it.turn(), Posted)


async def test_money_that_the_version_before_counted_is_not_forgotten() -> None:
    it = await core(Budget("money", "month", 500), prices=(200,))
    await it.spool.place(Place(NAME, month=202611, spent=400))
    await it.again()
    assert it.spent == [400]
    assert isinstance(await it.turn(), Rest)
    it.clock.at = NEXT
    await it.turn()
    await it.again()
    assert it.spent == [200]


async def test_what_was_taken_out_of_the_settings_is_known_until_its_month_is_over() -> None:
    it = await core(PER_DAY, messages=1)
    await it.turn()
    spool: MemorySpool = it.spool
    others = Budgets(spool, it.clock, {"y": [PER_DAY]})
    await others.load({})
    assert KEPT + NAME in await spool.remembered()
    it.clock.at = NEXT
    await Budgets(spool, it.clock, {NAME: [PER_DAY]}).load({})
    assert KEPT + NAME in await spool.remembered()
    await others.load({})
    assert KEPT + NAME not in await spool.remembered()


async def test_a_full_disk_does_not_keep_a_node_from_starting() -> None:
    it = await core(PER_DAY)
    await it.turn()
    it.clock.at = NEXT

    async def full(name: str, value: bytes) -> None:
        raise SpoolFull

    it.spool.remember = full  # type: ignore[method-assign]
    await Budgets(it.spool, it.clock, {}).load({})
    assert KEPT + NAME in await it.spool.remembered()


def test_a_purse_of_what_has_no_budget_asks_nothing() -> None:
    spool = MemorySpool(Hands())
    purse = Purse(Budgets(spool, Hands(), {NAME: []}), NAME)
    assert purse.pays(0) == Paid()
