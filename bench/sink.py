"""The web address at the far end: takes a POST, notes the marker in it, answers 200.

A process of its own, told what to do by lines on its standard input: ``seen`` (answered with one
line of JSON), ``down`` (nobody listens there, as with a host that is gone), ``up``. It parses no
more of HTTP than it needs, so that it costs both sides the same, and little.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_MARKER = re.compile(rb"bench-[0-9a-z]+-\d+")
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Seen:
    """Each marker with how often it came, and when anything came last (monotonic seconds)."""

    def __init__(self) -> None:
        self.times: dict[str, int] = {}
        self.last_s = 0.0

    def note(self, body: bytes) -> None:
        """A body came. A marker may stand in it more than once; one without any is ``?``."""
        found = _MARKER.search(body)
        marker = found.group().decode() if found else "?"
        self.times[marker] = self.times.get(marker, 0) + 1
        self.last_s = time.monotonic()


class Hook(asyncio.Protocol):
    """One connection; requests one after the other, each with a Content-Length."""

    def __init__(self, seen: Seen, open_: set[asyncio.Transport]) -> None:
        self._seen = seen
        self._open = open_
        self._got = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._got, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._got) < whole:
                return
            self._seen.note(bytes(self._got[end + 4 : whole]))
            del self._got[:whole]
            self._transport.write(_OK)


async def serve() -> None:
    """Until standard input ends."""
    loop = asyncio.get_running_loop()
    seen, open_ = Seen(), set[asyncio.Transport]()

    async def listen(port: int) -> asyncio.Server:
        return await loop.create_server(
            lambda: Hook(seen, open_), "127.0.0.1", port, reuse_address=True
        )

    server = await listen(0)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while order := (await lines.readline()).decode().strip():
        if order == "down":
            server.close()
            for transport in list(open_):
                transport.abort()
        elif order == "up":
            server = await listen(port)
        print(json.dumps({"times": seen.times, "last_s": seen.last_s}), flush=True)


class Sink:
    """The process, from outside. Use it as a block."""

    def __enter__(self) -> Sink:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.sink"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def tell(self, order: str) -> dict[str, Any]:
        """``seen``, ``down`` or ``up``; what it has seen by then."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said


if __name__ == "__main__":
    asyncio.run(serve())
