"""Mails signed with DKIM, and the record that shows the key."""

from __future__ import annotations

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key of this length, made once."""
    return rsa.generate_private_key(65537, bits)


def record(bits: int = 2048) -> bytes:
    """What stands in the DNS for it (RFC 6376 section 3.6.1)."""
    shown = key(bits).public_key()
    der = shown.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def signed(mail: bytes, domain: str = "example.org", *, bits: int = 2048, **more: object) -> bytes:
    """The mail below its signature, by selector ``s``."""
    pem = key(bits).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    made: bytes = dkim.sign(mail, b"s", domain.encode(), pem, **more)
    return made + mail


def text(record: bytes) -> str:
    """A TXT record as a zone file has it: strings of at most 255 bytes, in quotes."""
    parts = [record[at : at + 255].decode() for at in range(0, len(record), 255)]
    return " ".join(f'"{part}"' for part in parts)
