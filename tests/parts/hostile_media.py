"""Pictures, films and sounds that are against who decodes them: sizes that lie, boxes that loop,
streams that swell, names of things elsewhere. The types are told by their bytes.
"""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from collections.abc import Callable
from functools import cache

from corpus import Corpus, filled
from hostile_files import (
    a_GIF_that_is_a_JAR,
    a_JPEG_that_is_a_ZIP_that_is_a_PDF,
    a_PDF_that_runs_a_script,
    a_PNG_that_is_a_script,
    an_SVG_of_a_billion_laughs,
    an_SVG_that_runs_a_script,
    zipped,
)
from PIL import Image

PICTURES, FILMS = Corpus(), Corpus()

MIB = 1024 * 1024


def drawn(form: str, width: int = 64, height: int = 48, **more: object) -> bytes:
    """A picture that is what it says: a gradient."""
    made = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(made, form, **more)
    return made.getvalue()


# ---------------------------------------------------------------- PNG


def chunk(
    name: bytes, content: bytes, *, length: int | None = None, crc: int | None = None
) -> bytes:
    """A chunk of a PNG, perhaps with a length or a sum that is not its own."""
    size = len(content) if length is None else length
    check = zlib.crc32(name + content) if crc is None else crc
    return struct.pack(">I", size) + name + content + struct.pack(">I", check)


def png(
    width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2, laced: bool = False
) -> bytes:
    """A PNG of this size with these chunks after its header."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, laced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


@cache
def zeros(count: int) -> bytes:
    """So many zeros, packed."""
    packer = zlib.compressobj(9)
    made = b"".join(packer.compress(bytes(MIB)) for _ in range(count // MIB))
    return made + packer.compress(bytes(count % MIB)) + packer.flush()


PICTURES.each(
    {
        "a PNG of 20,000 by 20,000": lambda: png(20_000, 20_000, chunk(b"IDAT", zeros(48 * MIB))),
        "a PNG of 4 billion by 4 billion": lambda: png(2**32 - 1, 2**32 - 1, chunk(b"IDAT", b"")),
        "a PNG of 2 billion by 1": lambda: png(2**31 - 1, 1, chunk(b"IDAT", zeros(4 * MIB))),
        "a PNG of no size": lambda: png(0, 0, chunk(b"IDAT", zlib.compress(b""))),
        "a PNG of 7,000 by 6,000 that is nothing": lambda: png(
            7000, 6000, chunk(b"IDAT", zeros(100 * MIB)), depth=1, colour=0
        ),
        "a PNG of forty million pixels": lambda: png(
            6300, 6300, chunk(b"IDAT", zeros(6300 * 6301)), colour=0
        ),
        "a PNG of forty million laced pixels of 16 bits": lambda: png(
            6300, 6300, chunk(b"IDAT", zeros(6400 * 6400 * 8)), depth=16, colour=6, laced=True
        ),
        "a PNG whose pixels swell a thousandfold": lambda: png(
            1, 1, chunk(b"IDAT", zeros(64 * MIB))
        ),
        "a PNG whose profile swells a thousandfold": lambda: png(
            1,
            1,
            chunk(b"iCCP", b"a\0\0" + zeros(64 * MIB)),
            chunk(b"IDAT", zlib.compress(bytes(4))),
        ),
        "a PNG whose text swells a thousandfold": lambda: png(
            1,
            1,
            chunk(b"zTXt", b"a\0\0" + zeros(64 * MIB)),
            chunk(b"IDAT", zlib.compress(bytes(4))),
        ),
        "a PNG of a thousand swelling texts": lambda: png(
            1,
            1,
            chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(MIB)) * 1000,
            chunk(b"IDAT", zlib.compress(bytes(4))),
        ),
        "a PNG of a hundred thousand chunks": lambda: png(
            1, 1, chunk(b"tEXt", b"a\0b") * 100_000, chunk(b"IDAT", zlib.compress(bytes(4)))
        ),
        "a PNG whose chunk has no end": lambda: png(
            9, 9, chunk(b"IDAT", zlib.compress(bytes(300)), length=2**31 - 1)
        ),
        "a PNG whose sums are wrong": lambda: png(
            9, 9, chunk(b"IDAT", zlib.compress(bytes(300)), crc=1)
        ),
        "a PNG without pixels": lambda: png(9, 9),
        "a PNG with half of its pixels": lambda: drawn("PNG", 400, 400)[:-3000],
        "a PNG whose palette is missing": lambda: png(
            9, 9, chunk(b"IDAT", zlib.compress(bytes(100))), colour=3
        ),
        "a PNG of a depth that cannot be": lambda: png(
            9, 9, chunk(b"IDAT", zlib.compress(bytes(300))), depth=7, colour=9
        ),
        "a PNG with two headers": lambda: png(
            9,
            9,
            chunk(b"IHDR", struct.pack(">IIBBBBB", 2**30, 2**30, 8, 2, 0, 0, 0)),
            chunk(b"IDAT", zlib.compress(bytes(300))),
        ),
        "a PNG that moves ten thousand times": lambda: png(
            1,
            1,
            chunk(b"acTL", struct.pack(">II", 10_000, 0)),
            chunk(b"IDAT", zlib.compress(bytes(4))),
            chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 0, 0, 0, 0)) * 10_000,
        ),
        "a PNG with a place in it": lambda: png(
            1,
            1,
            chunk(b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 200),
            chunk(b"IDAT", zlib.compress(bytes(4))),
        ),
    }
)

# ---------------------------------------------------------------- JPEG


def of_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG, saying another size of itself."""
    at = next(at for at in (jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2")) if at >= 0)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def after_start(jpeg: bytes, *segments: bytes) -> bytes:
    """The JPEG with these before all of its own segments."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def exif(content: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + content)


def scans(times: int, side: int = 4000) -> bytes:
    """A progressive JPEG with its first scan so many times over."""
    whole = of_size(drawn("JPEG", 64, 48, progressive=True), side, side)
    begin = whole.index(b"\xff\xda")
    end = whole.index(b"\xff", begin + 20)
    while whole[end + 1] == 0:
        end = whole.index(b"\xff", end + 1)
    return whole[:end] + whole[begin:end] * times + whole[end:]


TIFF_LOOP = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIII", 1, 0x8769, 4, 1, 8, 8)

PICTURES.each(
    {
        "a JPEG of 65,500 by 65,500": lambda: of_size(drawn("JPEG"), 65_500, 65_500),
        "a JPEG of 6,300 by 6,300 that ends at once": lambda: of_size(drawn("JPEG"), 6300, 6300),
        "a JPEG of no size": lambda: of_size(drawn("JPEG"), 0, 0),
        "a JPEG of eighty scans of forty million pixels": lambda: scans(80, 6300),
        "a JPEG of a thousand scans": lambda: scans(1000),
        "a JPEG of twenty thousand scans": lambda: scans(20_000),
        "a JPEG without an end": lambda: drawn("JPEG", 500, 500)[:-2000],
        "a JPEG that is only its beginning": lambda: b"\xff\xd8\xff",
        "a JPEG of filling": lambda: filled(b"\xff\xd8", b"\xff", b"\xd9", most=MIB),
        "a JPEG of restarts": lambda: after_start(drawn("JPEG"), b"\xff\xd0" * 100_000),
        "a JPEG of ten thousand comments": lambda: after_start(
            drawn("JPEG"), *[segment(0xFE, b"a" * 60)] * 10_000
        ),
        "a JPEG whose segment says it has no length": lambda: after_start(
            drawn("JPEG"), b"\xff\xe1\0\0"
        ),
        "a JPEG whose Exif loops": lambda: after_start(drawn("JPEG"), exif(TIFF_LOOP)),
        "a JPEG whose Exif says it has 65,535 fields": lambda: after_start(
            drawn("JPEG"), exif(b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 2000)
        ),
        "a JPEG turned in a way there is none": lambda: after_start(
            drawn("JPEG"), exif(b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x112, 3, 1, 99, 0))
        ),
        "a JPEG whose profile comes in pieces that lie": lambda: after_start(
            drawn("JPEG"), *[segment(0xE2, b"ICC_PROFILE\0\xff\x01" + b"a" * 60_000)] * 200
        ),
        "a JPEG with a place, a name and what comes behind": lambda: (
            after_start(drawn("JPEG"), exif(b"MM\0*" + b"\0" * 20), segment(0xFE, b"a person"))
            + zipped(a=b"a person")
        ),
        "a JPEG of a kind nobody reads": lambda: drawn("JPEG").replace(b"\xff\xc0", b"\xff\xc9"),
        "a JPEG of five colours": lambda: (
            b"\xff\xd8"
            + segment(0xC0, struct.pack(">BHHB", 8, 9, 9, 5) + b"\1\x11\0" * 5)
            + b"\xff\xd9"
        ),
        "a JPEG of tables that lie": lambda: after_start(
            drawn("JPEG"),
            segment(0xC4, b"\0" + b"\xff" * 16 + bytes(200)),
            segment(0xDB, b"\xff" * 64),
        ),
        "a JPEG that is a ZIP that is a PDF": a_JPEG_that_is_a_ZIP_that_is_a_PDF,
    }
)

# ---------------------------------------------------------------- GIF, WebP, HEIF, TIFF, BMP, ICO


def gif(frames: int, width: int = 1, height: int = 1, *, delay: int = 0) -> bytes:
    """A GIF that moves: so many frames."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    one = b"\x21\xf9\x04\0" + struct.pack("<H", delay) + b"\0\0"
    one += b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\0"
    return head + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + one * frames + b";"


def riff(form: bytes, *chunks: tuple[bytes, bytes], size: int | None = None) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4 if size is None else size) + form + body


def box(name: bytes, content: bytes = b"", *, size: int | None = None) -> bytes:
    """A box of ISO/IEC 14496-12, perhaps with a size that is not its own."""
    return struct.pack(">I", len(content) + 8 if size is None else size) + name + content


def full(name: bytes, content: bytes = b"", *, version: int = 0) -> bytes:
    return box(name, bytes([version, 0, 0, 0]) + content)


HEIC = box(b"ftyp", b"heic\0\0\0\0mif1heic")


def grid(rows: int, columns: int, width: int, height: int) -> bytes:
    """A HEIF whose picture is a grid of itself."""
    cells = bytes([0, 1, rows & 255, columns & 255]) + struct.pack(">II", width, height)
    meta = full(
        b"meta",
        full(b"hdlr", b"\0\0\0\0pict" + bytes(13))
        + full(b"pitm", b"\0\1")
        + full(b"iinf", b"\0\1" + full(b"infe", b"\0\1\0\0grid\0", version=2))
        + full(b"iref", box(b"dimg", struct.pack(">HH", 1, 60_000) + b"\0\1" * 60_000))
        + box(b"iprp", box(b"ipco", full(b"ispe", struct.pack(">II", width, height))))
        + box(b"idat", cells),
    )
    return HEIC + meta


PICTURES.each(
    {
        "a GIF of ten thousand frames": lambda: gif(10_000),
        "a GIF of a thousand frames of 2,000 by 2,000": lambda: gif(1000, 2000, 2000, delay=4),
        "a GIF of ten thousand frames of 5,000 by 5,000": lambda: gif(10_000, 5000, 5000),
        "a GIF of 65,535 by 65,535": lambda: gif(1, 65_535, 65_535),
        "a GIF that moves once in ten minutes": lambda: gif(500, delay=65_535),
        "a GIF of blocks without an end": lambda: gif(1)[:-1] + b"\x21\xfe" + b"\xff" * MIB,
        "a GIF of codes that cannot be": lambda: gif(1).replace(b"\x02\x4c\x01", b"\xff\x4c\x01"),
        "a GIF that is a JAR": a_GIF_that_is_a_JAR,
        "a WebP of 16,383 by 16,383": lambda: riff(
            b"WEBP", (b"VP8L", b"\x2f" + struct.pack("<I", 16_382 | 16_382 << 14) + bytes(50))
        ),
        "a WebP of sixteen million by sixteen million": lambda: riff(
            b"WEBP", (b"VP8X", b"\x02" + bytes(3) + b"\xff" * 6), (b"ANIM", bytes(6))
        ),
        "a WebP that moves ten thousand times": lambda: riff(
            b"WEBP",
            (b"VP8X", b"\x02" + bytes(9)),
            (b"ANIM", bytes(6)),
            *[(b"ANMF", bytes(16) + b"VP8L\x05\0\0\0\x2f\0\0\0\0\0")] * 10_000,
        ),
        "a WebP whose size lies": lambda: riff(b"WEBP", (b"VP8 ", bytes(30)), size=2**32 - 1),
        "a WebP of chunks without an end": lambda: riff(b"WEBP", *[(b"XMP ", b"a")] * 50_000),
        "a HEIF of a grid of itself": lambda: grid(255, 255, 65_535, 65_535),
        "a HEIF of 4 billion by 4 billion": lambda: grid(0, 0, 2**32 - 1, 2**32 - 1),
        "a HEIF of boxes in boxes": lambda: (
            HEIC + box(b"meta" + bytes(4) + box(b"iprp", bytes(9))) * 1000
        ),
        "a HEIF of nothing": lambda: HEIC,
        "a HEIF whose box has no end": lambda: HEIC + box(b"meta", b"a" * 50, size=2**31),
        "an AVIF of a grid of itself": lambda: grid(255, 255, 9, 9).replace(b"heic", b"avif"),
        "a TIFF whose pages loop": lambda: b"II*\0\x08\0\0\0" + bytes(2) + struct.pack("<I", 8),
        "a TIFF of 4 billion by 4 billion": lambda: (
            b"II*\0\x08\0\0\0"
            + struct.pack("<HHHIIHHIII", 2, 256, 4, 1, 2**32 - 1, 257, 4, 1, 2**32 - 1, 0)
        ),
        "a BMP of runs without an end": lambda: (
            b"BM"
            + struct.pack("<IIIIiiHHIIIIII", 100, 0, 54, 40, 2**31 - 1, -1, 1, 8, 1, 0, 0, 0, 0, 0)
            + b"\xff\0" * 1000
        ),
        "an ICO of 65,535 pictures": lambda: b"\0\0\1\0\xff\xff" + b"\xff" * 16 * 1000,
        "a PSD": lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 56, 30_000, 30_000, 8, 3),
        "an EPS that runs a program": lambda: (
            b"%!PS-Adobe-3.0 EPSF\n%%BoundingBox: 0 0 1 1\n(a) run\n"
        ),
        "a JPEG 2000": lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"ftyp", b"jp2 \0\0\0\0jp2 "),
        "a WMF": lambda: b"\xd7\xcd\xc6\x9a" + bytes(100),
        "an SVG that runs a script": an_SVG_that_runs_a_script,
        "an SVG of a billion laughs": an_SVG_of_a_billion_laughs,
        "a PDF that runs a script": a_PDF_that_runs_a_script,
        "a PNG that is a script": a_PNG_that_is_a_script,
        "nothing": lambda: b"",
        "blanks": lambda: b" " * MIB,
        "zeros": lambda: bytes(MIB),
        "noise": lambda: bytes(range(256)) * 4000,
    }
)

# ---------------------------------------------------------------- MP4 and MOV

ISOM = box(b"ftyp", b"isom\0\0\0\0isommp42")


def track(*tables: bytes, entry: bytes = b"", data: bytes = b"") -> bytes:
    """A film of one track with these tables."""
    sample = entry or box(
        b"avc1", bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", 64, 48) + bytes(50)
    )
    stbl = box(b"stbl", full(b"stsd", struct.pack(">I", 1) + sample) + b"".join(tables))
    refs = data or full(b"dref", struct.pack(">I", 1) + full(b"url ", b""))
    minf = box(b"minf", full(b"vmhd", bytes(8)) + box(b"dinf", refs) + stbl)
    mdia = box(
        b"mdia",
        full(b"mdhd", bytes(8) + struct.pack(">IIHH", 1000, 1000, 0, 0))
        + full(b"hdlr", b"\0\0\0\0vide" + bytes(13))
        + minf,
    )
    tkhd = full(
        b"tkhd",
        bytes(8) + struct.pack(">I", 1) + bytes(64) + struct.pack(">II", 64 << 16, 48 << 16),
    )
    mvhd = full(b"mvhd", bytes(8) + struct.pack(">II", 1000, 1000) + bytes(80))
    return ISOM + box(b"moov", mvhd + box(b"trak", tkhd + mdia)) + box(b"mdat", bytes(1000))


def table(name: bytes, *numbers: int, form: str = "I") -> bytes:
    return full(name, struct.pack(f">{len(numbers)}{form}", *numbers))


def elsewhere(url: bytes) -> bytes:
    """Where a film says that its samples lie."""
    return full(b"dref", struct.pack(">I", 1) + box(b"url ", bytes(4) + url + b"\0"))


FILMS.each(
    {
        "an MP4 of 4 billion samples": lambda: track(table(b"stsz", 0, 2**32 - 1)),
        "an MP4 of samples of 4 billion bytes": lambda: track(
            table(b"stsz", 2**32 - 1, 100), table(b"stco", 1, 0), table(b"stsc", 1, 1, 100, 1)
        ),
        "an MP4 of 4 billion times": lambda: track(table(b"stts", 2**32 - 1, 1, 1)),
        "an MP4 whose samples last for ever": lambda: track(
            table(b"stts", 1, 2**32 - 1, 2**32 - 1),
            table(b"stsz", 1, 1000),
            table(b"stsc", 1, 1, 1, 1),
            table(b"stco", 1, 700),
        ),
        "an MP4 whose samples lie behind its end": lambda: track(
            full(b"co64", struct.pack(">IQ", 1, 2**63)),
            table(b"stsz", 1, 1),
            table(b"stsc", 1, 1, 1, 1),
            table(b"stts", 1, 1, 1),
        ),
        "an MP4 of a table that says it is larger than it is": lambda: track(
            table(b"ctts", 2**31, 0)
        ),
        "an MP4 of edits that go back": lambda: track(
            box(b"edts", full(b"elst", struct.pack(">IIiI", 2**28, 1, -2, 0)))
        ),
        "an MP4 whose samples lie in a file": lambda: track(data=elsewhere(b"file:///etc/passwd")),
        "an MP4 whose samples lie at this machine": lambda: track(
            data=elsewhere(b"http://127.0.0.1:{port}/a")
        ),
        "a MOV by an alias": lambda: track(
            data=full(b"dref", struct.pack(">I", 1) + box(b"alis", bytes(150) + b"/etc/passwd\0"))
        ),
        "an MP4 whose data have no end": lambda: ISOM + box(b"mdat", b"a" * 5000, size=0),
        "an MP4 whose box is larger than all files": lambda: (
            ISOM + struct.pack(">I4sQ", 1, b"mdat", 2**63) + bytes(500)
        ),
        "an MP4 of boxes of no size": lambda: ISOM + box(b"moov", box(b"trak", size=0) * 1000),
        "an MP4 of boxes in boxes": lambda: ISOM + _deep(b"moov", 2000),
        "an MP4 of a hundred thousand tracks": lambda: ISOM + box(b"moov", box(b"trak") * 100_000),
        "an MP4 of a hundred thousand places": lambda: (
            ISOM
            + box(
                b"moov",
                box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+35.6892+051.3890/") * 100_000),
            )
        ),
        "an MP4 of a title of a megabyte": lambda: (
            ISOM
            + box(
                b"moov",
                box(
                    b"udta", full(b"meta", box(b"ilst", box(b"\xa9nam", box(b"data", b"a" * MIB))))
                ),
            )
        ),
        "an MP4 whose header is packed": lambda: (
            ISOM
            + box(
                b"moov",
                box(b"cmov", box(b"dcom", b"zlib") + box(b"cmvd", b"\xff" * 4 + zeros(16 * MIB))),
            )
        ),
        "an MP4 of fragments without a track": lambda: (
            ISOM
            + box(b"moof", full(b"mfhd", bytes(4)) + box(b"traf", full(b"trun", b"\xff" * 200)))
            * 1000
        ),
        "an MP4 of 65,535 by 65,535": lambda: track(
            entry=box(b"mp4v", bytes(6) + b"\0\1" + bytes(16) + b"\xff" * 4 + bytes(50))
        ),
        "an MP4 of a codec that nobody has": lambda: track(
            entry=box(b"zzzz", bytes(6) + b"\0\1" + bytes(70))
        ),
        "an MP4 that is encrypted": lambda: track(
            entry=box(b"encv", bytes(6) + b"\0\1" + bytes(70) + box(b"sinf", box(b"frma", b"avc1")))
        ),
        "an MP4 of its first box": lambda: ISOM,
        "an MP4 before it begins": lambda: box(b"mdat", b"a" * 500),
    }
)


def _deep(name: bytes, levels: int) -> bytes:
    made = b""
    for _ in range(levels):
        made = box(name, made)
    return made


# ---------------------------------------------------------------- Matroska, AVI, playlists


def ebml(id: str, content: bytes = b"", *, size: bytes = b"") -> bytes:
    """An element of EBML (RFC 8794), perhaps with a size that is not its own."""
    return bytes.fromhex(id) + (size or b"\x08" + struct.pack(">I", len(content))) + content


def mkv(*elements: bytes) -> bytes:
    head = ebml("1a45dfa3", ebml("4282", b"matroska"))
    return head + ebml("18538067", b"".join(elements), size=b"\x01" + b"\xff" * 7)


ANY = b"\x01" + b"\xff" * 7

FILMS.each(
    {
        "a Matroska whose sizes are unknown": lambda: mkv(
            ebml("1f43b675", b"a" * 100, size=ANY) * 500
        ),
        "a Matroska of sizes past its end": lambda: mkv(
            ebml("1654ae6b", b"", size=b"\x01\x7f\xff\xff\xff\xff\xff\xff")
        ),
        "a Matroska of elements in elements": lambda: mkv(bytes.fromhex("1654ae6b") * 5000),
        "a Matroska of a hundred thousand tracks": lambda: mkv(
            ebml("1654ae6b", ebml("ae", ebml("d7", b"\1") + ebml("83", b"\1")) * 50_000)
        ),
        "a Matroska of laces that lie": lambda: mkv(
            ebml(
                "1654ae6b", ebml("ae", ebml("d7", b"\1") + ebml("83", b"\1") + ebml("86", b"V_VP8"))
            ),
            ebml("1f43b675", ebml("a3", b"\x81\0\0\x06" + b"\xff" * 300)),
        ),
        "a Matroska whose header is packed": lambda: mkv(
            ebml(
                "1654ae6b",
                ebml("ae", ebml("63a2", zeros(16 * MIB)) + ebml("86", b"V_MPEG4/ISO/AVC")),
            )
        ),
        "a Matroska with fonts and files": lambda: mkv(
            ebml(
                "1941a469",
                ebml("61a7", ebml("466e", b"../../a.ttf") + ebml("465c", bytes(MIB))) * 9,
            )
        ),
        "a Matroska of chapters that name another": lambda: mkv(
            ebml("1043a770", ebml("45b9", ebml("b6", ebml("6e67", b"a" * 16)))),
            ebml("3eb923", bytes(16)),
        ),
        "an AVI whose index lies": lambda: riff(
            b"AVI ",
            (b"LIST", b"hdrl" + b"avih" + struct.pack("<I", 56) + b"\xff" * 56),
            (b"idx1", b"00dc" + b"\xff" * 12 + b"01wb" * 4000),
        ),
        "an AVI of lists in lists": lambda: riff(
            b"AVI ", (b"LIST", b"movi" + b"LIST\xff\xff\xff\x7fmovi" * 5000)
        ),
        "an AVI that is subtitles": lambda: riff(
            b"AVI ", (b"LIST", b"movi"), (b"GAB2", b"\0#EXTM3U\n")
        ),
        "a playlist of a file": lambda: (
            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n"
        ),
        "a playlist of this machine": lambda: (
            b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n"
        ),
        "a playlist that joins a file to an address": lambda: (
            b"#EXTM3U\n#EXTINF:1,\nconcat:http://127.0.0.1:{port}/?|file:///etc/passwd\n"
        ),
        "a list of files to join": lambda: (
            b"ffconcat version 1.0\nfile /etc/passwd\nfile /dev/zero\n"
        ),
        "a DASH of this machine": lambda: (
            b'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet>'
            b"<BaseURL>http://127.0.0.1:{port}/</BaseURL></AdaptationSet></Period></MPD>"
        ),
        "a session that is described": lambda: (
            b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=video {port} RTP/AVP 26\r\n"
        ),
        "subtitles with a font": lambda: b"[Script Info]\n[Fonts]\nfontname: a\n" + b"!!!!" * 5000,
        "subtitles": lambda: b"1\n00:00:00,000 --> 99:99:99,999\n<font face='a'>\n\n" * 2000,
        "a transport stream of noise": lambda: (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 3000,
        "a program stream of noise": lambda: (
            b"\0\0\1\xba" + bytes(10) + (b"\0\0\1\xe0\xff\xff" + bytes(90)) * 500
        ),
        "a Flash film": lambda: b"FLV\x01\x05\0\0\0\x09" + b"\xff" * 5000,
        "a RealMedia": lambda: b".RMF" + b"\xff" * 500,
        "an ASF of sizes that lie": lambda: (
            bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\xff" * 900
        ),
    }
)

# ---------------------------------------------------------------- sounds


def wav(seconds: float = 0.1, *, rate: int = 8000) -> bytes:
    """A tone."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        tones = (int(9000 * math.sin(n / 9)) for n in range(int(seconds * rate)))
        file.writeframes(struct.pack(f"<{int(seconds * rate)}h", *tones))
    return made.getvalue()


def fmt(channels: int, rate: int, bits: int, *, code: int = 1) -> tuple[bytes, bytes]:
    width = max(1, channels * bits // 8) & 0xFFFF
    return b"fmt ", struct.pack(
        "<HHIIHH", code, channels, rate, (rate * width) & 0xFFFFFFFF, width, bits
    )


def page(content: bytes, *, flags: int = 2, at: int = 0, number: int = 0) -> bytes:
    """A page of Ogg (RFC 3533), its sum left out."""
    laces = bytes([255] * (len(content) // 255) + [len(content) % 255])
    return b"OggS\0" + struct.pack("<BQIIIB", flags, at, 1, number, 0, len(laces)) + laces + content


OPUS = b"OpusHead\1\2\0\0" + struct.pack("<I", 48_000) + b"\0\0\0"

FILMS.each(
    {
        "a WAV whose size lies": lambda: wav().replace(b"data", b"data\xff\xff\xff\x7f", 1),
        "a WAV of 65,535 channels": lambda: riff(
            b"WAVE", fmt(65_535, 8000, 8), (b"data", bytes(70_000))
        ),
        "a WAV of 4 billion samples a second": lambda: riff(
            b"WAVE", fmt(1, 2**32 - 1, 16), (b"data", bytes(5000))
        ),
        "a WAV of no samples a second": lambda: riff(
            b"WAVE", fmt(1, 0, 16), (b"data", bytes(5000))
        ),
        "a WAV of one sample a second": lambda: riff(
            b"WAVE", fmt(1, 1, 8), (b"data", bytes(100_000))
        ),
        "a WAV of a code nobody has": lambda: riff(
            b"WAVE", fmt(1, 8000, 16, code=0x7FFF), (b"data", bytes(99))
        ),
        "a WAV of lists without an end": lambda: riff(
            b"WAVE", fmt(1, 8000, 16), *[(b"LIST", b"INFOINAM")] * 50_000, (b"data", bytes(99))
        ),
        "a WAV of nothing": lambda: riff(b"WAVE"),
        "an MP3 whose tag says it has 256 MB": lambda: (
            b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"\xff\xfb\x90\0" * 100
        ),
        "an MP3 of ten thousand pictures": lambda: (
            b"ID3\x03\0\0\0\x3f\x7f\x7f"
            + (b"APIC" + struct.pack(">I", 40) + b"\0\0" + b"\0image/png\0\3\0" + bytes(26))
            * 10_000
        ),
        "an MP3 whose tag swells": lambda: (
            b"ID3\x04\0\x80\0\x0f\x7f\x7f" + b"APIC\0\0\x7f\x7f\0\x08" + zeros(16 * MIB)
        ),
        "an MP3 of frames that are none": lambda: b"\xff\xfb\x90\0" + b"\xff\xfb" * 100_000,
        "an MP3 of tags and nothing else": lambda: (b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)) * 10_000,
        "an MP3 that says it is ten days long": lambda: (
            b"\xff\xfb\x90\0" + bytes(32) + b"Xing\0\0\0\3" + b"\xff" * 8 + bytes(400)
        ),
        "an Ogg of pages without an end": lambda: page(OPUS) + page(b"", flags=0) * 50_000,
        "an Ogg of pages of other streams": lambda: b"".join(
            page(OPUS)[:14] + struct.pack("<I", n) + page(OPUS)[18:] for n in range(10_000)
        ),
        "an Ogg that ends after the end of time": lambda: (
            page(OPUS) + page(b"a", flags=4, at=2**63 - 1, number=1)
        ),
        "an Ogg of comments that say they have 4 billion": lambda: (
            page(OPUS) + page(b"OpusTags" + b"\xff\xff\xff\xff" * 3, flags=0, number=1)
        ),
        "an Ogg of a codec that nobody has": lambda: page(b"\x80nobody" + bytes(50)),
        "an Opus of 255 channels": lambda: page(OPUS[:9] + b"\xff" + OPUS[10:] + b"\xff" * 20),
        "an AMR of frames that are none": lambda: b"#!AMR\n" + b"\x7c" * 50_000,
        "an AMR of silence for a day": lambda: b"#!AMR\n" + b"\x44" + bytes(5) + b"\x7c" * 400_000,
        "an AMR of one byte": lambda: b"#!AMR\n\x04",
        "a FLAC of 655,350 samples a second": lambda: (
            b"fLaC\x80\0\0\x22" + b"\xff" * 34 + bytes(500)
        ),
        "a FLAC of blocks without an end": lambda: (
            b"fLaC\0\0\0\x22" + bytes(34) + b"\1\xff\xff\xff" * 5000
        ),
        "an AAC of frames of no length": lambda: b"\xff\xf1\x50\x80\0\0\xfc" * 20_000,
        "an AAC of frames longer than it": lambda: b"\xff\xf1\x50\x83\xff\xff\xfc" + bytes(100),
        "a MIDI": lambda: b"MThd\0\0\0\6\0\1\xff\xff\0\x60",
        "a CAF": lambda: b"caff\0\1\0\0desc" + b"\xff" * 60,
        "an AIFF": lambda: b"FORM\xff\xff\xff\xffAIFFCOMM" + b"\xff" * 40,
    }
)

Made = Callable[[], bytes]
MEDIA = Corpus({**PICTURES, **FILMS})
