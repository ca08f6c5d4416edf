"""What stands in front of every page: whatever a browser of ours would not send goes no further.

In this order: the host is one of ours (so that no other name leads here: DNS rebinding); the method
is GET, HEAD or POST; no other site has asked (``Sec-Fetch-Site``, W3C Fetch Metadata; ``Origin``,
RFC 6454); there is a session that the core knows, unless the path is open to all; and what a POST
brings is a form of ours, read whole within its bounds. What is answered is kept by nobody, loads
nothing from elsewhere, stands in no frame, and says nothing of a fault but that there was one.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from relay.desk import forms, who
from relay.desk.answering import Out
from relay.desk.core import Core, Refused, SignedOut
from relay.desk.reached import At, host_of, reached_by
from relay.desk.troubles import faulty, signed_out, trouble

OPEN: Final = re.compile(r"/sign-in|/join/.*|/static/.*")
"""Paths for which nobody has to be signed in."""

PULSE: Final = "/pulse"
"""What a page asks by itself: it keeps nobody signed in, unless somebody has just done something
there (``?active``): who writes for an hour is not away."""

VISITOR: Final = "desk-visitor"
"""The cookie that binds the forms of an open page to its browser."""

BODY_S: Final = 15.0
"""Seconds for a form to come."""

WHOLE_S: Final = 60.0
"""Seconds for a request and its answer, all in all."""

LAST: Final = {"connection": "close"}


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, core: Core, at: At) -> None:
        self._app = app
        self._core = core
        self._at = at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it (asgi.readthedocs.io, HTTP connection scope)."""
        if scope["type"] != "http":
            return
        scope["state"] = {}
        request = Request(scope, receive)
        out = Out(request, send)
        try:
            async with asyncio.timeout(WHOLE_S):
                response = await self._checked(request)
                await (response or self._app)(scope, receive, out.send)
        except Exception:  # the request's guard: a fault is told to nobody but by its being one
            if out.started and not out.ended:
                raise ConnectionAbortedError from None  # half of a page: the connection ends
            if not out.started:
                await faulty(request)(scope, receive, out.send)

    async def _checked(self, request: Request) -> Response | None:
        """What is answered at once; None for a request that may go on."""
        named = host_of(request.headers.getlist("host"))
        if named is None or not self._at.knows(named):
            return PlainTextResponse("", 421)
        request.state.reached = reached_by(request, named, self._at)
        if request.method not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("", 405, {"allow": "GET, HEAD, POST"})
        if not _from_here(request):
            return PlainTextResponse("", 403)
        if OPEN.fullmatch(request.scope["path"]):
            self._visit(request)
        elif (refused := await self._known(request)) is not None:
            return refused
        return await self._form(request) if request.method == "POST" else None

    def _visit(self, request: Request) -> None:
        visitor = who.cookie(request, VISITOR)
        if not visitor:
            visitor = secrets.token_hex(16)
            made = Response()
            who.set_cookie(request, made, VISITOR, visitor)
            if not request.scope["path"].startswith("/static/"):
                request.state.cookies = made.headers.getlist("set-cookie")
        request.state.person = None
        request.state.csrf = who.csrf_of(visitor)

    async def _known(self, request: Request) -> Response | None:
        session = who.cookie(request, who.SESSION)
        if not session:
            return signed_out(request)
        by_itself = request.scope["path"] == PULSE and request.url.query != "active"
        quiet = {"quiet": True} if by_itself else {}
        try:
            told = await self._core.one({"do": "who", "session": session, **quiet})
        except SignedOut:
            return signed_out(request)
        except Refused as refused:
            request.state.person = None
            request.state.csrf = ""
            return trouble(request, 503, refused.why)
        request.state.person = who.person(session, told)
        return None

    async def _form(self, request: Request) -> Response | None:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            return PlainTextResponse("", 415)
        person = request.state.person
        bounds = (forms.MOST_BYTES, forms.DRAINED) if person else (forms.STRANGERS_BYTES,)
        try:
            async with asyncio.timeout(BODY_S):
                body = await forms.body_of(request, *bounds)
            form = forms.form_in(body)
        except TimeoutError:
            return PlainTextResponse("", 408, LAST)
        except forms.TooLarge:
            response = trouble(request, 413, "That is too long.")
            response.headers.update(LAST)
            return response
        except ValueError:
            return PlainTextResponse("", 400)
        expected = person.csrf if person else request.state.csrf
        if not hmac.compare_digest(form.one(forms.CSRF).encode(), expected.encode()):
            return trouble(request, 403, "This form is too old. Go back, load the page again.")
        request.state.form = form
        return None


def _from_here(request: Request) -> bool:
    """Whether no other site had the browser ask this. A link from elsewhere may lead here, but
    into a whole window only; the cookie does not come with it."""
    site = request.headers.get("sec-fetch-site", "")
    if request.method == "POST":
        if site not in ("", "same-origin"):
            return False
        return request.headers.getlist("origin") == [who.reached(request).origin]
    if site in ("", "same-origin", "none"):
        return True
    return (
        request.headers.get("sec-fetch-mode") == "navigate"
        and request.headers.get("sec-fetch-dest") == "document"
    )
