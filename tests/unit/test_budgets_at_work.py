"""Budgets at work: what a poster, the board and the alarms make of one that is spent."""

from __future__ import annotations

import trio
from budget_parts import ACCOUNT, HOUR, KEYS, NAME, NOON, Core, Platform, at, core
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.money import SPENT
from relay.exit.post import Posting
from relay.model import (
    Attempt,
    Later,
    Outcome,
    Part,
    Posted,
    Queue,
    Refused,
)
from relay.node.board import FLUSH_S, Board
from relay.node.brake import Brake
from relay.node.poster import SPENT_S, Poster
from relay.node.purse import PayingBridge
from relay.ports import Keep
from relay.rules.budgets import DAY, Budget

PER_DAY = Budget("posts", "day", 2)
TODAY = "its posts for today are spent"
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
        await trio.sleep(FLUSH_S + 1)
        assert it.board.places()[0].state == "works"
        nursery.cancel_scope.cancel()


async def test_whoever_has_used_the_last_has_nothing_left_for_others_until_the_next_day() -> None:
    it = await core(PER_DAY, messages=2)
    await it.turn()
    assert it.budgets.has_left(NAME)
    await it.turn()
    assert not it.budgets.has_left(NAME) and it.budgets.has_left("another")
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
