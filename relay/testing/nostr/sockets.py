"""One WebSocket, the server's side of it (RFC 6455): whole messages in, frames out."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Final

import trio
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Request,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

QUEUED: Final = 4096
"""Frames that wait for a client which does not read."""

MAX_BYTES: Final = 4 * 1024 * 1024
"""A larger message loses its connection, whatever the relay's own limit is."""

CHUNK: Final = 4096


class Socket:
    """The frames of one client. What is said is queued, and ``pump`` sends it."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._ws = WSConnection(ConnectionType.SERVER)
        self._events: deque[Event] = deque()
        self._queue, self._queued = trio.open_memory_channel[bytes](QUEUED)

    async def accept(self, head: bytes) -> bool:
        """Answer an upgrade request, whose bytes have been read. False: it was none (it is told
        so)."""
        try:
            self._ws.receive_data(head)
            self._events.extend(self._ws.events())
            if self._events and isinstance(self._events.popleft(), Request):
                await self._stream.send_all(self._ws.send(AcceptConnection()))
                return True
        except RemoteProtocolError as error:
            if error.event_hint is not None:
                await self._stream.send_all(self._ws.send(error.event_hint))
        return False

    async def heard(self) -> str | bytes | None:
        """The next whole message: text, or bytes for a binary one; None when there is no more."""
        parts: list[str | bytes] = []
        size = 0
        while True:
            if not self._events:
                if not await self._fed():
                    return None
                continue
            event = self._events.popleft()
            if isinstance(event, Ping):
                await self._put(event.response())
            elif isinstance(event, CloseConnection):
                if self._ws.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
                    await self._put(event.response())
                return None
            elif isinstance(event, TextMessage | BytesMessage):
                parts.append(event.data if isinstance(event, TextMessage) else bytes(event.data))
                size += len(event.data)
                if size > MAX_BYTES:
                    await self.close(1009)
                    return None
                if event.message_finished:
                    return _whole(parts)

    async def gone(self) -> None:
        """Wait until the client has gone, and read nothing of what it says."""
        while await self._fed():
            self._events.clear()

    async def say(self, text: str) -> None:
        """Send a text message."""
        if self._ws.state is ConnectionState.OPEN:
            await self._put(TextMessage(data=text))

    def say_soon(self, text: str) -> None:
        """Send one from outside, without waiting: lost if the client does not read."""
        with suppress(trio.WouldBlock, trio.ClosedResourceError):
            if self._ws.state is ConnectionState.OPEN:
                self._queue.send_nowait(self._ws.send(TextMessage(data=text)))

    async def ping(self, number: int) -> None:
        """Send pings, each as long as one may be."""
        for n in range(number):
            await self._put(Ping(payload=n.to_bytes(125, "big")))

    async def close(self, code: int, text: str = "") -> None:
        """Send a close frame."""
        if self._ws.state is ConnectionState.OPEN:
            await self._put(CloseConnection(code, text or None))

    async def endless(self) -> None:
        """One frame that never ends: until the client goes."""
        await self._queue.send(b"\x81\x7f" + (1 << 40).to_bytes(8, "big"))
        while True:
            await self._queue.send(b" " * CHUNK)

    def finish(self) -> None:
        """Nothing more will be said: ``pump`` ends when what waits is sent."""
        self._queue.close()

    async def pump(self) -> None:
        """Send what is said until ``finish``, or until the client has gone."""
        try:
            async for piece in self._queued:
                await self._stream.send_all(piece)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the client went away, which is its right

    async def _put(self, event: Event) -> None:
        await self._queue.send(self._ws.send(event))

    async def _fed(self) -> bool:
        """Read more; False at the end."""
        try:
            chunk = await self._stream.receive_some(65536)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return False
        if chunk and self._ws.state is not ConnectionState.CLOSED:
            self._ws.receive_data(bytes(chunk))
            self._events.extend(self._ws.events())
        return bool(chunk)


def _whole(parts: list[str | bytes]) -> str | bytes:
    texts = [one for one in parts if isinstance(one, str)]
    return "".join(texts) if texts else b"".join(one for one in parts if isinstance(one, bytes))
