"""Bluesky: the stand-in, and the settings of a bridge before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import regex

from relay.testing.bluesky import bluesky
from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret


@asynccontextmanager
async def stand(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    async with bluesky(clock=clock) as platform:
        settings = {
            "service": platform.base,
            "handle": platform.handle,
            "password_file": secret(folder, "password", platform.password),
        }
        platform.revoke = platform.revoke_password  # lost tokens alone are a new log-in
        yield Stand(
            platform,
            settings,
            publishing=(
                "POST /xrpc/com.atproto.repo.putRecord",
                "POST /xrpc/com.atproto.repo.uploadBlob",
            ),
            limit=300,
            length=graphemes,
            reply=platform.reply,
        )


def graphemes(text: str) -> int:
    return len(regex.findall(r"\X", text))
