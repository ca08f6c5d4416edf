"""Opens the transports of mail."""

from __future__ import annotations

from relay.config import ImapIn, SmtpIn
from relay.keyfiles import read_line
from relay.node.inward.opening import Opened, Opening
from relay.transports.limits import MailboxLimits, SmtpLimits
from relay.transports.mailbox import Mailbox, Where
from relay.transports.smtp import Smtp


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
    )
    return Opened(run=lambda ready: made.run(opening.take_in, ready))


def imap(at: ImapIn, opening: Opening) -> Opened:
    """A mailbox at a provider. It remembers which mails are ours to take."""
    ca_file = str(opening.at(at.ca_file)) if at.ca_file else ""
    where = Where(at.host, at.port, at.user, at.folder, at.tls, ca_file)
    place = "\0".join((at.host, at.user, at.folder)).encode()
    made = Mailbox(
        opening.name,
        where,
        at.channel,
        password=lambda: read_line(opening.at(at.password_file)),
        store=opening.kept("seen"),
        where_key=opening.keyed("seen", place),
        clock=opening.clock,
        faring=opening.faring,
        turned_away=opening.turned_away,
        address=at.address,
        every_s=at.every,
        existing=at.existing,
        limits=MailboxLimits(message_bytes=at.message_bytes),
    )
    return Opened(run=lambda ready: made.run(opening.take_in, ready))
