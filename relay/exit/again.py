"""AGAIN: the row of the command becomes a message that says the same, for a person to release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import trio

from relay.exit.authors import Authors
from relay.exit.clean import left_out
from relay.exit.guard import guarded
from relay.exit.handles import Handles, kept
from relay.exit.naming import binding, names_of
from relay.exit.record import Record, store
from relay.exit.settle import settle
from relay.exit.withdraw import is_gone
from relay.model import Change, Queue, Row, State
from relay.ports import Spool
from relay.rules.policy import KNOWN, Policy, held_for
from relay.rules.words import normal
from relay.wire.keys import ExitKeys

ONCE_MORE: Final = "asked once more"


class Again:
    """Makes such messages, at one exit; one at a time, so that two who ask together get one."""

    def __init__(
        self,
        spool: Spool,
        keys: ExitKeys,
        policies: Mapping[str, Policy],
        authors: Authors,
        handles: Handles,
    ) -> None:
        self._spool = spool
        self._keys = keys
        self._policies = policies
        self._authors = authors
        self._handles = handles
        self._turn = trio.Lock()

    async def settled(self) -> None:
        """What is being made of a command at this moment is a message when this returns."""
        async with self._turn:
            pass

    async def make(self, row: Row, asker: Record, code: str) -> bool:
        """Make a message of the leased command. False: there is nothing to say once more, or it
        waits already; then the row is still the caller's."""
        async with self._turn:
            rows = await self._handles.of_code(asker, code)
            before = [message for message in rows if message.seq < row.seq]
            if not before or is_gone(before[-1]):
                return False
            waits = [before[-1].state, *(one.state for one in rows if one.why.endswith(ONCE_MORE))]
            record = await kept(self._spool, self._keys.storage, before[-1])
            if record is None or State.WAITING in waits or State.HELD in waits:
                return False
            return await self._make(row, asker, code, before[-1], record)

    async def _make(self, row: Row, asker: Record, code: str, message: Row, record: Record) -> bool:
        again = _said_by(asker, record, code)
        if again is None or again.message is None:
            return False
        chosen = "" if again.code else binding(code)
        written = await self._handles.is_written(message, chosen)
        policy = self._policies.get(record.channel)
        again = again if policy is None else guarded(again, policy)
        assert again.message is not None
        found = held_for(again.message, policy, left_out(again))
        reasons = [one for one in found if one != "review"]
        change = Change(
            Queue.REVIEW,
            State.HELD,
            due=None,
            why="; ".join([*reasons, ONCE_MORE]),
            name=record.channel,
            body=store(again, self._keys.storage, row.id),
            names=tuple(names_of(again, chosen if written else "", self._keys.desk_secret)),
        )
        if await settle(self._spool, row, change) is not None:
            self._authors.wrote(row, asker.author_tags, chosen)
        return True


def _said_by(asker: Record, record: Record, code: str) -> Record | None:
    """The same message by whoever asks for it: who that is need not be who wrote it. A code that we
    have given goes along, one that was chosen only as far as it was written down."""
    if record.message is None:
        return None
    message = replace(record.message, flags=_but_known(record.message.flags))
    return replace(
        record,
        secret=asker.secret,
        transport=asker.transport,
        author_tags=asker.author_tags,
        network_tags=asker.network_tags,
        message=message,
        return_token=b"",
        answer_key=b"",
        code=record.code if normal(record.code) == normal(code) else "",
        sender="",
        answers=(),
        replies=(),
        pieces=(),
        corrects=None,
        revision=1,
        held="",
    )


def _but_known(flags: Sequence[str]) -> tuple[str, ...]:
    return tuple(flag for flag in flags if flag != KNOWN)
