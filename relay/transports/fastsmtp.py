"""One SMTP session: aiosmtpd's commands, with the parts replaced that are slow or too lenient.

Replaced for speed (measured: more than twice the mails a second): ``__init__``, which looks through
all members of two objects for each connection; ``_getaddr``, which builds a class and runs a header
parser for each address; ``smtp_DATA``, which copies each line. Replaced for strictness:
``_handle_client``, which takes a bare LF for the end of a command, logs every line and answers a
fault of ours with a permanent error that quotes it.

Nothing is said to a client but what stands in ``sentences.py``: an answer of the library is looked
up there by its code, so no input, no exception and no name can come back in one. Nothing is logged.

It leans on private names of aiosmtpd 1.4; ``tests/unit/test_fastsmtp.py`` says which.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session

from relay.transports import sentences
from relay.transports.certificate import Certificate
from relay.transports.framing import framed, short_lines
from relay.transports.limits import Room, SmtpLimits, network_of
from relay.transports.tls import shake

logging.getLogger("mail.log").disabled = True  # the library writes addresses and commands there

READ: Final = 64 * 1024
"""Bytes asked of a socket at once. Twice as much may wait in a session's buffer."""

_COMMAND = 512
_MORE = {"MAIL": 26 + 17 + 10}  # SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531)
_HOPELESS = 8 * _COMMAND  # a command that is still not over is no command

_LAST_S = 2.0  # seconds in which a client that was sent away may hear it

_END = b"\r\n.\r\n"
_PLAIN = re.compile(r"<([\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+|)>(?: +(.*))?", re.ASCII)
_ODD = re.compile(rb"[\x00-\x1f\x7f]")

Hook = Callable[..., Awaitable[Any]]


class Mail(Envelope):
    """A mail on its way in: aiosmtpd's envelope, and for each channel the addresses it goes to."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[str, list[bytes]] = {}
        self.known: set[str] = set()  #: channels with an address that the settings name


class House(Protocol):
    """What all sessions of one listening socket share."""

    limits: SmtpLimits
    sessions: Room
    in_flight: Room
    open: set[FastSmtp]
    leaving: bool  #: no further command is obeyed
    certificate: Certificate | None  #: for STARTTLS; without one it is no command
    tls_first: bool  #: no mail without STARTTLS

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Hooks of aiosmtpd, by command."""
        ...

    def turned_away(self) -> None:
        """A session or a mail was refused."""
        ...

    async def deliver(self, mail: Mail, content: bytes) -> bytes:
        """The answer to a mail. Raises nothing that it knows of; whatever it raises is a 451."""
        ...


class _Over(Exception):
    """The session ends here, with these last words (none if the client is gone)."""

    def __init__(self, last_words: bytes = b"") -> None:
        self.last_words = last_words


class FastSmtp(SMTP):
    """One session. It is cut by its house when ``due`` is past (``loop.time()``)."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        # Not SMTP.__init__: see above. What the library's commands ask of self is set here.
        asyncio.StreamReaderProtocol.__init__(
            self,
            asyncio.StreamReader(limit=READ, loop=loop),
            client_connected_cb=self._cb_client_connected,
            loop=loop,
        )
        self.loop = loop
        self.hostname = "ESMTP"
        self.data_size_limit = house.limits.message_bytes
        self.enable_SMTPUTF8 = True
        self.event_handler = None
        self.session = None
        self.envelope = None
        self.transport = None
        self.tls_context = None
        self.require_starttls = False
        self._auth_required = False
        self._decode_data = False
        self._handle_hooks = dict(house.hooks)
        self._handler_coroutine: asyncio.Task[None] | None = None
        self._original_transport = None
        self._tls_protocol = None
        self._house = house
        self._network = ""
        self._ahead = bytearray()  # what was read and is not yet used
        self._out: list[bytes] = []  # answers to commands that came in one go leave in one go
        self._held = 0  # bytes of room
        self._ends = 0.0
        self._commands = 0
        self._errors = 0
        self._ended = False  # the last words are said, and nothing can be added
        self._shaking = False  # neither plain nor TLS, so that no word can be said
        self._secure = False  # TLS is spoken
        self.due: float | None = None

    # ------------------------------------------------------------ the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        peer = transport.get_extra_info("peername")
        self._network = network_of(peer[0]) if isinstance(peer, tuple) else ""
        if not self._house.sessions.take(self._network):
            self._house.turned_away()
            transport.write(sentences.TOO_BUSY + b"\r\n")
            transport.close()
            return
        asyncio.StreamReaderProtocol.connection_made(self, transport)
        self.session = Session(self.loop)
        self.envelope = Mail()
        self.transport = transport
        self._ends = self.loop.time() + self._house.limits.session_s
        self._rest()
        self._house.open.add(self)
        self._handler_coroutine = self.loop.create_task(self._handle_client())

    def connection_lost(self, error: Exception | None) -> None:
        if self not in self._house.open:
            return
        self._house.open.discard(self)
        self._house.sessions.give(self._network)
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    def eof_received(self) -> bool | None:
        # Not the library's, which forgets a whole mail whose client has closed its side early.
        return asyncio.StreamReaderProtocol.eof_received(self)

    def abort(self) -> None:
        """End the session at once, whatever is under way."""
        self._writer.transport.abort()

    def cut(self, last_words: bytes) -> None:
        """End the session from outside; the second call does not wait for the client to read."""
        if self.transport is None:
            return
        if self._writer.is_closing() or self._ended or self._shaking:
            self.abort()
            return
        self._writer.write(last_words + b"\r\n")
        self._writer.close()

    @property
    def talk(self) -> asyncio.Task[None] | None:
        """The task of this session."""
        return self._handler_coroutine

    def _rest(self) -> None:
        """The client may be silent for so long."""
        self.due = min(self.loop.time() + self._house.limits.idle_s, self._ends)

    # ------------------------------------------------------------ commands

    async def _handle_client(self) -> None:
        try:
            await self._end(await self._converse())
        except ConnectionError:
            pass
        finally:
            self._writer.close()
            if self._shaking:  # asyncio tells nobody of a connection that ended amid a handshake
                self.connection_lost(None)

    async def _converse(self) -> bytes:
        """Everything up to the last words, which it gives."""
        self._out.append(sentences.GREETING)
        try:
            while True:
                await self._obey(await self._command())
        except _Over as over:
            return over.last_words
        except ConnectionError:
            raise
        except Exception:  # the session's guard: whatever went wrong here is ours, and temporary
            return sentences.TOO_BUSY

    async def _end(self, last_words: bytes) -> None:
        if last_words:
            self._out.append(last_words)
        if last_words in sentences.TURN_AWAY:
            self._house.turned_away()
        await self._flush()
        if last_words in (b"", sentences.BYE) or self._house.leaving:
            return
        # Closing while the client still sends would take our last words from it (a reset).
        self._ended = True
        if self._writer.can_write_eof():  # TLS cannot
            self._writer.write_eof()
        self.due = self.loop.time() + min(_LAST_S, self._house.limits.idle_s)
        while await self._reader.read(READ):
            pass

    async def _obey(self, line: bytes) -> None:
        name, _, argument = line.partition(b" ")
        command = name.decode("ascii", "replace").upper()
        self._commands += 1
        if self._commands > self._house.limits.commands:
            raise _Over(sentences.TOO_MUCH_SAID)
        method = _METHODS.get(command)
        if len(line) + 2 > _COMMAND + _MORE.get(command, 0):
            await self.push(sentences.LONG_COMMAND)
        elif method is None or _ODD.search(line):
            await self.push(sentences.NO_COMMAND)
        elif self._house.tls_first and not self._secure and command in _NEED_TLS:
            await self.push(sentences.TLS_FIRST)
        else:
            await self._do(method, argument.strip().decode("utf-8", "surrogateescape"))

    async def _do(self, method: Callable[..., Awaitable[None]], argument: str) -> None:
        try:
            await method(self, argument or None)
        except (_Over, ConnectionError):
            raise
        except Exception:  # the command's guard: a fault of ours is temporary and says nothing
            self.envelope = Mail()
            await self.push(sentences.TRY_LATER)

    async def push(self, status: str | bytes) -> None:
        """Answer. A sentence of the library (str) is replaced by ours of the same code."""
        said = status if isinstance(status, bytes) else _ours(status)
        self._out.append(said)
        if said in sentences.TURN_AWAY:
            self._house.turned_away()
        if said[:1] == b"5":
            self._errors += 1
            if self._errors > self._house.limits.errors:
                raise _Over(sentences.TOO_MUCH_SAID)

    def _write(self) -> None:
        if self._out and self.transport is not None and not self.transport.is_closing():
            self._writer.write(b"\r\n".join([*self._out, b""]))
        self._out.clear()

    async def _flush(self) -> None:
        if self._out:
            self._write()
            await self._writer.drain()

    async def _more(self) -> None:
        """Read on; what was answered goes out first. Raises _Over at the client's end."""
        await self._flush()
        got = await self._reader.read(READ)
        if not got:
            raise _Over
        self._ahead += got

    async def _command(self) -> bytes:
        """The next command line, without its CRLF."""
        if self._house.leaving:
            raise _Over(sentences.TOO_BUSY)
        while (end := self._ahead.find(b"\n")) < 0:
            if len(self._ahead) > _HOPELESS:
                raise _Over(sentences.LONG_COMMAND)
            await self._more()
        self._rest()
        line = bytes(self._ahead[: end + 1])
        del self._ahead[: end + 1]
        if line[-2:-1] != b"\r":
            raise _Over(sentences.BARE_LF)  # it could smuggle: RFC 5321 section 2.3.8
        return line[:-2]

    # ------------------------------------------------------------ what the library does otherwise

    def _create_envelope(self) -> Mail:
        return Mail()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The address and what follows it; (None, None) if it is none."""
        plain = _PLAIN.fullmatch(arg)
        if plain is not None:
            return plain[1] or "<>", plain[2] or ""
        try:
            return super()._getaddr(arg)
        except (LookupError, RecursionError, ValueError):  # the header parser's ways to fail
            return None, None

    async def smtp_EHLO(self, hostname: str | None) -> None:
        if not hostname:
            await self.push("501")
            return
        await self._hello(hostname, extended=True)
        self._out += (
            b"250-ESMTP",
            b"250-SIZE %d" % self._house.limits.message_bytes,
            b"250-8BITMIME",
            b"250-PIPELINING",
            b"250-ENHANCEDSTATUSCODES",
        )
        if self._house.certificate is not None and not self._secure:
            self._out.append(b"250-STARTTLS")
        self._out.append(b"250 SMTPUTF8")

    async def smtp_HELO(self, hostname: str | None) -> None:
        if not hostname:
            await self.push("501")
            return
        await self._hello(hostname, extended=False)
        self._out.append(b"250 ESMTP")

    async def _hello(self, hostname: str, *, extended: bool) -> None:
        assert self.session is not None
        self.envelope = Mail()
        self.session.extended_smtp = extended
        self.session.host_name = "-"  # that there was one is all the library asks for

    async def smtp_VRFY(self, arg: str | None) -> None:
        await self.push(b"252 2.5.0 Send a mail and see")

    async def smtp_HELP(self, arg: str | None) -> None:
        await self.push(b"214 2.0.0 RFC 5321")

    async def smtp_EXPN(self, arg: str | None) -> None:
        await self.push(b"502 5.5.1 Not offered")

    async def smtp_AUTH(self, arg: str | None) -> None:
        await self.push(b"502 5.5.1 Not offered")

    async def smtp_QUIT(self, arg: str | None) -> None:
        raise _Over(sentences.BYE)

    # ------------------------------------------------------------ STARTTLS

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """RFC 3207. After it the session starts anew, and knows nothing of what came before."""
        if self._house.certificate is None:
            await self.push(sentences.NO_COMMAND)
        elif arg:
            await self.push("501")
        elif self._secure:
            await self.push("503")
        elif self._house.certificate.mail is None:
            await self.push(sentences.NO_TLS_NOW)
        else:
            await self._secured(self._house.certificate.mail)

    async def _secured(self, context: ssl.SSLContext) -> None:
        """Speak TLS from here on. Raises _Over if the client cannot, or has spoken too soon."""
        transport = self._writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()  # what comes from now on is the handshake, or nothing
        if self._ahead:
            # Who stands between us and the client could have put it there, to be obeyed as if it
            # had come inside TLS.
            transport.resume_reading()
            raise _Over(sentences.SAID_TOO_SOON)
        self._out.append(sentences.GO_AHEAD)
        self._write()
        self._shaking = True
        self.due = self._ends
        try:
            await shake(
                self._reader, self._writer, context, within_s=self._house.limits.handshake_s
            )
        except OSError:
            raise _Over from None
        self.transport = self._writer.transport
        self._shaking, self._secure = False, True
        self.session, self.envelope = Session(self.loop), Mail()
        self._rest()

    # ------------------------------------------------------------ DATA

    async def smtp_DATA(self, arg: str | None) -> None:
        mail = self.envelope
        assert isinstance(mail, Mail)
        if arg:
            await self.push("501")
            return
        if not mail.rcpt_tos:
            await self.push("503")
            return
        self._out.append(b"354 End with CR LF . CR LF")
        self.due = min(self.loop.time() + self._house.limits.data_s, self._ends)
        try:
            answer = await self._taken(mail)
        finally:
            self._let_go()
            self.envelope = Mail()
            self._rest()
        if answer is sentences.OK:
            self._commands = 0
        await self.push(answer)
        await self._flush()

    async def _taken(self, mail: Mail) -> bytes:
        """The answer to the body that comes now."""
        body = await self._body()
        self.due = None  # what takes time from here on is ours
        if body is None:
            return sentences.TOO_BIG
        if not framed(body):
            raise _Over(sentences.BAD_TEXT)
        if b"\r\n." in body:
            body = body.replace(b"\r\n.", b"\r\n")  # RFC 5321 section 4.5.2
        if len(body) - 2 > self._house.limits.message_bytes:
            return sentences.TOO_BIG
        if not short_lines(body):
            return sentences.LONG_LINE
        content = bytes(memoryview(body)[2:])
        del body
        await self._flush()
        return await self._house.deliver(mail, content)

    async def _body(self) -> bytearray | None:
        """What comes until the lone dot, after a CRLF of our own; None if it is too big."""
        limit = self._house.limits.message_bytes
        body = bytearray(b"\r\n")  # so that the first line is like all others
        too_big = False
        seen = 0
        self._move(body)
        while (end := body.find(_END, seen)) < 0:
            too_big = too_big or len(body) > limit + READ  # room for the dots that go
            if too_big:  # it is read to its end, so that the session goes on, but not kept
                del body[:-4]
                self._let_go()
            seen = max(0, len(body) - 4)
            await self._more()
            self._move(body)
        self._ahead += memoryview(body)[end + len(_END) :]
        del body[end + 2 :]
        return None if too_big else body

    def _move(self, body: bytearray) -> None:
        """What was read becomes part of the body, if there is room for it."""
        amount = len(self._ahead)
        if not self._house.in_flight.take(self._network, amount):
            raise _Over(sentences.TOO_BUSY)
        self._held += amount
        body += self._ahead
        self._ahead.clear()

    def _let_go(self) -> None:
        self._house.in_flight.give(self._network, self._held)
        self._held = 0


_METHODS: dict[str, Callable[..., Awaitable[None]]] = {
    "EHLO": FastSmtp.smtp_EHLO,
    "HELO": FastSmtp.smtp_HELO,
    "MAIL": FastSmtp.smtp_MAIL,
    "RCPT": FastSmtp.smtp_RCPT,
    "DATA": FastSmtp.smtp_DATA,
    "RSET": FastSmtp.smtp_RSET,
    "NOOP": FastSmtp.smtp_NOOP,
    "QUIT": FastSmtp.smtp_QUIT,
    "VRFY": FastSmtp.smtp_VRFY,
    "HELP": FastSmtp.smtp_HELP,
    "EXPN": FastSmtp.smtp_EXPN,
    "AUTH": FastSmtp.smtp_AUTH,
    "STARTTLS": FastSmtp.smtp_STARTTLS,
}

_NEED_TLS = {"MAIL", "RCPT", "DATA", "VRFY", "EXPN"}


def _ours(status: str) -> bytes:
    return sentences.BY_CODE.get(status[:3], sentences.TRY_LATER)
