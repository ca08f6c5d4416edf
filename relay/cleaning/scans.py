"""How often a JPEG goes over its pixels: each time costs as much as decoding it once."""

from __future__ import annotations

from typing import Final

_END: Final = b"\xff\xd9"
_SCAN: Final = b"\xff\xda"
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length (ITU-T T.81 table B.1)."""


def scans(content: bytes) -> int:
    """The number of scans of the first picture in these bytes. Inside of a scan a byte FF is always
    marked as data (ITU-T T.81 section B.1.1.5), so that no scan or end is seen where none is."""
    at = _first(content)
    if at < 0:
        return 0
    end = content.find(_END, at)
    return content.count(_SCAN, at, len(content) if end < 0 else end)


def _first(content: bytes) -> int:
    """Where the first scan begins, or -1."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return -1
        marker = content[at + 1]
        if marker == _SCAN[1]:
            return at
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4], "big"))
    return -1
