"""From a post to its draft: always one. A blog has titles, and takes a text whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bridges.kit import markup, words
from bridges.kit.splitting import shortened
from bridges.press.drafts import Draft
from relay.ports import Media, Post

MOST_CHARACTERS: Final = 200_000
"""WordPress has no limit of its own; its database and PHP mostly take a few megabytes."""

MOST_MEDIA: Final = 20
MOST_ALT: Final = 1000
MOST_TITLE: Final = 200
EXCERPT: Final = 240

TYPES: Final = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic"}
    | {"video/mp4", "video/webm", "video/quicktime", "application/pdf"}
    | {"audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/mp4"}
)
"""What a fresh WordPress takes (its ``wp_get_mime_types``). A site may take less, and says so."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look; fields as in the settings."""

    mentions: bool
    categories: tuple[int, ...]
    tags: tuple[int, ...]
    comments: str


def composed(post: Post, style: Style) -> Draft:
    """The draft. A post that the site would not have is one that says why.

    A medium that it does not take refuses the whole post: without it the words may say something
    else, and that is for a person to decide.
    """
    title, text = words.clean(post.title), words.clean(post.text)
    refuse = _not_taken(post.media)
    if not title and not text and not post.media:
        refuse = "nothing is left of it to post"
    if len(text) > MOST_CHARACTERS:
        refuse = "it is longer than a blog's post may be"
    if refuse:
        return Draft(refuse=refuse)
    media = tuple(
        replace(one, type=one.type.lower(), alt=shortened(words.clean(one.alt), MOST_ALT))
        for one in post.media
    )
    if not style.mentions:
        title, text = words.quiet(title), words.quiet(text)
    language = words.language(post.language)
    head = markup.headline(title, text, media, post.date)
    return Draft(
        title=markup.plain(shortened(head, MOST_TITLE)),
        content=markup.html_of(text),
        excerpt=markup.plain(shortened(" ".join(text.split()), EXCERPT)),
        direction=markup.direction(text or title, language),
        language=language,
        date=post.date,
        categories=style.categories,
        tags=style.tags,
        comments=style.comments,
        media=media,
    )


def _not_taken(media: Sequence[Media]) -> str:
    if len(media) > MOST_MEDIA:
        return "it has more media than one post should"
    for medium in media:
        if medium.type.lower() not in TYPES:
            return "a blog does not take a medium of this type"
        if not medium.content:
            return "a medium is empty"
    return ""
