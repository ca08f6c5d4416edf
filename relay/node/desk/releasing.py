"""release and retry, where a channel wants two persons: the command line keeps to that as well.

Whoever uses the terminal of the node is one person, whoever they are; a second one signs in. What
one person alone may release is released as it always was (``relay.node.decisions``), also while
``exit.key`` is locked.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

from relay.errors import Asked
from relay.exit.approving import WAITS
from relay.exit.sheet import Choice
from relay.model import Row, Sent
from relay.node.decisions import Decisions
from relay.node.desk.deed import Deed, carry_out
from relay.node.desk.messages import Messages, Node
from relay.node.desk.publishing import Publishing
from relay.wire.names import deed_name

HELD: Final = "it is held, and two persons must want it let go: release it instead"


class Releasing:
    """Lets messages go by the word of one person, or notes it until a second one says the same."""

    def __init__(self, core: Node, decisions: Decisions, messages: Messages) -> None:
        self._core = core
        self._decisions = decisions
        self._messages = messages
        self._publishing = Publishing(core, messages)

    async def release(
        self, rows: Sequence[Row], by: str, numbers: Collection[int] | None = None
    ) -> Mapping[str, Any]:
        """Release a message, with these of its media only if ``numbers`` are given. How many rows
        have changed, and what it waits for. Raises Asked."""
        if not self._two(rows[0]):
            if numbers is None:
                return {"changed": await self._decisions.release(rows)}
            return {"changed": await self._decisions.release_with(rows, numbers)}
        choice = Choice()
        if numbers is not None:
            choice = Choice(chosen=True, only=tuple(sorted(numbers)))
        name = deed_name(self._messages.keys.desk_secret, secrets.token_hex(16))
        now = self._core.clock.now()
        deed = Deed("publish", by, name, now, until=now)
        plan = partial(self._publishing.plan, deed=deed, choice=choice)
        seen = await self._messages.seen(rows[0].seq)
        done = await carry_out(self._messages, seen, deed, plan)
        return {"changed": done.changed, **({"waits": WAITS} if done.waits else {})}

    async def agrees(self, message: Row, by: str) -> None:
        """Somebody who put a correction wants it: they are the first of two persons."""
        await self.release([message], by)

    async def retry(self, rows: Sequence[Row]) -> int:
        """Try again what waits or was refused; what is held is let go by two persons where its
        channel says so. Raises Asked."""
        if self._two(rows[0]) and any(row.state == Sent.HELD for row in rows[1:]):
            left = [row for row in rows[1:] if row.state != Sent.HELD]
            if not left:
                raise Asked(HELD)
            rows = [rows[0], *left]
        return await self._decisions.retry(rows)

    def _two(self, message: Row) -> bool:
        """Whether two persons must let something of its channel go, if not this."""
        policy = self._core.policies.get(message.name)
        return policy is not None and policy.two_persons != "none"
