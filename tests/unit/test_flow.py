"""How much came and went by the hour, and how long it took."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import pytest
import trio
from spool_parts import NOW, HandClock
from trio.testing import MockClock

from relay.exit.record import Record
from relay.model import HOUR, Change, NewRow, Queue, Row, Sent, State
from relay.node.desk.flow import Flow
from relay.node.desk.kept_flow import KEPT_S, PREFIX, KeptFlow
from relay.rules.flow import MOST_NAMES, OTHERS, STEPS, Counting, Hour, plus, within
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
RELEASED = Change(Queue.DELIVER, State.WAITING, due=NOW)


class Bench:
    """A flow that looks at a spool in memory, and time that is moved by hand."""

    def __init__(self, spool: MemorySpool | None = None, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        self.spool = spool or MemorySpool(self.clock)
        self.keys: Any = KEYS
        self.flow = Flow(self.spool, self.clock, lambda: self.keys)

    async def runs(self, seconds: float) -> None:
        """Time goes by while it looks."""
        self.clock.at += int(seconds)
        with trio.move_on_after(seconds):
            await self.flow.run()

    async def read(self, n: int, transport: str = "mail") -> Row:
        """A message comes and is held for a person."""
        new = NewRow(Queue.REVIEW, State.HELD, n.to_bytes(16, "big"), self.clock.at, None)
        await self.spool.put([new])
        row = (await self.spool.look(queue=Queue.REVIEW))[-1]
        self.flow.came(row, Record(b"s" * 32, "mail", transport, "news"))
        return row

    async def last(self) -> dict[str, Any]:
        hour: dict[str, Any] = (await self.flow.hours(48))["hours"][-1]
        return hour


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0)


def took(step: Any, seconds: float) -> list[int]:
    counting = Counting()
    counting.took(step, seconds)
    return list({"review": counting.of(0).review, "post": counting.of(0).post}[step])


async def test_an_hour_says_what_came_by_which_way_and_what_became_of_it(clock: MockClock) -> None:
    bench = Bench()
    one, other = await bench.read(1), await bench.read(2, "phone")
    await bench.runs(15 * 60)
    await bench.spool.change(one, RELEASED)
    await bench.spool.change(other, Change(Queue.ENDED, State.DROPPED, due=None))
    hour = await bench.last()
    assert (hour["came"], hour["released"], hour["dropped"]) == ({"mail": 1, "phone": 1}, 1, 1)
    assert hour["review"] == [2 * n for n in took("review", 15 * 60)]


async def test_how_long_a_post_took_is_from_its_release_on(clock: MockClock) -> None:
    bench = Bench()
    row = await bench.read(1)
    await bench.runs(3 * HOUR)
    post = NewRow(Queue.POST, Sent.WAITING, b"d" * 16, bench.clock.at, 0, name="box")
    await bench.spool.change(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=[post])
    await bench.runs(120)
    [delivery] = await bench.spool.look(queue=Queue.POST)
    await bench.spool.change(delivery, Change(Queue.ENDED, Sent.POSTED, due=None))
    hour = await bench.last()
    assert hour["posted"] == {"box": 1} and hour["post"] == took("post", 120)


async def test_a_restart_loses_no_more_than_the_last_minute(clock: MockClock) -> None:
    bench = Bench()
    await bench.spool.change(await bench.read(1), RELEASED)
    await bench.runs(65)
    again = Bench(bench.spool, bench.clock)
    await bench.spool.change(await again.read(2), RELEASED)
    assert (await again.last())["released"] == 2
    await again.runs(65)
    assert (await again.last())["released"] == 2 and (await again.last())["came"] == {"mail": 2}


async def test_what_was_there_before_a_restart_counts_from_the_end_of_its_hour(
    clock: MockClock,
) -> None:
    bench = Bench()
    row = await bench.read(1)
    bench.clock.at += 5 * HOUR
    again = Bench(bench.spool, bench.clock)
    again.flow.came(row, Record(b"s" * 32, "mail", "mail", "news"))
    await again.runs(30)
    await bench.spool.change(row, RELEASED)
    assert (await again.last())["review"] == took("review", 4 * HOUR)


async def test_each_hour_is_counted_by_itself(clock: MockClock) -> None:
    bench = Bench()
    await bench.spool.change(await bench.read(1), RELEASED)
    assert (await bench.last())["released"] == 1
    await bench.runs(HOUR)
    await bench.runs(HOUR)
    await bench.spool.change(await bench.read(2), RELEASED)
    hours = (await bench.flow.hours(48))["hours"]
    assert [one["released"] for one in hours] == [1, 0, 1]
    assert [one["hour"] % HOUR for one in hours] == [0] * len(hours)
    assert len((await bench.flow.hours(1))["hours"]) == 1


async def test_hours_are_put_together_and_nothing_is_counted_twice_or_lost(
    clock: MockClock,
) -> None:
    bench = Bench()
    for n in range(1, 8):
        await bench.spool.change(await bench.read(n), RELEASED)
        if n == 5:
            await bench.flow.hours(6, 3)  # what it remembers of that is out of date in an hour
        await bench.runs(HOUR)
    for hours, each in ((8, 1), (9, 3), (8, 4), (840, 24)):
        told = (await bench.flow.hours(hours, each))["hours"]
        assert sum(one["released"] for one in told) == 7, (hours, each)
        assert len({one["hour"] for one in told}) == len(told) <= -(-hours // each)
        last = bench.clock.at - bench.clock.at % HOUR + HOUR
        assert all((last - one["hour"]) % (each * HOUR) == 0 for one in told)
    again = Bench(bench.spool, bench.clock)
    assert sum(one["released"] for one in (await again.flow.hours(8, 4))["hours"]) == 7


async def test_a_locked_node_counts_and_writes_down_what_it_counted_once_it_is_open(
    clock: MockClock,
) -> None:
    bench = Bench()
    bench.keys = None
    bench.flow.accepted(time.perf_counter())
    await bench.runs(120)
    assert not await bench.spool.remembered()
    assert sum((await bench.last())["accept"]) == 1
    bench.keys = KEYS
    await bench.runs(120)
    assert sum((await Bench(bench.spool, bench.clock).last())["accept"]) == 1


async def test_nobody_reads_without_the_key_when_how_much_was_sent(clock: MockClock) -> None:
    bench = Bench()
    await bench.read(1, "phone")
    await bench.runs(65)
    value = (await bench.spool.remembered())[f"{PREFIX}{NOW // HOUR}"]
    assert b"phone" not in value
    assert await KeptFlow(bench.spool, make_exit_keys).since(0) == []


async def test_after_thirty_five_days_nothing_is_kept(clock: MockClock) -> None:
    bench = Bench()
    await bench.runs(65)
    bench.clock.at += KEPT_S + 2 * HOUR
    await bench.runs(65)
    assert list(await bench.spool.remembered()) == [f"{PREFIX}{bench.clock.at // HOUR}"]


async def test_what_is_damaged_on_the_disk_is_as_if_it_were_not_there(clock: MockClock) -> None:
    bench = Bench()
    await bench.spool.remember(f"{PREFIX}{NOW // HOUR}", b"x" * 100)
    await bench.spool.remember(f"{PREFIX}nonsense", b"x" * 100)
    await bench.spool.change(await bench.read(1), RELEASED)
    await bench.runs(65)
    assert (await bench.last())["released"] == 1


def test_names_without_end_are_counted_together() -> None:
    counting = Counting()
    for n in range(MOST_NAMES + 50):
        counting.came(f"way{n}")
    came = counting.of(0).came
    assert len(came) == MOST_NAMES + 1 and came[OTHERS] == 50


def test_two_hours_together_are_what_both_counted() -> None:
    one = Hour(NOW, {"a": 1}, 2, {"b": 3}, 4, accept=(1, 0, 0, 0, 0, 0, 0, 0, 0))
    both = plus(one, replace(one, hour=NOW + HOUR, came={"c": 1}))
    assert (both.hour, both.came, both.released, both.posted) == (
        NOW,
        {"a": 1, "c": 1},
        4,
        {"b": 6},
    )
    assert both.accept[0] == 2 and both.is_sound
    assert not replace(one, review=(1,)).is_sound and not replace(one, dropped=-1).is_sound


def test_by_what_time_a_share_was_done() -> None:
    assert within("review", [0] * 9, 0.5) is None
    assert within("review", [9, 0, 0, 1, 0, 0, 0, 0, 0], 0.5) == STEPS["review"][0]
    assert within("review", [9, 0, 0, 1, 0, 0, 0, 0, 0], 0.95) == STEPS["review"][3]
    assert within("review", [0] * 8 + [1], 0.5) == math.inf
