"""The side that goes out: it calls its peer, keeps the connection, and hands over one batch after
another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from relay.errors import Damaged
from relay.links.https import trust
from relay.links.https.crossing import Begun, Crossing, NotNow
from relay.links.https.line import Asking, Broken
from relay.links.port import Came, Durable, HandedOver, Later, Opening, Peer
from relay.ports import NotSent
from relay.reach.dial import opened
from relay.reach.routes import DIRECT
from relay.reach.trying import NoWay
from relay.reach.way import Target
from relay.wire import primitives
from relay.wire.batch import Batch, make_batch, read_batch

KEPT_S: Final = 240.0
"""Seconds that a connection may have rested and is used again: the other side keeps it longer."""

MOST_S: Final = 900.0
"""Seconds for one batch. What is not over by then is not lost: the other side keeps its pieces for
as long (``pieces.KEPT_S``), and the next call goes on with them."""

MOST_LINES: Final = 300
"""Connections for one batch: the largest goes over a line that is cut every 60 kB."""

MOST_FRUITLESS: Final = 3
"""Connections in a row that broke before anything more had come over, until the core is told. The
first of them may have been cut while it rested."""

MOST_BEGUN: Final = 4
"""Batches of which it is known that they were begun: between two calls with one there may be some
that only ask."""

_UNKNOWN: Final = "the peer does not know our link key"

_SILENT: Final = (
    "the connection ends as soon as it is there: perhaps the peer does not know our key"
)
"""In TLS 1.3 that is known only after what we said first (RFC 8446, 2), and asyncio, at the other
end, cuts whom it does not believe without a word."""

_NOT_THE_PEER: Final = "who answers there is not the peer"


class Calling:
    """A ``Link`` to the peer that listens at this host and port. ``timeout_s``: for a connection,
    and for each step on it."""

    def __init__(self, opening: Opening, host: str, port: int, timeout_s: float) -> None:
        if opening.peer is None:
            raise ValueError("a link that calls leads to a peer")
        self._opening = opening
        self._peer = opening.peer
        self._timeout_s = timeout_s
        self._authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._routes = opening.routes or DIRECT
        self._way = self._routes.ways[0]
        tls = trust.for_calling(opening.seed, self._peer.key)
        pins = frozenset([trust.pin_of(self._peer.key)])
        self._target = Target(host, port, tls, pins)
        self._line: Asking | None = None
        self._begun: dict[bytes, Begun] = {}  # what calls have not brought to their end

    async def run(self, came: Came, ready: Callable[[], None]) -> None:
        """Nothing comes by itself: what the peer has for us is in its answers."""
        ready()
        try:
            await asyncio.Event().wait()
        finally:
            self._drop()

    async def hand_over(self, peer: Peer, batch: Batch) -> HandedOver:
        """As the port has it: Durable or Later."""
        if peer.key != self._peer.key:
            return Later("it leads to another peer")
        handed: HandedOver | None = None
        try:
            handed = await self._handed(batch)
        finally:
            if not isinstance(handed, Durable):  # a request may be half said, or half answered
                self._drop()
        return handed

    async def _handed(self, batch: Batch) -> Durable | Later:
        try:
            async with asyncio.timeout(MOST_S):
                return await self._crossed(batch)
        except TimeoutError:
            return Later("it takes too long")
        except NotSent as error:
            return Later(_told(error))
        except NotNow:
            return Later("the peer cannot keep it now")
        except Damaged:
            return Later("the peer refuses it, or its answer is none")
        except Broken as error:
            if error.unknown:
                return Later(_UNKNOWN, "login")
            return Later("the connection breaks off" if error.heard else _SILENT)

    async def _crossed(self, batch: Batch) -> Durable:
        made = make_batch(batch, self._opening.seed, self._peer.key)
        digest = primitives.digest(made)
        crossing = Crossing(made, digest, self._begun.pop(digest, None))
        try:
            answer = await self._over_lines(crossing)
        except Damaged:
            raise  # from its beginning, the next time
        except BaseException:
            self._keep(crossing.begun)
            raise
        back = read_batch(answer, self._peer.key, self._opening.own)
        if back.whole != digest:
            raise Damaged
        return Durable(back)

    def _keep(self, begun: Begun) -> None:
        self._begun[begun.digest] = begun
        while len(self._begun) > MOST_BEGUN:
            del self._begun[next(iter(self._begun))]

    async def _over_lines(self, crossing: Crossing) -> bytes:
        came = fruitless = 0
        for _ in range(MOST_LINES):
            broken = Broken()
            try:
                return await crossing.over(await self._connected())
            except NotSent:
                if not came:
                    raise  # there is nothing that another one would go on with
            except Broken as error:
                broken = error
                if fruitless:  # not only this once, where it had rested
                    self._routes.broke(self._way, "reset", self._target)
            self._drop()
            fruitless = 0 if crossing.came > came else fruitless + 1
            came = max(came, crossing.came)
            if broken.unknown or fruitless == MOST_FRUITLESS:
                raise broken
        raise Broken

    # ------------------------------------------------------------ the connection

    async def _connected(self) -> Asking:
        """The one that is kept, or a new one. Raises NotSent."""
        rested_since = asyncio.get_running_loop().time() - KEPT_S
        if self._line is not None and not self._line.ended and self._line.used_at > rested_since:
            return self._line
        self._drop()
        reader, writer = await opened(
            self._routes,
            self._target.host,
            self._target.port,
            tls=self._target.tls,
            timeout_s=self._timeout_s,
            pins=self._target.pins,
        )
        self._line = Asking(reader, writer, self._authority, self._timeout_s)
        # Those that were tried before it have failed, and come behind it now.
        self._way = self._routes.in_order(self._target)[0]
        if not trust.is_of(self._peer.key, writer.get_extra_info("ssl_object")):
            raise NotSent(_NOT_THE_PEER)
        return self._line

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.cut()


def _told(error: NotSent) -> str:
    """Why there is no connection. A way that leads to somebody else says so."""
    if isinstance(error, NoWay) and "tls" in error.failures.values():
        return f"{error}: {_NOT_THE_PEER}"
    return str(error)
