"""The queue, row by row: of any length, filtered, a page at a time. No text of anybody."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.orders import one
from relay.desk.pages.operator.around import node_page

FIELDS: Final = ("queue", "state", "channel", "destination", "text")
PAGE: Final = 100
MOST_DIGITS: Final = 18


async def queue(request: Request) -> Response:
    """A page of it."""
    asked = {key: request.query_params.get(key, "")[:200] for key in FIELDS}
    newest = request.query_params.get("newest") == "1"
    after = request.query_params.get("after", "")
    start = int(after) if after.isascii() and after.isdecimal() and len(after) <= MOST_DIGITS else 0
    filters = {**{key: value for key, value in asked.items() if value}, "newest": newest}
    told = await one(request, "queue", filter=filters, after=start, limit=PAGE)
    names = await one(request, "board")
    kept = {**{key: value for key, value in asked.items() if value}}
    if newest:
        kept["newest"] = "1"
    further = {**kept, "after": str(told["after"])}
    return node_page(
        request,
        "node_queue.html",
        told=told,
        names=names,
        asked=asked,
        newest=newest,
        start=start,
        first=f"/node/queue?{urlencode(kept)}",
        further=f"/node/queue?{urlencode(further)}" if told["after"] is not None else "",
    )


ROUTES: Final = [Route("/node/queue", queue)]
