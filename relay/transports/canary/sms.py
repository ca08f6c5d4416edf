"""An SMS, as its gateway would bring it: the request of each kind, signed with what we both know.

What these requests are, ``relay.transports.gateways`` says, with its sources; here they are made as
plainly as they may be. They go to ``[http]`` itself: a proxy in front of it is not passed.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Final
from urllib.parse import urlencode

from relay.transports.canary.end import End
from relay.transports.canary.note import Note
from relay.transports.canary.web import Call, answered
from relay.transports.gateways.table import Account

_JSON: Final = {"content-type": "application/json"}
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """What a request is made of. ``path`` is that of our address, with its secret if it has one;
    ``to`` a number of ours; ``id`` is new each time; ``now`` the time."""

    account: Account
    path: str
    to: str
    note: Note
    id: str
    now: int

    @property
    def url(self) -> str:
        """Our address, as a gateway calls and signs it."""
        return self.account.url + self.path

    def call(self, body: bytes, headers: Mapping[str, str], query: str = "") -> Call:
        """The request, to the socket of this machine."""
        name = self.account.url.rpartition("/in/")[2]
        return Call(f"/in/{name}{self.path}" + f"?{query}" * bool(query), body, headers)


@dataclass(frozen=True, slots=True, repr=False)
class Texts:
    """Brings an SMS of one gateway. ``path_secret`` as of ``transports.sms``."""

    end: End
    gateway: str
    account: Account
    path_secret: bytes
    to: str
    now: Callable[[], int]

    async def __call__(self, note: Note) -> None:
        """As ``note.Write``."""
        path = f"/{self.path_secret.decode('ascii', 'replace')}" if self.path_secret else ""
        wanted = Wanted(self.account, path, self.to, note, token_hex(16), self.now())
        await answered(self.end, CALLS[self.gateway](wanted))


def _android(at: Wanted) -> Call:
    payload = {"message": at.note.line, "sender": at.note.number, "recipient": at.to}
    whole = {"event": "sms:received", "id": at.id, "payload": payload | {"receivedAt": at.id}}
    body = json.dumps(whole).encode()
    made = hmac.new(at.account.secret, body + str(at.now).encode(), sha256).hexdigest()
    return at.call(body, _JSON | {"x-timestamp": str(at.now), "x-signature": made})


def _generic(at: Wanted) -> Call:
    whole = {"id": at.id, "from": at.note.number, "to": at.to, "text": at.note.line}
    body = json.dumps(whole).encode()
    made = hmac.new(at.account.secret, f"{at.now}.".encode() + body, sha256).hexdigest()
    headers = {"x-outword-timestamp": str(at.now), "x-outword-signature": made}
    return at.call(body, _JSON | headers)


def _twilio(at: Wanted) -> Call:
    fields = {"MessageSid": at.id, "AccountSid": at.account.id, "From": at.note.number}
    fields |= {"To": at.to, "Body": at.note.line, "NumMedia": "0"}
    covered = at.url + "".join(name + fields[name] for name in sorted(fields))
    made = b64encode(hmac.digest(at.account.secret, covered.encode(), "sha1")).decode()
    return at.call(urlencode(fields).encode(), _FORM | {"x-twilio-signature": made})


def _vonage(at: Wanted) -> Call:
    fields = {"api-key": at.account.id, "msisdn": at.note.who, "to": at.to.lstrip("+")}
    fields |= {"messageId": at.id, "text": at.note.line, "type": "text", "timestamp": str(at.now)}
    covered = "".join(f"&{name}={fields[name]}" for name in sorted(fields))
    fields["sig"] = hmac.new(at.account.secret, covered.encode(), sha256).hexdigest()
    return at.call(json.dumps(fields).encode(), _JSON)


def _africastalking(at: Wanted) -> Call:
    fields = {"id": at.id, "from": at.note.number, "to": at.to, "text": at.note.line}
    return at.call(urlencode(fields).encode(), _FORM)


def _infobip(at: Wanted) -> Call:
    message = {"messageId": at.id, "from": at.note.who, "to": at.to.lstrip("+")}
    whole = {"results": [message | {"text": at.note.line}], "messageCount": 1}
    return at.call(json.dumps(whole).encode(), _JSON)


def _messagebird(at: Wanted) -> Call:
    fields = {"id": at.id, "originator": at.note.who, "recipient": at.to.lstrip("+")}
    body = urlencode(fields | {"body": at.note.line}).encode()
    claims = {"iss": "MessageBird", "nbf": at.now, "exp": at.now + 60}
    hashes = {"url_hash": _hex(at.url.encode()), "payload_hash": _hex(body)}
    token = _token(claims | hashes, at.account.secret)
    return at.call(body, _FORM | {"messagebird-signature-jwt": token})


def _plivo(at: Wanted) -> Call:
    fields = {"MessageUUID": at.id, "From": at.note.who, "To": at.to, "Text": at.note.line}
    made = b64encode(hmac.digest(at.account.secret, f"{at.url}{at.id}".encode(), "sha256"))
    headers = {"x-plivo-signature-v2": made.decode(), "x-plivo-signature-v2-nonce": at.id}
    return at.call(urlencode(fields).encode(), _FORM | headers)


def _smssync(at: Wanted) -> Call:
    fields = {"from": at.note.number, "message": at.note.line, "message_id": at.id}
    fields |= {"sent_to": at.to, "secret": at.account.secret.decode("utf-8", "replace")}
    return at.call(urlencode(fields).encode(), _FORM)


def _kannel(at: Wanted) -> Call:
    headers = {"content-type": "text/plain; charset=UTF-8", "x-kannel-from": at.note.number}
    headers |= {"x-kannel-to": at.to} if at.to else {}
    return at.call(at.note.line.encode(), headers, f"id={at.id}&coding=0&charset=UTF-8")


CALLS: Final[Mapping[str, Callable[[Wanted], Call]]] = {
    "android": _android,
    "generic": _generic,
    "twilio": _twilio,
    "vonage": _vonage,
    "africastalking": _africastalking,
    "infobip": _infobip,
    "messagebird": _messagebird,
    "plivo": _plivo,
    "smssync": _smssync,
    "kannel": _kannel,
}
"""How each gateway of ``gateways.table`` brings an SMS."""


def _hex(content: bytes) -> str:
    return sha256(content).hexdigest()


def _token(claims: Mapping[str, object], secret: bytes) -> str:
    """A JSON web token (RFC 7519), HS256."""
    parts = (json.dumps(one).encode() for one in ({"alg": "HS256", "typ": "JWT"}, claims))
    signed = ".".join(map(_bare, parts))
    return f"{signed}.{_bare(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _bare(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
