"""What a link is, and what it is given: the same for all kinds."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from relay.ports import Clock
from relay.reach.routes import Routes
from relay.wire.batch import Batch
from relay.wire.linkkeys import LinkKey


@dataclass(frozen=True, slots=True, repr=False)
class Peer:
    """Another node, by the name that the settings give it and its link key."""

    name: str
    key: LinkKey


@dataclass(frozen=True, slots=True, repr=False)
class Durable:
    """The peer keeps all that was handed over; ``back`` is what it had for us."""

    back: Batch


@dataclass(frozen=True, slots=True)
class Given:
    """It is on its way: the peer tells in a batch of its own what of it is durable there."""


@dataclass(frozen=True, slots=True)
class Later:
    """It is not, as far as we know. ``why`` in our own words; ``state`` of the board: "blocked" or
    "login"."""

    why: str
    state: str = "blocked"


HandedOver = Durable | Given | Later

Came = Callable[[Peer, Batch], Awaitable[Batch | None]]
"""Gives the core what a peer has sent. It returns when all of it is durable, with what goes back to
that peer; None: it could not be kept, and the peer is to try again later."""


class Link(Protocol):
    """One link. Neither method raises; both may be cancelled at any await."""

    async def run(self, came: Came, ready: Callable[[], None]) -> None:
        """Listen, or look for what came, until cancelled. ``ready`` is called once, when it does.
        A link that only goes out calls it at once and waits."""
        ...

    async def hand_over(self, peer: Peer, batch: Batch) -> HandedOver:
        """Hand this to a peer: all of it, or none that counts. One call at a time and peer."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Opening:
    """What a link is made with. ``seed`` is that of our link key, whose public half is ``own``;
    ``peers`` are all whose batches are taken, by their public link keys; ``peer`` is the one that
    this link leads to, where it leads to one. ``turned_away`` is called for whoever is no peer, and
    for what is no batch of a peer for us; ``faring`` with a state of the board and why in our own
    words. ``sock`` listens already."""

    name: str
    seed: bytes
    own: LinkKey
    peers: Mapping[bytes, Peer]
    peer: Peer | None
    clock: Clock
    routes: Routes | None = None
    sock: socket.socket | None = None
    turned_away: Callable[[], None] = field(default=lambda: None)
    faring: Callable[[str, str], None] = field(default=lambda state, why: None)
