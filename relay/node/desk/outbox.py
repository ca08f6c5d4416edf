"""The outbox: deeds that can still be undone, and those that were done. The same one is done once.

A browser sends a form twice, a page is loaded again, a person clicks until something happens. Each
deed has a token of its own, and one whose token was met is answered as it was then. What has to
outlive the process lies with the messages themselves: which deed moved them, and how they stood.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import trio

from relay.errors import Asked
from relay.model import Instant

Answer = Mapping[str, Any]

MOST: Final = 2000
"""Deeds that are remembered."""

MOST_TOKEN: Final = 100
"""Characters of a token."""

OTHERWISE: Final = "that was asked before, and otherwise: load the page again"


@dataclass(slots=True)
class _Done:
    """A deed that was begun; ``answer`` is None until it has ended."""

    by: str
    order: str
    over: trio.Event = field(default_factory=trio.Event)
    answer: Answer | None = None


class Outbox:
    """The deeds of this run of the core, by their tokens."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._done: OrderedDict[str, _Done] = OrderedDict()

    async def once(
        self, by: str, order: Mapping[str, Any], act: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Do what this order asks for, or wait until it is done, and say the same as then. What
        failed may be asked again. Raises Asked for a token of another order."""
        token = token_of(order)
        said = json.dumps(order, sort_keys=True, default=str)
        while (known := self._done.get(token)) is not None:
            if (known.by, known.order) != (by, said):
                raise Asked(OTHERWISE)
            await known.over.wait()
            if known.answer is not None:
                return known.answer
        self._done[token] = begun = _Done(by, said)
        try:
            begun.answer = await act()
        finally:
            begun.over.set()
            if begun.answer is None:
                del self._done[token]
        self._forget()
        return begun.answer

    def _forget(self) -> None:
        """The oldest of too many; what is under way is not."""
        while len(self._done) > self._most:
            token = next((one for one, done in self._done.items() if done.answer is not None), None)
            if token is None:
                return
            del self._done[token]

    def undoable(self, now: Instant) -> Iterator[Answer]:
        """The deeds that can still be undone, the newest first."""
        for token, one in reversed(self._done.items()):
            answer = one.answer
            if answer is not None and (answer.get("until") or 0) > now and answer["done"]:
                ids = [done["id"] for done in answer["done"]]
                word = json.loads(one.order)["do"]
                yield {
                    "deed": token,
                    "do": word,
                    "handle": one.by,
                    "until": answer["until"],
                    "ids": ids,
                }


def token_of(order: Mapping[str, Any]) -> str:
    """The token of a deed. Raises Asked."""
    token = order.get("token")
    if not isinstance(token, str) or not 8 <= len(token) <= MOST_TOKEN:
        raise Asked("a deed has a token of 8 to 100 characters")
    return token
