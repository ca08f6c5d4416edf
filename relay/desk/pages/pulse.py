"""What a page asks by itself: whether more waits than before, and whether all of it is there."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.desk.index import lanes
from relay.desk.index.groups import Groups
from relay.desk.state import desk_of
from relay.desk.times import Times
from relay.desk.who import person_of

LOOKS: Final = ("reader", "editor")
"""Roles that may know what lies there."""


async def pulse(request: Request) -> Response:
    """Counts only: whoever looks over a shoulder, or at a notification, learns a number."""
    person, desk = person_of(request), desk_of(request)
    ends = {"ends_s": max(0, person.ends - desk.now())}
    if not person.is_any(*LOOKS):
        return JSONResponse({**ends, "waits": 0, "colour": "", "lanes": {}, "filling": False})
    index = desk.building.look(person.session)
    counts, longest = index.tallies.messages(), Groups(index).longest()
    own = lanes.mine(person.handle)
    told = {lane: counts[own if lane == lanes.MINE else lane] for lane in lanes.LANES}
    colour = Times(desk.now()).colour(longest) if longest else ""
    waits = counts[lanes.HELD]
    filling = desk.building.state != "whole"
    return JSONResponse(
        {**ends, "waits": waits, "colour": colour, "lanes": told, "filling": filling}
    )


ROUTES: Final = [Route("/pulse", pulse)]
