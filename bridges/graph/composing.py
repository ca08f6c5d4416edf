"""From a post to the drafts of its parts: nearly always one, with all its pictures.

A Page has no threads. What is longer than one post may be follows as numbered posts, as a film
does that comes with something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridges.graph.drafts import Draft
from bridges.kit import words
from bridges.kit.counting import Counting
from bridges.kit.fitting import ALL, least
from bridges.kit.grouping import grouped
from bridges.kit.splitting import split
from relay.ports import Media, Post

MOST_PICTURES: Final = 10
MOST_ALT: Final = 1000
MB: Final = 1_000_000
RESERVE: Final = 6
LENGTH: Final = Counting("utf-16")
"""Facebook does not say what its characters are: of the two usual readings the dearer."""

_MOST_BYTES: Final = {
    "image/jpeg": 4 * MB,
    "image/png": 4 * MB,
    "video/mp4": 100 * MB,
    "video/quicktime": 100 * MB,
}
"""A picture that is larger is refused (error 1366046); a film that is larger would have to go in
pieces."""


FITS: Final = least(ALL, image_bytes=4 * MB, sound_bytes=0)
"""A Page shows no sounds (Graph API, Page: feed, photos, videos)."""


def composed(post: Post, characters: int, *, mentions: bool) -> list[Draft]:
    """The drafts, at least one. A post that Facebook would not have is one that says why.

    A medium that it does not take refuses the whole post: without it the words may say something
    else, and that is for a person to decide.
    """
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = _not_taken(post.media)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [Draft("", refuse=refuse)]
    groups = grouped(post.media, MOST_PICTURES, MOST_ALT)
    said = text if mentions else words.quiet(text)
    parts = split(said, characters - RESERVE, LENGTH, at_least=len(groups))
    groups += [()] * (len(parts) - len(groups))
    return [Draft(part, media) for part, media in zip(parts, groups, strict=True)]


def _not_taken(media: Sequence[Media]) -> str:
    for medium in media:
        most = _MOST_BYTES.get(medium.type.lower())
        if most is None:
            return "a Page does not take a medium of this type"
        if not medium.content:
            return "a medium is empty"
        if len(medium.content) > most:
            return "a medium is larger than a Page takes"
    return ""
