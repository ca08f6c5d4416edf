"""Strips: a batch on paper, cut so that each strip is one QR code, and put together again.

::

    K3X7Q2MB:2:5:DATA      the batch's name, the number of the strip, how many there are, its text

The batch is deflated (zlib, RFC 1950: what it is filled with is gone by that) and written in base32
(RFC 4648, 6) without what fills it up: capitals and digits alone, which a QR code has a short form
for, and which pass through any program that reads codes and hands on their text. Its name is the
beginning of its SHA-256, so that strips of two batches are never mixed.
"""

from __future__ import annotations

import re
import zlib
from base64 import b32decode, b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from relay.wire import primitives

LENGTH: Final = 1400
"""Characters of a batch on one strip. With what stands before it, it fits a QR code of version 25
with correction M (ISO/IEC 18004: 1,451 letters and digits), which a telephone reads from paper."""

MOST: Final = 99
"""Strips of one batch."""

MOST_LINES: Final = 100_000
"""Lines that are read together: two thousand sheets."""

MOST_BYTES: Final = 256 * 1024
"""Bytes of a batch that is put together: more cannot be on so many strips, whatever they say."""

_STRIP = re.compile(rf"([A-Z2-7]{{8}}):(\d{{1,2}}):(\d{{1,2}}):([A-Z2-7]{{1,{LENGTH}}})", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """What strips gave. ``wholes`` are batches as they were made, by their names; ``lacking`` says
    which numbers of a batch are missing, and of how many; ``bad`` are names of those whose strips
    do not fit together."""

    wholes: Mapping[str, bytes]
    lacking: Mapping[str, tuple[tuple[int, ...], int]]
    bad: tuple[str, ...]


def name_of(made: bytes) -> str:
    """What is written before each strip of a batch: 8 capitals and digits."""
    return b32encode(primitives.digest(made))[:8].decode()


def cut(made: bytes) -> tuple[str, ...]:
    """A batch as it was made, in strips; none where it is too large for paper."""
    text = b32encode(zlib.compress(made, 9)).decode().rstrip("=")
    pieces = [text[at : at + LENGTH] for at in range(0, len(text), LENGTH)]
    if len(pieces) > MOST or len(made) > MOST_BYTES:
        return ()
    name = name_of(made)
    return tuple(f"{name}:{n}:{len(pieces)}:{one}" for n, one in enumerate(pieces, 1))


def join(lines: Iterable[str]) -> Joined:
    """What there is in lines of scanned text, in any order, several times, with whatever else may
    stand between."""
    found: dict[tuple[str, int], dict[int, str]] = {}
    for _, line in zip(range(MOST_LINES), lines, strict=False):
        for name, n, of, text in _STRIP.findall(line.upper()):
            if 1 <= int(n) <= int(of):
                found.setdefault((name, int(of)), {})[int(n)] = text
    wholes: dict[str, bytes] = {}
    lacking: dict[str, tuple[tuple[int, ...], int]] = {}
    bad: list[str] = []
    for (name, of), strips in found.items():
        missing = tuple(n for n in range(1, of + 1) if n not in strips)
        if missing:
            lacking[name] = (missing, of)
        elif made := _made(name, "".join(strips[n] for n in range(1, of + 1))):
            wholes[name] = made
        else:
            bad.append(name)
    lacking = {name: one for name, one in lacking.items() if name not in wholes}
    return Joined(wholes, lacking, tuple(name for name in bad if name not in wholes))


def _made(name: str, text: str) -> bytes:
    """A batch of that name; nothing, where it is another one."""
    try:
        packed = b32decode(text + "=" * (-len(text) % 8))
        made = zlib.decompressobj().decompress(packed, MOST_BYTES)
    except (ValueError, zlib.error):
        return b""
    return made if name_of(made) == name else b""
