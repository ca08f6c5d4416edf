"""A blog with WordPress: the stand-in, and the settings of a bridge before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret
from relay.testing.wordpress import wordpress


@asynccontextmanager
async def stand(clock: VirtualClock, folder: Path, pretty: bool = True) -> AsyncIterator[Stand]:
    async with wordpress(clock=clock) as platform:
        platform.pretty = pretty
        settings = {
            "site": platform.base,
            "user": platform.user,
            "password_file": secret(folder, "password", platform.password),
        }
        api = "/wp-json/wp/v2"
        routes = (f"{api}/posts", f"{api}/media", f"{api}/posts/*") if pretty else ("/",)
        yield Stand(
            platform,
            settings,
            publishing=[f"POST {route}" for route in routes],
            threads=False,
            title="شب بی برق",
            reply=lambda to, text, by: platform.reply(to, text, by=by),
        )


def plain(clock: VirtualClock, folder: Path):
    return stand(clock, folder, pretty=False)
