"""Loads everything that cleaning needs, so that nothing is opened afterwards."""

from __future__ import annotations

import codecs
from fractions import Fraction
from io import BytesIO

import pillow_heif
from av.audio.frame import AudioFrame
from av.subtitles import codeccontext as subtitles
from av.video.frame import VideoFrame
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

from relay.cleaning.fitting import fit
from relay.cleaning.making import clean
from relay.cleaning.muxing import CLOCK, add_pictures, add_sound, written
from relay.model import Fits, Media

LOADED = (
    AvifImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,  # a JPEG of several pictures is found by it
    PngImagePlugin,
    TiffImagePlugin,  # EXIF is read by it
    WebPImagePlugin,
    subtitles,  # PyAV loads it where it meets a track of texts
)
"""Pillow opens those of them alone that a picture was found to be: it is told which."""


def prepare_libraries() -> None:
    """Load all plug-ins and codecs, and use each once: some load more when they are first used.

    To be called once, before rights are given up."""
    for named in ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-be", "utf-16-le"):
        codecs.lookup(named)
    Image.preinit()
    pillow_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"):
        clean(Media("", _picture(form, profile)))
    film = clean(Media("", _film()))
    assert isinstance(film, Media)
    fit(film, Fits(film_bytes=0))


def _picture(form: str, profile: bytes) -> bytes:
    out, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (16, 16)).save(out, form, icc_profile=profile, exif=exif)
    return out.getvalue()


def _film() -> bytes:
    out = BytesIO()
    with written(out, "mp4") as muxer:
        video = add_pictures(muxer, (16, 16), 2, 100_000)
        audio = add_sound(muxer, 48_000, "mono", 32_000)
        for at in range(2):
            frame = VideoFrame(16, 16, "yuv420p")
            frame.pts, frame.time_base = at * 40, CLOCK
            _emptied(frame)
            muxer.seen(video.encode(frame))
        sound = AudioFrame("fltp", "mono", 1024)
        sound.sample_rate, sound.pts, sound.time_base = 48_000, 0, Fraction(1, 48_000)
        _emptied(sound)
        muxer.heard(audio.encode(sound))
        muxer.seen(video.encode(None))
        muxer.heard(audio.encode(None))
    return out.getvalue()


def _emptied(frame: VideoFrame | AudioFrame) -> None:
    """A new frame holds what was in memory before, which may be no numbers at all."""
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
