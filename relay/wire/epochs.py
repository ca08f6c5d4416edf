"""Keys of a day: what envelopes are sealed to, what opens them, what wraps them in the spool.

A day is one of UTC, from midnight to midnight. Two keys never begin in the middle of one, so that
all nodes choose alike, and nothing of a key tells when its node was started.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from relay.errors import Damaged
from relay.model import Instant
from relay.wire import primitives
from relay.wire.primitives import KEM_PUBLIC, KEM_SEED, KEY

DAY_S: Final = 86400
AHEAD_DAYS: Final = 60
"""Days after today for which an exit has keys ready, and tells its entries."""

ID: Final = 8
FOREVER: Instant = 1 << 40
"""Until when a key was valid that was made before there were keys of a day."""


@dataclass(frozen=True, slots=True, repr=False)
class EpochPublic:
    """A key to seal to: 8 bytes of id (SHA-256 of the public key), 1,216 bytes of hybrid key."""

    id: bytes
    public: bytes
    not_before: Instant = 0
    not_after: Instant = FOREVER

    def __post_init__(self) -> None:
        if len(self.public) != KEM_PUBLIC or self.id != key_id(self.public):
            raise Damaged


@dataclass(frozen=True, slots=True, repr=False)
class EpochKey:
    """A key that opens envelopes: the id of its public half, 96 bytes of seed."""

    id: bytes
    seed: bytes
    not_before: Instant = 0
    not_after: Instant = FOREVER

    def __post_init__(self) -> None:
        if len(self.id) != ID or len(self.seed) != KEM_SEED:
            raise Damaged

    @property
    def public(self) -> EpochPublic:
        """Its public half."""
        public = primitives.public_of(self.seed)
        return EpochPublic(key_id(public), public, self.not_before, self.not_after)

    @property
    def is_daily(self) -> bool:
        """Whether it is the key of one day, and not one of before there were such."""
        return self.not_after - self.not_before == DAY_S and self.not_before % DAY_S == 0


@dataclass(frozen=True, slots=True, repr=False)
class StorageKey:
    """Wraps the keys of single records while they lie in the spool; ``id`` is 8 random bytes. It is
    used from ``not_before`` until there is a newer one."""

    id: bytes
    key: bytes
    not_before: Instant = 0
    not_after: Instant = FOREVER

    def __post_init__(self) -> None:
        if len(self.id) != ID or len(self.key) != KEY:
            raise Damaged


def key_id(public: bytes) -> bytes:
    """The id of a hybrid public key: the first 8 bytes of its SHA-256."""
    return primitives.digest(public)[:ID]


def day_of(now: Instant) -> Instant:
    """When the UTC day of that instant began."""
    return now - now % DAY_S


def make_epoch_key(not_before: Instant = 0, not_after: Instant = FOREVER) -> EpochKey:
    """A new key to open envelopes with."""
    seed = token_bytes(KEM_SEED)
    return EpochKey(key_id(primitives.public_of(seed)), seed, not_before, not_after)


def make_daily_key(day: Instant) -> EpochKey:
    """A new key for the day that begins then."""
    return make_epoch_key(day, day + DAY_S)


def make_storage_key(now: Instant = 0) -> StorageKey:
    """A new key to wrap with."""
    return StorageKey(token_bytes(ID), token_bytes(KEY), not_before=now)


def key_of(epochs: Iterable[EpochPublic], now: Instant) -> EpochPublic | None:
    """The key to seal to now, of two the one that began later; None if there is none."""
    days = [one for one in epochs if one.not_before <= now < one.not_after]
    return max(days, key=lambda one: one.not_before, default=None)


def until(epochs: Iterable[EpochPublic]) -> Instant:
    """From when on there is no key to seal to; 0 if there is none at all."""
    return max((one.not_after for one in epochs), default=0)


def days_ahead(until: Instant, now: Instant) -> int:
    """Whole days after this one for which there are keys; 0 on the last day, and after it."""
    return max(0, (until - now - 1) // DAY_S)
