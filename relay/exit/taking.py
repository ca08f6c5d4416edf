"""A message that its sender takes back: as its channel says, by a person or at once.

Each step may be made again and does no harm, so that one that was cut short goes on where it was.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from relay.errors import Asked
from relay.exit.withdraw import ASKED, Withdrawal
from relay.model import Change, Row, State
from relay.ports import Clock, Spool
from relay.rules.policy import Policy
from relay.wire.keys import ExitKeys
from relay.wire.names import day_number, withdrawn_name


class Taking:
    """Takes messages back for their senders, at one exit."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        policies: Mapping[str, Policy],
        withdrawal: Withdrawal,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._policies = policies
        self._withdrawal = withdrawal

    async def back(self, message: Row) -> bool:
        """Take it back. False: something of it was being worked on, and it is to be done again."""
        if message.state == State.WITHDRAWN and message.why == ASKED:
            await self._withdraw(message)  # all but its text, when a process ended
            return True
        try:
            asked = await self._withdrawal.asked(message.seq)
        except Asked:  # it was purged at this very moment
            return True
        if asked.waits and await self._may_withdraw(message):
            await self._withdraw(message)
        return asked.whole

    async def _withdraw(self, message: Row) -> None:
        with contextlib.suppress(Asked):  # a person has ended it meanwhile
            async for _ in self._withdrawal.of(message.seq):
                pass  # what stays is said on its row, and a person sees it

    async def _may_withdraw(self, message: Row) -> bool:
        """Whether its channel takes off what is public without a person, and has not done it too
        often today. The count is durable, and counts this one."""
        policy = self._policies.get(message.name)
        if policy is None or policy.withdraw != "at once":
            return False
        today = day_number(self._clock.now())
        name = withdrawn_name(self._keys.desk_secret, message.name, today)
        counted = await self._spool.named(name)
        if any(one.seq == message.seq for one in counted):
            return True
        if len(counted) >= policy.withdraw_per_day:
            return False
        [now] = await self._spool.look(after=message.seq - 1, limit=1)
        return await self._spool.change(now, unmoved(now, names=(name,)))


def unmoved(message: Row, *, names: tuple[bytes, ...] = (), body: bytes | None = None) -> Change:
    """A change that leaves a message where it is."""
    return Change(
        message.queue, message.state, due=message.due, why=message.why, names=names, body=body
    )
