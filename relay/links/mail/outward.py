"""Hands a batch in at a provider, as one mail or as several, on one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from relay.errors import KeyFileError
from relay.links.mail.letter import Dress, letter, room_in
from relay.links.mail.pace import RESTS, Pace
from relay.links.mail.parcel import OVERHEAD, Parcel, Veil, parcels
from relay.links.mail.splitting import batches
from relay.links.port import Given, HandedOver, Later, Peer
from relay.mailing.submission import Account, NotTaken, Submission, logged_in
from relay.ports import Clock
from relay.reach.routes import DIRECT, Routes
from relay.wire.batch import Batch, make_batch
from relay.wire.linkkeys import link_key_of

LEAST_BYTES: Final = 64 * 1024
"""Bytes of a mail that every provider must take."""

MOST_DONE: Final = 1024
"""Mails of a batch that broke off which are remembered, so that they are not sent again."""

_TOO_LARGE: Final = 552
"""RFC 1870 section 6.1."""


@dataclass(frozen=True, slots=True, repr=False)
class Sending:
    """How mails go out. ``password`` is called each time, and may raise KeyFileError;
    ``most_bytes``: of a whole mail; ``most_a_day``: of mails; ``within_s``: seconds for each
    step."""

    account: Account
    password: Callable[[], bytes]
    dress: Dress
    most_bytes: int
    within_s: float
    routes: Routes = DIRECT
    most_a_day: int = 400


class Outward:
    """Batches to one peer, signed with the link key of this seed."""

    def __init__(self, sending: Sending, seed: bytes, peer: Peer, clock: Clock) -> None:
        self._sending = sending
        self._seed = seed
        self._peer = peer
        self._clock = clock
        self._veil = Veil(link_key_of(seed), peer.key)
        self._most = sending.most_bytes
        self._done: set[tuple[bytes, int, int]] = set()
        self._pace = Pace(sending.most_a_day)

    async def hand_over(self, batch: Batch) -> HandedOver:
        """Given once the provider has taken each mail of it; that it is durable at the peer, the
        peer says. A mail that is refused for good holds up no other."""
        at = self._sending
        try:
            password = at.password() if at.account.user else b""
        except KeyFileError:
            return Later("its password cannot be read: look at password_file", "login")
        if why := self._pace.why_not:
            return Later(why)
        refused: Later | None = None
        try:
            async with logged_in(at.account, password, at.routes, at.within_s) as line:
                most = min(self._most, line.most_bytes or self._most)
                if most < LEAST_BYTES:
                    return Later("the provider takes no mail of 64 KiB: look for another", "login")
                room = room_in(most) - OVERHEAD
                for part in batches(batch, room):
                    refused = await self._handed_in(line, part, room) or refused
        except NotTaken as not_taken:
            if 400 <= not_taken.code < 500:
                self._pace.put_off()
            return _later(not_taken)
        self._pace.went()
        if refused is None:
            self._done.clear()
        return refused or Given()

    async def _handed_in(self, line: Submission, batch: Batch, room: int) -> Later | None:
        """Why these mails were refused for good; None: they are taken. Raises NotTaken."""
        made = await asyncio.to_thread(make_batch, batch, self._seed, self._peer.key)
        for parcel in parcels(made, room):
            key = (parcel.digest, parcel.index, parcel.of)
            if key in self._done:
                continue
            if why := self._pace.why_not:
                return Later(why)
            mail = await asyncio.to_thread(self._letter, parcel)
            self._pace.sends()
            try:
                await line.hand_in((self._sending.dress.sender,), self._sending.dress.to, mail)
            except NotTaken as not_taken:
                if not 500 <= not_taken.code < 600:
                    raise
                if not_taken.code == _TOO_LARGE:
                    self._most = max(LEAST_BYTES, min(self._most, len(mail)) // 2)
                return _later(not_taken)
            self._remember(key)
        return None

    def _letter(self, parcel: Parcel) -> bytes:
        name = self._veil.named(token_bytes(8))
        return letter(self._sending.dress, self._veil.over(parcel), name, self._clock.now())

    def _remember(self, key: tuple[bytes, int, int]) -> None:
        if len(self._done) >= MOST_DONE:
            self._done.clear()
        self._done.add(key)


def _later(not_taken: NotTaken) -> Later:
    for_good = 500 <= not_taken.code < 600
    match not_taken.step:
        case "connect":
            return Later("the mail server is not reached: look at smtp, ca_file and the network")
        case "log in" if for_good:
            return Later(
                "user or password is not accepted: put the right (app) password into password_file",
                "login",
            )
        case _ if not_taken.code == _TOO_LARGE:
            return Later("the provider takes no mail of this size: set most_bytes lower", "login")
        case "letter" if for_good:
            return Later("the provider takes no such mail: look at sender and to", "login")
        case "sent" if for_good:
            return Later(
                "the provider refuses the mail itself: look at subject, text and its rules", "login"
            )
    return Later(RESTS)
