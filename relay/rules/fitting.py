"""Whether a cleaned medium can go to a destination as it is."""

from __future__ import annotations

from relay.model import Fits, Media

JPEG = "image/jpeg"


def fits_as_it_is(medium: Media, fits: Fits) -> bool:
    """Whether nothing need be made of it: small, short and of a type that is taken."""
    size, side = len(medium.content), max(medium.width, medium.height)
    if medium.type.startswith("image/"):
        taken = medium.type == JPEG or medium.type in fits.image_types
        return taken and size <= fits.image_bytes and side <= fits.image_side
    if medium.type.startswith("video/"):
        short = medium.seconds <= fits.film_seconds
        return short and size <= fits.film_bytes and side <= fits.film_side
    return size <= fits.sound_bytes and medium.seconds <= fits.sound_seconds


def takes_none(fits: Fits) -> bool:
    """Whether a destination takes text alone."""
    return not (fits.image_bytes or fits.film_bytes or fits.sound_bytes)
