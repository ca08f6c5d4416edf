"""Codes of a second factor, as every authenticator makes them: TOTP (RFC 6238) with HMAC-SHA1, six
digits and steps of 30 seconds, which is what all of them can do.

The address that a QR code holds is Google Authenticator's (its wiki, "Key Uri Format").
"""

from __future__ import annotations

import unicodedata
from base64 import b32encode
from collections.abc import Collection
from secrets import token_bytes
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from relay.model import Instant
from relay.wire import primitives

SECRET: Final = 20
"""Bytes of a secret (RFC 4226 section 4, R6)."""

DIGITS: Final = 6
STEP_S: Final = 30

DRIFT: Final = 1
"""Steps that a telephone's clock may be off, each way (RFC 6238 section 5.2)."""


def make_secret() -> bytes:
    """A new secret."""
    return token_bytes(SECRET)


def code(secret: bytes, step: int) -> str:
    """The code of a step: the number of 30 s since 1970."""
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()


def step_of(secret: bytes, said: str, now: Instant, used: Collection[int]) -> int | None:
    """The step whose code this is, at about this time; None if it is none, or of a step that was
    ``used``: a code is good once (RFC 6238 section 5.2)."""
    digits, found = _digits(said), None
    for step in range(now // STEP_S - DRIFT, now // STEP_S + DRIFT + 1):
        good = step >= 0 and primitives.same(code(secret, step).encode(), digits.encode())
        if good and step not in used:
            found = step
    return found


def shown(secret: bytes) -> str:
    """A secret as it is typed into an authenticator."""
    return b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, handle: str) -> str:
    """A secret as an authenticator reads it off a QR code. Who looks at the telephone learns that
    there is a desk, and not whose."""
    return f"otpauth://totp/desk:{quote(handle)}?secret={shown(secret)}&issuer=desk"


def _digits(said: str) -> str:
    """The digits of whatever script, in ASCII and without blanks; other characters stay."""
    typed = "".join(said[: 4 * DIGITS].split())
    return "".join(
        char if (value := unicodedata.decimal(char, None)) is None else str(value) for char in typed
    )
