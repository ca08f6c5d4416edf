"""All the ways in which pictures write colours, to one: 8 bits of sRGB, alpha where it is used."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

_MAX_PROFILE: Final = 4_000_000
"""Bytes. Profiles of cameras have 600 to 3,000, those of presses up to 2 million."""

_SPACES: Final = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""The colour space that a profile must be about (ICC.1 section 7.2.6), by the mode of pixels."""

_SIXTEEN: Final = {"I;16": 1, "I;16L": 1, "I;16N": 1, "I;16B": 0}
"""Which of the two bytes of a pixel is the high one."""

_ALPHA: Final = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})


def plain(opened: Image.Image) -> Image.Image:
    """The picture as RGB, L, CMYK or RGBA, 8 bits each."""
    if opened.mode in _SIXTEEN:
        high = opened.tobytes()[_SIXTEEN[opened.mode] :: 2]
        return Image.frombytes("L", opened.size, high)
    if opened.mode in _ALPHA or "transparency" in opened.info:
        return opened.convert("RGBA")
    if opened.mode in ("RGB", "L", "CMYK"):
        return opened
    return opened.convert("L" if opened.mode == "1" else "RGB")


def without_hidden(image: Image.Image) -> Image.Image:
    """The picture with alpha only where something shows through it.

    Under a pixel that is wholly transparent stands a colour that nobody sees, which programs leave
    there when something is cut out: it goes."""
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert("RGB")
    seen = alpha.point(lambda value: 255 if value else 0)
    return Image.composite(image, Image.new("RGBA", image.size), seen)


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in RGB or RGBA. A profile that is about other colours, or is none, is left out:
    the picture is then a little pale, and it is there."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    plain = image.convert("RGB") if alpha is not None else image
    if profile and len(profile) <= _MAX_PROFILE and plain.mode in _SPACES:
        plain = _converted(plain, profile) or plain
    plain = plain.convert("RGB")
    if alpha is not None:
        plain.putalpha(alpha)
    return plain


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        its = ImageCms.ImageCmsProfile(BytesIO(profile))
        if its.profile.xcolor_space != _SPACES[image.mode]:
            return None
        return ImageCms.profileToProfile(
            image, its, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
