"""One connection, and HTTP/1.1 over it (h11): one request, then its answer, then the next.

Everything is bounded: a head to 4 KiB, a body to what its reader says, and each step in time.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

import h11

from relay.errors import Damaged
from relay.links.https.wishes import (
    NOT_NOW,
    OFFSET,
    WRONG,
    Said,
    Wish,
    most_body,
    wish_of,
    written,
)
from relay.wire.batch import MAX_BATCH

HEAD: Final = 4096
"""Bytes of a head, at most."""

AT_ONCE: Final = 64 * 1024
"""Bytes read or written at once."""

GOODBYE_S: Final = 2.0
"""Seconds in which a last answer must have left."""

_OF_US: Final = frozenset({200, 204, NOT_NOW.status, WRONG.status})

_UNKNOWN_KEY: Final = frozenset({"TLSV1_ALERT_UNKNOWN_CA", "TLSV13_ALERT_CERTIFICATE_REQUIRED"})
"""OpenSSL's words where the other side knows none of the certificates that it was shown."""


class Broken(Exception):
    """The connection ended before it should, or said nothing for too long. ``unknown``: since the
    other side does not know our key; ``heard``: whether it had said anything."""

    def __init__(self, *, unknown: bool = False, heard: bool = True) -> None:
        super().__init__("unknown" if unknown else "broken")
        self.unknown: Final = unknown
        self.heard: Final = heard


class Line:
    """Common to both sides. ``step_s``: seconds in which something must come, or leave."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        role: type[h11.CLIENT] | type[h11.SERVER],
        step_s: float,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(role, max_incomplete_event_size=HEAD)
        self._step_s = step_s
        self._was_heard = False
        self.used_at = asyncio.get_running_loop().time()
        """When it was last good for something, in seconds of the loop."""
        _set_up(writer, step_s)

    @property
    def ended(self) -> bool:
        """Whether nothing more comes, or can be said."""
        done = self._http.our_state is not h11.IDLE
        return done or self._reader.at_eof() or self._writer.is_closing()

    def cut(self) -> None:
        """End it at once."""
        with suppress(AttributeError):  # asyncio's, where it has just ended by itself
            self._writer.transport.abort()

    def _in(self, seconds: float) -> float:
        return asyncio.get_running_loop().time() + seconds

    async def _heard(self, until: float | None = None) -> Any:
        """What comes next, until that time of the loop, or as long as each read gives something
        within a step. Raises Broken, and Damaged for what is no HTTP."""
        while True:
            try:
                event = self._http.next_event()
                if event is not h11.NEED_DATA:
                    return event
                async with asyncio.timeout_at(until or self._in(self._step_s)):
                    data = await self._reader.read(AT_ONCE)
                self._was_heard = self._was_heard or bool(data)
                self._http.receive_data(data)
            except (OSError, TimeoutError) as error:
                raise self._broken(error) from None
            except h11.RemoteProtocolError as error:
                if self._reader.at_eof():
                    raise self._broken(error) from None
                raise Damaged from None

    async def _say(self, *events: h11.Event) -> None:
        """Raises Broken, also where the other side has said that it ends after what was said."""
        try:
            said = b"".join(self._http.send(event) or b"" for event in events)
            for at in range(0, len(said), AT_ONCE):
                self._writer.write(said[at : at + AT_ONCE])
                async with asyncio.timeout(self._step_s):
                    await self._writer.drain()
                await asyncio.sleep(0)  # to learn that it is cut: where all is taken, drain is none
        except (OSError, TimeoutError, h11.LocalProtocolError) as error:
            raise self._broken(error) from None

    def _broken(self, error: Exception) -> Broken:
        unknown = isinstance(error, ssl.SSLError) and error.reason in _UNKNOWN_KEY
        return Broken(unknown=unknown, heard=self._was_heard)

    def _goes_on(self) -> bool:
        """Whether there may be another request, now that one is answered."""
        if self._http.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            return False
        self._http.start_next_cycle()
        self.used_at = asyncio.get_running_loop().time()
        return True


class Asking(Line):
    """The side that asks. ``authority``: the host and port that were called, for the head."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        authority: str,
        step_s: float,
    ) -> None:
        super().__init__(reader, writer, h11.CLIENT, step_s)
        self._authority = authority

    async def ask(self, wish: Wish, body: bytes, into: bytearray) -> Said:
        """Ask, and hear the answer; the body of a 200 is added to ``into`` as it comes, so that it
        is not lost where the rest of it is. Raises Broken; Damaged for what we do not answer."""
        method, target = written(wish)
        headers = [("host", self._authority), ("content-length", str(len(body)))]
        request = h11.Request(method=method, target=target, headers=headers)
        await self._say(request, h11.Data(data=body), h11.EndOfMessage())
        head = await self._heard()
        if not isinstance(head, h11.Response) or head.status_code not in _OF_US:
            raise Damaged
        got, most = (into, MAX_BATCH) if head.status_code == 200 else (bytearray(), HEAD)
        while isinstance(event := await self._heard(), h11.Data):
            got += event.data
            if len(got) > most:
                raise Damaged
        if not isinstance(event, h11.EndOfMessage):
            raise Damaged
        self._goes_on()
        return Said(head.status_code, offset=_offset(head))


def _offset(head: h11.Response) -> int:
    """How much is there, as a 204 says it. Raises Damaged."""
    said = dict(head.headers).get(OFFSET.encode(), b"0")
    if not said.isdigit() or len(said) > 8:
        raise Damaged
    return int(said)


class Asked(Line):
    """The side that is asked."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, step_s: float
    ) -> None:
        super().__init__(reader, writer, h11.SERVER, step_s)

    async def wish(self, within_s: float) -> Wish | None:
        """The next wish; None where there is no other. Raises Broken, and Damaged for what is no
        wish: other methods and targets, other versions, another framing than by length, more than
        one length, more than it may bring along, a wait for our word."""
        head = await self._heard(self._in(within_s))
        if isinstance(head, h11.ConnectionClosed):
            return None
        if not isinstance(head, h11.Request) or head.http_version != b"1.1":
            raise Damaged
        names = [name for name, _ in head.headers]
        size = len(head.target) + sum(len(name) + len(value) for name, value in head.headers)
        if size > HEAD or {b"transfer-encoding", b"expect", b"upgrade"} & set(names):
            raise Damaged
        wish = wish_of(head.method, head.target)
        if int(dict(head.headers).get(b"content-length", b"0")) > most_body(wish):
            raise Damaged
        return wish

    async def body(self) -> AsyncIterator[bytes]:
        """What it brings along, as it comes. Raises Broken, and Damaged where more has come."""
        while isinstance(event := await self._heard(), h11.Data):
            yield bytes(event.data)
        if not isinstance(event, h11.EndOfMessage) or self._http.trailing_data[0]:
            raise Damaged

    async def answer(self, said: Said) -> bool:
        """Answer it; whether there may be another one. Raises Broken."""
        headers = []
        if said.status == 204:
            headers.append((OFFSET, str(said.offset)))
        else:
            headers.append(("content-length", str(len(said.body))))
        if said == WRONG:
            headers.append(("Connection", "close"))  # as h11 writes it where it does so itself
        response = h11.Response(status_code=said.status, headers=headers)
        await self._say(response, h11.Data(data=said.body), h11.EndOfMessage())
        return self._goes_on()

    async def refuse(self) -> None:
        """Say that it is wrong, where that can be said still, and let it be heard."""
        with suppress(Broken):
            await self.answer(WRONG)
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                self._writer.close()
                await self._writer.wait_closed()


def _set_up(writer: asyncio.StreamWriter, step_s: float) -> None:
    """Send at once, and learn within a step that nobody is there any more (tcp(7)): otherwise what
    was swallowed is sent again for a quarter of an hour."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(step_s * 1000))
