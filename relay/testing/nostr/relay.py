"""A relay of Nostr on loopback: events that are really verified, and everything that can go wrong.

``async with nostr_relay() as platform`` serves one at ``platform.url``; ``manners`` says of which
kind. It has one account (``platform.key``, a random one unless it is given: two relays may share
it), and knows nothing of who connects. HTTP on the same port is the information document (NIP-11);
an upgrade is scripted and remembered as ``UPGRADE /``, so that both kinds of fault have a place::

    platform.script(faults.maintenance("60"), on="UPGRADE /")        # HTTP 503, no WebSocket
    platform.script(refused("rate-limited: slow down"), on="EVENT")  # OK false
    platform.script(cut(), on="EVENT 1")                             # stored, and no OK

Written from NIPs 01, 09, 10, 11, 13, 23, 40, 42, 70 and 92 as of July 2026.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from typing import Any, Final, Protocol, cast

import h11
import trio

from relay.clock import SystemClock
from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import MAX_REQUESTS, Fault, Loopback, Request, on_loopback
from relay.testing.nostr import says
from relay.testing.nostr.events import LONG, NOTE, Event, signed
from relay.testing.nostr.faults import Trouble
from relay.testing.nostr.filters import Filter
from relay.testing.nostr.judge import Rules, judged
from relay.testing.nostr.keys import Key
from relay.testing.nostr.manners import STRFRY, Manners
from relay.testing.nostr.notes import Note, note
from relay.testing.nostr.session import Session
from relay.testing.nostr.sockets import Socket
from relay.testing.nostr.store import Store
from relay.testing.nostr.streams import Again, read_head

PUBLIC: Final = (NOTE, LONG)


class Shelf(Protocol):
    """Where media lie, by hash: a ``Blossom``."""

    def content(self, sha256: str) -> bytes:
        """The bytes under a hash; empty if it does not have them."""
        ...


class NostrRelay(Loopback):
    """One stand-in.

    ``heard``: every message that could be read, as it came. Settable at any time: ``manners``;
    ``rules`` (who may write, how much a minute); ``drops`` (an event is answered well and not
    kept); ``lists_late_s`` (a subscription finds only what came so long ago).
    """

    def __init__(
        self, manners: Manners, *, clock: Clock, key: Key, shelves: Sequence[Shelf] = ()
    ) -> None:
        super().__init__()
        self.manners = manners
        self.key = key
        self.rules = Rules()
        self.drops = False
        self.lists_late_s = 0
        self.heard: list[list[Any]] = []
        self._clock = clock
        self._shelves = shelves
        self._store = Store(manners)
        self._sessions: set[Session] = set()
        self._troubles: list[tuple[str, Trouble]] = []

    @property
    def account(self) -> str:
        """The public key of ``key``, in hex."""
        return self.key.pubkey

    @property
    def url(self) -> str:
        """Where it is, as a client is told."""
        return f"ws://127.0.0.1:{self._port}"

    @property
    def now(self) -> Instant:
        """The time, by its clock."""
        return self._clock.now()

    @property
    def public(self) -> list[Note]:
        """What people see of the account, in the order in which it came."""
        mine = [one for one in self._store.events if one.pubkey == self.account]
        return [note(one, self._fetched) for one in mine if one.kind in PUBLIC]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    @property
    def events(self) -> list[Event]:
        """Everything that it keeps, of everybody and every kind."""
        return self._store.events

    def put(
        self,
        text: str,
        *,
        kind: int = NOTE,
        tags: Sequence[Sequence[str]] = (),
        by: Key | None = None,
    ) -> Event:
        """An event of the account, or of somebody else, that no bridge posted."""
        made = signed(by or self.key, kind, text, tags, at=self.now)
        self._store.put(made, self.now)
        self._pass_on(made)
        return made

    def reply(self, to: str, text: str, by: Key | None = None) -> Event:
        """Somebody answers an event (NIP-10): the account finds it by ``#e`` and ``#p``."""
        above = self._store.get(to)
        author = above.pubkey if above else self.account
        tags = [["e", to, "", "root", author], ["p", author]]
        return self.put(text, tags=tags, by=by or Key())

    def forget(self, id: str) -> None:
        """Lose one event, which may then be sent again."""
        self._store.drop(id)

    def suspend(self) -> None:
        """The account is banned."""
        self.rules.banned.add(self.account)

    def revoke(self) -> None:
        """The account is not among those any more who may write."""
        self.rules.members = (self.rules.members or set()) - {self.account}

    def broke(self) -> None:
        """The account would have to pay first."""
        self.rules.unpaid.add(self.account)

    def expire(self) -> None:
        """Every client that had proved who it is has to do so again."""
        for session in self._sessions:
            session.challenge_again()

    # ------------------------------------------------------------ for its sessions

    def take(self, value: object, authed: Set[str]) -> tuple[bool, str]:
        """An event that came; gives the two that its OK says. Raises No."""
        event = judged(value, self.manners, authed, self.now)
        if self._store.get(event.id) is not None:
            return self.manners.known
        self.rules.judge(event, self.now)
        if self.drops:
            return True, ""
        taken = self._store.put(event, self.now)
        if taken[0]:
            self._pass_on(event)
        return taken

    def find(self, asked: Sequence[Filter]) -> list[Event]:
        """What filters ask for."""
        return self._store.find(asked, self.now, self.lists_late_s, self.manners.max_limit)

    def remember(self, said: list[Any]) -> None:
        """Note a message down."""
        if len(self.heard) < MAX_REQUESTS:
            self.heard.append(said)

    def trouble(self, said: list[Any]) -> Trouble | None:
        """The first fault that waits for such a message."""
        kind = said[1].get("kind") if isinstance(said[1], dict) else None
        for n, (on, trouble) in enumerate(self._troubles):
            if fnmatchcase(said[0], on) or fnmatchcase(f"{said[0]} {kind}", on):
                del self._troubles[n]
                return trouble
        return None

    def _pass_on(self, event: Event) -> None:
        for session in self._sessions:
            session.pass_on(event)

    def _fetched(self, sha256: str) -> bytes:
        return next((found for one in self._shelves if (found := one.content(sha256))), b"")

    # ------------------------------------------------------------ its port

    def script(self, *faults: Fault | Trouble, on: str = "*") -> None:
        """Add faults, one a message or request, in order. A ``Trouble`` is for messages: ``on`` is
        ``"EVENT"``, ``"EVENT 1"`` (its kind), ``"REQ"``, ``"CLOSE"``, ``"AUTH"``. A ``Fault`` is
        for HTTP: ``"UPGRADE /"``, ``"GET /"``."""
        super().script(*(one for one in faults if isinstance(one, Fault)), on=on)
        self._troubles.extend((on, one) for one in faults if isinstance(one, Trouble))

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """HTTP that is no upgrade."""
        return fault or says.page(request, self.manners, self.rules)

    async def _serve(self, stream: trio.SocketStream) -> None:
        """Tell a WebSocket from HTTP by its first request."""
        try:
            head = await read_head(stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            head = b""
        if not re.search(rb"\r\nupgrade:[ \t]*websocket", head, re.IGNORECASE):
            await super()._serve(_as_socket(Again(stream, head)))
            return
        try:
            await self._upgrade(stream, head)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the client went away, which is its right
        finally:
            await trio.aclose_forcefully(stream)

    async def _upgrade(self, stream: trio.SocketStream, head: bytes) -> None:
        connection = h11.Connection(h11.SERVER)
        asked = await self._heard(_as_socket(Again(stream, head)), connection)
        if asked is None:
            return
        request = Request("UPGRADE", asked.target, asked.headers, b"")
        if len(self.requests) < MAX_REQUESTS:
            self.requests.append(request)
        fault = self.closed or self._scripted(request)
        if fault is None and request.path != "/":
            fault = says.nothing_here()
        if fault is not None:
            await self._refused(stream, connection, fault)
            return
        socket = Socket(stream)
        if await socket.accept(head):
            await self._converse(socket)

    async def _refused(
        self, stream: trio.SocketStream, connection: h11.Connection, fault: Fault
    ) -> None:
        if fault.then in ("hang", "late"):
            await stream.receive_some(1)
        elif fault.then != "cut":
            await self._answer(stream, connection, fault, bodiless=False)

    async def _converse(self, socket: Socket) -> None:
        session = Session(self, socket)
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)


def _as_socket(stream: Again) -> trio.SocketStream:
    """``Loopback`` names the type, and uses nothing that is a socket's own."""
    return cast("trio.SocketStream", stream)


@asynccontextmanager
async def nostr_relay(
    manners: Manners = STRFRY,
    *,
    clock: Clock | None = None,
    key: Key | None = None,
    shelves: Sequence[Shelf] = (),
) -> AsyncIterator[NostrRelay]:
    """A relay that serves while the block lasts, on this machine's clock if none is given.
    ``shelves``: media servers on which ``public`` looks for what texts link to."""
    made = NostrRelay(manners, clock=clock or SystemClock(), key=key or Key(), shelves=shelves)
    async with on_loopback(made):
        yield made
