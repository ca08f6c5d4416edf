"""What is one's own: how one wants it, and leaving."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from relay.desk.forms import form_of
from relay.desk.looks import language_of, render
from relay.desk.orders import one
from relay.desk.who import SESSION, forget_cookie
from relay.desk.words import LANGUAGES, is_checked


async def preferences(request: Request) -> Response:
    """Language, and how one is told that something waits."""
    return render(
        request,
        "preferences.html",
        languages=LANGUAGES,
        kept="kept" in request.query_params,
        checked=is_checked(language_of(request)),
    )


async def prefer(request: Request) -> Response:
    """Keep what was chosen."""
    form = form_of(request)
    if (language := form.one("language")) in LANGUAGES:
        await one(request, "prefer", language=language)
    for what in ("sound", "notify"):
        await one(request, "prefer", **{what: form.has(what)})
    return RedirectResponse("/preferences?kept=1", 303)


async def sign_out(request: Request) -> Response:
    """The session ends, in the core as well as here; or all of one's own, in whatever browser."""
    await one(request, "sign-out", **({"everywhere": True} if form_of(request).has("all") else {}))
    response = RedirectResponse("/sign-in", 303)
    forget_cookie(request, response, SESSION)
    return response


ROUTES: Final = [
    Route("/preferences", preferences),
    Route("/preferences", prefer, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
