"""Record keys and refs: the id of a part is ours, and made before anything is sent.

A post's key is a TID: 53 bits of microseconds since 1970 and 10 bits more, in 13 characters that
sort (atproto.com/specs/tid). All that a post has of time is the hour of its release; the rest of
the bits come from our keyed hash, so that two posts of one hour do not share a key and nobody
learns from it when a message came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex

from bridges import kit
from relay.ports import Instant

COLLECTION: Final = "app.bsky.feed.post"
LONGEST_DID: Final = 200
HOUR_S: Final = 3600

_DIGITS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_SPREAD: Final = 1 << 31
"""Microseconds (36 minutes) before the hour, among which our hash chooses: never in the future."""

_TID: Final = regex.compile("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_DID: Final = regex.compile(r"did:[a-z]{1,20}:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")


def record_key(secret: bytes, date: Instant, index: int) -> str:
    """The key of part ``index`` (from 0) of the post with this secret; parts sort in their order.

    Two posts of one hour share a key with a chance of one in 2^41."""
    chosen = int(kit.part_key(secret, 0), 16) % _SPREAD
    micros = date * 1_000_000 - _SPREAD + chosen + index
    number = micros << 10 | int(kit.part_key(secret, index), 16) >> 64 & 1023
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def is_alike(key: str, other: str) -> bool:
    """Whether two keys are of one part, perhaps released in different hours: all but the hour is
    from the hash."""
    one, two = _number(key), _number(other)
    return (one ^ two) & 1023 == 0 and ((one >> 10) - (two >> 10)) % (HOUR_S * 1_000_000) == 0


def since(key: str, at: Instant) -> bool:
    """Whether a post with this key can have been released in the hour ``at``, or later."""
    return (_number(key) >> 10) >= (at - at % HOUR_S) * 1_000_000 - _SPREAD


def is_key(said: object) -> bool:
    """Whether it is a key as posts have them."""
    return isinstance(said, str) and bool(_TID.fullmatch(said))


def _number(key: str) -> int:
    number = 0
    for digit in key:
        number = number << 5 | _DIGITS.index(digit)
    return number


def is_did(said: object) -> bool:
    """Whether it may be an account's id (atproto.com/specs/did)."""
    return isinstance(said, str) and len(said) <= LONGEST_DID and bool(_DID.fullmatch(said))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post lies: its account and its key. ``str`` gives the ref, which is its address."""

    did: str
    key: str

    def __str__(self) -> str:
        return f"at://{self.did}/{COLLECTION}/{self.key}"


def place_of(ref: object) -> Place | None:
    """The place that a ref names; None for what is no post's address."""
    if not isinstance(ref, str) or not ref.startswith("at://"):
        return None
    did, _, rest = ref.removeprefix("at://").partition("/")
    collection, _, key = rest.partition("/")
    if collection != COLLECTION or not is_did(did) or not _TID.fullmatch(key):
        return None
    return Place(did, key)
