"""What bytes are, told by the bytes themselves; never by a name or a declared type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from relay.cleaning.gif import moves
from relay.cleaning.others import PICTURE, why_not


@dataclass(frozen=True, slots=True)
class Picture:
    """A still picture, by the name that Pillow has for its format."""

    format: Literal["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF"]


@dataclass(frozen=True, slots=True)
class Moving:
    """A film or a sound, by the name that FFmpeg has for its container."""

    container: Literal["mov", "matroska", "ogg", "wav", "mp3", "aac", "amr", "flac", "avi", "gif"]


@dataclass(frozen=True, slots=True)
class Other:
    """Something of which nothing is published, and why (our own words)."""

    why: str


Kind = Picture | Moving | Other

_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_OTHER_PICTURES: Final = frozenset({b"crx ", b"jxl ", b"jp2 "})


def kind_of(content: bytes) -> Kind:
    """What these bytes are. Only the first are looked at: what else they could be, behind or
    inside, is gone once they were made anew."""
    if not content.strip(b"\0\t\n\r "):
        return Other("empty")
    return _still(content) or _moving(content) or Other(why_not(content))


def _still(content: bytes) -> Kind | None:
    if content.startswith(b"\xff\xd8\xff"):
        return Picture("JPEG")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture("PNG")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Picture("WEBP")
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return Moving("gif") if moves(content) else Picture("GIF")
    if content[4:8] == b"ftyp":
        return _by_brand(content)
    return None


def _by_brand(content: bytes) -> Picture | Other | None:
    """By the brands of the first box (ISO/IEC 14496-12 section 4.3)."""
    length = min(int.from_bytes(content[:4], "big"), 256)
    brands = [content[8:12], *(content[at : at + 4] for at in range(16, length - 3, 4))]
    if brands[0] in _AVIF_BRANDS or (brands[0] == b"mif1" and _AVIF_BRANDS & set(brands)):
        return Picture("AVIF")
    if brands[0] in _HEIF_BRANDS or brands[0] == b"msf1":
        return Picture("HEIF")
    return Other(PICTURE) if brands[0] in _OTHER_PICTURES else None


_MOVING: Final[tuple[tuple[int, bytes, Moving], ...]] = (
    (4, b"ftyp", Moving("mov")),
    (4, b"moov", Moving("mov")),  # QuickTime before 2001, and some cameras
    (4, b"mdat", Moving("mov")),
    (4, b"wide", Moving("mov")),
    (4, b"skip", Moving("mov")),
    (4, b"free", Moving("mov")),
    (0, b"\x1aE\xdf\xa3", Moving("matroska")),
    (0, b"OggS", Moving("ogg")),
    (0, b"#!AMR", Moving("amr")),
    (0, b"fLaC", Moving("flac")),
)
"""Where what stands, and what it says."""

_RIFF: Final = {b"WAVE": Moving("wav"), b"AVI ": Moving("avi")}


def _moving(content: bytes) -> Moving | None:
    if content.startswith(b"ID3"):
        return _tagged(content)
    for at, said, kind in _MOVING:
        if content[at : at + len(said)] == said:
            return kind
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[:1] == b"\xff" and len(content) > 1:
        if content[1] & 0xF6 == 0xF0:  # ISO/IEC 13818-7 section 6.2: ADTS, layer 0
            return Moving("aac")
        if content[1] & 0xE6 in (0xE2, 0xE4):  # ISO/IEC 11172-3 section 2.4.2.3: layers III, II
            return Moving("mp3")
    return None


def _tagged(content: bytes) -> Moving:
    """The sound behind a tag: mostly MP3, but recorders write it before others too. Its length has
    seven bits a byte (ID3v2.4 section 3.1)."""
    length = 0
    for byte in content[6:10]:
        length = length << 7 | byte & 0x7F
    behind = content[10 + length : 14 + length]
    if behind == b"fLaC":
        return Moving("flac")
    if behind[:1] == b"\xff" and len(behind) > 1 and behind[1] & 0xF6 == 0xF0:
        return Moving("aac")
    return Moving("mp3")
