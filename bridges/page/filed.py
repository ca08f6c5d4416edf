"""What the pages by language and by topic show: lines of items, and what has a page."""

from __future__ import annotations

from dataclasses import dataclass

from bridges.page.topics import Key
from relay.ports import Instant


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """What a page shows of an item. ``place`` is its line in the order."""

    place: int
    uuid: str
    date: str
    when: Instant
    language: str
    title: str
    words: str
    corrected: bool
    keys: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Filed:
    """A language or a topic that has a page, and how many of the items looked at it has."""

    key: Key
    count: int
