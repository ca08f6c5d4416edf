"""Messages by the story they tell, kept up as they come and go."""

from __future__ import annotations

from dataclasses import dataclass

from relay.rules.seen import Seen


@dataclass(frozen=True, slots=True)
class Change:
    """A message that was in a group and is now in another, since something came or went."""

    key: int
    group: int


class Alike:
    """Groups of messages; a message is a number of the caller's. The same messages in the same
    order make the same groups. A group that is merged or parted keeps its number for the part with
    the most messages."""

    def __init__(self) -> None:
        self._groups: dict[str, int] = {}
        self._members: dict[int, dict[int, None]] = {}
        self._group_of: dict[int, int] = {}
        self._last = 0

    def add(self, key: int, text: str) -> int:
        """The group of a new message. What else moves by it is told by ``changes``.

        Raises ``KeyError`` for a key that is there already.
        """
        if key in self._group_of:
            raise KeyError(key)
        told = " ".join(Seen(text).small.split())
        group = self._groups.get(told)
        if group is None:
            self._last += 1
            group = self._groups[told] = self._last
        self._members.setdefault(group, {})[key] = None
        self._group_of[key] = group
        return group

    def remove(self, key: int) -> None:
        """Forgets a message. What moves by it is told by ``changes``; ``KeyError`` if unknown."""
        group = self._group_of.pop(key)
        del self._members[group][key]

    def members(self, group: int) -> tuple[int, ...]:
        """The messages of a group in the order they came; none if there is no such group (any
        more)."""
        return tuple(self._members.get(group, ()))

    def group_of(self, key: int) -> int:
        """Its group; ``KeyError`` if the message is unknown."""
        return self._group_of[key]

    def changes(self) -> list[Change]:
        """What moved to another group since this was last asked, each message once with where it is
        now. A message that was just added is not among them unless it moved after that."""
        return []
