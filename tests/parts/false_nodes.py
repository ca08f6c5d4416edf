"""TLS as nodes that are none would speak it: other keys, other certificates, other versions."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from relay.wire.linkkeys import link_key_of, private_pem


def believing_all(side: ssl._SSLMethod) -> ssl.SSLContext:
    """Who takes any certificate, and shows none yet."""
    made = ssl.SSLContext(side)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def showing(side: ssl._SSLMethod, certificate: bytes, key: bytes, folder: Path) -> ssl.SSLContext:
    """One that shows this certificate (PEM, with those that follow it) and has this key (PEM)."""
    both = folder / "shown.pem"
    both.write_bytes(key + certificate)
    made = believing_all(side)
    made.load_cert_chain(both)
    return made


def with_key(side: ssl._SSLMethod, seed: bytes, folder: Path) -> ssl.SSLContext:
    """One with the certificate of this link key."""
    return showing(side, link_key_of(seed).pem.encode(), private_pem(seed), folder)


def of_an_authority(side: ssl._SSLMethod, folder: Path, *, ended: bool = False) -> ssl.SSLContext:
    """One with a certificate of the web, as an authority signs it that everybody believes; or one
    that was such."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("Some Authority", authority, "Some Authority", authority, ended=False)
    leaf = _certificate("exit.example", key, "Some Authority", authority, ended=ended)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return showing(side, leaf + root, pem, folder)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: str,
    authority: ec.EllipticCurvePrivateKey,
    *,
    ended: bool,
) -> bytes:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=-1 if ended else 90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=name == by, path_length=None), critical=True)
        .sign(authority, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def signed_by(side: ssl._SSLMethod, seed: bytes, folder: Path) -> ssl.SSLContext:
    """One with another key, vouched for by this link key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "link")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key())
        .serial_number(2)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, tzinfo=UTC))
        .sign(Ed25519PrivateKey.from_private_bytes(seed), None)
        .public_bytes(Encoding.PEM)
    )
    chain = made + link_key_of(seed).pem.encode()
    return showing(side, chain, private_pem(bytes(32)), folder)


def in_older_tls(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same one in TLS 1.2."""
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context
