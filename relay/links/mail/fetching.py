"""How mails are fetched, and what is known of those that lie there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from relay.mailing.imap.session import Session, Where
from relay.reach.routes import DIRECT, Routes
from relay.wire.batch import MAX_BATCH

MOST_MAIL: Final = MAX_BATCH // 57 * 78 + 1024 * 1024
"""Bytes of a mail that may be ours: the largest batch as base64, and what is around it."""


@dataclass(frozen=True, slots=True, repr=False)
class Fetching:
    """How mails are fetched. ``password`` is called each time, and may raise KeyFileError;
    ``delete``: what was taken is removed, else flagged as seen; ``silent_s``: seconds that the
    server may say nothing."""

    where: Where
    password: Callable[[], bytes]
    every_s: float
    silent_s: float
    delete: bool = True
    routes: Routes = DIRECT

    def session(self) -> Session:
        """A connection to the folder, not yet open."""
        return Session(self.where, self.silent_s, self.routes)


@dataclass(slots=True, repr=False)
class Known:
    """UIDs of a folder of this UIDVALIDITY: of mails that are not looked at any more (``looked``),
    and of those that are to go, since the core has what was in them or it will come in others."""

    validity: int = 0
    looked: set[int] = field(default_factory=set)
    over: set[int] = field(default_factory=set)

    def forget_all_but(self, there: set[int]) -> None:
        """The others are gone, and a UID never comes back (RFC 3501 section 2.3.1.1)."""
        self.looked &= there
        self.over &= there
