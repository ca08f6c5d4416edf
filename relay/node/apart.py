"""What outlets are kept to, so that what a bridge does by mistake ends with its own process.

All of them: nothing that a library prints reaches our standard output or the log. An outlet of its
own besides: no variable of the environment that is not for everybody, memory with an end, a place
behind ours in the line for the processor, nothing of a library's log, and copies of itself
(fork(2)) that hold none of our sockets and die with it. What else it leaves behind, the launcher
ends.

This keeps faults in, not malice. A third party's module is not imported here: it has a process
behind its outlet, which has nothing (``relay.node.strangers``).
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
from typing import Final, TextIO

from relay.node.child import die_with_parent

MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Of data that a plug-in may have (RLIMIT_DATA), stacks of its threads with it. It is there to end
what grows without end, not to count: a large medium is a few times 16 MiB, a thread 8."""

NICE: Final = 5
"""How far behind the other processes it is (nice(2)): a third of their share when all are busy."""

_KEPT_VARIABLES: Final = frozenset(
    {
        "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR",
        "SSL_CERT_FILE", "SSL_CERT_DIR",
    }
)  # fmt: skip


def say_nothing() -> TextIO:
    """Standard input, output and error lead nowhere from now on; gives what was standard error, for
    our own journal, which writes nothing but counts and names."""
    ours = os.fdopen(os.dup(2), "w", errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return ours


def keep_apart(*ours: int) -> None:
    """Called once, in an outlet of its own. ``ours`` are descriptors that copies do not get."""
    for name in os.environ.keys() - _KEPT_VARIABLES:
        del os.environ[name]
    logging.getLogger().handlers[:] = [logging.NullHandler()]  # loggers' names may be anything
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(OSError):  # where a service may not, all are equal
        os.nice(NICE)
    os.register_at_fork(after_in_child=lambda: _in_a_copy(ours))


def _in_a_copy(ours: tuple[int, ...]) -> None:
    die_with_parent()
    for fd in ours:
        with contextlib.suppress(OSError):
            os.close(fd)
