"""From a post to the drafts of its parts: cleaned, quiet, split, its media shared out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bridges.fediverse.drafts import Draft
from bridges.fediverse.media import not_taken
from bridges.fediverse.server import Server
from bridges.kit import words
from bridges.kit.counting import measure
from bridges.kit.grouping import grouped
from bridges.kit.splitting import split
from relay.ports import Post

RESERVE: Final = 2
"""Characters left free: Unicode versions, and with them graphemes, differ by a little."""

LEAST_ROOM: Final = 60
"""Characters that a post must have for its text."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look; fields as in the settings."""

    visibility: str
    mentions: bool
    warning: str
    sensitive: bool


def composed(post: Post, server: Server, style: Style) -> list[Draft]:
    """The drafts, at least one. A post that the server would not have is one that says why.

    Media stand in the first parts, in order. A medium that the server does not take refuses the
    whole post: without it the words may say something else, and that is for a person to decide.
    """
    plain = Draft("", style.visibility, words.language(post.language), style.warning)
    plain = replace(plain, sensitive=style.sensitive)
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    # A content warning counts with each text.
    room = server.characters - RESERVE - measure(style.warning, server.counting)
    refuse = not_taken(post.media, server)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    elif room < LEAST_ROOM:
        refuse = "the content warning leaves no room for a text"
    if refuse:
        return [replace(plain, refuse=refuse)]
    groups = grouped(post.media, server.media, server.alt)
    said = text if style.mentions else words.quiet(text)
    parts = split(said, room, server.counting, at_least=len(groups))
    groups += [()] * (len(parts) - len(groups))
    return [
        replace(plain, text=part, media=media) for part, media in zip(parts, groups, strict=True)
    ]
