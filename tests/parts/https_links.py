"""Two ends of a link over HTTPS on loopback: an entry that calls, an exit that listens."""

from __future__ import annotations

import asyncio
import functools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from relay.links.https.calling import Calling
from relay.links.https.listening import Listening
from relay.links.port import Opening, Peer
from relay.reach.routes import Routes
from relay.wire.batch import NOTHING, Batch, Carried
from relay.wire.linkkeys import LinkKey, link_key_of

ENTRY, OTHER, EXIT, STRANGER = (bytes([n]) * 32 for n in (1, 2, 3, 4))

T = TypeVar("T")


class Noon:
    """A clock that stands."""

    def now(self) -> int:
        return 1_790_000_000


def key(seed: bytes) -> LinkKey:
    return link_key_of(seed)


def batch_of(size: int, byte: bytes = b"e") -> Batch:
    """One envelope of so many bytes."""
    return Batch(envelopes=(Carried(byte * size),))


@dataclass
class Exit:
    """What an exit's core does: it keeps what comes, or not. ``back`` goes back with the next."""

    back: Batch = NOTHING
    full: bool = False
    kept: list[Batch] = field(default_factory=list)
    peers: list[str] = field(default_factory=list)
    turned_away: int = 0
    hold: asyncio.Event | None = None
    """While it is there and not set, nothing is kept yet."""

    async def came(self, peer: Peer, batch: Batch) -> Batch | None:
        if self.hold is not None:
            await self.hold.wait()
        if self.full:
            return None
        self.kept.append(batch)
        self.peers.append(peer.name)
        return self.back

    def turn_away(self) -> None:
        self.turned_away += 1


def peers_of(named: Mapping[str, bytes]) -> dict[bytes, Peer]:
    return {key(seed).public: Peer(name, key(seed)) for name, seed in named.items()}


@asynccontextmanager
async def listening(
    exit_: Exit, *, seed: bytes = EXIT, step_s: float = 5.0
) -> AsyncIterator[tuple[str, int]]:
    """An exit that knows two entries, and where it listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        opening = Opening(
            "in",
            seed,
            key(seed),
            peers_of({"entry": ENTRY, "other": OTHER}),
            None,
            Noon(),
            sock=sock,
            turned_away=exit_.turn_away,
        )
        link, ready = Listening(opening, step_s), asyncio.Event()
        task = asyncio.create_task(link.run(exit_.came, ready.set))
        await ready.wait()
        try:
            yield sock.getsockname()
        finally:
            await ended(task)


@asynccontextmanager
async def calling(
    at: tuple[str, int],
    *,
    seed: bytes = ENTRY,
    knows: bytes = EXIT,
    timeout_s: float = 5.0,
    routes: Routes | None = None,
    fares: list[tuple[str, str]] | None = None,
) -> AsyncIterator[Callable[[Batch], Awaitable[object]]]:
    """An entry that calls there; what hands a batch over to its exit."""
    peer = Peer("exit", key(knows))
    opening = Opening(
        "out",
        seed,
        key(seed),
        {peer.key.public: peer},
        peer,
        Noon(),
        routes=routes,
        faring=lambda state, why: None if fares is None else fares.append((state, why)),
    )
    link = Calling(opening, *at, timeout_s)
    task = asyncio.create_task(link.run(Exit().came, lambda: None))
    await asyncio.sleep(0)
    try:
        yield lambda batch: link.hand_over(peer, batch)
    finally:
        await ended(task)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def in_asyncio(story: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test that is told as a coroutine of asyncio, where links are."""

    @functools.wraps(story)
    def told(**given: object) -> None:
        asyncio.run(story(**given))

    return told
