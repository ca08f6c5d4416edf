"""The one door: a medium as it came, to one that may be published, or why not."""

from __future__ import annotations

from dataclasses import replace

from relay.cleaning.films import make
from relay.cleaning.kinds import Other, Picture, kind_of
from relay.cleaning.pictures import decode
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
    most = Fits()
    if isinstance(kind, Picture):
        made = write(decode(medium.content, kind, most.image_side), most)
    else:
        made = make(medium.content, kind, most)
    return replace(made, alt=medium.alt)
