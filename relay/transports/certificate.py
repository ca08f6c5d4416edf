"""The certificate of this node and its key: read from two files, and again when these change.

A pair that cannot be used never takes the place of one that can: the contexts in force are replaced
only by contexts that were made whole. What is made speaks TLS 1.2 or newer with the library's own
choice of ciphers, asks no client for a certificate, and hands out no tickets: a key of tickets
would open recordings of sessions long after they ended.
"""

from __future__ import annotations

import os
import ssl
import stat
from datetime import UTC
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

_Stamp = tuple[tuple[int, ...] | None, ...]


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
        self._stamp: _Stamp = ()
        self.mail: ssl.SSLContext | None = None  #: for STARTTLS
        self.web: ssl.SSLContext | None = None  #: for HTTPS
        self.valid = (0, 0)  #: from when to when (seconds since 1970)

    def look(self) -> bool:
        """Read the files if they changed since the last look; whether new ones are in force.

        Raises BadCertificate, once for each state of the files; the old pair stays in force.
        """
        now = tuple(_stamp(path) for path in self._files)  # before: a change while we read is seen
        if now == self._stamp:
            return False
        self._stamp = now
        valid = validity(self._files[0])
        self.mail, self.web = context(*self._files), context(*self._files, WEB)
        self.valid = valid
        return True


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


def validity(certificate: Path) -> tuple[int, int]:
    """From when to when the first certificate of a file is valid. Raises BadCertificate."""
    from cryptography.x509 import (
        load_pem_x509_certificates,
    )  # here: a node without [tls] needs none

    try:
        first = load_pem_x509_certificates(_readable("certificate", certificate))[0]
        begins, ends = first.not_valid_before_utc, first.not_valid_after_utc
    except (ValueError, LookupError):
        raise BadCertificate("certificate", "no-certificate") from None
    return tuple(int(at.astimezone(UTC).timestamp()) for at in (begins, ends))  # type: ignore[return-value]


def readable_by_others(key: Path) -> bool:
    """Whether everybody on this machine may read the key; a group may, to share it."""
    return bool(key.stat().st_mode & stat.S_IRWXO)


def days_left(valid: tuple[int, int], now: int) -> int | None:
    """Whole days until a certificate ends, if that is near; negative once it has ended."""
    left_s = valid[1] - now
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
    finally:
        os.close(file)


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
