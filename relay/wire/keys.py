"""Keys, one job each, in files. Files are bytes here; ``relay.keyfiles`` reads and writes them.

``door.key`` is never under a passphrase: a door must work at three in the morning. Who takes it can
forge envelopes as this entry and open nothing. ``link.key`` holds one key of it, for a process that
is to have no more than that. ``exit.key`` is sealed under a passphrase (``relay.wire.exitfile``).
Each file begins with a checksum, which tells a torn copy from a wrong passphrase.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from secrets import token_bytes

from relay.errors import Damaged, KeyFileError
from relay.model import Instant
from relay.wire import primitives
from relay.wire.bundle import read_bundle
from relay.wire.epochs import (
    EpochKey,
    EpochPublic,
    StorageKey,
    key_of,
    make_epoch_key,
    make_storage_key,
    until,
)
from relay.wire.mailkeys import MailKeys, MailPublic, make_mail_keys
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEY

DOOR_MAGIC = b"OUTWD1\n"
LINK_MAGIC = b"OUTWL1\n"
CHECKSUM = 32
SALT = 16
_LENGTH = struct.Struct(">I")


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


@dataclass(slots=True, repr=False)
class ExitKeys:
    """What opens, signs and wraps at an exit. One object in a process: it is renewed in place when
    keys roll, so who has it has the keys of today, and nobody keeps a field of it for later.

    ``identity`` signs bundles and revocations, and is empty where it is kept on another machine;
    ``identity_public`` is always there. ``epochs`` open envelopes, in order of their days; ``page``
    signs items; ``storage`` (newest last) wraps record keys; ``desk_secret`` makes content ids.
    ``identity`` and ``page`` are Ed25519 seeds (32 bytes). ``mail`` opens mail that senders encrypt
    themselves; None where the libraries for it were not there when the file was made.

    ``bundle`` are the bytes of the last signed bundle (empty: none was ever signed), ``serial`` its
    number; ``revoked`` the ids of epochs that open what was sealed to them, and that nothing is
    sealed to any more; ``ended``: that holds for all that there will ever be.
    """

    identity: bytes
    epochs: tuple[EpochKey, ...]
    page: bytes
    storage: tuple[StorageKey, ...]
    desk_secret: bytes
    mail: MailKeys | None = None
    identity_public: bytes = b""
    serial: int = 0
    revoked: tuple[bytes, ...] = ()
    ended: bool = False
    bundle: bytes = b""

    __hash__ = object.__hash__  # it is one object, whatever is in it

    def __post_init__(self) -> None:
        _all_keys(*filter(None, [self.identity]), self.page, self.desk_secret)
        if self.identity:
            self.identity_public = primitives.signing_public(self.identity)
        _all_keys(self.identity_public)
        if not self.storage or not (self.epochs or self.ended):
            raise Damaged

    def renew(self, newer: ExitKeys) -> None:
        """Become what ``newer`` is, in one step."""
        for one in fields(self):
            setattr(self, one.name, getattr(newer, one.name))

    @property
    def keyring(self) -> Mapping[bytes, EpochKey]:
        """Every epoch key by its id."""
        return {epoch.id: epoch for epoch in self.epochs}

    @property
    def public(self) -> ExitPublic:
        """What anybody may know: to seal to, what the identity key has signed."""
        mail = None if self.mail is None else self.mail.public
        page = primitives.signing_public(self.page)
        if self.bundle:
            bundle = read_bundle(self.bundle, self.identity_public)
            if not self.identity and not bundle.ended:
                page, mail = bundle.page, bundle.mail
            return ExitPublic(self.identity_public, tuple(bundle.good()), page, mail)
        epochs = tuple(one.public for one in self.epochs) if self.identity else ()
        return ExitPublic(self.identity_public, epochs, page, mail)


@dataclass(frozen=True, slots=True, repr=False)
class ExitPublic:
    """The clear part of ``exit.key``: keys to seal to, none where all are revoked or none is signed
    yet; identity and page key (32 bytes each); what senders encrypt mail to, if there is such a
    key."""

    identity: bytes
    epochs: tuple[EpochPublic, ...]
    page: bytes
    mail: MailPublic | None = None

    def __post_init__(self) -> None:
        _all_keys(self.identity, self.page)

    def of(self, now: Instant) -> EpochPublic | None:
        """The key to seal to now; None if there is none."""
        return key_of(self.epochs, now)

    def until(self) -> Instant:
        """From when on there is no key to seal to; 0 if there is none at all."""
        return until(self.epochs)


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """What opens ``exit.key``. ``stretched``: a person chose it, so Argon2id makes guessing dear;
    else it is 256 random bits, which need no stretching."""

    secret: bytes
    stretched: bool


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


def make_door_keys(now: Instant) -> DoorKeys:
    """New door keys."""
    return DoorKeys(token_bytes(KEY), token_bytes(KEY), token_bytes(KEY), token_bytes(KEY), now)


def make_exit_keys(now: Instant = 0, identity: bytes = b"") -> ExitKeys:
    """New exit keys, and keys for encrypted mail, where the libraries for it are installed: one
    epoch and one storage key from ``now`` on. ``relay.wire.rolling`` makes those of the days.

    ``identity``: the public key (32 bytes) of an identity that is kept on another machine.
    """
    return ExitKeys(
        identity=b"" if identity else token_bytes(KEY),
        epochs=(make_epoch_key(now),),
        page=token_bytes(KEY),
        storage=(make_storage_key(now),),
        desk_secret=token_bytes(KEY),
        mail=make_mail_keys(),
        identity_public=identity,
    )


# ---------------------------------------------------------------- files


def door_file(keys: DoorKeys) -> bytes:
    """The bytes of ``door.key``: magic, checksum, the packed keys."""
    return with_checksum(DOOR_MAGIC, pack(keys))


def read_door_file(file: bytes) -> DoorKeys:
    """The keys in ``door.key``. Raises KeyFileError."""
    try:
        return unpack(DoorKeys, without_checksum(DOOR_MAGIC, file))
    except Damaged:
        raise KeyFileError("door.key is damaged: restore it from your backup") from None


def link_file(seed: bytes) -> bytes:
    """The bytes of ``link.key``: magic, checksum, the Ed25519 seed (32 bytes) of the link key."""
    return with_checksum(LINK_MAGIC, seed)


def read_link_file(file: bytes) -> bytes:
    """The seed in ``link.key``. Raises KeyFileError."""
    try:
        seed = without_checksum(LINK_MAGIC, file)
    except Damaged:
        seed = b""
    if len(seed) != KEY:
        raise KeyFileError("link.key is damaged: restore it from your backup")
    return seed


def with_checksum(magic: bytes, rest: bytes) -> bytes:
    """The bytes of a file: magic, SHA-256, and the rest."""
    return magic + primitives.digest(magic + rest) + rest


def without_checksum(magic: bytes, file: bytes) -> bytes:
    """The rest of a file. Raises Damaged."""
    start = len(magic) + CHECKSUM
    check, rest = file[len(magic) : start], file[start:]
    if not file.startswith(magic) or not primitives.same(check, primitives.digest(magic + rest)):
        raise Damaged
    return rest


def with_head(head: bytes) -> bytes:
    """The clear part of a file that is under a passphrase: length and head."""
    return _LENGTH.pack(len(head)) + head


def parted(magic: bytes, file: bytes) -> tuple[bytes, bytes, bytes]:
    """Of such a file the head, all of its clear part, and what is sealed. Raises Damaged."""
    inner = without_checksum(magic, file)
    if len(inner) < _LENGTH.size:
        raise Damaged
    end = _LENGTH.size + int(_LENGTH.unpack_from(inner)[0])
    if end > len(inner):
        raise Damaged
    return inner[_LENGTH.size : end], inner[:end], inner[end:]
