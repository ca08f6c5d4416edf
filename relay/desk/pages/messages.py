"""A message: its words with their dangers, its media, what was said of it, and what can be done."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.forms import form_of
from relay.desk.index.groups import Groups
from relay.desk.looks import render
from relay.desk.lying import DECIDES, index_of
from relay.desk.marked import pieces, places
from relay.desk.orders import each, one
from relay.desk.state import desk_of
from relay.desk.times import Times
from relay.desk.who import person_of

SHOWN_TYPES: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "video/mp4", "video/webm", "audio/mpeg", "audio/mp4",
     "audio/ogg", "audio/aac"}
)  # fmt: skip
"""Media that a browser may show; what is of another type it only keeps."""

NOTHING: Final[Mapping[str, Any]] = {
    "sealed": False, "read": True, "destroyed": False, "transport": "", "title": "", "text": "",
    "language": "und", "flags": [], "marks": [], "marked": {}, "taken_out": {}, "written": None,
    "media": [], "originals": [], "originals_kept": False, "originals_until": None, "sender": "",
    "code": "", "replies": [], "answers": [], "deliveries": [], "why": "", "state": "",
    "channel": "", "queue": "", "hides": "", "among": None,
}  # fmt: skip
"""A message of which the core says nothing more."""

MOST_PLACES: Final = 500
"""Dangers that are offered to be cut at once: what is left is offered after that. The core takes
1,000 of them, and a form not many more fields."""

NO_MEDIUM: Final[Mapping[str, Any]] = {
    "n": None, "type": "", "bytes": 0, "width": 0, "height": 0, "seconds": 0, "alt": "",
    "lacks": "",
}  # fmt: skip

NO_ORIGINAL: Final[Mapping[str, Any]] = {"type": "", "bytes": 0, "why": ""}

NO_SHEET: Final[Mapping[str, Any]] = {
    "assignee": "", "notes": [], "questions": [], "confirmed": [], "original_until": None,
}  # fmt: skip


async def message(request: Request) -> Response:
    """All of one message."""
    index, desk, id = index_of(request), desk_of(request), request.path_params["id"]
    card = index.of_id(id)  # before it is shown: a change in between is then noticed
    told = {**NOTHING, **await one(request, "show", id=id)}
    told["media"] = [{**NO_MEDIUM, **medium} for medium in told["media"]]
    told["originals"] = [{**NO_ORIGINAL, **original} for original in told["originals"]]
    group = None if card is None else Groups(index).of(card.seq)
    cuts = places(told["title"], told["text"], told["marks"])
    return render(
        request,
        "message.html",
        id=str(told["id"]),
        card=card,
        group=group,
        shown=told,
        sheet={**NO_SHEET, **told.get("sheet", {})},
        rev=told.get("rev", None if card is None else card.rev),
        title=pieces(told["title"], "title", told["marks"]),
        text=pieces(told["text"], "text", told["marks"]),
        places=cuts[:MOST_PLACES],
        further=len(cuts[MOST_PLACES:]),
        times=Times(desk.now()),
        deed=desk.doings.of(person_of(request).handle, request.query_params.get("deed", "")),
    )


async def preview(request: Request) -> Response:
    """Each destination with the very parts that it would get, of the words as they are held or as
    somebody is about to write them; and the form that publishes them so."""
    card = index_of(request).of_id(id := request.path_params["id"])
    words = {}
    if request.method == "POST":
        form = form_of(request)
        words = {name: text_in(form.one(name)) for name in ("title", "text")}
    there = [told async for told in each(request, "preview", id=id, **words)]
    held = card is not None and card.held and not words and person_of(request).is_any(*DECIDES)
    told = {**NOTHING, **(await one(request, "show", id=id) if held else {})}
    return render(
        request,
        "preview.html",
        id=id,
        there=there,
        words=words,
        may_publish=held,
        media=told["media"],
        originals=[{**NO_ORIGINAL, **original} for original in told["originals"]],
    )


async def media(request: Request) -> Response:
    """One medium as it would be published."""
    index_of(request)
    id, n = request.path_params["id"], request.path_params["n"]
    kind, found = "", bytearray()
    async for told in each(request, "media", id=id, n=n):
        kind = told.get("type", kind)
        found += base64.b64decode(told.get("piece", ""))
    if not kind:
        raise HTTPException(404)
    if kind in SHOWN_TYPES:
        return Response(bytes(found), media_type=kind)
    kept = {"content-disposition": f'attachment; filename="{n}"'}
    return Response(bytes(found), media_type="application/octet-stream", headers=kept)


def text_in(field: str) -> str:
    """What somebody wrote: a browser sends the end of a line as two characters."""
    return field.replace("\r\n", "\n")


ROUTES: Final = [
    Route("/messages/{id}", message),
    Route("/messages/{id}/preview", preview, methods=["GET", "POST"]),
    Route("/messages/{id}/media/{n:int}", media),
]
