"""A Discord webhook: the stand-in, and the settings of a bridge before it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.testing.discord import discord
from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret

LIMIT = 2000


def shown(text: str) -> str:
    """The text that people see: a backslash before a sign is not shown."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


@asynccontextmanager
async def _stand(clock: VirtualClock, folder: Path, *, thread: bool) -> AsyncIterator[Stand]:
    async with discord(clock=clock) as platform:
        platform.suspend = platform.remove_webhook  # theirs is the bot's; a webhook is taken away
        settings = {"webhook_file": secret(folder, "webhook", platform.webhook_url)}
        if thread:
            settings["thread_id"] = platform.thread
        yield Stand(
            platform,
            settings,
            publishing=("POST /api/v10/webhooks/*",),
            threads=False,
            limit=LIMIT,
            bare=shown,
        )


def stand(clock: VirtualClock, folder: Path):
    return _stand(clock, folder, thread=False)


def in_a_thread(clock: VirtualClock, folder: Path):
    return _stand(clock, folder, thread=True)
