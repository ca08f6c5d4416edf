"""A rich journey of a bridge before its stand-in: all that it can ask its platform, asked once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from relay.model import Attempt, Media, Post, Posted
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import a_post
from relay.testing.journey import VirtualClock
from relay.testing.loopback import Request
from relay.testing.stand import NOW, Stand, as_long_as, picture

LINKED = "Read on at https://example.org/fa?a=1&b=2 — and tell others #here, @there."

StandOf = Callable[[VirtualClock, Path], AbstractAsyncContextManager[Stand]]


async def requests_of(
    kind: Any, stand_of: StandOf, folder: Path, media: Sequence[Media] = ()
) -> Sequence[Request]:
    """All that a bridge asked: a link, a thread, pictures, a film where that is what it posts, and
    what else ``media`` has; looked for, changed, answered, taken back; with an access that has run
    out in between."""
    clock = VirtualClock(NOW)
    async with stand_of(clock, folder) as stand, HttpOut(None) as http:
        bridge = kind(kind.Settings(**stand.settings), http, clock)
        health = await bridge.check()
        assert not health.trouble, health.trouble
        posts = [*_posts(stand), *(_shows(one, stand) for one in media)]
        refs = [await _posted(bridge, post, clock) for post in posts]
        if expire := getattr(stand.platform, "expire", None):
            expire()
        if hasattr(bridge, "replies"):
            await _answered(bridge, stand, refs[0][0], clock)
        if hasattr(bridge, "edit"):
            await bridge.edit(refs[0][0], a_post("It is light again.", title=stand.title))
        if hasattr(bridge, "remove"):
            for ref in (ref for of in refs for ref in of):
                await bridge.remove(ref)
        return [*stand.platform.requests]


def _posts(stand: Stand) -> list[Post]:
    needed = tuple(stand.media()) if stand.media else ()
    posts = [a_post(LINKED, title=stand.title), stand.post()]
    if stand.images:
        pictures = replace(a_post("look", title=stand.title), media=(picture(1), picture(2)))
        posts.append(pictures)
    if stand.limit and stand.threads:
        posts.append(a_post(as_long_as(3 * min(stand.limit, 4000), stand.length), language="fa"))
    return [replace(one, media=needed) if needed else one for one in posts]


def _shows(medium: Media, stand: Stand) -> Post:
    return replace(a_post("look at this", title=stand.title), media=(medium,))


async def _posted(bridge: Any, post: Post, clock: VirtualClock) -> list[str]:
    refs: list[str] = []
    for part in await bridge.prepare(post):
        kept = _Kept()
        attempt = Attempt(part, 1, clock.at, refs[-1] if refs else None)
        for n in range(1, 20):
            outcome = await bridge.send(replace(attempt, n=n, kept=kept.last), kept)
            if isinstance(outcome, Posted):
                break
            clock.at += 120  # the platform works on a medium
        assert isinstance(outcome, Posted), outcome
        clock.at += 60
        await bridge.find(replace(attempt, kept=kept.last))
        refs.append(outcome.ref)
    return refs


async def _answered(bridge: Any, stand: Stand, ref: str, clock: VirtualClock) -> None:
    start = await bridge.replies(b"")
    clock.at += 60
    if stand.reply is not None:
        stand.reply(ref, "we are well", "somebody")
    clock.at += 600
    await bridge.replies(start.cursor)


class _Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        self.last = what
