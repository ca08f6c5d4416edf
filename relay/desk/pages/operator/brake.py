"""The brake: all of the node, a channel, or a destination is paused, and goes on."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.forms import form_of
from relay.desk.orders import one
from relay.desk.pages.operator.around import back_to, node_page
from relay.desk.times import Times

ALL: Final = "relay"
"""What the node calls all of itself."""


async def brake(request: Request) -> Response:
    """What is paused, and what may be."""
    told = await one(request, "board")
    names = [*told["channels"], *told["destinations"]]
    return node_page(
        request,
        "node_brake.html",
        told=told,
        times=Times(told["now"]),
        all=ALL,
        kinds=(("Channels", told["channels"]), ("Destinations", told["destinations"])),
        others=[name for name in told["paused"] if name not in (*names, ALL)],
    )


async def pause(request: Request) -> Response:
    """Begin nothing more there."""
    told = await one(request, "pause", name=form_of(request).one("name"))
    return back_to("/node/brake", "paused" if told.get("changed") else "was-paused")


async def resume(request: Request) -> Response:
    """Go on."""
    told = await one(request, "resume", name=form_of(request).one("name"))
    return back_to("/node/brake", "resumed" if told.get("changed") else "was-not-paused")


ROUTES: Final = [
    Route("/node/brake", brake),
    Route("/node/brake/pause", pause, methods=["POST"]),
    Route("/node/brake/resume", resume, methods=["POST"]),
]
