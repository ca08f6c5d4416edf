"""What a canary has posted and could not take back is taken back later, whatever is said then."""

from __future__ import annotations

from typing import Any

import trio
from canary_core import HOUR, Core, posting, running, settings
from trio.testing import MockClock

from relay.config import Settings
from relay.model import Attempt, Found, Later, Part, Removed, Unknown
from relay.node.canary.kept import FORGOTTEN_S, Kept, Memory, Posting
from relay.node.canary.running import BACK
from relay.node.canary.taking_back import DOUBTFUL, NOT_BACK
from relay.rules.canary import TWICE, alarm

BOX = posting(settings(destinations=["box"]))
PART = Part("key", 0, 1, b"Test 482913.")


async def after_a_crash(made: Settings, name: str = "box", ref: str = "9", **more: Any) -> Core:
    """A core that was killed before it had taken back what it posted."""
    core = Core(made, **more)
    memory = Memory(core.spool, core)
    await memory.load([name], [name])
    await memory.save(name, Kept(posting=Posting(Attempt(PART, 1, core.now()), ref)))
    return core


async def left(core: Core) -> bool:
    memory = Memory(core.spool, core)
    await memory.load(["box"], ["box"])
    return "box" in memory.left()


async def test_it_is_taken_back_at_once_at_the_next_start(autojump_clock: MockClock) -> None:
    core = await after_a_crash(BOX)
    async with running(core) as canary:
        await trio.sleep(1)
        assert core.removed == [("9", 0.0)] and not await left(core)
        assert (canary.tried["box"].state, canary.tried["box"].why) == ("waits", BACK)


async def test_what_was_under_way_is_looked_for_before_it_is_taken_back(
    autojump_clock: MockClock,
) -> None:
    core = await after_a_crash(BOX, ref="")
    async with running(core) as canary:
        await trio.sleep(100)  # it is not seen yet
        assert core.removed == [] and await left(core)
        assert alarm("box", canary.tried["box"], core.now(), way_in=False) == ""
        core.lookup = Found("12")
        await trio.sleep(450)
        assert [ref for ref, _ in core.removed] == ["12"] and not await left(core)


async def test_it_is_tried_again_soon_and_is_an_alarm_until_it_is_gone(
    autojump_clock: MockClock,
) -> None:
    core = await after_a_crash(BOX, removal=Later("busy"))
    async with running(core) as canary:
        await trio.sleep(500)
        assert canary.tried["box"].failures == TWICE
        assert NOT_BACK in alarm("box", canary.tried["box"], core.now(), way_in=False)
        core.removal = Removed()
        await trio.sleep(450)
        assert canary.tried["box"].why == BACK


async def test_it_is_taken_back_though_nothing_is_posted_there_any_more(
    autojump_clock: MockClock,
) -> None:
    for made in (settings(), settings(destinations=["box"])):
        core = await after_a_crash(made, removal=Later("busy"))
        async with running(core) as canary:
            await trio.sleep(1)
            assert canary.tried["box"].why == NOT_BACK
            core.removal = Removed()
            await trio.sleep(HOUR)
            assert not await left(core)
            assert [one.state for one in canary.tried.values()] in ([], ["works"])


async def test_an_account_that_is_checked_is_not_said_to_work_while_a_post_is_left_there(
    autojump_clock: MockClock,
) -> None:
    core = await after_a_crash(settings(destinations=["box"]), ref="", lookup=Unknown())
    async with running(core) as canary:
        await trio.sleep(4 * HOUR)
        assert canary.tried["box"].why == DOUBTFUL and core.tried == []
        await trio.sleep(24 * HOUR)
        assert canary.tried["box"].state == "works"


async def test_where_its_destination_is_gone_a_person_is_told_for_a_day_and_at_least_once(
    autojump_clock: MockClock,
) -> None:
    core = await after_a_crash(BOX, name="old")
    for told in (1, 1, 1, 0):
        async with running(Core(BOX, core.spool)) as canary:
            assert len(canary.notices) == told
            assert all("[destinations.old]" in one for one in canary.notices)
        await trio.sleep(FORGOTTEN_S * 0.7)
