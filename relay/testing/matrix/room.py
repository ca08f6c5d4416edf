"""One room that is not encrypted: its events in order, and how they relate.

Facts: spec.matrix.org, client-server API: relationships, modules event replacements, threading,
rich replies; room version 11 for redactions. What makes a post one post is here: the same device,
the same path and the same transaction id give the event that is there, for as long as the server
keeps them (``keys_s``; Synapse a day, others what they like).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final

from relay.model import Instant
from relay.testing.matrix import content
from relay.testing.matrix.says import No, not_found

MESSAGE: Final = "m.room.message"
REDACTION: Final = "m.room.redaction"
Transaction = tuple[str, tuple[str, ...]]
"""A device and the path of a request, which ends in the client's id."""


@dataclass(slots=True, repr=False)
class Event:
    """One event. ``by_transaction``: with what it was made."""

    id: str
    type: str
    sender: str
    ts: int
    content: dict[str, Any]
    by_transaction: Transaction | None = None
    redacted_by: Event | None = field(default=None)

    @property
    def relation(self) -> dict[str, Any]:
        """What it says of another event."""
        made = self.content.get("m.relates_to")
        return made if isinstance(made, dict) else {}


class Room:
    """The room. ``members``: who is in it."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.keys_s = 86_400
        self.events: list[Event] = []
        self._keys: dict[Transaction, tuple[str, Instant]] = {}

    def get(self, id: str) -> Event:
        """An event of this room. Raises No."""
        for event in self.events:
            if event.id == id:
                return event
        raise not_found("Event not found.")

    def known(self, transaction: Transaction | None, now: Instant) -> Event | None:
        """The event that a transaction made, while it is remembered."""
        if transaction is None or transaction not in self._keys:
            return None
        id, until = self._keys[transaction]
        return self.get(id) if now < until else None

    def send(
        self,
        type: str,
        sender: str,
        said: dict[str, Any],
        now: Instant,
        transaction: Transaction | None = None,
    ) -> Event:
        """Take an event; from now on its transaction stands for it. Raises No."""
        content.check_relation(said)
        if type == MESSAGE:
            content.check(said)
        target = self.get(said["redacts"]) if type == REDACTION else None
        last = self.events[-1].ts if self.events else 0
        event = Event(f"${token_urlsafe(32)}", type, sender, max(now * 1000, last + 1), said)
        self._related(event)
        content.fits(self._plain(event))
        self.events.append(event)
        if target:
            target.content, target.redacted_by = {}, event
        if transaction:
            event.by_transaction = transaction
            self._keys[transaction] = (event.id, now + self.keys_s)
        return event

    def forget_keys(self) -> None:
        """No transaction is remembered any more."""
        self._keys.clear()

    def forget_device(self, device: str) -> None:
        """A device is gone, and with it its transactions."""
        self._keys = {one: made for one, made in self._keys.items() if one[0] != device}

    def children(self, id: str) -> list[Event]:
        """What relates to an event by a type of relation, in order; not what was redacted."""
        return [one for one in self.events if one.relation.get("event_id") == id]

    def edit_of(self, event: Event) -> Event | None:
        """The newest replacement that counts."""
        valid = [
            one
            for one in self.children(event.id)
            if one.relation.get("rel_type") == "m.replace"
            and (one.sender, one.type) == (event.sender, event.type)
            and "m.new_content" in one.content
            and event.relation.get("rel_type") != "m.replace"
        ]
        return None if event.redacted_by else max(valid, key=lambda one: one.ts, default=None)

    def shown(self, event: Event, device: str, now: Instant) -> dict[str, Any]:
        """An event as a client is given it, with what is gathered of those that relate to it."""
        made = self._plain(event)
        unsigned: dict[str, Any] = {"age": now * 1000 - event.ts}
        known = self.known(event.by_transaction, now)
        if known is event and event.by_transaction and event.by_transaction[0] == device:
            unsigned["transaction_id"] = event.by_transaction[1][-1]
        if event.redacted_by:
            unsigned["redacted_because"] = self._plain(event.redacted_by)
        gathered = self._gathered(event)
        if gathered:
            unsigned["m.relations"] = gathered
        return made | {"unsigned": unsigned}

    def _gathered(self, event: Event) -> dict[str, Any]:
        made: dict[str, Any] = {}
        edit = self.edit_of(event)
        if edit:
            made["m.replace"] = self._plain(edit)
        thread = [
            one for one in self.children(event.id) if one.relation.get("rel_type") == "m.thread"
        ]
        if thread:
            made["m.thread"] = {
                "latest_event": self._plain(thread[-1]),
                "count": len(thread),
                "current_user_participated": True,
            }
        return made

    def _plain(self, event: Event) -> dict[str, Any]:
        made: dict[str, Any] = {
            "content": event.content,
            "event_id": event.id,
            "origin_server_ts": event.ts,
            "room_id": self.id,
            "sender": event.sender,
            "type": event.type,
        }
        if event.type == REDACTION:
            made["redacts"] = event.content.get("redacts")
        return made

    def _related(self, event: Event) -> None:
        """Look at what an event says of others. Raises No."""
        relation = event.relation
        ids = [relation.get("event_id"), relation.get("m.in_reply_to", {}).get("event_id")]
        known = {one.id: one for one in self.events}
        if any(id is not None and id not in known for id in ids):
            raise No(400, "M_UNKNOWN", "Can't send relation to unknown event")
        if relation.get("rel_type") == "m.thread" and "rel_type" in known[ids[0]].relation:
            raise No(400, "M_UNKNOWN", "Cannot start threads from an event with a relation")


def page(
    events: Sequence[Event], start: int, stop: int, limit: int, *, back: bool
) -> tuple[list[Event], int]:
    """Some events, from one place between them to another, and the place where they end. Places
    count from the beginning of the room."""
    if back:
        end = max(stop, start - limit)
        return list(events[end:start])[::-1], end
    end = min(stop, start + limit)
    return list(events[start:end]), end
