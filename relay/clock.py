"""The clocks: the system's, and the node's own, which a jump of that does not move.

The one place that asks the system for the time.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from relay.model import Instant
from relay.ports import Clock
from relay.rules.clock import Belief, accepted, cells

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
"""Another one after each start of the machine (random(4))."""

TOGETHER_S: Final = 0.01
"""Two clocks that were read within this time were read together."""

TRIES: Final = 5

_CELLS: Final = len(Belief.__slots__)
_BASE, _FROZEN = Belief.__slots__.index("base"), Belief.__slots__.index("frozen")


class SystemClock:
    """``ports.Clock`` on the wall clock of this machine: for commands, and for tests."""

    def now(self) -> Instant:
        """Wall time in whole seconds since 1970."""
        return int(time.time())


def uptime() -> float:
    """Seconds since the machine was started, sleep included (CLOCK_BOOTTIME, clock_gettime(2)):
    nobody can set it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def reading() -> tuple[float, float]:
    """The uptime, and the base that the system's clock offers: its time less the uptime."""
    for _ in range(TRIES):
        before = uptime()
        wall = time.time()
        after = uptime()
        if after - before <= TOGETHER_S:  # else we were interrupted in between
            break
    return after, wall - after


def boot_id() -> str:
    """Which start of the machine this is; empty where the system does not say."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


class SteadyClock:
    """``ports.Clock`` of a whole node: what is known of the time, in memory that all its processes
    share.

    Made before they are forked. The core alone goes on to write it (``written_here``), for all
    others it is read-only for good (``only_read``): an outlet or a door that somebody has taken
    over could else have everything expire.
    """

    def __init__(self, belief: Belief | None = None, up: Callable[[], float] = uptime) -> None:
        """``belief``: what is known at the start; None: the system's clock is right."""
        self._up = up
        self._file = os.memfd_create("clock", os.MFD_CLOEXEC)
        os.ftruncate(self._file, mmap.PAGESIZE)
        # By a descriptor that cannot write: mprotect(2) could make a mapping of another writable.
        readable = os.open(f"/proc/self/fd/{self._file}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            shared = mmap.mmap(readable, mmap.PAGESIZE, prot=mmap.PROT_READ)
        finally:
            os.close(readable)
        self._cells = memoryview(shared).cast("d")
        self._writes: mmap.mmap | None = None
        if belief is None:
            at, base = reading()
            belief = accepted(base, at)
        os.pwrite(self._file, struct.pack(f"{_CELLS}d", *cells(belief)), 0)

    def now(self) -> Instant:
        """The time in whole seconds since 1970, as this node knows it."""
        return int(self._cells[_BASE] + self._up())

    @property
    def frozen(self) -> bool:
        """Whether the system's clock says something else: nothing may be destroyed by the time."""
        return self._cells[_FROZEN] != 0.0

    @property
    def belief(self) -> Belief:
        """What is known."""
        return Belief(*self._cells[:_CELLS])

    def written_here(self) -> None:
        """This process, and no child of it, looks at the system's clock and tells the others."""
        self._writes = mmap.mmap(self._file, mmap.PAGESIZE)
        self.only_read()

    def only_read(self) -> None:
        """Give up for good what the memory could be written by."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def believe(self, belief: Belief) -> None:
        """Tell all processes. A cell is written at once, and that of ``frozen`` is the last: who
        reads in between finds a base, old or new, and freezes a moment too long."""
        assert self._writes is not None, "another process writes it"
        for at, value in enumerate(cells(belief)):
            struct.pack_into("d", self._writes, 8 * at, value)


def frozen_of(clock: Clock) -> Callable[[], bool]:
    """What asks a clock whether it is frozen now; one that is no SteadyClock never is."""
    return lambda: isinstance(clock, SteadyClock) and clock.frozen
