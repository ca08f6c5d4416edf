"""Throw-away certificates for tests: a key of its own each time, trusted by whoever is told to."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

NAME = "news.example.org"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two PEM files: a certificate that signs itself, and its key (mode 0600)."""

    certificate: Path
    key: Path

    def trusting(self) -> ssl.SSLContext:
        """What a client needs to trust this certificate and no other, for 127.0.0.1 and NAME."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def settings(self) -> str:
        """The section ``[tls]`` that names the two."""
        return f'\n[tls]\ncertificate = "{self.certificate}"\nkey = "{self.key}"\n'


def make_pair(
    folder: Path,
    name: str = "node",
    *,
    days: float = 90,
    begins_in_days: float = -1,
    passphrase: bytes = b"",
    now: float | None = None,
    host: str = NAME,
) -> Pair:
    """Write ``name.pem`` and ``name.key`` into a folder, over what was there.

    Valid from ``begins_in_days`` to ``days`` after ``now`` (seconds since 1970; the real time if it
    is left out), for 127.0.0.1 and ``host``. With a ``passphrase`` the key is encrypted.
    """
    at = datetime.now(UTC) if now is None else datetime.fromtimestamp(now, UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    names = [x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at + timedelta(days=begins_in_days))
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cipher = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    pair.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    pair.key.touch(mode=0o600)
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cipher))
    return pair
