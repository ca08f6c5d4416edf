"""How what a window held back goes out again: in which order, and how fast."""

from __future__ import annotations

from dataclasses import dataclass

from relay.ports import First
from relay.rules.windows import Window


@dataclass(frozen=True, slots=True)
class Release:
    """What follows a window: the oldest or the newest first, at most one each ``every_s`` seconds
    (0: as fast as it goes). ``owed_s`` is the pace of a release that this one took the place of
    before it was over."""

    window: str
    first: First = "oldest"
    every_s: float = 0.0
    owed_s: float = 0.0

    @property
    def pace_s(self) -> float:
        """At least so many seconds lie between two beginnings."""
        return max(0.0, self.every_s, self.owed_s)

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked for an order or a pace that would not be there by itself."""
        return self.first != "oldest" or self.pace_s > 0


def release_after(window: Window, before: Release | None) -> Release:
    """What follows this window, if ``before`` was to come or is not over yet.

    The order is that of the later window, the pace that of the slower one: who asked for it has
    not been given it yet. What a platform says of itself is no wish of the operator's, so that it
    changes neither.
    """
    if before is not None and window.learned and before.window != window.name:
        return before
    owed_s = 0.0
    if before is not None:
        owed_s = before.owed_s if before.window == window.name else before.pace_s
    return Release(window.name, window.first, window.every_s, owed_s)
