"""When to try again: a pure function of how often, and of a seed.

30 s doubling to one hour, full jitter: the wait is anywhere in the upper half of the step, so that
deliveries that failed together do not come back together. There is no last try; age decides.
"""

from __future__ import annotations

import random

from relay.model import Instant

FIRST_S = 30
LONGEST_S = 3600
LONGEST_REST_S = 6 * LONGEST_S
"""However long a platform says: its word may be a mistake, and a clock may be wrong."""


def next_due(tries: int, now: Instant, seed: bytes) -> Instant:
    """The instant of the next try after ``tries`` (from 1) that ended with later."""
    step = min(LONGEST_S, FIRST_S * 2 ** min(tries - 1, 10))
    chance = random.Random(seed + tries.to_bytes(4, "big"))  # a value, not a secret
    return int(now + step // 2 + chance.randrange(step // 2 + 1))


def obeyed(not_before: Instant | None, own: Instant, now: Instant) -> Instant:
    """The due time where a platform named one: never earlier, and at most six hours away."""
    if not_before is None:
        return own
    return min(max(not_before, now + 1), now + LONGEST_REST_S)


def pause_s(tries: int, longest_s: float, drawn: float) -> float:
    """Seconds until what failed ``tries`` times (from 1) without an answer is tried again: 1 s
    doubling to ``longest_s``, anywhere in the upper half of the step. ``drawn``: from 0 to 1."""
    step = min(longest_s, 2.0 ** min(tries - 1, 20))
    return step / 2 + step / 2 * drawn
