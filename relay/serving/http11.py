"""One connection of an HTTP server: hypercorn's, with its ends mended and its ambitions cut.

It leans on ``hypercorn.asyncio.tcp_server.TCPServer`` and private names of hypercorn 0.18;
``tests/hostile/test_http.py`` notices when they change.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated

from relay.serving.limits import HttpLimits

logging.getLogger("hypercorn.error").disabled = True

_READ = 64 * 1024


class Connection(TCPServer):
    """One connection that stays HTTP/1.1, whatever the client asks it to become.

    A client that has said all and closed its side still gets its answer, and one that is gone is
    gone at once; hypercorn's own would forget the first and keep the second until its idle time.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._answered = asyncio.Event()
        self._answered.set()

    async def _read_data(self) -> None:
        protocol: Any = self.protocol.protocol
        protocol._check_protocol = _stay
        try:
            while not self.reader.at_eof():
                await self.protocol.handle(RawData(await self.reader.read(_READ)))
            await self._answered.wait()
        except OSError:
            pass  # the client is gone
        await self.protocol.handle(Closed())
        await self.idle_task.stop()

    async def protocol_send(self, event: Event) -> None:
        if isinstance(event, Updated) and not event.idle:
            self._answered.clear()
        elif isinstance(event, Updated | Closed):
            self._answered.set()
        if isinstance(event, Updated) and self.reader.at_eof():
            return  # there is no next request to wait for
        await super().protocol_send(event)
        if self.writer.transport.is_closing():
            self._answered.set()  # nobody is there any more to hear the rest


async def _stay(_request: object) -> None:
    """In the place of hypercorn's look for HTTP/2: an upgrade may be ignored (RFC 9110 7.8)."""


def config_of(limits: HttpLimits) -> Config:
    """What hypercorn is told: our limits, no log, and nothing about ourselves in an answer."""
    config = Config()
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False
    config.include_date_header = False  # our clock is nobody's business; a proxy adds its own
    config.h11_max_incomplete_size = limits.header_bytes
    config.keep_alive_timeout = limits.header_s
    return config
