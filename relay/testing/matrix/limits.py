"""How much is allowed in which time.

A homeserver chooses; these are windows in place of Synapse's leaking buckets, with its burst for
logins (5, and one more in about five minutes). Settable at any time.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.model import Instant
from relay.testing.matrix.says import Wait, too_many


@dataclass(slots=True)
class Window:
    """One limit: ``allowed`` in ``lasts_s``, from the first one on."""

    allowed: int
    lasts_s: int
    says: Wait = "both"
    used: int = 0
    ends: Instant = 0

    def take(self, now: Instant) -> None:
        """One more. Raises No."""
        if now >= self.ends:
            self.used, self.ends = 0, now + self.lasts_s
        if self.used >= self.allowed:
            raise too_many(self.ends - now, self.says)
        self.used += 1
