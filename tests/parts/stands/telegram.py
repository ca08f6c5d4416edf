"""A Telegram channel: the stand-in, and the settings of a bridge in each way to look a post up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bridges.kit.counting import units
from bridges.telegram import Telegram
from relay.model import Attempt, Posted, Removed
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import a_post
from relay.testing.journey import VirtualClock
from relay.testing.stand import Stand, secret
from relay.testing.telegram import Post, telegram

LIMIT = 4096


def alts(post: Post) -> list[str]:
    """The descriptions in a caption: Telegram has no field for them."""
    lines = [line[1:-1] for line in post.text.split("\n") if line.startswith("[")]
    return [re.sub(r"^\d+: ", "", line) for line in lines]


async def _has_posted_before(settings: dict[str, object], clock: VirtualClock) -> None:
    """One message, gone again: from then on the bridge knows how far the channel has come."""
    async with HttpOut(None) as http:
        bridge = Telegram(Telegram.Settings.model_validate(settings), http, clock)
        [part] = await bridge.prepare(a_post("the first"))
        posted = await bridge.send(Attempt(part, 1, clock.now()), _forget)
        assert isinstance(posted, Posted)
        assert isinstance(await bridge.remove(posted.ref), Removed)


async def _forget(kept: bytes) -> None:
    return None


@asynccontextmanager
async def _stand(clock: VirtualClock, folder: Path, *ways: str) -> AsyncIterator[Stand]:
    async with telegram(clock=clock) as platform:
        settings: dict[str, object] = {
            "api": platform.base,
            "page": platform.base,
            "token_file": secret(folder, "token", platform.token),
            "chat": platform.channel,
            "replies": True,
        }
        if "audit" in ways:
            settings["audit"] = platform.audit
        if "page" in ways:
            settings["public_page"] = True
        await _has_posted_before(settings, clock)
        yield Stand(
            platform,
            settings,
            publishing=("POST *sendMessage", "POST *sendPhoto"),
            limit=LIMIT,
            length=lambda text: units(text, "utf-16"),
            reply=lambda to, text, by: platform.reply(int(to), text, by),
            alts=alts,
        )


def probed(clock: VirtualClock, folder: Path):
    return _stand(clock, folder, "audit")


def read(clock: VirtualClock, folder: Path):
    return _stand(clock, folder, "page")


def blind(clock: VirtualClock, folder: Path):
    return _stand(clock, folder)
