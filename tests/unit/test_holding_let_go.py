"""How a release ends: by itself where a window held nothing, or by the word of its operator.

Virtual time, as in the other tests of windows.
"""

from __future__ import annotations

import pytest
import trio
from holding_parts import NAME, Node, Platform, window
from trio.testing import MockClock

from relay.model import FIRST, Change, Queue, Sent
from relay.node.kept_releases import RELEASE

HOUR = 3600


async def test_a_window_that_is_taken_away_and_held_nothing_slows_nothing_later(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform)
    async with node.running():
        await node.calendar.add(window(0, HOUR, every_s=60))
        await trio.sleep(1)
        await node.calendar.remove("maintenance")
        await trio.sleep(90)
        assert not node.holding.releases(NAME)
        texts = await node.accepts(3)
        await trio.sleep(1)
    assert platform.texts == texts


async def test_a_quiet_night_slows_nothing_the_day_after(autojump_clock: MockClock) -> None:
    platform = Platform(at_once=3)
    node = Node(platform, window(10, 8 * HOUR, every_s=HOUR))
    async with node.running():
        await trio.sleep_until(8 * HOUR + 1)
        assert not node.holding.releases(NAME)
        await trio.sleep(48 * HOUR)
        texts = await node.accepts(5)
        await trio.sleep(1)
    assert sorted(platform.texts) == texts
    assert not [key for key in await node.spool.remembered() if key.startswith(RELEASE)]


async def test_a_window_that_held_nothing_is_not_over_before_what_is_being_sent_has_ended(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(takes_s=50, at_once=2)
    node = Node(platform, window(10, 40, every_s=5))
    async with node.running():
        await node.accepts(1)
        await trio.sleep_until(49)
        assert node.holding.releases(NAME)
        await trio.sleep_until(51)
        assert not node.holding.releases(NAME)


@pytest.mark.parametrize("every_s", [HOUR, 60])
async def test_a_release_that_an_operator_ends_goes_on_without_its_pace(
    autojump_clock: MockClock, every_s: float
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, every_s=every_s))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(5)
        assert not node.holding.lets_go(NAME)  # the window is not over
        await trio.sleep_until(101)
        assert platform.texts == texts[:1]
        assert node.holding.lets_go(NAME)
        await trio.sleep(0.1)
        assert platform.texts == texts
        assert not node.holding.lets_go(NAME)
    assert not [key for key in await node.spool.remembered() if key.startswith(RELEASE)]


async def test_a_release_that_was_ended_stays_so_for_the_next_process(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, first="newest", every_s=HOUR))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(5)
        await node.brake.pause(NAME)
        await trio.sleep_until(101)
        assert node.holding.lets_go(NAME)
        await trio.sleep(1)
    node = node.next()
    async with node.running():
        await node.brake.resume(NAME)
        await trio.sleep(1)
    assert platform.texts == texts


async def test_a_release_without_order_and_pace_has_nothing_to_end(
    autojump_clock: MockClock,
) -> None:
    node = Node(Platform(takes_s=50), window(10, 100))
    async with node.running():
        await trio.sleep(20)
        await node.accepts(5)
        await trio.sleep_until(101)
        assert node.holding.releases(NAME)
        assert not node.holding.lets_go(NAME)
        assert not node.holding.lets_go("elsewhere")


async def test_another_window_gives_another_pace_at_once(autojump_clock: MockClock) -> None:
    platform = Platform()
    node = Node(platform)
    async with node.running():
        await node.calendar.add(window(0, 100, every_s=10 * HOUR))
        await trio.sleep(20)
        texts = await node.accepts(5)
        await trio.sleep_until(101)
        assert platform.texts == texts[:1]
        await node.calendar.add(window(100, HOUR, every_s=10))  # the same, with another pace
        await trio.sleep_until(120)
        assert platform.texts == texts[:1]
        await node.calendar.remove("maintenance")
        await trio.sleep(0.1)
        assert platform.texts == texts[:2]
        await trio.sleep(31)
    assert platform.texts == texts
    assert min(platform.gaps) >= 10


async def test_what_is_tried_again_is_the_next_and_the_pace_holds(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, every_s=60))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(4)
        await trio.sleep_until(101)
        last = (await node.spool.look(queue=Queue.POST))[-1]
        await node.spool.change(last, Change(Queue.POST, Sent.WAITING, due=FIRST))
        await trio.sleep_until(159)
        assert platform.texts == texts[:1]
        await trio.sleep_until(HOUR)
    moved = str(int.from_bytes(last.id, "big"))
    assert platform.texts == [texts[0], moved, *(one for one in texts[1:] if one != moved)]
    assert min(platform.gaps) >= 60
