"""What a door says, before the core believes it: counts that can be, and reasons for one line.

A door reads what anybody sends from anywhere. One that was taken over can tell lies about its ways
in; it cannot end the core with a number that no disk takes, or write over an operator's screen.
Frames have the right types by the time they are here (``relay.wire.pack``); a Put is judged by the
spool, and by the seal of what is in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from relay.errors import Damaged
from relay.node.said import plain
from relay.wire import frames

MOST_COUNT: Final = 100_000_000
"""Of anything that a door counts between two reports, or in a month."""

MOST_TIME: Final = 1 << 40
MOST_NAME: Final = 64
"""Characters of a name; relay.toml allows half of that."""

STATES: Final = frozenset({"works", "login", "blocked", "spent"})
"""What a way in says of itself."""


def believed(frame: Any) -> Any:
    """The frame, as it may go on. Raises Damaged for what no door of ours says."""
    match frame:
        case frames.Open():
            _count(frame.of)
        case frames.Heard():
            _count(frame.turned_away, frame.service)
        case frames.Answered():
            _count(frame.answered, frame.capped, frame.failed)
        case frames.AnswersUsed():
            _count(frame.today, frame.this_month)
            _must(0 <= frame.day <= MOST_TIME and 0 <= frame.month <= MOST_TIME)
        case frames.Fares():
            _must(frame.state in STATES)
    if isinstance(frame, frames.Open | frames.Heard | frames.Fares | frames.AnswersUsed):
        _must(len(frame.name) <= MOST_NAME and frame.name.isprintable())
    if isinstance(frame, frames.Fares | frames.Certificate | frames.TriedWay):
        return replace(frame, why=plain(frame.why))
    return frame


def _count(*counts: int) -> None:
    _must(all(0 <= one <= MOST_COUNT for one in counts))


def _must(holds: bool) -> None:
    if not holds:
        raise Damaged
