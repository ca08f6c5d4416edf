"""From a post to the drafts of its parts: cleaned, split, marked, its media shared out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bridges.atproto.drafts import Draft
from bridges.atproto.facets import shown
from bridges.atproto.keys import record_key
from bridges.atproto.measuring import BYTES, Showing
from bridges.atproto.media import ALT, IMAGES, Sizes, not_taken
from bridges.kit import words
from bridges.kit.grouping import grouped
from bridges.kit.splitting import split
from relay.ports import Instant, Post


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look; fields as in the settings."""

    names: bool
    sensitive: bool
    sizes: Sizes


def composed(post: Post, style: Style) -> list[Draft]:
    """The drafts, at least one. A post that the platform would not have is one that says why.

    Media stand in the first parts, in order; one that is not taken refuses the whole post.
    """
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = not_taken(post.media, style.sizes)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [replace(_dated(post, 0), refuse=refuse)]
    groups = grouped(post.media, IMAGES, ALT)
    pieces = _pieces(text, max(1, len(groups)))
    groups += [()] * (len(pieces) - len(groups))
    drafts = []
    for index, (piece, media) in enumerate(zip(pieces, groups, strict=True)):
        said, marks = shown(piece, names=style.names)
        sensitive = style.sensitive and bool(media)
        draft = replace(_dated(post, index), text=said, marks=marks, sensitive=sensitive)
        language = words.language(post.language) if said else ""
        drafts.append(replace(draft, media=media, language=language))
    return drafts


def _pieces(text: str, at_least: int) -> list[str]:
    """Parts of at most 300 graphemes; where one has more than 3,000 bytes, all are cut shorter."""
    by = Showing()
    pieces = split(text, by.room, by, at_least=at_least)
    if any(len(shown(piece, names=False)[0].encode()) > BYTES for piece in pieces):
        by = Showing(strict=True)
        pieces = split(text, by.room, by, at_least=at_least)
    return pieces


def _dated(post: Post, index: int) -> Draft:
    return Draft(record_key(post.secret, post.date, index), _created(post.date, index))


def _created(date: Instant, index: int) -> str:
    """The hour of the release; a thousandth of a second more for each part, so that they sort."""
    when = datetime.fromtimestamp(date, UTC) + timedelta(milliseconds=index)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
