"""command -> ended: what a sender asks is answered, and what a sender wants is done.

::

    command -> answered: ended              STATUS, READ, HELP: nothing is left to do
           '-> answered: being done -> ended, or a message for review (AGAIN)

The answer is decided and the row settled in one commit, without its way back; then the answer is
said, a fixed time after the row was taken, whatever there was to find; and what it leads to is done
in a turn of its own, which nobody's answer waits for. So neither the words nor the time of an
answer tell an unknown code from one that is known, and an end between any two steps repeats no
answer and loses no deed. An answer that was decided and not said is lost: so is its way back, which
lives in the memory of this very process.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

import trio

from relay.errors import Damaged, SpoolFull
from relay.exit.authors import Authors
from relay.exit.deeds import AGAIN_S, DOING, DONE, Deeds
from relay.exit.handles import Handles, last_of
from relay.exit.naming import Knows, knows_nobody
from relay.exit.record import Record, restore, store
from relay.exit.settle import settle
from relay.exit.told import Told
from relay.exit.unseal import quarantined
from relay.exit.withdraw import Withdrawal, is_gone
from relay.model import Change, Command, Queue, Row, State
from relay.ports import Clock, Spool
from relay.rules.policy import Policy
from relay.wire.keys import ExitKeys
from relay.wire.token import seal_answer

SPAN_S: Final = 1.5
"""Seconds from taking a command to saying its answer: more than all the looks take. Where they take
longer it is said after twice as long, and so on."""

SETTLES_S: Final = 2
"""Seconds until what was answered is done: what came with it has been opened by then."""

AT_ONCE: Final = 32
"""Deeds under way together: some may wait for what is being sent at this moment."""

LOOK_S: Final = 60.0
"""Seconds between two looks whether the clock was set back, and commands wait for what it said."""

Say = Callable[[bytes, bytes], Awaitable[None]]
"""Hands an answer to whoever can open its return token: the token, and the sealed text. What cannot
be handed over is lost, and no fault of this step."""

_DEEDS: Final = frozenset({"code", "delete", "again", "to"})


class Obeying:
    """The step of one exit. ``begin`` comes before the first ``turn``."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        policies: Mapping[str, Policy],
        withdrawal: Withdrawal,
        say: Say,
        knows: Knows = knows_nobody,
        span_s: float = SPAN_S,
        authors: Authors | None = None,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._policies = policies
        self._say = say
        self._span_s = span_s
        self._nursery: trio.Nursery | None = None
        self._doing = trio.CapacityLimiter(AT_ONCE)
        self._authors = Authors(clock) if authors is None else authors
        self._handles = Handles(spool, keys, self._authors)
        self._told = Told(spool, clock, keys, self._handles)
        self._deeds = Deeds(
            spool, clock, keys, policies, self._authors, self._handles, withdrawal, knows
        )
        self.wrote = self._authors.wrote

    async def begin(self, nursery: trio.Nursery) -> None:
        """Say answers, and do deeds, in this nursery from now on: no turn waits for another."""
        self._nursery = nursery
        self._authors.begin(await last_of(self._spool))
        await self._put_right()
        nursery.start_soon(self._watch_the_clock)

    async def means(self, asker: Record, command: Command) -> bool:
        """Whether what may as well be a message is a command: there is such a channel, or such a
        code of this sender, or a message that has just come and that it can name."""
        if command.word == "code":
            return await self._deeds.would_name(asker, command.argument)
        if command.word in ("to", "read"):
            named = command.argument.casefold() in {name.casefold() for name in self._policies}
            return named and (command.word == "read" or bool(await self._handles.of_author(asker)))
        found = await self._handles.of_code(asker, command.argument)
        return not all(is_gone(message) for message in found)

    async def _watch_the_clock(self) -> None:
        while True:
            await trio.sleep(LOOK_S)
            await self._put_right()

    async def _put_right(self) -> None:
        """What was answered is done in a moment, whatever a clock has said that was ahead."""
        now, after = self._clock.now(), 0
        while rows := await self._spool.look(queue=Queue.COMMAND, after=after):
            after = rows[-1].seq
            for row in rows:
                if row.due is not None and row.due > now + AGAIN_S:
                    soon = Change(Queue.COMMAND, State.WAITING, due=now, why=row.why)
                    with contextlib.suppress(SpoolFull):
                        await self._spool.change(row, soon)

    async def turn(self, row: Row) -> None:
        """Answer a leased command, or do what it leads to."""
        began = trio.current_time()
        try:
            record = restore(row.body, self._keys.storage, row.id)
        except Damaged:
            await settle(self._spool, row, quarantined("damaged record"))
            return
        if record.command is None:
            await settle(self._spool, row, quarantined("damaged record"))
        elif row.why == DOING:
            self._begun.start_soon(self._do, row, record, record.command)
        else:
            await self._answer(row, record, record.command, began)

    async def _answer(self, row: Row, record: Record, command: Command, began: float) -> None:
        asked = record.return_token and record.answer_key
        text, told = await self._told.answer(row, record, command) if asked else ("", ())
        settled = await settle(self._spool, row, self._after(row, record, command, told))
        if asked and settled is not None:
            sealed = seal_answer(record.answer_key, text.encode())
            self._begun.start_soon(self._say_at, began, record.return_token, sealed)

    def _after(self, row: Row, record: Record, command: Command, told: tuple[str, ...]) -> Change:
        if not told and command.word not in _DEEDS:
            return DONE
        left = replace(record, content=b"", return_token=b"", answer_key=b"", answers=told)
        return Change(
            Queue.COMMAND,
            State.WAITING,
            due=self._clock.now() + SETTLES_S,
            why=DOING,
            body=store(left, self._keys.storage, row.id),
        )

    @property
    def _begun(self) -> trio.Nursery:
        assert self._nursery is not None
        return self._nursery

    async def _do(self, row: Row, record: Record, command: Command) -> None:
        async with self._doing:
            await self._deeds.do(row, record, command)

    async def _say_at(self, began: float, token: bytes, sealed: bytes) -> None:
        spans = max(1, math.ceil((trio.current_time() - began) / self._span_s))
        await trio.sleep_until(began + spans * self._span_s)
        await self._say(token, sealed)
