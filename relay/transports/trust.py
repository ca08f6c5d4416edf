"""What a mail's sender is believed: what DMARC says of the domain, and whether an answer may go.

Off unless the settings ask for it. Of all that is looked at only one word travels, as a flag:
``dmarc-pass``, ``dmarc-fail`` or ``dmarc-none``; never a domain, an address or a signature (one of
RFC 6376 is proof against whoever sent it). A fail is a hint to a person and never more. A pass says
which account at which provider wrote, never which person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Protocol

from relay.entry.headers import MOST, UNANSWERED, filter_headers
from relay.model import HOUR, Instant
from relay.transports.imap.head import author_of, written_at

Said = Literal["pass", "fail", "none"]
"""What DMARC says (RFC 7489 section 11.2), as far as it leaves the door."""


class Judge(Protocol):
    """Says what DMARC does. It is entered before its first mail, and left after the last."""

    async def __aenter__(self) -> object: ...

    async def __aexit__(self, *why: object) -> None: ...

    async def __call__(self, mail: bytes, envelope: bytes, client: str) -> Said:
        """Of a mail, its MAIL FROM, and its client's address (empty if unknown)."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Trusted:
    """What goes along with an arrival: flags, and the way back (empty: no answer can go)."""

    flags: tuple[str, ...] = ()
    way_back: bytes = b""


NOTHING: Final = Trusted()
"""Where nothing is looked at."""

_PLAIN_ADDRESS = re.compile(
    rb"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    rb"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}"
)
"""RFC 5321 section 4.1.2 without quoted strings and literals: nothing of it needs a quote in a
header or a command of ours."""

_NOBODY = re.compile(
    rb"(?:mailer-daemon|postmaster|(?:no|do[-_.]?not)[-_.]?reply|owner-.*|.*-(?:request|owner|bounces?))@"
)
"""Who reads no answer: RFC 3834 section 2, RFC 2142, and what robots call themselves."""

_ENCODED = re.compile(rb"=\?|\?=")
"""Of an encoded word (RFC 2047), which no address may have in it, and programs undo even there."""

FRESH_S: Final = 72 * HOUR
"""Seconds after which nobody waits for an answer: whoever kept a signed question may send it again
as often as they like, and each time a mail would go to the person who once asked."""

AHEAD_S: Final = 24 * HOUR
"""Seconds that a sender's clock may be ahead."""

MOST_ADDRESS: Final = 254
"""Characters of an address (RFC 5321 section 4.5.3.1.3, less its brackets)."""


class Trust:
    """Looks at a mail for one transport. ``answers``: whoever asks may be answered, but for
    ``ours``: addresses of this node, and ``*@domain``. ``now`` says what time it is."""

    def __init__(
        self,
        judge: Judge,
        *,
        now: Callable[[], Instant],
        answers: bool = False,
        ours: Collection[str] = (),
    ) -> None:
        self._judge = judge
        self._now = now
        self._answers = answers
        self._ours = frozenset(one.lower().encode() for one in ours)

    async def __aenter__(self) -> Trust:
        await self._judge.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._judge.__aexit__(kind, error, trace)

    async def of(self, mail: bytes, *, envelope: bytes | None, client: str = "") -> Trusted:
        """What is believed of a mail. ``envelope`` is its MAIL FROM, empty for a bounce, None where
        nobody has told it. Never raises for what is in the mail."""
        said = await self._judge(mail, envelope or b"", client)
        way_back = self._way_back(mail, envelope) if said == "pass" and self._answers else b""
        return Trusted((f"dmarc-{said}",), way_back)

    def _way_back(self, mail: bytes, envelope: bytes | None) -> bytes:
        """The address in From, if an answer may go there: not to ourselves, and not for a mail that
        is old.

        DMARC speaks for that address alone, RFC 3834 section 4 lets an answer go to MAIL FROM
        alone: so they must be one. And no answer goes to what a program wrote, or to a list.
        """
        sender = author_of(mail)
        if envelope is not None and envelope.lower() != sender:
            return b""
        if len(sender) > MOST_ADDRESS or not _PLAIN_ADDRESS.fullmatch(sender):
            return b""
        if _ENCODED.search(sender) or self._is_ours(sender) or not self._is_fresh(mail):
            return b""
        flags = filter_headers(mail[: 2 * MOST])[1]
        if _NOBODY.match(sender) or UNANSWERED.intersection(flags):
            return b""
        return sender

    def _is_ours(self, sender: bytes) -> bool:
        return not self._ours.isdisjoint((sender, b"*@" + sender.rpartition(b"@")[2]))

    def _is_fresh(self, mail: bytes) -> bool:
        written = written_at(mail)
        return written is not None and -AHEAD_S <= self._now() - written <= FRESH_S
