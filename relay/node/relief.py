"""The launcher's part in replacing a door: which wants to be, and what the next one is given.

A door says with its beats that it wants relief (``TIRED``), and later that it has handed over and
only ends what it began (``RELIEVED``). The listening sockets are the launcher's, so they stay open
all the while: nobody who connects is refused.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from typing import Final

from relay.node.baton import Batons
from relay.node.kids import Kid

AGAIN_S: Final = 30.0
"""Seconds until another is started where the one that was to relieve a door could not: that is no
reason to start many."""

NOBODY: Final = Batons()


class Relief:
    """For every door that lives the end of the pair by which the next one asks it."""

    def __init__(self) -> None:
        self._ends: dict[int, socket.socket] = {}
        self._new: socket.socket | None = None
        self._not_before = 0.0

    def is_wanted(self, kids: Iterable[Kid]) -> bool:
        """Whether a door is to be started beside those that live."""
        doors = _doors(kids)
        if not doors or time.monotonic() < self._not_before:
            return False
        return all(door.relieved is not None for door in doors) or (
            len(doors) == 1 and doors[0].tired
        )

    def broke_down(self) -> None:
        """The one that was to relieve another has ended badly."""
        self._not_before = time.monotonic() + AGAIN_S

    def covers(self, ended: Kid, kids: Iterable[Kid]) -> bool:
        """Whether nobody is missing although this one has ended: another door serves."""
        return ended.role == "door" and any(door.relieved is None for door in _doors(kids))

    def made(self, label: str, kids: Iterable[Kid]) -> Batons:
        """Before a fork: what the new process is given. Raises OSError."""
        if label != "door":
            return NOBODY
        self._new, after = socket.socketpair()
        doors = _doors(kids)
        return Batons(self._ends.get(doors[-1].pid) if doors else None, after)

    def began(self, pid: int) -> None:
        """In the launcher, after the fork."""
        if self._new is not None:
            self._ends[pid], self._new = self._new, None

    def failed(self) -> None:
        """There was no fork."""
        if self._new is not None:
            self._new.close()
            self._new = None

    def in_child(self, batons: Batons) -> None:
        """In the new process: close what is not its own."""
        for end in (self._new, *self._ends.values()):
            if end is not None and end is not batons.before:
                end.close()

    def ended(self, pid: int) -> None:
        """That process is dead."""
        end = self._ends.pop(pid, None)
        if end is not None:
            end.close()


def _doors(kids: Iterable[Kid]) -> list[Kid]:
    """Those that live, the newest last."""
    return sorted((kid for kid in kids if kid.role == "door"), key=lambda kid: kid.since)
