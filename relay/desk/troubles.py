"""What is shown where something is not to be had."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from relay.desk.core import Refused, SignedOut
from relay.desk.looks import render
from relay.desk.who import SESSION, cookie, forget_cookie, is_signed_in

_OF_MESSAGE: Final = re.compile(r"(/messages/[0-9a-f]{32})/[a-z-]+")


def trouble(request: Request, status: int, why: str) -> Response:
    """A page that says why, in our own words."""
    if not hasattr(request.state, "csrf"):
        request.state.csrf = ""
    return render(
        request,
        "trouble.html",
        status,
        status=status,
        why=why,
        went_wrong=status == 409 and request.method == "POST",
        again=_message(request),
    )


def _message(request: Request) -> str:
    """The page of the message to which something was not done; empty for whatever else."""
    path = _OF_MESSAGE.fullmatch(request.scope["path"])
    return path[1] if path is not None and request.method == "POST" else ""


def signed_out(request: Request) -> Response:
    """On to the page for signing in, and back to where one was. What asks by itself is told. A
    session that has ended is forgotten; one that did not come along, since the link stood on a page
    of another site, is not: any site could sign people out."""
    if request.headers.get("sec-fetch-dest") == "empty":
        return PlainTextResponse("", 401)
    path = request.scope["path"]
    back = "?ended=1" if request.method == "POST" else f"?to={quote(path)}" if path != "/" else ""
    was_in = bool(cookie(request, SESSION))
    out = "&out=1" if was_in and back.startswith("?to=") else ""
    response = RedirectResponse(f"/sign-in{back}{out}", 303)
    if was_in:
        forget_cookie(request, response, SESSION)
    return response


async def refused(request: Request, error: Exception) -> Response:
    """The core refused: for starlette's table of what handles exceptions."""
    assert isinstance(error, Refused)
    if isinstance(error, SignedOut) and is_signed_in(request):
        return signed_out(request)
    return trouble(request, 503 if error.again else 409, error.why)


async def not_there(request: Request, error: Exception) -> Response:
    """There is no such page, or not for that."""
    assert isinstance(error, HTTPException)
    why = {404: "There is nothing here, or not any more.", 405: "This page does not do that."}
    return trouble(request, error.status_code, why.get(error.status_code, "It was not done."))


def faulty(request: Request) -> Response:
    """A fault of ours. What it was is told to nobody."""
    try:
        return trouble(request, 503, "Something failed. What you did may be done: look again.")
    except Exception:  # the page that says so may be what fails
        return PlainTextResponse("", 503)


async def fault(request: Request, error: Exception) -> Response:
    """The same, for starlette's table."""
    return faulty(request)
