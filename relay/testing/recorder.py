"""A web address on loopback that remembers what was posted to it, and fails as platforms fail.

Faults are a script: one a request, in order; when it is used up, everything is well. What matters
in a fault is whether the post was *made* although no good answer came, so each one says so. A
receiver with keys makes one post of many requests with one ``Idempotency-Key``; without keys each
request that is made counts, as on a platform that cannot tell a repeat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import h11
import trio

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
MAX_REQUESTS: Final = 100_000
"""Remembered at most: a stand-in must not eat the machine that it helps to test."""


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """What arrived: header names in lower case, the whole body."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request.

    ``made``: the post counts as made. ``then``: answer it; cut the connection; hang until the
    client goes; answer without end; or stop in the middle of the answer.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    made: bool = False
    then: Literal["answer", "cut", "hang", "endless", "half"] = "answer"


GOOD: Final = Fault(headers={"Content-Type": "application/json"}, made=True)


def too_many(retry_after: str | None = None) -> Fault:
    """429; ``retry_after`` is seconds or an HTTP date."""
    return _busy(429, retry_after)


def maintenance(retry_after: str | None = None) -> Fault:
    """503 with an HTML page, as a front server sends it."""
    return _busy(503, retry_after)


def _busy(status: int, retry_after: str | None) -> Fault:
    headers = {"Content-Type": "text/html"}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    return Fault(status, headers, b"<html>later</html>")


def error(status: int, *, made: bool = False) -> Fault:
    """A plain error; ``made`` for a platform that posts and then says it did not."""
    return Fault(status, {"Content-Type": "text/plain"}, b"error", made)


def redirect(to: str) -> Fault:
    """302 to another address."""
    return Fault(302, {"Location": to}, b"")


def cut(*, made: bool = True) -> Fault:
    """The connection ends where the answer should begin."""
    return Fault(made=made, then="cut")


def hang(*, made: bool = True) -> Fault:
    """No answer comes, and the connection stays."""
    return Fault(made=made, then="hang")


def endless(*, made: bool = True) -> Fault:
    """An answer that does not stop."""
    return Fault(made=made, then="endless")


def half(*, made: bool = True) -> Fault:
    """An answer that stops in the middle."""
    return Fault(made=made, then="half")


class Recorder:
    """The receiver. ``async with recorder(...)`` makes and serves one."""

    def __init__(self, faults: Sequence[Fault] = (), *, keys: bool = True) -> None:
        self.requests: list[Request] = []
        self.made: list[Request] = []
        self.good = GOOD
        self._faults = list(faults)
        self._keys = keys
        self._known: set[str] = set()
        self._port = 0
        self._nursery: trio.Nursery | None = None
        self._open = trio.CancelScope()

    @property
    def url(self) -> str:
        """Where it is posted to."""
        return f"http://127.0.0.1:{self._port}/in"

    def script(self, *faults: Fault) -> None:
        """Add faults for the next requests."""
        self._faults.extend(faults)

    async def open(self) -> None:
        """Listen; again on the same port after ``refuse``."""
        assert self._nursery is not None
        self._open = trio.CancelScope()
        listeners: list[trio.SocketListener] = await self._nursery.start(self._listen)
        self._port = listeners[0].socket.getsockname()[1]

    def refuse(self) -> None:
        """Listen no more: connections are refused from here on."""
        self._open.cancel()

    async def _listen(
        self, task_status: trio.TaskStatus[list[trio.SocketListener]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        with self._open:
            await trio.serve_tcp(self._serve, self._port, host="127.0.0.1", task_status=task_status)

    async def _serve(self, stream: trio.SocketStream) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            while await self._one(stream, connection):
                connection.start_next_cycle()
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.ProtocolError):
            pass  # the client went away, which is its right
        finally:
            await trio.aclose_forcefully(stream)

    async def _one(self, stream: trio.SocketStream, connection: h11.Connection) -> bool:
        """One request and its answer; whether the connection goes on."""
        request = await self._heard(stream, connection)
        if request is None:
            return False
        fault = self._faults.pop(0) if self._faults else self.good
        self._remember(request, fault)
        if fault.then == "cut":
            return False
        if fault.then == "hang":
            await stream.receive_some(1)  # until the client goes
            return False
        await self._answer(stream, connection, fault)
        return fault.then == "answer" and connection.our_state is h11.DONE

    async def _heard(self, stream: trio.SocketStream, connection: h11.Connection) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await stream.receive_some(65536))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY_BYTES:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                return Request(head.method.decode(), head.target.decode(), headers, bytes(body))
            else:
                return None

    def _remember(self, request: Request, fault: Fault) -> None:
        if len(self.requests) < MAX_REQUESTS:
            self.requests.append(request)
        key = request.headers.get("idempotency-key", "") if self._keys else ""
        if not fault.made or key in self._known or len(self.made) >= MAX_REQUESTS:
            return
        if key:
            self._known.add(key)
        self.made.append(request)

    async def _answer(
        self, stream: trio.SocketStream, connection: h11.Connection, fault: Fault
    ) -> None:
        length = str(len(fault.body) + (1000 if fault.then == "half" else 0))
        framing = {} if fault.then == "endless" else {"Content-Length": length}
        headers = list((dict(fault.headers) | framing).items())
        parts = connection.send(h11.Response(status_code=fault.status, headers=headers))
        assert parts is not None
        await stream.send_all(parts + (connection.send(h11.Data(data=fault.body)) or b""))
        while fault.then == "endless":
            await stream.send_all(connection.send(h11.Data(data=bytes(65536))) or b"")
        if fault.then == "answer":
            await stream.send_all(connection.send(h11.EndOfMessage()) or b"")


@asynccontextmanager
async def recorder(
    *faults: Fault, keys: bool = True, good: Fault = GOOD
) -> AsyncIterator[Recorder]:
    """A recorder that serves while the block lasts. ``good`` is its answer when all is well."""
    async with trio.open_nursery() as nursery:
        made = Recorder(faults, keys=keys)
        made.good = replace(good, made=True)
        made._nursery = nursery
        await made.open()
        try:
            yield made
        finally:
            nursery.cancel_scope.cancel()
