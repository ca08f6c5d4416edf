"""A window that came and went while the node was off, and what was on its way when it was over."""

from __future__ import annotations

import pytest
import trio
from holding_parts import START, Node, Platform, window
from trio.testing import MockClock

from relay.model import Change, Later, NewRow, Queue, State
from relay.node.kept_releases import RELEASE
from relay.node.through import LONGEST_S
from relay.rules.windows import Window

SLOW = window(30, 100, first="newest", every_s=10)


async def slept(node: Node, until_s: float = 150) -> Node:
    """The next process, where there was none for a while."""
    await trio.sleep_until(until_s)
    return node.next()


async def test_what_waited_before_a_window_that_the_node_slept_through_goes_out_as_it_asks(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(ends=[Later("it is due later", START + 50, scope="host")])
    node = Node(platform, SLOW)
    async with node.running():
        texts = await node.accepts(1)
        await trio.sleep(1)
        texts += await node.accepts(2)
        await trio.sleep(20)
    node = await slept(node)
    async with node.running():
        await trio.sleep(1)
        assert len(platform.public) == 0, "a new process waits for one whole interval first"
        await trio.sleep(100)
        texts += await node.accepts(1)
        await trio.sleep(1)
    tried, second, third, afterwards = texts
    assert platform.texts == [tried, third, second, afterwards]
    assert min(platform.gaps[:3]) >= 10
    assert not [key for key in await node.spool.remembered() if key.startswith(RELEASE)]


async def test_so_does_what_was_to_be_released_while_it_slept(autojump_clock: MockClock) -> None:
    platform = Platform()
    node = Node(platform, SLOW)
    texts = await node.accepts(3)  # they are due, and nobody has made deliveries of them
    node = await slept(node)
    async with node.running():
        await trio.sleep(50)
    assert platform.texts == texts[::-1]
    assert min(platform.gaps) >= 10


@pytest.mark.parametrize(
    "planned", [window(30, 100, first="newest", every_s=10), window(200, 300, every_s=10)]
)
async def test_what_came_after_a_window_has_nothing_to_do_with_it(
    autojump_clock: MockClock, planned: Window
) -> None:
    platform = Platform()
    node = Node(platform, planned)
    texts = []
    for second in (101, 102, 103):
        await trio.sleep_until(second)
        texts += await node.accepts(1)
    node = await slept(node)
    async with node.running():
        await trio.sleep(1)
    assert platform.texts == texts


async def test_of_two_windows_slept_through_the_later_order_and_the_slower_pace_count(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(60, 100, name="quiet", first="newest"), window(10, 90, every_s=10))
    texts = await node.accepts(3)
    node = await slept(node)
    async with node.running():
        await trio.sleep(50)
    assert platform.texts == texts[::-1]
    assert min(platform.gaps) >= 10


async def test_what_is_on_its_way_when_a_window_is_over_is_in_the_line(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, SLOW)
    async with node.running():
        await trio.sleep_until(40)
        texts = await node.accepts(2)
        await trio.sleep_until(99)
        texts += await on_its_way(node)
        await trio.sleep_until(103)
        assert platform.asked == []
        await goes_on(node)
        await trio.sleep_until(200)
    assert platform.texts == texts[::-1]


async def test_a_release_waits_a_minute_for_what_is_on_its_way_and_no_longer(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, SLOW)
    async with node.running():
        await trio.sleep_until(40)
        texts = await node.accepts(2)
        await on_its_way(node)
        await trio.sleep_until(100 + LONGEST_S - 1)
        assert platform.asked == []
        await trio.sleep_until(100 + LONGEST_S + 12)
    assert platform.texts == texts[::-1]


async def test_a_window_that_asks_for_nothing_is_followed_at_once(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(30, 100))
    async with node.running():
        await trio.sleep_until(40)
        texts = await node.accepts(2)
        await on_its_way(node)
        await trio.sleep_until(101)
    assert platform.texts == texts


async def on_its_way(node: Node) -> list[str]:
    """A message that somebody reads for a long time."""
    node.wrote += 1
    row = node._message(node.wrote, "news", node.clock.now())
    await node.spool.put([NewRow(Queue.READ, State.WAITING, row.id, row.hour, 0, body=row.body)])
    return [str(node.wrote)]


async def goes_on(node: Node) -> None:
    """It is read, and released."""
    [row] = await node.spool.take(Queue.READ, now=node.clock.now(), limit=1)
    released = Change(Queue.DELIVER, State.WAITING, due=node.clock.now(), name="news")
    await node.spool.settle(row, released)
