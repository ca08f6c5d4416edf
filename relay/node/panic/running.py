"""The processes of a node, found by what the kernel knows of them, and ended.

None of them is asked: the core may be down, or hang. The launcher holds the lock of the data folder
(proc(5), ``/proc/locks``); where that cannot be read, whoever listens for orders is its child.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from relay.sockets import short

GONE_S: Final = 2.0
"""Seconds that the end of what was killed is waited for: the kernel may be writing for it."""

ROUNDS: Final = 20
"""Looks for children that were begun meanwhile."""

_CREDENTIALS: Final = struct.Struct("iII")  # struct ucred, unix(7)


def end_node(data: Path) -> int:
    """Kill the node of a data folder: the launcher is stopped first, so that it starts nothing
    anew. How many processes that were; 0 if none was found that we may end. Raises nothing."""
    launcher = _by_lock(data / "lock") or _by_control(data / "control")
    if launcher is None or launcher == os.getpid():
        return 0
    if not _send(launcher, signal.SIGSTOP):
        return 0
    killed: set[int] = set()
    for _ in range(ROUNDS):
        found = set(_below(launcher)) - killed - {os.getpid()}
        if not found:
            break
        for pid in found:
            _send(pid, signal.SIGKILL)
        killed |= found
    _send(launcher, signal.SIGKILL)
    _wait_for({*killed, launcher})
    return len(killed) + 1


def _send(pid: int, what: signal.Signals) -> bool:
    """Whether it was there, and ours to be sent anything."""
    with contextlib.suppress(OSError):
        os.kill(pid, what)
        return True
    return False


def _by_lock(lock: Path) -> int | None:
    """Who holds the lock of flock(2). A line there: ``1: FLOCK ADVISORY WRITE 71 08:01:99 0 EOF``,
    the three numbers those of the disk, in hexadecimal, and of the file."""
    try:
        about = lock.stat()
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return None
    disk = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}"
    for line in lines:
        words = line.split()
        if len(words) < 6 or words[1] != "FLOCK" or not words[4].isdigit():
            continue
        pid, (on, _, file) = int(words[4]), words[5].rpartition(":")
        if file == str(about.st_ino) and (on == disk or _is_of_ours(pid)):
            return pid if _parent(pid) is not None else None
    return None


def _is_of_ours(pid: int) -> bool:
    """Whether it has children that are called as ours are. Asked where a disk is known to the
    kernel by another number than to us (overlays in containers), and the file alone is no proof."""
    return any(_called(one).startswith("relay-") for one in _below(pid))


def _called(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    return ""


def _by_control(path: Path) -> int | None:
    """The parent of who listens for orders, also if it never answers (SO_PEERCRED, unix(7))."""
    try:
        with socket.socket(socket.AF_UNIX) as sock, short(path) as name:
            sock.settimeout(0.2)
            sock.connect(name)
            told = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    except OSError:
        return None
    launcher = _parent(int(_CREDENTIALS.unpack(told)[0]))
    return launcher if launcher is not None and launcher > 1 else None


def _below(pid: int) -> Iterator[int]:
    """Every process that comes from one, as far as it is known now."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (parent := _parent(int(name))) is not None:
            children.setdefault(parent, []).append(int(name))
    left = list(children.get(pid, ()))
    while left:
        one = left.pop()
        left += children.get(one, ())
        yield one


def _parent(pid: int) -> int | None:
    """The parent of a process; None for one that is not there, or has ended (proc(5), stat)."""
    try:
        after = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return None if after[0] in "ZX" else int(after[1])
    except (OSError, ValueError, IndexError):
        return None


def _wait_for(pids: Collection[int]) -> None:
    until = time.monotonic() + GONE_S
    while any(_parent(pid) is not None for pid in pids) and time.monotonic() < until:
        select.select([], [], [], 0.01)  # time.sleep goes by a clock that may be faked
