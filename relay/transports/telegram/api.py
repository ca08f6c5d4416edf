"""The Bot API as this transport speaks it: python-telegram-bot's ``Bot`` and its types.

Its Updater is not used: it acknowledges an update before anybody has done with it. What the library
would tell others is closed here: no log, nothing from the environment, a User-Agent of nobody.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from telegram import Bot
from telegram.request import HTTPXRequest

from relay.reach.http import USER_AGENT
from relay.transports.limits import is_loopback

os.environ.setdefault("PTB_TIMEDELTA", "true")
"""Of two ways to give a length of time the library warns of its old one, at each use."""

POLL_S: Final = 50
"""Seconds that Telegram keeps a request for updates open."""

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


def bot_at(where: Where, token: str) -> Bot:
    """A bot, not yet initialised. Raises telegram.error.InvalidToken for what can be none."""
    base = where.base_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=_request(where, 8),
        get_updates_request=_request(where, 1),
    )


def _request(where: Where, connections: int) -> HTTPXRequest:
    made = HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=20.0,
        read_timeout=30.0,
        write_timeout=30.0,
        pool_timeout=30.0,
        proxy=where.proxy or None,
        httpx_kwargs={"trust_env": False, "follow_redirects": False},
    )
    made.USER_AGENT = USER_AGENT  # type: ignore[misc]  # Final there; it would name the library
    return made
