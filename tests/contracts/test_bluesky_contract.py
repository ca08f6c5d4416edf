"""The bridge to Bluesky before its stand-in: every fault, every death.

The stand-in and the bridge were written from the same documents by people who did not see each
other's work: where they differ, one of them misread.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace

from stands import bluesky as stands

from bridges.atproto.answers import MEDIA_GONE
from bridges.bluesky import Bluesky
from relay.model import Attempt, Later, Posted
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.bridge_contract import a_post
from relay.testing.journey import VirtualClock
from relay.testing.platform_contract import PlatformContract
from relay.testing.stand import NOW, picture


class TestBlueskyOnItsStandIn(PlatformContract):
    bridge_class = Bluesky
    stand = staticmethod(stands.stand)


@asynccontextmanager
async def before_the_stand_in(tmp_path, **settings):
    clock = VirtualClock(NOW)
    async with stands.stand(clock, tmp_path) as stand, HttpOut(None) as http:
        made = Bluesky.Settings(**stand.settings, **settings)
        yield Bluesky(made, http, clock), stand.platform, clock


async def posted(bridge, post, tries=1):
    """The refs of its parts, each sent so often, as the engine does."""
    refs: list[str] = []
    for part in await bridge.prepare(post):
        kept = Kept()
        for n in range(1, tries + 1):
            after = refs[-1] if refs else None
            outcome = await bridge.send(Attempt(part, n, NOW, after, kept.last), kept)
        assert isinstance(outcome, Posted)
        refs.append(outcome.ref)
    return refs


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        self.last = what


async def test_readers_see_one_thread_and_no_record_is_written_over(tmp_path):
    async with before_the_stand_in(tmp_path) as (bridge, platform, _):
        post = replace(a_post("word " * 200), media=(picture(1), picture(2)))
        refs = await posted(bridge, post, tries=3)
        assert [one.id for one in platform.public] == refs
        assert all(one.threaded and one.changed is None for one in platform.public)
        assert {one.root for one in platform.public} == {None, refs[0]}
        assert [medium.alt for medium in platform.public[0].media] == [
            picture(1).alt,
            picture(2).alt,
        ]


async def test_what_is_marked_leads_where_it_says(tmp_path):
    text = "@us.example سلام https://example.org/a/very/long/path/to/the/news #خبر 🇮🇷"
    async with before_the_stand_in(tmp_path, mentions="on") as (bridge, platform, _):
        await posted(bridge, a_post(text.replace("@us.example", f"@{platform.handle}")))
        [one] = platform.public
        assert [(mark.kind, mark.shown, mark.to) for mark in one.marks] == [
            ("mention", f"@{platform.handle}", platform.account),
            (
                "link",
                "example.org/a/very/long/path/to…",
                "https://example.org/a/very/long/path/to/the/news",
            ),
            ("tag", "#خبر", "خبر"),
        ]


async def test_a_picture_that_was_swept_before_the_post_goes_up_again(tmp_path):
    async with before_the_stand_in(tmp_path) as (bridge, platform, clock):
        [part] = await bridge.prepare(replace(a_post(), media=(picture(),)))
        kept = Kept()
        platform.script(faults.maintenance("60"), on="POST /xrpc/com.atproto.repo.putRecord")
        assert isinstance(await bridge.send(Attempt(part, 1, NOW), kept), Later)
        clock.at += 86400
        again = await bridge.send(Attempt(part, 2, NOW, kept=kept.last), kept)
        assert again == Later(MEDIA_GONE)
        ended = await bridge.send(Attempt(part, 3, NOW, kept=kept.last), kept)
        assert isinstance(ended, Posted)
        [one] = platform.public
        assert [medium.content for medium in one.media] == [picture().content]


async def test_a_change_stays_in_its_thread(tmp_path):
    async with before_the_stand_in(tmp_path) as (bridge, platform, _):
        first, second, *_ = await posted(bridge, a_post("word " * 100))
        assert isinstance(await bridge.edit(second, a_post("changed")), Posted)
        one = next(one for one in platform.public if one.id == second)
        assert (one.text, one.parent, one.threaded) == ("changed", first, True)
