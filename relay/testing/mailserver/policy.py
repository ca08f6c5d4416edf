"""What a submission server allows: who may send, to whom, how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex, token_urlsafe
from typing import Final, Literal

from relay.ports import Clock
from relay.testing.mailserver.letters import No

PER_S: Final = 3600
"""The window in which mails are counted."""

EXTENSIONS: Final = ("8BITMIME", "SMTPUTF8")


@dataclass(slots=True, repr=False)
class Policy:
    """All of it can be changed at any time; sizes are in bytes.

    ``tls``: after STARTTLS (port 587); at once (port 465); or never, where a client must not give
    its password away. ``recipients``: who exists; None: everybody. ``mails_allowed``: in an hour.
    ``greylist_s``: how long a pair of sender and recipient that is new is put off. ``full``: no
    room. ``suspended``: the account may not send.
    """

    clock: Clock
    tls: Literal["later", "now", "never"] = "later"
    host: str = "mail.example.org"
    domain: str = "news.example.org"
    user: str = field(default_factory=lambda: f"relay-{token_hex(4)}")
    password: str = field(default_factory=token_urlsafe)
    extensions: tuple[str, ...] = EXTENSIONS
    max_bytes: int = 10 * 1024 * 1024
    max_recipients: int = 100
    recipients: set[str] | None = None
    mails_allowed: int = 100_000
    greylist_s: int = 0
    full: bool = False
    suspended: bool = False
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)
    _counted: Counter[int] = field(default_factory=Counter)

    def announced(self, parameters: Mapping[str, str], *, extended: bool) -> tuple[bool, bool]:
        """Whether MAIL says 8BITMIME, and SMTPUTF8. Raises No for what it may not say."""
        offered = {"SIZE", *({"BODY"} if "8BITMIME" in self.extensions else ())}
        offered |= {"SMTPUTF8"} & {*self.extensions}
        if parameters and (not extended or parameters.keys() - offered):
            raise No("555 5.5.4 Unsupported parameter")
        size, body = parameters.get("SIZE", "0"), parameters.get("BODY", "7BIT")
        if not (size.isascii() and size.isdigit()) or body not in ("7BIT", "8BITMIME"):
            raise No("501 5.5.4 Bad parameter")
        if int(size) > self.max_bytes:
            raise No("552 5.3.4 Message size exceeds fixed limit")
        return body == "8BITMIME", "SMTPUTF8" in parameters

    def may_send(self, sender: str) -> None:
        """Raise No if a return path is not the account's, or the account may not send now."""
        if self.suspended:
            raise No("550 5.7.1 This account may not send")
        if self.full:
            raise No("452 4.3.1 Insufficient system storage")
        if not self.owns(sender):
            raise No("550 5.7.1 Sender address rejected: not owned by user")
        if self._counted[self.clock.now() // PER_S] >= self.mails_allowed:
            raise No("450 4.7.1 Rate limit exceeded")

    def owns(self, address: str) -> bool:
        """Whether an address is the account's: any of its domain, for return paths that say whom a
        mail went to."""
        return address.rpartition("@")[2].lower() == self.domain

    def may_receive(self, sender: str, recipient: str, before: int) -> None:
        """Raise No if a recipient, of whom there are so many ``before``, is not taken."""
        if before >= self.max_recipients:
            raise No("452 4.5.3 Too many recipients")
        if self.recipients is not None and recipient not in self.recipients:
            raise No("550 5.1.1 Recipient address rejected: User unknown")
        now = self.clock.now()
        first = self._seen.setdefault((sender, recipient), now)
        if now < first + self.greylist_s:
            raise No("450 4.2.0 Greylisted")

    def count(self) -> None:
        """One mail was taken."""
        self._counted[self.clock.now() // PER_S] += 1
