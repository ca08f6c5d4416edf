"""Opens the transports of mail."""

from __future__ import annotations

import pwd

from relay.config import ImapIn, LmtpIn, SmtpIn
from relay.keyfiles import read_line
from relay.mailing.smtp.limits import SmtpLimits
from relay.node.inward.believing import answers_of, trust_of
from relay.node.inward.opening import Opened, Opening
from relay.node.inward.reaching import routes_of
from relay.transports.limits import MailboxLimits
from relay.transports.lmtp import Lmtp
from relay.transports.mailbox import Mailbox, Where
from relay.transports.smtp import Smtp

LMTP_SESSIONS = 100
"""Sessions of LMTP: one mail server opens 20 of itself (Postfix: default_destination_
concurrency_limit)."""


def smtp(at: SmtpIn, opening: Opening) -> Opened:
    """A server of our own."""
    assert opening.sock is not None
    limits = SmtpLimits(
        message_bytes=at.message_bytes,
        sessions=at.sessions,
        sessions_per_network=at.sessions_per_network,
    )
    made = Smtp(
        opening.name,
        opening.sock,
        at.channels(),
        limits,
        opening.turned_away,
        opening.certificate,
        tls_first=at.starttls == "require",
        trust=trust_of(at, opening),
        closing=opening.closing,
    )
    return Opened(
        run=lambda ready: made.run(opening.take_in, ready), answer=answers_of(at, opening)
    )


def lmtp(at: LmtpIn, opening: Opening) -> Opened:
    """A server behind a mail server of the operator's own: all its sessions are that one's."""
    limits = SmtpLimits(
        message_bytes=at.message_bytes, sessions=LMTP_SESSIONS, sessions_per_network=LMTP_SESSIONS
    )
    made = Lmtp(
        opening.name,
        opening.sock or opening.at(at.socket),
        at.channels(),
        limits,
        opening.turned_away,
        clients=_numbers(at.clients),
        faring=opening.faring,
        trust=trust_of(at, opening),
        closing=opening.closing,
    )
    return Opened(
        run=lambda ready: made.run(opening.take_in, ready), answer=answers_of(at, opening)
    )


def imap(at: ImapIn, opening: Opening) -> Opened:
    """A mailbox at a provider. It remembers which mails are ours to take."""
    place = "\0".join((at.host, at.user, at.folder)).encode()
    made = Mailbox(
        opening.name,
        where_of(at, opening),
        at.channel,
        password=lambda: read_line(opening.at(at.password_file)),
        store=opening.kept("seen"),
        where_key=opening.keyed("seen", place),
        clock=opening.clock,
        faring=opening.faring,
        turned_away=opening.turned_away,
        address=at.address,
        every_s=at.every,
        idle_s=_idle_s(at),
        existing=at.existing,
        limits=MailboxLimits(message_bytes=at.message_bytes),
        trust=trust_of(at, opening),
        routes=routes_of(at, opening),
    )
    return Opened(
        run=lambda ready: made.run(opening.take_in, ready),
        answer=answers_of(at, opening),
        fetches=True,
        session=made.session,
    )


def where_of(at: ImapIn, opening: Opening) -> Where:
    """The folder, as every connection to it needs it."""
    ca_file = str(opening.at(at.ca_file)) if at.ca_file else ""
    return Where(at.host, at.port, at.user, at.folder, at.tls, ca_file)


def _idle_s(at: ImapIn) -> float | None:
    """Seconds until the server is asked anew; also often enough to give a sign of life in time."""
    if not at.idle:
        return None
    return min(at.idle_again, at.silent_after / 2) if at.silent_after else at.idle_again


def _numbers(users: tuple[str, ...]) -> set[int]:
    """The numbers of users; of a name that this machine does not know, none."""
    known = {one.pw_name: one.pw_uid for one in pwd.getpwall()}
    return {known[name] for name in users if name in known}
