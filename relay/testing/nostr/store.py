"""What a relay keeps: each event once, of an address the newest, nothing that was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.model import Instant
from relay.testing.nostr.events import DELETION, Event, No
from relay.testing.nostr.filters import Filter
from relay.testing.nostr.manners import Manners

MAX_EVENTS: Final = 100_000


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """One event, and when it came."""

    event: Event
    at: Instant


@dataclass(slots=True, repr=False)
class Store:
    """All events of a relay, in the order in which they came."""

    manners: Manners
    _kept: dict[str, Kept] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    _deleted: set[tuple[str, str]] = field(default_factory=set)
    _cleared: dict[str, Instant] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        """Everything that is here."""
        return [one.event for one in self._kept.values()]

    def get(self, id: str) -> Event | None:
        """One event; None if it is not here."""
        return self._kept[id].event if id in self._kept else None

    def put(self, event: Event, now: Instant) -> tuple[bool, str]:
        """Take one in; gives the two that an OK says. Raises No for one that its author deleted."""
        if event.id in self._kept:
            return self.manners.known
        if self.manners.deleted is not None and self._is_deleted(event):
            raise No(self.manners.deleted)
        if event.ephemeral:
            return True, ""
        if len(self._kept) >= MAX_EVENTS:
            raise No("error: no room")
        if event.address is not None:
            before = self.get(self._places.get(event.address, ""))
            if before is not None and _rank(before) < _rank(event):
                return self.manners.outdated
            if before is not None:
                del self._kept[before.id]
            self._places[event.address] = event.id
        self._kept[event.id] = Kept(event, now)
        if event.kind == DELETION:
            self._delete(event)
        return True, ""

    def drop(self, id: str) -> None:
        """Lose an event, as a relay does that clears its disk. It may be sent again."""
        self._kept.pop(id, None)

    def find(self, filters: Sequence[Filter], now: Instant, late_s: int, most: int) -> list[Event]:
        """What filters ask for, of what came ``late_s`` ago at the latest and has not expired:
        newest first, of equal times the lowest id first (NIP-01). ``most``: per filter."""
        seen = [
            one.event
            for one in self._kept.values()
            if one.at + late_s <= now and (one.event.expires or now + 1) > now
        ]
        seen.sort(key=_rank)
        found: dict[str, Event] = {}
        for asked in filters:
            limit = most if asked.limit is None else min(asked.limit, most)
            fit = [event for event in seen if asked.fits(event)]
            found |= {event.id: event for event in fit[:limit]}
        return sorted(found.values(), key=_rank)

    def _delete(self, order: Event) -> None:
        """NIP-09: what the author of ``order`` names and made. A deletion cannot be deleted."""
        for id in order.values("e"):
            self._deleted.add((id, order.pubkey))
            named = self.get(id)
            if named and named.pubkey == order.pubkey and named.kind != DELETION:
                del self._kept[id]
        for address in order.values("a"):
            if address.split(":")[1:2] == [order.pubkey]:
                self._cleared[address] = max(order.created_at, self._cleared.get(address, 0))
                named = self.get(self._places.get(address, ""))
                if named and named.created_at <= order.created_at:
                    del self._kept[named.id]

    def _is_deleted(self, event: Event) -> bool:
        if (event.id, event.pubkey) in self._deleted:
            return event.kind != DELETION
        until = self._cleared.get(event.address or "")
        return until is not None and event.created_at <= until


def _rank(event: Event) -> tuple[int, str]:
    """Newest first, and the lowest id first among equals."""
    return -event.created_at, event.id
