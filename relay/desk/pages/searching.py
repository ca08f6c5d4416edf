"""The search: every message that lies here, also what is public, by its words or its id."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.index.search import COUNTED, search
from relay.desk.looks import render
from relay.desk.lying import index_of
from relay.desk.state import desk_of
from relay.desk.times import Times

MOST_ASKED: Final = 200
"""Characters of a search."""


async def searching(request: Request) -> Response:
    """What was found, if something was asked for. It is asked by a form that is sent, so that the
    words stand in no address and no browser's history."""
    index, desk = index_of(request), desk_of(request)
    form = request.state.form if request.method == "POST" else None
    said = form.one("said")[:MOST_ASKED] if form else ""
    held = bool(form and form.has("held"))
    before = form.one("before") if form else ""
    found = search(
        index,
        said,
        held=held,
        before=int(before) if before.isdecimal() and len(before) < 18 else None,
    )
    return render(
        request,
        "search.html",
        said=said,
        held=held,
        found=found,
        counted=COUNTED,
        filling=desk.building.state != "whole",
        taken=len(index),
        times=Times(desk.now()),
    )


ROUTES: Final = [Route("/search", searching, methods=["GET", "POST"])]
