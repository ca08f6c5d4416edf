"""Fallbacks: which destination has a message instead, and after what time.

A channel says "mastodon, else bluesky after 30 min; bluesky, else telegram after an hour". So what
waits for mastodon may go to bluesky after half an hour, and, where bluesky cannot have it either,
to telegram after an hour and a half; what went to bluesky may go on after an hour there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Fallbacks = Mapping[str, tuple[str, int]]
"""Of one channel: by the destination that falls back, where to and after how many seconds."""


@dataclass(frozen=True, slots=True)
class Step:
    """``to`` may have it once it has waited for ``after_s`` (seconds)."""

    to: str
    after_s: int


def steps_of(fallbacks: Fallbacks, name: str) -> tuple[Step, ...]:
    """The steps of what waits for ``name``, the next one first. It ends where it would come back to
    where it was."""
    steps: list[Step] = []
    been, at, after_s = {name}, name, 0
    while at in fallbacks and fallbacks[at][0] not in been:
        at, more_s = fallbacks[at]
        after_s += more_s
        been.add(at)
        steps.append(Step(at, after_s))
    return tuple(steps)
