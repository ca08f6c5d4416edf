"""The first page, and the pulse that tells a page by itself what waits."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relay.desk.looks import render


async def start(request: Request) -> Response:
    """Where one is after signing in."""
    return render(request, "start.html")


async def pulse(request: Request) -> Response:
    """Counts only: whoever looks over a shoulder, or at a notification, learns a number."""
    return JSONResponse({"waits": 0, "oldest_s": 0})


ROUTES: Final = [Route("/", start), Route("/pulse", pulse)]
