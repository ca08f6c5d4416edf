"""A window that sends elsewhere: each delivery at its turn; what cannot go waits for its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from holding_parts import KEYS, START, Loop
from trio.testing import MockClock

from relay.exit.elsewhere import Elsewhere
from relay.exit.progress import Progress, progressed
from relay.model import Change, NewRow, Posted, Queue, Sent, State
from relay.node.brake import Brake
from relay.node.calendar import Calendar
from relay.node.rerouting import LOOK_S, Rerouting
from relay.node.scouts import Scouts
from relay.rules.windows import Do, Once, Window
from relay.spool.memory import MemorySpool

FROM, UNTIL = 100, 1000
NAMES = ("mastodon", "bluesky", "page")


class Node:
    """Three destinations, of which mastodon has a window from the first minute on."""

    def __init__(self, do: Do = "reroute", to: str = "bluesky", *more: Window) -> None:
        self.clock = Loop()
        self.spool = MemorySpool(self.clock)
        times = Once(START + FROM, START + UNTIL, "UTC")
        window = Window("maintenance", ("mastodon",), times, do, to, "its servers move")
        self.calendar = Calendar(self.spool, self.clock, (window, *more), NAMES)
        self.brake = Brake(self.spool, self.clock, ["news"], NAMES, {})
        elsewhere = Elsewhere(self.spool, self.clock, KEYS, {})
        self.takes = set(NAMES)
        self.scouts = Scouts(self.takes.__contains__, self.takes.__contains__, ["page"])
        self.rerouting = Rerouting(
            self.spool, self.clock, self.calendar, self.brake, elsewhere, self.scouts, NAMES
        )
        self.wrote = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.rerouting.run)
            yield
            nursery.cancel_scope.cancel()

    async def assigned(
        self,
        *names: str,
        due_s: float = 0,
        state: Sent = Sent.WAITING,
        progress: Progress | None = None,
    ) -> int:
        """A message with these deliveries, due so many seconds after the start; its seq."""
        self.wrote += 1
        id = self.wrote.to_bytes(16, "big")
        note = b"" if progress is None else progressed(progress, KEYS.storage, id)
        due = None if state == Sent.STOPPED else START + int(due_s)
        await self.spool.put([NewRow(Queue.DELIVER, State.WAITING, id, START, name="news")])
        [row] = await self.spool.take(Queue.DELIVER, now=self.clock.now(), limit=1)
        then = [NewRow(Queue.POST, state, id, START, due, name, "", note) for name in names]
        await self.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=then)
        return row.seq

    def answers(self, name: str) -> None:
        """Something was posted there just now."""
        self.scouts.told(name, Posted("1"))

    async def where(self, seq: int) -> dict[str, str]:
        """The deliveries of a message and their states."""
        return {row.name: str(row.state) for row in (await self.spool.family(seq))[1:]}


GONE = {"mastodon": "rerouted", "bluesky": "waiting"}
HERE = {"mastodon": "waiting"}


async def test_each_goes_elsewhere_when_its_turn_comes_and_only_in_the_window(
    autojump_clock: MockClock,
) -> None:
    node = Node()
    now, later, after = [await node.assigned("mastodon", due_s=at) for at in (0, 500, UNTIL + 1)]
    node.answers("bluesky")
    async with node.running():
        await trio.sleep_until(FROM - 1)
        assert await node.where(now) == HERE
        await trio.sleep_until(FROM + LOOK_S)
        assert (await node.where(now), await node.where(later)) == (GONE, HERE)
        await trio.sleep_until(500 + LOOK_S)
        assert await node.where(later) == GONE
        await trio.sleep_until(UNTIL + 100)
        assert await node.where(after) == HERE


async def test_it_says_why_and_keeps_its_order(autojump_clock: MockClock) -> None:
    node = Node()
    seqs = [await node.assigned("mastodon", due_s=at) for at in (30, 10, 20)]
    node.answers("bluesky")
    async with node.running():
        await trio.sleep_until(FROM + LOOK_S)
        rows = await node.spool.take(Queue.POST, now=node.clock.now(), limit=9, name="bluesky")
    assert [row.root for row in rows] == [seqs[1], seqs[2], seqs[0]]
    [gone] = [row for row in await node.spool.family(seqs[0]) if row.name == "mastodon"]
    assert gone.why == "to bluesky: its servers move"


async def test_what_has_it_already_does_not_get_it_twice(autojump_clock: MockClock) -> None:
    node = Node()
    seq = await node.assigned("mastodon", "bluesky")
    async with node.running():
        await trio.sleep_until(FROM + LOOK_S)
    assert await node.where(seq) == GONE


@pytest.mark.parametrize(
    ("state", "progress"),
    [
        (Sent.WAITING, Progress(refs=("1",), index=1)),
        (Sent.WAITING, Progress(open=True, n=1)),
        (Sent.UNSURE, Progress(n=1)),
        (Sent.HELD, None),
    ],
    ids=["half of it is public", "it is in doubt", "unsure", "held"],
)
async def test_what_cannot_go_stays(
    autojump_clock: MockClock, state: Sent, progress: Progress | None
) -> None:
    node = Node()
    seq = await node.assigned("mastodon", state=state, progress=progress)
    async with node.running():
        await trio.sleep_until(UNTIL - 1)
    assert await node.where(seq) == {"mastodon": state}


async def test_what_was_stopped_by_its_account_goes_as_well(autojump_clock: MockClock) -> None:
    node = Node()
    seq = await node.assigned("mastodon", state=Sent.STOPPED)
    async with node.running():
        await trio.sleep_until(FROM + LOOK_S)
    assert await node.where(seq) == GONE


async def test_two_windows_that_name_each_other_send_nothing_in_a_circle(
    autojump_clock: MockClock,
) -> None:
    times = Once(START + FROM, START + UNTIL, "UTC")
    node = Node("reroute", "bluesky", Window("other", ("bluesky",), times, "reroute", "mastodon"))
    seq = await node.assigned("mastodon")
    async with node.running():
        await trio.sleep_until(UNTIL - 1)
    assert await node.where(seq) == GONE


@pytest.mark.parametrize("name", ["mastodon", "news", "relay"])
async def test_a_brake_is_a_brake(autojump_clock: MockClock, name: str) -> None:
    node = Node()
    seq = await node.assigned("mastodon")
    await node.brake.pause(name)
    async with node.running():
        await trio.sleep_until(UNTIL - 100)
        assert await node.where(seq) == HERE
        await node.brake.resume(name)
        await trio.sleep(LOOK_S + 1)
        assert await node.where(seq) == GONE


async def test_a_window_for_the_page_needs_no_name(autojump_clock: MockClock) -> None:
    node = Node("page", "page")
    seq = await node.assigned("mastodon")
    async with node.running():
        await trio.sleep_until(FROM + LOOK_S)
    assert await node.where(seq) == {"mastodon": "rerouted", "page": "waiting"}


async def test_a_window_that_holds_sends_nothing_away(autojump_clock: MockClock) -> None:
    node = Node("hold", "")
    seq = await node.assigned("mastodon")
    async with node.running():
        await trio.sleep_until(UNTIL - 1)
    assert await node.where(seq) == HERE


async def test_one_goes_ahead_and_the_others_when_it_is_through(autojump_clock: MockClock) -> None:
    node = Node()
    half = await node.assigned("mastodon", progress=Progress(refs=("1",), index=1))
    ahead, *others = [await node.assigned("mastodon", due_s=at) for at in (10, 20, 30)]
    async with node.running():
        await trio.sleep_until(FROM + 10 * LOOK_S)
        assert await node.where(half) == HERE
        assert await node.where(ahead) == GONE
        assert [await node.where(seq) for seq in others] == [HERE, HERE]
        node.answers("bluesky")
        await trio.sleep(LOOK_S + 1)
    assert [await node.where(seq) for seq in others] == [GONE, GONE]


async def test_nothing_goes_to_a_place_that_cannot_post(autojump_clock: MockClock) -> None:
    node = Node()
    seq = await node.assigned("mastodon")
    node.takes.discard("bluesky")
    async with node.running():
        await trio.sleep_until(FROM + 2 * LOOK_S)
        assert await node.where(seq) == HERE
        node.takes.add("bluesky")
        await node.brake.pause("bluesky")
        await trio.sleep(2 * LOOK_S)
        assert await node.where(seq) == HERE
        await node.brake.resume("bluesky")
        await trio.sleep(2 * LOOK_S)
    assert await node.where(seq) == GONE


async def test_our_own_page_needs_no_proof(autojump_clock: MockClock) -> None:
    node = Node("page", "page")
    seqs = [await node.assigned("mastodon") for _ in range(3)]
    async with node.running():
        await trio.sleep_until(FROM + LOOK_S)
    assert [(await node.where(seq))["mastodon"] for seq in seqs] == ["rerouted"] * 3
