"""One picture that stands for a film: an early one in which there is something to see."""

from __future__ import annotations

from typing import Final

from av.video.frame import VideoFrame
from PIL import Image, ImageStat

from relay.cleaning.pictures import Pixels
from relay.cleaning.writing import write
from relay.model import Fits

_EVERY_S: Final = 0.5
_UNTIL_S: Final = 6.0
_LIGHT: Final = 40
_LIVELY: Final = 24
"""Mean and deviation of brightness (0 to 255) with which a picture shows something."""


def _image(frame: VideoFrame) -> Image.Image:
    plain = frame.to_rgb().planes[0]
    size = (frame.width, frame.height)
    return Image.frombytes("RGB", size, bytes(plain), "raw", "RGB", plain.line_size)


class Poster:
    """Looks at pictures of a film as they go by, and keeps the best."""

    def __init__(self) -> None:
        self._best: Image.Image | None = None
        self._worth = -1.0
        self._next_s = 0.0
        self._found = False

    def consider(self, frame: VideoFrame, at_s: float) -> None:
        """Perhaps take this picture."""
        if self._found or at_s < self._next_s or at_s > _UNTIL_S:
            return
        self._next_s = at_s + _EVERY_S
        image = _image(frame)
        light = ImageStat.Stat(image.resize((64, 64)).convert("L"))
        self._found = light.mean[0] >= _LIGHT and light.stddev[0] >= _LIVELY
        if self._found or light.stddev[0] > self._worth:
            self._best, self._worth = image, light.stddev[0]

    def made(self) -> bytes:
        """The picture as JPEG."""
        assert self._best is not None
        return write(Pixels(self._best), Fits(image_types=())).content
