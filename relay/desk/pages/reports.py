"""Corrections and withdrawals: what of it came about, destination by destination, as it comes."""

from __future__ import annotations

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from relay.desk.core import Told
from relay.desk.doing import named
from relay.desk.forms import form_of
from relay.desk.looks import render
from relay.desk.lying import index_of
from relay.desk.orders import each
from relay.desk.pages.messages import text_in
from relay.desk.reports import Report
from relay.desk.state import desk_of
from relay.desk.who import person_of

AGAIN_S: Final = 2
"""Seconds after which a report that has not ended is shown anew."""


async def withdraw(request: Request) -> Response:
    """Take it back from everywhere."""
    return _begin(request, "withdraw", {})


async def correct(request: Request) -> Response:
    """Put other words in the place of what is public, everywhere."""
    form = form_of(request)
    words = {name: text_in(form.one(name)) for name in ("title", "text")}
    rev = {"rev": int(form.one("rev"))} if form.one("rev").isdecimal() else {}
    return _begin(request, "correct", {**words, **rev, "hides": form.has("hides")})


async def stands(request: Request) -> Response:
    """What has become of it everywhere, and of its corrections."""
    index_of(request)
    id = request.path_params["id"]
    rows: dict[object, Told] = {}
    async for told in each(request, "stands", id=id):  # what was edited in place stands there once
        rows[(told["destination"], told.get("url")) if told.get("url") else len(rows)] = told
    made = Report("stands", person_of(request).handle, id, list(rows.values()), ended=True)
    return render(request, "report.html", report=made, token="")


async def report(request: Request) -> Response:
    """How far it is."""
    found = desk_of(request).reports.of(person_of(request).handle, request.path_params["token"])
    if found is None:
        raise HTTPException(404)
    response = render(request, "report.html", report=found, token=request.path_params["token"])
    if not found.ended:
        response.headers["refresh"] = str(AGAIN_S)
    return response


def _begin(request: Request, what: str, fields: dict[str, Any]) -> Response:
    index_of(request)
    id = request.path_params["id"]
    name = named(request, what, {"id": id, **fields})
    answers = each(request, what, id=id, token=name, **fields)
    made = Report(what, person_of(request).handle, id)
    desk_of(request).reports.begin(name, made, answers)
    return RedirectResponse(f"/reports/{name}", 303)


ROUTES: Final = [
    Route("/messages/{id}/withdraw", withdraw, methods=["POST"]),
    Route("/messages/{id}/correct", correct, methods=["POST"]),
    Route("/messages/{id}/stands", stands),
    Route("/reports/{token}", report),
]
