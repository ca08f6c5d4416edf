"""A core for the desk that answers as a test says, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from relay.desk.core import Heard, Order, Refused, SignedOut, Told

Says = Callable[[Order], Sequence[Told]] | Sequence[Told] | Exception

EDITOR = {"handle": "ada", "roles": ["reader", "editor"], "language": "en", "ends": 2_000_000_000}
OPERATOR = {"handle": "oz", "roles": ["operator"], "language": "en", "ends": 2_000_000_000}


class DeskCore:
    """``relay.desk.core.Core``. ``says``: the answers to each order by its ``do``: a list of them,
    what makes one of the order, or what is raised. ``people``: who there is, by their sessions."""

    def __init__(self, says: Mapping[str, Says] | None = None) -> None:
        self.says: dict[str, Says] = dict(says or {})
        self.people: dict[str, dict[str, Any]] = {"s-editor": EDITOR, "s-operator": OPERATOR}
        self.asked: list[dict[str, Any]] = []
        self._heard: list[Heard] = []

    def hear(self, heard: Heard) -> None:
        """As desk.core.Core."""
        self._heard.append(heard)

    def tell(self, news: Told) -> None:
        """Let the desk hear news."""
        for heard in self._heard:
            heard(news)

    async def ask(self, order: Order) -> AsyncIterator[Told]:
        """As desk.core.Core."""
        self.asked.append(dict(order))
        if "session" in order and order["session"] not in self.people:
            raise SignedOut("signed out")
        for told in self._answers(order):
            yield told

    async def one(self, order: Order) -> Told:
        """As desk.core.Core."""
        last: Told = {}
        async for told in self.ask(order):
            last = told
        return last

    def given(self, do: str) -> list[dict[str, Any]]:
        """Every order of this kind so far."""
        return [one for one in self.asked if one["do"] == do]

    def _answers(self, order: Order) -> Sequence[Told]:
        said = self.says.get(order["do"])
        if said is None and order["do"] == "who":
            return [self.people[order["session"]]]
        if said is None:
            raise Refused("that is no order")
        if isinstance(said, Exception):
            raise said
        return said(order) if callable(said) else said
