"""What all pages of the desk have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from relay.desk.core import Core, Told
from relay.desk.done import Doings
from relay.desk.index.building import Building
from relay.desk.reached import At
from relay.desk.reports import Reports
from relay.model import Instant


@dataclass
class Desk:
    """``now`` is the time as the node has it; ``building`` fills the index of what lies there;
    ``doings`` are the last deeds, with what came of them, ``reports`` of those that take time."""

    core: Core
    at: At
    now: Callable[[], Instant] = lambda: 0
    building: Building = field(init=False)
    doings: Doings = field(default_factory=Doings)
    reports: Reports = field(default_factory=Reports)

    def __post_init__(self) -> None:
        self.building = Building(self.core)
        self.core.hear(self._heard)

    def _heard(self, news: Told) -> None:
        if news.get("nobody"):
            self.doings.clear()
            self.reports.clear()


def desk_of(request: Request) -> Desk:
    """What all pages have."""
    found: Desk = request.app.state.desk
    return found
