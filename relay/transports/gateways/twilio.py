"""Twilio, Programmable Messaging.

Signature (Twilio, "Webhooks security"): base64 HMAC-SHA1 under the auth token of the address as
Twilio called it, then of each field of the form by name, name and value; several values of one name
are taken once each, sorted. With ``X-Twilio-Webhooks-Signature-Settings`` it may be SHA-256. The
port may stand in the address or not: both are tried. No time is signed, so only ``MessageSid``
tells a repeat.

A 200 holds an empty TwiML document: any text in it would be sent to the sender. Media stay at
Twilio until they are deleted, which is done once they are durable here.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from relay.model import Instant
from relay.ports import Answer
from relay.transports.gateways.fields import Pairs, fields_of, pairs_of, table
from relay.transports.gateways.proof import same
from relay.transports.gateways.said import Answered, Link, Malformed, Said, heard
from relay.transports.gateways.sent import (
    LATER,
    LOGIN,
    SPENT,
    Call,
    Sent,
    basic,
    by_status,
    form_call,
)
from relay.transports.inlet import Request

EMPTY: Final = Answered(b"<Response/>", "text/xml")
MOST_MEDIA: Final = 10
"""Media of one MMS there."""

_HASHES: Final = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_ALGORITHM: Final = re.compile(r"(?:^|,)\s*algorithm=([^,]*)")
_SUSPENDED: Final = (20005, 30002, 90010)
"""Error codes of an account that is suspended or not active: what becomes of one without money."""


class Twilio:
    """``Gateway`` for it. ``url`` is the public address of our /in/NAME; ``account`` our AC..."""

    repeats_without_id = False

    def __init__(self, token: bytes, url: str, account: str, answer_url: str = "") -> None:
        if not token:
            raise ValueError("the auth token is empty")
        self._token = token
        self._url = url
        self._account = account
        self._answer_url = answer_url

    def verify(self, request: Request, now: Instant) -> bool:
        pairs = pairs_of(request.body) or ()
        found = _ALGORITHM.search(request.headers.get("x-twilio-webhooks-signature-settings", ""))
        algorithm = _HASHES.get(found[1].strip() if found and found[1].strip() else "HMAC_SHA1")
        given = request.headers.get("x-twilio-signature", "")
        if algorithm is None or ("AccountSid", self._account) not in pairs:
            return False
        asked = f"{self._url}{request.path}" + f"?{request.query}" * bool(request.query)
        right = [
            same(given, b64encode(hmac.digest(self._token, _covered(one, pairs), algorithm)))
            for one in spellings(asked)
        ]
        return any(right)

    def said(self, request: Request) -> Sequence[Said]:
        fields = fields_of(request.body)
        if fields is None:
            return (Malformed(),)
        message = heard(
            fields.get("Body", ""),
            fields.get("From"),
            recipient=fields.get("To"),
            id=fields.get("MessageSid"),
            at="",
            links=_links(fields),
        )
        return (message,)

    def taken(self, request: Request, now: Instant) -> Answered:
        return EMPTY

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        origin = "MessagingServiceSid" if sender.startswith("MG") else "From"
        url = f"{self._answer_url}/2010-04-01/Accounts/{self._account}/Messages.json"
        fields = {"To": to, origin: sender, "Body": text}
        return form_call(url, fields, {"authorization": basic(self._account, self._token)})

    def sent(self, answer: Answer) -> Sent:
        code = (table(answer.body) or {}).get("code")
        if code in _SUSPENDED:
            return SPENT
        if code == 20429:
            return LATER
        return LOGIN if code == 20003 else by_status(answer.status)


def spellings(url: str) -> tuple[str, str]:
    """An address without and with its port, which is that of its scheme where none is written."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return (
        parts._replace(netloc=host).geturl(),
        parts._replace(netloc=f"{host}:{port}").geturl(),
    )


def _covered(url: str, pairs: Pairs) -> bytes:
    return (url + "".join(name + value for name, value in sorted(set(pairs)))).encode()


def _links(fields: Mapping[str, str]) -> tuple[Link, ...]:
    return tuple(
        Link(fields.get(f"MediaContentType{n}", ""), fields[f"MediaUrl{n}"])
        for n in range(MOST_MEDIA)
        if fields.get(f"MediaUrl{n}")
    )
