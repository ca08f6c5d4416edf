"""Windows on bad days: old news, platforms that name their own, other settings, a wrong clock."""

from __future__ import annotations

import pytest
import trio
from holding_parts import NAME, START, Node, Platform, window
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.model import Later, Outcome
from relay.node.kept_releases import RELEASE

HOUR = 3600


async def test_what_grows_old_in_a_window_is_held_when_it_is_over_and_counted(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 30 * HOUR, every_s=1), stale_s=10 * HOUR)
    async with node.running():
        await trio.sleep(20)
        await node.accepts(3)
        await trio.sleep_until(25 * HOUR)
        young = await node.accepts(2)
        assert await node.states() == {"waiting": 5}
        await trio.sleep_until(31 * HOUR)
        assert await node.states() == {"posted": 2, "held": 3}
    assert platform.texts == young
    assert "box: its window is over; 3 waited too long and are held" in node.said.getvalue()


async def test_what_grew_old_while_the_node_was_off_is_held_before_anything_goes_out(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, HOUR), stale_s=10 * HOUR)
    async with node.running():
        await trio.sleep(20)
        await node.accepts(3)
        await trio.sleep(1)
    await trio.sleep_until(30 * HOUR)
    node = node.next()
    async with node.running():
        await trio.sleep(1)
    assert (platform.asked, await node.states()) == ([], {"held": 3})


async def test_a_platform_that_says_when_it_is_back_is_left_alone_until_then(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(ends=[Later("answered 503", START + 2000, scope="host")])
    node = Node(platform)
    async with node.running():
        texts = await node.accepts(1)
        await trio.sleep(100)
        texts += await node.accepts(1)
        await trio.sleep(1)
    node = node.next()
    async with node.running():
        await trio.sleep_until(1999)
        held = node.calendar.at(NAME)
        assert held is not None and held.window.learned
        assert len(platform.asked) == 1
        await trio.sleep_until(2010)
    assert platform.texts == texts


@pytest.mark.parametrize(
    "later",
    [
        Later("answered 503", START + 59, scope="host"),
        Later("answered 503", scope="host"),
        Later("answered 429", START + 2000, scope="destination"),
        Later("busy", START + 2000),
    ],
)
async def test_what_is_short_or_no_maintenance_is_no_window(
    autojump_clock: MockClock, later: Outcome
) -> None:
    node = Node(Platform(ends=[later]))
    async with node.running():
        await node.accepts(1)
        await trio.sleep(1)
        assert node.calendar.at(NAME) is None


async def test_an_operator_who_says_that_it_is_back_ends_what_was_learned(
    autojump_clock: MockClock,
) -> None:
    platform = Platform(ends=[Later("answered 503", START + 2000, scope="host")])
    node = Node(platform)
    async with node.running():
        texts = await node.accepts(2)
        await trio.sleep(100)
        assert node.holding.learned(NAME)
        node.holding.nudge(NAME)
        await trio.sleep(1)
        assert not node.holding.learned(NAME)
    assert sorted(platform.texts) == texts


async def test_other_windows_in_the_settings_count_from_the_next_start_on(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 1000, first="newest", every_s=100))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(4)
    node = node.next(window(10, 200, every_s=1))
    async with node.running():
        await trio.sleep_until(199)
        assert platform.asked == []
        await trio.sleep_until(204)
    assert platform.texts == texts


async def test_a_window_that_left_the_settings_in_its_middle_is_over(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(10, 1000, first="newest", every_s=1))
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(3)
    node = node.next(window(10**6, 10**6 + 1, name="another"))
    async with node.running():
        await trio.sleep(5)
    assert platform.texts == texts[::-1]


async def test_a_release_that_was_kept_and_is_damaged_is_let_go_and_said(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform)
    await node.spool.remember(RELEASE + NAME, b"{}")
    async with node.running():
        texts = await node.accepts(1)
        await trio.sleep(1)
    assert platform.texts == texts
    assert len(node.calendar.notices) == 1
    assert await node.spool.remembered() == {}


async def test_while_the_clock_is_not_believed_no_window_begins_or_ends(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(100, 200), window(300, 400, name="another"))
    async with node.running():
        await trio.sleep_until(150)
        texts = await node.accepts(1)
        node.frozen = True
        await trio.sleep_until(250)
        assert platform.asked == []
        node.frozen = False
        await trio.sleep_until(311)  # it is looked at each minute
        assert platform.texts == texts
        await trio.sleep_until(450)
        node.frozen = True
        await trio.sleep_until(500)
        texts += await node.accepts(1)
        await trio.sleep(1)
    assert platform.texts == texts


async def test_a_page_with_a_tick_releases_what_its_ticks_had_let_out_and_no_more(
    autojump_clock: MockClock,
) -> None:
    platform = Platform()
    node = Node(platform, window(60, 900), ticks={NAME: 600})
    async with node.running():
        await trio.sleep_until(100)
        [early] = await node.accepts(1)
        await trio.sleep_until(700)
        [late] = await node.accepts(1)
        [urgent] = await node.accepts(1, "alerts")
        await trio.sleep_until(1199)
        assert platform.texts == [early]
        assert platform.asked[0] >= 900
        await trio.sleep_until(1202)
    assert sorted(platform.texts[1:]) == [late, urgent]


async def test_on_a_full_disk_a_window_holds_and_is_followed_all_the_same(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(name: str, value: bytes) -> None:
        raise SpoolFull

    platform = Platform()
    node = Node(platform, window(10, 100, first="newest", every_s=10))
    monkeypatch.setattr(node.spool, "remember", full)
    async with node.running():
        await trio.sleep(20)
        texts = await node.accepts(3)
        await trio.sleep_until(200)
    assert platform.texts == texts[::-1]
    assert min(platform.gaps) >= 10
    assert await node.spool.remembered() == {}


async def test_what_is_to_follow_is_durable_as_soon_as_there_is_room(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(name: str, value: bytes) -> None:
        raise SpoolFull

    node = Node(Platform(), window(10, 1000))
    with monkeypatch.context() as patched:
        patched.setattr(node.spool, "remember", full)
        async with node.running():
            await trio.sleep(20)
            assert await node.spool.remembered() == {}
            patched.undo()
            await trio.sleep(61)
            assert list(await node.spool.remembered()) == [RELEASE + NAME]
