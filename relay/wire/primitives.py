"""The only file that touches the primitives. It has no options: a new choice is a new version.

What it is made of, with the calls of ``cryptography`` 50:

- HPKE base mode (RFC 9180) with MLKEM768-X25519, HKDF-SHA256 and ChaCha20-Poly1305: hybrid, since
  what is recorded today may be opened in ten years. The library's public call has no associated
  data, so what must be bound goes into ``info`` (RFC 9180 section 8.1). What this KEM does inside
  is written down in docs/wire.md, and done again by hand in the tests.
- ChaCha20-Poly1305 (RFC 8439), HKDF-SHA256 (RFC 5869), HMAC-SHA256 (RFC 2104), Ed25519 (RFC 8032),
  Argon2id (RFC 9106).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from relay.errors import Damaged

KEY = 32
"""Bytes of every symmetric key."""

TAG = 16
"""Bytes that sealing adds (the Poly1305 tag)."""

NONCE = 12
SIGNATURE = 64
KEM_SEED = 96
"""Bytes of a hybrid private key as we keep it: 64 of ML-KEM-768 (FIPS 203), 32 of X25519."""

KEM_PUBLIC = 1216
"""Bytes of a hybrid public key: 1184 of ML-KEM-768, then 32 of X25519."""

WRAP = 1120 + KEY + TAG
"""Bytes of a wrapped content key: the encapsulation, then the sealed key."""

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_ZERO = bytes(NONCE)


@dataclass(frozen=True, slots=True, repr=False)
class Argon2:
    """Cost of a stretched passphrase: memory in KiB, passes, lanes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def bounded(self) -> bool:
        """Whether a file may name this cost: a hostile one could ask for all memory."""
        return (
            8 * 1024 <= self.memory_kib <= 1024 * 1024
            and 1 <= self.passes <= 10
            and 1 <= self.lanes <= 8
        )


# ---------------------------------------------------------------- hybrid key encapsulation


def _private(seed: bytes) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(seed[:64]),
        X25519PrivateKey.from_private_bytes(seed[64:]),
    )


@lru_cache(maxsize=16)  # a tenth of the cost of sealing; private keys are never kept like that
def _public(public: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:1184]),
        X25519PublicKey.from_public_bytes(public[1184:]),
    )


def public_of(seed: bytes) -> bytes:
    """The public key (1,216 bytes) of a hybrid seed (96 bytes)."""
    mlkem = MLKEM768PrivateKey.from_seed_bytes(seed[:64]).public_key().public_bytes_raw()
    x25519 = X25519PrivateKey.from_private_bytes(seed[64:]).public_key().public_bytes_raw()
    return bytes(mlkem + x25519)


def wrap(key: bytes, public: bytes, info: bytes) -> bytes:
    """A key (32 bytes) for the holder of a hybrid public key, bound to ``info``; 1,168 bytes.

    Raises Damaged for bytes that are no public key, or one that gives an all-zero X25519 secret
    (RFC 7748 section 6.1).
    """
    try:
        return bytes(_SUITE.encrypt(key, _public(public), info))
    except ValueError:
        raise Damaged from None


def unwrap(wrapped: bytes, seed: bytes, info: bytes) -> bytes:
    """The key that was wrapped. Raises Damaged."""
    try:
        return bytes(_SUITE.decrypt(wrapped, _private(seed), info))
    except InvalidTag:
        raise Damaged from None


# ---------------------------------------------------------------- symmetric


def seal_once(key: bytes, plain: bytes | bytearray, bind: bytes) -> bytes:
    """Encrypt under a key used this once, so its nonce is zero; ``bind`` is authenticated."""
    return bytes(ChaCha20Poly1305(key).encrypt(_ZERO, plain, bind))


def open_once(key: bytes, sealed: bytes | memoryview, bind: bytes) -> bytes:
    """The reverse of ``seal_once``. Raises Damaged."""
    try:
        return bytes(ChaCha20Poly1305(key).decrypt(_ZERO, sealed, bind))
    except InvalidTag:
        raise Damaged from None


def seal(key: bytes, plain: bytes, bind: bytes) -> bytes:
    """Encrypt under a key used often: a random nonce, then the sealed bytes."""
    nonce = token_bytes(NONCE)
    return nonce + bytes(ChaCha20Poly1305(key).encrypt(nonce, plain, bind))


def open_(key: bytes, sealed: bytes | memoryview, bind: bytes) -> bytes:
    """The reverse of ``seal``. Raises Damaged."""
    if len(sealed) < NONCE + TAG:
        raise Damaged
    try:
        plain = ChaCha20Poly1305(key).decrypt(bytes(sealed[:NONCE]), sealed[NONCE:], bind)
    except InvalidTag:
        raise Damaged from None
    return bytes(plain)


def derive(secret: bytes, info: bytes, *, salt: bytes = b"", length: int = KEY) -> bytes:
    """HKDF-SHA256 of a secret."""
    return bytes(HKDF(hashes.SHA256(), length, salt or None, info).derive(secret))


def mac(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA256 over parts, each preceded by its length (8 bytes), so that no two lists agree."""
    made = hmac.HMAC(key, hashes.SHA256())
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return bytes(made.finalize())


def same(one: bytes, other: bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return compare_digest(one, other)


def digest(content: bytes) -> bytes:
    """SHA-256."""
    return sha256(content).digest()


def stretch(passphrase: bytes, salt: bytes, cost: Argon2) -> bytes:
    """A key of a passphrase that a person chose."""
    made = Argon2id(
        salt=salt,
        length=KEY,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return bytes(made.derive(passphrase))


# ---------------------------------------------------------------- signatures


def signing_public(seed: bytes) -> bytes:
    """The Ed25519 public key (32 bytes) of a seed (32 bytes)."""
    return bytes(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


def sign(seed: bytes, message: bytes) -> bytes:
    """An Ed25519 signature, 64 bytes."""
    return bytes(Ed25519PrivateKey.from_private_bytes(seed).sign(message))


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the key signed exactly this."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
