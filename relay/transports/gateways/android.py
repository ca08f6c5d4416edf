"""SMS Gateway for Android (capcom6/android-sms-gateway): a phone that posts what it receives.

Signature: ``X-Signature`` is the lower-case hex HMAC-SHA256 of the raw body followed by
``X-Timestamp``, under the signing key of the app's settings. The outer ``id`` stays the same when
the phone tries again (14 times in two days); after its inbox was exported again it does not, so
sender, text and time make a second key. ``payload.messageId`` is a hash of 32 bits and no id.
Older versions of the app call the sender ``phoneNumber``. Joined segments come as one text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relay.model import Instant
from relay.transports.gateways.said import Ignored, Malformed, Said, heard, signed, table


class Android:
    """``Gateway`` for that app."""

    repeats_without_id = True
    answer = b""

    def __init__(self, secret: bytes) -> None:
        if not secret:
            raise ValueError("the signing key is empty")
        self._secret = secret

    def verify(self, headers: Mapping[str, str], body: bytes, now: Instant) -> bool:
        timestamp = headers.get("x-timestamp", "")
        message = body + timestamp.encode("utf-8", "replace")
        return signed(self._secret, message, headers.get("x-signature"), timestamp, now)

    def said(self, body: bytes) -> Said:
        whole = table(body)
        if whole is None or not isinstance(whole.get("event"), str):
            return Malformed()
        if whole["event"] != "sms:received":  # pings, reports, MMS: nothing that we publish
            return Ignored()
        payload: Any = whole.get("payload")
        if not isinstance(payload, dict):
            return Malformed()
        return heard(
            payload.get("message"),
            payload.get("sender", payload.get("phoneNumber")),
            recipient=payload.get("recipient"),
            id=whole.get("id"),
            at=payload.get("receivedAt"),
        )
