"""A planned window: nothing goes out early, nothing is lost, and all of it goes out in order.

Virtual time, a platform that remembers when what came, and processes that die at the worst moment.
"""

from __future__ import annotations

import pytest
import trio
from holding_parts import NAME, START, Node, Platform, window
from trio.testing import MockClock

from relay.model import Later, Stopped, Unsure
from relay.node.kept_releases import RELEASE
from relay.ports import First

HOUR = 3600


@pytest.mark.parametrize(("first", "count"), [("oldest", 200), ("newest", 100)])
async def test_all_messages_of_a_window_go_out_in_order_at_their_pace_and_once(
    autojump_clock: MockClock, first: First, count: int
) -> None:
    platform = Platform()
    node = Node(platform, window(60, 5 * HOUR, first=first, every_s=4))
    urgent, others = [], []
    await trio.sleep(100)
    for _ in range(2):  # and it dies in the middle of the window
        async with node.running():
            for _ in range(count // 20):
                others += await node.accepts(9)
                await trio.sleep(60)
                urgent += await node.accepts(1, "alerts")
            await trio.sleep(1)
            assert platform.asked == []
        node = node.next()
    async with node.running():
        await trio.sleep_until(5 * HOUR + count)
    assert len(platform.public) == count // 4
    node = node.next()  # in the middle of the release
    async with node.running():
        await trio.sleep(3.9)
        assert len(platform.public) == count // 4
        await trio.sleep(2 * HOUR)
    assert min(platform.asked) >= 5 * HOUR
    assert platform.texts == [*urgent, *(others if first == "oldest" else reversed(others))]
    assert min(platform.gaps) >= 4
    assert await node.states() == {"posted": count}
    assert not [key for key in await node.spool.remembered() if key.startswith(RELEASE)]


async def test_of_windows_back_to_back_nothing_goes_out_in_between(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100), window(100, 200, name="quiet", first="newest"))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(5)
        await trio.sleep_until(199)
        assert platform.asked == []
        await trio.sleep_until(202)
    assert platform.texts == texts[::-1]


async def test_a_window_in_the_middle_of_a_release_holds_what_is_left_and_its_pace_is_kept(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    windows = window(10, 100, every_s=10), window(135, 300, name="quiet", first="newest")
    node = Node(platform, *windows)
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(8)
        await trio.sleep_until(1000)
    assert platform.texts == [*texts[:4], *texts[:3:-1]]
    assert [at for at in platform.asked if 131 <= at < 300] == []
    assert min(platform.gaps) >= 10


async def test_a_release_that_is_slow_stays_so_when_a_platform_names_a_window_of_its_own(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, first="newest", every_s=10))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(4)
        await trio.sleep_until(115)
        platform.ends = [Later("answered 503", START + 400, scope="host")]
        await trio.sleep_until(1000)
    assert platform.texts == texts[::-1]
    assert [at for at in platform.asked if 121 <= at < 400] == []
    assert min(platform.gaps) >= 10


async def test_a_window_that_is_taken_away_releases_at_once_in_its_order_and_pace(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform)
    async with node.running():
        await node.calendar.add(window(10, 10 * HOUR, first="newest", every_s=10))
        await trio.sleep(20)
        texts = await node.accepts(4)
        await trio.sleep(100)
        assert platform.asked == []
        await node.calendar.remove("maintenance")
        await trio.sleep(0.1)
        assert platform.texts == texts[:2:-1]
        await trio.sleep(35)
    assert platform.texts == texts[::-1]
    assert min(platform.gaps) >= 10


async def test_a_window_that_ends_while_the_node_is_off_is_followed_as_it_was_to_be(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform)
    async with node.running():
        await node.calendar.add(window(10, 100, first="newest", every_s=10))
        await trio.sleep(20)
        texts = await node.accepts(3)
    await trio.sleep_until(10**6)
    node = node.next()
    async with node.running():
        await trio.sleep(9)
        assert platform.asked == []  # nobody knows when the last process began something
        await trio.sleep(100)
    assert platform.texts == texts[::-1]
    assert min(platform.gaps) >= 10


async def test_what_comes_after_a_release_goes_out_as_always(autojump_clock: MockClock) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, every_s=10))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(3)
        await trio.sleep_until(150)
        later = await node.accepts(5)
        await trio.sleep(1)
    assert platform.texts[:3] == texts and sorted(platform.texts[3:]) == later
    assert platform.gaps[:2] == [10, 10] and max(platform.gaps[3:]) < 1


async def test_a_release_is_not_over_before_what_it_began_has_ended(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(at_once=2, takes_s=25, ends=[Later("gone", scope="host")] * 2)
    node = Node(platform, window(10, 100, every_s=10))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(2)
        await trio.sleep_until(1000)
    assert platform.texts == texts
    assert min(platform.gaps) >= 10


async def test_what_is_told_to_come_back_with_all_of_its_destination_keeps_its_place(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, every_s=1))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(5)
        urgent = await node.accepts(2, "alerts")
        platform.ends = [Later("it cannot be reached", scope="host")] * 5  # it is not back in time
        await trio.sleep_until(1000)
    assert platform.texts == [*urgent, *texts]
    assert len(platform.asked) == 12


async def test_a_pause_outlasts_the_window_and_its_release_goes_on_afterwards(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, first="newest", every_s=10))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(3)
        await node.brake.pause(NAME)
        await trio.sleep_until(500)
        assert platform.asked == []
        await node.brake.resume(NAME)
        await trio.sleep(5)
        await node.brake.pause(NAME)
        await trio.sleep(100)
        assert platform.texts == texts[:1:-1]
        await node.brake.resume(NAME)
        await trio.sleep(100)
    assert platform.texts == texts[::-1]
    assert min(platform.gaps) >= 10


async def test_a_pause_that_is_lifted_in_a_window_lets_nothing_out(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100))
    async with node.running():
        await node.brake.pause(NAME)
        await trio.sleep(20)
        await node.accepts(3)
        await node.brake.resume(NAME)
        await trio.sleep_until(99)
        assert platform.asked == []


async def test_what_waited_for_no_window_goes_out_in_order_of_arrival_as_well(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform)
    async with node.running():
        await node.brake.pause(NAME)
        texts = await node.accepts(60)  # deliveries are made of many at once, and not in order
        await trio.sleep(1)
        await node.brake.resume(NAME)
        await trio.sleep(1)
    assert platform.texts == texts


async def test_an_account_that_is_refused_ends_its_poster_and_another_one_goes_on(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 100, first="newest", every_s=10))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(4)
        await trio.sleep_until(105)
        platform.ends = [Stopped("its token is old", "log in")]
        await trio.sleep_until(500)
        assert platform.texts == texts[:2:-1]
        async with trio.open_nursery() as nursery:
            again = node._poster()
            nursery.start_soon(again.run)
            await trio.sleep(100)
            again.finish()
    assert platform.texts == [texts[3], *texts[1::-1]]
    assert min(platform.gaps) >= 10


async def test_a_thread_stops_between_two_parts_and_goes_on_first(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(parts=3, takes_s=10)
    node = Node(platform, window(15, 100, first="newest"))
    async with node.running():
        [thread] = await node.accepts(1)
        await trio.sleep_until(1)
        [waits] = await node.accepts(1)
        await trio.sleep_until(20)
        texts = await node.accepts(1)
        await trio.sleep_until(99)
        assert platform.keys == [f"{thread}.0", f"{thread}.1"]
        await trio.sleep_until(500)
    assert platform.texts == [thread, *texts, waits]
    assert platform.keys[2] == f"{thread}.2"


@pytest.mark.parametrize("once", ["exact", "lookup"])
async def test_a_doubt_is_neither_looked_up_nor_sent_again_while_a_window_holds(
    autojump_clock: MockClock, once: str
) -> None:
    platform = Platform(ends=[Unsure("cut")])
    platform.once = type(platform.once)(once)  # type: ignore[arg-type]
    node = Node(platform, window(5, 1000))
    async with node.running():
        await trio.sleep(4.9)
        texts = await node.accepts(1)
        await trio.sleep_until(999)
        assert len(platform.asked) <= 2 and platform.looked == []
        await trio.sleep_until(3000)
    assert platform.texts == texts
