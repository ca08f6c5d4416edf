"""The sheet: a signed list of what one node has put into a folder for another. docs/wire.md has it.

::

    magic 4 | version 1 | from 32 | to 32 | length 4 | contents | zeros | signature 64

It is framed as a batch is. By it whoever takes a copy in knows what is missing, cut short or
altered: a batch alone can say that it is damaged, but not that it is not there. Nothing else hangs
on it: what is durable at the peer is said by batches.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.linkkeys import LinkKey
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEY, SIGNATURE

MAGIC: Final = b"OUTL"
VERSION: Final = 1
ROOM: Final = 1024
"""The length of a sheet is a multiple of it."""

MOST_FILES: Final = 10_000
"""Files of one node for another, at most, in one folder."""

MAX_SHEET: Final = 2 * 1024 * 1024
"""Bytes; ten thousand files have less than 1.5 million."""

_HEAD = struct.Struct(">4sB32s32sI")
_CONTEXT: Final = b"outword/1/folder"


@dataclass(frozen=True, slots=True)
class Put:
    """A file that was put there: its name, its size in bytes, and its SHA-256."""

    name: str
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one node has put into a folder for another. ``serial`` grows with each; ``took`` are the
    digests of what its writer took in of that other's, and so no longer misses."""

    serial: int
    put: tuple[Put, ...] = ()
    took: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if (
            len(self.put) > MOST_FILES
            or len(self.took) > MOST_FILES
            or not all(len(one.digest) == KEY and one.size >= 0 for one in self.put)
            or not all(len(one) == KEY for one in self.took)
            or self.serial < 0
        ):
            raise Damaged


def make_sheet(sheet: Sheet, seed: bytes, to: LinkKey) -> bytes:
    """The bytes of a sheet, signed with the link key of this seed, for that other node."""
    contents = pack(sheet)
    head = _HEAD.pack(MAGIC, VERSION, primitives.signing_public(seed), to.id, len(contents))
    filled = -(-(len(head) + len(contents) + SIGNATURE) // ROOM) * ROOM
    signed = (head + contents).ljust(filled - SIGNATURE, b"\x00")
    return signed + primitives.sign(seed, _CONTEXT + signed)


def read_sheet(made: bytes, sender: LinkKey, to: LinkKey) -> Sheet:
    """A sheet of that sender for that other. Raises Damaged."""
    if not _HEAD.size + SIGNATURE <= len(made) <= MAX_SHEET or len(made) % ROOM:
        raise Damaged
    magic, version, public, for_whom, length = _HEAD.unpack_from(made)
    if (magic, version, public, for_whom) != (MAGIC, VERSION, sender.public, to.id):
        raise Damaged
    signed, signature = made[:-SIGNATURE], made[-SIGNATURE:]
    if not primitives.signed(sender.public, _CONTEXT + signed, signature):
        raise Damaged
    contents, rest = signed[_HEAD.size :][:length], signed[_HEAD.size :][length:]
    if len(contents) != length or rest.strip(b"\x00") or len(rest) >= ROOM:
        raise Damaged
    return unpack(Sheet, contents)
