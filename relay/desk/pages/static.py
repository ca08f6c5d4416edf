"""What pages load."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.assets import KINDS, asset, version


async def static(request: Request) -> Response:
    """A style or a script. One that is asked for by its version may be kept: nothing in it is of
    anybody."""
    name = request.path_params["name"]
    if name not in KINDS:
        raise HTTPException(404)
    known = request.url.query == version(name)
    kept = {"cache-control": "private, max-age=86400, immutable"} if known else None
    return Response(asset(name), media_type=KINDS[name], headers=kept)


ROUTES: Final = [Route("/static/{name}", static)]
