"""What a destination may use: counted durably before each attempt, and never past the limit."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import trio
from budget_parts import ACCOUNT, HOUR, KEYS, NAME, NOON, Core, Killed, Platform, at, core
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.money import SPENT, Paid
from relay.exit.post import Posting
from relay.exit.rest import Rest
from relay.model import (
    Attempt,
    Change,
    Later,
    Outcome,
    Part,
    Place,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    Stopped,
    Unsure,
)
from relay.node.board import FLUSH_S, Board
from relay.node.brake import Brake
from relay.node.budgets import Budgets
from relay.node.kept_budgets import KEPT
from relay.node.purse import PayingBridge, Purse
from relay.node.workers import SPENT_S, Poster
from relay.ports import Keep
from relay.rules.budgets import DAY, Budget
from relay.spool.memory import MemorySpool

PER_DAY = Budget("posts", "day", 2)
PER_MONTH = Budget("posts", "month", 3)
TODAY = "its posts for today are spent"
THIS_MONTH = "its posts for this month are spent"
NEXT = at(2026, 12, 1)


class Loop:
    """A clock that goes with the loop's own, from noon of the last day of November."""

    def __init__(self) -> None:
        self.began = trio.current_time()

    @property
    def at(self) -> int:
        return NOON + int(trio.current_time() - self.began)

    def now(self) -> int:
        return self.at


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
    for hour in range(40 * 24):
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


# ---------------------------------------------------------------- what a poster makes of it


class Slow(Platform):
    """Its first send takes a while, and then fails."""

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        if self.outcomes:
            outcome = self.outcomes.pop()
            await trio.sleep(5)
            return outcome
        self.came.append((self.clock.now(), 0))
        return Posted("r")


def poster_of(it: Core, clock: Loop, at_once: int = 1) -> Poster:
    posting = Posting(it.spool, it.platform, ACCOUNT, KEYS, clock, lambda: None, purse=it.purse)
    brake = Brake(it.spool, clock, ["news"], [NAME], {})
    told = lambda outcome: it.board.told(NAME, outcome)  # noqa: E731
    return Poster(it.spool, clock, posting, ACCOUNT, at_once, brake, told, lambda: None)


async def test_it_goes_on_by_itself_when_the_day_is_over(autojump_clock: MockClock) -> None:
    it = await core(PER_DAY, messages=5)
    clock = it.clock = it.platform.clock = Loop()  # type: ignore[assignment]
    await it.open()
    poster = poster_of(it, clock)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(poster.run)
        await trio.sleep(12 * HOUR - 1)
        assert (len(it.platform.came), it.board.places()[0].why) == (2, TODAY)
        await trio.sleep(2)
        assert len(it.platform.came) == 4
        await trio.sleep(DAY)
        assert (len(it.platform.came), it.board.places()[0].state) == (5, "works")
        poster.finish()


async def test_what_comes_back_from_an_attempt_under_way_is_used_the_same_day(
    autojump_clock: MockClock,
) -> None:
    it = await core(Budget("posts", "day", 1), messages=2)
    clock = it.clock = Loop()  # type: ignore[assignment]
    it.platform = Slow(it.clock, outcomes=[Refused("rude")])
    await it.open()
    poster = poster_of(it, clock, at_once=2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(poster.run)
        await trio.sleep(1)
        assert it.board.places()[0].state == "spent"
        await trio.sleep(SPENT_S)
        assert len(it.platform.came) == 1
        poster.finish()


async def test_that_it_is_spent_stays_on_the_board_when_the_last_post_ends_after_it_was_said() -> (
    None
):
    it = await core(PER_DAY, messages=3)
    rows = await it.spool.take(Queue.POST, now=NOON, limit=3, name=NAME)
    ended = [await it.posting.turn(row) for row in rows]
    for outcome in reversed(ended):
        assert outcome is not None
        it.board.told(NAME, outcome)
    assert (it.board.places()[0].state, it.board.places()[0].posted) == ("spent", 2)


async def test_a_new_day_is_seen_on_the_board_also_where_nothing_waits(
    autojump_clock: MockClock,
) -> None:
    it = await core(PER_DAY, messages=3)
    for _ in range(3):
        await it.turn()
    assert it.board.places()[0].state == "spent"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(it.board.run)
        await trio.sleep(FLUSH_S + 1)
        assert it.board.places()[0].state == "spent"
        it.clock.at = NEXT
        await trio.sleep(FLUSH_S)
        assert it.board.places()[0].state == "works"
        nursery.cancel_scope.cancel()


async def test_whoever_has_used_the_last_has_nothing_left_for_others_until_the_next_day() -> None:
    it = await core(PER_DAY, messages=2)
    await it.turn()
    assert it.budgets.has_left(NAME)
    await it.turn()
    assert not it.budgets.has_left(NAME) and it.budgets.has_left("another")
    assert it.board.places()[0].state == "works"  # nothing waits there
    it.clock.at = NEXT
    assert it.budgets.has_left(NAME)


async def test_what_a_provider_of_sms_has_spent_is_not_ours_to_take_back(
    autojump_clock: MockClock,
) -> None:
    it = await core(PER_DAY)
    board = Board(it.spool, it.clock, budgets=it.budgets)
    await board.load([NAME, "phone"])
    board.fares("phone", "spent", "no credit")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(board.run)
        it.clock.at = at(2027, 2, 1)
        await trio.sleep(FLUSH_S + 1)
        assert {one.name: one.state for one in board.places()}["phone"] == "spent"
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------- alarms, and what is no delivery


async def keep_nothing(kept: bytes) -> None:
    return


def attempt(price: int = 0) -> Attempt:
    return Attempt(Part("k", 0, 1, b"locked", price), 1, NOON)


async def test_no_number_of_posts_stops_an_alarm_and_each_is_counted() -> None:
    it = await core(Budget("posts", "day", 1))
    bridge = PayingBridge(it.platform, it.purse, alarms=True)
    for _ in range(3):
        assert isinstance(await bridge.send(attempt(), keep_nothing), Posted)
    await it.again()
    assert it.spent == [3]


async def test_a_sum_of_money_stops_an_alarm() -> None:
    it = await core(Budget("posts", "day", 1), Budget("money", "day", 30))
    bridge = PayingBridge(it.platform, it.purse, alarms=True)
    assert isinstance(await bridge.send(attempt(20), keep_nothing), Posted)
    ended = await bridge.send(attempt(20), keep_nothing)
    assert ended == Later("its money for today is spent", NEXT, "destination")


async def test_an_alarm_gets_out_while_the_disk_is_full_unless_it_costs_money(
    autojump_clock: MockClock,
) -> None:
    it = await core(PER_DAY, Budget("money", "day", 30))
    bridge = PayingBridge(it.platform, it.purse, alarms=True)

    async def full(name: str, value: bytes) -> None:
        raise SpoolFull

    remember, it.spool.remember = it.spool.remember, full  # type: ignore[method-assign]
    assert isinstance(await bridge.send(attempt(), keep_nothing), Posted)
    with trio.move_on_after(60):
        await bridge.send(attempt(20), keep_nothing)
    assert (len(it.platform.came), it.spent) == (1, [1, 0])
    it.spool.remember = remember  # type: ignore[method-assign]
    await it.budgets.flush()
    await it.again()
    assert it.spent == [1, 0]


async def test_what_else_posts_stops_at_the_limit_as_all_do() -> None:
    it = await core(Budget("posts", "day", 1))
    bridge = PayingBridge(it.platform, it.purse)
    assert isinstance(await bridge.send(attempt(), keep_nothing), Posted)
    ended = await bridge.send(attempt(), keep_nothing)
    assert isinstance(ended, Later) and ended.why in SPENT


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
    spool = MemorySpool(Loop.__new__(Loop))
    purse = Purse(Budgets(spool, Loop.__new__(Loop), {NAME: []}), NAME)
    assert purse.pays(0) == Paid()
