"""Who is signed in. A session is 32 random bytes, of which only the digest is kept, in memory.

Another process, another core: everybody signs in anew. Times are the loop's own, which no clock
that is set moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

import trio

from relay.wire import primitives
from relay.wire.primitives import KEY

PER_USER: Final = 8
"""Browsers of one person; signing in in another one ends the session that was used least lately."""


@dataclass(slots=True, repr=False)
class Session:
    """``began`` and ``used`` in seconds of the loop's clock."""

    handle: str
    roles: frozenset[str]
    began: float
    used: float
    ended: bool = False


class Sessions:
    """The sessions of one desk. ``idle_s``: who does nothing for so long is signed out;
    ``longest_s``: everybody is."""

    def __init__(self, idle_s: float, longest_s: float) -> None:
        self._idle_s = idle_s
        self._longest_s = longest_s
        self._by_digest: dict[bytes, Session] = {}

    def begin(self, handle: str, roles: frozenset[str]) -> str:
        """A new session, in hexadecimal digits: nobody else knows it, nor do we."""
        self.forget_ended()
        theirs = [key for key, one in self._by_digest.items() if one.handle == handle]
        theirs.sort(key=lambda key: self._by_digest[key].used)
        self._end(theirs[: 1 - PER_USER])
        secret, now = token_bytes(KEY), trio.current_time()
        self._by_digest[primitives.digest(secret)] = Session(handle, roles, now, now)
        return secret.hex()

    def of(self, said: object, *, used: bool = True) -> Session | None:
        """The session that somebody says they have; None if there is none, or if it has ended.
        ``used``: its person has done something just now."""
        session = self._by_digest.get(_digest_of(said))
        if session is None or not self.is_alive(session):
            return None
        if used:
            session.used = trio.current_time()
        return session

    def left_s(self, session: Session) -> float:
        """Seconds until it ends, if nothing is done in it."""
        now = trio.current_time()
        return min(session.used + self._idle_s, session.began + self._longest_s) - now

    def is_alive(self, session: Session) -> bool:
        """Whether it has not ended."""
        return not session.ended and self.left_s(session) > 0

    def end(self, said: object) -> None:
        """End the session that somebody says they have."""
        key = _digest_of(said)
        self._end([key] if key in self._by_digest else [])

    def end_all_of(self, handle: str) -> None:
        """End every session of a user."""
        self._end([key for key, one in self._by_digest.items() if one.handle == handle])

    def forget_ended(self) -> None:
        """Let go of those whose time is over."""
        self._end([key for key, one in self._by_digest.items() if not self.is_alive(one)])

    def roles(self) -> frozenset[str]:
        """The roles of everybody who is signed in, together."""
        alive = (one for one in self._by_digest.values() if self.is_alive(one))
        return frozenset(role for one in alive for role in one.roles)

    def _end(self, keys: Iterable[bytes]) -> None:
        for key in keys:
            self._by_digest.pop(key).ended = True


def _digest_of(said: object) -> bytes:
    """What is kept of a session; empty for what can be none."""
    if not isinstance(said, str) or len(said) != 2 * KEY:
        return b""
    try:
        return primitives.digest(bytes.fromhex(said))
    except ValueError:
        return b""
