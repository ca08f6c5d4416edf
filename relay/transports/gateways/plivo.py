"""Plivo: a form, with a signature that covers our address and a nonce, and not the text.

``X-Plivo-Signature-V2`` is the base64 HMAC-SHA256 under the auth token of the address without its
query and ``X-Plivo-Signature-V2-Nonce`` (Plivo, "Signature validation"): who has seen one pair can
sign any text with it. So two things stand beside it: a long random segment of the address
(``path_secret_file``), and each nonce signs one text only, as long as it is remembered. Where
``X-Plivo-Signature-V3`` comes as well, which covers the fields, that one must be right.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final

from relay.model import Instant
from relay.ports import Answer
from relay.transports.gateways.fields import Pairs, fields_of, pairs_of
from relay.transports.gateways.proof import Nonces, same
from relay.transports.gateways.said import NOTHING, Answered, Link, Malformed, Said, heard
from relay.transports.gateways.sent import SPENT, Call, Sent, basic, by_status, json_call
from relay.transports.inlet import Request

_MEDIUM: Final = re.compile(r"Media[0-9]{1,2}")


class Plivo:
    """``Gateway`` for it. ``url`` is the public address of our /in/NAME, ``account`` the auth id,
    ``token`` the auth token."""

    repeats_without_id = False

    def __init__(self, token: bytes, url: str, account: str = "", answer_url: str = "") -> None:
        if not token:
            raise ValueError("the auth token is empty")
        self._token = token
        self._url = url
        self._account = account
        self._answer_url = answer_url
        self._nonces = Nonces()

    def verify(self, request: Request, now: Instant) -> bool:
        headers = request.headers
        address = self._url + request.path
        if "x-plivo-signature-v3" in headers:
            nonce = headers.get("x-plivo-signature-v3-nonce", "")
            given = headers["x-plivo-signature-v3"]
            covered = _covered_by_v3(address, request.query, pairs_of(request.body) or ())
            covered += "." + nonce
        else:
            nonce = headers.get("x-plivo-signature-v2-nonce", "")
            given = headers.get("x-plivo-signature-v2", "")
            covered = address + nonce
        expected = b64encode(hmac.digest(self._token, covered.encode("utf-8", "replace"), "sha256"))
        right = [same(one.strip(), expected) for one in given.split(",")]
        return any(right) and bool(nonce) and self._nonces.fits(nonce, request.body)

    def said(self, request: Request) -> Sequence[Said]:
        fields = fields_of(request.body)
        if fields is None:
            return (Malformed(),)
        message = heard(
            fields.get("Text", fields.get("Body", "")),
            fields.get("From"),
            recipient=fields.get("To"),
            id=fields.get("MessageUUID"),
            at="",
            links=_links(fields),
        )
        return (message,)

    def taken(self, request: Request, now: Instant) -> Answered:
        """Only now: what we did not take may come again, perhaps with other media."""
        for version in ("v2", "v3"):
            nonce = request.headers.get(f"x-plivo-signature-{version}-nonce")
            if nonce:
                self._nonces.keep(nonce, request.body)
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        whole = {"src": sender, "dst": to, "text": text, "type": "sms", "log": "false"}
        url = f"{self._answer_url}/v1/Account/{self._account}/Message/"
        return json_call(url, whole, {"authorization": basic(self._account, self._token)})

    def sent(self, answer: Answer) -> Sent:
        if answer.status >= 400 and b"insufficient" in answer.body.lower():
            return SPENT
        return by_status(answer.status)


def _covered_by_v3(address: str, query: str, pairs: Pairs) -> str:
    """The address with its query in order, a dot, and the fields in order without anything between
    (Plivo, "Signature validation V3")."""
    asked = "&".join(f"{name}={value}" for name, value in sorted(pairs_of(query) or ()))
    fields = "".join(name + value for name, value in sorted(pairs))
    if not pairs:
        return f"{address}?{asked}" if asked else address
    return f"{address}?{asked}." + fields if asked else f"{address}?" + fields


def _links(fields: Mapping[str, str]) -> tuple[Link, ...]:
    names = sorted((name for name in fields if _MEDIUM.fullmatch(name)), key=lambda n: int(n[5:]))
    return tuple(Link("", fields[name]) for name in names if fields[name])
