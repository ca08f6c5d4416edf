"""Parts of batches that wait for the others: in memory, and no more than a few.

Nothing is lost with them. In a mailbox the mails stay until their batch is kept; what SMTP brought
is given again by the peer, who forgets an envelope only when it is told that it is durable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from relay.errors import Damaged
from relay.links.mail.parcel import Parcel
from relay.wire import primitives
from relay.wire.batch import MAX_BATCH

MOST_WHOLES: Final = 8
"""Batches of which parts may wait."""

MOST_BYTES: Final = 2 * MAX_BATCH
"""Bytes that may wait in all; the oldest batch makes room."""


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """A whole batch, and the mails that it came in."""

    made: bytes
    mails: tuple[int, ...]


_Key = tuple[bytes, bytes, int, int]
"""Sender and digest of a whole, and of how many parts and how long it says it is: a peer that was
told to send smaller mails begins the same whole anew, with more of them."""


@dataclass(slots=True, repr=False)
class _Waiting:
    chunks: dict[int, bytes] = field(default_factory=dict)
    mails: dict[int, None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(map(len, self.chunks.values()))


class Joining:
    """Parts by what they are parts of."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, _Waiting] = {}
        self._given_up: list[int] = []

    def add(self, sender: bytes, parcel: Parcel, mail: int) -> Joined | None:
        """The whole, if no part is missing. ``sender`` is a public link key, ``mail`` whatever
        number this mail has. It waits on until it is ``over``: the core may have no room for it
        now. Raises Damaged for what is no part of what it says."""
        if parcel.of == 1:
            return Joined(_whole(parcel, parcel.chunk), (mail,))
        key = (sender, parcel.digest, parcel.of, parcel.length)
        one = self._waiting.setdefault(key, _Waiting())
        one.mails.setdefault(mail)
        one.chunks[parcel.index] = parcel.chunk
        if len(one.chunks) == parcel.of:
            parts = b"".join(one.chunks[index] for index in range(parcel.of))
            return Joined(_whole(parcel, parts), tuple(one.mails))
        self._make_room(key)
        return None

    def over(self, sender: bytes, parcel: Parcel) -> tuple[int, ...]:
        """Forget what this is a part of, however it was cut; gives the mails that it came in."""
        keys = [key for key in self._waiting if key[:2] == (sender, parcel.digest)]
        return tuple(mail for key in keys for mail in self._waiting.pop(key).mails)

    def given_up(self) -> tuple[int, ...]:
        """Mails of batches that had to make room since the last call."""
        gone, self._given_up = tuple(self._given_up), []
        return gone

    def forget(self) -> None:
        """All of it."""
        self._waiting.clear()
        self._given_up.clear()

    def _make_room(self, last: _Key) -> None:
        while (
            len(self._waiting) > MOST_WHOLES
            or sum(one.size for one in self._waiting.values()) > MOST_BYTES
        ):
            oldest = next((key for key in self._waiting if key != last), last)
            self._given_up += self._waiting.pop(oldest).mails


def _whole(parcel: Parcel, made: bytes) -> bytes:
    if len(made) != parcel.length or primitives.digest(made) != parcel.digest:
        raise Damaged
    return made
