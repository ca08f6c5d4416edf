"""A Facebook Page: the stand-in, and the settings of a bridge before it, in both of its ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.testing.facebook import facebook
from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret


@asynccontextmanager
async def stand(
    clock: VirtualClock, folder: Path, drafts: bool = True, proof: bool = True
) -> AsyncIterator[Stand]:
    async with facebook(clock=clock) as platform:
        platform.proof_required = proof
        settings = {
            "api": f"{platform.base}/v26.0",
            "token_file": secret(folder, "token", platform.token),
            "drafts": drafts,
        }
        if proof:
            settings["app_secret_file"] = secret(folder, "app", platform.app_secret)
        photos = f"POST /v26.0/{platform.page}/photos"
        feed = f"POST /v26.0/{platform.page}/feed"
        public = f"POST /v26.0/{platform.page}_*"
        yield Stand(
            platform,
            settings,
            publishing=(photos, feed, public) if drafts else (photos, feed),
            threads=False,
            limit=platform.characters,
            reply=platform.reply,
        )


def at_once(clock: VirtualClock, folder: Path):
    return stand(clock, folder, drafts=False, proof=False)
