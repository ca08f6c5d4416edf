"""What a lane shows of one message: a card, as the core tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relay.model import Instant

PUBLIC = frozenset({"posted"})
"""What became of a message that the world can read."""


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """One message. ``held``: a person must decide about it. ``outbox_until``: until then what was
    decided can be undone. ``text`` is whole, as it would be published; ``kinds`` are the dangers
    in it. ``author`` and ``network`` are today's tags of who wrote it (hexadecimal, empty where
    nobody can tell); ``confirmed`` are the handles of those who have said yes to it while a second
    person is asked; ``destinations`` says what became of it where."""

    seq: int
    id: str
    rev: int = 0
    queue: str = ""
    state: str = ""
    held: bool = False
    outbox_until: Instant | None = None
    due: Instant | None = None
    channel: str = ""
    transport: str = ""
    hour: Instant = 0
    language: str = "und"
    title: str = ""
    text: str = ""
    kinds: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    author: str = ""
    network: str = ""
    known: bool = False
    assignee: str = ""
    notes: int = 0
    confirmed: tuple[str, ...] = ()
    asked_back: bool = False
    replies: int = 0
    aside: bool = False
    why: str = ""
    corrects: bool = False
    destinations: Mapping[str, str] = field(default_factory=dict)

    @property
    def public(self) -> bool:
        """Whether some of it can be read by the world."""
        return self.state in PUBLIC or "posted" in self.destinations.values()


def card_of(told: Mapping[str, Any]) -> Card:
    """The card in an answer of the core; what it does not say is as a new card has it."""
    seen = {name: told[name] for name in _FIELDS if name in told}
    for name in _TUPLES & seen.keys():
        seen[name] = tuple(map(str, seen[name]))
    return Card(**seen)


_FIELDS = tuple(Card.__dataclass_fields__)
_TUPLES = frozenset({"kinds", "media", "flags", "confirmed"})
