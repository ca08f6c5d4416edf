"""The baton that doors pass on: what only one of them may do at a time goes from hand to hand.

A door holds what people wrote longer than it needs it: Python overwrites nothing that it frees. So
the launcher starts a new one after so many messages or so long (``relief.py``), while the old one
serves. The new one listens beside it, and then asks for the rest over a socket pair that the
launcher gave both: to fetch, to answer people, to roll the secrets of ``door.key``. The old one
lets nobody in any more, and says at once what it knows of its senders' limits, as keyed hashes and
counts. It ends the rest, and then says what it knows of that; or it is dead: the kernel tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgpack

ASKS: Final = b"?"

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of what is passed on: ten thousand senders of a hundred transports."""

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Batons:
    """A door's two ends: ``before`` leads to the door that it relieves (None: there is none), by
    ``after`` the next one asks (None: it will never be relieved)."""

    before: socket.socket | None = None
    after: socket.socket | None = None


class Baton:
    """One door's part in a relief. None of its methods raises OSError: a door that is gone, or was
    never there, has nothing to hand on."""

    def __init__(self, batons: Batons) -> None:
        self._before = batons.before
        self._after = batons.after
        for end in (self._before, self._after):
            if end is not None:
                end.setblocking(False)

    @property
    def comes_after(self) -> bool:
        """Whether there is a door to relieve."""
        return self._before is not None

    async def ask(self) -> Mapping[str, Any]:
        """Ask the door before; gives what it says at once. It takes a moment, or as long as that
        door hangs."""
        with contextlib.suppress(OSError):
            if self._before is not None:
                await asyncio.get_running_loop().sock_sendall(self._before, ASKS)
        return await self._told()

    async def taken(self) -> Mapping[str, Any]:
        """After ``ask``: wait until that door has handed over or is dead; gives what it knew."""
        known = await self._told()
        if self._before is not None:
            self._before.close()
            self._before = None
        return known

    async def _told(self) -> Mapping[str, Any]:
        if self._before is None:
            return {}
        try:
            (length,) = _LENGTH.unpack(await _exactly(self._before, _LENGTH.size))
            return _read(await _exactly(self._before, min(length, MOST_BYTES)))
        except (OSError, EOFError):
            return {}

    async def asked(self) -> None:
        """Wait until the next door asks; for ever where none will."""
        if self._after is not None:
            with contextlib.suppress(OSError):
                if await asyncio.get_running_loop().sock_recv(self._after, 1) == ASKS:
                    return
        await asyncio.get_running_loop().create_future()

    async def give(self, known: Mapping[str, Any]) -> None:
        """Say what the next door is to know. The first time it is what was counted; with the second
        all is handed over, and this door does none of it any more."""
        if self._after is None:
            return
        packed: bytes = msgpack.packb(dict(known))
        if len(packed) > MOST_BYTES:
            packed = msgpack.packb({})
        with contextlib.suppress(OSError):
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(self._after, _LENGTH.pack(len(packed)) + packed)


async def _exactly(sock: socket.socket, count: int) -> bytes:
    """So many bytes. Raises EOFError at the end of the other side, or OSError."""
    got = bytearray()
    while len(got) < count:
        more = await asyncio.get_running_loop().sock_recv(sock, min(count - len(got), 65536))
        if not more:
            raise EOFError
        got += more
    return bytes(got)


def _read(packed: bytes) -> Mapping[str, Any]:
    """What another door of ours packed; nothing of what it did not."""
    try:
        known = msgpack.unpackb(packed, strict_map_key=False)
    except (ValueError, msgpack.UnpackException):
        return {}
    return known if isinstance(known, dict) else {}
