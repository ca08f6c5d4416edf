"""OAuth 1.0a as the server sees it: is this request signed by who holds the four secrets?

Facts: RFC 5849, section 3 (which parameters are signed, how they are joined, that a nonce is used
once) and docs.x.com, "Authorizing a request": seven fields, HMAC-SHA1, version 1.0, a time that is
not far off. A body counts only where it is a form of one part (RFC 5849, 3.4.1.3.1): neither JSON
nor multipart is signed. Some clients add the hash of such a body, as an eighth field; then it has
to be right.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from relay.model import Instant
from relay.testing.loopback import Request

FIELDS: Final = frozenset(
    {
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_token",
        "oauth_version",
    }
)
HASH: Final = "oauth_body_hash"
MAY_DIFFER_S: Final = 300
"""How far the time of a request may be off."""

FORM: Final = "application/x-www-form-urlencoded"


class Unsigned(ValueError):
    """The request is not signed as it should be."""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """An application's key and secret, and those of the account that it posts for."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_secret: str


def escaped(text: str) -> str:
    """RFC 5849, 3.6: everything but letters, digits and ``-._~`` is escaped."""
    return quote(text, safe="-._~")


def signature(
    method: str, url: str, pairs: Iterable[tuple[str, str]], consumer: str, token: str
) -> str:
    """RFC 5849, 3.4.2, of a method, a URL without its query, all parameters and two secrets."""
    parts = sorted((escaped(name), escaped(value)) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in parts)
    text = "&".join([method.upper(), escaped(url), escaped(joined)])
    key = f"{escaped(consumer)}&{escaped(token)}"
    return b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha1)).decode()


@dataclass(slots=True)
class Nonces:
    """Those used lately: within the time that a request may be off, none comes twice."""

    seen: dict[tuple[str, int], None] = field(default_factory=dict)

    def use(self, nonce: str, at: int, now: Instant) -> None:
        """Note one. Raises Unsigned for one that was used."""
        if (nonce, at) in self.seen:
            raise Unsigned("a nonce is used once")
        for old in [key for key in self.seen if abs(key[1] - now) > MAY_DIFFER_S]:
            del self.seen[old]
        self.seen[(nonce, at)] = None


def check(request: Request, secrets: Secrets, nonces: Nonces, now: Instant) -> None:
    """Raise Unsigned unless the request was signed with the secrets, for the host that it was sent
    to."""
    said = _header(request.headers.get("authorization", ""))
    digest = b64encode(hashlib.sha1(request.body).digest()).decode()
    if said.get(HASH, digest) != digest:
        raise Unsigned("another body")
    if said.keys() - {HASH} != FIELDS:
        raise Unsigned("other fields than the seven")
    if said["oauth_signature_method"] != "HMAC-SHA1" or said["oauth_version"] != "1.0":
        raise Unsigned("another method or version")
    if not said["oauth_timestamp"].isdecimal():
        raise Unsigned("a time that is no number")
    at = int(said["oauth_timestamp"])
    if abs(at - now) > MAY_DIFFER_S:
        raise Unsigned("a time that is far off")
    held = (said["oauth_consumer_key"], said["oauth_token"])
    if held != (secrets.consumer_key, secrets.access_token):
        raise Unsigned("another key or token")
    given = said.pop("oauth_signature")
    pairs = [*said.items(), *_parameters(request)]
    url = f"http://{request.headers.get('host', '')}{request.path}"
    made = signature(request.method, url, pairs, secrets.consumer_secret, secrets.access_secret)
    if not hmac.compare_digest(made.encode(), given.encode()):
        raise Unsigned("another signature")
    nonces.use(said["oauth_nonce"], at, now)


def _header(header: str) -> dict[str, str]:
    """RFC 5849, 3.5.1: the fields of an Authorization header, without the realm."""
    made: dict[str, str] = {}
    for one in header.removeprefix("OAuth ").split(","):
        name, _, value = one.strip().partition("=")
        if len(value) < 2 or value[0] != '"' or value[-1] != '"' or unquote(name) in made:
            raise Unsigned("not the form of a header")
        made[unquote(name)] = unquote(value[1:-1])
    made.pop("realm", None)
    return made


def _parameters(request: Request) -> list[tuple[str, str]]:
    pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        pairs += parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)
    return pairs
