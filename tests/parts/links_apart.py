"""The process of the links and the core's side of it, each in its own loop, with the real pipe in
between. The links are stand-ins, which hand over to nobody and bring what a test says."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import trio

from relay.config import Settings, parse
from relay.confine import NOWHERE, Placed
from relay.journal import Journal
from relay.links.port import Came, Durable, HandedOver, Opening, Peer
from relay.node import pipes
from relay.node.child import Pulse
from relay.node.crossing.links import Links
from relay.node.links import kept_up, process
from relay.node.pipes import AsyncPipe, Pipe
from relay.node.process import FROM_LINKS, Process
from relay.wire.batch import NOTHING, Batch
from relay.wire.linkkeys import link_key_of

T = TypeVar("T")

OURS, THEIRS, OTHERS = b"o" * 32, b"t" * 32, b"x" * 32


class Clock:
    def now(self) -> int:
        return 1_800_000_000


@dataclass
class StandIn:
    """A link that does what a test says. ``fails`` is raised by its next run."""

    opening: Opening
    fails: list[BaseException] = field(default_factory=list)
    handed: list[tuple[str, Batch]] = field(default_factory=list)
    answer: Callable[[Batch], Awaitable[HandedOver]] | None = None
    came: Came | None = None

    async def run(self, came: Came, ready: Callable[[], None]) -> None:
        if self.fails:
            raise self.fails.pop()
        self.came = came
        ready()
        await asyncio.get_running_loop().create_future()

    async def hand_over(self, peer: Peer, batch: Batch) -> HandedOver:
        self.handed.append((peer.name, batch))
        return Durable(NOTHING) if self.answer is None else await self.answer(batch)


def settings(folder: Path, *links: str) -> Settings:
    """An exit with two entries and links that listen."""
    return parse(
        {
            "node": {"role": "exit"},
            "channels": {"news": {}},
            "peers": {
                "one": {"link": link_key_of(THEIRS).written},
                "two": {"link": link_key_of(OTHERS).written},
            },
            "links": {name: {"kind": "https", "listen": "127.0.0.1:0"} for name in links},
        },
        folder / "relay.toml",
    )


@dataclass
class Pair:
    """Both sides. ``made`` are the links by their names, the one that is there now."""

    core: Links
    process: process.Links
    loop: asyncio.AbstractEventLoop
    made: dict[str, StandIn]
    journal: io.StringIO
    ended: trio.Event

    async def does(self, what: Callable[[], Awaitable[T]]) -> T:
        """In the loop of the links."""

        async def whole() -> T:
            return await what()

        future = asyncio.run_coroutine_threadsafe(whole(), self.loop)
        return await trio.to_thread.run_sync(future.result, abandon_on_cancel=True)

    async def comes(self, link: str, batch: Batch, peer: str = "one") -> Batch | None:
        """A peer sends a batch over a link."""
        of = {name: Peer(name, one.key) for name, one in self.process._peers.items()}[peer]
        came = self.made[link].came
        assert came is not None
        return await self.does(lambda: came(of, batch))


@asynccontextmanager
async def apart(
    folder: Path, *links: str, placed: Placed = NOWHERE, fails: dict[str, Any] | None = None
) -> AsyncIterator[Pair]:
    """A process with links of these names, until the end of the block. ``fails``: what each run of
    a link raises first."""
    at = settings(folder, *links)
    ours, theirs = pipes.pair()
    read, write = os.pipe()
    made: dict[str, StandIn] = {}
    left = {name: list(errors) for name, errors in (fails or {}).items()}

    def build(_: object, opening: Opening, __: object) -> StandIn:
        made[opening.name] = StandIn(opening, left.get(opening.name, []))
        return made[opening.name]

    said = io.StringIO()
    token, ended, started = trio.lowlevel.current_trio_token(), trio.Event(), threading.Event()
    found: list[tuple[process.Links, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        pipe = AsyncPipe(theirs, process.HEARS)
        one = process.Links(
            pipe, Pulse(write), Journal("links", said), Clock(), at, {}, OURS, placed
        )
        found.append((one, asyncio.get_running_loop()))
        started.set()
        await one.run(asyncio.Event())
        theirs.close()

    def work() -> None:
        asyncio.run(serve())
        trio.from_thread.run_sync(ended.set, trio_token=token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "build", build)
        patch.setattr(process, "BEAT_S", 0.01)
        patch.setattr(kept_up, "FIRST_S", 0.01)
        patch.setattr(process, "MOVED_S", 0.01)
        patch.setattr(process, "TELL_S", 0.01)
        async with trio.open_nursery() as nursery:
            core = Links(lambda: nursery, at.links, at.peers)
            child = Process("links", 1, Pipe(ours, FROM_LINKS))
            thread = threading.Thread(target=work)
            thread.start()
            await trio.to_thread.run_sync(started.wait)
            core.connected(child)

            async def hear() -> None:
                while (frame := await child.pipe.receive()) is not None:
                    await core.said(frame)
                core.gone(child)

            nursery.start_soon(hear)
            try:
                yield Pair(core, found[0][0], found[0][1], made, said, ended)
            finally:
                with trio.CancelScope(shield=True):
                    child.pipe.close()
                    await ended.wait()
                    await trio.to_thread.run_sync(thread.join)
                    os.close(read)
                    os.close(write)
                nursery.cancel_scope.cancel()


async def soon(claim: Callable[[], object]) -> None:
    """Until it is true; it becomes so in another thread."""
    with trio.fail_after(5):
        while not claim():  # noqa: ASYNC110
            await trio.sleep(0.002)
