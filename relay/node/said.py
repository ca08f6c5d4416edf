"""What a bridge says, before the core believes it: short, printable, and within its bounds.

A frame has the right types by the time it is here (``relay.wire.pack``). What is left is what types
do not tell: a reason without end, a sign that moves an operator's cursor, a price below nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Final, TypeVar

from relay.model import (
    Fits,
    Found,
    Health,
    Later,
    Outcome,
    Part,
    Posted,
    Refused,
    Replied,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import MAX_KEPT
from relay.reader.text import clean
from relay.wire import frames
from relay.wire.itemmedia import ENDINGS

MOST_WHY: Final = 300
"""Characters of a reason: it stands on one line of the board."""

MOST_REF: Final = 4096
"""Characters of a ref, an address or an account's id: they are kept with the delivery."""

MOST_REPLIES: Final = 100
"""Replies that a bridge may give at a time."""

MOST_REPLY: Final = 1000
"""Characters of a reply that are kept, and read as those of a message are: anybody in the world
writes them. An answer has far fewer."""

MOST_SHOWN: Final = 100_000
"""Characters that are shown of all parts of a post before it is sent: five times the longest
text."""

MOST_SAID: Final = 100
"""Parts of it."""

_STEERS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

MOST_AT_ONCE: Final = 50
"""Sends of one destination under way together; as many as relay.reach has connections for."""

MOST_TYPES: Final = 16
"""Types of pictures that a bridge may name; we make two."""

_USUAL: Final = Fits()

_Said = TypeVar("_Said")


def plain(why: str, most: int = MOST_WHY) -> str:
    """The reason as it may be shown: what cannot be printed is a question mark."""
    return "".join(sign if sign.isprintable() else "?" for sign in why[:most])


def outcome(said: Outcome) -> Outcome:
    """How a send ended, as it may be kept."""
    if isinstance(said, Posted):
        return said if kept(said.ref, said.url) else Unsure("its bridge gave a ref without end")
    return reasons(said)


def found(said: Found) -> bool:
    """Whether a look-up found something that can be kept."""
    return kept(said.ref, said.url)


def reasons(said: _Said) -> _Said:
    """The same with reasons that may be shown, where it has any."""
    match said:
        case Stopped():
            return replace(said, why=plain(said.why), action=plain(said.action))
        case Later() | Refused() | Unsure() | Unknown():
            return replace(said, why=plain(said.why))
    return said


def replied(said: Replied) -> Replied | Later:
    """Replies as they may be kept: so many as were asked for, none without end; their cursor must
    be one that can be asked with."""
    if len(said.cursor) > MAX_KEPT or len(said.replies) > MOST_REPLIES:
        return Later("its bridge gave replies without end")
    replies = [
        replace(one, text=clean(one.text[:MOST_REPLY]))
        for one in said.replies
        if one.ref and one.to and kept(one.ref, one.to)
    ]
    return Replied(tuple(replies), said.cursor)


def health(said: Health) -> Health:
    """How an account is, as it may be kept: every key hangs on its id."""
    if not kept(said.account, ""):
        return Health("", "its bridge gives the account a name that cannot be kept")
    return replace(said, trouble=plain(said.trouble))


def fits(said: Fits | None) -> Fits:
    """Which media a platform takes, within what a cleaner makes."""
    if said is None:
        return _USUAL
    types = [one for one in said.image_types[:MOST_TYPES] if one in ENDINGS]
    numbers = {
        one.name: max(0, min(getattr(said, one.name), getattr(_USUAL, one.name)))
        for one in fields(Fits)
        if one.name != "image_types"
    }
    return Fits(**numbers, image_types=tuple(types))


def previewed(said: frames.Previewed) -> frames.Previewed:
    """What people would see, as it may be shown to editors: no signs that steer a screen, and none
    of it without end."""
    room, parts = MOST_SHOWN, []
    for one in said.parts[:MOST_SAID]:
        text = _STEERS.sub("?", one.text[:room])
        room -= len(text)
        numbers = {name: max(0, getattr(one, name)) for name in ("count", "most", "media")}
        parts.append(replace(one, text=text, refuse=plain(one.refuse), **numbers))
    return replace(said, of=max(0, said.of), parts=tuple(parts))


def at_once(said: int) -> int:
    """How many sends may be under way, within what the relay bears."""
    return max(1, min(said, MOST_AT_ONCE))


def priced(parts: Sequence[Part]) -> bool:
    """Whether no part has a price that would give money back."""
    return all(part.price >= 0 for part in parts)


def kept(ref: str, url: str) -> bool:
    """Whether a ref and an address are such as can be kept."""
    return len(ref) <= MOST_REF and len(url) <= MOST_REF and (ref + url).isprintable()
