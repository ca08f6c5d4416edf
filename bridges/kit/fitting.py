"""What media a platform takes (``relay.ports.FitsMedia``), said within what a cleaner makes."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from relay.ports import Fits

ALL: Final = Fits()
"""Whatever a cleaner makes: JPEG, PNG, MP4 and M4A, none of them large."""

NO_MEDIA: Final = Fits(image_bytes=0, film_bytes=0, sound_bytes=0)
PICTURES: Final = replace(NO_MEDIA, image_bytes=ALL.image_bytes)
FILMS: Final = replace(NO_MEDIA, film_bytes=ALL.film_bytes)


def least(fits: Fits, **limits: int) -> Fits:
    """The same, but for these limits where they are lower. Their names are those of ``Fits``."""
    lower: dict[str, Any] = {
        one.name: min(getattr(fits, one.name), limits[one.name])
        for one in fields(fits)
        if one.name in limits
    }
    return replace(fits, **lower)


def of_size(most_bytes: int, fits: Fits = ALL) -> Fits:
    """The same, but for files of at most so many bytes, whatever they show."""
    return least(fits, image_bytes=most_bytes, film_bytes=most_bytes, sound_bytes=most_bytes)
