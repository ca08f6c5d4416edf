"""Signing in, and joining by a link."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from relay.desk import who
from relay.desk.core import Refused, Told
from relay.desk.forms import form_of
from relay.desk.looks import render
from relay.desk.orders import core_of

ENDED: Final = "You were signed out before it was done. Sign in, and do it again."
OUT: Final = "You were signed out: after a time without a deed, by a new link, or with a restart."
JOINED: Final = "You have joined. Sign in with the next code: each is good once."

SAID: Final = {"ended": ENDED, "joined": JOINED, "out": OUT}
"""What is said above the form, by what stands in its address."""

_INSIDE: Final = re.compile(r"/(?:[A-Za-z0-9_.~-][A-Za-z0-9_.~/-]{0,200})?")


async def form_for_signing_in(request: Request) -> Response:
    """Name, passphrase and code."""
    asked = request.query_params
    why = next((said for name, said in SAID.items() if name in asked), "")
    locked = await _locked(request)
    return render(request, "sign_in.html", to=_inside(asked.get("to", "")), why=why, locked=locked)


async def _locked(request: Request) -> bool:
    """Whether nobody can come in before somebody has unlocked the relay. It is a word about the
    relay, the same for everybody, and no more: not who there is, nor what waits."""
    with suppress(Refused):  # the core is away: who signs in is told
        return (await core_of(request).one({"do": "locked"})).get("locked") is True
    return False


async def sign_in(request: Request) -> Response:
    """A session, if all three are right; one refusal for whatever is wrong."""
    form = form_of(request)
    order = {
        "do": "sign-in",
        "name": form.one("name").strip().lower(),
        "passphrase": form.one("passphrase"),
        "code": _digits(form.one("code")),
        "device": who.cookie(request, who.DEVICE),
    }
    to = _inside(form.one("to"))
    try:
        told = await core_of(request).one(order)
    except Refused as refused:
        return render(request, "sign_in.html", 403, to=to, why=refused.why, locked=False)
    await _end(request)
    response = RedirectResponse(to, 303)
    who.set_cookie(request, response, who.SESSION, str(told["session"]))
    _know(request, response, told)
    return response


def _digits(said: str) -> str:
    """A code as the core reads it, whichever digits a keyboard has and however they are parted."""
    return "".join(str(unicodedata.digit(one, one)) for one in said if not one.isspace())


def _know(request: Request, response: Response, told: Told) -> None:
    """From this browser its owner can sign in whatever strangers try elsewhere."""
    if device := told.get("device"):
        who.set_cookie(request, response, who.DEVICE, str(device), who.DEVICE_S)


async def _end(request: Request) -> None:
    """A session that this browser had until now must not live on without it."""
    if before := who.cookie(request, who.SESSION):
        with suppress(Refused):
            await core_of(request).one({"do": "sign-out", "session": before})


async def form_for_joining(request: Request) -> Response:
    """The second factor, to be taken up by a phone, and the passphrase to be chosen."""
    return await _joining(request, request.path_params["link"])


async def join(request: Request) -> Response:
    """The link is good no more, and its person may sign in."""
    form, link = form_of(request), request.path_params["link"]
    if form.one("passphrase") != form.one("again"):
        return await _joining(request, link, "The two passphrases differ.")
    order = {
        "do": "join",
        "link": link,
        "passphrase": form.one("passphrase"),
        "code": _digits(form.one("code")),
    }
    try:
        told = await core_of(request).one(order)
    except Refused as refused:
        return await _joining(request, link, refused.why)
    response = RedirectResponse("/sign-in?joined=1", 303)
    _know(request, response, told)
    return response


async def _joining(request: Request, link: str, why: str = "") -> Response:
    try:
        told = await core_of(request).one({"do": "joining", "link": link})
    except Refused as refused:
        return render(request, "join.html", 404, told=None, qr="", why=refused.why)
    qr = segno.make(str(told["uri"]), micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    return render(request, "join.html", 403 if why else 200, told=told, qr=qr, why=why)


def _inside(to: str) -> str:
    """A path of ours; the first page for whatever is none."""
    return to if _INSIDE.fullmatch(to) else "/"


ROUTES: Final = [
    Route("/sign-in", form_for_signing_in),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/join/{link}", form_for_joining),
    Route("/join/{link}", join, methods=["POST"]),
]
