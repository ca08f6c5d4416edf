"""What shows that a request is from a gateway: the checks that several of them share. Pure.

Everything secret is compared in constant time, and what is secret is never part of a value that can
be printed.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections import OrderedDict
from collections.abc import Collection
from hashlib import sha256, sha384, sha512
from typing import Any, Final

from relay.model import Instant

WINDOW_S: Final = 300
"""How old or how early a signature may be, both ends included, where a retry is signed anew."""

MOST_NONCES: Final = 10_000
"""Nonces that are remembered: at one SMS a second those of almost three hours."""

_CLOCK = re.compile(r"[0-9]{1,12}")
_HASHES: Final = {"HS256": sha256, "HS384": sha384, "HS512": sha512}


def same(given: str | bytes, expected: bytes) -> bool:
    """Whether what was given is what is expected, in constant time."""
    if isinstance(given, str):
        given = given.encode("utf-8", "replace")
    return hmac.compare_digest(given, expected)


def signed(
    secret: bytes, message: bytes, given: str | None, timestamp: str | None, now: Instant
) -> bool:
    """Whether ``given`` is the lower-case hex HMAC-SHA256 of the message, and the time is near."""
    expected = hmac.new(secret, message, sha256).hexdigest().encode()
    return same(given or "", expected) and is_near(timestamp, now)


def is_near(timestamp: str | None, now: Instant, past_s: int = WINDOW_S) -> bool:
    """Whether a Unix time in decimal digits is at most ``past_s`` ago and WINDOW_S ahead."""
    if timestamp is None or not _CLOCK.fullmatch(timestamp):
        return False
    return -past_s <= int(timestamp) - now <= WINDOW_S


def claims_of(token: str, secret: bytes, algorithms: Collection[str]) -> dict[str, Any] | None:
    """What a JSON web token claims (RFC 7519, JWS compact form); None unless it was signed with our
    secret by one of the algorithms (HS256, HS384, HS512)."""
    head, dot, rest = token.encode("utf-8", "replace").partition(b".")
    payload, dot, signature = rest.partition(b".")
    algorithm = (_object(head) or {}).get("alg")
    if not dot or not isinstance(algorithm, str) or algorithm not in algorithms:
        return None
    expected = hmac.digest(secret, head + b"." + payload, _HASHES[algorithm])
    if not hmac.compare_digest(signature, urlsafe_b64encode(expected).rstrip(b"=")):
        return None
    return _object(payload)


def _object(part: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(_decoded(part) or b"")
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _decoded(part: bytes) -> bytes | None:
    try:
        return urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except (Error, ValueError):
        return None


class Nonces:
    """Nonces that have signed something, and what: for signatures that do not cover the text.

    The same text under the same nonce is the gateway that comes again. In memory only: a restart
    forgets them, and the oldest give way to new ones.
    """

    def __init__(self, most: int = MOST_NONCES) -> None:
        self._most = most
        self._signed: OrderedDict[bytes, bytes] = OrderedDict()

    def fits(self, nonce: str, content: bytes) -> bool:
        """Whether the nonce is new, or signed this very content before."""
        known = self._signed.get(_digest(nonce.encode("utf-8", "replace")))
        return known is None or hmac.compare_digest(known, _digest(content))

    def keep(self, nonce: str, content: bytes) -> None:
        """From now on it signs nothing else."""
        self._signed[_digest(nonce.encode("utf-8", "replace"))] = _digest(content)
        while len(self._signed) > self._most:
            self._signed.popitem(last=False)


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()
