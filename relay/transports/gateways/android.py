"""SMS Gateway for Android (capcom6/android-sms-gateway): a phone that posts what it receives.

Signature: ``X-Signature`` is the lower-case hex HMAC-SHA256 of the raw body followed by
``X-Timestamp``, under the signing key of the app's settings. The outer ``id`` stays the same when
the phone tries again (14 times in two days); after its inbox was exported again it does not, so
sender, text and time make a second key. ``payload.messageId`` is a hash of 32 bits and no id.
Older versions of the app call the sender ``phoneNumber``. Joined segments come as one text; an MMS
comes whole, its media in base64, once the phone has it (``mms:downloaded``).

Answers: ``POST .../messages`` of the phone itself or of a server between (docs.sms-gate.app).
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any

from relay.model import Instant
from relay.ports import Answer
from relay.transports.entity import Medium
from relay.transports.gateways.fields import table, tables_in
from relay.transports.gateways.proof import signed
from relay.transports.gateways.said import (
    NOTHING,
    Alive,
    Answered,
    Ignored,
    Malformed,
    Said,
    heard,
)
from relay.transports.gateways.sent import Call, Sent, basic, by_status, json_call
from relay.transports.inlet import Request

KEPT_S = 3600
"""An answer that the phone could not send within an hour is not sent any more."""


class Android:
    """``Gateway`` for that app. ``user`` and ``password`` are for answers."""

    repeats_without_id = True

    def __init__(
        self, secret: bytes, answer_url: str = "", user: str = "", password: bytes = b""
    ) -> None:
        if not secret:
            raise ValueError("the signing key is empty")
        self._secret = secret
        self._answer_url = answer_url
        self._user = user
        self._password = password

    def verify(self, request: Request, now: Instant) -> bool:
        timestamp = request.headers.get("x-timestamp", "")
        message = request.body + timestamp.encode("utf-8", "replace")
        given = request.headers.get("x-signature")
        return signed(self._secret, message, given, timestamp, now)

    def said(self, request: Request) -> Sequence[Said]:
        whole = table(request.body)
        if whole is None or not isinstance(whole.get("event"), str):
            return (Malformed(),)
        match whole["event"], whole.get("payload"):
            case "sms:received", dict(payload):
                return (_message(whole, payload, payload.get("message")),)
            case "mms:downloaded", dict(payload):
                return (_picture(whole, payload),)
            case "sms:received" | "mms:downloaded", _:
                return (Malformed(),)
            case "system:ping", _:
                return (Alive(),)
        return (Ignored(),)  # reports, announced MMS: nothing that we publish

    def taken(self, request: Request, now: Instant) -> Answered:
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        whole = {
            "id": token_hex(16),
            "textMessage": {"text": text},
            "phoneNumbers": [to],
            "ttl": KEPT_S,
            "withDeliveryReport": False,  # it would be one more trace at the telephone company
        }
        headers = {"authorization": basic(self._user, self._password)}
        return json_call(self._answer_url, whole, headers)

    def sent(self, answer: Answer) -> Sent:
        return by_status(answer.status)


def _message(
    whole: Mapping[str, Any],
    payload: Mapping[str, Any],
    text: object,
    media: tuple[Medium, ...] = (),
    lacking: bool = False,
) -> Said:
    return heard(
        text,
        payload.get("sender", payload.get("phoneNumber")),
        recipient=payload.get("recipient"),
        id=whole.get("id"),
        at=payload.get("receivedAt"),
        media=media,
        lacking=lacking,
    )


def _picture(whole: Mapping[str, Any], payload: Mapping[str, Any]) -> Said:
    """An MMS: its subject and its body are the text. What says how to show it (SMIL) is none."""
    parts = [one for one in tables_in(payload.get("attachments")) if not _is_layout(one)]
    media = tuple(medium for one in parts if (medium := _medium(one)) is not None)
    lines = [payload.get("subject"), payload.get("body", payload.get("message"))]
    text = "\n\n".join(one for one in lines if isinstance(one, str) and one.strip())
    return _message(whole, payload, text, media, len(media) < len(parts))


def _is_layout(attachment: Mapping[str, Any]) -> bool:
    return str(attachment.get("contentType", "")).lower().startswith("application/smil")


def _medium(attachment: Mapping[str, Any]) -> Medium | None:
    """A medium; None where the phone has no bytes of it."""
    data = attachment.get("data")
    if not isinstance(data, str) or not data:
        return None
    try:
        return str(attachment.get("contentType", "")), b64decode(data)
    except (Error, ValueError):
        return None
