"""A wire to a server on loopback that counts what passes, and is a place to die at.

Whatever is spoken (HTTP, WebSocket, SMTP under TLS), a conversation is chunks of bytes one way or
the other. ``at(n, kill)`` has ``kill`` called as the ``n``-th chunk arrives here, which then is
passed on all the same (``late``: it is passed on first). So a process can be killed between any two
steps of its talk with a server that nobody could script.
"""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import trio


class Wire:
    """Serves one port of 127.0.0.1, before another."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self.passed = 0
        """How many chunks have come since the last ``at``."""
        self._to = to
        self._n = 0
        self._kill: Callable[[], object] = int
        self._late = False

    def at(self, n: int, kill: Callable[[], object], *, late: bool = False) -> None:
        """Count from here, and do it at the ``n``-th chunk (0: never). ``kill`` runs in a
        thread."""
        self.passed, self._n, self._kill, self._late = 0, n, kill, late

    async def serve(self, ours: trio.SocketStream) -> None:
        """One connection."""
        try:
            theirs = await trio.open_tcp_stream("127.0.0.1", self._to)
        except OSError:
            await trio.aclose_forcefully(ours)
            return
        async with theirs, ours, trio.open_nursery() as nursery:
            nursery.start_soon(self._pass, ours, theirs)
            nursery.start_soon(self._pass, theirs, ours)

    async def _pass(self, source: trio.SocketStream, to: trio.SocketStream) -> None:
        try:
            while chunk := await source.receive_some(65536):
                self.passed += 1
                hit = self.passed == self._n
                if hit and not self._late:
                    await trio.to_thread.run_sync(self._kill)
                await to.send_all(chunk)
                if hit and self._late:
                    await trio.to_thread.run_sync(self._kill)
            await to.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            await trio.aclose_forcefully(to)
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise


@asynccontextmanager
async def wire(to: int) -> AsyncIterator[Wire]:
    """A wire to a port while the block lasts."""
    made = Wire(to)
    serve = partial(trio.serve_tcp, made.serve, 0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        [listener] = await nursery.start(serve)
        made.port = listener.socket.getsockname()[1]
        yield made
        nursery.cancel_scope.cancel()
