"""Originals: what came along with a message, as it came. Two persons open them, for ten minutes."""

from __future__ import annotations

import base64
import re
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.core import Refused
from relay.desk.doing import added, once
from relay.desk.done import Done
from relay.desk.forms import DEED, form_of
from relay.desk.looks import render
from relay.desk.orders import each, one
from relay.desk.pages.deeds import back
from relay.desk.state import desk_of
from relay.desk.times import Times
from relay.desk.who import person_of

_ID: Final = re.compile(r"[0-9a-f]{32}")

ROLE: Final = "originals"


async def originals(request: Request) -> Response:
    """Ask for those of a message, agree to what somebody else has asked for, or fetch one."""
    if not person_of(request).is_any(ROLE):
        raise Refused("you may not do that: it is for other roles")
    desk = desk_of(request)
    id = request.query_params.get("id", "").strip().lower()
    return render(
        request,
        "originals.html",
        id=id if _ID.fullmatch(id) else "",
        times=Times(desk.now()),
        deed=desk.doings.of(person_of(request).handle, request.query_params.get("deed", "")),
    )


async def change(request: Request) -> Response:
    """The first person asks, the second one agrees."""
    form = form_of(request)
    id = form.one("id").strip().lower()
    what = "original-confirm" if form.has("confirm") else "original"
    if not _ID.fullmatch(id):
        raise Refused("an id has 32 hexadecimal digits")

    async def act(name: str) -> Done:
        told = await one(request, what, token=name, id=id)
        return added(Done(what, person_of(request).handle, name), told)

    return back(request, f"/originals?id={id}", await once(request, what, id, act))


async def fetch(request: Request) -> Response:
    """One of them, to be kept by the browser: it is never shown here, since what it is nobody has
    looked at."""
    form = form_of(request)
    id, n = form.one("id").strip().lower(), form.one("n")
    if not _ID.fullmatch(id) or not n.isdecimal() or len(n) > 4:
        raise HTTPException(404)
    found = bytearray()
    order = {"id": id, "n": int(n), "token": form.one(DEED)}
    async for told in each(request, "original-fetch", **order):
        found += base64.b64decode(told.get("piece", ""))
    named = {"content-disposition": f'attachment; filename="{id[:8]}-{n}"'}
    return Response(bytes(found), media_type="application/octet-stream", headers=named)


ROUTES: Final = [
    Route("/originals", originals),
    Route("/originals", change, methods=["POST"]),
    Route("/originals/fetch", fetch, methods=["POST"]),
]
