"""What the launcher tells systemd, if systemd started it: sd_notify(3), without its library.

A datagram to the socket that is named in the environment. Whoever does not listen is not waited
for: a node that serves is worth more than one that is known to serve.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable

OFTEN = 4
"""How many times a watchdog hears of us in the time after which it would end us."""


def tell(state: str) -> None:
    """Send one state, like ``READY=1``; nothing happens where no service manager started us."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return
    name = where.replace("@", "\0", 1) if where[0] == "@" else where
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, kind) as sock:
        sock.sendto(state.encode(), name)


def alive(clock: Callable[[], float] = time.monotonic) -> Callable[[], None]:
    """What to call again and again: it tells the watchdog that we live, as often as it must.

    How long it waits stands in ``WATCHDOG_USEC`` (sd_watchdog_enabled(3)), in microseconds; it is
    meant for us if ``WATCHDOG_PID`` is ours or not there. Otherwise nothing is told.
    """
    waits = os.environ.get("WATCHDOG_USEC", "")
    meant = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not (waits.isascii() and waits.isdigit()) or meant != str(os.getpid()):
        return lambda: None
    every_s = int(waits) / 1e6 / OFTEN
    due = clock()

    def here() -> None:
        nonlocal due
        now = clock()
        if now >= due:
            due = now + every_s
            tell("WATCHDOG=1")

    return here
