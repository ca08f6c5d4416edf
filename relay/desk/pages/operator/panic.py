"""Panic: the keys are destroyed, by a word that has to be typed."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.core import Refused
from relay.desk.forms import form_of
from relay.desk.looks import language_of
from relay.desk.orders import one
from relay.desk.pages.operator.around import node_page
from relay.desk.words import say

TYPED: Final = "destroy the keys"
"""What the core wants to be told (``relay.node.desk.panicking``)."""


async def panic(request: Request) -> Response:
    """What it does, and where to type the word."""
    return node_page(request, "node_panic.html", typed=_typed(request), why="")


async def done(request: Request) -> Response:
    """Do it, if that was typed."""
    said = " ".join(form_of(request).one("typed").split()).casefold()
    if said not in (TYPED, _typed(request).casefold()):
        why = "Nothing was done: the words were others."
        return node_page(request, "node_panic.html", 409, typed=_typed(request), why=why)
    try:
        told = await one(request, "panic", typed=TYPED)
    except Refused as refused:
        if not refused.again:
            raise
        told = {"ended": []}  # it ended while we waited: the keys went first
    return node_page(request, "node_panicked.html", ended=told["ended"])


def _typed(request: Request) -> str:
    """The words, in the language of the page."""
    return say(language_of(request), TYPED)


ROUTES: Final = [Route("/node/panic", panic), Route("/node/panic", done, methods=["POST"])]
