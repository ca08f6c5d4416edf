"""The outbox: what was done in the last moments, and can be undone still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.core import Told
from relay.desk.done import SAID
from relay.desk.index.card import Card
from relay.desk.looks import render
from relay.desk.lying import index_of
from relay.desk.orders import one
from relay.desk.state import desk_of
from relay.desk.times import Times
from relay.desk.who import person_of

SHOWN: Final = 5
"""Messages of a deed that are shown; of more it is said how many there are."""


@dataclass(frozen=True, slots=True, repr=False)
class Doing:
    """A deed, its word in English, and the first of its messages. ``may``: whoever looks at it may
    undo it; what somebody held or dropped only they may."""

    told: Told
    said: str
    cards: list[Card]
    messages: int
    may: bool


async def outbox(request: Request) -> Response:
    """Everybody's, the newest first."""
    index, desk, handle = index_of(request), desk_of(request), person_of(request).handle
    deeds = []
    for told in (await one(request, "outbox")).get("deeds", ()):
        found = [index.of_id(str(id)) for id in told["ids"][:SHOWN]]
        cards = [card for card in found if card is not None]
        if cards and not any(card.outbox_until for card in cards):
            continue  # it was undone
        may = told["do"] == "publish" or told["handle"] == handle
        deeds.append(Doing(told, SAID.get(told["do"], "Done"), cards, len(told["ids"]), may))
    return render(
        request,
        "outbox.html",
        deeds=deeds,
        times=Times(desk.now()),
        deed=desk.doings.of(handle, request.query_params.get("deed", "")),
    )


ROUTES: Final = [Route("/outbox", outbox)]
