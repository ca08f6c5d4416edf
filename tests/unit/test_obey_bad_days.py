"""Commands on bad days: a full disk, a body that is gone, a clock that was set, a queue behind."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import trio
from obey_parts import CODE, START, Exit, an_exit
from trio.testing import MockClock

from relay.errors import Damaged, SpoolFull
from relay.model import HOUR, Change, NewRow, Queue, State, Word, hour_of
from relay.rules.policy import Policy
from relay.rules.words import say
from relay.spool.memory import MemorySpool


class Poor:
    """A spool that has no room for some changes, and lost some bodies."""

    def __init__(self, spool: MemorySpool, *, full: int = 0) -> None:
        self.spool = spool
        self.full = full
        self.lost: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        changes = name in ("change", "change_all")
        return partial(self._changed, name) if changes else getattr(self.spool, name)

    async def _changed(self, name: str, *args: Any, **more: Any) -> Any:
        if self.full:
            self.full -= 1
            raise SpoolFull
        return await getattr(self.spool, name)(*args, **more)

    async def body(self, seq: int) -> bytes:
        if seq in self.lost:
            raise Damaged("the body of this row is missing on the disk")
        return await self.spool.body(seq)


def a_poor_exit(full: int = 0) -> Exit:
    at = an_exit()
    at.policies["quick"] = Policy(("page", "masto"), withdraw="at once")
    at.spool = Poor(at.spool, full=full)
    return at


async def tells(at: Exit, word: Word, code: str = CODE) -> str:
    return await at.asks(word, code)


@pytest.mark.parametrize("full", range(1, 12))
@pytest.mark.parametrize("channel", ["news", "quick"])
async def test_a_disk_that_is_full_for_a_while_delays_a_delete_and_stops_nothing(
    full: int, channel: str, autojump_clock: MockClock
) -> None:
    at = an_exit()
    at.policies["quick"] = Policy(("page", "masto"), withdraw="at once")
    held = await at.message(code=CODE)
    public = await at.posted(code=CODE, channel=channel)
    at.spool = Poor(at.spool, full=full)
    assert await tells(at, "delete") == say("deleted", "en")
    assert (await at.state(held))[0] == "withdrawn"
    states = {state for state, _ in (await at.deliveries(public)).values()}
    assert states == ({"withdrawn"} if channel == "quick" else {"held"})
    assert not await at.spool.look(queue=Queue.COMMAND)


@pytest.mark.parametrize("word", ["status", "answers", "delete", "again", "code", "to", "read"])
async def test_a_message_whose_body_is_gone_stops_no_command(
    word: Word, autojump_clock: MockClock
) -> None:
    at = a_poor_exit()
    at.spool.lost.add(await at.posted(code=CODE))
    argument = {"to": "family", "read": ""}.get(word, CODE)
    await tells(at, word, argument)
    assert not await at.spool.look(queue=Queue.COMMAND)


async def test_a_delete_waits_for_no_clock_that_was_set_back(autojump_clock: MockClock) -> None:
    """A process is started anew, and by its clock what was answered is due in a day."""
    at = an_exit()
    seq = await at.message(code=CODE)
    command = await at.command("delete", CODE)
    [row] = await at.spool.take(Queue.COMMAND, now=START, limit=1)
    later = Change(Queue.COMMAND, State.WAITING, due=START + 24 * HOUR, why="being done")
    await at.spool.settle(row, later)
    async with at.running():
        await at.all_done()
    assert (await at.state(seq))[0] == "withdrawn"
    assert (await at.state(command))[0] == "command"


async def test_a_delete_waits_for_nothing_that_is_still_to_be_read(
    autojump_clock: MockClock,
) -> None:
    """A flood lies before the reader: what is known already is taken back at once."""
    at = an_exit()
    seq = await at.message(code=CODE)
    hour = hour_of(START)
    flood = NewRow(Queue.READ, State.WAITING, bytes(16), hour, 0, "news", body=b"unread")
    await at.spool.put([flood])
    async with at.running():
        command = await at.command("delete", CODE)
        await trio.sleep(10)
        assert (await at.state(seq))[0] == "withdrawn"
        assert (await at.state(command))[0] == "waiting"
        [unread] = await at.spool.take(Queue.READ, now=at.clock.now(), limit=1)
        late = await at.message(code=CODE)
        await at.spool.settle(unread, Change(Queue.ENDED, State.JOINED, due=None))
        await at.all_done()
    assert (await at.state(command))[0] == "command"
    assert (await at.state(late))[0] == "withdrawn"
