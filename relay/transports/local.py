"""``relay send``: a text from this machine, over a socket in the data folder.

A request is 16 random bytes (the message's id, so that a client may ask twice), two bytes of
channel length and four of text length, then channel and text in UTF-8. The answer is the verdict,
one word. Only the node's own user and root are heard: the kernel says who asks (SO_PEERCRED,
unix(7)), besides the socket's own mode.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes
from typing import Final

from relay.errors import NoNode
from relay.model import Arrival, Verdict
from relay.ports import TakeIn
from relay.sockets import bound, is_ours, short, unbound

MAX_BYTES: Final = 256 * 1024
"""Bytes of a text."""

REQUEST_S: Final = 15.0
"""Seconds for a whole request: it comes from this machine."""

ANSWER_S: Final = 60.0
"""Seconds a client waits for the verdict: longer than a disk takes that is only slow."""

AT_ONCE: Final = 16
"""Requests at once: 4 MiB of text."""

LET_IN_S: Final = 0.1
"""Seconds in which whoever was let in last begins to be heard."""

_HEAD = struct.Struct(">16sHI")
_MAX_CHANNEL = 255


class Local:
    """``ports.Transport`` on a unix socket, made at ``path`` and removed at its end."""

    def __init__(
        self,
        path: Path,
        channels: Collection[str],
        *,
        name: str = "send",
        request_s: float = REQUEST_S,
        closing: asyncio.Event | None = None,
        sock: socket.socket | None = None,
    ) -> None:
        """``sock``: a nameless one that is to lie there, for who may make none any more."""
        self._sock = sock
        self._path = path
        self._channels = frozenset(channels)
        self._name = name
        self._request_s = request_s
        self._closing = closing or asyncio.Event()
        self._heard_now: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Serve until cancelled; or until ``closing`` is set, and then to the end of what came."""
        self._take_in = take_in
        server = await asyncio.start_unix_server(self._heard, sock=bound(self._path, self._sock))
        number = self._path.stat().st_ino
        ready(self._name)
        try:
            await self._closing.wait()
            server.close()
            await asyncio.sleep(LET_IN_S)
            while self._heard_now:
                await asyncio.wait(self._heard_now)
        finally:
            server.close()
            unbound(self._path, number)

    async def _heard(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._heard_now.add(task)
        try:
            if is_ours(writer.get_extra_info("socket")):
                async with self._slots:
                    verdict = await self._verdict(reader)
                writer.write(verdict.encode() + b"\n")
                await writer.drain()
        except Exception:  # the request's guard: the client hears nothing, and may ask again
            pass
        finally:
            self._heard_now.discard(task)
            writer.close()

    async def _verdict(self, reader: asyncio.StreamReader) -> Verdict:
        async with asyncio.timeout(self._request_s):
            id_, channel_length, text_length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
            if channel_length > _MAX_CHANNEL or text_length > MAX_BYTES:
                return Verdict.REFUSED
            channel = (await reader.readexactly(channel_length)).decode("utf-8", "replace")
            text = await reader.readexactly(text_length)
        if channel not in self._channels or not is_text(text):
            return Verdict.REFUSED
        return await self._take_in(
            Arrival(
                transport=self._name,
                kind="text",
                content=text,
                channels=(channel,),
                sender=b"",
                recipient=b"",
                provider_id=id_,
            )
        )


def send(path: Path, channel: str, text: bytes) -> Verdict:
    """Hand a text to the node whose socket is at ``path``; blocks until it is durable or refused.

    Raises NoNode if nobody listens there; ValueError if the text has more than MAX_BYTES.
    """
    if len(text) > MAX_BYTES:
        raise ValueError("the text is too long")
    name = channel.encode()
    if len(name) > _MAX_CHANNEL:
        return Verdict.REFUSED
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(ANSWER_S)
        try:
            with short(path) as place:
                asking.connect(place)
        except OSError:
            raise NoNode from None
        answer = b""
        with suppress(OSError):  # a node that ends now has not taken it, as far as anyone knows
            asking.sendall(_HEAD.pack(token_bytes(16), len(name), len(text)) + name + text)
            answer = asking.recv(32)
    try:
        return Verdict(answer.decode("ascii", "replace").strip())
    except ValueError:
        return Verdict.BUSY


def is_text(text: bytes) -> bool:
    """Whether it is UTF-8 and has something in it."""
    try:
        return bool(text.decode().strip())
    except UnicodeDecodeError:
        return False
