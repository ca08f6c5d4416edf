"""One connection to a relay: WebSocket (RFC 6455) on a stream of bytes, and JSON arrays on that.

wsproto keeps the protocol's rules; here is only what goes to it and comes from it, with an end to
how much and how long.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final
from urllib.parse import urlsplit

import trio
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from bridges import kit
from bridges.relays.events import compact
from relay.ports import Http, NoAnswer, Stream

CONNECT_S: Final = 15.0
UPGRADE_S: Final = 15.0
SEND_S: Final = 30.0

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of one connection, however it is cut into messages."""

MOST_MESSAGE: Final = 1024 * 1024
"""Characters of one message: as JSON it may take fifty times as much room."""

MOST_FRAMES: Final = 10_000
"""A relay that says so much and never what it was asked is left."""

TOO_BIG: Final = 1009
"""The code with which a WebSocket is closed after a message that is too long (RFC 6455, 7.4.1)."""
BROKEN: Final = 1006

_AGENT: Final = (b"user-agent", b"Mozilla/5.0 (compatible)")
"""As our HTTP says it: some fronts turn away who says nothing; it names no product and no node."""


class TurnedAway(Exception):
    """No WebSocket was opened: the relay, or a front of it, answered with this status."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        super().__init__(f"answered {status}")
        self.status = status
        self.headers = headers


class HungUp(NoAnswer):
    """The relay closed the connection, with this code (RFC 6455, 7.4)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Line:
    """A connection that stands. Close it with ``aclose``."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._socket = WSConnection(ConnectionType.CLIENT)
        self._heard: deque[list[Any]] = deque()
        self._pieces: list[str] = []
        self._length = 0  #: of what these pieces are so far, in characters
        self._bytes = self._frames = 0
        self._open = False

    @classmethod
    async def open(cls, http: Http, address: str) -> Line:
        """Connect to ``ws://`` or ``wss://``. Raises NotSent, NoAnswer, TurnedAway."""
        to = urlsplit(address)
        secure = to.scheme == "wss"
        port = to.port or (443 if secure else 80)
        stream = await http.connect(
            str(to.hostname), port, tls="now" if secure else "later", timeout_s=CONNECT_S
        )
        line = cls(stream)
        try:
            target = (to.path or "/") + (f"?{to.query}" if to.query else "")
            await line._upgrade(to.netloc, target)
        except BaseException:
            await stream.aclose()
            raise
        return line

    async def aclose(self) -> None:
        """Close it, without ceremony."""
        await self._stream.aclose()

    async def say(self, *words: Any) -> None:
        """Send one message. Raises NotSent, NoAnswer."""
        await self._send(TextMessage(compact(list(words)).decode()))

    async def hear(self, within_s: float) -> list[Any]:
        """The next message that is a JSON array. Raises NoAnswer, HungUp."""
        until = trio.current_time() + within_s
        while not self._heard:
            await self._receive(until)
        return self._heard.popleft()

    async def _upgrade(self, host: str, target: str) -> None:
        until = trio.current_time() + UPGRADE_S
        await self._send(Request(host=host, target=target, extra_headers=[_AGENT]))
        while not self._open:
            await self._receive(until)

    async def _send(self, event: Event) -> None:
        try:
            said = self._socket.send(event)
        except ProtocolError:  # it was closed under our hands
            raise HungUp(BROKEN) from None
        await self._stream.send(said, timeout_s=SEND_S)

    async def _receive(self, until: float) -> None:
        left_s = until - trio.current_time()
        if left_s <= 0 or self._frames > MOST_FRAMES or self._bytes > MOST_BYTES:
            raise NoAnswer("it does not say what it was asked")
        got = await self._stream.receive(timeout_s=left_s)
        self._bytes += len(got)
        try:
            self._socket.receive_data(got or None)
            events = [*self._socket.events()]
        except ProtocolError:
            raise HungUp(BROKEN) from None
        for event in events:
            await self._met(event)
        if not got:
            raise HungUp(BROKEN)

    async def _met(self, event: Event) -> None:
        self._frames += 1
        match event:
            case AcceptConnection():
                self._open = True
            case RejectConnection():
                named = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in event.headers
                }
                raise TurnedAway(event.status_code, named)
            case TextMessage():
                self._pieces.append(event.data)
                self._length += len(event.data)
                if self._length > MOST_MESSAGE:
                    raise NoAnswer("a message without end")
                if event.message_finished:
                    self._take("".join(self._pieces))
                    self._pieces.clear()
                    self._length = 0
            case BytesMessage():
                pass  # no message of Nostr
            case Ping():
                await self._send(event.response())
            case CloseConnection():
                raise HungUp(int(event.code))

    def _take(self, text: str) -> None:
        said = kit.json_value(text.encode())
        if isinstance(said, list) and said:
            self._heard.append(said)
