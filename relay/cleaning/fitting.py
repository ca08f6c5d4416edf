"""A cleaned medium made to fit where it goes."""

from __future__ import annotations

from dataclasses import replace

from relay.cleaning.films import make
from relay.cleaning.kinds import Moving, Other, kind_of
from relay.cleaning.pictures import decode
from relay.cleaning.refused import NotClean, guarded
from relay.cleaning.writing import write
from relay.model import Fits, Media, Unclean


def fit(medium: Media, fits: Fits) -> Media | Unclean:
    """The same object where it fits; else one made of it that does, or why there is none.

    ``medium`` is what ``clean`` gave. A film that a destination does not take, or not of that
    length, is shown by its poster, with the same words: nothing is ever cut."""
    if not medium.content:
        return Unclean("empty")
    if medium.type.startswith("image/"):
        return guarded(lambda: _picture(medium, fits))
    if medium.type.startswith("video/"):
        return guarded(lambda: _film(medium, fits))
    return guarded(lambda: _sound(medium, fits))


def _picture(medium: Media, fits: Fits) -> Media:
    if (
        len(medium.content) <= fits.image_bytes
        and max(medium.width, medium.height) <= fits.image_side
        and (medium.type == "image/jpeg" or medium.type in fits.image_types)
    ):
        return medium
    kind = kind_of(medium.content)
    if isinstance(kind, Moving | Other):
        raise NotClean("it is not what was made")
    pixels = decode(medium.content, kind, min(fits.image_side, Fits().image_side))
    return replace(write(pixels, fits), alt=medium.alt)


def _film(medium: Media, fits: Fits) -> Media:
    if fits.film_bytes <= 0 or medium.seconds > fits.film_seconds:
        return _still(medium, fits)
    if (
        len(medium.content) <= fits.film_bytes
        and max(medium.width, medium.height) <= fits.film_side
    ):
        return medium
    try:
        made = make(medium.content, Moving("mov"), fits)
    except NotClean:  # so few bytes that nothing could be seen in it
        return _still(medium, fits)
    return replace(made, alt=medium.alt, lacks=medium.lacks)


def _still(medium: Media, fits: Fits) -> Media:
    """The poster, in the film's place."""
    if not medium.poster:
        raise NotClean("no films are taken there")
    still = Media("image/jpeg", medium.poster, medium.alt)
    return _picture(replace(still, width=medium.width, height=medium.height), fits)


def _sound(medium: Media, fits: Fits) -> Media:
    if fits.sound_bytes <= 0:
        raise NotClean("no sounds are taken there")
    if medium.seconds > fits.sound_seconds:
        raise NotClean(f"too long: more than {fits.sound_seconds} seconds")
    if len(medium.content) <= fits.sound_bytes:
        return medium
    return replace(make(medium.content, Moving("mov"), fits), alt=medium.alt)
