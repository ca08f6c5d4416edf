"""What the process of the links says, before the core believes it.

It reads what anybody sends from anywhere. One that was taken over can keep batches to itself and
tell lies about its links; it cannot name what is not there, end the core with a number that no disk
takes, write over an operator's screen, or fill the core's memory.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from relay.errors import Damaged
from relay.node.said import plain
from relay.wire import frames

MOST_COUNT: Final = 100_000_000
"""Of those who were turned away between two reports."""

STATES: Final = frozenset({"works", "login", "blocked"})
"""What a link says of itself."""


def believed(frame: Any, links: Collection[str], peers: Collection[str]) -> Any:
    """The frame, as it may go on; ``links`` and ``peers`` are those of the settings. Raises Damaged
    for what no links of ours say."""
    match frame:
        case frames.Crossed():
            _must(frame.how != "durable" or frame.back is not None)
            return replace(frame, why=plain(frame.why))
        case frames.Arrived():
            _must(frame.link in links and frame.peer in peers)
        case frames.TurnedAway():
            _must(frame.link in links and 0 <= frame.count <= MOST_COUNT)
        case frames.LinkOpen():
            _must(frame.name in links)
        case frames.Routed():
            _must(frame.destination in links)
        case frames.Fares():
            _must(frame.name in links and frame.state in STATES)
            return replace(frame, why=plain(frame.why))
    return frame


def _must(holds: bool) -> None:
    if not holds:
        raise Damaged
