"""From a post to the drafts of its parts: cleaned, quiet, its addresses settled, split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex

from bridges.kit import words
from bridges.kit.drafts import Draft
from bridges.kit.splitting import split
from bridges.twitter import links
from bridges.twitter.media import grouped, not_taken
from bridges.twitter.weight import Weight
from relay.ports import Post

RESERVE: Final = 2
"""Weighted characters left free: lists of emoji and of hosts' endings differ by a little."""

_CASHTAG: Final = regex.compile(r"(?<![\w$])\$(?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look, and what they cost in thousandths of a dollar; fields
    as in the settings."""

    characters: int
    mentions: bool
    links: bool
    price: int
    price_with_link: int
    price_of_alt: int


def composed(post: Post, style: Style) -> list[Draft]:
    """The drafts, at least one. A post that X would not have is one that says why.

    Media stand in the first parts, in order. A medium that X does not take refuses the whole post:
    without it the words may say something else, and that is for a person to decide.
    """
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = not_taken(post.media)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [Draft("", refuse=refuse)]
    groups = grouped(post.media)
    parts = split(_said(text, style), style.characters - RESERVE, Weight(), at_least=len(groups))
    groups += [()] * (len(parts) - len(groups))
    return [Draft(part, media) for part, media in zip(parts, groups, strict=True)]


def _said(text: str, style: Style) -> str:
    """Names and tags plain words, unless they shall work; ``$NAME`` always: most accounts may have
    one in a post and are refused with two. What is left of "@name.org" then would be an address,
    so these are settled again."""
    plain: str = _CASHTAG.sub("$" + words.JOINER, links.settled(text, keep=style.links))
    return links.settled(plain if style.mentions else words.quiet(plain), keep=style.links)


def price(draft: Draft, style: Style) -> int:
    """What X bills for it (changelog of April 2026: a post, one with an address; and for each
    description of a medium), in thousandths of a dollar."""
    if draft.refuse:
        return 0
    post = style.price_with_link if links.present(draft.text) else style.price
    return post + style.price_of_alt * sum(bool(one.alt) for one in draft.media)
