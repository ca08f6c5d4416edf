"""What the tests of media share: a cleaner without a library, and what is given to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import trio

from relay.model import Fits, Media, Unclean

PHOTO = Media("image/jpeg", b"a photo, taken at 51.5 N", "a bridge")
FILM = Media("video/mp4", b"a film, by a phone of this make")
PAPER = Media("application/pdf", b"a paper with an author")


class NoCleaner:
    """For nodes that are sent text alone."""

    async def clean(self, medium: Media) -> Media | Unclean:
        raise AssertionError("there is nothing to clean")

    async def fitted(self, medium: Media, fits: Fits) -> Media | Unclean:
        raise AssertionError("there is nothing to fit")


def nothing_happens() -> None:
    pass


@dataclass
class FakeCleaner:
    """Cleans at once: what was a picture or a film is one still, of so many bytes, with nothing of
    what it was in it. A film takes ``film_s``. ``before`` is called before each."""

    film_s: float = 0
    size: int = 40
    before: Callable[[], None] = nothing_happens
    asked: list[Media] = field(default_factory=list)
    fitted_to: list[Fits] = field(default_factory=list)
    unfit: str = ""
    lacks: str = ""

    async def clean(self, medium: Media) -> Media | Unclean:
        self.asked.append(medium)
        self.before()
        await trio.sleep(self.film_s if medium.type.startswith("video/") else 0)
        kind = medium.type.partition("/")[0]
        if kind not in ("image", "video", "audio"):
            return Unclean("a document")
        new = Media(medium.type, b"c" * self.size, medium.alt, width=640, height=480)
        new = replace(new, lacks=self.lacks)
        return replace(new, poster=b"p" * 9, seconds=7) if kind == "video" else new

    async def fitted(self, medium: Media, fits: Fits) -> Media | Unclean:
        self.fitted_to.append(fits)
        self.before()
        if self.unfit:
            return Unclean(self.unfit)
        most = {"image": fits.image_bytes, "video": fits.film_bytes, "audio": fits.sound_bytes}
        return replace(medium, content=medium.content[: most[medium.type.partition("/")[0]]])
