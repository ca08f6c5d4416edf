"""OAuth 2.0 as X does it: a code for a pair of tokens, and each refresh a new pair.

Facts: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE": forms to ``/2/oauth2/token``, a
public client names itself in the form, a confidential one by HTTP Basic; an access token lives two
hours. That a refresh token dies with its use is what its users report (gptme-contrib 285).
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final

from relay.model import Instant
from relay.testing.loopback import Fault
from relay.testing.shapes import Record, Tagged, Text
from relay.testing.x import says

LIVES_S: Final = 7200
CODE_LIVES_S: Final = 30
SCOPES: Final = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")

TOKEN: Final = Tagged(
    "grant_type",
    {
        "refresh_token": Record(
            need={"grant_type": Text(), "refresh_token": Text(least=1)},
            may={"client_id": Text()},
        ),
        "authorization_code": Record(
            need={
                "grant_type": Text(),
                "code": Text(least=1),
                "redirect_uri": Text(least=1),
                "code_verifier": Text(least=1, most=128),
            },
            may={"client_id": Text()},
        ),
    },
)
AUTHORIZE: Final = Record(
    need={
        "response_type": Text(among=["code"]),
        "client_id": Text(),
        "redirect_uri": Text(least=1),
        "scope": Text(least=1),
        "state": Text(least=1, most=500),
        "code_challenge": Text(least=1),
    },
    may={"code_challenge_method": Text(among=["plain", "S256"])},
)


@dataclass(frozen=True, slots=True, repr=False)
class Consent:
    """What a person agreed to: a code that is used once, soon, by who began."""

    challenge: str
    method: str
    redirect: str
    scopes: tuple[str, ...]
    until: Instant


@dataclass(slots=True, repr=False)
class Tokens:
    """Every token of the one account. ``token`` and ``refresh`` are the newest pair."""

    confidential: bool = False
    client_id: str = field(default_factory=lambda: token_urlsafe(24))
    client_secret: str = field(default_factory=lambda: token_urlsafe(36))
    token: str = ""
    refresh: str = ""
    scopes: tuple[str, ...] = SCOPES
    live: dict[str, Instant] = field(default_factory=dict)
    consents: dict[str, Consent] = field(default_factory=dict)

    def issue(self, now: Instant) -> None:
        """A new pair; the refresh token before it is dead, its access token is not."""
        self.token, self.refresh = token_urlsafe(48), token_urlsafe(48)
        self.live = {old: until for old, until in self.live.items() if until > now}
        self.live[self.token] = now + LIVES_S

    def expire(self) -> None:
        """Every access token has run out."""
        self.live.clear()

    def revoke(self) -> None:
        """Nothing works any more until somebody agrees again."""
        self.live.clear()
        self.refresh = ""

    def good(self, token: str, now: Instant) -> bool:
        """Whether an access token is to be believed."""
        return self.live.get(token, 0) > now

    def agreed(self, said: dict[str, Any], now: Instant) -> str:
        """The person says yes: a code. ``said`` fits ``AUTHORIZE``."""
        code = token_urlsafe(32)
        method = said.get("code_challenge_method", "plain")
        scopes = tuple(said["scope"].split())
        redirect, until = said["redirect_uri"], now + CODE_LIVES_S
        self.consents = {code: Consent(said["code_challenge"], method, redirect, scopes, until)}
        return code

    def asked(self, said: dict[str, Any], authorization: str, now: Instant) -> Fault:
        """A request for a pair. Raises No."""
        if flaws := list(TOKEN.flaws(said)):
            raise says.No(_refused(f"Invalid or missing parameter: {flaws[0].name}"))
        self._client(said, authorization)
        if said["grant_type"] == "refresh_token":
            if not self.refresh or said["refresh_token"] != self.refresh:
                raise says.No(_refused("Value passed for the token was invalid."))
        else:
            self._redeem(said, now)
        self.issue(now)
        made = {
            "token_type": "bearer",
            "expires_in": LIVES_S,
            "access_token": self.token,
            "scope": " ".join(self.scopes),
        }
        if "offline.access" not in self.scopes:
            self.refresh = ""
        return says.answer(made | ({"refresh_token": self.refresh} if self.refresh else {}))

    def taken_back(self, said: dict[str, str]) -> Fault:
        """A request to forget a token; the refresh token takes the others with it."""
        if said.keys() != {"token", "client_id"} or said["client_id"] != self.client_id:
            raise says.No(_refused("Missing required parameter [token] or [client_id]"))
        if said["token"] == self.refresh:
            self.revoke()
        self.live.pop(said["token"], None)
        return says.answer({"revoked": True})

    def _client(self, said: dict[str, Any], authorization: str) -> None:
        if self.confidential:
            if _basic(authorization) != f"{self.client_id}:{self.client_secret}":
                raise says.No(_refused("Missing valid authorization header", 401))
        elif said.get("client_id") != self.client_id:
            raise says.No(_refused("Value passed for the client id was invalid."))

    def _redeem(self, said: dict[str, Any], now: Instant) -> None:
        consent = self.consents.pop(said["code"], None)
        verifier = said["code_verifier"]
        if consent and consent.method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            consent is None
            or consent.until <= now
            or consent.redirect != said["redirect_uri"]
            or consent.challenge != verifier
        ):
            raise says.No(_refused("Value passed for the authorization code was invalid."))
        self.scopes = consent.scopes


def _refused(why: str, status: int = 400) -> Fault:
    error = "invalid_request" if status == 400 else "unauthorized_client"
    made = says.answer({"error": error, "error_description": why}, status)
    return Fault(status, made.headers, made.body)


def _basic(authorization: str) -> str:
    try:
        return b64decode(authorization.removeprefix("Basic "), validate=True).decode()
    except ValueError:
        return ""
