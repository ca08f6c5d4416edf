"""Loads everything that cleaning needs, so that nothing is opened afterwards."""

from __future__ import annotations

import pillow_heif
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

LOADED = (
    AvifImagePlugin,
    GifImagePlugin,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,  # a JPEG of several pictures is found by it
    PngImagePlugin,
    TiffImagePlugin,  # EXIF is read by it
    WebPImagePlugin,
)


def prepare_libraries() -> None:
    """Load all plug-ins and codecs. To be called once, before rights are given up."""
    Image.preinit()
    pillow_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
