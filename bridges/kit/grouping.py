"""Media shared out over posts: which stand together, described as far as a platform takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bridges.kit.splitting import shortened
from bridges.kit.words import clean
from relay.ports import Media


def is_picture(medium: Media) -> bool:
    """Whether it is one by its type, a moving one (GIF) included."""
    return medium.type.startswith("image/")


def grouped(
    media: Sequence[Media], most: int, alt: int, joins: Callable[[Media], bool] = is_picture
) -> list[tuple[Media, ...]]:
    """What goes into one post each, in order: up to ``most`` of what ``joins`` others, all else
    alone. Types are in lower case, descriptions clean and of at most ``alt`` code points."""
    groups: list[tuple[Media, ...]] = []
    for medium in media:
        said = shortened(clean(medium.alt), alt)
        fitting = replace(medium, type=medium.type.lower(), alt=said)
        if groups and len(groups[-1]) < most and joins(fitting) and joins(groups[-1][-1]):
            groups[-1] += (fitting,)
        else:
            groups.append((fitting,))
    return groups
