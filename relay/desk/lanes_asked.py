"""Which part of which lane a page is asked for, and the address of another part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from urllib.parse import urlencode

from relay.desk.index import lanes
from relay.desk.index.groups import ORDERS, Order

LABELS: Final[Mapping[str, str]] = {
    lanes.HELD: "Everything",
    lanes.DANGER: "Danger",
    lanes.ASKED_BACK: "Asked back",
    lanes.CONFIRM: "Second person",
    lanes.MINE: "Mine",
    lanes.WORD: "Word of the day",
    lanes.NEW: "New",
    lanes.SEEN: "Seen today",
    lanes.KNOWN: "Known",
    lanes.MEDIA: "Media",
    lanes.ASIDE: "Set aside",
}
"""Lanes by their names, as they are shown in English; the outbox has a page of its own."""

ORDER_LABELS: Final[Mapping[Order, str]] = {
    "most": "Most told first",
    "oldest": "Longest waiting first",
    "newest": "Last come first",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lane, what it is narrowed to (empty: nothing), in which order, from where on."""

    lane: str = lanes.HELD
    language: str = ""
    channel: str = ""
    transport: str = ""
    order: Order = "most"
    at: int = 0

    def lanes(self, handle: str) -> list[str]:
        """The lanes of the index that it lies in."""
        own = lanes.mine(handle) if self.lane == lanes.MINE else self.lane
        narrowed = ((by, getattr(self, by)) for by in lanes.BY)
        return [own, *(f"{by}:{value}" for by, value in narrowed if value)]

    def path(self, under: str = "", **changes: Any) -> str:
        """The address of this with something changed; ``under`` it, as ``/sample``."""
        other = replace(self, **changes)
        said = {
            one.name: getattr(other, one.name)
            for one in fields(other)
            if one.name != "lane" and getattr(other, one.name) != one.default
        }
        return f"/lanes/{other.lane}{under}" + (f"?{urlencode(said)}" if said else "")


def wanted(lane: str, asked: Mapping[str, str]) -> Wanted | None:
    """What an address says; None where there is no such lane."""
    if lane not in LABELS:
        return None
    order: Order = next((one for one in ORDERS if one == asked.get("order")), "most")
    at = asked.get("at", "")
    narrowed = {by: asked.get(by, "")[:64] for by in lanes.BY}
    return Wanted(
        lane, **narrowed, order=order, at=int(at) if at.isdecimal() and len(at) < 9 else 0
    )
