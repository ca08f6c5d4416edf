"""What a door takes of one sender, one transport and one network, so that all others have room.

A sender over the limit hears "try again later": the other side keeps the message and comes again,
or turns it away and is counted. Where a transport fetches, that would hold up everybody behind it
in the same queue, so the message is taken with the flag "flood", and waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_bytes
from typing import Any, Final

from relay.entry.senders import WHOLE, Senders
from relay.entry.shares import Shares
from relay.errors import TooLarge
from relay.model import Arrival, Instant
from relay.wire.names import SHORT
from relay.wire.padding import CLASSES, class_for
from relay.wire.primitives import KEY, mac

FLOOD: Final = "flood"
"""The flag of a message whose sender is over the limit."""

_AROUND = 2400
"""Bytes that an envelope to one exit adds to its content, a return token included, rounded up."""


class Limits:
    """The limits of one door. ``per_sender`` says for each transport how many messages of one
    sender it takes in an hour; one that is not named has no senders to tell apart."""

    def __init__(self, per_sender: Mapping[str, int]) -> None:
        self._senders = {name: Senders(most) for name, most in per_sender.items()}
        self._fetches: set[str] = set()
        self._transports = Shares()
        self._networks = Shares()
        self._secret = token_bytes(KEY)

    def fetches(self, transport: str) -> None:
        """This transport takes from a queue, and cannot leave a single message in it."""
        self._fetches.add(transport)

    def room_is(self, room: int) -> None:
        """How many bytes are free on the disk."""
        self._transports.room = self._networks.room = room

    def enter(self, arrival: Arrival, now: Instant) -> Arrival | None:
        """Count an arrival; it comes back, perhaps with a flag. None: it is to come again later,
        and nothing was counted."""
        if not self._takes_room(arrival, now):
            return None
        if self._takes_turn(arrival, now):
            return arrival
        if arrival.transport in self._fetches:
            return replace(arrival, flags=(*arrival.flags, FLOOD))
        self._gives_room(arrival, now)
        return None

    def known(self) -> dict[str, Any]:
        """All that is counted, for the door that comes after this one: keyed hashes and numbers."""
        return {
            "secret": self._secret,
            "senders": {name: senders.known() for name, senders in self._senders.items()},
            "transports": self._transports.known(),
            "networks": self._networks.known(),
        }

    def learn(self, known: Mapping[str, Any]) -> None:
        """Go on from what a door before this one counted; what this one did until now is less."""
        self._secret = known["secret"]
        for name, senders in known["senders"].items():
            if name in self._senders:
                self._senders[name].learn(senders)
        self._transports.learn(known["transports"])
        self._networks.learn(known["networks"])

    def leave(self, arrival: Arrival, now: Instant) -> None:
        """What entered was not taken after all. ``now`` is that of ``enter``."""
        self._gives_room(arrival, now)
        senders = self._senders.get(arrival.transport)
        who = self._who(arrival)
        if senders is not None and who and FLOOD not in arrival.flags:
            senders.give(who, _weight(arrival))

    # ------------------------------------------------------------ senders

    def _takes_turn(self, arrival: Arrival, now: Instant) -> bool:
        senders = self._senders.get(arrival.transport)
        who = self._who(arrival)
        return senders is None or not who or senders.take(who, _weight(arrival), now)

    def _who(self, arrival: Arrival) -> bytes:
        """By what a sender is told from others; empty where that cannot be done.

        The sender of a mail that comes over SMTP is what its client says: counted by that alone,
        anybody could use up the turns of somebody else. So there it counts together with the
        network it comes from, and not at all where only a server of this machine is known. Where
        a way knows no senders (a form) they are counted by network alone: else guessing at codes
        there would cost nothing.
        """
        if arrival.kind == "mail" and arrival.transport not in self._fetches:
            return self._hash(arrival.sender, arrival.network) if arrival.network else b""
        who = arrival.sender or arrival.network
        return self._hash(who) if who else b""

    def _hash(self, *parts: bytes) -> bytes:
        return mac(self._secret, *parts)[:SHORT]

    # ------------------------------------------------------------ room

    def _takes_room(self, arrival: Arrival, now: Instant) -> bool:
        size = _stored(arrival)
        transport, network = arrival.transport.encode(), self._network(arrival)
        if not self._transports.take(transport, size, now):
            return False
        if not network or self._networks.take(network, size, now):
            return True
        self._transports.give(transport, size, now)
        return False

    def _gives_room(self, arrival: Arrival, now: Instant) -> None:
        size = _stored(arrival)
        self._transports.give(arrival.transport.encode(), size, now)
        self._networks.give(self._network(arrival), size, now)

    def _network(self, arrival: Arrival) -> bytes:
        return self._hash(arrival.network) if arrival.network else b""


def _weight(arrival: Arrival) -> int:
    return 1 if arrival.segments else WHOLE


def _stored(arrival: Arrival) -> int:
    """Bytes that it takes on the disk: its envelopes, one for each channel."""
    try:
        size = CLASSES[class_for(len(arrival.content), _AROUND)]
    except TooLarge:
        size = CLASSES[-1]
    return size * len(arrival.channels)
