"""Other nodes, and the links to them: ``[peers.NAME]`` and ``[links.NAME]``.

A **peer** is another node: of an entry an exit that it seals to, of any other an entry whose
envelopes it takes. A **link** is a way to one peer, or, where it listens, for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from relay.config.reaching import DIRECT
from relay.config.values import (
    Bytes,
    FileName,
    IdentityKey,
    Line,
    LinkKeyText,
    Listen,
    MailAddress,
    Name,
    Seconds,
    Section,
    Server,
    SomeTime,
    WebAddress,
    between,
)
from relay.errors import Mistake
from relay.serving.peers import is_loopback


class Peer(Section):
    """``[peers.NAME]``: another node. ``link`` is its link key and ``identity``, of an exit, its
    identity key, as `relay keys list` prints them there. ``after``: what this exit is sealed to
    goes to it only when it has lain here for so long and no other exit has taken it over."""

    link: LinkKeyText
    identity: IdentityKey = ""
    after: Seconds = 0


class LinkAt(Section):
    """What every ``[links.NAME]`` may say. ``peer``: to whom it leads. ``after``: it carries only
    what has waited here for so long, since another link is there that is better."""

    peer: Name = ""
    after: Seconds = 0

    is_answered: ClassVar[bool] = False
    """Whether the other side answers each batch; else what goes back is a batch of its own."""

    def listens(self) -> tuple[str, int] | None:
        """The address and port of its own listening socket, None if it has none."""
        return None

    def goes_by(self) -> tuple[str, ...]:
        """The routes by which it goes out, the best first; none where it does not."""
        return ()

    @property
    def hands_over(self) -> bool:
        """Whether anything can be handed over by it, and not only taken in."""
        return True

    def mistakes(self, key: str) -> Iterator[Mistake]:
        """What is wrong with it beyond a single value."""
        return iter(())


class HttpsLink(LinkAt):
    """``kind = "https"``. An entry has a ``url``, a host and port where only the peer's own
    certificate is believed; an exit ``listen``: there every peer is heard. ``every``: how often an
    entry asks, where it has nothing to give. ``timeout``: for a connection, and for each step on
    it."""

    is_answered: ClassVar[bool] = True

    kind: Literal["https"]
    url: WebAddress = ""
    listen: Listen | None = None
    routes: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=8)] = (DIRECT,)
    every: Annotated[SomeTime, between("1s", "1h")] = 30
    timeout: Annotated[SomeTime, between("1s", "10m")] = 60

    def listens(self) -> tuple[str, int] | None:
        """The address and port of its own listening socket."""
        return self.listen

    def goes_by(self) -> tuple[str, ...]:
        """The routes by which it goes out, the best first; none where it is called."""
        return self.routes if self.listen is None else ()

    def mistakes(self, key: str) -> Iterator[Mistake]:
        """Either it goes out or it listens."""
        if bool(self.url) == (self.listen is not None):
            yield Mistake(
                key, "has both url and listen, or neither", "an entry has url, an exit listen"
            )
        if self.url and not _leads_to_a_host(self.url):
            yield Mistake(
                f"{key}.url",
                "is not https, or more than a host and port",
                'write "https://HOST:PORT"',
            )
        if self.url and not self.peer:
            yield Mistake(f"{key}.peer", "is missing", "name the peer that listens there")


def _leads_to_a_host(url: str) -> bool:
    """Whether this is https, a host and perhaps a port, and nothing else."""
    try:
        where = urlsplit(url)
        bare = where.port != 0 and where.path in ("", "/") and "@" not in where.netloc
    except ValueError:
        return False
    return where.scheme == "https" and bool(where.hostname) and bare


Tls = Literal["implicit", "starttls", "none"]


class MailLink(LinkAt):
    """``kind = "mail"``: batches as attachments. ``to`` is the address at which the peer fetches,
    ``sender`` ours; ``smtp`` (HOST:PORT) takes them, ``imap`` (HOST:PORT, TLS from the first byte
    as RFC 8314 wants it) has what comes; or ``listen`` hears SMTP itself. ``subject``, ``text`` and
    ``file_name`` are what a filter sees. ``delete``: what was taken is removed from the mailbox,
    else flagged as seen. ``most_a_day``: of mails that go out. ``again``: after how long without a
    word of the peer the same is sent once more."""

    kind: Literal["mail"]
    to: MailAddress = ""
    sender: MailAddress = ""
    subject: Line = "Backup"
    text: Annotated[str, Field(max_length=1000)] = "The backup is attached."
    file_name: FileName = "backup.bin"
    smtp: Server | None = None
    smtp_tls: Tls = "implicit"
    imap: Server | None = None
    imap_tls: Literal["implicit", "none"] = "implicit"
    mailbox: Line = "INBOX"
    delete: bool = True
    user: Line | Literal[""] = ""
    password_file: str = ""
    listen: Listen | None = None
    ca_file: str = ""
    routes: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=8)] = (DIRECT,)
    every: Annotated[SomeTime, between("1s", "1d")] = 300
    again: Annotated[SomeTime, between("1s", "30d")] = 86400
    most_bytes: Annotated[Bytes, Field(ge=65536, le=64 * 1024 * 1024)] = 10 * 1024 * 1024
    most_a_day: Annotated[int, Field(ge=1, le=100_000)] = 400
    timeout: Annotated[SomeTime, between("1s", "10m")] = 60

    def listens(self) -> tuple[str, int] | None:
        """The address and port of its own listening socket, None if it has none."""
        return self.listen

    def goes_by(self) -> tuple[str, ...]:
        """The routes by which it goes out, the best first; none where it is only called."""
        return () if self.smtp is None and self.imap is None else self.routes

    @property
    def hands_over(self) -> bool:
        """Whether it has somebody who takes its mails."""
        return self.smtp is not None

    def how_to_get_it(self, key: str) -> str:
        """Where the operator gets its password: a sentence to show."""
        return "The password of `user` at this provider: many want one made for an app alone."

    def mistakes(self, key: str) -> Iterator[Mistake]:
        """What it needs for the directions that it has, and that no password goes in clear."""
        if self.imap is not None and self.listen is not None:
            yield Mistake(key, "has both imap and listen", "mail comes in by one of them")
        if self.smtp is None and self.imap is None and self.listen is None:
            yield Mistake(key, "leads nowhere", "add smtp, and imap or listen")
        yield from self._unsaid(key)
        for name, tls in (("smtp", self.smtp_tls), ("imap", self.imap_tls)):
            at = getattr(self, name)
            if at is not None and tls == "none" and at[0] != "localhost" and not is_loopback(at[0]):
                yield Mistake(f"{key}.{name}_tls", "is none: only to this machine", "use TLS")
        for name in ("to", "sender"):
            if not _PLAIN.fullmatch(getattr(self, name)):
                yield Mistake(f"{key}.{name}", "is no plain address", "use letters of ASCII")

    def _unsaid(self, key: str) -> Iterator[Mistake]:
        needs = {
            "peer": self.smtp is not None,
            "to": self.smtp is not None,
            "sender": self.smtp is not None or self.listen is not None,
            "user": self.imap is not None,
            "password_file": bool(self.user) or self.imap is not None,
        }
        for name, needed in needs.items():
            if needed and not getattr(self, name):
                yield Mistake(f"{key}.{name}", "is missing", _REMEDIES[name])


_PLAIN: Final = re.compile(r"[!#-;=?@A-Z^-~]*", re.ASCII)
"""Signs of an address that end no command of SMTP, and need no quotes in a header."""

_REMEDIES: Final = {
    "peer": "name the peer that fetches there",
    "to": "write the address at which the peer fetches",
    "sender": "write the address at which this node is reached",
    "user": "write what the provider lets in",
    "password_file": "put the (app) password into a file, mode 0600",
}


class FolderLink(LinkAt):
    """``kind = "folder"``: a folder that both sides see, or a stick that is carried between them.
    ``every``: how often it is looked into; ``again``: after how long without a receipt the same is
    put there once more; ``most_bytes``: how much of ours may lie there for one peer.
    ``removable``: it is the place at which a stick is mounted, and without one it is not there."""

    kind: Literal["folder"]
    folder: Annotated[str, Field(min_length=1)]
    removable: bool = False
    every: Annotated[SomeTime, between("1s", "1d")] = 60
    again: Annotated[SomeTime, between("1s", "30d")] = 86400
    most_bytes: Annotated[Bytes, Field(ge=32 * 1024 * 1024)] = 1024 * 1024 * 1024


Link = Annotated[HttpsLink | MailLink | FolderLink, Field(discriminator="kind")]
LINK_KINDS = ("https", "mail", "folder")
