"""The desk as one ASGI application: the guard in front, then the pages."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from relay.desk.core import Refused
from relay.desk.guard import Guard
from relay.desk.pages import ROUTES
from relay.desk.state import Desk
from relay.desk.troubles import fault, not_there, refused

__all__ = ["Desk", "app_of"]


def app_of(desk: Desk) -> ASGIApp:
    """The application that a server serves."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={Refused: refused, HTTPException: not_there, Exception: fault},
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    guard = Guard(app, desk.core, desk.at)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        with desk.building.turns.page():
            await guard(scope, receive, send)

    return served
