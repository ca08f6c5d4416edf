"""The Bot API as this transport speaks it: python-telegram-bot's ``Bot`` and its types.

Its Updater is not used: it acknowledges an update before anybody has done with it. What the library
would tell others is closed here: no log, nothing from the environment, a User-Agent of nobody.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit

from telegram import Bot
from telegram.request import HTTPXRequest

from relay.reach.http import USER_AGENT
from relay.reach.library import Carried
from relay.reach.routes import DIRECT, Routes, Way
from relay.serving.peers import is_loopback
from relay.transports.telegram.updates import WANTED

os.environ.setdefault("PTB_TIMEDELTA", "true")
"""Of two ways to give a length of time the library warns of its old one, at each use."""

POLL_S: Final = 50
"""Seconds that Telegram keeps a request for updates open."""

MOST_ANSWER_BYTES: Final = 32 * 1024 * 1024
"""A file has at most 20 MB (Bot API, getFile), and 100 updates are less."""

for _name in ("telegram", "httpx", "httpcore"):  # their lines would hold the token
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)
    logging.getLogger(_name).propagate = False


@dataclass(frozen=True, slots=True, repr=False)
class Where:
    """Where the Bot API is: "https://api.telegram.org", or a server of one's own; and the proxy on
    the way there ("socks5://127.0.0.1:9050"; names are looked up behind it), if any."""

    base_url: str = "https://api.telegram.org"
    proxy: str = ""

    def __post_init__(self) -> None:
        at = urlsplit(self.base_url)
        near = at.hostname == "localhost" or is_loopback(at.hostname or "")
        if at.scheme != "https" and not (at.scheme == "http" and near):
            raise ValueError("without TLS only to this machine")


def bot_at(where: Where, token: str, routes: Routes = DIRECT) -> Bot:
    """A bot, not yet initialised; ``routes`` lead there where it has no proxy of its own. Raises
    telegram.error.InvalidToken for what can be none."""
    base = where.base_url.rstrip("/")
    ways = Routes([_proxy(where.proxy)]) if where.proxy else routes
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=_request(where, ways),
        get_updates_request=_request(where, ways),
    )


async def name_of(where: Where, token: str, routes: Routes = DIRECT) -> str:
    """The bot's name, as Telegram tells it (getMe). Raises TelegramError."""
    async with bot_at(where, token, routes) as bot:
        return f"@{bot.username}"


async def updates_from(bot: Bot, offset: int, wait_s: int) -> Sequence[dict[str, Any]]:
    """The updates from this one on, at most 100, as they came. What stands before it is confirmed;
    0 confirms nothing. Raises TelegramError.

    The library's own call reads them all or none: one that it cannot read would come first again
    each time, and hold up everybody behind it.
    """
    query = urlencode({"offset": offset, "timeout": wait_s, "allowed_updates": json.dumps(WANTED)})
    got = await bot.request.post(f"{bot.base_url}/getUpdates?{query}", read_timeout=wait_s + 20.0)
    whole = got if isinstance(got, list) else []
    return [one for one in whole if type(one.get("update_id")) is int]


def _proxy(url: str) -> Way:
    at = urlsplit(url)
    return Way(
        "proxy",
        "http" if at.scheme == "http" else "socks5",
        at.hostname or "",
        at.port or (8080 if at.scheme == "http" else 1080),
        unquote(at.username or "").encode(),
        unquote(at.password or "").encode(),
    )


def _request(where: Where, routes: Routes) -> HTTPXRequest:
    host = (urlsplit(where.base_url).hostname or "").lower()
    carried = Carried(frozenset({host}), routes, most_bytes=MOST_ANSWER_BYTES)
    made = HTTPXRequest(
        connect_timeout=20.0,
        read_timeout=30.0,
        write_timeout=30.0,
        pool_timeout=30.0,
        httpx_kwargs={"trust_env": False, "follow_redirects": False, "transport": carried},
    )
    made.USER_AGENT = USER_AGENT  # type: ignore[misc]  # Final there; it would name the library
    return made
