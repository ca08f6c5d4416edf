"""Makers of pictures with everything in them that cameras and programs write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from functools import cache
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

MARK = "Zq7Marker"
"""How everything begins that names somebody, and that must be nowhere in what is published."""

WIDTH, HEIGHT = 64, 48
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 160, 30), (30, 30, 220), (250, 250, 250)
CORNERS = (RED, GREEN, BLUE, WHITE)
"""Of a picture that stands upright: top left, top right, bottom left, bottom right."""

pillow_heif.register_heif_opener()


def picture(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Four rectangles of different colours: it shows which side is up."""
    made = Image.new("RGB", (width, height))
    for at, colour in enumerate(CORNERS):
        box = (at % 2 * (width // 2), at // 2 * (height // 2))
        made.paste(Image.new("RGB", (width - width // 2, height - height // 2), colour), box)
    return made


def corners_of(content: bytes | Image.Image) -> tuple[str, ...]:
    """Which colour stands in each corner, in words."""
    image = content if isinstance(content, Image.Image) else Image.open(BytesIO(content))
    image = image.convert("RGB")
    width, height = image.size
    spots = [(x, y) for y in (height // 6, height * 5 // 6) for x in (width // 6, width * 5 // 6)]
    names = ("red", "green", "blue", "white")
    found = []
    for spot in spots:
        seen = image.getpixel(spot)
        assert isinstance(seen, tuple)
        away = [sum(abs(a - b) for a, b in zip(seen, one, strict=False)) for one in CORNERS]
        found.append(names[away.index(min(away))])
    return tuple(found)


UPRIGHT = ("red", "green", "blue", "white")

LIES: Mapping[int, Image.Transpose | None] = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a picture lies in a file with this EXIF orientation, so that it stands when it is shown."""


def lying(orientation: int, image: Image.Image | None = None) -> Image.Image:
    """The picture as such a file holds it."""
    upright = image or picture()
    turn = LIES[orientation]
    return upright if turn is None else upright.transpose(turn)


def exif(orientation: int = 1) -> bytes:
    """EXIF with a device, a person, a position, a maker's note and a thumbnail (TIFF inside)."""
    thumbnail = BytesIO()
    Image.new("RGB", (16, 12), RED).save(thumbnail, "JPEG", comment=f"{MARK}-thumbnail")
    about = {
        0x010F: f"{MARK}-make",
        0x0110: f"{MARK}-model",
        0x0112: orientation,
        0x0131: f"{MARK}-software",
        0x0132: "2026:01:08 21:30:00",
        0x013B: f"{MARK}-artist",
        0x8298: f"{MARK}-copyright",
        0x8769: {
            0x9003: "2026:01:08 21:30:00",
            0x927C: f"{MARK}-makernote".encode(),
            0x9286: b"ASCII\0\0\0" + f"{MARK}-comment".encode(),
            0xA431: f"{MARK}-serial",
        },
        0x8825: {
            1: "N",
            2: [(35, 1), (41, 1), (2111, 100)],
            3: "E",
            4: [(51, 1), (25, 1), (1234, 100)],
            27: b"ASCII\0\0\0" + f"{MARK}-gps".encode(),
        },
    }
    return _tiff(about, thumbnail.getvalue())


def _tiff(about: Mapping[int, object], thumbnail: bytes) -> bytes:
    first = _directory(about, 8)
    start = 8 + len(first)
    second = _directory({0x0103: 6, 0x0201: 0, 0x0202: len(thumbnail)}, start)
    second = _directory({0x0103: 6, 0x0201: start + len(second), 0x0202: len(thumbnail)}, start)
    link = 10 + 12 * len(about)
    head = b"II*\0" + struct.pack("<I", 8)
    whole = head + first + second + thumbnail
    return whole[:link] + struct.pack("<I", start) + whole[link + 4 :]


def _directory(about: Mapping[int, object], at: int) -> bytes:
    """An image file directory that begins at this offset, with everything it points to."""
    entries, behind = b"", b""
    end = at + 2 + 12 * len(about) + 4
    for tag, value in sorted(about.items()):
        if isinstance(value, dict):
            kind, count, data = 4, 1, struct.pack("<I", end + len(behind))
            behind += _directory(value, end + len(behind))
        elif isinstance(value, int):
            kind, count, data = 4, 1, struct.pack("<I", value)
        elif isinstance(value, str):
            kind, count, data = 2, len(value) + 1, value.encode() + b"\0"
        elif isinstance(value, bytes):
            kind, count, data = 7, len(value), value
        else:
            assert isinstance(value, list)
            kind, count = 5, len(value)
            data = b"".join(struct.pack("<II", *one) for one in value)
        if len(data) > 4:
            behind, data = behind + data, struct.pack("<I", end + len(behind))
        entries += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
    return struct.pack("<H", len(about)) + entries + bytes(4) + behind


def xmp() -> bytes:
    """A packet of XMP."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        'syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'dc:source="{MARK}-xmp"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def profile() -> bytes:
    """A colour profile (sRGB) with a name in it."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    name = b"sRGB built-in".decode().encode("utf-16-be")
    assert name in made
    return made.replace(name, f"{MARK}-icc".ljust(13).encode("utf-16-be"))


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def _iptc() -> bytes:
    text = f"{MARK}-iptc".encode()
    record = b"\x1c\x02\x50" + struct.pack(">H", len(text)) + text  # by-line
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record


def jpeg(orientation: int = 1, image: Image.Image | None = None, trailer: bytes = b"") -> bytes:
    """A photograph with all that a camera and a program write, and something behind its end."""
    out = BytesIO()
    lying(orientation, image).save(out, "JPEG", quality=95)
    plain = out.getvalue()
    planted = (
        _segment(0xE1, b"Exif\0\0" + exif(orientation))
        + _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp())
        + _segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile())
        + _segment(0xED, _iptc())
        + _segment(0xEB, f"JP {MARK}-jumbf".encode())
        + _segment(0xFE, f"{MARK}-comment".encode())
    )
    return plain[:2] + planted + plain[2:] + f"{MARK}-trailer".encode() + trailer


def png(orientation: int = 1, image: Image.Image | None = None) -> bytes:
    """What programs write for a screen: texts of three kinds, EXIF, a time, a chunk of its own."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", f"{MARK}-text")
    info.add_text("Comment", f"{MARK}-ztxt", zip=True)
    info.add_itxt("XML:com.adobe.xmp", xmp().decode())
    info.add(b"tIME", struct.pack(">HBBBBB", 2026, 1, 8, 21, 30, 0))
    info.add(b"prVt", f"{MARK}-private".encode())
    out = BytesIO()
    lying(orientation, image).save(
        out, "PNG", pnginfo=info, exif=exif(orientation), icc_profile=profile(), dpi=(300, 301)
    )
    return out.getvalue() + f"{MARK}-trailer".encode()


def webp(orientation: int = 1, image: Image.Image | None = None) -> bytes:
    """WebP with EXIF, XMP and a profile."""
    out = BytesIO()
    lying(orientation, image).save(
        out, "WEBP", quality=95, exif=exif(orientation), xmp=xmp(), icc_profile=profile()
    )
    return out.getvalue()


def avif(orientation: int = 1, image: Image.Image | None = None) -> bytes:
    """AVIF with EXIF, XMP and a profile."""
    out = BytesIO()
    lying(orientation, image).save(
        out, "AVIF", quality=95, exif=exif(orientation), xmp=xmp(), icc_profile=profile()
    )
    return out.getvalue()


def heic(orientation: int = 1, image: Image.Image | None = None, tile: int = 0) -> bytes:
    """HEIC with EXIF, XMP and a profile; its encoder turns the orientation into one of HEIF. With
    ``tile`` it is put together from squares of so many pixels, as telephones do."""
    out = BytesIO()
    made = lying(orientation, image)
    made.save(
        out,
        "HEIF",
        quality=95,
        exif=exif(orientation),
        xmp=xmp(),
        icc_profile=profile(),
        tile_size=tile,
    )
    return out.getvalue()


def mpo() -> bytes:
    """A JPEG with a second picture behind the first, as telephones write it for depth."""
    out = BytesIO()
    second = Image.new("RGB", (WIDTH, HEIGHT), RED)
    picture().save(
        out, "MPO", save_all=True, append_images=[second], exif=exif(), comment=f"{MARK}-mpo"
    )
    return out.getvalue()


def gif(image: Image.Image | None = None, pictures: int = 1) -> bytes:
    """GIF with a comment; with more than one picture it moves."""
    out = BytesIO()
    frames = [(image or picture()).rotate(90 * at) for at in range(pictures)]
    frames[0].save(
        out,
        "GIF",
        comment=f"{MARK}-comment".encode(),
        save_all=pictures > 1,
        append_images=frames[1:],
        duration=100,
    )
    return out.getvalue()


PICTURES = {"jpeg": jpeg, "png": png, "webp": webp, "avif": avif, "heic": heic}
"""Makers of every kind, each by the orientation that its file declares."""


@cache
def bomb_png(width: int, height: int) -> bytes:
    """A black PNG of that size: 20,000 x 20,000 are 48 kB."""

    def chunk(name: bytes, data: bytes) -> bytes:
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    packed, row = zlib.compressobj(9), bytes(1 + (width + 7) // 8)
    data = b"".join(packed.compress(row) for _ in range(height)) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
