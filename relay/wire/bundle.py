"""A bundle: the keys of an exit for the days to come, signed with its identity key.

An entry seals to the key of the day. It takes a bundle only if its own settings name the identity
that signed it, and only one with a higher serial than the one it has. ``docs/wire.md`` has it.

::

    magic 4 | version 1 | length 4 | contents (a packed Bundle) | signature 64

Where the identity key is kept on another machine, the exit writes a request: the same contents, not
signed yet, with a checksum in place of the signature. A revocation is a bundle without keys, signed
ahead; its serial is the highest there is, so that it is newer than whatever an entry has.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from relay.errors import Damaged
from relay.model import Instant
from relay.wire import primitives
from relay.wire.batch import MAX_BUNDLE
from relay.wire.epochs import DAY_S, FOREVER, EpochPublic, key_of, until
from relay.wire.mailkeys import MailPublic
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEY, SIGNATURE

MAGIC: Final = b"OUTK"
REQUEST: Final = b"OUTQ"
VERSION: Final = 1
MOST_EPOCHS: Final = 130
"""Keys in one bundle: those of 60 days to come, and of as many days on the road."""

MOST_REVOKED: Final = 1000
LAST_SERIAL: Final = 1 << 62
"""That of a bundle that ends an exit."""

_CHECKSUM: Final = 32
_HEAD = struct.Struct(">4sBI")
_CONTEXT: Final = b"outword/1/bundle"
_ASKED: Final = b"outword/1/bundle-request"


@dataclass(frozen=True, slots=True, repr=False)
class Bundle:
    """What an exit says of its keys. ``serial`` grows with each; ``road_s``: for how many seconds
    after its day a key is kept, at least; ``epochs`` in order of their days, each of one day: who
    could sign one for years would have all of them opened by one key. ``revoked``: ids (8 bytes) of
    keys that nothing may be sealed to any more; ``ended``: to none of this exit, ever again.
    ``page`` is the key of its page (zeros in one that ends it), ``mail`` what senders encrypt mail
    to."""

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
            and 0 < self.serial <= LAST_SERIAL
            and (self.ended or self.serial < LAST_SERIAL)
            and self.road_s > 0
            and len(self.epochs) <= MOST_EPOCHS
            and len(self.revoked) <= MOST_REVOKED
            and all(len(one) == 8 for one in self.revoked)
            and 0 <= self.made < FOREVER
            and all(before >= 0 and before % DAY_S == 0 for before, _ in days)
            and all(after == before + DAY_S < FOREVER for before, after in days)
            and all(one[1] <= next[0] for one, next in pairwise(days))
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
        """The key to seal to now; None if there is none."""
        return key_of(self.good(), now)

    def until(self) -> Instant:
        """From when on there is no key to seal to; 0 if there is none at all."""
        return until(self.good())


def sign_bundle(bundle: Bundle, identity: bytes) -> bytes:
    """The bytes of a bundle, signed with the identity key of this seed (32 bytes)."""
    signed = _with_head(MAGIC, bundle)
    return signed + primitives.sign(identity, _CONTEXT + signed)


def read_bundle(signed: bytes, identity: bytes) -> Bundle:
    """The bundle that the holder of that identity key (32 bytes) signed. Raises Damaged."""
    made, signature = _parted(MAGIC, signed, SIGNATURE)
    if not primitives.signed(identity, _CONTEXT + made, signature):
        raise Damaged
    bundle = unpack(Bundle, made[_HEAD.size :])
    if bundle.identity != identity:
        raise Damaged
    return bundle


def make_request(bundle: Bundle) -> bytes:
    """The bytes of a bundle that is to be signed elsewhere."""
    made = _with_head(REQUEST, bundle)
    return made + primitives.digest(_ASKED + made)


def read_request(asked: bytes) -> Bundle:
    """The bundle that is to be signed. Nothing says who made it. Raises Damaged."""
    made, checksum = _parted(REQUEST, asked, _CHECKSUM)
    if checksum != primitives.digest(_ASKED + made):
        raise Damaged
    return unpack(Bundle, made[_HEAD.size :])


def make_revocation(identity: bytes, now: Instant) -> bytes:
    """The bytes of a bundle that ends the exit of the identity key of this seed (32 bytes)."""
    public, no_page = primitives.signing_public(identity), bytes(KEY)
    return sign_bundle(Bundle(public, no_page, LAST_SERIAL, now, 1, (), ended=True), identity)


def signer_of(signed: bytes, identities: Mapping[str, bytes]) -> str:
    """With which of these identity keys (by name, 32 bytes each) a bundle was signed. Raises
    Damaged for one that none of them has signed."""
    for name, identity in identities.items():
        with contextlib.suppress(Damaged):
            read_bundle(signed, identity)
            return name
    raise Damaged


def _with_head(magic: bytes, bundle: Bundle) -> bytes:
    contents = pack(bundle)
    return _HEAD.pack(magic, VERSION, len(contents)) + contents


def _parted(magic: bytes, made: bytes, end: int) -> tuple[bytes, bytes]:
    """Head and contents, and what stands after them. Raises Damaged."""
    if not _HEAD.size + end < len(made) <= MAX_BUNDLE:
        raise Damaged
    begins, version, length = _HEAD.unpack_from(made)
    if (begins, version, length) != (magic, VERSION, len(made) - _HEAD.size - end):
        raise Damaged
    return made[:-end], made[-end:]
