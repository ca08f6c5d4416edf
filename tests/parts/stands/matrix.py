"""A Matrix room: the stand-in, and the settings of a bridge before it, in both ways to log in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.testing.journey import VirtualClock
from relay.testing.matrix import matrix
from relay.testing.stand import Stand, secret

ROOM = "/_matrix/client/v3/rooms/*/send/m.room.message/*"
#: What a server tells only to who sends: no question finds it out.
UNSEEN = ("suspend", "broke")
PUBLISHING = (f"PUT {ROOM}", "POST /_matrix/media/v3/upload")


@asynccontextmanager
async def stand(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    async with matrix(clock=clock) as platform:
        settings = {
            "homeserver": platform.base,
            "room": platform.room,
            "user": platform.account,
            "password_file": secret(folder, "password", platform.password),
        }
        for what in UNSEEN:
            setattr(platform, what, None)
        yield Stand(
            platform,
            settings,
            publishing=PUBLISHING,
            limit=48_000,
            length=lambda text: len(text.encode()),
            reply=platform.reply,
        )


@asynccontextmanager
async def with_a_token(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    """By the room's address, with parts so short that posts are threads."""
    async with matrix(clock=clock) as platform:
        settings = {
            "homeserver": platform.base,
            "room": platform.alias,
            "token_file": secret(folder, "token", platform.token),
            "limit": 600,
        }
        for what in (*UNSEEN, "expire"):  # this token lasts
            setattr(platform, what, None)
        yield Stand(
            platform,
            settings,
            publishing=PUBLISHING,
            limit=600,
            length=lambda text: len(text.encode()),
            reply=platform.reply,
        )
