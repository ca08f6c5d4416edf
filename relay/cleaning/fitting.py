"""A cleaned medium made to fit where it goes."""

from __future__ import annotations

from dataclasses import replace

from relay.cleaning.kinds import Picture, kind_of
from relay.cleaning.pictures import decode
from relay.cleaning.refused import NotClean, guarded
from relay.cleaning.writing import write
from relay.model import Fits, Media, Unclean


def fit(medium: Media, fits: Fits) -> Media | Unclean:
    """The same object where it fits; else one made of it that does, or why there is none.

    ``medium`` is what ``clean`` gave. A film that a destination does not take is shown by its
    poster, with the same words."""
    return guarded(lambda: _fitted(medium, fits))


def _fitted(medium: Media, fits: Fits) -> Media:
    kind = kind_of(medium.content)
    if not isinstance(kind, Picture):
        raise NotClean("films and sounds are not taken")
    if _picture_fits(medium, fits):
        return medium
    made = write(decode(medium.content, kind, fits.image_side), fits)
    return replace(made, alt=medium.alt)


def _picture_fits(medium: Media, fits: Fits) -> bool:
    return (
        len(medium.content) <= fits.image_bytes
        and max(medium.width, medium.height) <= fits.image_side
        and (medium.type == "image/jpeg" or medium.type in fits.image_types)
    )
