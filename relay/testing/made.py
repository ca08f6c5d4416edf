"""Media as a cleaner makes them: what a bridge gets in a node, and nothing else.

They are drawn and sounded here and go through ``relay.cleaning``, so that a stand-in that looks
into a file sees what its platform would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Final

import av
from PIL import Image

from relay.cleaning import clean
from relay.model import NO_MEDIA, Fits, Media

WIDE: Final = 64
HIGH: Final = 36
_SAMPLES: Final = 4410


def _cleaned(type: str, content: bytes, alt: str) -> Media:
    made = clean(Media(type, content, alt))
    assert isinstance(made, Media), made
    return made


@cache
def photo(n: int = 0) -> Media:
    """A JPEG, with a description in Persian."""
    drawn = BytesIO()
    Image.new("RGB", (WIDE + n, HIGH), (200, 30 * n % 256, 90)).save(drawn, "JPEG")
    return _cleaned("image/jpeg", drawn.getvalue(), f"یک بام در شب، {n}")


@cache
def drawing() -> Media:
    """A PNG that one can see through, with a description."""
    drawn = BytesIO()
    Image.new("RGBA", (WIDE, HIGH), (200, 30, 90, 128)).save(drawn, "PNG")
    return _cleaned("image/png", drawn.getvalue(), "a plan of the square")


@cache
def film() -> Media:
    """An MP4 with its poster, half a second and more long, with a description."""
    made = BytesIO()
    with av.open(made, "w", format="mp4") as into:
        seen = into.add_stream("libx264", rate=10)
        seen.width, seen.height, seen.pix_fmt = WIDE, HIGH, "yuv420p"
        for n in range(8):
            frame = av.VideoFrame(WIDE, HIGH, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([n * 30]) * plane.buffer_size)
            into.mux(seen.encode(frame))
        into.mux(seen.encode())
    return _cleaned("video/mp4", made.getvalue(), "water runs down a street")


@cache
def sound() -> Media:
    """An M4A, a second long, with a description."""
    made = BytesIO()
    with av.open(made, "w", format="wav") as into:
        heard = into.add_stream("pcm_s16le", rate=44_100, layout="mono")
        for _ in range(10):
            frame = av.AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
            frame.sample_rate = 44_100
            frame.planes[0].update(bytes(2 * _SAMPLES))
            into.mux(heard.encode(frame))
        into.mux(heard.encode(None))
    return _cleaned("audio/wav", made.getvalue(), "a voice")


MIXES: Final[Mapping[str, Callable[[], tuple[Media, ...]]]] = {
    "a drawing": lambda: (drawing(),),
    "four pictures": lambda: (photo(0), photo(1), photo(2), photo(3)),
    "a sound": lambda: (sound(),),
    "a picture and a film": lambda: (photo(), film()),
}
"""What posts carry, by name. (With a picture that a platform does not take a film is alone.)"""


def let_through(media: tuple[Media, ...], fits: Fits = NO_MEDIA) -> tuple[Media, ...]:
    """What a node gives of these (all of them small) to a destination that takes only this."""
    given = (_given(one, fits) for one in media)
    return tuple(one for one in given if one is not None)


def _given(one: Media, fits: Fits) -> Media | None:
    kind = one.type.partition("/")[0]
    if kind == "video" and not fits.film_bytes and one.poster:
        one = Media("image/jpeg", one.poster, one.alt, width=one.width, height=one.height)
        kind = "image"
    if kind == "image" and one.type not in ("image/jpeg", *fits.image_types):
        one = replace(photo(), alt=one.alt)
    most = {"image": fits.image_bytes, "video": fits.film_bytes, "audio": fits.sound_bytes}[kind]
    return one if len(one.content) <= most else None
