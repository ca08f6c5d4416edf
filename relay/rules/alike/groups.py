"""Messages by the story they tell, kept up as they come and go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from relay.rules.alike.forming import Group, are_apart, formed
from relay.rules.alike.nearby import Nearby
from relay.rules.alike.telling import Telling, told
from relay.rules.alike.verdicts import Verdict

_HELD_AGAINST: Final = 64
"""Members of a group that a new one is held against. A group in which more say something of their
own takes in only what is a copy of a member."""

_NEAREST: Final = 2
_THEIRS: Final = 4
"""So many of those that tell the same as the nearest ones a new telling is held against too."""

_LOOKED_AT_ANEW: Final = 256
"""Wordings of a group that is formed anew when one of them goes. A larger one is left as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A message that was in a group and is now in another, since something came or went."""

    key: int
    group: int


class Alike:
    """Groups of messages; a message is a number of the caller's. The same messages in the same
    order make the same groups. Where groups merge or part, the largest keeps its number."""

    def __init__(self) -> None:
        self._tellings: dict[tuple[str, ...], Telling] = {}
        self._of: dict[int, Telling] = {}
        self._groups: dict[int, Group] = {}
        self._nearby = Nearby()
        self._last_group = 0
        self._last_telling = 0
        self._moved: dict[int, None] = {}

    def add(self, key: int, text: str) -> int:
        """The group of a new message. What else moves by it is told by ``changes``.

        Raises ``KeyError`` for a key that is there already.
        """
        if key in self._of:
            raise KeyError(key)
        said = told(text)
        telling = self._tellings.get(said.words)
        if telling is None:
            self._last_telling += 1
            telling = self._tellings[said.words] = Telling(said, self._last_telling)
            self._place(telling)
        telling.keys[key] = None
        self._of[key] = telling
        return telling.group

    def remove(self, key: int) -> None:
        """Forgets a message. What moves by it is told by ``changes``; ``KeyError`` if unknown."""
        telling = self._of.pop(key)
        del telling.keys[key]
        self._moved.pop(key, None)
        if telling.keys:
            return
        del self._tellings[telling.words]
        self._nearby.remove(telling)
        known = telling.same()
        telling.forget()
        group = self._groups[telling.group]
        del group[telling]
        if not group:
            del self._groups[telling.group]
        elif known and len(group) <= _LOOKED_AT_ANEW:
            self._form(telling.group)

    def members(self, group: int) -> tuple[int, ...]:
        """The messages of a group, those with one wording together; none if there is no such group
        (any more)."""
        return tuple(key for telling in self._groups.get(group, ()) for key in telling.keys)

    def group_of(self, key: int) -> int:
        """Its group; ``KeyError`` if the message is unknown."""
        return self._of[key].group

    def changes(self) -> list[Change]:
        """What moved to another group since this was last asked, each message once with where it is
        now. A message that was just added is not among them unless it moved after that."""
        moved, self._moved = self._moved, {}
        return [Change(key, self._of[key].group) for key in moved]

    def _place(self, telling: Telling) -> None:
        """Finds the group of a new wording."""
        near = self._nearby.like(telling.words)
        self._nearby.add(telling)
        for other in near:
            telling.tie(other, self._nearby.is_word)
        self._alone(telling)
        same = telling.same()
        for other in same[:_NEAREST]:
            for further in other.first_same(_THEIRS):
                if further is not telling:
                    telling.tie(further, self._nearby.is_word)
        self._join(telling)

    def _alone(self, telling: Telling) -> None:
        self._last_group += 1
        telling.group = self._last_group
        telling.within = False
        self._groups[telling.group] = {telling: None}

    def _join(self, telling: Telling) -> None:
        """Into the group of what tells the same; into all such groups, if they agree."""
        for other in telling.same():
            if other.group == telling.group:
                continue
            if self._fits(telling.group, other.group):
                self._merge(telling.group, other.group)

    def _fits(self, one: int, other: int) -> bool:
        """Whether no member of the one tells another story than any of the other."""
        mine, theirs = self._groups[one], self._groups[other]
        if are_apart(mine, theirs):
            return False
        mine_whole = _saying_more(mine, theirs)
        if not mine_whole:
            return True
        theirs_whole = [each for each in theirs if not each.within]
        if len(mine_whole) * len(theirs_whole) > _HELD_AGAINST:
            return False
        for each in mine_whole:
            for against in theirs_whole:
                each.tie(against, self._nearby.is_word)
        return not are_apart(mine, theirs)

    def _merge(self, one: int, other: int) -> None:
        """Two groups become one, under the number of that with more wordings, or the older one."""
        if (len(self._groups[one]), -one) > (len(self._groups[other]), -other):
            one, other = other, one
        into = self._groups[other]
        gone = self._groups.pop(one)
        for telling in gone:
            telling.group = other
            telling.within = telling.within or _is_within(telling, into)
            self._moved |= telling.keys
        into |= gone

    def _form(self, number: int) -> None:
        """Looks anew at a group of which one is gone. The largest part keeps the number."""
        parts = formed(self._groups.pop(number))
        parts.sort(
            key=lambda part: (
                -sum(len(one.keys) for one in part),
                min(one.number for one in part),
            )
        )
        for at, part in enumerate(parts):
            group = number
            if at:
                self._last_group += 1
                group = self._last_group
                for telling in part:
                    telling.group = group
                    self._moved |= telling.keys
            self._groups[group] = part
            for telling in part:
                telling.within = _is_within(telling, part)


def _is_within(telling: Telling, group: Iterable[Telling]) -> bool:
    """Whether a member says all that it says; of two that say the same, the one that came later."""
    return any(
        Verdict.MORE not in said and (Verdict.LESS in said or other.number < telling.number)
        for other, said in telling.same_as.items()
        if other in group
    )


def _saying_more(mine: Group, theirs: Group) -> list[Telling]:
    return [
        one
        for one in mine
        if not one.within
        and not any(
            Verdict.MORE not in said and other in theirs for other, said in one.same_as.items()
        )
    ]
