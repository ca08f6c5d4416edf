"""The account's key: 32 bytes on secp256k1, which nobody can reset; signatures after BIP-340."""

from __future__ import annotations

import os
from typing import Final

from coincurve import PrivateKey, PublicKeyXOnly

from bridges.kit import BadSecret
from bridges.relays import bech32

_BYTES: Final = 32


class Key:
    """Signs for one account. ``account`` is its public key as it stands in events: 64 hex."""

    def __init__(self, secret: bytes) -> None:
        """Raises ValueError for what is no key: not 32 bytes, zero, or past the curve's order."""
        if len(secret) != _BYTES:
            raise ValueError("a key has 32 bytes")
        self._key = PrivateKey(secret)
        self.account: Final = self._key.public_key_xonly.format().hex()

    @property
    def npub(self) -> str:
        """The public key as people write it (NIP-19)."""
        return bech32.encoded("npub", bytes.fromhex(self.account))

    def signed(self, id: bytes) -> bytes:
        """The signature of an id. The same each time: BIP-340 with 32 zeros for randomness, which
        is as safe as long as nobody measures the machine while it signs."""
        return self._key.sign_schnorr(id, bytes(_BYTES))


def read(held: bytes) -> Key:
    """The key in a secret file: nsec1... or 64 hex. Raises BadSecret, which never quotes it."""
    try:
        written = held.decode("ascii").strip()
        return Key(bytes.fromhex(written) if len(written) == 64 else _nsec(written))
    except ValueError:
        raise BadSecret("the key is neither nsec1... nor 64 hex digits, or has a typo") from None


def made() -> bytes:
    """A new key, as its file shall hold it."""
    return bech32.encoded("nsec", PrivateKey(os.urandom(_BYTES)).secret).encode()


def verified(account: str, id: str, signature: str) -> bool:
    """Whether the account (64 hex) signed the id (64 hex) so (128 hex)."""
    try:
        public = PublicKeyXOnly(bytes.fromhex(account))
        return public.verify(bytes.fromhex(signature), bytes.fromhex(id))
    except ValueError:
        return False


def _nsec(written: str) -> bytes:
    kind, secret = bech32.decoded(written)
    if kind != "nsec":
        raise ValueError("another kind of key")
    return secret
