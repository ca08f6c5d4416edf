"""How it lies on the disk who did what: a file a day, each entry sealed, each bound to the one
before it.

::

    magic 7 | number of its first entry 8 | digest of the entry before that 32
    length 4 | sealed entry
    ...

What an entry is sealed to is its number and the digest of the sealed entry before it: one that was
altered, put elsewhere, or taken out from between others leaves nothing after it that opens.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.errors import Damaged
from relay.model import Instant
from relay.wire import primitives
from relay.wire.pack import pack, unpack

MAGIC: Final = b"OUTWL1\n"
_HEAD: Final = struct.Struct(">Q32s")
_LENGTH: Final = struct.Struct(">I")
HEAD: Final = len(MAGIC) + _HEAD.size

ROOM: Final = 256
"""Bytes that an entry fills, or a multiple: how long it is tells little of what was done."""

_MARK: Final = b"\x80"


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """Who did what, in which hour. ``ids``: those of messages, as they were given. ``said``: more
    of it in our own words, names of ``relay.toml``, handles and counts; never a text."""

    n: int
    hour: Instant
    handle: str
    deed: str
    ids: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where the chain stands: the number of its last entry, and the digest of that as sealed."""

    n: int = 0
    digest: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the spool remembers of the chain, so that nobody can cut its end off: where it stood,
    and up to which number entries were let go of since they were old."""

    n: int = 0
    digest: bytes = bytes(32)
    gone: int = 0


def anchor_of(written: bytes) -> Anchor:
    """What was remembered; the beginning, if nothing was. Raises Damaged."""
    return unpack(Anchor, written) if written else Anchor()


def head_of_file(before: Link) -> bytes:
    """How a file begins whose first entry comes after this one."""
    return MAGIC + _HEAD.pack(before.n + 1, before.digest)


def first_link(content: bytes) -> Link:
    """What a file says it goes on from. Raises Damaged."""
    if len(content) < HEAD or not content.startswith(MAGIC):
        raise Damaged
    n, digest = _HEAD.unpack_from(content, len(MAGIC))
    return Link(n - 1, digest)


def sealed(entry: Entry, before: Link, key: bytes) -> tuple[bytes, Link]:
    """An entry as it is appended, and where the chain stands then."""
    plain = pack(entry) + _MARK
    padded = plain.ljust(-(-len(plain) // ROOM) * ROOM, b"\x00")
    made = primitives.seal(key, padded, _bound(entry.n, before))
    return _LENGTH.pack(len(made)) + made, Link(entry.n, primitives.digest(made))


def whole(content: bytes) -> int:
    """Bytes of a file up to the end of its last whole entry: the process may have ended while it
    wrote the next one, of which nothing was done then. 0 if not even its head is there."""
    at = HEAD if len(content) >= HEAD else 0
    while at and at + _LENGTH.size <= len(content):
        end = at + _LENGTH.size + int(_LENGTH.unpack_from(content, at)[0])
        if end > len(content):
            break
        at = end
    return at


def entries(content: bytes, key: bytes) -> Iterator[tuple[Entry, Link]]:
    """Every entry of a file, and where the chain stands after it. Raises Damaged at the first that
    is not what was written."""
    before, at = first_link(content), HEAD
    while at < len(content):
        if at + _LENGTH.size > len(content):
            raise Damaged
        end = at + _LENGTH.size + int(_LENGTH.unpack_from(content, at)[0])
        if end > len(content):
            raise Damaged
        made = content[at + _LENGTH.size : end]
        entry = _opened(made, before, key)
        before, at = Link(entry.n, primitives.digest(made)), end
        yield entry, before


def _opened(made: bytes, before: Link, key: bytes) -> Entry:
    plain, mark, rest = primitives.open_(key, made, _bound(before.n + 1, before)).rpartition(_MARK)
    if not mark or rest.strip(b"\x00"):
        raise Damaged
    entry = unpack(Entry, plain)
    if entry.n != before.n + 1:
        raise Damaged
    return entry


def _bound(n: int, before: Link) -> bytes:
    return b"outword/1/audit" + _HEAD.pack(n, before.digest)
