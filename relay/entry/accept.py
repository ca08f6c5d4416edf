"""Takes an arrival in: limits, strip, seal, put, and only then yes.

All channels of one arrival go in one put, so they are durable together or not at all: a mail to
two channels gets one answer, and that answer must be true for both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from relay.entry.limits import Limits
from relay.entry.seal import LIFE_S, SealedRow, seal_row
from relay.entry.strip import EntrySecrets, strip
from relay.model import Arrival, Verdict
from relay.ports import Clock
from relay.wire.epochs import EpochPublic
from relay.wire.frames import MOST_ROWS

Put = Callable[[Sequence[SealedRow]], Awaitable[Verdict]]
"""Makes rows durable in one transaction; TAKEN or KNOWN once they are, else BUSY or FULL."""

_YES = (Verdict.TAKEN, Verdict.KNOWN)


class Accept:
    """``ports.TakeIn`` of a door."""

    def __init__(
        self,
        secrets: EntrySecrets,
        recipients: Sequence[EpochPublic],
        clock: Clock,
        put: Put,
        limits: Limits | None = None,
        life_s: int = LIFE_S,
    ) -> None:
        self._clock = clock
        self._put = put
        self._limits = limits or Limits({})
        self._life_s = life_s
        self.renew(secrets, recipients)

    def renew(self, secrets: EntrySecrets, recipients: Sequence[EpochPublic]) -> None:
        """Use other keys from the next arrival on: a day ended, or an exit has new epochs."""
        self._secrets = secrets
        self._recipients = tuple(recipients)

    async def __call__(self, arrival: Arrival) -> Verdict:
        """The answer to an arrival. Without a key to seal to it is BUSY; nothing waits unsealed."""
        if not self._recipients:
            return Verdict.BUSY
        if not 1 <= len(arrival.channels) <= MOST_ROWS:
            return Verdict.REFUSED
        now = self._clock.now()
        entered = self._limits.enter(arrival, now)
        if entered is None:
            return Verdict.BUSY
        verdict = Verdict.BUSY
        try:
            rows = [
                seal_row(submission, self._recipients, now, self._life_s)
                for submission in strip(entered, self._secrets)
            ]
            verdict = await self._put(rows)
        finally:
            if verdict not in _YES:
                self._limits.leave(entered, now)
        return verdict
