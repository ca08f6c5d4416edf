"""An entry in memory: its spool, the keys of its exits, and links that do as the test says."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import trio

from relay.config import Settings, parse
from relay.entry.seal import seal_row
from relay.journal import Journal
from relay.model import HOUR, Queue, Submission
from relay.node.crossing.bundles import TAKEN, Bundles
from relay.node.crossing.forward import Forward, ways_of
from relay.node.crossing.hearing import Hearing
from relay.node.crossing.offering import Offering
from relay.node.crossing.putting import outbound
from relay.node.crossing.sweeping import Sweeping
from relay.spool.memory import MemorySpool
from relay.wire import frames
from relay.wire.batch import NOTHING, Batch
from relay.wire.bundle import Bundle, sign_bundle
from relay.wire.envelope import look
from relay.wire.epochs import DAY_S, EpochPublic, make_daily_key
from relay.wire.linkkeys import link_key_of
from relay.wire.primitives import signing_public

NOW = 1_800_000_000 - 1_800_000_000 % DAY_S
ROAD_S = 30 * DAY_S
_EPOCHS: dict[tuple[str, int], EpochPublic] = {}


@dataclass
class LoopClock:
    """The wall clock goes with trio's, which a test makes jump."""

    began: float | None = None
    frozen: bool = False

    def now(self) -> int:
        if self.began is None:
            self.began = trio.current_time()
        return NOW + int(trio.current_time() - self.began)


@dataclass
class FarExit:
    """An exit as an entry sees it: ids it keeps, with what was said of each time they came."""

    name: str
    kept: dict[bytes, list[bool]] = field(default_factory=lambda: defaultdict(list))
    batches: int = 0
    heard: list[bytes] = field(default_factory=list)
    back: Batch = NOTHING

    def take(self, batch: Batch) -> None:
        self.batches += 1
        self.heard += batch.heard
        for one in batch.envelopes:
            self.kept[look(one.envelope).id].append(one.after)


class FakeLinks:
    """Links that are up, down, lose their answers, or answer nothing, as the test says."""

    def __init__(self, exits: dict[str, FarExit]) -> None:
        self.exits = exits
        self.down: set[str] = set()
        self.silent: set[str] = set()
        """Links whose answer is lost: all of it came there."""
        self.given: set[str] = set()
        """Links that are answered nothing."""
        self.calls: list[tuple[float, str, int]] = []

    async def hand_over(self, link: str, peer: str, batch: Batch) -> frames.Crossed:
        await trio.lowlevel.checkpoint()
        self.calls.append((trio.current_time(), link, len(batch.envelopes)))
        if link in self.down:
            return frames.Crossed(0, "later", "it is down")
        self.exits[peer].take(batch)
        if link in self.silent:
            return frames.Crossed(0, "later", "the answer was lost")
        if link in self.given:
            return frames.Crossed(0, "given")
        return frames.Crossed(0, "durable", back=self.exits[peer].back)


def identity(name: str) -> bytes:
    """The seed of an exit's identity."""
    return name.encode().ljust(32, b"!")


def epoch(name: str, day: int) -> EpochPublic:
    """The key of an exit for a day, made once."""
    if (name, day) not in _EPOCHS:
        _EPOCHS[name, day] = make_daily_key(NOW + day * DAY_S).public
    return _EPOCHS[name, day]


def bundle(name: str, serial: int = NOW, days: int = 3, first: int = 0, **more: Any) -> bytes:
    """A signed bundle of an exit, whose keys last for so many days, from today on or from that many
    days after it."""
    said: dict[str, Any] = {"road_s": ROAD_S, **more}
    epochs = () if said.get("ended") else tuple(epoch(name, first + day) for day in range(days))
    public = signing_public(identity(name))
    made = Bundle(public, bytes(32), serial, NOW, epochs=epochs, **said)
    return sign_bundle(made, identity(name))


def entry_table(*peers: str, **more: dict[str, Any]) -> dict[str, Any]:
    """The settings of an entry with these exits, and an HTTPS link to each, called like it."""
    table: dict[str, Any] = {
        "node": {"role": "entry", "road": "30d"},
        "channels": {"news": {}},
        "peers": {
            name: {
                "link": link_key_of(identity(name)[::-1]).written,
                "identity": urlsafe_b64encode(signing_public(identity(name))).decode().rstrip("="),
            }
            for name in peers
        },
        "links": {
            f"to-{name}": {"kind": "https", "peer": name, "url": "https://192.0.2.1"}
            for name in peers
        },
    }
    for section, values in more.items():
        for key, value in values.items():
            table[section][key] = {**table[section].get(key, {}), **value}
    return table


class Entry:
    """All of it together. ``kept`` has the answers that went to a door."""

    def __init__(self, folder: Path, table: dict[str, Any], clock: LoopClock | None = None) -> None:
        self.clock = clock or LoopClock()
        self.settings: Settings = parse(table, folder / "relay.toml")
        self.journal = StringIO()
        self.spool = MemorySpool(self.clock)
        self.exits = {name: FarExit(name) for name in self.settings.peers}
        self.links = FakeLinks(self.exits)
        self.answers: list[tuple[bytes, bytes]] = []
        self.opens: set[bytes] = set()
        self.build()

    def build(self) -> None:
        """As a new process does."""
        frozen = lambda: self.clock.frozen  # noqa: E731
        self.bundles = Bundles(self.settings, self.clock, Journal("core", self.journal))
        takers = [name for name, one in self.settings.peers.items() if one.after]
        self.offering = Offering(self.spool, self.clock, self.bundles, takers, frozen)
        self.hearing = Hearing(
            self.spool, self.bundles, lambda token: token in self.opens, self._answer, takers
        )
        self.sweeping = Sweeping(self.spool, self.clock, self.bundles, self.offering, frozen)
        self.bundles.changed = lambda peer: self.sweeping.ask()
        self.forward = Forward(
            self.spool,
            self.clock,
            ways_of(self.settings.links),
            self.links,
            self.offering,
            self.hearing,
            self.sweeping,
            drawn=lambda: 1.0,
        )
        after_s = {name: one.after for name, one in self.settings.peers.items()}
        self.row_of = outbound(self.bundles, after_s, self.clock, lambda: 0.0)

    async def _answer(self, token: bytes, sealed: bytes) -> None:
        self.answers.append((token, sealed))

    def restart(self) -> None:
        """The process ended, and a new one finds what was durable."""
        self.spool = self.spool.reopened()
        self.build()

    async def knows(self, *peers: str, **more: Any) -> None:
        """The bundles of these exits are here."""
        for name in peers:
            assert await self.bundles.take(name, bundle(name, **more)) == TAKEN

    async def accept(self, count: int = 1) -> list[bytes]:
        """So many messages come in; their ids."""
        rows = []
        for n in range(count):
            submission = Submission("mail", "text", b"a message %d" % n, "news", (), ())
            sealed = seal_row(
                submission,
                self.bundles.seals_to(),
                self.clock.now(),
                self.settings.node.road_s,
            )
            rows.append(
                self.row_of(frames.Sealed(sealed.id, sealed.hour, sealed.keys, sealed.envelope))
            )
        await self.spool.put(rows)
        return [row.id for row in rows]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All loops run meanwhile."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.forward.run)
            yield
            nursery.cancel_scope.cancel()

    async def states(self) -> dict[str, int]:
        """The sum, without what is none."""
        return {name: n for name, n in (await self.spool.counts()).states.items() if n}

    async def crossings(self) -> dict[str, dict[str, int]]:
        """By exit: how many crossings are in which state."""
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in await self.spool.look(limit=100_000):
            if row.root != row.seq:
                found[row.name][str(row.state)] += 1
        return {name: dict(states) for name, states in found.items()}

    async def waits(self) -> int:
        """How many crossings are outbound."""
        return (await self.spool.counts()).queues.get(Queue.OUTBOUND, 0)


__all__ = ["HOUR", "NOW", "Entry", "FakeLinks", "FarExit", "LoopClock", "bundle", "entry_table"]
