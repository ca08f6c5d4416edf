"""Drills: every way in and every destination tried now, and what came of it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.forms import form_of
from relay.desk.orders import one
from relay.desk.pages.operator.around import back_to, node_page
from relay.desk.pages.operator.board import COLOURS
from relay.desk.times import Times


async def drills(request: Request) -> Response:
    """The last one."""
    told = await one(request, "drills")
    return node_page(
        request,
        "node_drills.html",
        told=told,
        times=Times(told["now"]),
        colours={**COLOURS, "waits": "amber"},
    )


async def begin(request: Request) -> Response:
    """Begin one."""
    await one(request, "drill", name=form_of(request).one("name"))
    return back_to("/node/drills", "drill")


ROUTES: Final = [Route("/node/drills", drills), Route("/node/drills", begin, methods=["POST"])]
