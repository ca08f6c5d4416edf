"""Passphrases that people choose: one form whatever they are typed on, and which are too weak."""

from __future__ import annotations

import unicodedata
from typing import Final

from relay.rules.words import is_weak

LEAST: Final = 12
"""Characters. There is a second factor, and guessing is slowed: four short words will do."""

MOST: Final = 256
"""Characters: what is longer is no passphrase, and nobody is to make us work at it."""

_FEW: Final = 5


def normal(typed: str) -> str:
    """The same passphrase from whatever keyboard: NFC, and each kind of blank the plain one
    (OpaqueString, RFC 8265 section 4.2.2)."""
    plain = "".join(" " if unicodedata.category(char) == "Zs" else char for char in typed)
    return unicodedata.normalize("NFC", plain)


def fault(typed: str, handle: str) -> str:
    """Why this may not be a passphrase; empty if it may."""
    plain = normal(typed)
    if len(plain) < LEAST:
        return f"a passphrase has at least {LEAST} characters: four words will do"
    if len(plain) > MOST:
        return f"a passphrase has at most {MOST} characters"
    bare = plain.casefold().replace(handle, "")
    if len(set(bare)) < _FEW or len(bare) < LEAST // 2 or is_weak(plain):
        return "this passphrase is too easy to guess"
    return ""
