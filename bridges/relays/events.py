"""Events: what a relay keeps, named by the hash of what they say (NIP-01)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bridges.relays.keys import Key, verified
from relay.ports import Instant

NOTE: Final = 1
"""The kind of a short text (NIP-10)."""

REMOVAL: Final = 5
"""The kind of a request to delete (NIP-09)."""

LOGIN: Final = 22242
"""The kind that tells a relay who is there (NIP-42); it is never published."""

UPLOAD: Final = 24242
"""The kind that tells a media server who is there (BUD-11); it is never published."""

_HEX: Final = frozenset("0123456789abcdef")

Tag = tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """``account`` is 64 hex, ``id`` and ``sig`` are empty as long as it is not signed."""

    account: str
    created_at: Instant
    kind: int
    tags: tuple[Tag, ...]
    content: str
    id: str = ""
    sig: str = ""

    def serial(self) -> bytes:
        """What is hashed. Python's JSON is NIP-01's, as long as there are no controls in it but
        line feed and tab: those it writes as ``\\u0001``, where the rule wants them as they are."""
        tags = [list(tag) for tag in self.tags]
        return compact([0, self.account, self.created_at, self.kind, tags, self.content])

    def signed(self, key: Key) -> Event:
        """The same, with its id and its signature."""
        id = hashlib.sha256(self.serial()).digest()
        return replace(self, id=id.hex(), sig=key.signed(id).hex())

    def shown(self) -> dict[str, Any]:
        """The JSON object that relays take."""
        return {
            "id": self.id,
            "pubkey": self.account,
            "created_at": self.created_at,
            "kind": self.kind,
            "tags": [list(tag) for tag in self.tags],
            "content": self.content,
            "sig": self.sig,
        }


def compact(said: Any) -> bytes:
    """JSON as it goes over the wire: UTF-8, nothing escaped that need not be, no blanks."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def made_by(key: Key, kind: int, tags: tuple[Tag, ...], at: Instant, content: str = "") -> Event:
    """A signed event that is no part of a post."""
    return Event(key.account, at, kind, tags, content).signed(key)


def event_of(said: Any) -> Event | None:
    """The event that a relay shows, if it is one and genuine; None for anything else."""
    if not isinstance(said, Mapping):
        return None
    tags = said.get("tags")
    kind, at, content = said.get("kind"), said.get("created_at"), said.get("content")
    if not isinstance(tags, list) or not all(isinstance(tag, list) for tag in tags):
        return None
    if not all(isinstance(word, str) for tag in tags for word in tag):
        return None
    if not (type(kind) is int and type(at) is int and isinstance(content, str)):
        return None
    account, id, sig = (str(said.get(name)) for name in ("pubkey", "id", "sig"))
    event = Event(account, at, kind, tuple(map(tuple, tags)), content, id, sig)
    return event if is_id(id) and _genuine(event) else None


def _genuine(event: Event) -> bool:
    try:
        hashed = hashlib.sha256(event.serial()).hexdigest()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return hashed == event.id and verified(event.account, event.id, event.sig)


def is_id(said: str) -> bool:
    """Whether it can be an event's id: 64 hex digits in lower case."""
    return len(said) == 64 and set(said) <= _HEX
