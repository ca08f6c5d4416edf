"""What the core hands over: one call after another for each link and peer."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from relay.links.port import Durable, Given, HandedOver, Later, Link, Peer
from relay.node.child import Pulse, kind_of
from relay.node.pipes import PipeEnded
from relay.wire import frames

LONGEST_S: Final = 3600.0
"""Seconds after which a link that does not come to an end is told to, whatever its own deadlines
are: 16 MiB over a bad line take that long, and nothing takes longer."""

NOT_OPEN: Final = "it is not open"


class Handing:
    """The calls that are under way. ``links`` are those that are open now, by name, and ``peers``
    all that there are; ``faring`` is told how a link fares by how its calls end."""

    def __init__(
        self,
        links: Mapping[str, Link],
        peers: Mapping[str, Peer],
        send: Callable[[object], Awaitable[None]],
        faring: Callable[[str, str, str], None],
        pulse: Pulse,
    ) -> None:
        self._links = links
        self._peers = peers
        self._send = send
        self._faring = faring
        self._pulse = pulse
        self._in_trouble: set[str] = set()
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return bool(self._calls)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Those that are under way."""
        return list(self._calls.values())

    def begin(self, frame: frames.Cross) -> None:
        """Hand it over; Crossed tells the core how that ended."""
        task = asyncio.get_running_loop().create_task(self._cross(frame))
        self._calls[frame.n] = task
        task.add_done_callback(lambda _: self._calls.pop(frame.n, None))

    def cancel(self, n: int) -> None:
        """Nobody waits for that call any more."""
        if n in self._calls:
            self._calls[n].cancel()

    async def _cross(self, frame: frames.Cross) -> None:
        with self._pulse:
            handed = await self._handed_over(frame)
        match handed:
            case Durable():
                told = frames.Crossed(frame.n, "durable", back=handed.back)
            case Given():
                told = frames.Crossed(frame.n, "given")
            case Later():
                told = frames.Crossed(frame.n, "later", handed.why)
        with contextlib.suppress(PipeEnded):  # the core is gone: we end at the next read
            await self._send(told)

    async def _handed_over(self, frame: frames.Cross) -> HandedOver:
        peer = self._peers.get(frame.peer)
        if peer is None or frame.link not in self._links:
            return Later(NOT_OPEN)
        async with self._turns[frame.link, frame.peer]:
            link = self._links.get(frame.link)  # it may have ended while another call was under way
            if link is None:
                return Later(NOT_OPEN)
            try:
                async with asyncio.timeout(LONGEST_S):
                    handed = await link.hand_over(peer, frame.batch)
            except TimeoutError:
                handed = Later("it did not come to an end")
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is None or task.cancelling():
                    raise  # by us; else something in the link was, and the core waits for a word
                handed = Later("it was broken off")
            except Exception as error:  # a link promises not to raise: ours may have a fault
                handed = Later(f"it failed: {kind_of(error)}")
        self._ended(frame.link, handed)
        return handed

    def _ended(self, link: str, handed: HandedOver) -> None:
        """How the link fares by how a call ended. That something is on its way mends only what was
        wrong with that: a mailbox may be shut meanwhile, as the link itself tells."""
        if isinstance(handed, Later):
            self._in_trouble.add(link)
            self._faring(link, handed.state, handed.why)
        elif isinstance(handed, Durable) or link in self._in_trouble:
            self._in_trouble.discard(link)
            self._faring(link, "works", "")
