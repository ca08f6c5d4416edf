"""Frames over a socket pair: one packet a frame, large ones as sealed memory files.

The pair is AF_UNIX SOCK_SEQPACKET, so the kernel keeps the borders and a descriptor arrives with
the packet it belongs to. There are three ends because there are three kinds of process: ``Pipe``
(trio: core and outlet), ``AsyncPipe`` (asyncio: door) and ``PlainPipe`` (blocking: reader,
launcher). End of file, a reset and a broken pipe are all ``None`` to who receives, ``PipeEnded`` to
who sends.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import fcntl
import mmap
import os
import select
import socket
from collections.abc import Sequence
from typing import Any

import trio

from relay.errors import Damaged, OutwordError
from relay.wire.frames import INLINE
from relay.wire.pack import MAX_BYTES, pack, unpack_any

_IN_FILE = b"\xc1"  # the one byte that msgpack never uses: the frame lies in the passed descriptor
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
_SPACE = socket.CMSG_SPACE(2 * array.array("i").itemsize)


class PipeEnded(OutwordError):
    """The process at the other end is gone."""


def pair() -> tuple[socket.socket, socket.socket]:
    """The two ends of a new pair."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _packet(frame: object, descriptor: int | None) -> tuple[bytes, list[int], int | None]:
    """The packet of a frame, the descriptors to pass, and the one to close afterwards."""
    packed = pack(frame)
    passed = [] if descriptor is None else [descriptor]
    if len(packed) <= INLINE:
        return packed, passed, None
    if len(packed) > MAX_BYTES:
        raise Damaged
    file = os.memfd_create("frame", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(packed)
    while view:
        view = view[os.write(file, view) :]
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
    return _IN_FILE, [file], file


def _ancillary(descriptors: Sequence[int]) -> list[tuple[int, int, bytes]]:
    if not descriptors:
        return []
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors).tobytes())]


def _descriptors(ancillary: Sequence[tuple[int, int, bytes]]) -> list[int]:
    found = array.array("i")
    for level, kind, carried in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(carried[: len(carried) - len(carried) % found.itemsize])
    return list(found)


def _unpacked(packet: bytes, descriptors: list[int], kinds: Sequence[type], most: int) -> Any:
    if packet != _IN_FILE:
        return unpack_any(kinds, packet)
    if len(descriptors) != 1:
        raise Damaged
    file = descriptors.pop()
    try:
        if _seals(file) & _SEALS != _SEALS:
            raise Damaged  # it could change under our eyes
        size = os.lseek(file, 0, os.SEEK_END)  # fstat may be a call that takes paths, too
        if not 0 < size <= most:
            raise Damaged
        with mmap.mmap(file, size, prot=mmap.PROT_READ) as mapped:
            return unpack_any(kinds, mapped[:])
    finally:
        os.close(file)


def _seals(file: int) -> int:
    try:
        return fcntl.fcntl(file, fcntl.F_GET_SEALS)
    except OSError:  # not a memory file, but anything else that can be passed
        raise Damaged from None


class _End:
    """What the three ends share: the socket, the frames they accept, and their ``most`` bytes."""

    def __init__(self, sock: socket.socket, accepts: Sequence[type], most: int = MAX_BYTES) -> None:
        self._raw = sock
        self._accepts = tuple(accepts)
        self._most = most
        self.passed: list[int] = []
        """Descriptors that came with the last frame; the receiver takes and closes them."""

    @staticmethod
    def _close(descriptors: list[int]) -> None:
        while descriptors:
            os.close(descriptors.pop())

    def send_now(self, frame: object, descriptor: int | None = None) -> bool:
        """Send without waiting, from any thread. False: no room now. Raises PipeEnded."""
        packet, passed, file = _packet(frame, descriptor)
        try:
            self._raw.sendmsg([packet], _ancillary(passed), socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            raise PipeEnded from None
        finally:
            if file is not None:
                os.close(file)
        return True

    def _took(self, received: tuple[bytes, Any, int, Any]) -> Any:
        packet, ancillary, flags, _ = received
        self._close(self.passed)  # what nobody took: no child may fill our table
        descriptors = _descriptors(ancillary)
        if not packet:
            return None
        try:
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                raise Damaged
            frame = _unpacked(packet, descriptors, self._accepts, self._most)
        except Damaged:
            self._close(descriptors)
            raise
        self.passed = descriptors
        return frame


class Pipe(_End):
    """An end in a trio process. One task receives; any task sends."""

    def __init__(self, sock: socket.socket, accepts: Sequence[type], most: int = MAX_BYTES) -> None:
        super().__init__(sock, accepts, most)
        sock.setblocking(False)
        self._turn = trio.Lock()  # trio lets one task at a time wait until a socket is writable
        self._sock = trio.socket.from_stdlib_socket(sock)

    async def receive(self) -> Any:
        """The next frame; None when the other end is gone. Raises Damaged."""
        try:
            return self._took(await self._sock.recvmsg(INLINE + 1, _SPACE))
        except (OSError, trio.ClosedResourceError):
            return None

    async def send(self, frame: object, descriptor: int | None = None) -> None:
        """Send, waiting for room. Raises PipeEnded."""
        async with self._turn:
            while not self.send_now(frame, descriptor):
                await self._writable()

    async def room(self) -> None:
        """Wait until there may be room to send; at once if the other end is gone."""
        async with self._turn:
            with contextlib.suppress(PipeEnded):
                await self._writable()

    def waits(self) -> bool:
        """Whether something lies there that was not received yet, or the other end is gone."""
        asked = select.poll()
        asked.register(self._raw, select.POLLIN)
        return bool(asked.poll(0))

    async def _writable(self) -> None:
        try:
            await trio.lowlevel.wait_writable(self._raw)
        except (OSError, trio.ClosedResourceError):
            raise PipeEnded from None

    def close(self) -> None:
        """Give it up: the other end hears that we are gone."""
        self._sock.close()


class AsyncPipe(_End):
    """An end in an asyncio process. One task receives; any task sends."""

    def __init__(self, sock: socket.socket, accepts: Sequence[type]) -> None:
        super().__init__(sock, accepts)
        sock.setblocking(False)
        self._turn = asyncio.Lock()  # a loop has one writer callback a socket

    async def receive(self) -> Any:
        """The next frame; None when the other end is gone. Raises Damaged."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return self._took(self._raw.recvmsg(INLINE + 1, _SPACE))
            except BlockingIOError:
                await _until(loop, self._raw.fileno(), loop.add_reader, loop.remove_reader)
            except OSError:
                return None

    async def send(self, frame: object) -> None:
        """Send, waiting for room. Raises PipeEnded."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            while not self.send_now(frame):
                await _until(loop, self._raw.fileno(), loop.add_writer, loop.remove_writer)

    def close(self) -> None:
        """Give it up: the other end hears that we are gone."""
        self._raw.close()


async def _until(loop: asyncio.AbstractEventLoop, fd: int, add: Any, remove: Any) -> None:
    turned = loop.create_future()

    def turn() -> None:
        if not turned.done():
            turned.set_result(None)

    add(fd, turn)
    try:
        await turned
    finally:
        remove(fd)


class PlainPipe(_End):
    """An end in a process without a loop."""

    def receive(self) -> Any:
        """Wait for the next frame; None when the other end is gone. Raises Damaged."""
        try:
            return self._took(self._raw.recvmsg(INLINE + 1, _SPACE))
        except OSError:
            return None

    def send(self, frame: object, descriptor: int | None = None) -> None:
        """Send, waiting for room. Raises PipeEnded."""
        packet, passed, file = _packet(frame, descriptor)
        try:
            self._raw.sendmsg([packet], _ancillary(passed))
        except OSError:
            raise PipeEnded from None
        finally:
            if file is not None:
                os.close(file)

    def fileno(self) -> int:
        """For select(2)."""
        return self._raw.fileno()

    def close(self) -> None:
        """Give it up: the other end hears that we are gone."""
        self._raw.close()
