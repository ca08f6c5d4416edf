"""Makes a link by mail from its section of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from relay.config import Settings
from relay.config.linking import MailLink
from relay.keyfiles import read_line
from relay.links.mail.fetching import Fetching
from relay.links.mail.letter import Dress
from relay.links.mail.link import ByMail, Ways
from relay.links.mail.outward import Sending
from relay.links.port import Opening
from relay.mailing.imap.session import Where
from relay.mailing.submission import Account
from relay.reach.routes import DIRECT

_TLS: Final[dict[str, Literal["tls", "starttls", "off"]]] = {
    "implicit": "tls",
    "starttls": "starttls",
    "none": "off",
}


def mail(at: MailLink, opening: Opening, settings: Settings) -> ByMail:
    """The link. Its password is read anew for each connection, so that a new one is used at once;
    one that cannot be read is said on the board."""
    ca_file = settings.at(at.ca_file) if at.ca_file else None
    ways = Ways(
        _sending(at, opening, settings, ca_file),
        _fetching(at, opening, settings),
        at.sender,
    )
    return ByMail(opening, ways)


def _sending(
    at: MailLink, opening: Opening, settings: Settings, ca_file: Path | None
) -> Sending | None:
    if at.smtp is None:
        return None
    host, port = at.smtp
    file = settings.at(at.password_file)
    return Sending(
        Account(host, port, _TLS[at.smtp_tls], at.user, str(ca_file or "")),
        lambda: read_line(file),
        Dress(at.sender, at.to, at.subject, at.text, at.file_name),
        at.most_bytes,
        float(at.timeout),
        opening.routes or DIRECT,
        at.most_a_day,
    )


def where_of(at: MailLink, settings: Settings) -> Where:
    """The folder that it fetches from; it has one."""
    assert at.imap is not None
    host, port = at.imap
    ca_file = str(settings.at(at.ca_file)) if at.ca_file else ""
    return Where(host, port, at.user, at.mailbox, at.imap_tls == "implicit", ca_file)


def _fetching(at: MailLink, opening: Opening, settings: Settings) -> Fetching | None:
    if at.imap is None:
        return None
    file = settings.at(at.password_file)
    return Fetching(
        where_of(at, settings),
        lambda: read_line(file),
        float(at.every),
        float(at.timeout),
        at.delete,
        opening.routes or DIRECT,
    )
