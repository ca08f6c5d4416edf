"""A batch: what one node hands to another over a link, whatever the link is. docs/wire.md has it.

::

    magic 4 | version 1 | from 32 | to 32 | length 4 | contents | zeros | signature 64

``from`` is the public link key of who made it, ``to`` the SHA-256 of that of whom it is for; the
contents are a packed ``Batch``. It is signed, and filled with zeros to a multiple of 1 KiB, so that
what is answered to a good envelope and to a bad one is of one length. Everything in it that is
secret is sealed already: who carries it learns which two nodes it lies between, and how much.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.envelope import ID
from relay.wire.linkkeys import LinkKey
from relay.wire.pack import pack, unpack
from relay.wire.padding import CLASSES
from relay.wire.primitives import KEY, SIGNATURE

MAGIC: Final = b"OUTB"
VERSION: Final = 1
ROOM: Final = 1024
"""The length of a batch is a multiple of it."""

MOST_ENVELOPES: Final = 64
"""Envelopes in one batch."""

MOST_ENVELOPE_BYTES: Final = CLASSES[-1]
"""Bytes of all envelopes in one batch together: the largest that there is."""

MAX_BATCH: Final = MOST_ENVELOPE_BYTES + 1024 * 1024
"""Bytes of a whole batch, at most; no reader takes more in."""

MOST_IDS: Final = 4096
MOST_ANSWERS: Final = 64
MAX_ANSWER: Final = 9 * 1024
MAX_BUNDLE: Final = 256 * 1024
"""Bytes of a bundle of keys: one of a hundred days has 125 kB."""

_HEAD = struct.Struct(">4sB32s32sI")
_CONTEXT: Final = b"outword/1/batch"


@dataclass(frozen=True, slots=True, repr=False)
class Carried:
    """One envelope on its way. ``after``: another exit has it, or may have it; this one looks
    before it posts."""

    envelope: bytes
    after: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Returned:
    """An answer on its way back to a sender: the token that says to whom, and the sealed text."""

    token: bytes
    sealed: bytes

    @property
    def name(self) -> bytes:
        """16 bytes by which the entry says that it has it."""
        return primitives.digest(self.token)[:ID]


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """What crosses. From an entry: ``envelopes``; ``heard``, the names (16 bytes) of answers that
    it has; ``serial`` of the newest bundle that it has (0: none). From an exit: ``durable``, the
    ids (16 bytes) of envelopes that it keeps now; ``whole``, the SHA-256 of the batch that it
    answers, all of which it keeps; ``answers``; ``bundle``, its keys as it has signed them, empty
    where the entry has them."""

    envelopes: tuple[Carried, ...] = ()
    heard: tuple[bytes, ...] = ()
    serial: int = 0
    durable: tuple[bytes, ...] = ()
    whole: bytes = b""
    answers: tuple[Returned, ...] = ()
    bundle: bytes = b""

    def __post_init__(self) -> None:
        holds = (
            len(self.envelopes) <= MOST_ENVELOPES
            and sum(len(one.envelope) for one in self.envelopes) <= MOST_ENVELOPE_BYTES
            and len(self.heard) <= MOST_IDS
            and len(self.durable) <= MOST_IDS
            and all(len(one) == ID for one in (*self.heard, *self.durable))
            and len(self.whole) in (0, KEY)
            and len(self.answers) <= MOST_ANSWERS
            and all(len(one.token) + len(one.sealed) <= MAX_ANSWER for one in self.answers)
            and len(self.bundle) <= MAX_BUNDLE
            and self.serial >= 0
        )
        if not holds:
            raise Damaged

    def __bool__(self) -> bool:
        """Whether anything is in it that the other side does not know yet."""
        return bool(self.envelopes or self.heard or self.durable or self.answers or self.bundle)


NOTHING: Final = Batch()


def make_batch(batch: Batch, seed: bytes, to: LinkKey) -> bytes:
    """The bytes of a batch, signed with the link key of this seed, for that other node."""
    contents = pack(batch)
    head = _HEAD.pack(MAGIC, VERSION, primitives.signing_public(seed), to.id, len(contents))
    filled = -(-(len(head) + len(contents) + SIGNATURE) // ROOM) * ROOM
    signed = (head + contents).ljust(filled - SIGNATURE, b"\x00")
    return signed + primitives.sign(seed, _CONTEXT + signed)


def sender_of(made: bytes) -> tuple[bytes, bytes]:
    """Of a batch: the public link key (32 bytes) that it says it is from, and the id of the key
    that it is for. Nothing of it is proved. Raises Damaged for what is no batch."""
    if len(made) < _HEAD.size:
        raise Damaged
    magic, version, sender, to, _ = _HEAD.unpack_from(made)
    if (magic, version) != (MAGIC, VERSION):
        raise Damaged
    return sender, to


def read_batch(made: bytes, sender: LinkKey, own: LinkKey) -> Batch:
    """What is in a batch of that sender for us. Raises Damaged for any other."""
    if len(made) > MAX_BATCH or len(made) % ROOM or sender_of(made) != (sender.public, own.id):
        raise Damaged
    signed, signature = made[:-SIGNATURE], made[-SIGNATURE:]
    if not primitives.signed(sender.public, _CONTEXT + signed, signature):
        raise Damaged
    length = _HEAD.unpack_from(made)[4]
    contents, rest = signed[_HEAD.size :][:length], signed[_HEAD.size :][length:]
    if len(contents) != length or rest.strip(b"\x00") or len(rest) >= ROOM:
        raise Damaged
    return unpack(Batch, contents)
