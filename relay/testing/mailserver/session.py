"""One SMTP dialogue (RFC 5321), as a submission server holds it (RFC 6409)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import trio

from relay.testing.mailserver.faults import Trouble
from relay.testing.mailserver.letters import ADDRESS, No
from relay.testing.mailserver.login import logged_in
from relay.testing.mailserver.policy import Policy
from relay.testing.mailserver.wire import AUTH_BYTES, COMMAND_BYTES, Letter, Wire

PATH: Final = re.compile(r"(FROM|TO):<([^<>]*)>(?: (.*))?", re.IGNORECASE)
CLIENT: Final = re.compile(r"[\w-]+(\.[\w-]+)*|\[[\w.:-]+\]", re.ASCII)
MAX_WRONG: Final = 20

Act = Callable[[str], Awaitable[str]]
"""Does what a command asks for, and gives the reply."""


class Ended(Exception):
    """The connection is over."""


@dataclass(slots=True)
class Transaction:
    """From MAIL to the dot."""

    sender: str
    eight_bits: bool
    utf8: bool
    recipients: list[str] = field(default_factory=list)


class Home(Protocol):
    """The server, as its sessions see it."""

    policy: Policy

    def trouble(self, moment: str, argument: str) -> Trouble | None:
        """What the script says of a moment."""
        ...

    def heard(self, line: str) -> None:
        """Note a command down."""
        ...

    def leaks(self) -> None:
        """A secret came in the clear."""
        ...

    async def secured(self, wire: Wire) -> None:
        """Begin TLS."""
        ...

    def take(self, transaction: Transaction, letter: Letter, *, secure: bool) -> str:
        """Keep a message; gives the reply. Raises No."""
        ...


class Session:
    """One client."""

    def __init__(self, server: Home, wire: Wire) -> None:
        self._server = server
        self._wire = wire
        self._greeted = self._extended = self._authed = False
        self._now: Transaction | None = None
        self._wrong = 0

    async def run(self) -> None:
        """Talk until one of the two ends it."""
        try:
            policy = self._server.policy
            if policy.tls == "now":
                await self._server.secured(self._wire)
            await self._moment("GREETING", "", self._greet)
            while True:
                await self._command()
        except Ended:
            pass

    async def _command(self) -> None:
        line = await self._wire.line(AUTH_BYTES)
        if line is None:
            raise Ended
        try:
            said = line.decode()
        except UnicodeDecodeError:
            said = ""
        verb, _, argument = said.partition(" ")
        verb = verb.upper()
        self._server.heard(verb if verb == "AUTH" else said)
        if len(line) > COMMAND_BYTES - 2 and verb != "AUTH":
            await self._reply("500 5.5.6 Line too long")
            return
        act = getattr(self, f"_{verb.lower()}", None) if verb in VERBS else None
        if act is None:
            await self._reply("500 5.5.2 Command not recognized")
            return
        await self._moment(verb, argument, act)

    async def _moment(self, moment: str, argument: str, act: Act) -> None:
        """Act, and reply; or as the script says."""
        trouble = self._server.trouble(moment, argument)
        if trouble is not None and trouble.then == "late":
            await self._wire.gone()
        reply = ""
        if trouble is None or trouble.made or trouble.then == "late":
            try:
                reply = await act(argument)
            except No as no:
                reply = no.reply
        if trouble is not None:
            reply = await self._played(trouble)
        if reply:
            await self._reply(reply)
        if moment == "QUIT":
            raise Ended

    async def _played(self, trouble: Trouble) -> str:
        """Do what a script says; gives what is left to say."""
        if trouble.then == "hang":
            await self._wire.gone()
        if trouble.then == "endless":
            await self._wire.say_without_end()
        if trouble.then != "say":
            raise Ended
        return trouble.reply

    async def _reply(self, reply: str) -> None:
        await self._wire.say(reply)
        self._wrong += reply.startswith("50")
        if reply.startswith("421"):
            raise Ended
        if self._wrong > MAX_WRONG:
            await self._wire.say("421 4.7.0 Too many errors")
            raise Ended

    # ------------------------------------------------------------ who speaks

    async def _greet(self, _: str) -> str:
        return f"220 {self._server.policy.host} ESMTP"

    async def _helo(self, name: str) -> str:
        return self._begin(name, extended=False)

    async def _ehlo(self, name: str) -> str:
        reply = self._begin(name, extended=True)
        policy = self._server.policy
        offers = ["PIPELINING", f"SIZE {policy.max_bytes}"]
        if policy.tls == "later" and not self._wire.secure:
            offers.append("STARTTLS")
        if self._wire.secure or policy.tls == "never":
            offers.append("AUTH PLAIN LOGIN")
        return "\n".join([reply, *offers, "ENHANCEDSTATUSCODES", *policy.extensions])

    def _begin(self, name: str, *, extended: bool) -> str:
        if not CLIENT.fullmatch(name):
            raise No("501 5.5.4 Who are you?")
        self._greeted, self._extended, self._now = True, extended, None
        return f"250 {self._server.policy.host}"

    async def _starttls(self, argument: str) -> str:
        if self._server.policy.tls != "later" or self._wire.secure:
            raise No("503 5.5.1 STARTTLS is not offered")
        if argument:
            raise No("501 5.5.4 STARTTLS takes nothing")
        await self._wire.say("220 2.0.0 Ready to start TLS")
        await self._server.secured(self._wire)
        self._greeted = self._authed = False
        self._now = None
        return ""

    async def _auth(self, argument: str) -> str:
        """RFC 4954: under TLS, unless the server knows none."""
        if not self._extended or self._authed or self._now:
            raise No("503 5.5.1 Not now")
        mechanism, _, initial = argument.partition(" ")
        if mechanism.upper() not in ("PLAIN", "LOGIN"):
            raise No("504 5.5.4 Unrecognized authentication type")
        if not self._wire.secure:
            if initial:
                self._server.leaks()
            if self._server.policy.tls != "never":
                raise No("538 5.7.11 Encryption required for requested authentication mechanism")
        policy = self._server.policy
        await logged_in(mechanism.upper(), initial, self._asked, policy.user, policy.password)
        self._authed = True
        return "235 2.7.0 Authentication succeeded"

    async def _asked(self, question: str) -> str:
        """What a client answers to a challenge. Raises No if it would rather not."""
        await self._wire.say(f"334 {question}")
        line = await self._wire.line(AUTH_BYTES)
        if line is None:
            raise Ended
        if not self._wire.secure:
            self._server.leaks()
        if line == b"*":
            raise No("501 5.7.0 Authentication cancelled")
        return line.decode("latin-1")

    # ------------------------------------------------------------ one message

    async def _mail(self, argument: str) -> str:
        policy = self._server.policy
        if not self._greeted or self._now:
            raise No("503 5.5.1 Not now")
        if policy.tls == "later" and not self._wire.secure:
            raise No("530 5.7.0 Must issue a STARTTLS command first")
        if not self._authed:
            raise No("530 5.7.0 Authentication required")
        sender, said = self._path(argument, "FROM")
        parameters = dict(one.upper().partition("=")[::2] for one in said)
        eight_bits, utf8 = policy.announced(parameters, extended=self._extended)
        policy.may_send(_address(sender, utf8=utf8))
        self._now = Transaction(sender, eight_bits, utf8)
        return "250 2.1.0 Ok"

    async def _rcpt(self, argument: str) -> str:
        if self._now is None:
            raise No("503 5.5.1 MAIL first")
        recipient, said = self._path(argument, "TO")
        if said:
            raise No("555 5.5.4 Unsupported parameter")
        _address(recipient, utf8=self._now.utf8)
        policy = self._server.policy
        policy.may_receive(self._now.sender, recipient, len(self._now.recipients))
        self._now.recipients.append(recipient)
        return "250 2.1.5 Ok"

    async def _data(self, argument: str) -> str:
        if self._now is None:
            raise No("503 5.5.1 MAIL first")
        if argument:
            raise No("501 5.5.4 DATA takes nothing")
        if not self._now.recipients:
            raise No("554 5.5.1 No valid recipients")
        await self._wire.say("354 End data with <CR><LF>.<CR><LF>")
        letter = await self._wire.letter(self._server.policy.max_bytes)
        transaction, self._now = self._now, None
        if letter is None:
            raise Ended

        async def dot(_: str) -> str:
            return self._server.take(transaction, letter, secure=self._wire.secure)

        await self._moment("DOT", "", dot)
        return ""

    def _path(self, argument: str, word: str) -> tuple[str, list[str]]:
        """The address and the parameters of MAIL and RCPT. Raises No."""
        found = PATH.fullmatch(argument)
        if found is None or found[1].upper() != word:
            raise No(f"501 5.5.4 Syntax: {word}:<address>")
        return found[2], (found[3] or "").split()

    # ------------------------------------------------------------ the rest

    async def _rset(self, argument: str) -> str:
        self._now = None
        return "250 2.0.0 Ok"

    async def _noop(self, argument: str) -> str:
        return "250 2.0.0 Ok"

    async def _vrfy(self, argument: str) -> str:
        return "252 2.0.0 Send some mail, and it will be tried"

    async def _quit(self, argument: str) -> str:
        return "221 2.0.0 Bye"


VERBS: Final = frozenset(
    ["EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "QUIT"]
)


def _address(address: str, *, utf8: bool) -> str:
    """An address that is one. Raises No."""
    if not address.isascii() and not utf8:
        raise No("553 5.6.7 A non-ASCII address, and no SMTPUTF8")
    if not ADDRESS.fullmatch(address):
        raise No("501 5.1.3 Bad address syntax")
    return address


async def conversed(server: Home, stream: trio.SocketStream) -> None:
    """Hold one dialogue to its end."""
    wire = Wire(stream)
    try:
        await Session(server, wire).run()
        await wire.aclose()
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass  # the client went away, which is its right
    finally:
        await trio.aclose_forcefully(stream)
