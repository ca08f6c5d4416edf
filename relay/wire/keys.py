"""Keys, one job each, in two files. Files are bytes here; ``relay.keyfiles`` reads and writes them.

``door.key`` is never under a passphrase: a door must work at three in the morning. Who takes it can
forge envelopes as this entry and open nothing. ``exit.key`` is sealed under a passphrase; its clear
part holds the public keys, signed by the identity key, so that a node whose exit is locked goes on
sealing.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_bytes

from relay.errors import Damaged, KeyFileError, WrongPassphrase
from relay.model import Instant
from relay.wire import primitives
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEM_PUBLIC, KEM_SEED, KEY, SIGNATURE, Argon2

DOOR_MAGIC = b"OUTWD1\n"
EXIT_MAGIC = b"OUTWX1\n"
_LENGTH = struct.Struct(">I")
FOREVER: Instant = 1 << 40
"""Until daily epochs come with several nodes, a key is valid until it is replaced."""


@dataclass(frozen=True, slots=True)
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
        if len(self.id) != 8 or len(self.seed) != KEM_SEED:
            raise Damaged

    @property
    def public(self) -> EpochPublic:
        """Its public half."""
        public = primitives.public_of(self.seed)
        return EpochPublic(key_id(public), public, self.not_before, self.not_after)


@dataclass(frozen=True, slots=True, repr=False)
class StorageKey:
    """Wraps the keys of single records while they lie in the spool; ``id`` is 8 random bytes."""

    id: bytes
    key: bytes
    not_before: Instant = 0

    def __post_init__(self) -> None:
        if len(self.id) != 8 or len(self.key) != KEY:
            raise Damaged


@dataclass(frozen=True, slots=True, repr=False)
class DoorKeys:
    """``entry``: Ed25519 seed that signs batches on links. ``node_secret``: repeat keys.
    ``join_secret``: joins segments and second keys; replaced every two days."""

    entry: bytes
    node_secret: bytes
    join_secret: bytes
    join_previous: bytes
    join_since: Instant


@dataclass(frozen=True, slots=True, repr=False)
class ExitKeys:
    """``identity`` signs bundles and revocations; ``epochs`` open envelopes; ``page`` signs items;
    ``storage`` (newest last) wraps record keys; ``desk_secret`` makes content ids."""

    identity: bytes
    epochs: tuple[EpochKey, ...]
    page: bytes
    storage: tuple[StorageKey, ...]
    desk_secret: bytes

    @property
    def keyring(self) -> Mapping[bytes, EpochKey]:
        """Every epoch key by its id."""
        return {epoch.id: epoch for epoch in self.epochs}

    @property
    def public(self) -> ExitPublic:
        """What anybody may know."""
        return ExitPublic(
            primitives.signing_public(self.identity),
            tuple(epoch.public for epoch in self.epochs),
            primitives.signing_public(self.page),
        )


@dataclass(frozen=True, slots=True)
class ExitPublic:
    """The clear part of ``exit.key``: keys to seal to, and the page key (32 bytes)."""

    identity: bytes
    epochs: tuple[EpochPublic, ...]
    page: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """What opens ``exit.key``. ``stretched``: a person chose it, so Argon2id makes guessing dear;
    else it is 256 random bits, which need no stretching."""

    secret: bytes
    stretched: bool


@dataclass(frozen=True, slots=True, repr=False)
class _Lock:
    """The clear head of ``exit.key``."""

    public: ExitPublic
    signature: bytes
    salt: bytes
    memory_kib: int
    passes: int
    lanes: int


def key_id(public: bytes) -> bytes:
    """The id of a hybrid public key: the first 8 bytes of its SHA-256."""
    return primitives.digest(public)[:8]


def make_door_keys(now: Instant) -> DoorKeys:
    """New door keys."""
    return DoorKeys(token_bytes(KEY), token_bytes(KEY), token_bytes(KEY), token_bytes(KEY), now)


def make_epoch_key() -> EpochKey:
    """A new key to open envelopes with."""
    seed = token_bytes(KEM_SEED)
    return EpochKey(key_id(primitives.public_of(seed)), seed)


def make_exit_keys() -> ExitKeys:
    """New exit keys: one epoch and one storage key, valid until they are replaced."""
    return ExitKeys(
        token_bytes(KEY),
        (make_epoch_key(),),
        token_bytes(KEY),
        (StorageKey(token_bytes(8), token_bytes(KEY)),),
        token_bytes(KEY),
    )


# ---------------------------------------------------------------- files


def door_file(keys: DoorKeys) -> bytes:
    """The bytes of ``door.key``: magic, keys, and a checksum that shows a torn copy."""
    packed = pack(keys)
    return DOOR_MAGIC + primitives.digest(packed) + packed


def read_door_file(file: bytes) -> DoorKeys:
    """The keys in ``door.key``. Raises KeyFileError."""
    magic, check = file[: len(DOOR_MAGIC)], file[len(DOOR_MAGIC) : len(DOOR_MAGIC) + 32]
    packed = file[len(DOOR_MAGIC) + 32 :]
    if magic != DOOR_MAGIC or not primitives.same(check, primitives.digest(packed)):
        raise KeyFileError("door.key is damaged: restore it from your backup")
    try:
        return unpack(DoorKeys, packed)
    except Damaged:
        raise KeyFileError("door.key is damaged: restore it from your backup") from None


def lock_exit(keys: ExitKeys, passphrase: Passphrase, cost: Argon2 | None = None) -> bytes:
    """The bytes of ``exit.key``: magic, the clear head with its length, the sealed keys."""
    cost = cost or Argon2()
    public = keys.public
    lanes = cost.lanes if passphrase.stretched else 0
    head = pack(
        _Lock(
            public,
            primitives.sign(keys.identity, pack(public)),
            token_bytes(16),
            cost.memory_kib if passphrase.stretched else 0,
            cost.passes if passphrase.stretched else 0,
            lanes,
        )
    )
    clear = EXIT_MAGIC + _LENGTH.pack(len(head)) + head
    key = _opening_key(unpack(_Lock, head), passphrase.secret)
    return clear + primitives.seal(key, pack(keys), clear)


def exit_public(file: bytes) -> ExitPublic:
    """The public keys in ``exit.key``; needs no passphrase. Raises KeyFileError."""
    lock, _ = _head(file)
    return lock.public


def unlock_exit(file: bytes, passphrase: bytes) -> ExitKeys:
    """The keys in ``exit.key``. Raises WrongPassphrase, or KeyFileError for a damaged file."""
    lock, start = _head(file)
    try:
        plain = primitives.open_(_opening_key(lock, passphrase), file[start:], file[:start])
    except Damaged:
        raise WrongPassphrase from None
    try:
        return unpack(ExitKeys, plain)
    except Damaged:
        raise KeyFileError("exit.key is damaged: restore it from your backup") from None


def _head(file: bytes) -> tuple[_Lock, int]:
    start = len(EXIT_MAGIC) + _LENGTH.size
    damaged = KeyFileError("exit.key is damaged: restore it from your backup")
    if file[: len(EXIT_MAGIC)] != EXIT_MAGIC or len(file) < start:
        raise damaged
    (length,) = _LENGTH.unpack_from(file, len(EXIT_MAGIC))
    if length > len(file) - start:
        raise damaged
    try:
        lock = unpack(_Lock, file[start : start + length])
    except Damaged:
        raise damaged from None
    if len(lock.signature) != SIGNATURE or not primitives.signed(
        lock.public.identity, pack(lock.public), lock.signature
    ):
        raise damaged
    return lock, start + length


def _opening_key(lock: _Lock, passphrase: bytes) -> bytes:
    if lock.lanes == 0:
        return primitives.derive(passphrase, b"outword/1/exit.key", salt=lock.salt)
    cost = Argon2(lock.memory_kib, lock.passes, lock.lanes)
    if not cost.bounded():
        raise KeyFileError("exit.key asks for more work than any of ours: it was altered")
    return primitives.stretch(passphrase, lock.salt, cost)
