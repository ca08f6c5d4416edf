"""Sessions: two tokens, one short and one long, that are both new after each refresh.

Facts: ``packages/pds`` of 20 August 2026 (``auth-verifier.ts``, ``account-manager.ts``): the access
token lasts 120 minutes, the refresh token 90 days; both are JWTs. A token that ran out is 400
ExpiredToken, one that is none is 400 InvalidToken, none at all is 401. The reference server takes
an old refresh token for two more hours (``grace_s`` = 7200) and gives the same new one again; here
an old one is dead at once unless a test sets that, since no client may count on it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from secrets import token_bytes, token_hex
from typing import Final, Literal

from relay.model import Instant
from relay.testing.bluesky.says import invalid, unauthorized

ACCESS_S: Final = 120 * 60
REFRESH_S: Final = 90 * 86_400

Kind = Literal["access", "refresh", "service"]


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """The two tokens of a session."""

    access: str
    refresh: str


@dataclass(slots=True, repr=False)
class _Token:
    kind: Kind
    ends: Instant
    next: Pair | None = None
    to: tuple[str, str | None] = ("", None)


class Sessions:
    """Every token that was given out."""

    def __init__(self, did: str, service: str) -> None:
        self.grace_s = 0
        self._did = did
        self._service = service
        self._secret = token_bytes(32)
        self._tokens: dict[str, _Token] = {}

    def begin(self, now: Instant) -> Pair:
        """A new session."""
        access = self._jwt("at+jwt", "com.atproto.appPass", now, now + ACCESS_S)
        refresh = self._jwt("refresh+jwt", "com.atproto.refresh", now, now + REFRESH_S)
        self._tokens[access] = _Token("access", now + ACCESS_S)
        self._tokens[refresh] = _Token("refresh", now + REFRESH_S)
        return Pair(access, refresh)

    def check(self, authorization: str | None, kind: Kind, now: Instant) -> str:
        """The token of a request, if it is good. Raises No."""
        if authorization is None:
            raise unauthorized("Authentication Required", "AuthMissing")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise invalid("Unexpected authorization type", "InvalidToken")
        found = self._tokens.get(token)
        if found is None:
            raise invalid("Token could not be verified", "InvalidToken")
        if found.kind != kind:
            raise invalid("Bad token scope", "InvalidToken")
        if now >= found.ends:
            said = "Token has expired" if kind == "access" else "Token has been revoked"
            raise invalid(said, "ExpiredToken")
        return token

    def refresh(self, token: str, now: Instant) -> Pair:
        """New tokens for a refresh token that was checked; the same ones again in its grace."""
        found = self._tokens[token]
        if found.next is None:
            found.next = self.begin(now)
            found.ends = min(found.ends, now + self.grace_s)
        return found.next

    def for_service(self, aud: str, lxm: str | None, now: Instant, ends: Instant) -> str:
        """A token by which one service asks another in the account's name: for one method, or for
        any."""
        token = self._jwt("JWT", lxm or "", now, ends)
        self._tokens[token] = _Token("service", ends, to=(aud, lxm))
        return token

    def service(self, token: str) -> tuple[str, str | None]:
        """To whom a token is, and for which method."""
        return self._tokens[token].to

    def end(self, token: str) -> None:
        """A session is over: its refresh token is worth nothing any more."""
        self._tokens[token].ends = 0

    def expire(self) -> None:
        """Every access token has run out; a refresh works."""
        self._end("access")

    def revoke(self) -> None:
        """No token is worth anything any more."""
        self._end("access")
        self._end("refresh")

    def _end(self, kind: Kind) -> None:
        for one in self._tokens.values():
            if one.kind == kind:
                one.ends = 0

    def _jwt(self, typ: str, scope: str, now: Instant, ends: Instant) -> str:
        """RFC 7519, signed with HS256 (RFC 7518, 3.2)."""
        head = {"typ": typ, "alg": "HS256"}
        claims = {
            "scope": scope,
            "sub": self._did,
            "aud": self._service,
            "jti": token_hex(16),
            "iat": now,
            "exp": ends,
        }
        text = f"{_base64(json.dumps(head).encode())}.{_base64(json.dumps(claims).encode())}"
        return f"{text}.{_base64(hmac.digest(self._secret, text.encode(), hashlib.sha256))}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
