"""The gateway of anyone who can make a signed HTTP request: our own small format.

``{"id", "from", "text", "at"}``, and ``"to"`` if you like. ``X-Outword-Timestamp`` is the time in
Unix seconds; ``X-Outword-Signature`` the lower-case hex HMAC-SHA256 of timestamp, a dot and the raw
body. ``id`` is what stays the same when the message is sent again; without one (missing, null or
empty), ``from``, ``text`` and ``at`` together are.

An answer is a POST of ``{"id", "to", "text"}``, and ``"from"`` where a number of ours is known, to
``answer_url``, signed in the same way.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_hex

from relay.model import Instant
from relay.ports import Answer
from relay.transports.gateways.fields import table
from relay.transports.gateways.proof import signed
from relay.transports.gateways.said import NOTHING, Answered, Malformed, Said, heard
from relay.transports.gateways.sent import JSON, Call, Sent, by_status
from relay.transports.inlet import Request

TIME = "x-outword-timestamp"
SIGNATURE = "x-outword-signature"


class Generic:
    """``Gateway`` for that format."""

    repeats_without_id = False

    def __init__(self, secret: bytes, answer_url: str = "") -> None:
        if not secret:
            raise ValueError("the secret is empty")
        self._secret = secret
        self._answer_url = answer_url

    def verify(self, request: Request, now: Instant) -> bool:
        timestamp = request.headers.get(TIME, "")
        message = timestamp.encode("utf-8", "replace") + b"." + request.body
        return signed(self._secret, message, request.headers.get(SIGNATURE), timestamp, now)

    def said(self, request: Request) -> Sequence[Said]:
        whole = table(request.body)
        if whole is None:
            return (Malformed(),)
        message = heard(
            whole.get("text"),
            whole.get("from"),
            recipient=whole.get("to"),
            id=whole.get("id"),
            at=whole.get("at"),
        )
        return (message,)

    def taken(self, request: Request, now: Instant) -> Answered:
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        whole = {"id": token_hex(16), "to": to, "text": text}
        body = json.dumps(whole | ({"from": sender} if sender else {})).encode()
        made = hmac.new(self._secret, f"{now}.".encode() + body, sha256).hexdigest()
        headers = {"content-type": JSON, TIME: str(now), SIGNATURE: made}
        return Call(self._answer_url, body, headers)

    def sent(self, answer: Answer) -> Sent:
        return by_status(answer.status)
