"""One SMTP connection: its bytes, its time, its room, and its turn from plain to TLS.

It knows lines and answers, and of the commands only that somebody obeys them: ``FastSmtp`` does.
Nothing is said to a client but what stands in ``sentences.py``: an answer of the library is looked
up there by its code, so no input, no exception and no name can come back in one. Nothing is logged.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Final

from aiosmtpd.smtp import SMTP, Session

from relay.mailing.smtp import sentences
from relay.mailing.smtp.house import House, Mail
from relay.serving.peers import clients_network, network_of
from relay.serving.tls import shake

logging.getLogger("mail.log").disabled = True  # the library writes addresses and commands there

READ: Final = 64 * 1024
"""Bytes asked of a socket at once. Twice as much may wait in a session's buffer."""

COMMAND: Final = 512
"""Octets of a command line, with its CRLF (RFC 5321 section 4.5.3.1.4)."""

_HOPELESS = 8 * COMMAND  # a command that is still not over is no command

_LAST_S = 2.0  # seconds in which a client that was sent away may hear it


class Over(Exception):
    """The session ends here, with these last words (none if the client is gone)."""

    def __init__(self, last_words: bytes = b"") -> None:
        self.last_words = last_words


class Talk(SMTP):
    """One session. It is cut by its house when ``due`` is past (``loop.time()``)."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        # Not SMTP.__init__, which is slow (fastsmtp.py). What the commands ask of self is set here.
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
        self._told_network = b""  # what goes with a mail
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
        host = peer[0] if isinstance(peer, tuple) else ""
        self._network = network_of(host)
        self._told_network = clients_network(host)
        welcome = self._house.welcomes(transport.get_extra_info("socket"))
        if not welcome or not self._house.sessions.take(self._network):
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

    def _client(self) -> str:
        """The client's address, empty where it has none."""
        peer = self._writer.get_extra_info("peername")
        return str(peer[0]) if isinstance(peer, tuple) else ""

    def _rest(self) -> None:
        """The client may be silent for so long."""
        self.due = min(self.loop.time() + self._house.limits.idle_s, self._ends)

    # ------------------------------------------------------------ from the greeting to the end

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
        except Over as over:
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
        """Do what one command says. Raises Over where the session ends with it."""
        raise NotImplementedError

    # ------------------------------------------------------------ lines and answers

    async def push(self, status: str | bytes) -> None:
        """Answer. A sentence of the library (str) is replaced by ours of the same code."""
        said = status if isinstance(status, bytes) else _ours(status)
        self._out.append(said)
        if said in sentences.TURN_AWAY:
            self._house.turned_away()
        if said[:1] == b"5":
            self._errors += 1
            if self._errors > self._house.limits.errors:
                raise Over(sentences.TOO_MUCH_SAID)

    def _write(self) -> None:
        if self._out and self.transport is not None and not self.transport.is_closing():
            self._writer.write(b"\r\n".join([*self._out, b""]))
        self._out.clear()

    async def _flush(self) -> None:
        if self._out:
            self._write()
            await self._writer.drain()

    async def _more(self) -> None:
        """Read on; what was answered goes out first. Raises Over at the client's end."""
        await self._flush()
        got = await self._reader.read(READ)
        if not got:
            raise Over
        self._ahead += got

    async def _command(self) -> bytes:
        """The next command line, without its CRLF."""
        if self._house.leaving:
            raise Over(sentences.TOO_BUSY)
        while (end := self._ahead.find(b"\n")) < 0:
            if len(self._ahead) > _HOPELESS:
                raise Over(sentences.LONG_COMMAND)
            await self._more()
        self._rest()
        line = bytes(self._ahead[: end + 1])
        del self._ahead[: end + 1]
        if line[-2:-1] != b"\r":
            raise Over(sentences.BARE_LF)  # it could smuggle: RFC 5321 section 2.3.8
        return line[:-2]

    # ------------------------------------------------------------ TLS

    async def _secured(self, context: ssl.SSLContext) -> None:
        """Speak TLS from here on. Raises Over if the client cannot, or has spoken too soon."""
        transport = self._writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()  # what comes from now on is the handshake, or nothing
        if self._ahead:
            # Who stands between us and the client could have put it there, to be obeyed as if it
            # had come inside TLS.
            transport.resume_reading()
            raise Over(sentences.SAID_TOO_SOON)
        self._out.append(sentences.GO_AHEAD)
        self._write()
        self._shaking = True
        self.due = self._ends
        try:
            await shake(
                self._reader, self._writer, context, within_s=self._house.limits.handshake_s
            )
        except Exception:  # whatever it was: amid a handshake nothing can be said
            raise Over from None
        self.transport = self._writer.transport
        self._shaking, self._secure = False, True
        self.session, self.envelope = Session(self.loop), Mail()
        self._rest()


def _ours(status: str) -> bytes:
    return sentences.BY_CODE.get(status[:3], sentences.TRY_LATER)
