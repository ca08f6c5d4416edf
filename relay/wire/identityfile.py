"""``identity.key``: the identity of an exit under a passphrase, for a machine without a network.

::

    magic 7 | checksum 32 | length 4 | head (a packed Guard) | the sealed seed

Beside it lies what others may see: ``identity.pub``, the public key as it stands in settings, and a
revocation, which may be needed where the passphrase is not at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from relay.errors import Damaged, KeyFileError, WrongPassphrase
from relay.wire import primitives
from relay.wire.keys import SALT, parted, with_checksum, with_head
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEY, Argon2

MAGIC: Final = b"OUTWI1\n"
_DAMAGED: Final = "identity.key is damaged: restore it from your backup"


@dataclass(frozen=True, slots=True, repr=False)
class Guard:
    """The clear head: the public key (32 bytes), and how the passphrase is stretched."""

    public: bytes
    salt: bytes
    cost: Argon2

    def __post_init__(self) -> None:
        if len(self.public) != KEY or len(self.salt) != SALT:
            raise Damaged


def make_identity() -> bytes:
    """The seed (32 bytes) of a new identity."""
    return token_bytes(KEY)


def lock_identity(seed: bytes, passphrase: bytes, cost: Argon2 | None = None) -> bytes:
    """The bytes of ``identity.key``. It takes about a second."""
    cost = cost or Argon2()
    guard = Guard(primitives.signing_public(seed), token_bytes(SALT), cost)
    clear = with_head(pack(guard))
    key = primitives.stretch(passphrase, guard.salt, cost)
    return with_checksum(MAGIC, clear + primitives.seal(key, seed, MAGIC + clear))


def unlock_identity(file: bytes, passphrase: bytes) -> bytes:
    """The seed in ``identity.key``. Raises WrongPassphrase, or KeyFileError for a damaged file."""
    guard, clear, sealed = _parted(file)
    if not guard.cost.bounded():  # before a byte of that memory is asked for
        raise KeyFileError("identity.key asks for more work than any of ours: it was altered")
    key = primitives.stretch(passphrase, guard.salt, guard.cost)
    try:
        seed = primitives.open_(key, sealed, MAGIC + clear)
    except Damaged:
        raise WrongPassphrase("the passphrase does not open identity.key: try again") from None
    if len(seed) != KEY or primitives.signing_public(seed) != guard.public:
        raise KeyFileError(_DAMAGED)
    return seed


def identity_in(file: bytes) -> bytes:
    """The public key (32 bytes) in ``identity.key``; needs no passphrase. Raises KeyFileError."""
    return _parted(file)[0].public


def _parted(file: bytes) -> tuple[Guard, bytes, bytes]:
    try:
        head, clear, sealed = parted(MAGIC, file)
        return unpack(Guard, head), clear, sealed
    except Damaged:
        raise KeyFileError(_DAMAGED) from None
