"""The desk as one ASGI application: the guard in front, then the pages."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp

from relay.desk.core import Core, Refused
from relay.desk.guard import Guard
from relay.desk.pages import ROUTES
from relay.desk.reached import At
from relay.desk.troubles import fault, not_there, refused


@dataclass
class Desk:
    """What all pages have: ``request.app.state.desk``, or ``desk_of(request)``."""

    core: Core
    at: At


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
