"""The first request of a connection is looked at before it is known who answers it."""

from __future__ import annotations

from typing import Final

import trio

MAX_HEAD_BYTES: Final = 16 * 1024


async def read_head(stream: trio.abc.ReceiveStream) -> bytes:
    """What a client says up to the empty line, and what came with it; short of that only if it goes
    or says too much."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MAX_HEAD_BYTES:
        chunk = await stream.receive_some(4096)
        if not chunk:
            break
        head += chunk
    return head


class Again(trio.abc.Stream):
    """A connection on which the first bytes, read before, are read again."""

    def __init__(self, stream: trio.abc.Stream, first: bytes) -> None:
        self._stream = stream
        self._first = first

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """See ``trio.abc.ReceiveStream``."""
        if self._first:
            first, self._first = self._first, b""
            return first
        return bytes(await self._stream.receive_some(max_bytes))

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """See ``trio.abc.SendStream``."""
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """See ``trio.abc.SendStream``."""
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """See ``trio.abc.AsyncResource``."""
        await self._stream.aclose()
