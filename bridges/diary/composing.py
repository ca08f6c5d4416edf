"""From a post to its draft: always one. A blog has titles, and takes a text whole.

Blogger's API takes no files: a picture stands in the HTML itself, as ``data:`` (RFC 2397).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bridges.diary.drafts import Draft
from bridges.kit import markup, words
from bridges.kit.fitting import PICTURES, least
from bridges.kit.splitting import shortened
from relay.ports import Media, Post

MOST_CHARACTERS: Final = 200_000
MOST_BYTES: Final = 1_000_000
"""Of the HTML, its pictures included. Blogger says nothing of a limit; this much it takes."""

FITS: Final = least(PICTURES, image_bytes=150_000, image_side=1280)
"""Of four such pictures in base64 and a long text a post may consist."""

MOST_ALT: Final = 1000
MOST_TITLE: Final = 200
_NO_TAGS: Final = str.maketrans("<>", "‹›")
"""Some of Blogger's themes show a title as HTML, others as text: so it has no tags, and nothing
that one of them would show escaped."""

TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look; fields as in the settings."""

    mentions: bool
    images: bool
    labels: tuple[str, ...]


def composed(post: Post, style: Style) -> Draft:
    """The draft. A post that Blogger would not have is one that says why."""
    title, text = words.clean(post.title), words.clean(post.text)
    refuse = _not_taken(post.media, style)
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
    draft = Draft(
        title=shortened(head, MOST_TITLE).translate(_NO_TAGS),
        content=markup.html_of(text),
        direction=markup.direction(text or title, language),
        language=language,
        date=post.date,
        labels=style.labels,
        media=media,
    )
    if len(html(draft, "").encode()) > MOST_BYTES:
        return Draft(refuse="with its pictures it is larger than Blogger takes")
    return draft


def html(draft: Draft, mark: str) -> str:
    """What stands in the post: the text, its pictures below it, in an element with our mark."""
    figures = "".join(_figure(medium) for medium in draft.media)
    return markup.within(draft.content + figures, draft.direction, draft.language, id=mark)


def _figure(medium: Media) -> str:
    held = base64.b64encode(medium.content).decode()
    return (
        f'<figure><img src="data:{medium.type};base64,{held}" alt="{markup.plain(medium.alt)}">'
        "</figure>"
    )


def _not_taken(media: Sequence[Media], style: Style) -> str:
    for medium in media:
        if medium.type.lower() not in TYPES:
            return "Blogger does not take a medium of this type"
        if not style.images:
            return "pictures are turned off for this blog"
        if not medium.content:
            return "a medium is empty"
    return ""
