"""The canary over hours and days of virtual time, and over restarts."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
import trio
from canary_core import HOUR, START, Core, posting, running, settings
from trio.testing import MockClock

from relay.exit.rest import USED_UP
from relay.model import Health
from relay.node.canary.running import LOCKED_S
from relay.node.canary.ways_in import LOCKED
from relay.rules.canary import TWICE, alarm


async def test_all_are_tried_at_the_start_and_then_each_in_its_turn(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(transports=["mail", "post"], destinations=["page", "box"]))
    async with running(core) as canary:
        await trio.sleep(10)
        assert [name for name, _ in core.tried] == ["mail", "post", "page", "box"]
        assert all(one.state == "works" for one in canary.tried.values())
        await trio.sleep(8 * HOUR)
    counted = Counter(name for name, _ in core.tried)
    assert all(16 <= n <= 18 for n in counted.values()), counted
    times = [at for _, at in core.tried[4:]]
    assert min(b - a for a, b in pairwise(times)) > 60
    assert len({round(at) % 1800 for name, at in core.tried if name == "mail"}) > 5


async def test_without_a_section_nothing_is_tried_and_nothing_kept(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings())
    async with running(core):
        await trio.sleep(48 * HOUR)
    assert core.tried == [] and await core.spool.remembered() == {}


async def test_what_failed_once_is_tried_again_sooner_and_then_it_is_an_alarm(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(transports=["mail"]), why={"mail": "it answers 451"})
    async with running(core) as canary:
        await trio.sleep(60)
        assert alarm("mail", canary.tried["mail"], core.now(), way_in=True) == ""
        await trio.sleep(450)
        assert canary.tried["mail"].failures == TWICE
        assert "it answers 451" in alarm("mail", canary.tried["mail"], core.now(), way_in=True)
        core.why.clear()
        await trio.sleep(2 * HOUR)
        assert canary.tried["mail"].state == "works"
        assert alarm("mail", canary.tried["mail"], core.now(), way_in=True) == ""


async def test_what_is_always_late_is_one_alarm_at_most_and_then_slow(
    autojump_clock: MockClock,
) -> None:
    core, alarms = Core(settings(transports=["mail"]), reads_s=20 * 60), 0
    async with running(core) as canary:
        before = ""
        for _ in range(5 * 60):
            await trio.sleep(60)
            said = alarm("mail", canary.tried["mail"], core.now(), way_in=True)
            alarms += bool(said and not before)
            before = said
        assert (canary.tried["mail"].state, canary.tried["mail"].took_s) == ("slow", 1201)
    assert alarms <= 1 and before == ""


async def test_a_way_in_that_takes_nothing_is_an_alarm_also_while_the_exit_is_locked(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(transports=["mail"]), standing="locked", why={"mail": "it answers 451"})
    async with running(core) as canary:
        await trio.sleep(HOUR)
        assert "it answers 451" in alarm("mail", canary.tried["mail"], core.now(), way_in=True)


async def test_a_platform_that_bills_is_asked_once_a_day_and_a_failure_as_often_as_ever(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(destinations=["box"]), bills="USD")
    async with running(core) as canary:
        await trio.sleep(25 * HOUR)
        assert len(core.tried) == 2
        core.health = Health("", "its token is not accepted")
        await trio.sleep(24.5 * HOUR)
        assert canary.tried["box"].failures >= TWICE
        core.health = Health("me")
        await trio.sleep(HOUR)
        assert canary.tried["box"].state == "works"


async def test_a_platform_whose_limit_is_used_up_is_not_asked(autojump_clock: MockClock) -> None:
    core = Core(settings(destinations=["box"]), rests=f"{USED_UP}: it goes on by 14h UTC")
    async with running(core) as canary:
        await trio.sleep(HOUR)
        assert (canary.tried["box"].state, canary.tried["box"].why) == ("waits", USED_UP)
    assert core.tried == []


async def test_a_deaf_exit_is_found_out(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail"]), deaf=True)
    async with running(core) as canary:
        await trio.sleep(301)
        assert canary.tried["mail"].why == "it was taken, and not read in time"
        assert canary.heard("mail", core.lines[0])
        assert (canary.tried["mail"].state, canary.tried["mail"].why) == ("slow", "it took 5 min")


async def test_a_locked_exit_is_no_alarm_and_its_queue_is_not_filled(
    autojump_clock: MockClock,
) -> None:
    core = Core(settings(transports=["mail"], every="1m", late="30s"), standing="locked")
    async with running(core) as canary:
        await trio.sleep(3 * LOCKED_S)
        assert (canary.tried["mail"].state, canary.tried["mail"].why) == ("waits", LOCKED)
        assert 3 <= len(core.tried) <= 4
        core.standing = "ok"
        await trio.sleep(300)
        assert canary.tried["mail"].state == "works"


async def test_when_it_last_worked_survives_a_restart(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail"], destinations=["box"]))
    async with running(core):
        await trio.sleep(10)
    again = Core(core.settings, core.spool, why={"mail": "nobody listens there"})
    again.health = Health("", "its folder is gone")
    async with running(again) as canary:
        await trio.sleep(10)
        for name in ("mail", "box"):
            assert (canary.tried[name].state, canary.tried[name].last_good) == ("blocked", START)
        assert canary.heard("mail", core.lines[0])  # one of before, that came late: it ends unseen


async def test_what_is_damaged_is_forgotten_and_counted(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail"]))
    await core.spool.remember("canary mail", b"\xff\xff")
    await core.spool.remember("canary", b"short")
    await core.spool.remember("canary gone", b"\xff")
    async with running(core) as canary:
        await trio.sleep(10)
        assert canary.tried["mail"].state == "works" and len(canary.notices) == 3
    assert {name for name in await core.spool.remembered()} == {"canary", "canary mail"}


async def test_no_line_is_kept(autojump_clock: MockClock) -> None:
    core = Core(settings(transports=["mail", "post"]))
    async with running(core):
        await trio.sleep(6 * HOUR)
    kept = b"".join((await core.spool.remembered()).values())
    assert core.lines and not any(line[7:].encode() in kept for line in core.lines)


@pytest.mark.parametrize("held", ["paused", "locked", "planned", "spent", "login"])
async def test_no_start_is_a_reason_to_post_and_nothing_is_posted_where_it_may_not_be(
    held: str, autojump_clock: MockClock
) -> None:
    core = Core(posting(settings(destinations=["box"])), held=held)
    core.standing = "locked" if held == "locked" else "ok"
    core.state = held if held in ("spent", "login") else "works"
    async with running(core) as canary:
        await trio.sleep(10)
        assert canary.tried["box"].state == ""
        await trio.sleep(HOUR)
        assert canary.tried["box"].state == "waits"
    assert core.tried == []


async def test_in_a_window_an_account_is_not_even_asked_for(autojump_clock: MockClock) -> None:
    core = Core(settings(destinations=["box"]), held="planned")
    async with running(core) as canary:
        await trio.sleep(10)
        assert canary.tried["box"].why == "it is in a window"
        assert core.tried == []
        core.held = "paused"  # a brake is on posts: what is paused is still looked at
        await trio.sleep(HOUR)
        assert canary.tried["box"].state == "works"
