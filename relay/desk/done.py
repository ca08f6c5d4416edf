"""What came of the last deeds: to be shown to who did them, and to be undone."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from relay.model import Instant

REMEMBERED: Final = 1_000
"""Deeds of which it is remembered here what came of them; the core knows them all."""


SAID: Final = {
    "publish": "Goes out after its delay",
    "drop": "Dropped",
    "hold": "Held",
    "assign": "Assigned",
    "undo": "Undone",
    "retry": "Tried again",
    "aside": "Set aside for a while",
    "aside-end": "Not set aside any more",
    "word": "The word of the day is kept",
    "note": "Noted",
    "ask": "The question lies there for its sender",
    "answer": "The reply lies there for its sender",
    "redact": "Cut out",
    "rewrite": "These words are kept",
    "posted": "Noted as posted",
}
"""What is said of a deed that was done, in English."""


@dataclass(frozen=True, slots=True, repr=False)
class NotDone:
    """A message to which it was not done, and why."""

    id: str
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class Done:
    """What came of a deed: ``deeds`` are the names by which the core knows its parts, and undoes
    them until ``until`` (0: it does not); ``waits`` for how many messages a second person is
    asked."""

    what: str
    by: str
    name: str
    done: int = 0
    waits: int = 0
    not_done: tuple[NotDone, ...] = ()
    until: Instant = 0
    deeds: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What was done."""
        return SAID.get(self.what, "Done")


class Doings:
    """The last deeds of everybody here, by their names."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, Done] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[Done]] = {}

    async def once(self, name: str, act: Callable[[], Awaitable[Done]]) -> Done:
        """Do it, or wait until it is done, and give what came of it. It goes on whatever becomes
        of the page that has asked for it. Raises what ``act`` raises; then it may be done again."""
        if name in self._done:
            return self._done[name]
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.ensure_future(act())
            task.add_done_callback(lambda _: self._under_way.pop(name))
        done = await asyncio.shield(task)
        self._done[name] = done
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        return done

    def forget(self, name: str) -> None:
        """It was undone."""
        self._done.pop(name, None)

    def clear(self) -> None:
        """Forget them all, but for what is under way."""
        self._done.clear()

    def of(self, handle: str, name: str) -> Done | None:
        """One's own deed."""
        done = self._done.get(name)
        return done if done is not None and done.by == handle else None
