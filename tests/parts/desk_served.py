"""A desk at a port of this machine, before a core that a test makes up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from relay.desk.app import app_of
from relay.desk.core import Core
from relay.desk.reached import At
from relay.desk.state import Desk
from relay.model import Instant
from relay.serving.limits import HttpLimits
from relay.serving.server import Gone, Receive, Scope, Send, Server
from relay.sockets import address_of
from relay.testing.door import listening, serving


@contextmanager
def served(
    core: Core, limits: HttpLimits | None = None, now: Callable[[], Instant] = lambda: 0
) -> Iterator[str]:
    """Serve until the block ends; gives the address."""
    sock = listening()

    async def run(ready: Callable[[str], None]) -> None:
        app = app_of(Desk(core, At(), now))  # here: its index belongs to this thread

        async def asgi(_: Gone, scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, receive, send)

        server = Server(sock, asgi, limits or HttpLimits())
        await server.run(lambda: ready(address_of(sock)))

    with serving(run) as address:
        yield address
