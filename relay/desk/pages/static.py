"""What pages load."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.assets import KINDS, asset, path_of

KEPT: Final = {"cache-control": "public, max-age=31536000, immutable"}


async def static(request: Request) -> Response:
    """A style or a script. It may be kept for ever by whoever has it (RFC 8246): nothing in it is
    of anybody, and another one has another name."""
    name = next((name for name in KINDS if path_of(name) == request.scope["path"]), None)
    if name is None:
        raise HTTPException(404)
    return Response(asset(name), media_type=KINDS[name], headers=KEPT)


ROUTES: Final = [Route("/static/{name}", static)]
