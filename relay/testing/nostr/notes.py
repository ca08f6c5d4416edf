"""What people see on a relay: short texts and long ones, with what is attached and answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from relay.model import Instant
from relay.testing.nostr.events import LONG, Event


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """What an ``imeta`` tag says of a link in the text (NIP-92). ``content`` is what lies under its
    hash on the media servers that the relay was told of; empty if none of them has it."""

    url: str
    type: str
    alt: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Note:
    """One of kind 1 or 30023. ``parent``: the id of what it answers (NIP-10). ``address``: of a
    long one (NIP-23), whose repeats replace each other. ``event`` is the whole of it."""

    id: str
    text: str
    title: str
    media: tuple[Medium, ...]
    parent: str | None
    root: str | None
    address: str | None
    created: Instant
    event: Event


def note(event: Event, fetched: Callable[[str], bytes]) -> Note:
    """How people see an event. ``fetched`` gives a medium by its hash."""
    root, parent = _answered(event, "root"), _answered(event, "reply")
    found = [_medium(tag, fetched) for tag in event.tags if tag[0] == "imeta"]
    return Note(
        event.id,
        event.content,
        event.first("title") if event.kind == LONG else "",
        tuple(one for one in found if one.url and one.url in event.content),
        parent or root,
        root,
        event.address,
        event.created_at,
        event,
    )


def _answered(event: Event, marker: str) -> str | None:
    """NIP-10: ``["e", id, relay, marker]``. Tags without a marker are a mention."""
    marked = [tag[1] for tag in event.tags if tag[0] == "e" and tag[3:4] == (marker,)]
    return marked[0] if marked else None


def _medium(tag: tuple[str, ...], fetched: Callable[[str], bytes]) -> Medium:
    said = dict(one.partition(" ")[::2] for one in tag[1:])
    sha256 = said.get("x", "")
    content = fetched(sha256) if re.fullmatch("[0-9a-f]{64}", sha256) else b""
    return Medium(said.get("url", ""), said.get("m", ""), said.get("alt", ""), sha256, content)
