"""SMTP commands: aiosmtpd's, with the parts replaced that are slow or too lenient.

Replaced for speed (measured: more than twice the mails a second): ``__init__``, which looks through
all members of two objects for each connection; ``_getaddr``, which builds a class and runs a header
parser for each address; ``smtp_DATA``, which copies each line. Replaced for strictness:
``_handle_client``, which takes a bare LF for the end of a command, logs every line and answers a
fault of ours with a permanent error that quotes it. What is not about a command is in ``talk.py``.

It leans on private names of aiosmtpd 1.4; ``tests/unit/test_fastsmtp.py`` says which.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from relay.mailing.smtp import sentences
from relay.mailing.smtp.framing import framed, short_lines
from relay.mailing.smtp.house import Mail
from relay.mailing.smtp.talk import COMMAND, READ, Over, Talk

_MORE = {"MAIL": 26 + 17 + 10}  # SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531)

_END = b"\r\n.\r\n"
_PLAIN = re.compile(r"<([\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+|)>(?: +(.*))?", re.ASCII)
_ODD = re.compile(rb"[\x00-\x1f\x7f]")


Command = Callable[..., Awaitable[None]]
"""A method of a session that obeys one command."""


class FastSmtp(Talk):
    """One session, as it is served."""

    @property
    def methods(self) -> Mapping[str, Command]:
        """The commands there are."""
        return _METHODS

    async def _obey(self, line: bytes) -> None:
        name, _, argument = line.partition(b" ")
        command = name.decode("ascii", "replace").upper()
        self._commands += 1
        if self._commands > self._house.limits.commands:
            raise Over(sentences.TOO_MUCH_SAID)
        method = self.methods.get(command)
        if len(line) + 2 > COMMAND + _MORE.get(command, 0):
            await self.push(sentences.LONG_COMMAND)
        elif method is None or _ODD.search(line):
            await self.push(sentences.NO_COMMAND)
        elif self._house.tls_first and not self._secure and command in _NEED_TLS:
            await self.push(sentences.TLS_FIRST)
        else:
            await self._do(method, argument.strip().decode("utf-8", "surrogateescape"))

    async def _do(self, method: Command, argument: str) -> None:
        try:
            await method(self, argument or None)
        except (Over, ConnectionError):
            raise
        except Exception:  # the command's guard: a fault of ours is temporary and says nothing
            self.envelope = Mail()
            await self.push(sentences.TRY_LATER)

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
        raise Over(sentences.BYE)

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
        again = self.answers_to(mail) - 1
        try:
            answer = await self._taken(mail)
        except Over as over:
            self._out += [over.last_words] * (again if over.last_words else 0)
            raise
        except ConnectionError:
            raise
        except Exception:
            self._out += [sentences.TRY_LATER] * again  # and the last one by the command's guard
            raise
        finally:
            self._let_go()
            self.envelope = Mail()
            self._rest()
        if answer is sentences.OK:
            self._commands = 0
        self._out += [answer] * again
        await self.push(answer)
        await self._flush()

    def answers_to(self, mail: Mail) -> int:
        """How many answers a mail gets."""
        return 1

    async def _taken(self, mail: Mail) -> bytes:
        """The answer to the body that comes now."""
        body = await self._body()
        self.due = None  # what takes time from here on is ours
        if body is None:
            return sentences.TOO_BIG
        if not framed(body):
            raise Over(sentences.BAD_TEXT)
        if b"\r\n." in body:
            body = body.replace(b"\r\n.", b"\r\n")  # RFC 5321 section 4.5.2
        if len(body) - 2 > self._house.limits.message_bytes:
            return sentences.TOO_BIG
        if not short_lines(body):
            return sentences.LONG_LINE
        content = bytes(memoryview(body)[2:])
        del body
        mail.network, mail.client = self._told_network, self._client()
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
            raise Over(sentences.TOO_BUSY)
        self._held += amount
        body += self._ahead
        self._ahead.clear()

    def _let_go(self) -> None:
        self._house.in_flight.give(self._network, self._held)
        self._held = 0


_METHODS: Final[Mapping[str, Command]] = {
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
