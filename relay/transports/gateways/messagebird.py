"""MessageBird (now Bird), its older API: a form or JSON, vouched for by a web token.

``MessageBird-Signature-JWT`` (MessageBird, "Verify HTTP requests") holds a JWT (HS256, HS384 or
HS512, the account's signing key): ``iss`` MessageBird, ``nbf`` and ``exp``, ``url_hash`` and
``payload_hash``, each the hex SHA-256 of the address as they called it and of the raw body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from relay.model import Instant
from relay.ports import Answer
from relay.rules import gsm
from relay.transports.gateways.fields import pairs_of, table, tables_in
from relay.transports.gateways.proof import claims_of, same
from relay.transports.gateways.said import NOTHING, Answered, Link, Malformed, Said, heard
from relay.transports.gateways.sent import (
    LOGIN,
    SPENT,
    Call,
    Sent,
    by_status,
    json_call,
)
from relay.transports.inlet import Request

LEEWAY_S: Final = 5
"""By so much two clocks may differ that are both kept."""

_MEDIA: Final = ("mediaUrls", "mediaUrls[]")
_NO_BALANCE, _NO_ACCESS = 25, 2
"""Error codes (MessageBird, "API errors")."""


class MessageBird:
    """``Gateway`` for it. ``url`` is the public address of our /in/NAME; ``key`` the access key,
    for answers."""

    repeats_without_id = False

    def __init__(self, secret: bytes, url: str, answer_url: str = "", key: bytes = b"") -> None:
        if not secret:
            raise ValueError("the signing key is empty")
        self._secret = secret
        self._url = url
        self._answer_url = answer_url
        self._key = key

    def verify(self, request: Request, now: Instant) -> bool:
        token = request.headers.get("messagebird-signature-jwt", "")
        claims = claims_of(token, self._secret, ("HS256", "HS384", "HS512"))
        if claims is None or claims.get("iss") != "MessageBird":
            return False
        asked = f"{self._url}{request.path}" + f"?{request.query}" * bool(request.query)
        begins, ends = claims.get("nbf"), claims.get("exp")
        return (
            same(str(claims.get("url_hash", "")), _hex(asked.encode("utf-8", "replace")))
            and same(str(claims.get("payload_hash", "")), _hex(request.body))
            and type(begins) is int
            and type(ends) is int
            and begins - LEEWAY_S <= now <= ends + LEEWAY_S
        )

    def said(self, request: Request) -> Sequence[Said]:
        whole = _fields(request)
        if whole is None:
            return (Malformed(),)
        message = heard(
            whole.get("body", whole.get("payload", "")),
            _sender(whole.get("originator", whole.get("sender"))),
            recipient=whole.get("recipient", whole.get("receiver")),
            id=whole.get("id", whole.get("message_id")),
            at=whole.get("createdDatetime", whole.get("timestamp")),
            links=_links(whole),
        )
        return (message,)

    def taken(self, request: Request, now: Instant) -> Answered:
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        whole = {
            "originator": sender.lstrip("+"),
            "recipients": [to.lstrip("+")],
            "body": text,
            "datacoding": "plain" if gsm.size(text).alphabet == "gsm" else "unicode",
        }
        headers = {"authorization": "AccessKey " + self._key.decode("utf-8", "replace")}
        return json_call(f"{self._answer_url}/messages", whole, headers)

    def sent(self, answer: Answer) -> Sent:
        errors = tables_in((table(answer.body) or {}).get("errors"))
        codes = [one.get("code") for one in errors]
        if _NO_BALANCE in codes:
            return SPENT
        return LOGIN if _NO_ACCESS in codes else by_status(answer.status)


def _hex(content: bytes) -> bytes:
    return sha256(content).hexdigest().encode()


def _fields(request: Request) -> dict[str, Any] | None:
    """What the request says; of several media under one name all."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return table(request.body)
    pairs = pairs_of(request.body)
    if pairs is None:
        return None
    media = [value for name, value in pairs if name in _MEDIA]
    rest = [(name, value) for name, value in pairs if name not in _MEDIA]
    fields: dict[str, Any] = dict(rest)
    return {**fields, "mediaUrls": media} if len(fields) == len(rest) else None


def _sender(written: object) -> object:
    """JSON may have it as a number."""
    return str(written) if type(written) is int else written


def _links(whole: Mapping[str, Any]) -> tuple[Link, ...]:
    urls = whole.get("mediaUrls")
    return (
        tuple(Link("", one) for one in urls if isinstance(one, str))
        if isinstance(urls, list)
        else ()
    )
