"""The bridge "mastodon" against the public stand-in, on both kinds of server.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bridges.mastodon import Mastodon
from relay.model import Absent, Attempt, Found, Later, Posted, Refused, Removed, Stopped, Unsure
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.bridge_contract import DATE, BridgeContract, FixedClock, Stage, a_post
from relay.testing.fediverse import GOTOSOCIAL, MASTODON, Manners, fediverse, limited, overloaded

NOW = FixedClock().now()
POSTS = "POST /api/v1/statuses"
KINDS = pytest.mark.parametrize("manners", [MASTODON, GOTOSOCIAL], ids=lambda one: one.software)


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


@asynccontextmanager
async def before(manners: Manners):
    """A platform, the bridge that was checked against it, and their clock."""
    clock = HandClock()
    async with fediverse(manners, clock=clock) as platform, HttpOut(None) as http:
        with TemporaryDirectory() as folder:
            token = Path(folder) / "token"
            token.touch(mode=0o600)
            token.write_text(platform.token)
            settings = Mastodon.Settings(server=platform.base, token_file=str(token))
            bridge = Mastodon(settings, http, clock)
            assert not (await bridge.check()).trouble
            yield platform, bridge, clock


async def kept_nowhere(kept: bytes) -> None:
    """``keep`` for a test that does not ask what was kept."""


async def one_part(bridge, text="The lights are out again."):
    [part] = await bridge.prepare(a_post(text))
    return part


class StandInContract(BridgeContract):
    bridge_class = Mastodon
    manners: Manners

    @asynccontextmanager
    async def stage(self):
        async with before(self.manners) as (platform, bridge, _):
            yield Stage(bridge, lambda: len(platform.public), cut_off=platform.refuse)


class TestOnMastodon(StandInContract):
    manners = MASTODON


class TestOnGotosocial(StandInContract):
    manners = GOTOSOCIAL


@KINDS
async def test_a_long_text_is_a_thread_that_the_server_takes(manners):
    text = "سلام، ما حالمان خوب است و خبر می‌فرستیم. https://example.org/a/long/path " * 90
    async with before(manners) as (platform, bridge, _):
        parts = await bridge.prepare(a_post(text, language="fa"))
        assert len(parts) > 1
        after = None
        for part in parts:
            outcome = await bridge.send(Attempt(part, 1, DATE, after), kept_nowhere)
            assert isinstance(outcome, Posted)
            after = outcome.ref
        assert [one.parent for one in platform.public][1:] == [
            one.id for one in platform.public[:-1]
        ]
        assert {one.language for one in platform.public} == {"fa"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (limited(NOW + 90), Later),
        (faults.too_many("90"), Later),
        (overloaded(30), Later),
        (faults.maintenance("60"), Later),
        (faults.cut(), Unsure),
        (faults.half(), Unsure),
        (faults.error(500, made=True), Unsure),
        (faults.error(502, made=True), Unsure),
        (faults.error(401), Stopped),
        (faults.error(422), Refused),
    ],
)
@KINDS
async def test_each_fault_is_told_apart(manners, fault, kind):
    async with before(manners) as (platform, bridge, _):
        part = await one_part(bridge)
        platform.script(fault, on=POSTS)
        outcome = await bridge.send(Attempt(part, 1, NOW), kept_nowhere)
        assert isinstance(outcome, kind)
        assert len(platform.public) == fault.made


async def test_mastodons_own_429_says_until_when():
    async with before(MASTODON) as (platform, bridge, _):
        platform.script(limited(NOW + 90), on=POSTS)
        outcome = await bridge.send(Attempt(await one_part(bridge), 1, NOW), kept_nowhere)
        assert isinstance(outcome, Later)
        assert outcome.not_before is not None and NOW + 90 <= outcome.not_before <= NOW + 100


async def test_within_the_hour_the_key_makes_two_tries_one_post():
    async with before(MASTODON) as (platform, bridge, clock):
        assert bridge.once.means == "exact" and bridge.once.exact_for_s < MASTODON.keys_s
        part = await one_part(bridge)
        platform.script(faults.cut(), on=POSTS)
        assert isinstance(await bridge.send(Attempt(part, 1, NOW), kept_nowhere), Unsure)
        clock.at += bridge.once.exact_for_s
        outcome = await bridge.send(Attempt(part, 2, NOW), kept_nowhere)
        assert outcome.ref == platform.public[0].id and len(platform.public) == 1


@KINDS
@pytest.mark.parametrize("text", ["plain & <words>", "two\n\nparagraphs\nof it #tag", "x" * 300])
async def test_what_was_posted_is_found_by_its_text(manners, text):
    async with before(manners) as (platform, bridge, clock):
        part = await one_part(bridge, f"{text} https://example.org/a/very/long/path?x=1&y=2#z")
        for n in range(50):
            platform.put(f"something else {n}")
        platform.script(faults.cut(), on=POSTS)
        attempt = Attempt(part, 1, NOW)
        assert isinstance(await bridge.send(attempt, kept_nowhere), Unsure)
        for n in range(50):
            platform.put(f"later {n}", boost=n % 2 == 0)
        clock.at += 3700
        found = await bridge.find(attempt)
        assert isinstance(found, Found)
        assert platform.public[50].id == found.ref


@KINDS
async def test_what_was_never_posted_is_absent(manners):
    async with before(manners) as (platform, bridge, clock):
        part = await one_part(bridge)
        clock.at += 3700
        found = await bridge.find(Attempt(part, 1, NOW))
        assert isinstance(found, Absent) and found.strong
        assert platform.public == []


@KINDS
async def test_a_list_that_lags_never_proves_that_it_is_absent(manners):
    async with before(manners) as (platform, bridge, clock):
        platform.lists_late_s = 30
        part = await one_part(bridge)
        platform.script(faults.cut(), on=POSTS)
        attempt = Attempt(part, 1, NOW)
        assert isinstance(await bridge.send(attempt, kept_nowhere), Unsure)
        clock.at += 29
        found = await bridge.find(attempt)
        assert not isinstance(found, Found) and not (isinstance(found, Absent) and found.strong)
        clock.at += 1
        assert isinstance(await bridge.find(attempt), Found)


@KINDS
async def test_it_takes_back_and_changes(manners):
    async with before(manners) as (platform, bridge, _):
        outcome = await bridge.send(Attempt(await one_part(bridge), 1, NOW), kept_nowhere)
        edited = await bridge.edit(outcome.ref, a_post("Corrected."))
        assert isinstance(edited, Posted) and platform.texts == ["Corrected."]
        for _ in range(2):
            assert isinstance(await bridge.remove(outcome.ref), Removed)
        assert platform.public == []
