"""Hands mails in at the operator's own mail server or provider, as any mail program would.

TLS is verified always, and no password goes out without it (RFC 6409, RFC 8314, RFC 3207, RFC
4954). Everything has an end: each answer comes in time and is short, or the connection is over.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from relay.ports import NotSent
from relay.reach import dial
from relay.reach.failing import Unreached
from relay.reach.routes import DIRECT, Routes

ANSWER_S: Final = 60.0
"""Seconds for each step. RFC 5321 section 4.5.3.2 allows minutes; nobody waits so long for this."""

GOODBYE_S: Final = 2.0
"""Seconds a server gets to say goodbye."""

PIECE: Final = 64 * 1024
"""Bytes that are handed to a connection at once."""

MOST_LINES: Final = 64
"""Lines of one answer; to EHLO a server says twenty."""

_SIZE = re.compile(rb"SIZE(?: +(\d{1,20}))?")
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?\r?\n", re.DOTALL)

Step = Literal["connect", "log in", "letter", "sent"]
"""How far it came: before "sent" nothing can have gone out."""


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """Where to hand in, and as whom. Without a user nobody logs in. ``tls`` "off" is for this
    machine. ``ca_file``: an authority (PEM) that is believed instead of the system's."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "off"]
    user: str = ""
    ca_file: str = ""


class NotTaken(Exception):
    """The mail was not taken, or nobody knows. ``code`` is the server's (0: none came)."""

    def __init__(self, step: Step, code: int = 0) -> None:
        super().__init__(step)
        self.step = step
        self.code = code


async def hand_in(
    account: Account,
    password: bytes,
    senders: tuple[str, ...],
    to: str,
    mail: bytes,
    routes: Routes = DIRECT,
) -> None:
    """Hand a mail in for one recipient, by one of these routes. ``senders`` are tried as MAIL FROM,
    one after the other, until the server takes one. Raises NotTaken."""
    async with logged_in(account, password, routes) as submission:
        await submission.hand_in(senders, to, mail)


@contextlib.asynccontextmanager
async def logged_in(
    account: Account, password: bytes, routes: Routes = DIRECT, within_s: float = 0.0
) -> AsyncIterator[Submission]:
    """A connection on which mails are handed in, one after the other. ``within_s``: seconds for
    each step (0: ANSWER_S). Raises NotTaken."""
    with _at("connect"):
        talk = await _connected(account, routes, within_s or ANSWER_S)
    try:
        with _at("connect"):
            words = await (talk.hello() if account.tls == "starttls" else talk.greeted())
        if account.user:
            with _at("log in"):
                await talk.log_in(account.user, password, words)
        yield Submission(talk, _size(words))
    finally:
        await talk.close()


class Submission:
    """A server that lets us in. ``most_bytes``: what it says of the size of a mail (RFC 1870); 0
    where it says nothing."""

    def __init__(self, talk: _Talk, most_bytes: int | None) -> None:
        self._talk = talk
        self._sized = most_bytes is not None
        self.most_bytes = most_bytes or 0
        self._used = False

    async def hand_in(self, senders: tuple[str, ...], to: str, mail: bytes) -> None:
        """As the function of this name. After a NotTaken with a code the next mail may be tried."""
        talk = self._talk
        with _at("letter"):
            if self._used:
                await talk.said(b"RSET", 250)
            self._used = True
            await self._addressed(senders, to, len(mail))
            await talk.said(b"DATA", 354)
        with _at("sent"):
            await talk.said(_stuffed(mail), 250)

    async def _addressed(self, senders: tuple[str, ...], to: str, size: int) -> None:
        talk = self._talk
        more = b" SIZE=%d" % size if self._sized else b""  # so that it refuses before it has it all
        for sender in senders[:-1]:
            if await talk.asked(b"MAIL FROM:<%s>%s" % (sender.encode(), more)) == 250:
                break
            await talk.said(b"RSET", 250)
        else:
            await talk.said(b"MAIL FROM:<%s>%s" % (senders[-1].encode(), more), 250)
        await talk.said(b"RCPT TO:<%s>" % to.encode(), 250)


def _size(words: set[bytes]) -> int | None:
    """What EHLO said of SIZE; 0 without a number, None where it does not know it."""
    for line in words:
        found = _SIZE.fullmatch(line)
        if found:
            return int(found[1] or 0)
    return None


class _Refused(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class _Talk:
    """One connection: a line is said, an answer is heard."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, within_s: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._within_s = within_s

    async def greeted(self) -> set[bytes]:
        """Past the greeting and EHLO; what the server offers."""
        code, _ = await self._answer()
        if code != 220:
            raise _Refused(code)
        return await self.hello()

    async def hello(self) -> set[bytes]:
        """What the server offers, now."""
        # an address literal: our name is nobody's to know (RFC 5321 section 4.1.4 lets it be)
        await self._say(b"EHLO [127.0.0.1]")
        code, lines = await self._answer()
        if code != 250:
            raise _Refused(code)
        return {line.upper().strip() for line in lines}

    async def before_tls(self) -> None:
        """Greeted, and ready for TLS: a server that has none is somebody who took it away."""
        await self.greeted()
        if await self.asked(b"STARTTLS") != 220:
            raise Unreached("tls")

    async def log_in(self, user: str, password: bytes, words: set[bytes]) -> None:
        """AUTH PLAIN (RFC 4616), or LOGIN where the server has only that."""
        offered = {one for line in words if line.startswith(b"AUTH ") for one in line.split()[1:]}
        if b"PLAIN" in offered or b"LOGIN" not in offered:
            whole = b"\0".join((b"", user.encode(), password))
            await self.said(b"AUTH PLAIN " + base64.b64encode(whole), 235)
            return
        await self.said(b"AUTH LOGIN", 334)
        await self.said(base64.b64encode(user.encode()), 334)
        await self.said(base64.b64encode(password), 235)

    async def said(self, line: bytes, wanted: int) -> None:
        """Say a line; raises _Refused unless the answer is as wanted."""
        code = await self.asked(line)
        if code != wanted and not (wanted == 250 and code in (251, 252)):
            raise _Refused(code)

    async def asked(self, line: bytes) -> int:
        """Say a line; the code of the answer."""
        await self._say(line)
        return (await self._answer())[0]

    async def close(self) -> None:
        """End it; whether the server heard goodbye is its own affair."""
        try:
            self._writer.write(b"QUIT\r\n")
            self._writer.close()
            async with asyncio.timeout(GOODBYE_S):
                await self._writer.wait_closed()
        except (OSError, RuntimeError):  # TimeoutError is an OSError
            self._writer.transport.abort()

    async def _say(self, line: bytes) -> None:
        """Each piece has its time: a mail of 10 MiB over a slow line takes long and is no fault."""
        whole = line + b"\r\n"
        for at in range(0, len(whole), PIECE):
            self._writer.write(whole[at : at + PIECE])
            async with asyncio.timeout(self._within_s):
                await self._writer.drain()

    async def _answer(self) -> tuple[int, list[bytes]]:
        lines = []
        async with asyncio.timeout(self._within_s):
            for _ in range(MOST_LINES):
                found = _LINE.fullmatch(await self._reader.readline())
                if found is None:
                    raise ConnectionAbortedError
                lines.append(found[3] or b"")
                if found[2] != b"-":
                    return int(found[1]), lines
        raise ConnectionAbortedError


async def _connected(account: Account, routes: Routes, within_s: float) -> _Talk:
    """Raises NotSent, and ValueError for another machine without TLS."""

    async def first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Talk(reader, writer, within_s).before_tls()

    ends = await dial.opened(
        routes,
        account.host,
        account.port,
        tls=None if account.tls == "off" else _context(account),
        timeout_s=within_s,
        first=first if account.tls == "starttls" else None,
        limit=4096,
    )
    return _Talk(*ends, within_s)


def _context(account: Account) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=account.ca_file or None)


def _stuffed(mail: bytes) -> bytes:
    """With the dots of RFC 5321 section 4.5.2, and the end but for its last CRLF."""
    whole = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    dotted = (b"\r\n" + whole).replace(b"\r\n.", b"\r\n..")
    return dotted.removeprefix(b"\r\n") + b"."


@contextlib.contextmanager
def _at(step: Step) -> Iterator[None]:
    """Whatever goes wrong inside is told as NotTaken at this step."""
    try:
        yield
    except _Refused as refused:
        raise NotTaken(step, refused.code) from None
    except (
        NotSent,
        OSError,
        ValueError,
        asyncio.IncompleteReadError,
    ):  # TimeoutError is an OSError
        raise NotTaken(step) from None
