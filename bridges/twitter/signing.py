"""OAuth 1.0a: four secrets of which none runs out; each request is signed (RFC 5849).

JSON bodies and forms with files are no part of what is signed (3.4.1.3.1), so only the address and
its query are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from relay.ports import Answer, Clock, Instant, Stopped

OFF_S: Final = 60
"""A server's clock that differs by more is taken for the right one."""


@dataclass(frozen=True, slots=True, repr=False)
class Four:
    """The secrets, as X's console names them."""

    api_key: str
    api_key_secret: str
    access_token: str
    access_token_secret: str


def header(
    four: Four, method: str, url: str, query: Sequence[tuple[str, str]], at: Instant, nonce: str
) -> str:
    """The ``Authorization`` of a request to ``url`` (without its query)."""
    oauth = [
        ("oauth_consumer_key", four.api_key),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", str(at)),
        ("oauth_token", four.access_token),
        ("oauth_version", "1.0"),
    ]
    said = sorted((encoded(name), encoded(value)) for name, value in [*query, *oauth])
    normal = "&".join(f"{name}={value}" for name, value in said)
    base = "&".join([method.upper(), encoded(url), encoded(normal)])
    key = f"{encoded(four.api_key_secret)}&{encoded(four.access_token_secret)}"
    made = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
    oauth.append(("oauth_signature", base64.b64encode(made).decode()))
    return "OAuth " + ", ".join(f'{name}="{encoded(value)}"' for name, value in oauth)


def encoded(text: str) -> str:
    """Percent-encoded as RFC 3986 has it (RFC 5849 3.6): all but letters, digits and ``-._~``."""
    return quote(text, safe="-._~")


class Signed:
    """Asks in the name of four secrets."""

    trouble = ""
    stuck: Stopped | None = None

    def __init__(self, four: Four, clock: Clock) -> None:
        self._four = four
        self._clock = clock
        self._ahead = 0

    async def authorization(self, method: str, url: str, query: Sequence[tuple[str, str]]) -> str:
        """The header for one request."""
        at = self._clock.now() + self._ahead
        return header(self._four, method, url, query, at, secrets.token_hex(16))

    async def renewed(self, answer: Answer, there: Instant | None) -> bool:
        """Whether a request that was answered 401 is worth a second one: if our clock is wrong, by
        the server's (``there``), the time in the signature was."""
        if there is None:
            return False
        off = there - (self._clock.now() + self._ahead)
        self._ahead += off
        return abs(off) > OFF_S
