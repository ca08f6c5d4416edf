"""imaplib that gives a server no more than was asked for, and waits for as long as it is told."""

from __future__ import annotations

import imaplib
import socket
from typing import Final

from relay.mailing import MIB

LINES_BYTES: Final = 4 * MIB
"""Bytes of an answer without bodies: a search that finds half a million mails. Of 32 MiB of them a
door would need 600 MiB of memory."""

_READ = 64 * 1024

_ALIVE: Final = {socket.TCP_KEEPIDLE: 60, socket.TCP_KEEPINTVL: 20, socket.TCP_KEEPCNT: 3}
"""tcp(7): a connection that is only waited on is kept in the tables of what lies between (they
forget after minutes), and one that was forgotten is found out after two."""


class Bounded(imaplib.IMAP4):
    """imaplib reads as many bytes as a server announces; this one has a budget for each command.

    It reads from the socket itself and keeps what came too early, so that it can wait for a line
    for a while and give up without losing half of one (a buffered file could not).
    """

    budget = LINES_BYTES

    def __init__(self, line: socket.socket) -> None:
        """``line``: a connection that stands, under TLS or not."""
        self._ahead = bytearray()
        self._line = line
        super().__init__()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _ALIVE.items():
            self.sock.setsockopt(socket.IPPROTO_TCP, option, value)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._line

    def read(self, size: int) -> bytes:
        self._spend(size)
        while len(self._ahead) < size:
            self._more()
        return self._next(size)

    def readline(self) -> bytes:
        seen = 0
        while (end := self._ahead.find(b"\n", seen)) < 0:
            seen = len(self._ahead)
            if seen > self.budget:
                raise self.abort("more than we asked for")
            self._more()
        self._spend(end + 1)
        return self._next(end + 1)

    def waits(self, within_s: float, usually_s: float) -> bool:
        """Whether something comes within so many seconds; later reads wait ``usually_s``."""
        if b"\n" in self._ahead:
            return True
        self.sock.settimeout(within_s)
        try:
            self._more()
        except TimeoutError:
            return False
        finally:
            self.sock.settimeout(usually_s)
        return True

    def _more(self) -> None:
        got = self.sock.recv(_READ)
        if not got:
            raise self.abort("the server closed the connection")
        self._ahead += got

    def _next(self, size: int) -> bytes:
        with memoryview(self._ahead) as ahead:
            found = bytes(ahead[:size])
        del self._ahead[:size]
        return found

    def _spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise self.abort("more than we asked for")
