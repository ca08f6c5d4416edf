"""A submission server on loopback, and behind it a mailing list with an archive.

``async with mailserver() as platform`` serves one at ``platform.host``, ``platform.port``; a client
trusts ``platform.certificate`` (a file) and logs in as ``platform.policy.user``. What arrives is in
``mails``, each as it came; ``delivered`` are the copies, one a recipient; ``public`` is what the
archive shows, which by default drops a Message-ID that it has. Faults are scripted by moments::

    platform.script(cut(), on="DOT")                     # taken, and nobody heard of it
    platform.script(greylisted(), on="RCPT*")            # the next recipient is put off
    platform.script(unknown(), on="RCPT b@example.org")

Written from RFCs 5321, 3207, 4954, 4616, 1870, 6152, 6531, 2034 and 3463.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from fnmatch import fnmatchcase
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import Final, Literal

import trio

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.certificates import Pair, make_pair
from relay.testing.mailserver import letters
from relay.testing.mailserver.faults import Trouble
from relay.testing.mailserver.letters import No
from relay.testing.mailserver.mails import Mail
from relay.testing.mailserver.policy import Policy
from relay.testing.mailserver.session import Transaction, conversed
from relay.testing.mailserver.wire import Letter, Wire

MAX_MAILS: Final = 100_000

Certificate = Literal["good", "stranger", "expired"]
"""Of a key that the client trusts; of another; of the trusted key, run out yesterday. All of them
name 127.0.0.1 and news.example.org, and not localhost."""


@dataclass(frozen=True, slots=True, repr=False)
class Copy:
    """One mail in one mailbox."""

    recipient: str
    mail: Mail


class MailServer:
    """One stand-in.

    Settable at any time: ``policy``; ``closed`` (what every greeting is, while it is set);
    ``drops_repeats`` (the archive shows a Message-ID once); ``drops`` (a mail is taken with 250 and
    thrown away, as spam filters do). ``commands``: every line that came, without what AUTH said.
    ``leaked``: how often a secret came in the clear.
    """

    host = "127.0.0.1"

    def __init__(self, policy: Policy, pair: Pair, trusted: Path) -> None:
        self.policy = policy
        self.certificate = trusted
        self.address = f"relay@{policy.domain}"
        self.list_address = "list@lists.example.org"
        self.closed: Trouble | None = None
        self.drops_repeats = True
        self.drops = False
        self.port = 0
        self.leaked = 0
        self.commands: list[str] = []
        self.mails: list[Mail] = []
        self._answers: list[Mail] = []
        self._forgotten: list[int] = []
        self._troubles: list[tuple[str, Trouble]] = []
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(pair.certificate, pair.key)
        self._nursery: trio.Nursery | None = None
        self._open = trio.CancelScope()

    # ------------------------------------------------------------ what came of it

    @property
    def public(self) -> list[Mail]:
        """What the archive of the list shows."""
        seen: set[str] = set()
        shown = []
        for n, mail in enumerate(self.mails):
            if n in self._forgotten:
                seen.clear()
            if not (self.drops_repeats and mail.id in seen):
                shown.append(mail)
            seen.add(mail.id)
        return shown

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    @property
    def delivered(self) -> list[Copy]:
        """Every copy in every mailbox: repeats are copies like others."""
        return [Copy(one, mail) for mail in self.mails for one in mail.recipients]

    @property
    def answers(self) -> list[Mail]:
        """What others wrote to the account, in order."""
        return [*self._answers]

    def put(self, text: str, subject: str = "News") -> Mail:
        """A mail of the account that no bridge sent."""
        made = self._written(text, subject, self.address, self.list_address)
        self.mails.append(made)
        return made

    def reply(self, to: str, text: str, by: str = "reader@example.com") -> Mail:
        """Somebody answers a Message-ID; it lands in ``answers``."""
        made = self._written(text, "Re: News", by, self.address, to)
        self._answers.append(made)
        return made

    def forget_keys(self) -> None:
        """The archive does not know any more which Message-IDs it has."""
        self._forgotten.append(len(self.mails))

    def revoke(self) -> None:
        """Another password from now on."""
        self.policy.password = token_urlsafe()

    def suspend(self) -> None:
        """The account may not send."""
        self.policy.suspended = True

    def script(self, *faults: Trouble, on: str) -> None:
        """Add faults for the next moments of a kind, one each, in order: ``"DOT"``, ``"RCPT*"``."""
        self._troubles.extend((on, one) for one in faults)

    # ------------------------------------------------------------ for its sessions

    def trouble(self, moment: str, argument: str) -> Trouble | None:
        """The first fault that waits for such a moment."""
        if moment == "GREETING" and self.closed is not None:
            return self.closed
        address = argument.partition("<")[2].partition(">")[0]
        for n, (on, trouble) in enumerate(self._troubles):
            if fnmatchcase(moment, on) or fnmatchcase(f"{moment} {address}", on):
                del self._troubles[n]
                return trouble
        return None

    def heard(self, line: str) -> None:
        """Note a command down."""
        if len(self.commands) < MAX_MAILS:
            self.commands.append(line)

    def leaks(self) -> None:
        """A secret came in the clear."""
        self.leaked += 1

    async def secured(self, wire: Wire) -> None:
        """Begin TLS."""
        await wire.start_tls(self._context)

    def take(self, transaction: Transaction, letter: Letter, *, secure: bool) -> str:
        """Keep a message; gives the reply. Raises No."""
        if letter.too_big:
            raise No("552 5.3.4 Message size exceeds fixed limit")
        if len(self.mails) >= MAX_MAILS:
            raise No("452 4.3.1 Insufficient system storage")
        message = letters.read(letter, eight_bits=transaction.eight_bits, utf8=transaction.utf8)
        author = letters.author(message)
        if not self.policy.owns(author) and author != self.list_address:
            raise No("550 5.7.1 From is not owned by user")
        self.policy.count()
        if not self.drops:
            sent = (transaction.sender, tuple(transaction.recipients))
            now = self.policy.clock.now()
            self.mails.append(Mail(*sent, message, letter.content, now, secure))
        return f"250 2.0.0 Ok: queued as {len(self.mails):08X}"

    def _written(self, text: str, subject: str, by: str, to: str, answers: str = "") -> Mail:
        now = self.policy.clock.now()
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = by, to, subject
        message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
        message["Message-ID"] = make_msgid(domain=by.rpartition("@")[2])
        if answers:
            message["In-Reply-To"] = message["References"] = answers
        message.set_content(text)
        return Mail(by, (to,), message, message.as_bytes(), now, secure=True)

    # ------------------------------------------------------------ its port

    async def open(self) -> None:
        """Listen; again on the same port after ``refuse``."""
        assert self._nursery is not None
        self._open = trio.CancelScope()
        listeners: list[trio.SocketListener] = await self._nursery.start(self._listen)
        self.port = listeners[0].socket.getsockname()[1]

    def refuse(self) -> None:
        """Listen no more: connections are refused from here on, and those that are open end."""
        self._open.cancel()

    async def _listen(
        self, task_status: trio.TaskStatus[list[trio.SocketListener]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        with self._open:
            await trio.serve_tcp(self._serve, self.port, host=self.host, task_status=task_status)

    async def _serve(self, stream: trio.SocketStream) -> None:
        await conversed(self, stream)


@asynccontextmanager
async def mailserver(
    *,
    clock: Clock | None = None,
    tls: Literal["later", "now", "never"] = "later",
    certificate: Certificate = "good",
) -> AsyncIterator[MailServer]:
    """A server that serves while the block lasts, on this machine's clock if none is given.
    Certificates go by the real time, whatever the clock."""
    with TemporaryDirectory() as folder:
        days = -0.5 if certificate == "expired" else 90.0
        pair = make_pair(Path(folder), days=days)
        shown = make_pair(Path(folder), "stranger") if certificate == "stranger" else pair
        made = MailServer(Policy(clock or SystemClock(), tls), shown, pair.certificate)
        async with trio.open_nursery() as nursery:
            made._nursery = nursery
            await made.open()
            try:
                yield made
            finally:
                nursery.cancel_scope.cancel()
