"""From an attachment to the core: lifted, joined, proved, kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from relay.errors import Damaged
from relay.links.mail.joining import Joining
from relay.links.mail.parcel import Veil
from relay.links.port import Came, Peer
from relay.wire.batch import read_batch
from relay.wire.linkkeys import LinkKey

End = Literal["kept", "waits", "later", "no batch"]


@dataclass(frozen=True, slots=True)
class Taken:
    """How it ended, and with what mails: all of a batch that is kept now, or is none."""

    end: End
    mails: tuple[int, ...] = ()


class Inward:
    """Takes attachments of peers, and gives the core what is a batch. ``turned_away`` is called for
    what is none, ``heard`` for each that is kept."""

    def __init__(
        self,
        own: LinkKey,
        came: Came,
        turned_away: Callable[[], None],
        heard: Callable[[], None],
    ) -> None:
        self._own = own
        self._came = came
        self._turned_away = turned_away
        self._heard = heard
        self.joining = Joining()

    async def take(self, peer: Peer, attached: bytes, mail: int = 0) -> Taken:
        """Take one. ``mail`` is its number where it came from. What goes back to the peer is handed
        over by the core, as everything that goes by mail."""
        sender = peer.key.public
        try:
            parcel = Veil(peer.key, self._own).under(attached)
        except Damaged:
            return self._no_batch((mail,))
        try:
            joined = self.joining.add(sender, parcel, mail)
            if joined is None:
                return Taken("waits")
            batch = read_batch(joined.made, peer.key, self._own)
        except Damaged:
            return self._no_batch((mail, *self.joining.over(sender, parcel)))
        if await self._came(peer, batch) is None:
            return Taken("later")
        self._heard()
        return Taken("kept", (*joined.mails, *self.joining.over(sender, parcel)))

    def _no_batch(self, mails: tuple[int, ...]) -> Taken:
        self._turned_away()
        return Taken("no batch", mails)
