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

from relay.errors import SpoolFull
from relay.exit.again import Again
from relay.exit.authors import Authors
from relay.exit.guard import guarded
from relay.exit.handles import Handles, kept
from relay.exit.naming import Knows, binding
from relay.exit.record import Record, store
from relay.exit.settle import FULL_S, settle
from relay.exit.taking import Taking, unmoved
from relay.exit.withdraw import LOOK_S, WAIT_S, Withdrawal, is_gone
from relay.model import HOUR, Change, Command, Queue, Row, State, hour_of
from relay.ports import Clock, Spool
from relay.rules.policy import Policy
from relay.wire.keys import ExitKeys
from relay.wire.names import code_name

DOING: Final = "being done"
"""Why a command waits that was answered."""

AGAIN_S: Final = 30
"""Seconds until a deed is tried again that could not be done."""

MOST_LOOKED_AT: Final = 8
"""Messages of an author that are opened to find the one that is meant."""

_MAY_MOVE: Final = (Queue.CLEAN, Queue.REVIEW, Queue.DELIVER)

MOST_TAKEN_BACK: Final = 1000
"""Messages of one code that one DELETE takes back; of more the newest."""

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
        authors: Authors,
        handles: Handles,
        withdrawal: Withdrawal,
        knows: Knows,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._policies = policies
        self._authors = authors
        self._handles = handles
        self._taking = Taking(spool, clock, keys, policies, withdrawal)
        self._knows = knows
        self._again = Again(spool, keys, policies, authors, handles)

    async def do(self, row: Row, asker: Record, command: Command) -> None:
        """Do it, and settle its row: it has ended, or is tried again later."""
        try:
            if command.word == "delete":
                await self._delete(row, asker, command.argument)
            elif await self._is_ahead(row):
                await self._later(row, 1)
            else:
                await self._do(row, asker, command)
        except SpoolFull:
            await self._later(row)

    async def _do(self, row: Row, asker: Record, command: Command) -> None:
        match command.word:
            case "code":
                await self._code(row, asker, command.argument)
            case "again":
                if not await self._again.make(row, asker, command.argument):
                    await settle(self._spool, row, DONE)
            case "to":
                await self._to(row, asker, command.argument)
            case "answers":
                await self._told(row, asker, command.argument)
            case _:
                await settle(self._spool, row, DONE)

    async def _is_ahead(self, row: Row) -> bool:
        """Whether something that came before it is about to be read: it may be what is meant. What
        waits for a segment of its own is not about to be."""
        oldest = await self._spool.oldest_due(Queue.READ, now=self._clock.now())
        return oldest is not None and oldest < row.seq

    async def _later(self, row: Row, after_s: int = AGAIN_S) -> None:
        due = self._clock.now() + after_s
        await settle(self._spool, row, Change(Queue.COMMAND, State.WAITING, due=due, why=DOING))

    # ------------------------------------------------------------ one message

    async def would_name(self, asker: Record, code: str) -> bool:
        """Whether CODE, of a word that people use as well, can be meant: the author wrote something
        in this hour or the one before it that has no code yet."""
        since = hour_of(self._clock.now()) - HOUR
        for message in reversed((await self._handles.of_author(asker))[-MOST_LOOKED_AT:]):
            record = await self._record(message)
            if record is not None and record.transport == asker.transport:
                fresh = message.hour >= since and not self._has_code(message, record)
                return fresh and bool(binding(code))
        return False

    async def _code(self, row: Row, asker: Record, code: str) -> None:
        """The author's newest message is called so, if it has no code yet: whoever writes in the
        name of another (a number, a From line) must not call a message so that has one. A word
        that is somebody's secret is written down nowhere."""
        plain = binding(code)
        if not plain:
            await settle(self._spool, row, DONE)
            return
        secret = await self._knows(code, asker.author_tags) != ""
        tags: Sequence[bytes] = ()

        def named(message: Row, record: Record) -> Change | None:
            nonlocal tags
            if self._has_code(message, record):
                return None
            tags = record.author_tags
            names = () if secret else (code_name(self._keys.desk_secret, plain),)
            return unmoved(message, names=names)

        message = await self._change(row, asker, None, named)
        if message is not None:
            self._authors.wrote(message, tags, plain)

    def _has_code(self, message: Row, record: Record) -> bool:
        own = record.message.code if record.message is not None else ""
        return self._authors.is_called(message) or bool(binding(own) or record.sender)

    async def _to(self, row: Row, asker: Record, name: str) -> None:
        """The author's newest message goes to another channel, if that is no less careful and
        nothing of it is on its way. What a person held stays held; all else is reviewed anew."""
        wanted = name.casefold()
        channel = next((one for one in self._policies if one.casefold() == wanted), "")

        def moved(message: Row, record: Record) -> Change | None:
            before = self._policies.get(message.name)
            after = self._policies.get(channel)
            if message.queue not in _MAY_MOVE or channel == message.name:
                return None
            if record.corrects is not None:  # it goes where the text stands that it puts right
                return None
            if after is None or (before is not None and not after.no_looser_than(before)):
                return None
            if message.queue == Queue.CLEAN:  # it is reviewed once its media are clean
                body = store(replace(record, channel=channel), self._keys.storage, message.id)
                return replace(unmoved(message, body=body), name=channel)
            held = message.state == State.HELD
            right = guarded(replace(record, channel=channel), after)
            body = store(right, self._keys.storage, message.id)
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

    async def _change(
        self, row: Row, asker: Record, code: str | None, changed: Changed
    ) -> Row | None:
        """Change the newest message of a code, or without one of this author, and end the row, in
        one commit. One that a step holds is waited for. Gives the message that was changed."""
        with trio.move_on_after(WAIT_S):
            while True:
                others = await self._meant(row, asker, code, changed)
                if not others:
                    await settle(self._spool, row, DONE)
                    return None
                if await self._together(row, others):
                    return others[0][0]
                await trio.sleep(LOOK_S)
        await self._later(row)
        return None

    async def _before(self, row: Row, asker: Record, code: str | None) -> list[Row]:
        """The messages of a code, or without one of this author, that came before the command."""
        handles = self._handles
        own = code is None
        rows = await (handles.of_author(asker, row) if own else handles.of_code(asker, code or ""))
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
        if is_gone(message):
            return None
        record = await kept(self._spool, self._keys.storage, message)
        return record if record is not None and record.message is not None else None

    # ------------------------------------------------------------ taking back

    async def _delete(self, row: Row, asker: Record, code: str) -> None:
        """Also what came after it: on the road a message may be overtaken by the word to delete
        it. Nothing is waited for that can be taken back now."""
        ahead = await self._is_ahead(row)
        whole, seen = True, set[int]()
        for _ in range(2):
            rows = await self._handles.of_code(asker, code)
            for message in [one for one in rows if one.seq not in seen][-MOST_TAKEN_BACK:]:
                seen.add(message.seq)
                whole = await self._taking.back(message) and whole
            await self._again.settled()
        if whole and not ahead:
            await settle(self._spool, row, DONE)
        else:
            await self._later(row, 1 if ahead else AGAIN_S)
