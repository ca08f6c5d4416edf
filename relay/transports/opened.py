"""Saying once that a transport is open."""

from __future__ import annotations

from collections.abc import Callable


def once(call: Callable[[], None]) -> Callable[[], None]:
    """A call of which only the first does anything."""
    calls = [call]
    return lambda: calls.pop()() if calls else None
