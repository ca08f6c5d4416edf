"""The ``Http`` of a plug-in that has no socket: whoever has one is asked, in a frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import trio

from relay.errors import Damaged
from relay.node.pipes import PipeEnded
from relay.node.strangers.line import MOST_SAID
from relay.ports import Answer, NoAnswer, NotSent
from relay.wire import asked
from relay.wire.pack import pack, unpack_any

Answered = asked.Response | asked.Did | asked.Came | asked.NotHad


class Asking:
    """``ports.Http`` over frames. ``send`` gives them to who makes the requests; ``told`` is called
    with what comes back."""

    def __init__(self, send: Callable[[object], Awaitable[None]]) -> None:
        self._send = send
        self._n = 0
        self._waiting: dict[int, trio.Event] = {}
        self._answers: dict[int, Answered] = {}

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request, one whole answer. Raises NotSent or NoAnswer."""
        named = dict(headers or {})
        answer = await self.asked(
            lambda n: asked.Request(n, method, url, named, bytes(body), float(timeout_s))
        )
        assert isinstance(answer, asked.Response)
        return Answer(answer.status, answer.headers, answer.body)

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> Connection:
        """A connection of bytes. Raises NotSent."""
        did = await self.asked(lambda n: asked.Connect(n, host, port, tls, float(timeout_s)))
        return Connection(self, did.n)

    async def asked(self, make: Callable[[int], object]) -> Answered:
        """What came of one frame. Raises NotSent or NoAnswer."""
        self._n += 1
        n, there = self._n, trio.Event()
        frame = make(n)
        if not _can_be_said(frame):
            raise NotSent("not a request")
        self._waiting[n] = there
        try:
            await self._send(frame)
            await there.wait()
        except PipeEnded:
            raise NoAnswer("the outlet is gone") from None
        except trio.Cancelled:
            await self.tell(asked.Drop(n))
            raise
        finally:
            del self._waiting[n]
            answer = self._answers.pop(n, None)
        assert answer is not None
        if isinstance(answer, asked.NotHad):
            raise NoAnswer(answer.why) if answer.left else NotSent(answer.why)
        return answer

    async def tell(self, frame: object) -> None:
        """What nobody answers; sent also by who is cancelled."""
        with trio.CancelScope(shield=True):
            try:
                await self._send(frame)
            except PipeEnded:
                return

    def told(self, answer: Answered) -> None:
        """An answer came; to what was given up, it comes too late."""
        if answer.n in self._waiting:
            self._answers[answer.n] = answer
            self._waiting[answer.n].set()


class Connection:
    """``ports.Stream`` over frames."""

    def __init__(self, asking: Asking, line: int) -> None:
        self._asking = asking
        self._line = line
        self._open = True

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        """All of it. Raises NotSent or NoAnswer."""
        given = bytes(said)
        await self._asked(lambda n: asked.Say(n, self._line, given, float(timeout_s)))

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        """What has come; b"" at the end. Raises NoAnswer."""
        came = await self._asked(lambda n: asked.Hear(n, self._line, float(timeout_s)))
        assert isinstance(came, asked.Came)
        return came.said

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        """Go on under TLS. Raises NotSent."""
        await self._asked(lambda n: asked.Secure(n, self._line, float(timeout_s)))

    async def aclose(self) -> None:
        """Close it."""
        if self._open:
            self._open = False
            await self._asking.tell(asked.Close(self._line))

    async def _asked(self, make: Callable[[int], object]) -> Any:
        if not self._open:
            raise NoAnswer("the connection was closed")
        return await self._asking.asked(make)


def _can_be_said(frame: object) -> bool:
    """Whether whoever is asked would know it: one that it does not ends this process."""
    try:
        packed = pack(frame)
        unpack_any((type(frame),), packed)
        return len(packed) <= MOST_SAID
    except (Damaged, TypeError, ValueError, OverflowError):
        return False
