"""From a post to the drafts of its parts: a text (or several), then each file as a part of its own.

An event is JSON of at most 65,536 bytes with all that servers add to it ("Size limits"), so a text
is measured in bytes as they stand in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import regex

from bridges.kit import words
from bridges.kit.counting import Atom, Counting
from bridges.kit.splitting import shortened, split
from bridges.rooms.drafts import Draft
from relay.ports import Media, Post

MOST_BYTES: Final = 48_000
LONGEST_ALT: Final = 4000
MOST_CALLS: Final = 20

_PLAIN: Final = Counting("bytes")
_CALL: Final = regex.compile(
    r"(?<![\w@/])@[a-z0-9._=/+-]{1,100}:[a-z0-9.-]{1,100}[a-z0-9](?::[0-9]{1,5})?"
)
_TYPE: Final = regex.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants posts to look; fields as in the settings. ``limit`` is in bytes."""

    kind: str
    calls: bool
    threads: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Written:
    """A measure in bytes of JSON: a quotation mark or a line end is two of them."""

    def atoms(self, text: str) -> Iterator[Atom]:
        """An address and a name are one piece each, else a grapheme."""
        start = 0
        for atom in _PLAIN.atoms(text):
            yield Atom(atom.end, self.units(text[start : atom.end]))
            start = atom.end

    def units(self, text: str) -> int:
        """How many bytes it takes, without the marks around it."""
        return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def composed(post: Post, style: Style, most_bytes: int | None) -> list[Draft]:
    """The drafts, at least one. ``most_bytes``: of one file (None: the server does not say).

    A file that the server does not take refuses the whole post: without it the words may say
    something else, and that is for a person to decide.
    """
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = _not_taken(post.media, most_bytes)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [Draft(refuse=refuse)]
    said = text if style.calls else words.quiet(text)
    pieces = split(said, style.limit, Written()) if said else []
    thread = style.threads and len(pieces) > 1
    texts = [Draft(piece, style.kind, _calls(piece, style)) for piece in pieces]
    files = [_file(medium) for medium in post.media]
    return [replace(one, thread=thread and n > 0) for n, one in enumerate([*texts, *files])]


def _not_taken(media: tuple[Media, ...], most_bytes: int | None) -> str:
    for medium in media:
        if not _TYPE.fullmatch(medium.type.lower()):
            return "a medium has no type that can be said"
        if not medium.content:
            return "a medium is empty"
        if most_bytes is not None and len(medium.content) > most_bytes:
            return "a medium is larger than the server takes"
    return ""


def _calls(text: str, style: Style) -> tuple[str, ...]:
    """The users that a text names, if they are to be told."""
    found = _CALL.findall(text) if style.calls else []
    return tuple(dict.fromkeys(found))[:MOST_CALLS]


def _file(medium: Media) -> Draft:
    alt = shortened(words.clean(medium.alt), LONGEST_ALT)
    return Draft(media=(replace(medium, type=medium.type.lower(), alt=alt),))
