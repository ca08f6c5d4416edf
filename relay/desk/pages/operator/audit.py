"""Who may use the desk, and who did what."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.orders import each, one
from relay.desk.pages.operator.around import node_page
from relay.desk.times import Times

PAGE: Final = 100
MOST_DIGITS: Final = 18


async def users(request: Request) -> Response:
    """Everybody. They are added and removed at the terminal only."""
    told = await one(request, "users")
    return node_page(request, "node_users.html", users=told["users"], times=Times(0))


async def audit(request: Request) -> Response:
    """What was done, the newest first."""
    said = request.query_params.get("before", "")
    number = said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS
    before = {"before": int(said)} if number else {}
    entries = [told async for told in each(request, "audit", limit=PAGE, **before)]
    further = entries[-1]["n"] if len(entries) == PAGE else 0
    return node_page(
        request, "node_audit.html", entries=entries, further=further, times=Times(0), start=said
    )


ROUTES: Final = [Route("/node/users", users), Route("/node/audit", audit)]
