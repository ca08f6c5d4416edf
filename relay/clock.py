"""The clocks: the system's, and the node's own, which a jump of that does not move.

The one place that asks the system for the time.
"""

from __future__ import annotations

import contextlib
import fcntl
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

KERNELS_UPTIME: Final = Path("/proc/uptime")
"""The uptime in the kernel's own words (proc_uptime(5)), in hundredths of a second."""

APART_S: Final = 1.0
"""The uptime that a library gives, and that in the kernel's own words, are nearer than this."""

UNSEEN_S: Final = 60.0
"""The core looks each second. Where the uptime has gone on by more since, it is asked twice: the
core was stopped, the machine has slept, or a library says what it likes (libfaketime)."""

TOGETHER_S: Final = 0.01
"""Two clocks that were read within this time were read together."""

TRIES: Final = 5

_CELLS: Final = len(Belief.__slots__)
_BASE, _FROZEN = Belief.__slots__.index("base"), Belief.__slots__.index("frozen")
_SEEN: Final = _CELLS  # the cell after those of the belief: the uptime of the core's last look

_F_SEAL_FUTURE_WRITE: Final = 0x10  # linux/fcntl.h, since Linux 5.1; Python has no name for it
_SEALS: Final = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL | _F_SEAL_FUTURE_WRITE


class SystemClock:
    """``ports.Clock`` on the wall clock of this machine: for commands, and for tests."""

    def now(self) -> Instant:
        """Wall time in whole seconds since 1970."""
        return int(time.time())


def uptime() -> float:
    """Seconds since the machine was started, sleep included (CLOCK_BOOTTIME, clock_gettime(2)):
    nobody can set it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def kernels_uptime() -> float | None:
    """The same in the kernel's own words. None where a container has a file in place of them
    (lxcfs), or nothing."""
    try:
        if KERNELS_UPTIME.stat().st_dev != KERNELS_UPTIME.parent.stat().st_dev:
            return None
        return float(KERNELS_UPTIME.read_bytes().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _certain(up: float, kernels: float | None) -> float:
    """The uptime, where a library gives one and the kernel another."""
    return up if kernels is None or abs(up - kernels) <= APART_S else kernels


def reading() -> tuple[float, float]:
    """The uptime, and the base that the system's clock offers: its time less the uptime."""
    for _ in range(TRIES):
        before = _certain(uptime(), kernels_uptime())
        wall = time.time()
        after = _certain(uptime(), kernels_uptime())
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
    over could else have everything expire. There is one mapping that can write, and the memory is
    sealed after it was made (memfd_create(2), fcntl(2)): who has given it up gets no other, neither
    by a descriptor that is left, opened anew, nor by mprotect(2).
    """

    def __init__(
        self,
        belief: Belief | None = None,
        up: Callable[[], float] = uptime,
        kernels: Callable[[], float | None] = kernels_uptime,
    ) -> None:
        """``belief``: what is known at the start; None: the system's clock is right. ``kernels``
        is asked as well where ``up`` says what it should not."""
        self._up = up
        self._kernels = kernels
        file = os.memfd_create("clock", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(file, mmap.PAGESIZE)
            self._writes: mmap.mmap | None = mmap.mmap(file, mmap.PAGESIZE)
            with contextlib.suppress(OSError):  # a kernel that has no such seal
                fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
            shared = mmap.mmap(file, mmap.PAGESIZE, prot=mmap.PROT_READ)
        finally:
            os.close(file)
        self._cells = memoryview(shared).cast("d")
        if belief is None:
            at, base = reading()
            belief = accepted(base, at)
        self.believe(belief)
        self.seen(_certain(up(), kernels()))

    def now(self) -> Instant:
        """The time in whole seconds since 1970, as this node knows it."""
        cells, up = self._cells, self._up()
        if not -APART_S <= up - cells[_SEEN] <= UNSEEN_S:
            up = _certain(up, self._kernels())
        return int(cells[_BASE] + up)

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
        assert self._writes is not None, "it was given up"
        self._writes.madvise(mmap.MADV_DONTFORK)

    def only_read(self) -> None:
        """Give up for good what the memory could be written by."""
        if self._writes is not None:
            self._writes.close()
            self._writes = None

    def believe(self, belief: Belief) -> None:
        """Tell all processes. A cell is written at once, and that of ``frozen`` is the last: who
        reads in between finds a base, old or new, and freezes a moment too long."""
        for at, value in enumerate(cells(belief)):
            if at != _FROZEN:
                self._write(at, value)
        self._write(_FROZEN, belief.frozen)

    def seen(self, up: float) -> None:
        """The core has looked at the system's clock at this uptime."""
        self._write(_SEEN, up)

    def _write(self, cell: int, value: float) -> None:
        assert self._writes is not None, "another process writes it"
        struct.pack_into("d", self._writes, 8 * cell, value)


def frozen_of(clock: Clock) -> Callable[[], bool]:
    """What asks a clock whether it is frozen now; one that is no SteadyClock never is."""
    return lambda: isinstance(clock, SteadyClock) and clock.frozen


def doubted_of(clock: Clock) -> Callable[[], bool]:
    """What asks a clock whether it is frozen now, or goes by what the machine said when it was
    started: a time server may say another day some minutes later. Nothing is destroyed or ends by
    such a time."""
    return lambda: isinstance(clock, SteadyClock) and (clock.frozen or not clock.belief.settled)
