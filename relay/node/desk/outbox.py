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
from hashlib import sha256
from typing import Any, Final

import trio

from relay.errors import Asked
from relay.model import Instant
from relay.node.desk.deed import UNDONE

Answer = Mapping[str, Any]

MOST: Final = 2000
"""Deeds that are remembered."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of all answers to them: a hundred deeds on five hundred messages each."""

MOST_TOKEN: Final = 100
"""Characters of a token."""

OTHERWISE: Final = "that was asked before, and otherwise: load the page again"


@dataclass(slots=True, repr=False)
class _Done:
    """A deed that was begun: by whom, a digest of the order, its word; ``answer`` is empty until
    it has ended, and then written as JSON."""

    by: str
    order: bytes
    word: str
    over: trio.Event = field(default_factory=trio.Event)
    answer: bytes = b""
    undone: bool = False


class Outbox:
    """The deeds of this run of the core, by their tokens."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._room = most_bytes
        self._done: OrderedDict[str, _Done] = OrderedDict()

    async def once(
        self, by: str, order: Mapping[str, Any], act: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Do what this order asks for, or wait until it is done, and say the same as then. It is
        done to its end, also where whoever asked for it goes away in the middle. What failed may
        be asked again. Raises Asked for a token of another order."""
        token = token_of(order)
        said = sha256(json.dumps(order, sort_keys=True, default=str).encode()).digest()
        while (known := self._done.get(token)) is not None:
            if (known.by, known.order) != (by, said):
                raise Asked(OTHERWISE)
            await known.over.wait()
            if known.answer:
                return _read(known.answer)
        self._done[token] = begun = _Done(by, said, str(order.get("do")))
        try:
            with trio.CancelScope(shield=True):
                begun.answer = json.dumps(await act()).encode()
        finally:
            begun.over.set()
            if not begun.answer:
                del self._done[token]
        self._room -= len(begun.answer)
        self._undo(order, answer := _read(begun.answer))
        self._forget()
        return answer

    def _undo(self, order: Mapping[str, Any], answer: Answer) -> None:
        """What was undone as a whole is nobody's to undo once more."""
        undone = self._done.get(str(order.get("deed"))) if order.get("do") == "undo" else None
        if undone is not None and not answer.get("not_done"):
            undone.undone = True

    def _forget(self) -> None:
        """The oldest of too many; what is under way is not, nor the last one."""
        over = [token for token, one in self._done.items() if one.answer][:-1]
        for token in over:
            if len(self._done) <= self._most and self._room >= 0:
                return
            self._room += len(self._done.pop(token).answer)

    def undoable(self, now: Instant) -> Iterator[Answer]:
        """The deeds that can still be undone, the newest first."""
        for token, one in reversed(self._done.items()):
            lies = one.answer and one.word in UNDONE and not one.undone
            answer = _read(one.answer) if lies else {}
            if (answer.get("until") or 0) > now and answer["done"]:
                yield {
                    "deed": token,
                    "do": one.word,
                    "handle": one.by,
                    "until": answer["until"],
                    "ids": [done["id"] for done in answer["done"]],
                }


def _read(answer: bytes) -> Answer:
    read: Answer = json.loads(answer)
    return read


def token_of(order: Mapping[str, Any]) -> str:
    """The token of a deed. Raises Asked."""
    token = order.get("token")
    if not isinstance(token, str) or not 8 <= len(token) <= MOST_TOKEN:
        raise Asked("a deed has a token of 8 to 100 characters")
    return token
