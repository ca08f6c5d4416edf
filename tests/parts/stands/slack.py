"""A Slack channel: the stand-in, and the settings of a bridge before it, as a bot and a webhook."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bridges.kit.counting import units
from relay.testing.journey import VirtualClock
from relay.testing.slack import slack
from relay.testing.stand import Stand, secret

LIMIT = 4000


def length(text: str) -> int:
    return units(text, "utf-16")


@asynccontextmanager
async def bot(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    async with slack(clock=clock) as platform:
        settings = {
            "api": platform.base + "/api",
            "token_file": secret(folder, "token", platform.token),
            "channel": platform.channel,
        }
        yield Stand(
            platform,
            settings,
            publishing=(
                "POST /api/chat.postMessage",
                "POST /api/files.getUploadURLExternal",
                "POST /api/files.completeUploadExternal",
                "POST /api/files.info",
            ),
            threads=False,  # theirs answer the first part, not the one before
            limit=LIMIT,
            length=length,
            reply=platform.reply,
        )


@asynccontextmanager
async def webhook(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    async with slack(clock=clock) as platform:
        yield Stand(
            platform,
            {"webhook_file": secret(folder, "webhook", platform.webhook_url)},
            publishing=("POST /services/*",),
            threads=False,
            images=False,
            limit=LIMIT,
            length=length,
        )
