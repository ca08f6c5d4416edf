"""What every bridge is put through before a real server: it dies at each step, and is killed.

In both forms the post is taken to its end by the engine of a node. What stands on the server then
is for the test to ask, of the server itself.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import lives
import trio
from wire import wire

from relay.model import Post, Row
from relay.ports import Http
from relay.testing.dying import Dying, Fate
from relay.testing.journey import Journey, VirtualClock
from relay.testing.stand import Stand

PATIENCE_S = 30.0
"""Of one call to a server that shares two cores with everything else."""

COUNTER = re.compile(r"\s*\(\d+/\d+\)\s*$")

LIVES = 6
"""Of one message at most."""


def words(shown: Sequence[str]) -> list[str]:
    """The words of the parts of a post, one after the other, without counters and joiners."""
    bare = (COUNTER.sub("", one).replace("\u2060", "") for one in shown)
    return " ".join(bare).split()


async def taken(
    build: Callable[[Http, VirtualClock], Any],
    out: Http,
    post: Post,
    clock: VirtualClock,
    *fates: int,
) -> tuple[Row, Journey, tuple[str, ...]]:
    """A post taken to its end by a process that dies at these moments: its delivery, the journey,
    the refs of its parts."""

    def built(fate: Fate) -> tuple[Any, Dying]:
        http = Dying(out, fate, PATIENCE_S)
        return build(http, clock), http

    journey = Journey(built, post, clock, fates=fates)
    try:
        row = await journey.run()
        return row, journey, journey.refs(row)
    finally:
        journey.close()


async def at_every_step(
    build: Callable[[Http, VirtualClock], Any],
    out: Http,
    post: Callable[[str], Post],
    clock: VirtualClock,
) -> dict[str, Row]:
    """A post for each step at which a process can die, taken to its end: how each ended, by the
    name that ``post`` was given to tell it from the others."""
    ended: dict[str, Row] = {}
    for name in ("first", "whole"):  # the first one has to log in
        ended[name], whole, _ = await taken(build, out, post(name), clock)
    for step in range(1, whole.passed + 1):
        row, journey, _ = await taken(build, out, post(f"step {step}"), clock, step)
        assert journey.deaths == 1, f"step {step} of {whole.passed} did not come"
        ended[f"step {step}"] = row
    return ended


async def killed(
    kind: str,
    settings: Callable[[int], Mapping[str, Any]],
    port: int,
    post: Callable[[str], Post],
    now: int,
    folder: Path,
    rounds: int,
    *,
    authority: str = "",
) -> dict[str, lives.End]:
    """``rounds`` posts, each by a process that is killed at some chunk of its talk with the server
    at ``port`` and started anew; how each ended. ``settings`` are for the port it is to use."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    ended: dict[str, lives.End] = {}
    clock, at = lives.shared_clock(now)
    async with wire(port) as there:
        given = Stand(None, settings(there.port), publishing=(), authority=authority)

        async def one(name: str, n: int, late: bool) -> Counter[str]:
            place = folder / name
            place.mkdir()
            kills: Counter[str] = Counter()
            for _ in range(LIVES):
                life = lives.begin(kind, given, post(name), at, place)

                def kill(life: Any = life) -> None:
                    kills["late" if late else "before"] += 1
                    lives.end(life)

                there.at(0 if kills else n, kill, late=late)
                await trio.to_thread.run_sync(life.join, 120)
                if end := lives.told(place):
                    ended[name] = end
                    return kills
            raise AssertionError(f"seed {seed}: {name} came to no end")

        assert not await one("whole", 0, False)
        chunks = there.passed
        kills: Counter[str] = Counter()
        for number in range(rounds):
            n = chance.randint(1, chunks)
            kills += await one(f"killed {number} at {n}", n, bool(chance.getrandbits(1)))
    print(f"{kind}: seed {seed}, {chunks} chunks, {dict(kills)} kills, {len(ended)} messages")
    assert clock.at >= now and kills.total() >= rounds // 2, f"seed {seed}: {kills}"
    return ended
