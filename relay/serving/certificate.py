"""The certificate of this node and its key: read from two files, again and again.

A pair that cannot be used never takes the place of one that can: the contexts in force are replaced
only by contexts that were made whole. What is made speaks TLS 1.2 or newer with the library's own
choice of ciphers, asks no client for a certificate, and hands out no tickets: the key of tickets
would open recordings of sessions long after they ended.
"""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.errors import OutwordError

MAX_BYTES: Final = 1024 * 1024
"""No certificate file and no key file is larger."""

SOON_S: Final = 14 * 86400
"""Seconds before a certificate's end from which on it is called near: programs that renew by
themselves do so 30 days before, so that by then something is wrong."""

WEB: Final = ("http/1.1",)
"""What is spoken inside TLS on the HTTP door, as ALPN calls it (RFC 7301)."""


class BadCertificate(OutwordError):
    """The two files of [tls] cannot be used together.

    ``word`` says why in one word (``missing``, ``unreadable``, ``no-certificate``, ``no-key``,
    ``encrypted``, ``does-not-fit``), ``of`` whose fault it is (``certificate`` or ``key``).
    """

    exit_code = 78

    def __init__(self, of: str, word: str) -> None:
        self.of = of
        self.word = word
        super().__init__(f"{of}: {word}")


class Certificate:
    """The pair in force, as contexts for new connections; none while it could never be read."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self.shown: Shown | None = None  #: the certificate itself
        self.mail: ssl.SSLContext | None = None  #: for STARTTLS
        self.web: ssl.SSLContext | None = None  #: for HTTPS

    def look(self) -> bool:
        """Read the files; whether they hold another certificate than the one in force until now.

        The contexts are new each time: the library remembers sessions of TLS 1.2 in them, so that
        clients can take them up again, and with an old context their secrets are forgotten. Raises
        BadCertificate; the old pair stays in force.
        """
        shown = first_of(self._files[0])
        self.mail, self.web = context(*self._files), context(*self._files, WEB)
        before, self.shown = self.shown, shown
        return before != shown


@dataclass(frozen=True, slots=True)
class Shown:
    """What is worth knowing of a certificate: its fingerprint (SHA-256), and from when to when it
    is valid (seconds since 1970)."""

    fingerprint: bytes
    begins: int
    ends: int


def context(certificate: Path, key: Path, speaks: tuple[str, ...] = ()) -> ssl.SSLContext:
    """What a server shows itself with. Raises BadCertificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    made.num_tickets = 0
    if speaks:
        made.set_alpn_protocols(list(speaks))
    asked: list[bool] = []

    def password() -> bytes:  # without it the library would ask on the terminal
        asked.append(True)
        return b""

    _readable("certificate", certificate)
    _readable("key", key)
    try:
        made.load_cert_chain(certificate, key, password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise BadCertificate("key", "does-not-fit") from None
        raise BadCertificate("key", "encrypted" if asked else "no-key") from None
    except OSError:
        raise BadCertificate("key", "unreadable") from None
    return made


def first_of(certificate: Path) -> Shown:
    """The first certificate of a file, which is the node's own. Raises BadCertificate."""
    # Imported here: a node without [tls] needs neither.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificates

    try:
        first = load_pem_x509_certificates(_readable("certificate", certificate))[0]
        begins, ends = first.not_valid_before_utc, first.not_valid_after_utc
    except (ValueError, LookupError):
        raise BadCertificate("certificate", "no-certificate") from None
    return Shown(first.fingerprint(SHA256()), int(begins.timestamp()), int(ends.timestamp()))


def readable_by_others(key: Path) -> bool:
    """Whether everybody on this machine may read the key; a group may, to share it."""
    return bool(key.stat().st_mode & stat.S_IRWXO)


def days_left(ends: int, now: int) -> int | None:
    """Whole days until a certificate ends, if that is near; negative once it has ended."""
    left_s = ends - now
    return left_s // 86400 if left_s < SOON_S else None


def _readable(of: str, path: Path) -> bytes:
    """The bytes of a plain file; links are followed, as those that renew certificates make them."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BadCertificate(of, "missing") from None
    except OSError:
        raise BadCertificate(of, "unreadable") from None
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
            raise BadCertificate(of, "unreadable")
        return os.read(file, MAX_BYTES)
    except OSError:
        raise BadCertificate(of, "unreadable") from None
    finally:
        os.close(file)
