"""Google's OAuth endpoints: a code for a login, tokens for a code, a new token for an old one.

Written from developers.google.com/identity/protocols/oauth2/native-app (loopback redirect, PKCE of
RFC 7636) and RFC 6749; no schema of these endpoints is published. An access token lives for an
hour. A refresh token lives until it is revoked, or for seven days while the consent screen of its
project is in testing (``refresh_life_s``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Fault, Request
from relay.testing.shapes import Record, Text, typed

LIFE_S: Final = 3600
CODE_LIFE_S: Final = 600
TESTING_S: Final = 7 * 86_400
MAX_TOKENS: Final = 10_000

_CLIENT: Final = {"client_id": Text(least=1), "client_secret": Text(least=1)}
_VERIFIER: Final = Text(form=r"[A-Za-z0-9._~-]{43,128}")
GRANTS: Final = {
    "refresh_token": Record(
        need=_CLIENT | {"grant_type": Text(), "refresh_token": Text(least=1)},
        may={"scope": Text()},
    ),
    "authorization_code": Record(
        need=_CLIENT | {"grant_type": Text(), "code": Text(least=1), "redirect_uri": Text(least=1)},
        may={"code_verifier": _VERIFIER, "scope": Text()},
    ),
}
LOGIN: Final = Record(
    need={
        "client_id": Text(least=1),
        "redirect_uri": Text(form=r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^?#]*)?"),
        "response_type": Text(among=("code",)),
        "scope": Text(least=1),
    },
    may={
        "code_challenge": Text(form=r"[A-Za-z0-9._~-]{43,128}"),
        "code_challenge_method": Text(among=("plain", "S256")),
        "state": Text(),
        "login_hint": Text(),
        "access_type": Text(among=("online", "offline")),
        "prompt": Text(form=r"(none|consent|select_account)( (consent|select_account))?"),
        "include_granted_scopes": Text(among=("true", "false")),
    },
)


@dataclass(frozen=True, slots=True, repr=False)
class _Code:
    """A code that waits to be turned into tokens."""

    challenge: str
    method: str
    redirect: str
    scopes: frozenset[str]
    until: Instant


class _Wrong(Exception):
    """An error of the token endpoint, in its words."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.error = error
        self.description = description
        self.status = status
        super().__init__(error)


class Tokens:
    """The logins of one account with one client.

    ``refresh_token`` is what an operator's login gave; ``token`` an access token that is good now.
    Settable: ``agrees`` (whether the owner says yes at the next login), ``refresh_life_s`` (None:
    without end), ``closed`` (the account is disabled).
    """

    def __init__(self, clock: Clock, scopes: frozenset[str]) -> None:
        self.client_id = f"{token_urlsafe(12)}.apps.googleusercontent.com"
        self.client_secret = f"GOCSPX-{token_urlsafe(21)}"
        self.scopes = scopes
        self.agrees = True
        self.closed = False
        self.refresh_life_s: int | None = None
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, tuple[frozenset[str], Instant]] = {}
        self._access: dict[str, tuple[frozenset[str], Instant]] = {}
        self.refresh_token = self._login(scopes)
        self.token = self._opened(scopes)

    def expire(self) -> None:
        """Every access token has run out; refresh tokens work."""
        self._access.clear()

    def renew(self) -> str:
        """A new access token, as a refresh gives one."""
        return self._opened(self.scopes)

    def revoke(self) -> None:
        """Nothing works until the owner logs in again."""
        self._access.clear()
        self._refresh.clear()

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """What an access token is good for; None if it is good for nothing."""
        scopes, until = self._access.get(token, (frozenset(), 0))
        return scopes if until > self._clock.now() and not self.closed else None

    def login(self, request: Request) -> Fault:
        """The page on which the owner says yes, which is done at once: back to ``redirect_uri``."""
        said = typed(parse_qsl(urlsplit(request.target).query, keep_blank_values=True), LOGIN)
        if list(LOGIN.flaws(said)) or said["client_id"] != self.client_id:
            return Fault(400, {"Content-Type": "text/html"}, b"<h1>Error 400</h1>", made=True)
        back = {"state": said["state"]} if "state" in said else {}
        if not self.agrees or self.closed:
            back["error"] = "access_denied"
        else:
            back |= {"code": self._code(said), "scope": said["scope"]}
        where = f"{said['redirect_uri']}?{urlencode(back)}"
        return Fault(302, {"Location": where}, b"", made=True)

    def answer(self, request: Request) -> Fault:
        """What the token endpoint answers."""
        try:
            made, status = self._granted(request), 200
        except _Wrong as wrong:
            made = {"error": wrong.error, "error_description": wrong.description}
            status = wrong.status
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
            "Pragma": "no-cache",
        }
        return Fault(status, headers, json.dumps(made, indent=2).encode(), made=True)

    def _granted(self, request: Request) -> dict[str, object]:
        said = _form(request)
        if said["client_id"] != self.client_id:
            raise _Wrong("invalid_client", "The OAuth client was not found.", 401)
        if said["client_secret"] != self.client_secret:
            raise _Wrong("invalid_client", "Unauthorized", 401)
        if self.closed:
            raise _Wrong("invalid_grant", "Account has been deleted")
        if said["grant_type"] == "refresh_token":
            scopes, until = self._refresh.get(said["refresh_token"], (frozenset[str](), 0))
            if until <= self._clock.now():
                raise _Wrong("invalid_grant", "Token has been expired or revoked.")
            return self._made(scopes)
        scopes = self._proven(said)
        self.refresh_token = self._login(scopes)
        made = self._made(scopes) | {"refresh_token": self.refresh_token}
        if self.refresh_life_s is not None:
            made["refresh_token_expires_in"] = self.refresh_life_s
        return made

    def _proven(self, said: dict[str, str]) -> frozenset[str]:
        """What a code is good for, which it is once. Raises _Wrong."""
        code = self._codes.pop(said["code"], None)
        if code is None or code.until <= self._clock.now():
            raise _Wrong("invalid_grant", "Malformed auth code.")
        if code.redirect != said["redirect_uri"]:
            raise _Wrong("redirect_uri_mismatch", "Bad Request")
        verifier = said.get("code_verifier", "")
        if code.challenge and not verifier:
            raise _Wrong("invalid_grant", "Missing code verifier.")
        if code.challenge and challenge(verifier, code.method) != code.challenge:
            raise _Wrong("invalid_grant", "Invalid code verifier.")
        return code.scopes

    def _made(self, scopes: frozenset[str]) -> dict[str, object]:
        return {
            "access_token": self._opened(scopes),
            "expires_in": LIFE_S - 1,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
        }

    def _opened(self, scopes: frozenset[str]) -> str:
        if len(self._access) >= MAX_TOKENS:
            self._access.pop(next(iter(self._access)))
        self.token = f"ya29.{token_urlsafe(48)}"
        self._access[self.token] = (scopes, self._clock.now() + LIFE_S)
        return self.token

    def _login(self, scopes: frozenset[str]) -> str:
        token = f"1//{token_urlsafe(48)}"
        life_s = 10**9 if self.refresh_life_s is None else self.refresh_life_s
        self._refresh[token] = (scopes, self._clock.now() + life_s)
        return token

    def _code(self, said: dict[str, object]) -> str:
        code = f"4/{token_urlsafe(40)}"
        self._codes[code] = _Code(
            challenge=str(said.get("code_challenge", "")),
            method=str(said.get("code_challenge_method", "plain")),
            redirect=str(said["redirect_uri"]),
            scopes=frozenset(str(said["scope"]).split()),
            until=self._clock.now() + CODE_LIFE_S,
        )
        return code


def challenge(verifier: str, method: str) -> str:
    """What a verifier shows before it is told (RFC 7636, 4.2)."""
    if method == "plain":
        return verifier
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _form(request: Request) -> dict[str, str]:
    """The form of a request to the token endpoint. Raises _Wrong."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = request.body.decode("latin-1") if kind == "application/x-www-form-urlencoded" else ""
    said = dict(parse_qsl(body, keep_blank_values=True))
    table = GRANTS.get(said.get("grant_type", ""))
    if table is None:
        raise _Wrong("unsupported_grant_type", "Invalid grant_type")
    for flaw in table.flaws(said):
        if flaw.rule in ("missing", "least"):
            raise _Wrong("invalid_request", f"Missing required parameter: {flaw.name}")
        if flaw.rule == "unknown":
            name = re.sub(r"[^\w.-]", "", flaw.name)
            raise _Wrong("invalid_request", f"Parameter not allowed for this message type: {name}")
        raise _Wrong("invalid_grant", f"Invalid {flaw.name.replace('_', ' ')}.")
    return said
