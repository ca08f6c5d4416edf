"""The side that is gone to: it listens, lets in who shows a peer's certificate, and answers.

Strangers get no further than the handshake. Whoever is let in may be in other hands by now, so that
it is held to its limits all the same, and what it does wrong touches no other peer.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from relay.errors import Damaged
from relay.links.https import trust
from relay.links.https.answering import Answering
from relay.links.https.line import Asked, Broken
from relay.links.https.places import PEERS_SHARE, STRANGERS, STRANGERS_SHARE, Places
from relay.links.port import Came, HandedOver, Later, Opening, Peer
from relay.serving.peers import is_loopback, network_of
from relay.serving.tls import shake
from relay.wire.batch import Batch

SHAKE_S: Final = 20.0
"""Seconds for a handshake: over Tor, and a bad network before it, it takes some."""

REST_S: Final = 300.0
"""Seconds until the next request's head is whole. A peer that has nothing asks more often, or calls
anew."""

TIDY_S: Final = 60.0

BACKLOG: Final = 128


class Listening:
    """A ``Link`` for all peers. ``step_s``: seconds in which something must come, or leave."""

    def __init__(self, opening: Opening, step_s: float) -> None:
        if opening.sock is None:
            raise ValueError("a link that listens has a socket")
        self._opening = opening
        self._sock = opening.sock
        self._step_s = step_s
        self._tls = trust.for_listening(opening.seed, [peer.key for peer in opening.peers.values()])
        self._strangers = Places(STRANGERS, STRANGERS_SHARE)
        self._guests = Places(PEERS_SHARE * max(1, len(opening.peers)), PEERS_SHARE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def hand_over(self, peer: Peer, batch: Batch) -> HandedOver:
        """It calls nobody: what there is for a peer goes back in an answer."""
        return Later("it listens only: what there is goes back in an answer")

    async def run(self, came: Came, ready: Callable[[], None]) -> None:
        """Serve until cancelled. The socket listens still afterwards."""
        answering = Answering(self._opening, came, asyncio.get_running_loop().time)

        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._met(answering, reader, writer)

        server = await asyncio.start_server(met, sock=self._sock.dup(), backlog=BACKLOG)
        ready()
        try:
            await answering.tidy(TIDY_S)
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()

    async def _met(
        self, answering: Answering, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            peer = await self._who(reader, writer)
            if peer is not None:
                await self._serve(answering, peer, Asked(reader, writer, self._step_s))
        except asyncio.CancelledError:
            pass  # we end; asyncio would report it
        except Exception:  # the guard of one connection: nobody is to be told, and nothing logged
            pass
        finally:
            self._tasks.discard(task)
            _cut(writer)

    async def _who(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Peer | None:
        """Which peer it is, by the certificate that it shows; None: none, or one that has left."""
        host = (writer.get_extra_info("peername") or ("",))[0]
        share = STRANGERS if is_loopback(host) else None  # a proxy may speak for everybody
        leave = self._strangers.enter(network_of(host), lambda: _cut(writer), share)
        try:
            await shake(reader, writer, self._tls, within_s=SHAKE_S)
        except (ssl.SSLError, ConnectionAbortedError):
            self._opening.turned_away()
            return None
        except OSError:
            return None  # it left by itself
        finally:
            leave()
        shown = writer.get_extra_info("ssl_object")
        for peer in self._opening.peers.values():
            if trust.is_of(peer.key, shown):
                return peer
        self._opening.turned_away()
        return None

    async def _serve(self, answering: Answering, peer: Peer, line: Asked) -> None:
        task = asyncio.current_task()
        assert task is not None
        leave = self._guests.enter(peer.key.public, task.cancel)
        try:
            while (wish := await line.wish(REST_S)) is not None:
                if not await line.answer(await answering.to(peer, wish, line)):
                    return
        except Broken:
            pass
        except Damaged:
            self._opening.turned_away()
            await line.refuse()
        finally:
            leave()


def _cut(writer: asyncio.StreamWriter) -> None:
    with suppress(AttributeError):  # asyncio's, where it has ended by itself just now
        writer.transport.abort()
