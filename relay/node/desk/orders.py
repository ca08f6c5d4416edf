"""The orders that only a desk gives, but for those on people: to look, and to do something."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final, Protocol

from relay.node.desk import deeds, looking
from relay.node.desk.deeds import WORDS, Deeds
from relay.node.desk.looking import Looking
from relay.node.desk.messages import Messages
from relay.node.desk.outbox import Outbox

Answer = Mapping[str, Any]
Answers = Callable[[Mapping[str, Any]], AsyncGenerator[Answer, None]]

ONCE: Final = frozenset({"answer", "retry", "posted", "release", "aside", "aside-end", "word"})
"""Words that are done once, too, where they come with a token."""

MANY: Final = frozenset({"drop", "hold"})
"""Words that the command line has as well, about one message and without a token."""


class Node(deeds.Node, looking.Node, Protocol):
    """What they need of the core."""


class DeskOrders:
    """Carries them out on one node."""

    def __init__(self, core: Node) -> None:
        self.messages = found = Messages(core)
        self.looking = Looking(core, found)
        self._outbox = Outbox()
        self.deeds = Deeds(core, found, self._outbox)

    def has(self, order: Mapping[str, Any]) -> bool:
        """Whether it is one of these."""
        word = order.get("do")
        if not isinstance(word, str):
            return False
        if word in MANY:
            return "token" in order and not order.get("destroy")
        return word in WORDS or word in ("cards", "outbox", "original-fetch")

    async def once(self, order: Mapping[str, Any], answers: Answers) -> Answer:
        """The last answer to an order of the command line, which is carried out once by its
        token. Raises Asked."""

        async def act() -> Answer:
            last: Answer = {}
            async for answer in answers({key: order[key] for key in order if key != "token"}):
                last = answer
            return last

        return await self._outbox.once(str(order.get("by", "")), order, act)

    async def answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """All answers to one of these. Raises Asked."""
        match order:
            case {"do": "cards"}:
                async for answer in self.looking.all_cards(order):
                    yield answer
            case {"do": "outbox"}:
                yield self.deeds.outbox()
            case {"do": "original-fetch"}:
                async for answer in self.deeds.fetch(order):
                    yield answer
            case _:
                async for answer in self.deeds.answers(order):
                    yield answer
