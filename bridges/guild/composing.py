"""From a post to its messages: cleaned, quiet, split, its files shared out.

Limits: discord/discord-api-docs, "Create Message" and "Uploading Files": 2000 characters; ten
files, each 10 MiB unless the server is boosted; a description of 1024 characters. A webhook cannot
answer its own message, so that the parts of a long text follow each other with a counter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bridges.guild.markup import Marked, plain
from bridges.kit import words
from bridges.kit.drafts import Draft
from bridges.kit.splitting import shortened, split
from relay.ports import Media, Post

MESSAGE: Final = 2000
MOST_FILES: Final = 10
MOST_ALT: Final = 1024
MIB: Final = 1024 * 1024

TYPES: Final = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "video/mp4",
        "video/webm",
        "video/quicktime",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/wav",
        "audio/flac",
        "application/pdf",
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look; fields as in the settings."""

    mentions: bool
    previews: bool
    silent: bool
    name: str
    file_bytes: int


def composed(post: Post, style: Style) -> list[Draft]:
    """The drafts, at least one. A post that Discord would not have is one that says why."""
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = _not_taken(post.media, style.file_bytes)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [Draft("", refuse=refuse)]
    groups = [
        tuple(map(_fitting, post.media[at : at + MOST_FILES]))
        for at in range(0, len(post.media), MOST_FILES)
    ]
    said = text if style.mentions else words.quiet(text)
    parts = split(said, MESSAGE, Marked(), at_least=len(groups))
    groups += [()] * (len(parts) - len(groups))
    return [Draft(plain(part), media) for part, media in zip(parts, groups, strict=True)]


def _not_taken(media: Sequence[Media], file_bytes: int) -> str:
    for medium in media:
        if medium.type.lower() not in TYPES:
            return "Discord shows no medium of this type"
        if not medium.content:
            return "a medium is empty"
        if len(medium.content) > file_bytes:
            return "a medium is larger than Discord takes there"
    return ""


def _fitting(medium: Media) -> Media:
    alt = shortened(words.clean(medium.alt), MOST_ALT)
    return replace(medium, type=medium.type.lower(), alt=alt)
