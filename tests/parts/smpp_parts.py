"""A transport before a stand-in for a centre, with what outlives a process kept apart from it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from relay.model import Arrival, Verdict
from relay.testing.journey import VirtualClock
from relay.testing.smsc import Centre
from relay.transports.smpp import Account, Smpp, SmppLimits, Where

NOW = 1_800_000_000
QUICK = SmppLimits(
    connect_s=5.0, bind_s=5.0, enquire_s=0.01, answer_s=5.0, first_wait_s=0.001,
    locked_wait_s=0.001, longest_wait_s=0.002, last_s=1.0,
)  # fmt: skip


@dataclass
class World:
    """What is there whatever dies: what was kept, and the file with the mark."""

    arrivals: list[Arrival] = field(default_factory=list)
    repeats: int = 0
    file: bytes | None = None
    fares: list[tuple[str, str]] = field(default_factory=list)
    service: int = 0
    turned: int = 0
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW))
    verdict: Callable[[Arrival], Verdict | None] = lambda arrival: None
    password: str = "secret"
    _keys: set[Any] = field(default_factory=set)

    def load(self) -> bytes | None:
        return self.file

    def save(self, content: bytes) -> None:
        self.file = content

    async def take_in(self, arrival: Arrival) -> Verdict:
        """As a door: known by the provider's id, or else by sender, content and time."""
        said = self.verdict(arrival)
        if said is not None:
            return said
        one = arrival
        part = (one.reference, one.segment)
        key = one.provider_id or (one.sender, one.content, part, one.claimed_at)
        if key in self._keys:
            self.repeats += 1
            return Verdict.KNOWN
        self._keys.add(key)
        self.arrivals.append(arrival)
        return Verdict.TAKEN

    @property
    def texts(self) -> list[bytes]:
        """The contents that were kept, in order."""
        return [one.content for one in self.arrivals]

    def count_service(self) -> None:
        self.service += 1

    def count_turned(self) -> None:
        self.turned += 1

    def fare(self, state: str, why: str) -> None:
        self.fares.append((state, why))

    def transport(self, there: Centre, **more: Any) -> Smpp:
        """A process that has just started."""
        tls = bool(there.authority)
        where = Where("127.0.0.1", there.port, tls, there.authority)
        account = more.pop("account", {})
        return Smpp(
            "centre",
            more.pop("where", where),
            "news",
            account=lambda: Account("relay", self.password, **account),
            store=self,
            clock=self.clock,
            faring=self.fare,
            service=self.count_service,
            turned_away=self.count_turned,
            limits=more.pop("limits", QUICK),
            **more,
        )


@contextlib.asynccontextmanager
async def serving(transport: Smpp, world: World, take_in: Any = None) -> AsyncIterator[None]:
    """It runs while the block lasts, and is stopped in order after it."""
    opened = asyncio.Event()
    running = asyncio.create_task(
        transport.run(take_in or world.take_in, lambda address: opened.set())
    )
    try:
        await opened.wait()
        yield
    finally:
        running.cancel()
        await asyncio.wait({running})
        if not running.cancelled():
            running.result()
