"""X: the stand-in, and the settings of a bridge before it, in both ways to log in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret
from relay.testing.x import x
from relay.testing.x.server import X
from relay.testing.x.weighing import LIMIT, weight


def four(platform: X) -> str:
    """The secrets of OAuth 1.0a, as the operator has them."""
    return "\n".join(
        [
            f"api_key = {platform.consumer_key}",
            f"api_key_secret = {platform.consumer_secret}",
            f"access_token = {platform.access_token}",
            f"access_token_secret = {platform.access_secret}",
        ]
    )


def client(platform: X) -> str:
    """The secrets of OAuth 2.0."""
    tokens = platform.tokens
    return json.dumps(
        {
            "client_id": tokens.client_id,
            "access_token": tokens.token,
            "refresh_token": tokens.refresh,
        }
    )


@asynccontextmanager
async def stand(clock: VirtualClock, folder: Path, held=four) -> AsyncIterator[Stand]:
    async with x(clock=clock) as platform:
        settings = {"api": platform.base, "token_file": secret(folder, "keys", held(platform))}
        yield Stand(
            platform,
            settings,
            publishing=("POST /2/tweets", "POST /2/media/upload"),
            limit=LIMIT,
            length=weight,
            reply=platform.reply,
        )


def with_a_token(clock: VirtualClock, folder: Path):
    return stand(clock, folder, client)
