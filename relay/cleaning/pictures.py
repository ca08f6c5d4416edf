"""From the bytes of a picture to its pixels, and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from relay.cleaning.colours import in_srgb, plain, without_hidden
from relay.cleaning.kinds import Picture
from relay.cleaning.refused import NotClean
from relay.cleaning.scans import scans

MAX_PIXELS: Final = 40_000_000
"""What is decoded at most: 160 MB of memory. Telephones write 12 million, few more than 50."""

MAX_SIDE: Final = 20_000
"""Pixels of one side: panoramas have up to 16,000."""

TOO_LARGE: Final = "too large to open: more than 40 million pixels"

MAX_SCANS: Final = 100
"""How often a JPEG may go over its pixels: programs write up to 12 scans."""

MIN_SIDE: Final = 8
"""Pixels of one side under which there is nothing to see: mails carry dots that tell who read
them, and spacers."""

_DRAWN: Final = frozenset({"PNG", "GIF"})

_ORIENTATION: Final = 0x0112  # EXIF 2.32 section 4.6.4
_TURNED: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, repr=False)
class Pixels:
    """A picture as it is shown: ``image`` is RGB or RGBA in sRGB, upright, and knows nothing of
    the file it came from. ``drawn`` says that it came from a format that keeps every pixel as it
    was: what people take of a screen."""

    image: Image.Image
    drawn: bool = False


def decode(content: bytes, kind: Picture, side: int) -> Pixels:
    """The first picture in these bytes, with no side longer than ``side``. Raises NotClean, and
    whatever Pillow raises at damaged bytes."""
    if kind.format == "JPEG" and scans(content) > MAX_SCANS:
        raise NotClean("too much work to open")
    opened = _opened(content, kind)
    check_size(opened.size)
    opened.load()
    profile = opened.info.get("icc_profile")
    turned = _turned(opened, kind)
    image = plain(opened)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image = in_srgb(without_hidden(image), profile if isinstance(profile, bytes) else b"")
    if turned is not None:
        image = image.transpose(turned)
    return Pixels(Image.frombytes(image.mode, image.size, image.tobytes()), kind.format in _DRAWN)


def _opened(content: bytes, kind: Picture) -> Image.Image:
    """Its header read. Where Pillow knows that it is far too large, it says so in its own words."""
    try:
        return Image.open(BytesIO(content), formats=(kind.format,))
    except Image.DecompressionBombError:
        raise NotClean(TOO_LARGE) from None


def check_size(size: tuple[int, int]) -> None:
    """Raises NotClean for a picture that is too large to decode, or too small to show anything."""
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_SIDE:
        raise NotClean(TOO_LARGE)
    if min(size) < MIN_SIDE:
        raise NotClean("nothing to see: a dot or a line")


def _turned(opened: Image.Image, kind: Picture) -> Image.Transpose | None:
    """How it is to be turned. Of HEIF the library has applied what counts; EXIF does not (ISO/IEC
    23008-12 section 6.5.10). Of all others EXIF alone counts, as for browsers and telephones: what
    XMP says is left over from before a program turned the pixels."""
    if kind.format == "HEIF":
        return None
    try:
        exif = Image.Exif()
        exif.load(opened.info.get("exif", b""))
        said = exif.get(_ORIENTATION, 1)
    except Exception:  # programs break EXIF when they rewrite it; the picture is there all the same
        return None
    return _TURNED.get(said) if isinstance(said, int) else None
