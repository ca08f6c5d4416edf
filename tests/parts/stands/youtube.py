"""A YouTube channel: the stand-in, and the settings of a bridge before it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from relay.model import Media
from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret
from relay.testing.youtube import YouTube, youtube

FILM = Media("video/mp4", b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 4, "a street at night")
LONG = Media("video/mp4", FILM.content[:12] + bytes(2 * 1024 * 1024 + 300), "a street at night")
"""In three pieces."""

UPLOAD = "/upload/youtube/v3/videos"


def client(platform: YouTube) -> str:
    """The secret file, as a login writes it."""
    return json.dumps(
        {
            "client_id": platform.client_id,
            "client_secret": platform.client_secret,
            "refresh_token": platform.refresh_token,
        }
    )


@asynccontextmanager
async def stand(
    clock: VirtualClock,
    folder: Path,
    media_takes_s: int = 0,
    forgets_s: int = 0,
    takes_twice: bool = True,
    film: Media = FILM,
) -> AsyncIterator[Stand]:
    async with youtube(clock=clock) as platform:
        platform.media_takes_s = media_takes_s
        platform.takes_twice = takes_twice
        if forgets_s:
            platform.sessions.life_s = forgets_s
        settings = {
            "api": platform.base,
            "token_url": f"{platform.base}/token",
            "token_file": secret(folder, "client", client(platform)),
        }
        yield Stand(
            platform,
            settings,
            publishing=(f"POST {UPLOAD}", f"PUT {UPLOAD}", "PUT /youtube/v3/videos"),
            threads=False,
            images=False,
            title="شب در شهر",
            reply=platform.reply,
            media=lambda: [film],
        )


slow = partial(stand, media_takes_s=300)
forgetful = partial(stand, forgets_s=5)
long = partial(stand, film=LONG, takes_twice=False)
strict = partial(stand, forgets_s=5, takes_twice=False)
