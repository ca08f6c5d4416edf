"""Link keys: by what two nodes know each other, without anybody between them who could vouch.

A node has one Ed25519 key for its links: it signs its batches, and it is the key of the certificate
that its end of TLS shows. That certificate says nothing but the key, and it is the same each time
it is made (RFC 8032: the signature has no chance in it), so that 96 bytes are enough to know all of
it: the public key and the signature. These, in base64, are what operators tell each other.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.primitives import KEY, SIGNATURE

LENGTH: Final = 128
"""Characters of a link key as it is written: 96 bytes in base64url (RFC 4648, 5)."""

_WRITTEN: Final = re.compile(rf"[A-Za-z0-9_-]{{{LENGTH}}}", re.ASCII)
_NOBODY: Final = "link"
"""What a certificate calls its owner: all of them the same."""


@dataclass(frozen=True, slots=True, repr=False)
class LinkKey:
    """What another node knows of a link key: its public half (32 bytes) and the signature (64
    bytes) under its certificate."""

    public: bytes
    signature: bytes

    @property
    def written(self) -> str:
        """As operators tell it: 128 characters."""
        return urlsafe_b64encode(self.public + self.signature).decode()

    @property
    def id(self) -> bytes:
        """32 bytes by which a batch says for whom it is: SHA-256 of the public key."""
        return primitives.digest(self.public)

    @property
    def certificate(self) -> bytes:
        """The certificate (X.509, DER)."""
        before, between = _around()
        return before + self.public + between + self.signature

    @property
    def pem(self) -> str:
        """The same as PEM (RFC 7468)."""
        text = b64encode(self.certificate).decode()
        lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
        return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def link_key(written: str) -> LinkKey:
    """A link key as it was written down. Raises Damaged for what is none."""
    if not _WRITTEN.fullmatch(written):
        raise Damaged
    raw = urlsafe_b64decode(written)
    key = LinkKey(raw[:KEY], raw[KEY:])
    try:
        signed = x509.load_der_x509_certificate(key.certificate).tbs_certificate_bytes
    except ValueError:
        raise Damaged from None
    if not primitives.signed(key.public, signed, key.signature):
        raise Damaged
    return key


def link_key_of(seed: bytes) -> LinkKey:
    """The link key of an Ed25519 seed (32 bytes)."""
    certificate = _made(seed)
    return LinkKey(primitives.signing_public(seed), certificate[-SIGNATURE:])


def identity_of(written: str) -> bytes:
    """The identity key (32 bytes) of an exit, as it was written down: 43 characters of base64url.
    Raises Damaged."""
    try:
        raw = urlsafe_b64decode(written + "=")
    except ValueError:
        raise Damaged from None
    if len(raw) != KEY:
        raise Damaged
    return raw


def identity_text(identity: bytes) -> str:
    """An identity key (32 bytes) as operators write it down: 43 characters."""
    return urlsafe_b64encode(identity).decode().rstrip("=")


def private_pem(seed: bytes) -> bytes:
    """The private key as PEM (PKCS #8), as a TLS library takes it."""
    return Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _made(seed: bytes) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NOBODY)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, None)
        .public_bytes(serialization.Encoding.DER)
    )


@cache
def _around() -> tuple[bytes, bytes]:
    """What stands in every certificate before the public key, and between it and the signature."""
    seed = bytes(KEY)
    made, public = _made(seed), primitives.signing_public(seed)
    before, _, after = made.partition(public)
    return before, after[:-SIGNATURE]
