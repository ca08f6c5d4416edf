"""The children of a launcher, and what they leave behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Container
from dataclasses import dataclass, field

STEADY_S = 10.0
"""A child that lived so long before it ended, or fell silent, is started again at once."""

OVERDUE_S = 75.0
"""A relieved door ends in less (``door.py``: twice HAND_OVER_S, FINISH_S and STOP_S)."""


@dataclass(eq=False)
class Kid:
    """A child that runs. Its label is its role, or ``outlet.NAME``."""

    label: str
    pid: int
    beat: int
    since: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    silent: bool = False
    began: bool = False
    """It has beaten: what it had to load is loaded."""
    tired: bool = False
    """It wants another to take its place."""
    relieved: float | None = None
    """When it said first that another has taken its place; it ends what it began."""

    @property
    def role(self) -> str:
        """Core, door, desk, reader, cleaner or outlet."""
        return self.label.partition(".")[0]

    @property
    def alone(self) -> str:
        """The only destination it serves; empty for what is no outlet of its own."""
        return self.label.partition(".")[2]

    @property
    def by_its_work(self) -> bool:
        """Whether what ended it was something that it was given: a reader's or a cleaner's work is
        hostile, and each such end costs whoever writes next no more than the first did."""
        return self.began and self.role in ("reader", "cleaner")

    @property
    def overdue(self) -> bool:
        """Whether it should have ended long ago: the next one waits for it."""
        return self.relieved is not None and time.monotonic() - self.relieved > OVERDUE_S

    @property
    def steady(self) -> bool:
        """Whether it did its work for a while before it ended."""
        return (self.heard if self.silent else time.monotonic()) - self.since > STEADY_S


def end_strays(known: Container[int]) -> bool:
    """End every child of this process that is not known by its pid: what plug-ins have left behind,
    which is ours since ``adopt``. Whether there was any: it may be sending still, and may have
    children that will be ours next. What became another user's (by sudo(8)) we may not end; it is
    left alone, since to wait for it would stop all of the node.

    Their list is that of proc(5), where the kernel keeps it (CONFIG_PROC_CHILDREN).
    """
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as children:
            strays = [pid for pid in map(int, children.read().split()) if pid not in known]
    except OSError:
        return False
    return any([_killed(pid) for pid in strays])


def _killed(pid: int) -> bool:
    """Whether it was there, and ours to kill."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return True  # a moment ago it was
    except PermissionError:
        return False
    return True
