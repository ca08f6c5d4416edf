"""Notes from one shift to the next."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.forms import form_of
from relay.desk.orders import one
from relay.desk.pages.operator.around import back_to, node_page
from relay.desk.times import Times

MOST: Final = 2000
"""Characters of a note, as the core has it."""


async def handover(request: Request) -> Response:
    """The last ones, and a form for another."""
    told = await one(request, "handovers")
    return node_page(
        request, "handover.html", notes=told["notes"], most=MOST, times=Times(told["now"])
    )


async def add(request: Request) -> Response:
    """Leave one."""
    await one(request, "handover", text=form_of(request).one("text"))
    return back_to("/shift", "note")


ROUTES: Final = [Route("/shift", handover), Route("/shift", add, methods=["POST"])]
