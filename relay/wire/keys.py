"""Keys, one job each, in two files. Files are bytes here; ``relay.keyfiles`` reads and writes them.

``door.key`` is never under a passphrase: a door must work at three in the morning. Who takes it can
forge envelopes as this entry and open nothing. ``exit.key`` is sealed under a passphrase; its clear
part holds the public keys, signed by the identity key, so that a node whose exit is locked goes on
sealing. Each file begins with a checksum, which tells a torn copy from a wrong passphrase.

Who can write ``exit.key`` of a locked node can put keys of their own there, and its doors would
seal to them until the next unlock fails: mode and owner are checked for that.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from secrets import token_bytes

from relay.errors import Damaged, KeyFileError, WrongPassphrase
from relay.model import Instant
from relay.wire import primitives
from relay.wire.mailkeys import MailKeys, MailPublic, make_mail_keys
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEM_PUBLIC, KEM_SEED, KEY, SIGNATURE, Argon2

DOOR_MAGIC = b"OUTWD1\n"
LINK_MAGIC = b"OUTWL1\n"
EXIT_MAGIC = b"OUTWX1\n"
CHECKSUM = 32
SALT = 16
_LENGTH = struct.Struct(">I")
FOREVER: Instant = 1 << 40
"""Until daily epochs come with several nodes, a key is valid until it is replaced."""


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
    not_after: Instant = FOREVER

    def __post_init__(self) -> None:
        if len(self.id) != 8 or len(self.key) != KEY:
            raise Damaged


@dataclass(frozen=True, slots=True, repr=False)
class DoorKeys:
    """``entry``: Ed25519 seed that signs batches on links. ``node_secret``: repeat keys.
    ``join_secret``: second keys, and joining segments; with the one before it, it lives two days.
    32 bytes each."""

    entry: bytes
    node_secret: bytes
    join_secret: bytes
    join_previous: bytes
    join_since: Instant

    def __post_init__(self) -> None:
        _all_keys(self.entry, self.node_secret, self.join_secret, self.join_previous)


@dataclass(frozen=True, slots=True, repr=False)
class ExitKeys:
    """``identity`` signs bundles and revocations; ``epochs`` open envelopes; ``page`` signs items;
    ``storage`` (newest last) wraps record keys; ``desk_secret`` makes content ids. ``identity`` and
    ``page`` are Ed25519 seeds (32 bytes). ``mail`` opens mail that senders encrypt themselves; None
    where the libraries for it were not there when the file was made."""

    identity: bytes
    epochs: tuple[EpochKey, ...]
    page: bytes
    storage: tuple[StorageKey, ...]
    desk_secret: bytes
    mail: MailKeys | None = None

    def __post_init__(self) -> None:
        _all_keys(self.identity, self.page, self.desk_secret)
        if not self.epochs or not self.storage:
            raise Damaged

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
            None if self.mail is None else self.mail.public,
        )


@dataclass(frozen=True, slots=True, repr=False)
class ExitPublic:
    """The clear part of ``exit.key``: keys to seal to; identity and page key (32 bytes each); what
    senders encrypt mail to, if there is such a key."""

    identity: bytes
    epochs: tuple[EpochPublic, ...]
    page: bytes
    mail: MailPublic | None = None

    def __post_init__(self) -> None:
        _all_keys(self.identity, self.page)
        if not self.epochs:
            raise Damaged


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """What opens ``exit.key``. ``stretched``: a person chose it, so Argon2id makes guessing dear;
    else it is 256 random bits, which need no stretching."""

    secret: bytes
    stretched: bool


@dataclass(frozen=True, slots=True, repr=False)
class Lock:
    """The clear head of ``exit.key``. ``public`` is a packed ExitPublic, as it was signed by the
    identity key; ``cost`` is None where the passphrase is not stretched."""

    public: bytes
    signature: bytes
    salt: bytes
    cost: Argon2 | None

    def __post_init__(self) -> None:
        if len(self.signature) != SIGNATURE or len(self.salt) != SALT:
            raise Damaged


def _all_keys(*keys: bytes) -> None:
    if any(len(key) != KEY for key in keys):
        raise Damaged


JOIN_S = 86400
"""Seconds after which a join secret is the previous one; after as long again it is gone."""


def rolled(keys: DoorKeys, now: Instant) -> DoorKeys | None:
    """The keys with a new join secret if the present one is a day old; None if it is not.

    A secret that is two days old (the door was off) is not kept as the previous one. A clock that
    was set back by less than a day rolls nothing: the previous secret is still needed.
    """
    age = now - keys.join_since
    if abs(age) < JOIN_S:
        return None
    previous = keys.join_secret if JOIN_S <= age < 2 * JOIN_S else token_bytes(KEY)
    return replace(keys, join_secret=token_bytes(KEY), join_previous=previous, join_since=now)


def key_id(public: bytes) -> bytes:
    """The id of a hybrid public key: the first 8 bytes of its SHA-256."""
    return primitives.digest(public)[:8]


def make_door_keys(now: Instant) -> DoorKeys:
    """New door keys."""
    return DoorKeys(token_bytes(KEY), token_bytes(KEY), token_bytes(KEY), token_bytes(KEY), now)


def make_epoch_key(now: Instant = 0) -> EpochKey:
    """A new key to open envelopes with."""
    seed = token_bytes(KEM_SEED)
    return EpochKey(key_id(primitives.public_of(seed)), seed, not_before=now)


def make_exit_keys(now: Instant = 0) -> ExitKeys:
    """New exit keys: one epoch and one storage key, valid from ``now`` until they are replaced; and
    keys for encrypted mail, where the libraries for it are installed."""
    return ExitKeys(
        identity=token_bytes(KEY),
        epochs=(make_epoch_key(now),),
        page=token_bytes(KEY),
        storage=(StorageKey(token_bytes(8), token_bytes(KEY), not_before=now),),
        desk_secret=token_bytes(KEY),
        mail=make_mail_keys(),
    )


# ---------------------------------------------------------------- files


def door_file(keys: DoorKeys) -> bytes:
    """The bytes of ``door.key``: magic, checksum, the packed keys."""
    return _with_checksum(DOOR_MAGIC, pack(keys))


def read_door_file(file: bytes) -> DoorKeys:
    """The keys in ``door.key``. Raises KeyFileError."""
    try:
        return unpack(DoorKeys, _without_checksum(DOOR_MAGIC, file))
    except Damaged:
        raise KeyFileError("door.key is damaged: restore it from your backup") from None


def link_file(seed: bytes) -> bytes:
    """The bytes of ``link.key``: magic, checksum, the Ed25519 seed (32 bytes) of the link key."""
    return _with_checksum(LINK_MAGIC, seed)


def read_link_file(file: bytes) -> bytes:
    """The seed in ``link.key``. Raises KeyFileError."""
    try:
        seed = _without_checksum(LINK_MAGIC, file)
    except Damaged:
        seed = b""
    if len(seed) != KEY:
        raise KeyFileError("link.key is damaged: restore it from your backup")
    return seed


def lock_exit(keys: ExitKeys, passphrase: Passphrase, cost: Argon2 | None = None) -> bytes:
    """The bytes of ``exit.key``: magic, checksum, length of the clear head, head, sealed keys.

    ``cost`` is that of a passphrase people choose; it takes about a second.
    """
    public = pack(keys.public)
    lock = Lock(
        public,
        primitives.sign(keys.identity, _SIGNED + public),
        token_bytes(SALT),
        (cost or Argon2()) if passphrase.stretched else None,
    )
    head = pack(lock)
    clear = _LENGTH.pack(len(head)) + head
    sealed = primitives.seal(_opening_key(lock, passphrase.secret), pack(keys), EXIT_MAGIC + clear)
    return _with_checksum(EXIT_MAGIC, clear + sealed)


def exit_public(file: bytes) -> ExitPublic:
    """The public keys in ``exit.key``; needs no passphrase. Raises KeyFileError."""
    return _parted(file)[1]


def unlock_exit(file: bytes, passphrase: bytes) -> ExitKeys:
    """The keys in ``exit.key``. Raises WrongPassphrase, or KeyFileError for a damaged file."""
    lock, _, clear, sealed = _parted(file)
    key = _opening_key(lock, passphrase)
    try:
        plain = primitives.open_(key, sealed, EXIT_MAGIC + clear)
    except Damaged:
        raise WrongPassphrase from None
    try:
        return unpack(ExitKeys, plain)
    except Damaged:
        raise KeyFileError(_DAMAGED) from None


def relocked(file: bytes, passphrase: bytes, change: Callable[[ExitKeys], ExitKeys]) -> bytes:
    """The bytes of an ``exit.key`` with changed keys, under the same passphrase and at the same
    cost; opened once more before they are given. Raises as ``unlock_exit``."""
    keys = change(unlock_exit(file, passphrase))
    cost = _parted(file)[0].cost
    made = lock_exit(keys, Passphrase(passphrase, stretched=cost is not None), cost)
    if unlock_exit(made, passphrase) != keys:
        raise KeyFileError("the new exit.key does not open, and was not written")
    return made


_SIGNED = b"outword/1/exit-public"
_DAMAGED = "exit.key is damaged: restore it from your backup"


def _parted(file: bytes) -> tuple[Lock, ExitPublic, bytes, bytes]:
    """The head, the public keys in it, the bytes of both, and the sealed keys."""
    try:
        inner = _without_checksum(EXIT_MAGIC, file)
        if len(inner) < _LENGTH.size:
            raise Damaged
        end = _LENGTH.size + int(_LENGTH.unpack_from(inner)[0])
        if end > len(inner):
            raise Damaged
        lock = unpack(Lock, inner[_LENGTH.size : end])
        public = unpack(ExitPublic, lock.public)
        if not primitives.signed(public.identity, _SIGNED + lock.public, lock.signature):
            raise Damaged
    except Damaged:
        raise KeyFileError(_DAMAGED) from None
    return lock, public, inner[:end], inner[end:]


def _opening_key(lock: Lock, passphrase: bytes) -> bytes:
    if lock.cost is None:
        return primitives.derive(passphrase, b"outword/1/exit.key", salt=lock.salt)
    if not lock.cost.bounded():  # before a byte of that memory is asked for
        raise KeyFileError("exit.key asks for more work than any of ours: it was altered")
    return primitives.stretch(passphrase, lock.salt, lock.cost)


def _with_checksum(magic: bytes, rest: bytes) -> bytes:
    return magic + primitives.digest(magic + rest) + rest


def _without_checksum(magic: bytes, file: bytes) -> bytes:
    start = len(magic) + CHECKSUM
    check, rest = file[len(magic) : start], file[start:]
    if not file.startswith(magic) or not primitives.same(check, primitives.digest(magic + rest)):
        raise Damaged
    return rest
