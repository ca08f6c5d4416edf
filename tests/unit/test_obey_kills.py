"""A process that ends at any moment of a command: no deed is lost or done twice, and nobody is
answered twice.

Every change of the spool, and every request to a platform, is two moments: before it, when nothing
is done, and after it, when nobody heard of it. What the next process finds is what was committed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from obey_parts import CODE, KEYS, Exit, an_exit
from trio.testing import MockClock

from relay.exit.authors import Authors
from relay.model import Removed, Word
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.testing.dying import Died, Fate
from relay.wire.names import code_name

Sets = Callable[[Exit], Awaitable[object]]


CHANGES = ("settle", "settle_with", "change", "change_all", "place", "put")


class Mortal:
    """A spool whose process may end before and after each change."""

    def __init__(self, spool: MemorySpool, fate: Fate) -> None:
        self.spool = spool
        self.fate = fate

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.spool, name)
        return partial(self._between, call) if name in CHANGES else call

    async def _between(self, call: Callable[..., Awaitable[Any]], *args: Any, **more: Any) -> Any:
        self.fate.moment()
        result = await call(*args, **more)
        self.fate.moment()
        return result


class Mortally(Exit):
    """An exit whose platforms may be the last it hears of, too."""

    async def remove(self, name: str, ref: str) -> Any:
        self.spool.fate.moment()
        await super().remove(name, ref)
        self.spool.fate.moment()
        return Removed()


async def one_life(at: Exit, fate: Fate) -> bool:
    """Obey what there is until all is done, or the process ends; whether it lived."""
    spool = at.spool
    mortal = Mortally(Mortal(spool, fate), at.clock, at.keys, at.policies)
    mortal.said, mortal.removed, mortal.authors = at.said, at.removed, at.authors
    try:
        async with mortal.running():
            await Exit.all_done(at)
    except* Died:
        at.spool, at.authors = spool.reopened(), Authors(at.clock)
    return at.spool is spool


async def outcome(at: Exit) -> list[tuple[object, ...]]:
    rows = await at.spool.look()
    called = [row.seq for row in await at.spool.named(code_name(KEYS.desk_secret, CODE))]
    found = [(row.seq, row.queue, str(row.state), row.name, row.why) for row in rows]
    return [*found, (called,)]


SCENES: dict[str, tuple[Sets, Word, str]] = {
    "held": (lambda at: at.message(code=CODE), "delete", CODE),
    "public": (lambda at: at.posted(code=CODE), "delete", CODE),
    "public, at once": (
        lambda at: at.posted(code=CODE, channel="quick"),
        "delete",
        CODE,
    ),
    "code": (lambda at: at.message(), "code", CODE),
    "to": (lambda at: at.message(), "to", "family"),
    "again": (lambda at: at.posted(code=CODE), "again", CODE),
    "answers": (
        lambda at: at.message(code=CODE, answers=("a" * 150, "b" * 150)),
        "answers",
        CODE,
    ),
    "status": (lambda at: at.message(code=CODE), "status", CODE),
}


def scene() -> Exit:
    at = an_exit()
    at.policies["quick"] = Policy(("page", "masto"), withdraw="at once")
    return at


@pytest.mark.parametrize("name", SCENES)
async def test_it_is_done_once_and_said_at_most_once_wherever_the_process_ends(
    name: str, autojump_clock: MockClock
) -> None:
    sets, word, argument = SCENES[name]
    whole = scene()
    await sets(whole)
    await whole.command(word, argument)
    never = Fate()
    assert await one_life(whole, never)
    wanted = await outcome(whole)
    assert len(whole.said) == 1
    for moment in range(1, never.passed + 1):
        at = scene()
        await sets(at)
        await at.command(word, argument)
        if await one_life(at, Fate(moment)):
            continue
        assert await one_life(at, Fate())
        assert await outcome(at) == wanted, moment
        assert len(at.said) <= 1
        assert set(at.removed) == set(whole.removed)
