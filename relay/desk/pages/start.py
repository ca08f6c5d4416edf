"""The first page: the one that this person has most to do with."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from relay.desk.looks import render
from relay.desk.menu import entries
from relay.desk.who import person_of

SHIFT: Final = "/shift"


async def start(request: Request) -> Response:
    """Where one is after signing in: the first page of the menu that is one's work; the notes of
    the shift are everybody's."""
    if there := entries(person_of(request)):
        first = min(there, key=lambda one: one.path == SHIFT)
        return RedirectResponse(first.path, 303)
    return render(request, "start.html")


ROUTES: Final = [Route("/", start)]
