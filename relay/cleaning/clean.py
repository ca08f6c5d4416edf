"""The one door: a medium as it came, to one that may be published, or why not."""

from __future__ import annotations

from dataclasses import replace

from relay.cleaning.kinds import Other, Picture, kind_of
from relay.cleaning.pictures import Pixels, decode
from relay.cleaning.refused import NotClean, guarded
from relay.cleaning.writing import write
from relay.model import Fits, Media, Unclean


def clean(medium: Media) -> Media | Unclean:
    """The medium made anew, with its words (``alt``) kept; or why nothing is published of it."""
    return guarded(lambda: _clean(medium))


def _clean(medium: Media) -> Media:
    kind = kind_of(medium.content)
    if isinstance(kind, Other):
        raise NotClean(kind.why)
    if isinstance(kind, Picture):
        return replace(_picture(decode(medium.content, kind, Fits().image_side)), alt=medium.alt)
    raise NotClean("films and sounds are not taken")


def _picture(pixels: Pixels) -> Media:
    return write(pixels, Fits())
