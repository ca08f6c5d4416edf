"""Devices and their tokens.

Facts: spec.matrix.org, client-server API, sections on relationship between access tokens and
devices, refreshing access tokens, soft logout. A login with a device that is known ends the tokens
it had. An old refresh token works until a new token is used. ``lasts_s``: how long an access token
lasts for a client that knows how to refresh (300 s where Synapse is left as it is); others last.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex, token_urlsafe
from typing import Any

from relay.model import Instant
from relay.testing.matrix.says import No, unknown_token


@dataclass(slots=True, repr=False)
class _Session:
    """One access token, and the refresh token that came with it."""

    device: str
    access: str
    refresh: str | None
    ends: Instant | None
    before: str | None = None
    """The refresh token that this one came from: dead from the first use on."""


class Devices:
    """All of them, of one account."""

    def __init__(self) -> None:
        self.lasts_s = 300
        self._sessions: dict[str, _Session] = {}
        self._refreshes: dict[str, str] = {}
        self._dead: set[str] = set()

    def begin(
        self, device: str | None, now: Instant, *, refreshes: bool, before: str | None = None
    ) -> dict[str, Any]:
        """A new access token for a device, one that is known or not. Gives the answer."""
        device = device or token_hex(5).upper()
        if before is None:
            self.end(device)
        access = f"syt_{token_urlsafe(24)}"
        refresh = f"syr_{token_urlsafe(24)}" if refreshes else None
        ends = now + self.lasts_s if refreshes else None
        self._sessions[access] = _Session(device, access, refresh, ends, before)
        made: dict[str, Any] = {"access_token": access, "device_id": device}
        if refresh:
            self._refreshes[refresh] = device
            made |= {"refresh_token": refresh, "expires_in_ms": self.lasts_s * 1000}
        return made

    def check(self, authorization: str | None, now: Instant) -> str:
        """The device of a request whose access token is good. Raises No."""
        scheme, _, access = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not access:
            raise No(401, "M_MISSING_TOKEN", "Missing access token")
        session = self._sessions.get(access)
        if session is None:
            raise unknown_token("Unrecognised access token.", soft=False)
        if session.ends is not None and now >= session.ends:
            raise unknown_token("Access token has expired", soft=True)
        self._used(session)
        return session.device

    def refresh(self, refresh: str, now: Instant) -> dict[str, Any]:
        """New tokens for a refresh token. Raises No."""
        device = self._refreshes.get(refresh)
        if device is None or refresh in self._dead:
            raise unknown_token("Invalid refresh token", soft=False)
        for session in list(self._sessions.values()):
            if session.refresh == refresh:
                self._used(session)
            elif session.before == refresh:  # its answer was lost, and it was never used
                self._drop(session)
        made = self.begin(device, now, refreshes=True, before=refresh)
        del made["device_id"]
        return made

    def end(self, device: str) -> None:
        """No token of this device is good any more."""
        for session in list(self._sessions.values()):
            if session.device == device:
                self._drop(session)
        for refresh, of in list(self._refreshes.items()):
            if of == device:
                del self._refreshes[refresh]

    def expire(self) -> None:
        """Every access token has run out: a refresh works, or a login with the same device."""
        for session in self._sessions.values():
            session.ends = 0

    def revoke(self) -> None:
        """No token is good any more."""
        self._sessions.clear()
        self._refreshes.clear()

    def _used(self, session: _Session) -> None:
        if session.before is not None:
            self._dead.add(session.before)
            session.before = None

    def _drop(self, session: _Session) -> None:
        self._sessions.pop(session.access, None)
        self._refreshes.pop(session.refresh or "", None)
