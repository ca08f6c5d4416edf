"""Public keys that a host must have: whoever else has a certificate for its name is not it.

A pin is the SHA-256 of a certificate's SubjectPublicKeyInfo, in base64 (RFC 7469, 2.4), as
``openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary |
base64`` gives it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ssl
from collections.abc import Collection, Iterable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from relay.reach.failing import Unreached


def pins_of(written: Iterable[str]) -> frozenset[bytes]:
    """Pins as they stand in settings, "sha256/" before them or not. Raises ValueError."""
    return frozenset(_pin(one) for one in written)


def _pin(written: str) -> bytes:
    for prefix in ("sha256/", "sha256//"):
        if len(written) - len(prefix) == 44 and written.startswith(prefix):
            written = written.removeprefix(prefix)
    try:
        pin = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        pin = b""
    if len(pin) != hashlib.sha256().digest_size:
        raise ValueError("a pin is the SHA-256 of a public key in base64: 44 letters and digits")
    return pin


def key_of(certificate: bytes) -> bytes:
    """The pin of a certificate (DER)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    written = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(written).digest()


def hold(under: ssl.SSLSocket | ssl.SSLObject | Any, pins: Collection[bytes]) -> None:
    """Raise Unreached where the other side of a connection under TLS has none of these keys."""
    if not pins:
        return
    certificate = under.getpeercert(binary_form=True) if under is not None else None
    try:
        key = key_of(certificate or b"")
    except ValueError:
        raise Unreached("tls") from None
    if not any(hmac.compare_digest(key, pin) for pin in pins):
        raise Unreached("tls")
