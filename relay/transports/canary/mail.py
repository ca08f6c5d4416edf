"""A mail, by SMTP (RFC 5321) or LMTP (RFC 2033), to a server of our own; under TLS if it has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Final, Literal

from relay.transports.canary.end import End, connected, secure
from relay.transports.canary.note import Note, Unheard

_US: Final = "[127.0.0.1]"
"""Who greets: an address, since this machine may have no name (RFC 5321 section 4.1.3)."""

MOST_LINES: Final = 50
"""Lines of one answer."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes mails. ``to`` is an address of ours; the sender has its domain, so that no server of
    anybody else's is asked what it thinks of them. ``now``: the time, in seconds since 1970."""

    end: End
    to: str
    hello: Literal["EHLO", "LHLO"]
    now: Callable[[], int]

    async def __call__(self, note: Note) -> None:
        """As ``note.Write``."""
        mail = mail_of(note, self.to, self.now())
        async with connected(self.end) as (reader, writer):
            talk = _Talk(reader, writer)
            await talk.answer(220)
            offers = await talk.says(f"{self.hello} {_US}", 250)
            if self.end.shown is not None:
                if not any(one[4:].strip().upper() == "STARTTLS" for one in offers):
                    raise Unheard("it offers no STARTTLS")
                await talk.says("STARTTLS", 220)
                await secure(writer, self.end)
                await talk.says(f"{self.hello} {_US}", 250)
            await talk.says(f"MAIL FROM:<{sender_of(note, self.to)}>", 250)
            await talk.says(f"RCPT TO:<{self.to}>", 250)
            await talk.says("DATA", 354)
            writer.write(mail)
            await talk.says(".", 250)
            writer.write(b"QUIT\r\n")


def sender_of(note: Note, to: str) -> str:
    """The address of whoever is said to write."""
    return f"{note.who}@{to.rpartition('@')[2]}"


def mail_of(note: Note, to: str, now: int) -> bytes:
    """The mail (RFC 5322), each line with its end. It has no subject, and so no title."""
    fields = {"From": sender_of(note, to), "To": to, "Date": formatdate(now)}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{head}\r\n{note.line}\r\n".encode()


class _Talk:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def says(self, command: str, wanted: int) -> list[str]:
        """The lines of the answer to a command. Raises Unheard for any other answer."""
        self._writer.write(f"{command}\r\n".encode())
        await self._writer.drain()
        return await self.answer(wanted)

    async def answer(self, wanted: int) -> list[str]:
        """The next answer (RFC 5321 section 4.2.1)."""
        lines: list[str] = []
        while len(lines) < MOST_LINES:
            line = (await self._reader.readuntil(b"\n")).decode("ascii", "replace").rstrip()
            lines.append(line)
            if line[3:4] == "-":
                continue
            if line[:3] != str(wanted):
                raise Unheard(f"it answers {_code(line)}")
            return lines
        raise Unheard("its answer has no end")


def _code(line: str) -> str:
    """Three digits, and nothing else of what was said."""
    return line[:3] if line[:3].isascii() and line[:3].isdigit() else "nothing that we know"
