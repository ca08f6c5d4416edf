"""Mastodon and GoToSocial: the stand-in, and the settings of a bridge before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.testing.fediverse import GOTOSOCIAL, MASTODON, Manners, fediverse
from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret


@asynccontextmanager
async def stand(
    clock: VirtualClock, folder: Path, manners: Manners = MASTODON
) -> AsyncIterator[Stand]:
    async with fediverse(manners, clock=clock) as platform:
        settings = {
            "server": platform.base,
            "token_file": secret(folder, "token", platform.token),
        }
        yield Stand(
            platform,
            settings,
            publishing=("POST /api/v1/statuses", "POST /api/v2/media"),
            limit=manners.characters,
            length=manners.length,
            alts=lambda one: [medium.alt for medium in platform.media_of(one)],
            files=lambda one: [medium.content for medium in platform.media_of(one)],
        )


def gotosocial(clock: VirtualClock, folder: Path):
    return stand(clock, folder, GOTOSOCIAL)
