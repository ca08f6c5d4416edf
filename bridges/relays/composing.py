"""From a post to the notes of its parts: cleaned, quiet, split, each with its tags and its media.

What a note says is its text, and under it the addresses of its media, one a line (NIP-92).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import regex

from bridges.kit import words
from bridges.kit.counting import WORD, Atom, Counting
from bridges.kit.splitting import shortened, split
from bridges.relays import blossom, names
from bridges.relays.documents import Limits
from bridges.relays.events import NOTE, Event, Tag, compact
from relay.ports import Media, Post

MOST_MEDIA: Final = 4
"""Of one note: clients show them below one another."""

MOST_ALT: Final = 600
MOST_CALLED: Final = 20
"""Tags that work in one note, and people named in it; some relays take no more than 100 in all."""

CALLED_BYTES: Final = 2000
"""What so many of both need in an event, besides the tags' own words."""

LEAST_ROOM: Final = 60
"""Characters that a note must have for its text, whatever else is in it."""

ID: Final = "0" * 64
_TAG: Final = regex.compile(rf"(?<![{WORD}])#(?P<name>[{WORD}]{{1,100}})")
_TYPE: Final = regex.compile(r"(?:image|video|audio)/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants notes to be; fields as in the settings. ``hint`` is a relay that has
    them, ``account`` the public key."""

    account: str
    hint: str
    mentions: bool
    warning: str
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Note:
    """``refuse`` says why there is nothing to send."""

    content: str = ""
    tags: tuple[Tag, ...] = ()
    media: tuple[Media, ...] = ()
    refuse: str = ""


def composed(post: Post, limits: Limits, style: Style) -> list[Note]:
    """The notes, at least one. A post that cannot be had here is one that says why: without one of
    its media the words may say something else, and that is for a person to decide."""
    text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
    refuse = _not_taken(post.media, style)
    if not text and not post.media:
        refuse = "nothing is left of it to post"
    if refuse:
        return [Note(refuse=refuse)]
    language = words.language(post.language)
    fitting = _fitting(post.media, limits, style, language)
    if fitting is None:
        return [Note(refuse="the relays leave no room for it")]
    groups, by = fitting
    said = text if style.mentions else names.hidden(words.quiet(text))
    parts = split(said, by.room, by, at_least=len(groups))
    groups += [()] * (len(parts) - len(groups))
    return [
        Note(_content(part, media, style), _tags(part, media, style, language), media)
        for part, media in zip(parts, groups, strict=True)
    ]


def answering(note: Note, before: Sequence[str], style: Style) -> tuple[Tag, ...]:
    """All tags of a note that follows the events with these ids in a thread (NIP-10)."""
    if not before:
        return note.tags
    root: Tag = ("e", before[0], style.hint, "root", style.account)
    reply: Tag = ("e", before[-1], style.hint, "reply", style.account)
    thread = (root, reply) if len(before) > 1 else (root,)
    return (*thread, ("p", style.account), *note.tags)


# ---------------------------------------------------------------- text


@dataclass(frozen=True, slots=True)
class Measure:
    """Two limits as one: a code point costs ``point`` and a byte of JSON ``byte``, whichever comes
    to more, and ``room`` is what there is for a text."""

    point: int
    byte: int
    room: int

    def atoms(self, text: str) -> Iterator[Atom]:
        """As ``counting.Measure``."""
        start = 0
        for atom in _PIECES.atoms(text):
            yield Atom(atom.end, self.units(text[start : atom.end]))
            start = atom.end

    def units(self, text: str) -> int:
        """As ``counting.Measure``."""
        escaped = sum(text.count(sign) for sign in '"\\\n\t')  # in JSON two bytes each
        return max(len(text) * self.point, (len(text.encode()) + escaped) * self.byte)


_PIECES: Final = Counting("code points")


def _fitting(
    media: Sequence[Media], limits: Limits, style: Style, language: str
) -> tuple[list[tuple[Media, ...]], Measure] | None:
    """The media as they are shared out, and what is left for words; None if too little is. With
    long descriptions each may need a note of its own."""
    for most in (MOST_MEDIA, 1):
        groups = _grouped(media, most)
        by = _measure(limits, groups, style, language)
        if min(by.point, by.byte) >= LEAST_ROOM:
            return groups, by
    return None


def _measure(limits: Limits, groups: list[tuple[Media, ...]], style: Style, lang: str) -> Measure:
    """What is left for a text when all the rest is in the event."""
    below = max((len(_content("", media, style)) for media in groups), default=0)
    frames = [_frame(media, style, lang) for media in groups] or [_frame((), style, lang)]
    points = limits.characters - below
    left = limits.frame - max(frames)
    if style.mentions:  # tags repeat what is in the text
        left = (left - CALLED_BYTES) // 2
    return Measure(point=max(left, 0), byte=max(points, 0), room=max(left, 0) * max(points, 0))


def _frame(media: tuple[Media, ...], style: Style, lang: str) -> int:
    """Bytes of the message that gives the relay a note with no text, in a thread, with a nonce."""
    note = Note(_content("", media, style), _tags("", media, style, lang), media)
    tags = (*answering(note, [ID, ID], style), ("nonce", "9" * 20, "99"))
    event = Event(style.account, 10**10, NOTE, tags, note.content, ID, ID * 2)
    return len(compact(["EVENT", event.shown()]))


def _content(text: str, media: tuple[Media, ...], style: Style) -> str:
    links = "\n".join(blossom.address(style.servers[0], one) for one in media)
    return f"{text}\n\n{links}".strip("\n") if links else text


# ---------------------------------------------------------------- tags


def _tags(text: str, media: tuple[Media, ...], style: Style, language: str) -> tuple[Tag, ...]:
    tags: list[Tag] = [_shown(one, style.servers) for one in media]
    if style.warning:
        tags.append(("content-warning", style.warning))
    if len(language) == 2:  # NIP-32
        tags += [("L", "ISO-639-1"), ("l", language, "ISO-639-1")]
    if style.mentions:
        named = (found["name"].lower() for found in _TAG.finditer(text))
        tags += [("t", name) for name in [*dict.fromkeys(named)][:MOST_CALLED]]
        tags += [("p", account) for account in names.called(text)[:MOST_CALLED]]
    return tuple(tags)


def _shown(medium: Media, servers: Sequence[str]) -> Tag:
    """The imeta tag of a medium (NIP-92, NIP-94)."""
    alt = shortened(words.clean(medium.alt).replace("\n", " "), MOST_ALT)
    return (
        "imeta",
        f"url {blossom.address(servers[0], medium)}",
        f"m {medium.type}",
        f"x {blossom.digest(medium)}",
        f"size {len(medium.content)}",
        *([f"dim {medium.width}x{medium.height}"] if medium.width and medium.height else []),
        *([f"alt {alt}"] if alt else []),
        *(f"fallback {blossom.address(server, medium)}" for server in servers[1:]),
    )


# ---------------------------------------------------------------- media


def _not_taken(media: Sequence[Media], style: Style) -> str:
    for medium in media:
        if not style.servers:
            return "there is no media server for its media"
        if not _TYPE.fullmatch(medium.type.lower()):
            return "a medium is neither picture nor film nor sound"
        if not medium.content:
            return "a medium is empty"
    return ""


def _grouped(media: Sequence[Media], most: int) -> list[tuple[Media, ...]]:
    plain = [replace(medium, type=medium.type.lower()) for medium in media]
    return [tuple(plain[at : at + most]) for at in range(0, len(plain), most)]
