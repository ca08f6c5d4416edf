"""The one account of a server and its sessions.

Facts: ``lib/auth/oauth.ts`` of the server. A login gives an access token for a day and a refresh
token for two weeks; a refresh ends the old pair and gives a new one; logins are limited to 15 in
five minutes, for each address. A user who is blocked loses every session.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final
from urllib.parse import parse_qsl

from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Fault, Request
from relay.testing.peertube import says, tables
from relay.testing.peertube.says import No

ACCESS_S: Final = 86_400
REFRESH_S: Final = 14 * 86_400
LOGINS: Final = 15
LOGINS_S: Final = 300
MAX_SESSIONS: Final = 10_000


@dataclass(frozen=True, slots=True, repr=False)
class _Session:
    access: str
    refresh: str
    access_until: Instant
    refresh_until: Instant


class Accounts:
    """Who may log in, and who is logged in. ``blocked``: the moderators blocked the user."""

    def __init__(self, clock: Clock) -> None:
        self.client_id = token_hex(16)
        self.client_secret = token_hex(16)
        self.user = f"relay{token_hex(3)}"
        self.password = token_hex(12)
        self.blocked = False
        self.logins_allowed = LOGINS
        self._clock = clock
        self._counted: Counter[Instant] = Counter()
        self._sessions: dict[str, _Session] = {}
        self.last = self._opened()

    def expire(self) -> None:
        """Every access token has run out; refresh tokens work."""
        now = self._clock.now()
        for one in self._sessions.values():
            ended = _Session(one.access, one.refresh, now, one.refresh_until)
            self._sessions[one.refresh] = ended

    def revoke(self) -> None:
        """Every session is over; a login works."""
        self._sessions.clear()

    def block(self) -> None:
        """The moderators block the user: no session, no login."""
        self.blocked = True
        self.revoke()

    def admit(self, request: Request) -> None:
        """Raise No unless a token was said that is good."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise No(401, "Token is invalid", "unauthorized_request")
        now = self._clock.now()
        if not any(
            one.access == token and one.access_until > now for one in self._sessions.values()
        ):
            raise No(401, "Token is invalid", "invalid_token")

    def token(self, request: Request) -> Fault:
        """What ``users/token`` answers. Raises No."""
        now = self._clock.now()
        window = now // LOGINS_S
        self._counted[window] += 1
        if self._counted[window] > self.logins_allowed:
            return says.limited(self.logins_allowed, (window + 1) * LOGINS_S, now)
        said = self._said(request)
        if said["grant_type"] == "password":
            self._know(said["username"], said["password"])
        else:
            self._end(said["refresh_token"])
        self.last = self._opened()
        given = {
            "token_type": "Bearer",
            "access_token": self.last.access,
            "refresh_token": self.last.refresh,
            "expires_in": ACCESS_S,
            "refresh_token_expires_in": REFRESH_S,
        }
        return says.answer(given, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    def _said(self, request: Request) -> dict[str, Any]:
        if tables.content_type(request) != "application/x-www-form-urlencoded":
            message = "Invalid request: content must be application/x-www-form-urlencoded"
            raise No(400, message, "invalid_request")
        said = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
        table = tables.GRANTS.get(said.get("grant_type", ""))
        client = (said.get("client_id"), said.get("client_secret"))
        if client != (self.client_id, self.client_secret):
            raise No(400, "Invalid client: client is invalid", "invalid_client")
        if table is None:
            message = "Unsupported grant type: `grant_type` is invalid"
            raise No(400, message, "unsupported_grant_type")
        for flaw in table.flaws(said):
            missing = flaw.rule in ("missing", "least")
            what = "Missing" if missing else "Unknown"
            raise No(400, f"{what} parameter: `{flaw.name}`", "invalid_request")
        return said

    def _know(self, user: str, password: str) -> None:
        if user.lower() != self.user or password != self.password:
            message = "Invalid grant: user credentials are invalid"
            raise No(400, message, "invalid_grant")
        if self.blocked:
            raise No(400, "User is blocked.", "access_denied")

    def _end(self, refresh: str) -> None:
        """End the session that a refresh token belongs to. Raises No."""
        one = self._sessions.pop(refresh, None)
        if one is None or one.refresh_until <= self._clock.now():
            message = "Invalid grant: refresh token is invalid"
            raise No(400, message, "invalid_grant")

    def _opened(self) -> _Session:
        if len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        now = self._clock.now()
        made = _Session(token_hex(20), token_hex(20), now + ACCESS_S, now + REFRESH_S)
        self._sessions[made.refresh] = made
        return made
