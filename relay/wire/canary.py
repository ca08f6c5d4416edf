"""The line that a node writes to itself, to see whether its ways in work, and knows again.

``canary TOKEN``: 16 random bytes and a seal over them, in base32 (RFC 4648 section 6), which every
alphabet of SMS has. It names nobody and nothing. The seal is a key's of the core: a line of ours is
known again after a restart, and nobody else makes one. Who has seen one can send it again, and does
no more than the core did: a message that is this line and nothing else ends without a trace.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from binascii import Error
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from relay.wire.names import SHORT
from relay.wire.primitives import mac, same

_WORD: Final = "canary "
_LINE: Final = re.compile(rf"{_WORD}([A-Z2-7]{{52}})")
_BEGUN: Final = re.compile(rf"{_WORD}[A-Z2-7]{{16}}")


def new_line(key: bytes) -> str:
    """A line that nobody has written before. ``key``: 32 bytes."""
    nonce = token_bytes(SHORT)
    token = b32encode(nonce + _seal(key, nonce)).decode().rstrip("=")
    return _WORD + token


def is_line_of(key: bytes, text: str) -> bool:
    """Whether a whole text is a line that was made with this key, in constant time."""
    found = _LINE.fullmatch(text)
    if found is None:
        return False
    try:
        token = b32decode(found[1] + "====")
    except Error:
        return False
    return same(token[SHORT:], _seal(key, token[:SHORT]))


def begins_like_one(text: str) -> bool:
    """Whether it could be a line of some node, or what became of one on its way."""
    return _BEGUN.match(text) is not None


def digest_of(line: str) -> bytes:
    """By what a line is remembered that is on its way: it cannot be made from that again."""
    return sha256(line.encode()).digest()


def _seal(key: bytes, nonce: bytes) -> bytes:
    return mac(key, b"canary", nonce)[:SHORT]
