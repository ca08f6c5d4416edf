"""What was set aside: a network, a prefix, a domain or a way in, for an hour. It is held and
counted, and lies in a lane of its own."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.core import Refused
from relay.desk.doing import once
from relay.desk.done import Done
from relay.desk.forms import Form, form_of
from relay.desk.index import lanes
from relay.desk.looks import render
from relay.desk.lying import index_of
from relay.desk.orders import one
from relay.desk.pages.deeds import back
from relay.desk.state import desk_of
from relay.desk.times import Times
from relay.desk.who import person_of
from relay.model import HOUR

KINDS: Final = ("transport", "network", "typed")


async def asides(request: Request) -> Response:
    """Everything that is set aside now."""
    desk = desk_of(request)
    index = index_of(request)
    told = await one(request, "asides")
    return render(
        request,
        "asides.html",
        asides=told.get("asides", ()),
        words=told.get("words", {}),
        held=index.tallies.messages()[lanes.ASIDE],
        ways={*told.get("ways", ()), *index.bits.values("transport")},
        channels={*told.get("channels", ()), *index.bits.values("channel")},
        times=Times(desk.now()),
        deed=desk.doings.of(person_of(request).handle, request.query_params.get("deed", "")),
    )


async def change(request: Request) -> Response:
    """Set something aside, end that, or say the word of the day."""
    form = form_of(request)
    do, fields = _asked(form)

    async def act(name: str) -> Done:
        await one(request, do, token=name, **fields)
        return Done(do, person_of(request).handle, name)

    return back(request, form.one("back") or "/asides", await once(request, do, fields, act))


def _asked(form: Form) -> tuple[str, dict[str, Any]]:
    """The order that a form stands for."""
    if form.has("end"):
        return "aside-end", {"aside": form.one("end")}
    if form.has("word"):
        return "word", {"channel": form.one("channel"), "word": form.one("word").strip()}
    kind = next((kind for kind in KINDS if form.one(kind).strip()), None)
    if kind is None:
        raise Refused("say what is to be set aside")
    hours = form.one("hours")
    for_s = HOUR * (int(hours) if hours.isdecimal() and len(hours) < 3 else 1)
    return "aside", {"kind": kind, "value": form.one(kind).strip(), "for_s": min(for_s, 24 * HOUR)}


ROUTES: Final = [
    Route("/asides", asides),
    Route("/asides", change, methods=["POST"]),
]
