"""Before anything of a node is started: its folder is locked, and a child looks whether it can run.

The child exists so that the launcher opens no secret and imports no plug-in: what was checked ends
with it.
"""

from __future__ import annotations

import fcntl
import os
import select
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from relay.errors import Busy, CannotMake
from relay.journal import Event, Journal
from relay.node.child import kind_of

LOCK_S = 15.0
"""Seconds that a start waits for an old outlet to end before it gives up with status 73."""


def lock(data: Path, wait_s: float = LOCK_S) -> int:
    """Take the lock of a data folder: a descriptor that every child inherits.

    Raises Busy or CannotMake.
    """
    try:
        file = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotMake(f"{data}: the lock cannot be made: {error.strerror}") from None
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(file)
                raise Busy from None
            select.select([], [], [], 0.1)  # time.sleep goes by a clock that may be faked


Tell = Callable[[Iterable[str]], None]
"""Names (no white space in them) for whoever waits for the child."""


def in_child(what: Callable[[Tell], int], journal: Journal) -> tuple[int, frozenset[str]]:
    """Run something in a process of its own that ends before anything else starts; its status, and
    the names it told."""
    sys.stdout.flush()
    heard, said = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            status = what(lambda names: _write(said, " ".join(names).encode()))
        except BaseException as error:  # nothing of a traceback may reach a log: it could quote
            journal.say(Event.CHILD_FAILED, process="check", why=kind_of(error))
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(said)
    with open(heard, "rb") as told:
        names = frozenset(told.read().decode().split())
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), names


def _write(fd: int, what: bytes) -> None:
    with open(fd, "wb", closefd=False) as file:
        file.write(what)
