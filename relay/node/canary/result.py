"""How one try ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Came:
    """It came through, after so many seconds."""

    took_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not; why in our own words."""

    why: str


@dataclass(frozen=True, slots=True)
class Waits:
    """It was not tried, or no more can be seen now."""

    why: str


Result = Came | Failed | Waits
