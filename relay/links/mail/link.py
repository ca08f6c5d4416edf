"""A link by mail: out by a provider's SMTP, in by IMAP or by SMTP of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from relay.links.mail.faring import Faring
from relay.links.mail.fetching import Fetching
from relay.links.mail.finding import Finding
from relay.links.mail.inward import Inward
from relay.links.mail.mailbox import Mailbox
from relay.links.mail.outward import Outward, Sending
from relay.links.mail.receiver import Receiver
from relay.links.port import Came, HandedOver, Later, Opening, Peer
from relay.wire.batch import Batch


@dataclass(frozen=True, slots=True, repr=False)
class Ways:
    """Which directions a link has: out, in by a mailbox, and in at ``address`` by a socket of its
    own (``Opening.sock``)."""

    sending: Sending | None = None
    fetching: Fetching | None = None
    address: str = ""


class ByMail:
    """``port.Link``. What it hands over is given, and durable when the peer says so. It takes what
    comes from the peer that it leads to, or, where it leads to none, from all of them: another
    peer's mails in the same mailbox are another link's."""

    def __init__(self, opening: Opening, ways: Ways) -> None:
        self._opening = opening
        self._ways = ways
        self._faring = Faring(opening.faring)
        self._outward = None
        if ways.sending is not None and opening.peer is not None:
            self._outward = Outward(ways.sending, opening.seed, opening.peer, opening.clock)

    async def run(self, came: Came, ready: Callable[[], None]) -> None:
        """Take what comes, until cancelled. A mailbox that cannot be reached is waited for, and
        keeps no node from being ready."""
        opening, ways = self._opening, self._ways
        peers = [opening.peer] if opening.peer is not None else list(opening.peers.values())
        finding = Finding(opening.own, peers)
        inward = Inward(opening.own, came, opening.turned_away, self._faring.heard)
        if ways.fetching is not None:
            ready()
            await Mailbox(ways.fetching, finding, inward, self._faring).run()
        elif opening.sock is not None:
            receiver = Receiver(
                opening.sock, ways.address, finding, inward, self._faring, opening.turned_away
            )
            self._faring.fares("in", "works")
            await receiver.serve(lambda address: ready())
        else:
            ready()
            await asyncio.Event().wait()

    async def hand_over(self, peer: Peer, batch: Batch) -> HandedOver:
        """Given when the provider has taken all of it."""
        if self._outward is None or peer != self._opening.peer:
            return Later("it does not lead there: it has no smtp, or another peer")
        handed = await self._outward.hand_over(batch)
        if isinstance(handed, Later):
            self._faring.fares("out", handed.state, handed.why)
        else:
            self._faring.fares("out", "works")
        return handed
