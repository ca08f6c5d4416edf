"""Everybody's orders on their way to what carries them out: who gives them, and whether they may.

From the desk nothing gets through without a session and a right, but signing in. What carries an
order out finds in it, as ``by``, the handle of whoever gave it; nothing else that claims to be one
gets that far. ``quiet`` in an order says that nobody did anything, a page asks by itself: it does
not keep a session from ending.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final, Protocol

from relay.config import Settings
from relay.config.sections import DeskAt
from relay.errors import Asked
from relay.node.desk.service import SIGNED_OUT
from relay.node.desk.sessions import Session, Sessions
from relay.ports import Clock, Spool
from relay.rules.rights import may, word_of
from relay.wire.keys import ExitKeys

Answer = Mapping[str, Any]
Answers = Callable[[Mapping[str, Any]], AsyncGenerator[Answer, None]]

TERMINAL: Final = "terminal"
"""The handle of whoever uses the command line on the node itself."""

MAY_NOT: Final = "you may not do that: it is for other roles"

_OURS: Final = frozenset({"session", "by", "as", "quiet"})
"""Keys that no order has any more when it is carried out; but ``by``, which is ours."""


class Node(Protocol):
    """What this needs of the core."""

    settings: Settings
    clock: Clock
    keys: ExitKeys | None

    @property
    def spool(self) -> Spool: ...


class People:
    """Everybody who gives orders to one node."""

    def __init__(self, core: Node, answers: Answers) -> None:
        """``answers`` carries orders out."""
        desk = core.settings.desk or DeskAt.model_validate({})
        self._core = core
        self._answers = answers
        self.sessions = Sessions(desk.idle, desk.longest)

    def some_may(self, word: str) -> bool:
        """Whether anybody who is signed in may give such an order: else there is nobody whom the
        desk would need to tell."""
        return may(self.sessions.roles(), word)

    # ------------------------------------------------------------ from the desk

    async def answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """Carry out an order of the desk. Raises Asked."""
        if order.get("do") == "sign-in":
            raise Asked("wrong")
        session = self.sessions.of(order.get("session"), used=not order.get("quiet"))
        if session is None:
            raise Asked(SIGNED_OUT)
        if not may(session.roles, word_of(order)):
            raise Asked(MAY_NOT)
        match order:
            case {"do": "who"}:
                yield self._who(session)
            case {"do": "sign-out"}:
                self.sessions.end(order.get("session"))
                yield {}
            case _:
                async with aclosing(self._answers(_inner(order, session.handle))) as told:
                    async for answer in told:
                        if not self.sessions.is_alive(session):
                            raise Asked(SIGNED_OUT)
                        yield answer

    def _who(self, session: Session) -> Answer:
        left = int(self.sessions.left_s(session))
        ends = self._core.clock.now() + left
        return {"handle": session.handle, "roles": sorted(session.roles), "ends": ends}

    # ------------------------------------------------------------ from the terminal

    async def terminal(self, order: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """Carry out an order of the command line. Raises Asked."""
        async with aclosing(self._answers(_inner(order, TERMINAL))) as told:
            async for answer in told:
                yield answer


def _inner(order: Mapping[str, Any], handle: str) -> Mapping[str, Any]:
    return {**{key: value for key, value in order.items() if key not in _OURS}, "by": handle}
