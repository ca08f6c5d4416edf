"""What is attached to a mail: a batch, or a part of one, under a veil.

::

    salt 16 | mark 16 | sealed ( digest 32 | index 2 | of 2 | length 4 | chunk )

A batch says in clear that it is one, and between which two nodes. That is nobody's business who
only carries mails, so it lies under a key of the two link keys. These are no secret between
operators, and so the veil is none either: whoever knows both lines of the settings lifts it, and
finds sealed envelopes. To everybody else the attachment is bytes without any order, the same twice
never. ``mark`` tells our own from all other attachments at the price of one HMAC a peer.

RFC 2046 (5.2.2) has ``message/partial`` for what is too large for one mail. It is not used: mail
gateways turn it away, since none of them can look into a part.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.batch import MAX_BATCH
from relay.wire.linkkeys import LinkKey
from relay.wire.primitives import KEY, TAG

SALT: Final = 16
MARK: Final = 16
START: Final = SALT + MARK
"""Bytes of an attachment that tell whose it is."""

MOST_PARTS: Final = 512
"""Parts of one batch: the largest in mails of 64 KiB takes four hundred."""

_HEAD = struct.Struct(f">{KEY}sHHI")
OVERHEAD: Final = START + _HEAD.size + TAG
"""Bytes of an attachment that are none of the batch."""

_VEIL: Final = b"outword/1/mail"
_ONE: Final = b"outword/1/mail/one"


@dataclass(frozen=True, slots=True, repr=False)
class Parcel:
    """A part of a batch: the SHA-256 of the whole and its ``length``, which part of how many this
    is (from 0), and its bytes."""

    digest: bytes
    index: int
    of: int
    length: int
    chunk: bytes

    def __post_init__(self) -> None:
        if not (0 <= self.index < self.of <= MOST_PARTS and 0 < len(self.chunk) <= self.length):
            raise Damaged
        if self.length > MAX_BATCH:
            raise Damaged


class Veil:
    """What lies over the mails from one node to another."""

    def __init__(self, sender: LinkKey, to: LinkKey) -> None:
        both = sender.public + sender.signature + to.public + to.signature
        self._key = primitives.derive(both, _VEIL)

    def over(self, parcel: Parcel) -> bytes:
        """The attachment."""
        salt = token_bytes(SALT)
        head = _HEAD.pack(parcel.digest, parcel.index, parcel.of, parcel.length)
        sealed = primitives.seal_once(self._once(salt), head + parcel.chunk, salt)
        return salt + self._mark(salt) + sealed

    def is_over(self, start: bytes) -> bool:
        """Whether an attachment that begins like that (START bytes) is of these two."""
        return primitives.same(start[SALT:START], self._mark(start[:SALT]))

    def under(self, attached: bytes) -> Parcel:
        """What is under it. Raises Damaged."""
        salt, sealed = attached[:SALT], memoryview(attached)[START:]
        if not self.is_over(attached[:START]):
            raise Damaged
        plain = primitives.open_once(self._once(salt), sealed, salt)
        if len(plain) < _HEAD.size:
            raise Damaged
        digest, index, of, length = _HEAD.unpack_from(plain)
        return Parcel(digest, index, of, length, plain[_HEAD.size :])

    def named(self, chance: bytes) -> bytes:
        """16 bytes for the name of a mail, of 8 that are of no meaning: nothing in them that
        anybody could read, and we know them again when a mail comes back."""
        return chance[:8] + primitives.mac(self._key, b"name", chance[:8])[:8]

    def is_name(self, name: bytes) -> bool:
        """Whether a mail with this name was one of these two."""
        return len(name) == 16 and primitives.same(name, self.named(name))

    def _mark(self, salt: bytes) -> bytes:
        return primitives.mac(self._key, b"mark", salt)[:MARK]

    def _once(self, salt: bytes) -> bytes:
        return primitives.derive(self._key, _ONE, salt=salt)


def parcels(made: bytes, room: int) -> Iterator[Parcel]:
    """A batch as parts of at most ``room`` bytes, of equal size but for the last."""
    of = -(-len(made) // room)
    size = -(-len(made) // of)
    digest = primitives.digest(made)
    for index in range(of):
        chunk = made[index * size : (index + 1) * size]
        yield Parcel(digest, index, of, len(made), chunk)
