"""Sizes that tell little: whatever is sealed fills one of five classes.

The floor is one SQLite page with its row; the steps are a factor of eight. What does not fit the
largest class is refused: large media will travel as a manifest and pieces.
"""

from __future__ import annotations

from relay.errors import Damaged, TooLarge

CLASSES = (4_000, 32 * 1024, 256 * 1024, 2 * 1024 * 1024, 16 * 1024 * 1024)
"""Bytes of the whole of what is stored: headers, tag and padding included."""

_MARK = b"\x80"
_ZEROS = bytes(64 * 1024)


def class_for(size: int, around: int) -> int:
    """The index of the smallest class that takes ``size`` bytes, the mark and ``around`` more.

    Raises TooLarge.
    """
    for index, room in enumerate(CLASSES):
        if size + len(_MARK) + around <= room:
            return index
    raise TooLarge


def pad(content: bytes, index: int, around: int) -> bytes:
    """The content, 0x80, and zeros up to what a class leaves beside ``around`` bytes."""
    return (content + _MARK).ljust(CLASSES[index] - around, b"\x00")


def unpad(padded: bytes) -> bytes:
    """The content again. Raises Damaged."""
    end = padded.rfind(_MARK)
    if end < 0 or not _are_zeros(padded, end + 1):
        raise Damaged
    return padded[:end]


def _are_zeros(padded: bytes, begin: int) -> bool:
    """Whether nothing else follows. A piece at a time: that of a film has many megabytes, and to
    compare is ten times as fast as to strip."""
    pieces = range(begin, len(padded), len(_ZEROS))
    return all(_ZEROS.startswith(padded[at : at + len(_ZEROS)]) for at in pieces)
