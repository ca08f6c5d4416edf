"""Windows: planned, listed, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.core import Refused
from relay.desk.forms import Form, form_of
from relay.desk.orders import one
from relay.desk.pages.operator.around import back_to, node_page
from relay.desk.pages.operator.board import SPANS, line_of, span_of, windows_of
from relay.desk.times import Times

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DOES: Final = {"hold": "what is for it waits", "reroute": "goes elsewhere", "page": "page only"}

ASKED: Final = ("from", "until", "zone", "do", "to", "why", "first", "rate")
"""Fields of the form that go to the core as they are: it knows what a time is."""


async def windows(request: Request) -> Response:
    """All of them, on a time line and in a table, and a form for another."""
    return await _page(request, {}, "")


async def add(request: Request) -> Response:
    """Plan one."""
    form = form_of(request)
    given: dict[str, Any] = {key: value for key in ASKED if (value := form.one(key).strip())}
    given["destinations"] = form.all("destination")
    if days := [day for day in DAYS if day in form.all("day")]:
        given["days"] = days
    try:
        told = await one(request, "window", add=given, name=form.one("name").strip())
    except Refused as refused:
        if refused.again:
            raise
        return await _page(request, _filled(form), refused.why)
    if notes := told.get("notes"):
        return await _page(request, {}, "", notes)
    return back_to("/node/windows", "window")


async def remove(request: Request) -> Response:
    """Take one away."""
    await one(request, "window", remove=form_of(request).one("name"))
    return back_to("/node/windows", "removed")


def _filled(form: Form) -> dict[str, Any]:
    """What was typed, to be put right."""
    several = {"destination": form.all("destination"), "day": form.all("day")}
    return {**{key: form.one(key) for key in (*ASKED, "name")}, **several}


async def _page(
    request: Request, filled: dict[str, Any], why: str, notes: Sequence[str] = ()
) -> Response:
    """``why`` it was refused; ``notes``: it is planned, and there is something to say of it."""
    told = await one(request, "board")
    windows = await windows_of(request)
    hours = span_of(request)
    return node_page(
        request,
        "node_windows.html",
        409 if why else 200,
        told=told,
        times=Times(told["now"]),
        windows=windows,
        hours=hours,
        spans=SPANS,
        line=line_of(told, windows, hours),
        days=DAYS,
        does=DOES,
        filled=filled,
        why=why,
        notes=notes,
    )


ROUTES: Final = [
    Route("/node/windows", windows),
    Route("/node/windows", add, methods=["POST"]),
    Route("/node/windows/remove", remove, methods=["POST"]),
]
