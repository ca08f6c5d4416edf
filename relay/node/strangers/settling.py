"""What the process of a plug-in does first, before a line of the plug-in is read.

Limits hold whatever becomes of it: they are the hard ones, and what is dropped with the rest
(``relay.confine``) cannot raise them again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import socket
from pathlib import Path
from typing import Final

from relay.confine.kernel import not_dumpable
from relay.node.apart import MEMORY_BYTES, NICE
from relay.node.child import die_with_parent

LIMITS: Final = (
    (resource.RLIMIT_DATA, MEMORY_BYTES),
    (resource.RLIMIT_AS, 3 * MEMORY_BYTES),  # what is shared is in no other sum
    (resource.RLIMIT_FSIZE, 16 * 1024 * 1024),
    (resource.RLIMIT_NOFILE, 64),  # so many files in memory, of that size, are one MEMORY_BYTES
    (resource.RLIMIT_MEMLOCK, 0),
    (resource.RLIMIT_MSGQUEUE, 0),
    (resource.RLIMIT_CORE, 0),
)
"""Bytes of memory, of all that is mapped, and of a file; files that are open together; and of what
it has no use for, none."""

MOST_TASKS: Final = 64
"""Threads it may have beside all that its user has already (RLIMIT_NPROC): root is not counted.
trio.to_thread has forty; more would take the processor from others, one share each, and the threads
that a service may have (TasksMax) from the readers that are to be started."""


def settle_in(parent: int) -> socket.socket:
    """Called once, by the new process; gives its end of the pair, which came as standard input.

    Exits at once if the outlet is already gone.
    """
    die_with_parent()
    if os.getppid() != parent:
        os._exit(0)
    _say("comm", "relay-plug-in")
    _say("oom_score_adj", "1000")  # where memory ends, it is the first to go
    not_dumpable()
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    sock = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    _only(0, 1, 2, sock.fileno())
    os.environ.clear()
    os.chdir("/")
    os.umask(0o077)
    logging.getLogger().handlers[:] = [logging.NullHandler()]
    with contextlib.suppress(OSError):  # where a service may not, all are equal
        os.nice(max(0, NICE - os.nice(0)))
    for limit, most in (*LIMITS, (resource.RLIMIT_NPROC, _tasks() + MOST_TASKS)):
        _lower(limit, most)
    return sock


def _say(name: str, what: str) -> None:
    """Tell the kernel something of this process (proc(5)); where it does not hear, it is done
    without."""
    with contextlib.suppress(OSError):
        Path("/proc/self", name).write_text(what)


def _only(*kept: int) -> None:
    """Close every other descriptor, whoever left it open."""
    last = -1
    for fd in (*sorted(kept), resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
        if last + 1 < fd:  # of no descriptors at all, Python makes all that there are
            os.closerange(last + 1, fd)
        last = fd


def _lower(limit: int, most: int) -> None:
    """A limit is lowered, never raised: a service may have set it already."""
    hard = resource.getrlimit(limit)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (most, most))


def _tasks() -> int:
    """How many threads our user has now, as far as that can be seen (proc(5))."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid in (os.getuid(), 0):
                count += len(os.listdir(f"/proc/{name}/task"))
    return count
