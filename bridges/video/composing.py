"""From a post to the title and the words of its one film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridges.kit import words
from bridges.kit.counting import Unit, units
from bridges.kit.forms import file_name
from bridges.kit.splitting import shortened
from bridges.video.drafts import Draft
from relay.ports import Media, Post

NO_FILM: Final = "it has no film, and a video platform takes nothing else"
TOO_MANY: Final = "it has more than one film, and a video platform takes one at a time"
NOT_FILMS: Final = "it has media besides its film, and a video platform takes films only"
NOT_TAKEN: Final = "its film is of a type that is not taken (MP4, WebM and MOV are)"
EMPTY: Final = "its film is empty"
TOO_LONG: Final = "its text is longer than the description of a film may be"

UNTITLED: Final = "▶"
"""A film without a word still needs a title: a sign of no language."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform takes: the most of a title and of a description, each in its unit; the least
    of either (characters); signs that it does not take, and what is written instead."""

    title: int
    title_in: Unit
    text: int
    text_in: Unit
    least: int = 1
    instead: tuple[tuple[str, str], ...] = ()


def composed(post: Post, limits: Limits, *, mentions: bool, film: bool = True) -> Draft:
    """The draft; a post that the platform would not have is one that says why.

    Its own title is the title, else the beginning of the text. What the film shows, in words,
    follows the text where there is room: no platform has a field for it. ``film=False``: only the
    words are asked for, and a film may be lacking.
    """
    said, title = _written(post.text, limits, mentions), _line(post.title, limits, mentions)
    shown = _fitting(title or _first(said), limits)
    if title and shown != title:  # it is cut: all of it stands below
        said = words.headed(title, said)
    refuse = _not_taken(post.media, film)
    if not refuse and units(said, limits.text_in) > limits.text:
        refuse = TOO_LONG
    language = words.language(post.language)
    if refuse:
        return Draft("", "", language, post.date, refuse=refuse)
    alt = _written(post.media[0].alt, limits, mentions) if post.media else ""
    said = _with(said, alt, limits)
    shown = shown or _fitting(_first(alt), limits) or UNTITLED
    held = post.media[0] if post.media else None
    return Draft(_long(shown, limits), _long(said, limits), language, post.date, held)


def _not_taken(media: Sequence[Media], needed: bool) -> str:
    """Why these are not the one film that is needed; "" if they are. Without a film the words may
    say something else, and a film without its pictures too: that is for a person to decide."""
    films = [one for one in media if one.type.lower().startswith("video/")]
    if len(films) > 1:
        return TOO_MANY
    if len(films) < len(media):
        return NOT_FILMS if films else NO_FILM
    if not films:
        return NO_FILM if needed else ""
    if file_name(films[0].type.lower()).endswith(".bin"):
        return NOT_TAKEN
    return "" if films[0].content else EMPTY


def _written(text: str, limits: Limits, mentions: bool) -> str:
    plain = words.clean(text)
    for sign, other in limits.instead:
        plain = plain.replace(sign, other)
    return plain if mentions else words.quiet(plain)


def _line(text: str, limits: Limits, mentions: bool) -> str:
    return " ".join(_written(text, limits, mentions).split())


def _first(text: str) -> str:
    return " ".join(text.partition("\n")[0].split())


def _fitting(title: str, limits: Limits) -> str:
    """As much of a title as there is room for, by the platform's own measure."""
    most, fit = limits.title, title
    while units(fit := shortened(title, most), limits.title_in) > limits.title:
        most -= 1
    return fit


def _with(text: str, alt: str, limits: Limits) -> str:
    if not alt or alt in text:
        return text
    both = f"{text}\n\n{alt}" if text else alt
    return both if units(both, limits.text_in) <= limits.text else text


def _long(text: str, limits: Limits) -> str:
    """Not shorter than the platform asks for, if there is anything."""
    return f"{text} …" if 0 < len(text) < limits.least else text
