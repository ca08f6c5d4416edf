"""What a command does, apart from what is said to it: once, however often it is begun.

A deed and the end of its row are one commit wherever they are one change; where they are not
(taking back what is public) each change may be made again and does no harm. A message that a step
holds at this moment is waited for: what a sender wants is not forgotten, it is done a little later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import trio

from relay.errors import Damaged, SpoolFull
from relay.exit.handles import Handles
from relay.exit.naming import Knows, names_of, names_of_code
from relay.exit.record import Record, restore, store
from relay.exit.settle import FULL_S, settle
from relay.exit.taking import Taking, unmoved
from relay.exit.withdraw import ASKED, LOOK_S, WAIT_S, Withdrawal
from relay.model import Change, Command, Queue, Row, State
from relay.ports import Clock, Spool
from relay.rules.policy import Policy, held_for
from relay.rules.words import is_weak
from relay.wire.keys import ExitKeys

DOING: Final = "being done"
"""Why a command waits that was answered."""

AGAIN_S: Final = 30
"""Seconds until a deed is tried again that could not be done."""

ONCE_MORE: Final = "asked once more"

MOST_LOOKED_AT: Final = 8
"""Messages of an author that are opened to find the one that is meant."""

MOST_TAKEN_BACK: Final = 100
"""Messages of one code that one DELETE takes back."""

DONE: Final = Change(Queue.ENDED, State.COMMAND, due=None, body=b"")

Changed = Callable[[Row, Record], Change | None]
"""What becomes of a message that a command is about; None: nothing."""


class Deeds:
    """Does what senders want, at one exit."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        policies: Mapping[str, Policy],
        handles: Handles,
        withdrawal: Withdrawal,
        knows: Knows,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._policies = policies
        self._handles = handles
        self._taking = Taking(spool, clock, keys, policies, withdrawal)
        self._knows = knows

    async def do(self, row: Row, asker: Record, command: Command) -> None:
        """Do it, and settle its row: it has ended, or is tried again later."""
        if await self._is_ahead(row):
            await self._later(row, 1)
            return
        match command.word:
            case "code":
                await self._code(row, asker, command.argument)
            case "delete":
                await self._delete(row, asker, command.argument)
            case "again":
                await self._again(row, asker, command.argument)
            case "to":
                await self._to(row, asker, command.argument)
            case "answers":
                await self._told(row, asker, command.argument)
            case _:
                await settle(self._spool, row, DONE)

    async def _is_ahead(self, row: Row) -> bool:
        """Whether something that came before it is about to be read: it may be what is meant. What
        waits for a segment of its own is not about to be."""
        now = self._clock.now()
        reading = await self._spool.look(queue=Queue.READ, limit=1000)
        return any(one.seq < row.seq and one.due is not None and one.due <= now for one in reading)

    async def _later(self, row: Row, after_s: int = AGAIN_S) -> None:
        due = self._clock.now() + after_s
        await settle(self._spool, row, Change(Queue.COMMAND, State.WAITING, due=due, why=DOING))

    # ------------------------------------------------------------ one message

    async def _code(self, row: Row, asker: Record, code: str) -> None:
        """The author's newest message is called so, unless that is weak, or somebody's secret."""
        if is_weak(code) or await self._knows(code, asker.author_tags) != "":
            await settle(self._spool, row, DONE)
            return

        def named(message: Row, record: Record) -> Change:
            names = names_of_code(record, code, self._keys.desk_secret)
            return unmoved(message, names=tuple(names))

        await self._change(row, asker, None, named)

    async def _to(self, row: Row, asker: Record, name: str) -> None:
        """The author's newest message goes to another channel, if that is no less careful and
        nothing of it is on its way. What a person held stays held; all else is reviewed anew."""
        wanted = name.casefold()
        channel = next((one for one in self._policies if one.casefold() == wanted), "")

        def moved(message: Row, record: Record) -> Change | None:
            before = self._policies.get(message.name)
            after = self._policies.get(channel)
            if message.queue not in (Queue.REVIEW, Queue.DELIVER) or channel == message.name:
                return None
            if after is None or (before is not None and not after.no_looser_than(before)):
                return None
            held = message.state == State.HELD
            body = store(replace(record, channel=channel), self._keys.storage, message.id)
            state = State.HELD if held else State.WAITING
            due, why = (None, message.why) if held else (0, "")
            return Change(Queue.REVIEW, state, due=due, why=why, name=channel, body=body)

        await self._change(row, asker, None, moved)

    async def _told(self, row: Row, asker: Record, code: str) -> None:
        """What was told is told last the next time, so that all of it comes in turn."""
        told = asker.answers

        def turned(message: Row, record: Record) -> Change | None:
            left = tuple(one for one in record.answers if one not in told)
            after = (*(one for one in reversed(told) if one in record.answers), *left)
            if after == record.answers:
                return None
            kept = store(replace(record, answers=after), self._keys.storage, message.id)
            return unmoved(message, body=kept)

        await self._change(row, asker, code, turned)

    async def _change(self, row: Row, asker: Record, code: str | None, changed: Changed) -> None:
        """Change the newest message of a code, or without one of this author, and end the row, in
        one commit. One that a step holds is waited for."""
        with trio.move_on_after(WAIT_S):
            while True:
                others = await self._meant(row, asker, code, changed)
                if not others:
                    await settle(self._spool, row, DONE)
                    return
                if await self._together(row, others):
                    return
                await trio.sleep(LOOK_S)
        await self._later(row)

    async def _before(self, row: Row, asker: Record, code: str | None) -> list[Row]:
        """The messages of a code, or without one of this author, that came before the command."""
        handles = self._handles
        rows = await (handles.of_author(asker) if code is None else handles.of_code(asker, code))
        return [message for message in rows if message.seq < row.seq]

    async def _meant(
        self, row: Row, asker: Record, code: str | None, changed: Changed
    ) -> list[tuple[Row, Change]]:
        rows = await self._before(row, asker, code)
        for message in reversed(rows[-MOST_LOOKED_AT:]):
            record = await self._record(message)
            if record is None or (code is None and record.transport != asker.transport):
                continue
            to = changed(message, record)
            return [(message, to)] if to is not None else []
        return []

    async def _together(self, row: Row, others: Sequence[tuple[Row, Change]]) -> bool:
        while True:
            try:
                with trio.CancelScope(shield=True):
                    return await self._spool.settle_with(row, DONE, others)
            except SpoolFull:
                await trio.sleep(FULL_S)

    async def _record(self, message: Row) -> Record | None:
        """A message that was read and is still there."""
        if message.state == State.WITHDRAWN or message.why == ASKED:
            return None
        body = await self._spool.body(message.seq)
        try:
            record = restore(body, self._keys.storage, message.id) if body else None
        except Damaged:
            return None
        return record if record is not None and record.message is not None else None

    # ------------------------------------------------------------ once more

    async def _again(self, row: Row, asker: Record, code: str) -> None:
        """The row of the command becomes a message that says the same, for a person to release.
        What has not been decided yet is waited for as it is."""
        rows = await self._before(row, asker, code)
        record = await self._record(rows[-1]) if rows else None
        if record is None or rows[-1].state in (State.WAITING, State.HELD):
            await settle(self._spool, row, DONE)
            return
        assert record.message is not None
        again = replace(
            record,
            secret=asker.secret,
            transport=asker.transport,
            author_tags=asker.author_tags,
            return_token=b"",
            answer_key=b"",
            code="",
            answers=(),
            replies=(),
            pieces=(),
            corrects=None,
            revision=1,
            held="",
        )
        policy = self._policies.get(record.channel)
        reasons = [one for one in held_for(record.message, policy) if one != "review"]
        change = Change(
            Queue.REVIEW,
            State.HELD,
            due=None,
            why="; ".join([*reasons, ONCE_MORE]),
            name=record.channel,
            body=store(again, self._keys.storage, row.id),
            names=tuple(names_of(again, code, self._keys.desk_secret)),
        )
        await settle(self._spool, row, change)

    # ------------------------------------------------------------ taking back

    async def _delete(self, row: Row, asker: Record, code: str) -> None:
        # Also what came after it: on the road a message may be overtaken by the word to delete it.
        rows = await self._handles.of_code(asker, code)
        done = [await self._taking.back(message) for message in rows[-MOST_TAKEN_BACK:]]
        if all(done):
            await settle(self._spool, row, DONE)
        else:
            await self._later(row)
