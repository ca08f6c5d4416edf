"""What moved on since it was last asked, for who counts: in memory, of this process, bounded.

Of a message: that it was released, or dropped. Of a delivery: that it was posted. Nothing of it is
on the disk, and it says no more than the rows themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from relay.model import Moved, Queue, Row, Sent, State, What

MOST: Final = 20_000
"""Moves that are kept for who counts them; of more the oldest are not counted."""


class Moving:
    """What nobody has asked for yet."""

    def __init__(self, most: int = MOST) -> None:
        self._moved: deque[Moved] = deque(maxlen=most)

    def add(self, moved: Sequence[Moved]) -> None:
        """A commit has moved these."""
        self._moved.extend(moved)

    def taken(self) -> tuple[Moved, ...]:
        """All of it; the next time there is only what is new."""
        moved = tuple(self._moved)
        self._moved.clear()
        return moved


def moved(was: Row, after: Row) -> Moved | None:
    """What a change is to who counts; None for nothing."""
    what = _what(was, after)
    return what and Moved(what, was.seq, was.name, was.hour, was.state == State.HELD)


def _what(was: Row, after: Row) -> What | None:
    if was.seq != was.root:
        posted = after.state == Sent.POSTED and was.state != Sent.POSTED
        return "posted" if posted and after.queue == Queue.ENDED else None
    if was.queue == Queue.REVIEW and after.queue == Queue.DELIVER:
        return "released"
    ended = after.queue == Queue.ENDED and after.state == State.DROPPED
    return "dropped" if ended and was.queue != Queue.ENDED else None
