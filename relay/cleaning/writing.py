"""From pixels to the bytes of a new picture, no larger than asked."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Final

from PIL import Image

from relay.cleaning.pictures import Pixels
from relay.cleaning.refused import NotClean
from relay.model import Fits, Media

_QUALITIES: Final = (85, 75, 60)
"""From 85 up files grow faster than anybody sees; under 60 blocks show in faces and letters."""

_MOST_COLOURS: Final = 4096
"""A picture of a screen has fewer; a photograph has more in its first lines."""

_TRIES: Final = 8
"""How often a picture is made smaller before we give up."""


def write(pixels: Pixels, fits: Fits) -> Media:
    """The picture as JPEG, or as PNG where something shows through it or it is drawn with few
    colours and is smaller so. Raises NotClean where it cannot be made small enough."""
    if fits.image_bytes <= 0:
        raise NotClean("no pictures are taken there")
    image = pixels.image
    if max(image.size) > fits.image_side:
        image = _shrunk(image, fits.image_side / max(image.size))
    if "image/png" in fits.image_types and (made := _as_png(image, pixels.drawn, fits)):
        return made
    opaque = _on_white(image)
    for _ in range(_TRIES):
        for quality in _QUALITIES:
            content = _jpeg(opaque, quality)
            if len(content) <= fits.image_bytes:
                return _media("image/jpeg", content, opaque.size)
        opaque = _shrunk(opaque, min(0.9, math.sqrt(fits.image_bytes / len(content))))
        if min(opaque.size) < 2:
            break
    raise NotClean("it cannot be made small enough")


def _as_png(image: Image.Image, drawn: bool, fits: Fits) -> Media | None:
    if image.mode != "RGBA" and not (drawn and image.getcolors(_MOST_COLOURS)):
        return None
    content = _png(image)
    if len(content) > fits.image_bytes:
        return None
    if image.mode != "RGBA" and len(content) > len(_jpeg(image, _QUALITIES[0])):
        return None
    return _media("image/png", content, image.size)


def _media(kind: str, content: bytes, size: tuple[int, int]) -> Media:
    return Media(kind, content, width=size[0], height=size[1])


def _shrunk(image: Image.Image, scale: float) -> Image.Image:
    width, height = (max(1, int(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _on_white(image: Image.Image) -> Image.Image:
    """JPEG has no alpha: what shows through is white, as on a page."""
    if image.mode == "RGB":
        return image
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return white


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """Progressive with tables of its own: a twentieth smaller, and seen early on a slow line."""
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling="4:2:0", optimize=True, progressive=True)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()
