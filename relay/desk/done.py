"""What came of the last deeds: to be shown to who did them, and to be undone."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from relay.model import Instant

REMEMBERED: Final = 1_000
"""Deeds of which it is remembered here what came of them; the core knows them all."""


@dataclass(frozen=True, slots=True, repr=False)
class NotDone:
    """A message to which it was not done, and why."""

    id: str
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class Done:
    """What came of a deed: ``deeds`` are the names by which it can be undone until ``until`` (0:
    it cannot); ``waits`` for how many of its messages a second person is asked."""

    what: str
    by: str
    token: str
    done: int = 0
    waits: int = 0
    not_done: tuple[NotDone, ...] = ()
    until: Instant = 0
    deeds: tuple[str, ...] = ()


class Doings:
    """The last deeds of everybody here, by their tokens."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, Done] = OrderedDict()

    def keep(self, done: Done) -> None:
        """Remember what came of one."""
        self._done[done.token] = done
        self._done.move_to_end(done.token)
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)

    def forget(self, token: str) -> None:
        """It was undone."""
        self._done.pop(token, None)

    def of(self, handle: str, token: str) -> Done | None:
        """One's own deed by its token."""
        done = self._done.get(token)
        return done if done is not None and done.by == handle else None

    def undoable(self, handle: str, now: Instant) -> list[Done]:
        """One's own deeds that can be undone still, the last one first."""
        mine = [one for one in self._done.values() if one.by == handle]
        return [one for one in reversed(mine) if one.deeds and one.until > now]
