"""Whether a GIF moves: it is then a film. Found by its blocks, without decoding anything."""

from __future__ import annotations

from typing import Final

_HEADER: Final = 13
_IMAGE: Final = 0x2C
_EXTENSION: Final = 0x21


def moves(content: bytes) -> bool:
    """Whether it has more than one picture (GIF89a sections 18 to 26)."""
    if len(content) < _HEADER:
        return False
    at = _HEADER + _table(content[10])
    images = 0
    while at + 10 <= len(content):
        if content[at] == _IMAGE:
            images += 1
            if images > 1:
                return True
            at = _behind(content, at + 11 + _table(content[at + 9]))
        elif content[at] == _EXTENSION:
            at = _behind(content, at + 2)
        else:
            return False
    return False


def _table(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _behind(content: bytes, at: int) -> int:
    """Where the blocks of data that begin here have ended."""
    while at < len(content) and content[at]:
        at += content[at] + 1
    return at + 1
