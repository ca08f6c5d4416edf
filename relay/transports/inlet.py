"""What a way in that is reached by HTTP makes of a request: the door's side of /in/NAME."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from relay.serving.room import Room
from relay.transports.pages import Stretch


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer: its status, its body, and headers besides the length (names in lower case). With a
    ``stretch`` of a file that one is the body; it is closed when it was sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    stretch: Stretch | None = None


class Inlet(Protocol):
    """What takes the POSTs of one /in/NAME."""

    async def receive(self, headers: Mapping[str, str], body: bytes, network: bytes) -> Reply:
        """The answer to one POST whose body was read whole. Whatever it raises is a 503.

        ``network`` is the client's, for ``Arrival.network`` where the client is a person; empty
        where only a proxy is known, which speaks for everybody."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A request to one /in/NAME, its body read. ``path`` is what follows the name, as it was sent
    ("" or "/..."); ``query`` what follows its "?"; names of headers are lower case; ``network`` as
    for ``Inlet``."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    network: bytes = b""


@runtime_checkable
class WholeInlet(Protocol):
    """An inlet that sees the whole request: the rest of its path and its query as well.

    ``methods`` are those it takes; ``body_bytes`` is the largest body, which may be more than other
    inlets have: such bodies share ``WebLimits.in_flight``."""

    methods: frozenset[str]
    body_bytes: int

    async def request(self, request: Request) -> Reply:
        """The answer. Whatever it raises is a 503."""
        ...


@runtime_checkable
class ForPeople(Protocol):
    """What a whole inlet has besides where a person sits at the other end: ``body_s`` seconds for a
    body, which may be long on a bad line, and a page for what is refused before it was read. At
    most half of all sessions are with people, so that the rest is there for everything else."""

    body_s: float

    def refused(self, request: Request, status: int) -> Reply:
        """The answer in place of the bare status."""
        ...


class Held:
    """What one request holds of a room for bodies, in the name of its network. The first ``free``
    bytes need no room: so many every session has, and a text is never refused for others'
    pictures."""

    def __init__(self, room: Room, whose: str, free: int = 0) -> None:
        self._room = room
        self._whose = whose
        self._free = free
        self._bytes = 0

    def take(self, amount: int) -> bool:
        """Hold so much more; False if there is no room for it."""
        needed = max(0, amount - self._free)
        self._free = max(0, self._free - amount)
        if needed and not self._room.take(self._whose, needed):
            return False
        self._bytes += needed
        return True

    def give_back(self) -> None:
        """The request is over, or its body is read no more than to its end."""
        if self._bytes:
            self._room.give(self._whose, self._bytes)
        self._bytes = 0
