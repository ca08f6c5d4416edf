"""How wide and high a picture is, from its first bytes: readers keep the room free for it.

PNG (W3C PNG 5, IHDR), JPEG (ITU T.81 B.2.2, the frame header) and WebP (RFC 9649). Nothing is
decoded: what is not as it should be has no size, and is shown without.
"""

from __future__ import annotations

from typing import Final

Size = tuple[int, int]

MOST_SEGMENTS: Final = 1000
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def size_of(content: bytes) -> Size | None:
    """Width and height in pixels; None if they cannot be told."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _sane(int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))
    if content.startswith(b"\xff\xd8"):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _sane(width: int, height: int) -> Size | None:
    return (width, height) if 0 < width < 1 << 17 and 0 < height < 1 << 17 else None


def _jpeg(content: bytes) -> Size | None:
    at = 2
    for _ in range(MOST_SEGMENTS):
        while content[at : at + 2] == b"\xff\xff":  # fill bytes before a marker
            at += 1
        if content[at : at + 1] != b"\xff" or at + 9 > len(content):
            return None
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return _sane(int.from_bytes(width), int.from_bytes(height))
        at += 2 if marker in _ALONE else 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


def _webp(content: bytes) -> Size | None:
    kind, head = content[12:16], content[20:30]
    if len(head) < 10:
        return None
    if kind == b"VP8X":
        return _sane(
            int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:], "little") + 1
        )
    if kind == b"VP8L" and head[0] == 0x2F:
        packed = int.from_bytes(head[1:5], "little")
        return _sane((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        wide, high = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:], "little")
        return _sane(wide & 0x3FFF, high & 0x3FFF)
    return None
