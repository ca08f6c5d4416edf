"""The lines of an SMTP connection, in the clear or under TLS."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Final

import trio

COMMAND_BYTES: Final = 512
"""RFC 5321, 4.5.3.1.4, with the line end; AUTH may take more (RFC 4954, 4)."""

AUTH_BYTES: Final = 12288
TEXT_BYTES: Final = 1000
"""A line of a message, with the line end (RFC 5321, 4.5.3.1.6)."""


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """What came between DATA and the dot. ``long_line``, ``bare``: a line was too long, or ended in
    CR or LF alone; ``too_big``: there was more than asked for, and it is not here."""

    content: bytes
    long_line: bool
    bare: bool
    too_big: bool


class Wire:
    """One connection. ``secure``: TLS has begun."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.secure = False
        self._stream: trio.abc.Stream = stream
        self._buffer = bytearray()

    async def say(self, reply: str) -> None:
        """A reply of one or several lines: ``"250 2.0.0 OK"``."""
        lines = reply.split("\n")
        code = lines[0][:3]
        shown = [f"{code}-{line[4:] if n == 0 else line}" for n, line in enumerate(lines[:-1])]
        shown.append(lines[-1] if len(lines) == 1 else f"{code} {lines[-1]}")
        await self._stream.send_all("".join(f"{line}\r\n" for line in shown).encode())

    async def say_without_end(self) -> None:
        """A reply that goes on until the client goes."""
        while True:
            await self._stream.send_all(b"250-and more\r\n" * 1000)

    async def line(self, most: int = COMMAND_BYTES) -> bytes | None:
        """The next line without its end; None when there is no more. Of one that is longer than
        ``most`` bytes, with its end, only ``most`` come."""
        kept = b""
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > most:
                kept = kept or bytes(self._buffer[:most])
                del self._buffer[:-1]  # it may be half of the line end
            if not await self._fed():
                return None
        line = kept or bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line[:most]

    async def letter(self, most_bytes: int) -> Letter | None:
        """Lines up to the dot, without the dots that were doubled; None if the client went."""
        made = bytearray()
        long_line = bare = too_big = False
        while True:
            line = await self.line(TEXT_BYTES)
            if line is None:
                return None
            if line == b".":
                return Letter(bytes(made), long_line, bare, too_big)
            long_line |= len(line) > TEXT_BYTES - 2 + line.startswith(b".")
            bare |= b"\r" in line or b"\n" in line
            if len(made) + len(line) <= most_bytes:
                made += line.removeprefix(b".") + b"\r\n"
            else:
                too_big = True

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands. What a client said before that is forgotten (RFC 3207, 4.2)."""
        self._buffer.clear()
        secured = trio.SSLStream(self._stream, context, server_side=True, https_compatible=True)
        await secured.do_handshake()
        self._stream = secured
        self.secure = True

    async def gone(self) -> None:
        """Wait until the client has gone."""
        while await self._fed():
            self._buffer.clear()

    async def aclose(self) -> None:
        """Close it, properly."""
        await self._stream.aclose()

    async def _fed(self) -> bool:
        chunk = await self._stream.receive_some(65536)
        self._buffer += chunk
        return bool(chunk)
