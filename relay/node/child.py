"""What every child process does first, and the pulse by which the launcher knows that it lives.

A child dies with its launcher (PR_SET_PDEATHSIG, prctl(2)), leaves no core file, cannot be traced
by others of its user (PR_SET_DUMPABLE), and leaves Ctrl-C to the launcher, which ends it in order.
Whoever stops a service may signal all its processes at once (systemd does): only a door and the
core heed that, since an outlet that ended before the core would leave its sends doubtful.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import resource
import select
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from relay.confine.kernel import dumpable, no_new_privileges, not_dumpable
from relay.node.baton import Batons

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36

BEAT_S = 1.0
"""Seconds between two beats."""

SILENT_S = 10.0
"""A child that has not beaten for so long hangs and is killed."""

HEED_TERM = frozenset({"core", "door", "links"})
"""The roles that end on SIGTERM; the others end with the core, or by SIGKILL."""

FIRST_TO_GO = frozenset({"reader", "cleaner"})
"""The roles that the kernel ends first where memory does: what they were at is given to another."""

FIRST = 500
"""How much sooner than others, in thousandths of all memory (oom_score_adj, proc(5)). Plug-ins of
others go before them."""

_KIND = re.compile(r"[a-z_][a-z0-9_]{0,40}", re.ASCII)

FORKING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
"""Blocked while a child is forked, so that none reaches it while it has its launcher's handlers."""


def harden() -> None:
    """Called in the launcher, before its first child, which inherits it: no program that is started
    has more rights than we, no core file is left, and others of our user cannot look into us."""
    no_new_privileges()
    not_dumpable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def settle_in(role: str, launcher: int) -> None:
    """Called in the new process, once. Exits at once if the launcher is already gone."""
    die_with_parent()
    if role in FIRST_TO_GO:
        go_first()
    harden()
    _prctl(_PR_SET_NAME, f"relay-{role}".encode()[:15])
    if os.getppid() != launcher:
        os._exit(0)
    signal.set_wakeup_fd(-1)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL if role in HEED_TERM else signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORKING)


def go_first() -> None:
    """Where memory ends, the kernel ends this process before the core. To be followed by
    ``harden``: of who is not dumpable that file is root's (proc(5)), and its user may not write."""
    dumpable()
    with contextlib.suppress(OSError):  # where it does not hear, all are equal
        Path("/proc/self/oom_score_adj").write_text(str(FIRST))


def die_with_parent() -> None:
    """From now on the kernel kills this process when the one that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt() -> None:
    """From now on whatever our children leave behind is a child of ours (prctl(2))."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, argument: int | bytes) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, argument, 0, 0, 0)


QUIET_BEATS = 4
"""Beats without any work, after which there is time for what can wait."""

TIRED = b"t"
"""Said with each beat by a door that wants another to take its place."""

RELIEVED = b"r"
"""Said by one whose place was taken, and that ends what it began."""


class Pulse:
    """Says once a second that this process lives, and whether it did anything since then. A door
    finds here by what it takes over from the one before (``batons``)."""

    def __init__(
        self, pipe: int, batons: Batons | None = None, quiet: Callable[[], None] = lambda: None
    ) -> None:
        """``quiet`` is called when nothing was done for a moment, once for each such moment."""
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._says = b""
        self._quiet = quiet
        self._still = 0
        self.batons = batons or Batons()
        self._busy = 0
        self._did = False

    def touch(self) -> None:
        """Something was done."""
        self._did = True

    def says(self, word: bytes) -> None:
        """From now on every beat says ``TIRED`` or ``RELIEVED`` as well."""
        self._says = word

    def fileno(self) -> int:
        """Where it is written to."""
        return self._pipe

    def __enter__(self) -> None:
        self._busy += 1
        self._did = True

    def __exit__(self, *_: object) -> None:
        self._busy -= 1

    @property
    def busy(self) -> bool:
        """Whether anything was done since the last beat."""
        return self._did or self._busy > 0

    def beat(self) -> None:
        """Write the byte; called by the process's main loop, so that a hanging loop is seen."""
        try:
            os.write(self._pipe, (b"1" if self.busy else b"0") + self._says)
        except BlockingIOError:
            return  # the launcher is slow to read: what lies in the pipe says that we live
        except OSError:
            os._exit(0)  # the launcher is gone
        self._rest()
        self._did = False

    def _rest(self) -> None:
        """Counts the beats since something was done."""
        self._still = 0 if self.busy else self._still + 1
        if self._still == QUIET_BEATS:
            self._quiet()


BEHIND_ALL = 10
"""How far behind all others in the line for the processor (nice(2)) who makes media anew is."""


def until_asked(core: socket.socket, pulse: Pulse) -> None:
    """Beat until something lies in the socket, or its other end is gone."""
    pulse.beat()
    while not select.select([core], [], [], BEAT_S)[0]:
        pulse.beat()


def kind_of(error: BaseException) -> str:
    """The class of an exception, which is all of it that may be told; and that only if its name
    is one, since a plug-in may make classes as it likes."""
    if isinstance(error, BaseExceptionGroup):
        return kind_of(error.exceptions[0])
    name = type(error).__name__.lower()
    return name if _KIND.fullmatch(name) else "exception"
