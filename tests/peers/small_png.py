"""A screenshot as a PNG with a palette, which is a third of its size (PNG, third edition)."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

MOST = 256
"""Colours of a palette."""


def small(png: bytes) -> bytes:
    """The same picture, each colour the nearest of the most frequent ones. Takes what browsers
    make: eight bits a channel, RGB or RGBA, not interlaced."""
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    assert (depth, interlaced) == (8, 0) and kind in (2, 6)
    channels = 3 if kind == 2 else 4
    packed = b"".join(content for name, content in _chunks(png) if name == b"IDAT")
    rows = _rows(zlib.decompress(packed), width, height, channels)
    dots = [[row[n : n + 3] for n in range(0, len(row), channels)] for row in rows]
    palette = [one for one, _ in Counter(dot for row in dots for dot in row).most_common(MOST)]
    place = {dot: n for n, dot in enumerate(palette)}
    for dot in {dot for row in dots for dot in row} - place.keys():
        place[dot] = min(range(len(palette)), key=lambda n, dot=dot: _far(palette[n], dot))  # type: ignore[misc]
    lines = b"".join(b"\0" + bytes(place[dot] for dot in row) for row in dots)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    made = [(b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9))]
    return png[:8] + b"".join(_chunk(*one) for one in [*made, (b"IEND", b"")])


def _far(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    whole = name + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def _rows(raw: bytes, width: int, height: int, channels: int) -> Iterator[bytes]:
    """Its lines, without their filters (section 9)."""
    length = width * channels
    above = bytearray(length)
    for n in range(height):
        start = n * (length + 1)
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + length])
        for i in range(length):
            left = line[i - channels] if i >= channels else 0
            corner = above[i - channels] if i >= channels else 0
            line[i] = (line[i] + _guess(kind, left, above[i], corner)) & 255
        yield bytes(line)
        above = line


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    match kind:
        case 0:
            return 0
        case 1:
            return left
        case 2:
            return up
        case 3:
            return (left + up) // 2
    about = left + up - corner
    return min((left, up, corner), key=lambda one: abs(about - one))
