"""What must be known of a folder after a restart, so that nothing is posted unasked or twice.

A file beside ``door.key`` with numbers only: the folder's UIDVALIDITY, the first UID that is ours
to take, and three small lists of UIDs. ``tried`` is written before a mail is handed over, ``taken``
before it is removed: a mail that was handed over so long ago that its repeat key may be forgotten
is doubtful, and a person looks at it; one that was taken and cannot be removed is never handed over
again. ``left`` are those that were turned away, so that each is counted once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from relay.errors import Damaged
from relay.mailing.imap.session import Opened
from relay.model import Instant, hour_of

SURE_S: Final = 6 * 86400
"""Seconds for which a repeat is certainly known: repeat keys live seven days, less a margin."""

MOST_TRIED: Final = 1000
"""UIDs that may be without a certain end; at the limit nothing new is tried."""

MOST_LEFT: Final = 10_000
"""UIDs of mails that were turned away; of more than these the oldest are counted anew after a
restart."""

VERSION: Final = 1


class Store(Protocol):
    """Where the marks are kept: durable when ``save`` returns. Both may raise OutwordError or
    OSError; ``load`` gives None where nothing was ever saved."""

    def load(self) -> bytes | None:
        """What was saved last."""
        ...

    def save(self, content: bytes) -> None:
        """Replace it in one step."""
        ...


@dataclass(slots=True, repr=False)
class Marks:
    """``where`` is a keyed hash of host, user and folder; ``renewed`` says that UIDVALIDITY changed
    and what lay there then was left, until a person has moved it."""

    where: str
    validity: int
    first: int
    renewed: bool = False
    tried: dict[int, Instant] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)

    def trying(self, uids: Collection[int], now: Instant) -> set[int]:
        """These are about to be handed over; gives those that are doubtful."""
        for uid in uids:
            self.tried.setdefault(uid, hour_of(now))
        return {uid for uid in uids if now - self.tried[uid] > SURE_S}

    def took(self, uid: int) -> None:
        """It is durable with us: it may be removed, and is never handed over again."""
        self.tried.pop(uid, None)
        self.taken.add(uid)

    def leave(self, uid: int) -> None:
        """It will never be taken, and stays where it is."""
        self.tried.pop(uid, None)
        self.left.add(uid)

    def forget_all_but(self, there: Collection[int]) -> bool:
        """Forget what is not in the folder any more; whether that was anything. A UID never comes
        back (RFC 3501, 2.3.1.1)."""
        gone = (self.tried.keys() | self.taken | self.left) - set(there)
        for uid in gone:
            self.tried.pop(uid, None)
        self.taken -= gone
        self.left -= gone
        return bool(gone)

    def written(self) -> bytes:
        """The file."""
        table = {
            "version": VERSION,
            "where": self.where,
            "validity": self.validity,
            "first": self.first,
            "renewed": self.renewed,
            "tried": sorted(self.tried.items()),
            "taken": sorted(self.taken),
            "left": sorted(self.left)[-MOST_LEFT:],
        }
        return json.dumps(table).encode() + b"\n"


def read(content: bytes) -> Marks:
    """The marks of a file. Raises Damaged."""
    try:
        table = json.loads(content)
        marks = Marks(
            where=_is(table, "where", str),
            validity=_is(table, "validity", int),
            first=_is(table, "first", int),
            renewed=_is(table, "renewed", bool),
            tried={int(uid): int(hour) for uid, hour in _is(table, "tried", list)},
            taken={int(uid) for uid in _is(table, "taken", list)},
            left={int(uid) for uid in _is(table, "left", list)},
        )
        if table["version"] != VERSION or marks.first < 1 or marks.validity < 1:
            raise Damaged
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Damaged from None
    return marks


def _is(table: Mapping[str, Any], key: str, kind: type) -> Any:
    if type(table[key]) is not kind:
        raise TypeError
    return table[key]


def adopted(old: Marks | None, opened: Opened, where: str, *, take: bool) -> Marks:
    """The marks to go on with, now that the folder is open.

    At the first start, and for another folder than before, ``take`` decides about what is there.
    After a change of UIDVALIDITY nobody can tell which mails are which: what is there is taken only
    where ``take`` allows it and no mail was on its way; otherwise it is left and the operator told.
    """
    if old is None or old.where != where:
        return Marks(where, opened.validity, 1 if take else opened.next)
    if old.validity == opened.validity:
        return old
    if take and not old.tried and not old.taken and not old.renewed:
        return Marks(where, opened.validity, 1)
    return Marks(where, opened.validity, opened.next, renewed=True)
