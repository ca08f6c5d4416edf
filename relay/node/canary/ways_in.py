"""A line on its way in: written by a door, durable, opened, read, and known again.

Only a hash of it stays here; the line itself is in no file and in no log. What comes late is known
as well, and so is what comes after a restart, by the key of the lines.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import trio

from relay.node import said
from relay.node.canary.result import Came, Failed, Result, Waits
from relay.wire import frames
from relay.wire.canary import digest_of, is_line_of, new_line

MOST_UNDER_WAY: Final = 1000
"""Lines that are waited for; the oldest is forgotten first, and ends silently when it comes."""

LOCKED: Final = "it is taken and durable; while exit.key is locked no more can be seen"

TellDoor = Callable[[object], Awaitable[bool]]
"""Tells a door; False if none is there."""


@dataclass(slots=True, repr=False, eq=False)
class _Line:
    """One that is under way. ``late``: nobody waits for it any more."""

    name: str
    began: float
    taken: trio.Event = field(default_factory=trio.Event)
    why: str = ""
    came: trio.Event = field(default_factory=trio.Event)
    took_s: float = 0.0
    late: bool = False
    seen_in_part: bool = False


class WaysIn:
    """``locked``: whether nothing is opened now.
    ``came_late`` is called with the name and the seconds of one that came afterwards; None of
    these, where it was waiting for exit.key."""

    def __init__(
        self,
        key: bytes,
        tell: TellDoor,
        locked: Callable[[], bool],
        came_late: Callable[[str, float | None], None],
    ) -> None:
        self._key = key
        self._tell = tell
        self._locked = locked
        self._came_late = came_late
        self._lines: OrderedDict[bytes, _Line] = OrderedDict()
        self._by_n: dict[int, _Line] = {}
        self._n = 0

    async def tried(self, name: str, within_s: float) -> Result:
        """Write to a transport, and wait for it so many seconds."""
        text = new_line(self._key)
        known_as, line = digest_of(text), _Line(name, trio.current_time())
        self._n += 1
        n = self._n
        self._by_n[n] = self._lines[known_as] = line
        while len(self._lines) > MOST_UNDER_WAY:
            self._lines.popitem(last=False)
        try:
            with trio.move_on_after(within_s):  # also where a door stands still, and hears nothing
                there = await self._tell(frames.TryWay(n, name, text))
                del text
                if there:
                    return await self._through(line)
                line.why = "no door is there"
        finally:
            del self._by_n[n]
            line.late = True
            if line.why:
                self._lines.pop(known_as, None)
        return Failed(line.why or _where(line))

    async def _through(self, line: _Line) -> Result:
        await line.taken.wait()
        if line.why:
            return Failed(line.why)
        if self._locked() and not line.came.is_set():
            line.seen_in_part = True
            return Waits(LOCKED)
        await line.came.wait()
        return Came(line.took_s)

    def told(self, frame: frames.TriedWay) -> None:
        """A door says what came of it."""
        line = self._by_n.get(frame.n)
        if line is not None:
            line.why = said.plain(frame.why)
            line.taken.set()

    def heard(self, transport: str, text: str) -> bool:
        """``exit.naming.Tries``: whether that is a line of ours; it is noted, if so."""
        if not is_line_of(self._key, text):
            return False
        line = self._lines.get(digest_of(text))
        if line is not None and line.name == transport:  # else somebody saw it, and sent it again
            del self._lines[digest_of(text)]
            line.took_s = trio.current_time() - line.began
            line.came.set()
            line.taken.set()  # also where the door that wrote it could not say so any more
            if line.late:
                self._came_late(transport, None if line.seen_in_part else line.took_s)
        return True


def _where(line: _Line) -> str:
    """How far one got that did not come in time."""
    what = "it was taken, and not read" if line.taken.is_set() else "it was not taken"
    return f"{what} in time"
