"""Whatever happens to an entry and its links, in whatever order: nothing is lost, and of all exits
that get an envelope one at most is the first."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from relay.wire.batch import Batch
from tests.parts.crossing import Entry, entry_table

STEPS = 20


def made(tmp_path: Path, after: str) -> Entry:
    """Two exits; two links to the first one, of which one answers nothing."""
    stick = {"kind": "folder", "peer": "b", "folder": "f", "every": "1m", "again": "1h"}
    table = entry_table("b", "c", peers={"c": {"after": after}}, links={"stick": stick})
    entry = Entry(tmp_path, table)
    entry.links.given.add("stick")
    return entry


async def something(entry: Entry, chance: Random) -> None:
    """One thing that happens."""
    link = chance.choice(sorted(entry.settings.links))
    match chance.randrange(6):
        case 0:
            entry.links.down ^= {link}
        case 1:
            entry.links.silent ^= {link}
        case 2 | 3:
            await entry.accept(chance.randrange(1, 5))
        case 4:
            peer = chance.choice(sorted(entry.exits))
            some = list(entry.exits[peer].kept)
            told = tuple(chance.sample(some, min(len(some), 5)))
            await entry.forward.arrived("", peer, Batch(durable=told))
        case 5:
            entry.forward.nudge(link)
    await trio.sleep(chance.choice((0, 0.5, 30, 600)))


@pytest.mark.parametrize("after", ["0s", "20m"])
@pytest.mark.parametrize(
    "seed", [1, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 40))]
)
async def test_nothing_is_lost_and_one_exit_at_most_is_the_first(
    tmp_path: Path, autojump_clock: MockClock, seed: int, after: str
) -> None:
    chance = Random(seed)
    entry = made(tmp_path, after)
    await entry.knows("b", "c")
    for _ in range(4):  # processes, one after the other, each killed in the middle of something
        async with entry.running():
            for _ in range(STEPS):
                await something(entry, chance)
        entry.restart()
    entry.links.down.clear()
    entry.links.silent.clear()
    async with entry.running():
        await trio.sleep(3 * 3600)
    counts = await entry.spool.counts()
    assert counts.accepted == counts.states["handed"] and not await entry.waits()
    rows = {row.id for row in await entry.spool.look(limit=10_000)}
    assert rows == {*entry.exits["b"].kept, *entry.exits["c"].kept}
    for id in rows:
        firsts = [exit_.kept[id][0] for exit_ in entry.exits.values() if id in exit_.kept]
        assert firsts.count(False) <= 1
        assert after != "0s" or len(firsts) == 2
