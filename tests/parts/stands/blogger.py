"""A blog at Blogger: the stand-in, and the settings of a bridge before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bridges.google.keyfile import Client, written
from relay.testing.blogger import Blogger, blogger
from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret


def settings_of(platform: Blogger, token_file: str) -> dict[str, str]:
    return {
        "blog": platform.blog,
        "token_file": token_file,
        "api": platform.base,
        "token_url": f"{platform.base}/token",
        "authorize": f"{platform.base}/o/oauth2/v2/auth",
    }


@asynccontextmanager
async def stand(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    async with blogger(clock=clock) as platform:
        client = Client(platform.client_id, platform.client_secret, platform.refresh_token)
        posts = f"/v3/blogs/{platform.blog}/posts"
        yield Stand(
            platform,
            settings_of(platform, secret(folder, "token", written(client))),
            publishing=(f"POST {posts}", f"PUT {posts}/*", f"POST {posts}/*", "POST /token"),
            threads=False,
            title="شب بی برق",
            reply=lambda to, text, by: platform.reply(to, text, by=by),
        )


@asynccontextmanager
async def cautious(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    """The other reading of what the documents leave open."""
    async with stand(clock, folder) as made:
        made.platform.lists_drafts_by_label = False
        made.platform.publishes_again = False
        yield made
