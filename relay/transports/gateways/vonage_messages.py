"""Vonage's Messages API, its inbound side: JSON, vouched for by a web token.

``Authorization: Bearer`` holds a JWT (HS256, the account's signature secret) with the account's
``api_key``, the time ``iat`` and ``payload_hash``, the hex SHA-256 of the body (Vonage, "Verifying
signed webhooks"). Only SMS and MMS are taken: other channels name people otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from relay.model import Instant
from relay.transports.gateways.fields import table, tables_in
from relay.transports.gateways.proof import claims_of, is_near, same
from relay.transports.gateways.said import Ignored, Link, Malformed, Said, heard
from relay.transports.gateways.vonage_sms import PAST_S
from relay.transports.inlet import Request

_MEDIA: Final = ("image", "audio", "video", "file", "vcard")
_TYPES: Final = {"vcard": "text/vcard"}


def is_signed(request: Request, secret: bytes, account: str, now: Instant) -> bool:
    """Whether a token of our account covers the body."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    claims = claims_of(token.strip(), secret, ("HS256",)) if scheme.lower() == "bearer" else None
    if claims is None:
        return False
    issued, ends = claims.get("iat"), claims.get("exp")
    return (
        same(str(claims.get("payload_hash", "")), sha256(request.body).hexdigest().encode())
        and same(str(claims.get("api_key", "")), account.encode())
        and type(issued) is int
        and is_near(str(issued), now, PAST_S)
        and (ends is None or (type(ends) is int and now <= ends))
    )


def said_in(body: bytes) -> Said:
    """The message."""
    whole = table(body)
    if whole is None or not isinstance(whole.get("channel"), str):
        return Malformed()
    if whole["channel"] not in ("sms", "mms") or "message_type" not in whole:
        return Ignored()  # another channel, or a report
    links = tuple(_links(whole))
    return heard(
        _text(whole),
        whole.get("from"),
        recipient=whole.get("to"),
        id=whole.get("message_uuid"),
        at=whole.get("timestamp"),
        links=links,
    )


def _text(whole: Mapping[str, Any]) -> object:
    """The text, of several contents the first; else what stands under the picture."""
    if whole["message_type"] == "text":
        return whole.get("text")
    texts = [one.get("text") for one in tables_in(whole.get("content")) if "text" in one]
    captions = [one.get("caption") for _, one in _shown(whole)]
    return next((one for one in [*texts, *captions] if isinstance(one, str)), "")


def _shown(whole: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each medium by its kind: one under its own name, several in a list."""
    kind = whole["message_type"]
    if kind in _MEDIA and isinstance(whole.get(kind), dict):
        yield kind, whole[kind]
    for one in tables_in(whole.get("content")):
        if one.get("type") in _MEDIA:
            yield one["type"], one


def _links(whole: Mapping[str, Any]) -> Iterator[Link]:
    for kind, one in _shown(whole):
        if isinstance(one.get("url"), str):
            yield Link(_TYPES.get(kind, ""), one["url"])
