"""What an operator asks from the desk beyond the orders of the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, Protocol

from relay.config import Settings
from relay.errors import Asked
from relay.model import Row
from relay.node.brake import Brake
from relay.node.desk.drills import Drills
from relay.node.desk.flow import Flow
from relay.node.desk.handovers import Handovers
from relay.node.desk.panicking import Panicking
from relay.node.desk.queue_rows import QueueRows
from relay.node.overview import Overview
from relay.plugins import destinations
from relay.ports import Clock, Spool

WORDS: Final = frozenset(
    {"board", "queue", "flow", "drill", "drills", "handover", "handovers", "panic"}
)

MOST_HOURS: Final = 35 * 24

Answer = Mapping[str, Any]


class Node(Protocol):
    """What is needed of the core."""

    settings: Settings
    clock: Clock
    brake: Brake
    overview: Overview
    flow: Flow
    drills: Drills
    handovers: Handovers
    panicking: Panicking

    @property
    def spool(self) -> Spool: ...
    @property
    def standing(self) -> str: ...


class Operating:
    """Carries out these orders on one node. ``line`` says of a row what the command line does."""

    def __init__(self, core: Node, line: Callable[[Row], Answer]) -> None:
        self._core = core
        self._queue = QueueRows(core.spool, line)

    async def answers(self, order: Mapping[str, Any]) -> AsyncIterator[Answer]:
        """All answers to one order. Raises Asked."""
        core, by = self._core, str(order.get("by", ""))
        match order:
            case {"do": "board"}:
                yield await self._shown()
            case {"do": "queue"}:
                yield await self._queue.page(order)
            case {"do": "flow"}:
                hours, each = _hours(order.get("hours", 48)), _hours(order.get("each", 1))
                yield await core.flow.hours(hours, each)
            case {"do": "drill"}:
                yield core.drills.begin(order.get("name"), by)
            case {"do": "drills"}:
                yield {"now": core.clock.now(), **core.drills.shown()}
            case {"do": "handover", "text": str() as text}:
                await core.handovers.add(text, by)
                yield {"kept": True}
            case {"do": "handovers"}:
                yield {"now": core.clock.now(), "notes": await core.handovers.last()}
            case {"do": "panic"}:
                yield await core.panicking.panic(order.get("typed"))
            case _:
                raise Asked("this version knows no such order")

    async def _shown(self) -> Answer:
        settings = self._core.settings
        return {
            "node": settings.node.name,
            "standing": self._core.standing,
            "paused": self._core.brake.paused,
            "now": self._core.clock.now(),
            "places": await self._core.overview.glance(),
            "channels": sorted(settings.channels),
            "destinations": sorted(destinations(settings)),
            "transports": sorted(settings.transports),
        }


def _hours(asked: object) -> int:
    if type(asked) is not int or not 0 < asked <= MOST_HOURS:
        raise Asked(f"the flow is known of the last 1 to {MOST_HOURS} hours")
    return asked
