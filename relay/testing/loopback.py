"""HTTP on loopback for stand-ins: what was asked is remembered, and faults come as scripted.

A stand-in says what a request means (``meet``); everything that can go wrong around that is here,
once: the answer that is an error, is cut, comes half, never ends, or does not come. What matters in
a fault is whether the request was *acted on* although no good answer came, so each one says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

import h11
import trio

MAX_REQUESTS: Final = 100_000
"""Remembered at most: a stand-in must not eat the machine that it helps to test."""


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """What arrived: header names in lower case, the whole body."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def line(self) -> str:
        """Method and path, as a script names them: ``POST /in``."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request.

    ``made``: it is acted on all the same (the post counts as made). ``then``: answer it; cut the
    connection; hang until the client goes; answer without end; stop in the middle of the answer; or
    be late: act on it only when the client has gone.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    made: bool = False
    then: Literal["answer", "cut", "hang", "endless", "half", "late"] = "answer"


class Loopback:
    """A server on a free port of 127.0.0.1. Serve it with ``async with on_loopback(...)``."""

    max_body_bytes = 16 * 1024 * 1024
    """A larger request loses its connection."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.closed: Fault | None = None
        """While this is set it is what every request gets, before any script: maintenance."""
        self._faults: list[tuple[str, Fault]] = []
        self._port = 0
        self._nursery: trio.Nursery | None = None
        self._open = trio.CancelScope()

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Act on a request and give what happens to it. ``fault`` is what the script says, if it
        says anything; one that is not ``made`` never comes here."""
        raise NotImplementedError

    @property
    def base(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def script(self, *faults: Fault, on: str = "*") -> None:
        """Add faults for the next requests, one a request, in order.

        ``on`` keeps them to some: ``"POST /api/v1/statuses"``; ``*`` stands for anything."""
        self._faults.extend((on, fault) for fault in faults)

    async def open(self) -> None:
        """Listen; again on the same port after ``refuse``."""
        assert self._nursery is not None
        self._open = trio.CancelScope()
        listeners: list[trio.SocketListener] = await self._nursery.start(self._listen)
        self._port = listeners[0].socket.getsockname()[1]

    def refuse(self) -> None:
        """Listen no more: connections are refused from here on, and those that are open end."""
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
        if len(self.requests) < MAX_REQUESTS:
            self.requests.append(request)
        fault = self.closed or self._scripted(request)
        if fault is not None and fault.then == "late":
            await stream.receive_some(1)  # until the client goes
            await self.meet(request, fault)
            return False
        if fault is None or fault.made:
            fault = await self.meet(request, fault)
        if fault.then == "cut":
            return False
        if fault.then == "hang":
            await stream.receive_some(1)  # until the client goes
            return False
        await self._answer(stream, connection, fault, bodiless=request.method == "HEAD")
        return fault.then == "answer" and connection.our_state is h11.DONE

    def _scripted(self, request: Request) -> Fault | None:
        """The first fault that waits for such a request."""
        for n, (on, fault) in enumerate(self._faults):
            if fnmatchcase(request.line, on):
                del self._faults[n]
                return fault
        return None

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
                if len(body) > self.max_body_bytes:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                return Request(head.method.decode(), head.target.decode(), headers, bytes(body))
            else:
                return None

    async def _answer(
        self, stream: trio.SocketStream, connection: h11.Connection, fault: Fault, *, bodiless: bool
    ) -> None:
        length = str(len(fault.body) + (1000 if fault.then == "half" else 0))
        framing = {} if fault.then == "endless" else {"Content-Length": length}
        headers = list((dict(fault.headers) | framing).items())
        parts = connection.send(h11.Response(status_code=fault.status, headers=headers))
        assert parts is not None
        body = b"" if bodiless else fault.body
        await stream.send_all(parts + (connection.send(h11.Data(data=body)) or b""))
        while fault.then == "endless":
            await stream.send_all(connection.send(h11.Data(data=bytes(65536))) or b"")
        if fault.then == "answer":
            await stream.send_all(connection.send(h11.EndOfMessage()) or b"")


Served = TypeVar("Served", bound=Loopback)


@asynccontextmanager
async def on_loopback(made: Served) -> AsyncIterator[Served]:
    """Serve a stand-in while the block lasts."""
    async with trio.open_nursery() as nursery:
        made._nursery = nursery
        await made.open()
        try:
            yield made
        finally:
            nursery.cancel_scope.cancel()
