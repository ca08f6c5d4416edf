"""Good or bad, known or foreign: an entry, or who took its key, learns nothing of an envelope from
what an exit answers, nor from when it does."""

from __future__ import annotations

import random
import statistics
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import trio

from relay.model import HOUR, State
from relay.node.arrivals import Arrivals
from relay.node.crossing.returning import Returning
from relay.node.crossing.taking import Taking
from relay.spool.sqlite import SqliteSpool
from relay.wire import primitives
from relay.wire.batch import ROOM, Batch, Carried, make_batch
from relay.wire.envelope import Inside, seal
from relay.wire.keys import EpochPublic, make_exit_keys
from relay.wire.linkkeys import link_key_of

NOW: Final = 1_800_000_000 - 1_800_000_000 % HOUR
EXIT: Final = b"x" * 32
ENTRY: Final = b"e" * 32
KINDS: Final = ("good", "replayed", "tampered", "truncated", "foreign")


class Clock:
    def now(self) -> int:
        return NOW


async def say(token: bytes, sealed: bytes) -> None:
    return None


class Exit:
    """What takes in at an exit, on a disk."""

    def __init__(self, spool: SqliteSpool) -> None:
        self.spool = spool
        returning = Returning(("entry",), say, lambda token: False)
        none: frozenset[str] = frozenset()
        self._taking = Taking(spool, Clock(), returning, {"tls"}, none, Arrivals(), lambda: 1 << 36)
        self._of = make_exit_keys(NOW).epochs[0].public
        self._of_another = make_exit_keys(NOW).epochs[0].public
        self._before = self._sealed(self._of)
        self._random = random.Random(5)

    def _sealed(self, to: EpochPublic) -> bytes:
        inside = Inside("text", "mail", b"a word", "news")
        return seal(inside, [to], arrival=NOW, expiry=NOW + 14 * 86400).envelope

    def made(self, kind: str) -> bytes:
        """A new one of that kind."""
        match kind:
            case "replayed":
                return self._before
            case "foreign":
                return self._sealed(self._of_another)
        sealed = bytearray(self._sealed(self._of))
        if kind == "tampered":
            sealed[self._random.randrange(35, len(sealed))] ^= 1 << self._random.randrange(8)
        if kind == "truncated":
            del sealed[self._random.randrange(len(sealed)) :]
        return bytes(sealed)

    async def answers(self, envelope: bytes) -> tuple[bytes, float]:
        """What goes back over the link, without its signature and the hash of what it answers; and
        after how long."""
        batch = Batch((Carried(envelope),))
        began = trio.current_time()
        back = await self._taking.arrived("tls", "entry", batch)
        took = trio.current_time() - began
        assert back is not None
        crossed = make_batch(batch, ENTRY, link_key_of(EXIT))
        made = make_batch(replace(back, whole=primitives.digest(crossed)), EXIT, link_key_of(ENTRY))
        assert len(made) == ROOM
        return made[:-64].replace(primitives.digest(crossed), bytes(32)), took

    async def tried(self, times: int) -> dict[str, list[tuple[bytes, float]]]:
        """So many of each kind, in any order."""
        await self.answers(self._before)
        answers: dict[str, list[tuple[bytes, float]]] = {kind: [] for kind in KINDS}
        for _ in range(times):
            for kind in self._random.sample(KINDS, len(KINDS)):
                answers[kind].append(await self.answers(self.made(kind)))
        return answers


@pytest.fixture
async def exit_(tmp_path: Path) -> AsyncIterator[Exit]:
    def opened() -> SqliteSpool:
        data, seen = tmp_path / "data", tmp_path / "seen"
        free = {"min_free_bytes": 1 << 20, "ballast_bytes": 1 << 16}
        return SqliteSpool.open(data, seen, clock=Clock(), on_broken=lambda: None, **free)

    spool = await trio.to_thread.run_sync(opened)
    yield Exit(spool)
    await trio.to_thread.run_sync(spool.close)


async def test_good_and_bad_envelopes_are_answered_with_the_same_bytes(exit_: Exit) -> None:
    answers = await exit_.tried(4)
    assert len({said for some in answers.values() for said, _ in some}) == 1
    counts = await exit_.spool.counts()
    assert counts.states == {State.WAITING: 1 + 3 * 4}  # whether it opens is found out later
    assert (counts.repeats, counts.turned_away) == (4, 4)


@pytest.mark.slow
async def test_good_and_bad_envelopes_are_answered_after_the_same_time(exit_: Exit) -> None:
    answers = await exit_.tried(200)
    assert len({said for some in answers.values() for said, _ in some}) == 1
    medians = [statistics.median(took for _, took in some) for some in answers.values()]
    assert max(medians) <= 1.2 * min(medians)
