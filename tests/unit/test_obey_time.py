"""How long an answer takes: as long for a code that is known as for one that is not.

Nothing absolute is measured: the medians of many tries on a real spool, all kinds mixed, are held
against each other.
"""

from __future__ import annotations

import statistics
from collections import Counter
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.lowlevel
from obey_parts import CODE, KEYS, OTHER, Exit, an_exit
from spool_parts import Disk
from trio.testing import MockClock

from relay.model import Queue, State, Word
from relay.rules.policy import Policy

TRIES = 200
AT_ONCE = 20
SPAN_S = 0.1
WITHIN = 1.2

KINDS = {
    "known": CODE,
    "unknown": "99990000",
    "withdrawn": "55512911",
    "of another": "55512900",
}


async def with_messages(at: Exit) -> None:
    """One message for each kind of code."""
    await at.message(code=CODE, answers=("how many are there?",))
    await at.message(code=KINDS["withdrawn"], state=State.WITHDRAWN, queue=Queue.ENDED)
    await at.message(code=KINDS["of another"], by=OTHER, answers=("not for you",))


class Timed(Exit):
    """An exit that notes when each answer was said, by what its token says of it."""

    async def say(self, token: bytes, sealed: bytes) -> None:
        kind, _, n = token.decode().partition(":")
        self.times[kind, int(n)] = trio.current_time()

    @cached_property
    def times(self) -> dict[tuple[str, int], float]:
        return {}

    async def took(self, word: Word) -> dict[str, list[float]]:
        """Seconds from the turn of a command to its answer, for each kind of code."""
        took: dict[str, list[float]] = {kind: [] for kind in KINDS}
        async with trio.open_nursery() as nursery:
            obeying = self.obeying()
            await obeying.begin(nursery)
            await with_messages(self)
            for _ in range(TRIES // AT_ONCE):
                began = await self._batch(obeying, word)
                await trio.sleep(1.5 * SPAN_S)
                for kind in KINDS:
                    took[kind] += [self.times[kind, n] - began for n in range(AT_ONCE)]
            nursery.cancel_scope.cancel()
        return took

    async def _batch(self, obeying: Any, word: Word) -> float:
        """Begin as many commands of each kind, and say when that was."""
        async with trio.open_nursery() as asking:
            for n in range(AT_ONCE):
                for kind, code in KINDS.items():
                    token = f"{kind}:{n}".encode()
                    asking.start_soon(partial(self.command, word, code, token=token))
        rows = await self.spool.take(Queue.COMMAND, now=self.clock.now(), limit=1000)
        began = trio.current_time()
        async with trio.open_nursery() as turns:
            for row in rows:
                turns.start_soon(obeying.turn, row)
        return began


@pytest.mark.parametrize("word", ["status", "delete"])
def test_no_kind_of_code_is_answered_sooner_or_later_than_another(
    word: Word, tmp_path: Path
) -> None:
    disk = Disk(tmp_path)

    async def measure(spool: Any) -> dict[str, list[float]]:
        return await Timed(spool, disk.clock, KEYS, span_s=SPAN_S).took(word)  # type: ignore[arg-type]

    took = disk.run(measure)
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    assert {len(times) for times in took.values()} == {TRIES}
    assert max(medians.values()) <= WITHIN * min(medians.values()), medians


class Counting:
    """A spool whose looks are counted."""

    def __init__(self, spool: Any) -> None:
        self.spool = spool
        self.looks: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return partial(self._counted, name)

    async def _counted(self, name: str, *args: Any, **more: Any) -> Any:
        self.looks[name] += 1
        return await getattr(self.spool, name)(*args, **more)


async def looks(word: Word, code: str) -> Counter[str]:
    """How often the spool was asked what, for the answer to one command."""
    at = an_exit(policies={"news": Policy()})
    async with trio.open_nursery() as nursery:
        obeying = at.obeying()
        await obeying.begin(nursery)
        await with_messages(at)
        await at.command(word, code)
        [row] = await at.spool.take(Queue.COMMAND, now=at.clock.now(), limit=1)
        counting = Counting(at.spool)
        at.spool = counting
        counted = at.obeying()
        await counted.begin(nursery)
        counting.looks.clear()
        await counted.turn(row)
        nursery.cancel_scope.cancel()
    return counting.looks


@pytest.mark.parametrize("word", ["status", "delete", "answers", "code", "again", "to", "help"])
async def test_an_answer_costs_as_many_looks_whatever_there_is_to_find(
    word: Word, autojump_clock: MockClock
) -> None:
    counted = {kind: await looks(word, code) for kind, code in KINDS.items()}
    same = Counter({"named": 2, "family": 1, "body": 1, "settle": 1})
    assert counted == dict.fromkeys(KINDS, same)
