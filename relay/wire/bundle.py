"""A bundle: the keys of an exit for the days to come, signed with its identity key.

An entry seals to the key of the day. It takes a bundle only if its own settings name the identity
that signed it, and only one with a higher serial than the one it has. ``docs/wire.md`` has it.

::

    magic 4 | version 1 | length 4 | contents (a packed Bundle) | signature 64
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged
from relay.model import Instant
from relay.wire import primitives
from relay.wire.batch import MAX_BUNDLE
from relay.wire.keys import EpochPublic
from relay.wire.mailkeys import MailPublic
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEY, SIGNATURE

MAGIC: Final = b"OUTK"
VERSION: Final = 1
MOST_EPOCHS: Final = 130
"""Keys in one bundle: those of 60 days to come, and of as many days on the road."""

MOST_REVOKED: Final = 1000
_HEAD = struct.Struct(">4sBI")
_CONTEXT: Final = b"outword/1/bundle"


@dataclass(frozen=True, slots=True, repr=False)
class Bundle:
    """What an exit says of its keys. ``serial`` grows with each; ``road_s``: for how many seconds
    after its day a key is kept, at least; ``epochs`` in order of their days; ``revoked``: ids (8
    bytes) of keys that nothing may be sealed to any more; ``ended``: to none of this exit, ever
    again. ``page`` is the key of its page, ``mail`` what senders encrypt mail to."""

    identity: bytes
    page: bytes
    serial: int
    made: Instant
    road_s: int
    epochs: tuple[EpochPublic, ...]
    revoked: tuple[bytes, ...] = ()
    ended: bool = False
    mail: MailPublic | None = None

    def __post_init__(self) -> None:
        days = [(one.not_before, one.not_after) for one in self.epochs]
        holds = (
            len(self.identity) == len(self.page) == KEY
            and self.serial > 0
            and self.road_s > 0
            and len(self.epochs) <= MOST_EPOCHS
            and len(self.revoked) <= MOST_REVOKED
            and all(len(one) == 8 for one in self.revoked)
            and all(before < after for before, after in days)
            and len({one.id for one in self.epochs}) == len(self.epochs)
            and (self.epochs or self.ended)
        )
        if not holds:
            raise Damaged

    def good(self) -> Iterator[EpochPublic]:
        """The keys that may be sealed to on their day."""
        if not self.ended:
            yield from (one for one in self.epochs if one.id not in self.revoked)

    def of(self, now: Instant) -> EpochPublic | None:
        """The key to seal to now, of two the later one; None if there is none."""
        days = [one for one in self.good() if one.not_before <= now < one.not_after]
        return max(days, key=lambda one: one.not_before, default=None)

    def until(self) -> Instant:
        """From when on there is no key to seal to; 0 if there is none at all."""
        return max((one.not_after for one in self.good()), default=0)


def sign_bundle(bundle: Bundle, identity: bytes) -> bytes:
    """The bytes of a bundle, signed with the identity key of this seed (32 bytes)."""
    contents = pack(bundle)
    signed = _HEAD.pack(MAGIC, VERSION, len(contents)) + contents
    return signed + primitives.sign(identity, _CONTEXT + signed)


def read_bundle(signed: bytes, identity: bytes) -> Bundle:
    """The bundle that the holder of that identity key (32 bytes) signed. Raises Damaged."""
    if not _HEAD.size + SIGNATURE < len(signed) <= MAX_BUNDLE:
        raise Damaged
    magic, version, length = _HEAD.unpack_from(signed)
    made, signature = signed[:-SIGNATURE], signed[-SIGNATURE:]
    if (magic, version, length) != (MAGIC, VERSION, len(made) - _HEAD.size):
        raise Damaged
    if not primitives.signed(identity, _CONTEXT + made, signature):
        raise Damaged
    bundle = unpack(Bundle, made[_HEAD.size :])
    if bundle.identity != identity:
        raise Damaged
    return bundle
