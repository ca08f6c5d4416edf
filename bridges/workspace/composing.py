"""From a post to its messages: cleaned, quiet, split, its pictures shared out.

Slack cuts a text at 40,000 characters and advises 4,000 (docs.slack.dev, chat.postMessage). It
shows a picture with its description in a block of the message (``image`` with ``slack_file``: PNG,
JPEG or GIF, and a description of 2,000 characters); for films and files it has only a message of
its own making, whose number it does not tell, so that those are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bridges.kit import words
from bridges.kit.counting import Counting
from bridges.kit.drafts import Draft
from bridges.kit.splitting import shortened, split
from relay.ports import Media, Post

MOST_ALT: Final = 2000
MOST_PICTURES: Final = 10
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif"})
UTF_16: Final = Counting("utf-16")


def composed(post: Post, characters: int, *, mentions: bool, pictures: bool) -> list[Draft]:
    """The drafts, at least one. A post that Slack would not have is one that says why."""
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = _not_taken(post.media, pictures=pictures)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [Draft("", refuse=refuse)]
    groups = [
        tuple(map(_fitting, post.media[at : at + MOST_PICTURES]))
        for at in range(0, len(post.media), MOST_PICTURES)
    ]
    said = text if mentions else words.quiet(text)
    parts = split(said, characters, UTF_16, at_least=len(groups))
    groups += [()] * (len(parts) - len(groups))
    return [Draft(part, media) for part, media in zip(parts, groups, strict=True)]


def _not_taken(media: Sequence[Media], *, pictures: bool) -> str:
    for medium in media:
        if not pictures:
            return "a webhook of Slack takes no media: use a bot"
        if medium.type.lower() not in PICTURES:
            return "Slack shows no medium of this type in a message"
        if not medium.content:
            return "a medium is empty"
    return ""


def _fitting(medium: Media) -> Media:
    alt = shortened(words.clean(medium.alt), MOST_ALT)
    return replace(medium, type=medium.type.lower(), alt=alt)
