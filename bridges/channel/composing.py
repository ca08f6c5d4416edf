"""From a post to its messages: cleaned, quiet, split, its media shared out and described.

Telegram has no field for what a picture shows, so that its description stands in the caption, in
brackets. A caption has a quarter of a message's room: where text and descriptions do not fit into
it together, the pictures come first with their descriptions, and the text follows as an answer to
them. That way round a picture that Telegram refuses leaves no text without it, and people read
downwards from the picture into the text.

Lengths (core.telegram.org/bots/api, sendMessage and sendPhoto): 4096 and 1024 "after entities
parsing". They are measured in UTF-16 units, as Telegram's own offsets are: never too few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridges.channel.media import grouped, not_taken
from bridges.kit import words
from bridges.kit.counting import Counting, units
from bridges.kit.drafts import Draft
from bridges.kit.splitting import shortened, split
from relay.ports import Media, Post

MESSAGE: Final = 4096
CAPTION: Final = 1024
UTF_16: Final = Counting("utf-16")


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look; fields as in the settings."""

    mentions: bool
    previews: bool
    silent: bool


def composed(post: Post, style: Style) -> list[Draft]:
    """The drafts, at least one. A post that Telegram would not have is one that says why."""
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = not_taken(post.media)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [Draft("", refuse=refuse)]
    said = text if style.mentions else words.quiet(text)
    groups = grouped(post.media)
    captions = [_described(group, style) for group in groups]
    if groups and said:
        whole = "\n\n".join(filter(None, [said, captions[0]]))
        if units(whole, "utf-16") <= CAPTION:
            captions[0], said = whole, ""
    pictured = [Draft(caption, group) for caption, group in zip(captions, groups, strict=True)]
    return pictured + [Draft(part) for part in split(said, MESSAGE, UTF_16) if said]


def _described(group: Sequence[Media], style: Style) -> str:
    """What the media of one album show: a line each, within a caption's room."""
    alts = [" ".join(words.clean(one.alt).split()) for one in group]
    alts = alts if style.mentions else [words.quiet(alt) for alt in alts]
    most = CAPTION
    while True:
        numbered = [
            f"[{number}: {shortened(alt, most)}]" if len(group) > 1 else f"[{shortened(alt, most)}]"
            for number, alt in enumerate(alts, 1)
            if alt
        ]
        described = "\n".join(numbered)
        if units(described, "utf-16") <= CAPTION:
            return described
        most = most * 3 // 4  # signs outside the first plane count twice: try with less
