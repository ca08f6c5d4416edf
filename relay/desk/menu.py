"""What stands at the top of every page: where one can go, and by which key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.desk.who import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """``name`` is shown, in English (``words.py`` has it in others); ``roles``: who sees it, all if
    none; ``key``: its key by position (``KeyboardEvent.code``), pressed after G."""

    path: str
    name: str
    roles: frozenset[str] = frozenset()
    key: str = ""

    def covers(self, here: str) -> bool:
        """Whether a page is this one, or lies under it."""
        return here == self.path or (self.path != "/" and here.startswith(self.path + "/"))


LOOKS: Final = frozenset({"reader", "editor"})

MENU: Final[list[Entry]] = [
    Entry("/lanes", "Lanes", LOOKS, "KeyL"),
    Entry("/search", "Search", LOOKS, "KeyF"),
    Entry("/outbox", "Outbox", LOOKS, "KeyO"),
    Entry("/asides", "Set aside", LOOKS, "KeyA"),
    Entry("/originals", "Originals", frozenset({"originals"}), "KeyI"),
    Entry("/shift", "Shift", LOOKS | {"operator"}, "KeyH"),
    Entry("/node", "Node", frozenset({"operator"}), "KeyB"),
]
"""In the order in which they stand there."""


def entries(person: Person) -> list[Entry]:
    """What this person may open."""
    return [one for one in MENU if not one.roles or one.roles & person.roles]
