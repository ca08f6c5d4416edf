"""A PeerTube server: the stand-in, and the settings of a bridge before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from relay.model import Media
from relay.testing.journey import VirtualClock
from relay.testing.peertube import peertube
from relay.testing.stand import Stand, secret

FILM = Media("video/mp4", b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 4, "a street at night")
LONG = Media("video/mp4", FILM.content[:12] + bytes(2 * 1024 * 1024 + 300), "a street at night")
"""In three pieces."""

UPLOAD = "/api/v1/videos/upload-resumable"


@asynccontextmanager
async def stand(
    clock: VirtualClock,
    folder: Path,
    location: str = "path",
    remembers_s: int = 0,
    finish_takes_s: int = 0,
    film: Media = FILM,
) -> AsyncIterator[Stand]:
    async with peertube(clock=clock) as platform:
        platform.location = location
        platform.uploads.answers_kept_s = remembers_s
        platform.finish_takes_s = finish_takes_s
        settings = {
            "server": platform.base,
            "user": platform.user,
            "password_file": secret(folder, "password", platform.password),
        }

        def revoke() -> None:  # lost sessions alone are a new log-in
            platform.accounts.revoke()
            platform.accounts.password = "another"

        platform.revoke = revoke
        yield Stand(
            platform,
            settings,
            publishing=(f"POST {UPLOAD}", f"PUT {UPLOAD}", "PUT /api/v1/videos/*-*-*-*-*"),
            threads=False,
            images=False,
            title="شب در شهر",
            reply=platform.reply,
            media=lambda: [film],
        )


older = partial(stand, location="host", remembers_s=900)
long = partial(stand, film=LONG)
slow = partial(stand, location="full", finish_takes_s=60)
