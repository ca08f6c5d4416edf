"""The gateway of anyone who can make a signed HTTP request: our own small format.

``{"id", "from", "text", "at"}``, and ``"to"`` if you like. ``X-Outword-Timestamp`` is the time in
Unix seconds; ``X-Outword-Signature`` the lower-case hex HMAC-SHA256 of timestamp, a dot and the raw
body. ``id`` is what stays the same when the message is sent again; without one (missing, null or
empty), ``from``, ``text`` and ``at`` together are.
"""

from __future__ import annotations

from collections.abc import Mapping

from relay.model import Instant
from relay.transports.gateways.said import Malformed, Said, heard, signed, table


class Generic:
    """``Gateway`` for that format."""

    repeats_without_id = False
    answer = b""

    def __init__(self, secret: bytes) -> None:
        if not secret:
            raise ValueError("the secret is empty")
        self._secret = secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: Instant) -> bool:
        timestamp = headers.get("x-outword-timestamp", "")
        message = timestamp.encode("utf-8", "replace") + b"." + body
        return signed(self._secret, message, headers.get("x-outword-signature"), timestamp, now)

    def said(self, body: bytes) -> Said:
        whole = table(body)
        if whole is None:
            return Malformed()
        return heard(
            whole.get("text"),
            whole.get("from"),
            recipient=whole.get("to"),
            id=whole.get("id"),
            at=whole.get("at"),
        )
