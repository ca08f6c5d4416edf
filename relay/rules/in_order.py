"""What arrived earlier is not dated later, although the steps work on many messages at once.

Of a batch that was taken together one message may be ready before another that came before it, and
a second may begin in between. What is released without a delay would then go out of order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from relay.model import Instant

BATCHES: Final = 64
"""So many batches are remembered: steps overtake within a batch or two, never further."""

RECENT_S: Final = 10
"""Seconds by which a message may be dated back; one that took longer was kept for a reason."""


class InOrder:
    """The instants of one step: one for a batch, unless a later arrival has an earlier one.

    ``before`` are messages that had passed this step when the process began, by their seqs, and
    their instants: of the batches that its end cut in two, the rest goes after them.
    """

    def __init__(self, before: Iterable[tuple[int, Instant]] = ()) -> None:
        self._batches: deque[tuple[int, Instant]] = deque(maxlen=BATCHES)
        passed = sorted(before)
        self._passed = [seq for seq, _ in passed]
        earliest = accumulate((at for _, at in reversed(passed)), min)
        self._from_there_on = list(earliest)[::-1]

    def instants(self, seqs: Sequence[int], now: Instant) -> list[Instant]:
        """The instant of each message of a batch, by their seqs."""
        recent = [(last, at) for last, at in self._batches if 0 <= now - at <= RECENT_S]
        found = [min((at for last, at in recent if seq < last), default=now) for seq in seqs]
        self._batches.append((max(seqs), now))
        return [min(at, self._before(seq, at)) for seq, at in zip(seqs, found, strict=True)]

    def _before(self, seq: int, at: Instant) -> Instant:
        """The earliest instant of those after this one that had passed; its own without any."""
        place = bisect_right(self._passed, seq)
        return self._from_there_on[place] if place < len(self._passed) else at
