"""Frames over a stream of bytes, each behind its length: between an outlet and a plug-in's process.

No descriptor crosses it, in either direction: a pair of ``relay.node.pipes`` passes large frames as
memory files, and whoever may make such files may also make them without end.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any, Final

import trio

from relay.errors import Damaged
from relay.node.pipes import PipeEnded
from relay.node.process import MOST_OF_OUTLET
from relay.wire.pack import MAX_BYTES, pack, unpack_any

MOST_SAID: Final = MOST_OF_OUTLET + 64 * 1024
"""Bytes of a frame of a plug-in's process: what an outlet may say, or a request as large."""

_HEAD: Final = 4
_CHUNK: Final = 256 * 1024


def pair() -> tuple[socket.socket, socket.socket]:
    """The two ends of a new pair."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)


class Line:
    """An end of the pair, on trio. One task receives; any task sends.

    ``most``: bytes of a frame that it takes. ``whole``: a frame that was begun is sent to its end,
    whoever is cancelled; without it the line is of no use after that.
    """

    def __init__(
        self, sock: socket.socket, accepts: Sequence[type], most: int, *, whole: bool = False
    ) -> None:
        sock.setblocking(False)
        self._sock = trio.socket.from_stdlib_socket(sock)
        self._accepts = tuple(accepts)
        self._most = most
        self._whole = whole
        self._torn = False
        self._turn = trio.Lock()

    async def receive(self) -> Any:
        """The next frame; None when the other end is gone. Raises Damaged."""
        head = await self._taken(_HEAD)
        if head is None:
            return None
        size = int.from_bytes(head, "big")
        if not 0 < size <= self._most:
            raise Damaged
        packed = await self._taken(size)
        return None if packed is None else unpack_any(self._accepts, packed)

    async def _taken(self, size: int) -> bytes | None:
        """So many bytes; None if the end comes before."""
        got = bytearray()
        while len(got) < size:
            try:
                some = await self._sock.recv(min(size - len(got), _CHUNK))
            except (OSError, trio.ClosedResourceError):
                return None
            if not some:
                return None
            got += some
        return bytes(got)

    async def send(self, frame: object) -> None:
        """Send, waiting for room. Raises PipeEnded; Damaged for what is too large."""
        packed = pack(frame)
        if len(packed) > MAX_BYTES:
            raise Damaged
        async with self._turn:
            with trio.CancelScope(shield=self._whole):
                await self._given(len(packed).to_bytes(_HEAD, "big") + packed)

    async def _given(self, said: bytes) -> None:
        if self._torn:
            raise PipeEnded
        self._torn = True
        view = memoryview(said)
        try:
            while view:
                view = view[await self._sock.send(view) :]
        except (OSError, trio.ClosedResourceError):
            raise PipeEnded from None
        self._torn = False

    def close(self) -> None:
        """Give it up: the other end hears that we are gone."""
        self._sock.close()
