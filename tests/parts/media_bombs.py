"""Pictures, films and sounds that are small to send and, opened as they ask to be, cost minutes or
gigabytes; and such as claim what cannot be."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO

import av
from media_films import film, sound, tone
from media_pictures import bomb_png, gif, heic, jpeg, png, webp
from PIL import Image


def _saved(form: str, size: tuple[int, int], **options: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size).save(out, form, **options)
    return out.getvalue()


def _claiming(content: bytes, name: bytes, offset: int, said: bytes) -> bytes:
    """The content in which behind each ``name`` something else is said."""
    changed, at = bytearray(content), -1
    while (at := content.find(name, at + 1)) >= 0:
        changed[at + offset : at + offset + len(said)] = said
    return bytes(changed)


def _chunk(name: bytes, data: bytes) -> bytes:
    whole = name + data
    return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))


def _with_chunk(name: bytes, unpacked: int) -> bytes:
    content = png()
    packed = zlib.compress(bytes(unpacked), 1)
    return content[:33] + _chunk(name, b"a\0\0" + packed) + content[33:]


def _scans(size: tuple[int, int], times: int) -> bytes:
    content = _saved("JPEG", size, progressive=True)
    start, end = content.rindex(b"\xff\xda"), content.rindex(b"\xff\xd9")
    return content[:end] + content[start:end] * times + content[end:]


def _nested(name: bytes, kind: bytes, levels: int) -> bytes:
    inner = b""
    for _ in range(levels):
        inner = struct.pack(">I" if not kind else "<I", len(inner) + 8) + name + inner
        inner = kind + inner if kind else inner
    return inner


def _boxes() -> bytes:
    return film("mp4", extras=False, tags={})


def _blocks() -> bytes:
    return film("matroska", extras=False, tags={})


def _silent_for(seconds: int) -> bytes:
    """A sound, and another one so much later."""
    out = BytesIO()
    with av.open(out, "w", format="matroska") as container:
        audio = container.add_stream("libopus", rate=48000)
        for at in (0, seconds * 48000):
            container.mux(audio.encode(tone(at, 960, 48000)))
        container.mux(audio.encode(None))
    return out.getvalue()


_HUGE = struct.pack(">I", 0xFFFFFFFF)
_COUNTS = {"stts": 8, "stsz": 12, "stsc": 8, "stco": 8, "elst": 8, "stss": 8}

BOMBS: Mapping[str, Callable[[], bytes]] = {
    "mkv of two sounds and fifty minutes between": lambda: _silent_for(3000),
    "png of 20,000 x 20,000": partial(bomb_png, 20_000, 20_000),
    "jpeg of 65,000 x 65,000": lambda: _claiming(
        jpeg(), b"\xff\xc0\0\x11", 5, struct.pack(">HH", 65_000, 65_000)
    ),
    "webp of 16,383 x 16,383": lambda: _claiming(
        _saved("WEBP", (64, 48), lossless=True), b"VP8L", 9, b"\xff\xff\xff\x0f"
    ),
    "webp that claims 16,777,216 x 16,777,216": lambda: _claiming(webp(), b"VP8X", 12, b"\xff" * 6),
    "heic that claims 30,000 x 30,000": lambda: _claiming(
        heic(), b"ispe", 8, struct.pack(">II", 30_000, 30_000)
    ),
    "heic that claims 6,000 x 6,000": lambda: _claiming(
        heic(), b"ispe", 8, struct.pack(">II", 6_000, 6_000)
    ),
    "gif of 65,535 x 65,535": lambda: gif()[:6] + b"\xff" * 4 + gif()[10:],
    "gif that moves, of 65,535 x 65,535": lambda: (
        gif(pictures=3)[:6] + b"\xff" * 4 + gif(pictures=3)[10:]
    ),
    "png with 20 MB of profile": lambda: _with_chunk(b"iCCP", 20_000_000),
    "png with 20 MB of text": lambda: _with_chunk(b"zTXt", 20_000_000),
    "jpeg of 2,000 scans": lambda: _scans((1_000, 1_000), 2_000),
    "gif of a million tiny blocks": lambda: gif()[:-1] + b"!\xfe" + b"\x01a" * 1_000_000,
    **{
        f"mp4 with 4,294,967,295 in {name}": partial(
            lambda name, offset: _claiming(_boxes(), name.encode(), offset, _HUGE), name, offset
        )
        for name, offset in _COUNTS.items()
    },
    "mp4 whose pictures last a month": lambda: _claiming(
        _boxes(), b"stts", 16, struct.pack(">I", 0x7FFFFFFF)
    ),
    "mp4 without a time scale": lambda: _claiming(_boxes(), b"mdhd", 16, bytes(4)),
    "mp4 of 5,000 boxes in boxes": lambda: (
        b"\0\0\0\x10ftypisom\0\0\0\0" + _nested(b"moov", b"", 5_000)
    ),
    "avi of 3,000 lists in lists": lambda: (
        b"RIFF\xff\xff\xff\x7fAVI " + _nested(b"hdrl", b"LIST", 3_000)
    ),
    "mkv with a cluster without end": lambda: _claiming(
        _blocks(), b"\x1f\x43\xb6\x75", 4, b"\x01" + b"\xff" * 7
    ),
    "mkv with tags of 140 terabytes": lambda: _claiming(
        film("matroska"), b"\x12\x54\xc3\x67", 4, b"\x01\0\x7f\xff\xff\xff\xff\xff"
    ),
    "mkv of 100,000 segments in segments": lambda: (
        _blocks()[:40] + (b"\x18\x53\x80\x67\x01" + b"\xff" * 7) * 100_000
    ),
    "ogg without end": lambda: sound("ogg", "libopus") + sound("ogg", "libopus")[200:] * 500,
    "ogg of 300,000 empty pages": lambda: (
        sound("ogg", "libopus")[:300] + b"OggS\0\0" + bytes(21) + b"\x01\0" * 300_000
    ),
    "wav of 65,535 channels": lambda: _claiming(
        sound("wav", "pcm_s16le"), b"fmt ", 10, b"\xff\xff"
    ),
    "wav of one sample a second": lambda: _claiming(
        sound("wav", "pcm_s16le", seconds=0.02), b"fmt ", 12, b"\x01\0\0\0"
    ),
    "wav of four gigabytes": lambda: _claiming(sound("wav", "pcm_s16le"), b"data", 4, b"\xff" * 4),
    "mp3 with 250 MB of tags": lambda: b"ID3\x04\0\0" + b"\x7f" * 4 + bytes(99_999),
}
"""Each by what it is."""


def _noise(start: bytes) -> bytes:
    return start + random.Random(5).randbytes(100_000)


NOISE: Mapping[str, Callable[[], bytes]] = {
    name: partial(_noise, start)
    for name, start in {
        "mp4": b"\0\0\0\x10ftypisom\0\0\0\0",
        "mkv": b"\x1aE\xdf\xa3",
        "ogg": b"OggS",
        "mp3": b"\xff\xfb\x90\x44",
        "aac": b"\xff\xf1\x50\x80",
        "amr": b"#!AMR\n",
        "flac": b"fLaC",
        "jpeg": b"\xff\xd8\xff",
        "webp": b"RIFF\xff\xff\xff\0WEBPVP8 ",
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "gif": b"GIF89a",
        "wav": b"RIFF\xff\xff\xff\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0",
    }.items()
}
"""What begins like a kind and goes on as nothing."""


def _large(form: str, mode: str, **options: object) -> bytes:
    out = BytesIO()
    rough = Image.effect_noise((790, 790), 50).convert(mode).resize((6_300, 6_300))
    rough.save(out, form, **options)
    return out.getvalue()


LARGEST: Mapping[str, Callable[[], bytes]] = {
    "jpeg": partial(_large, "JPEG", "RGB", quality=80),
    "cmyk": partial(_large, "JPEG", "CMYK", quality=80),
    "png": partial(_large, "PNG", "RGB", compress_level=1),
    "png with alpha": partial(_large, "PNG", "RGBA", compress_level=1),
    "webp": partial(_large, "WEBP", "RGBA", quality=40),
    "avif": partial(_large, "AVIF", "RGB", quality=40, speed=10),
    "heic": partial(_large, "HEIF", "RGB", quality=40, enc_params={"preset": "ultrafast"}),
    "jpeg of 100 scans": lambda: _scans((6_300, 6_300), 85),
}
"""The largest pictures that are opened: just under 40 million pixels."""
