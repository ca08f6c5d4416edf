"""What a plug-in asks of the network, done for it: by the routes and to the hosts of its section.

Whoever asks is not to be believed: it may ask for what it likes, as often as it likes. What it may
reach was decided by its operator (``relay.plugins.hosts``), and ``HttpOut`` keeps to that; how much
at a time is decided here.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Awaitable, Callable
from typing import Any, Final

import trio

from relay.errors import Damaged
from relay.node.child import kind_of
from relay.node.pipes import PipeEnded
from relay.ports import NoAnswer, NotSent
from relay.reach.http import HttpOut
from relay.reach.streams import OutStream
from relay.wire import asked

MOST_UNDER_WAY: Final = 64
"""Requests and the like together: more sends than a destination bears at once ask no more."""

MOST_LINES: Final = 32
"""Connections that it has open."""

MOST_WAITING: Final = 48 * 1024 * 1024
"""Bytes of requests under way: three of the largest."""


class Answering:
    """Requests under way, by number. ``send`` gives the answers to who asked."""

    def __init__(self, send: Callable[[object], Awaitable[None]]) -> None:
        self.http: HttpOut | None = None
        """The way out; None until its hosts are known: until then nothing may be asked."""
        self._send = send
        self._scopes: dict[int, trio.CancelScope] = {}
        self._lines: dict[int, OutStream] = {}
        self._waiting = 0

    async def take(self, frame: Any, nursery: trio.Nursery) -> None:
        """Begin what is asked, or end it. Raises Damaged for what nobody asks by mistake."""
        match frame:
            case _ if self.http is None:
                raise Damaged
            case asked.Drop():
                self._drop(frame.n, nursery)
            case asked.Close():
                self._close(frame.line, nursery)
            case _:
                await self._begin(frame, nursery)

    async def aclose(self) -> None:
        """Every connection ends."""
        while self._lines:
            _, stream = self._lines.popitem()
            await stream.aclose()

    async def _begin(self, frame: Any, nursery: trio.Nursery) -> None:
        if frame.n in self._scopes or frame.n in self._lines:
            raise Damaged
        size = _size(frame)
        if len(self._scopes) >= MOST_UNDER_WAY or self._waiting + size > MOST_WAITING:
            await self._send(asked.NotHad(frame.n, False, "too much at a time"))
            return
        self._scopes[frame.n] = trio.CancelScope()  # there before anything can drop it
        self._waiting += size
        nursery.start_soon(self._call, frame, size)

    def _drop(self, n: int, nursery: trio.Nursery) -> None:
        if n in self._scopes:
            self._scopes[n].cancel()
        else:
            self._close(n, nursery)

    def _close(self, line: int, nursery: trio.Nursery) -> None:
        stream = self._lines.pop(line, None)
        if stream is not None:
            nursery.start_soon(stream.aclose)

    async def _call(self, frame: Any, size: int) -> None:
        answer: object = asked.NotHad(frame.n, True, "cancelled")
        with self._scopes[frame.n]:
            try:
                answer = await self._answer(frame)
            except NotSent as error:
                answer = asked.NotHad(frame.n, False, str(error))
            except NoAnswer as error:
                answer = asked.NotHad(frame.n, True, str(error))
            except Exception as error:  # odd words may lead a library astray: then nobody knows
                answer = asked.NotHad(frame.n, True, f"it failed: {kind_of(error)}")
        del self._scopes[frame.n]
        self._waiting -= size
        with contextlib.suppress(PipeEnded):
            await self._send(answer)

    async def _answer(self, frame: Any) -> object:
        assert self.http is not None
        within_s = _seconds(frame.timeout_s)
        match frame:
            case asked.Request():
                answer = await self.http.request(
                    frame.method,
                    frame.url,
                    headers=frame.headers,
                    body=frame.body,
                    timeout_s=within_s,
                )
                return asked.Response(frame.n, answer.status, dict(answer.headers), answer.body)
            case asked.Connect():
                return await self._connected(frame, within_s)
            case asked.Say():
                await self._line(frame.line).send(frame.said, timeout_s=within_s)
            case asked.Hear():
                came = await self._line(frame.line).receive(timeout_s=within_s)
                return asked.Came(frame.n, came)
            case asked.Secure():
                await self._line(frame.line).start_tls(timeout_s=within_s)
        return asked.Did(frame.n)

    async def _connected(self, frame: asked.Connect, within_s: float) -> asked.Did:
        assert self.http is not None
        if len(self._lines) >= MOST_LINES:
            raise NotSent("too many connections at a time")
        self._lines[frame.n] = await self.http.connect(
            frame.host, frame.port, tls=frame.tls, timeout_s=within_s
        )
        return asked.Did(frame.n)

    def _line(self, n: int) -> OutStream:
        try:
            return self._lines[n]
        except KeyError:
            raise NoAnswer("the connection was closed") from None


def _size(frame: Any) -> int:
    """Bytes of what a frame has us hold."""
    match frame:
        case asked.Request():
            named = sum(len(name) + len(one) for name, one in frame.headers.items())
            return len(frame.method) + len(frame.url) + named + len(frame.body)
        case asked.Connect():
            return len(frame.host)
        case asked.Say():
            return len(frame.said)
    return 0


def _seconds(said: float) -> float:
    """A time that can be waited for: of what is none, no time at all."""
    return 0.0 if math.isnan(said) else max(0.0, min(said, 3600.0))
