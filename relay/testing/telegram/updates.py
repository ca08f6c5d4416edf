"""What a bot is told of: updates, kept for a day, until they are confirmed by a later offset."""

from __future__ import annotations

from typing import Any, Final

from relay.model import Instant
from relay.testing.telegram.tables import MAX_UPDATES

KEPT_S: Final = 24 * 3600
MAX_KEPT: Final = 10_000
DEFAULT: Final = frozenset(
    {"message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member"}
)
"""What comes if nothing was said; the rest has to be asked for."""


class Updates:
    """The queue of one bot."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Instant, str, dict[str, Any]]] = []
        self._next = 700_000_001
        self._allowed: frozenset[str] = DEFAULT

    def add(self, kind: str, what: dict[str, Any], now: Instant) -> None:
        """One more, if the bot wants to hear of it."""
        if kind in self._allowed and len(self._waiting) < MAX_KEPT:
            self._waiting.append((self._next, now, kind, what))
            self._next += 1

    def get(
        self, offset: int, limit: int | None, allowed: list[str] | None, before: Instant
    ) -> list[dict[str, Any]]:
        """Those from ``offset`` on that were made until ``before``; those below it are forgotten.
        A negative offset counts from the end."""
        if allowed is not None:
            self._allowed = frozenset(allowed) or DEFAULT
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset > 0:
            self._waiting = [one for one in self._waiting if one[0] >= offset]
        self._waiting = [one for one in self._waiting if one[1] + KEPT_S > before]
        ready = [one for one in self._waiting if one[1] <= before]
        return [
            {"update_id": id, kind: what}
            for id, _, kind, what in ready[: MAX_UPDATES if limit is None else limit]
        ]
