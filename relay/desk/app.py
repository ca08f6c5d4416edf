"""The desk as one ASGI application: the guard in front, then the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp

from relay.desk.core import Core, Refused
from relay.desk.guard import Guard
from relay.desk.index.building import Building
from relay.desk.pages import ROUTES
from relay.desk.reached import At
from relay.desk.troubles import fault, not_there, refused
from relay.model import Instant


@dataclass
class Desk:
    """What all pages have: ``request.app.state.desk``, or ``desk_of(request)``. ``now`` is the time
    as the node has it; ``building`` fills the index of what lies there."""

    core: Core
    at: At
    now: Callable[[], Instant] = lambda: 0
    building: Building = field(init=False)

    def __post_init__(self) -> None:
        self.building = Building(self.core)


def app_of(desk: Desk) -> ASGIApp:
    """The application that a server serves."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={Refused: refused, HTTPException: not_there, Exception: fault},
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return Guard(app, desk.core, desk.at)


def desk_of(request: Request) -> Desk:
    """What all pages have."""
    found: Desk = request.app.state.desk
    return found
