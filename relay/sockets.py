"""Sockets of our own: in the data folder, for this user alone; and how a bound address is written.

Two ways in lie there, orders and ``relay send``. Whoever may open the file may still be somebody
else's process in a folder that was shared by mistake, so the kernel is asked who speaks, too.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

_CREDENTIALS = struct.Struct("iII")  # struct ucred, unix(7): pid, uid, gid


class Peered(Protocol):
    """A socket that knows its peer: a plain one, or one of a loop."""

    def getsockopt(self, level: int, option: int, buflen: int, /) -> bytes:
        """As ``socket.socket.getsockopt``."""
        ...


@contextmanager
def short(path: Path) -> Iterator[str]:
    """A name for a socket that fits the 107 bytes of sun_path (unix(7)), however deep it lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def nameless() -> socket.socket:
    """A unix socket that leads nowhere yet. The file that it becomes takes its mode, 0600, so that
    it is never open to others. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(sock.fileno(), 0o600)
    except OSError:
        sock.close()
        raise
    return sock


def bound(path: Path, sock: socket.socket | None = None, *, mode: int = 0o600) -> socket.socket:
    """A socket that listens at ``path``; what lies there is replaced in one step, so that whoever
    connects meanwhile finds one or the other. ``sock``: a nameless one, for who may make none any
    more; it is closed where it cannot be bound. Raises OSError."""
    sock = sock or nameless()
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        with short(beside) as name:
            sock.bind(name)
        if mode != 0o600:  # by its name: not everybody may
            os.chmod(beside, mode)
        sock.listen()
        beside.rename(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        sock.close()
        raise
    return sock


def unbound(path: Path, number: int) -> None:
    """Take the name of a socket away, unless another has it by now. ``number``: that of its file
    (``os.stat``)."""
    with suppress(OSError):
        if path.stat().st_ino == number:
            path.unlink()


def is_ours(peer: Peered) -> bool:
    """Whether this user, or root, is at the other end of a unix socket."""
    return user_of(peer) in (os.geteuid(), 0)


def user_of(peer: Peered) -> int:
    """The number of the user at the other end of a unix socket (SO_PEERCRED, unix(7))."""
    told = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(told)[1]
    return uid


def address_of(sock: socket.socket) -> str:
    """The address a socket is bound to, as ``listen`` writes it: 127.0.0.1:2525, [::1]:2525."""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
