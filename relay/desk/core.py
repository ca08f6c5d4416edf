"""What the desk asks of the core, and is told: orders and answers, as ``docs/desk.md`` has them.

An order is a mapping with ``do``, and but for signing in with the ``session`` of whoever gives it.
The core knows the session, judges what its person may do, carries the order out, and writes down
who did it. Nothing that the desk claims about a person is believed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol

Order = Mapping[str, Any]
Told = Mapping[str, Any]

Heard = Callable[[Told], None]
"""Told what has changed, unasked."""


class Refused(Exception):
    """The core did not carry an order out, and says why in our own words: to be shown."""

    def __init__(self, why: str, again: bool = False) -> None:
        """``again``: the core was away, and the same order may be given again."""
        super().__init__(why)
        self.why = why
        self.again = again


class SignedOut(Refused):
    """There is no such session, or it has ended."""


class Core(Protocol):
    """The core as the desk sees it."""

    def ask(self, order: Order) -> AsyncIterator[Told]:
        """Every answer to an order, as it comes. Raises Refused."""
        ...

    async def one(self, order: Order) -> Told:
        """The only answer to an order, or the last one; empty without any. Raises Refused."""
        ...

    def hear(self, heard: Heard) -> None:
        """Have this called with all news from now on."""
        ...
