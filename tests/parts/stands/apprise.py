"""Apprise before a receiver of its ``json://``: the library is the real one, the receiver ours."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from relay.testing.journey import VirtualClock
from relay.testing.loopback import on_loopback
from relay.testing.recorder import Recorder
from relay.testing.stand import HTTP_FAULTS, Stand, secret

PATIENT_S = 0.3
"""It takes no patience from us: its own are parameters of an address."""

BEYOND = ("an answer without end", "a page where JSON is due")
"""What no bridge around the library can mend: it reads an answer however long it is, and takes any
200 for a yes, a log-in page too. docs/platforms.md says so."""


@dataclass(frozen=True)
class Shown:
    text: str
    media: tuple[str, ...]


class Receiver(Recorder):
    """Reads what comes in as Apprise writes it: version, title, message, attachments, type."""

    @property
    def public(self) -> list[Shown]:
        found = []
        for request in self.made:
            said = json.loads(request.body)
            assert said["title"] == "" and said["type"] == "info"
            media = tuple(one["base64"] for one in said["attachments"])
            found.append(Shown(said["message"], media))
        return found

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.public]


def alts(one: Shown) -> list[str]:
    return [line[1:-1] for line in one.text.split("\n") if line.startswith("[")]


def address(platform: Receiver) -> str:
    """Where it is, as Apprise writes it."""
    host = platform.base.removeprefix("http://")
    return f"json://{host}/in?rto={PATIENT_S}&cto={PATIENT_S}"


@asynccontextmanager
async def stand(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    async with on_loopback(Receiver(keys=False)) as platform:
        yield Stand(
            platform,
            {"url_file": secret(folder, "urls", address(platform)), "timeout_s": 5},
            publishing=("POST /in",),
            threads=False,
            limit=32768,
            alts=alts,
            files=lambda one: [b64decode(medium) for medium in one.media],
            faults={name: one for name, one in HTTP_FAULTS.items() if name not in BEYOND},
        )
