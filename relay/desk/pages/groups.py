"""A group: what its tellings have in common, what differs, and who may have told it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.index.differs import Piece, differs
from relay.desk.index.groups import Groups, Telling
from relay.desk.looks import render
from relay.desk.lying import index_of
from relay.desk.pages.deeds import others
from relay.desk.state import desk_of
from relay.desk.times import Times
from relay.desk.who import person_of

MOST_TEXT: Final = 5_000
"""Characters of a telling that are shown beside the chosen one; all of it is on its own page."""

MEMBERS: Final = 100
"""Messages of a group on one page."""


@dataclass(frozen=True, slots=True, repr=False)
class Beside:
    """A telling beside the chosen one, and what differs."""

    telling: Telling
    title: list[Piece]
    text: list[Piece]


async def group(request: Request) -> Response:
    """The group of a message; ``chosen`` is the telling that would be published."""
    index, desk = index_of(request), desk_of(request)
    groups, seq = Groups(index), int(request.path_params["seq"])
    shown = groups.of(seq)
    if shown is None:
        raise HTTPException(404)
    asked = request.query_params.get("chosen", "")
    picked = index.card(int(asked)) if asked.isdecimal() and len(asked) < 18 else None
    if picked is None or index.group_of(picked.seq) != shown.tally.group:
        picked = shown.chosen
    after = request.query_params.get("after", "")
    members = groups.members(
        shown.tally.group, int(after) if after.isdecimal() and len(after) < 18 else 0, MEMBERS
    )
    return render(
        request,
        "group.html",
        group=shown,
        chosen=picked,
        ending=len(others(index, picked)),
        beside=[
            Beside(
                one,
                differs(picked.title, one.card.title),
                differs(picked.text[:MOST_TEXT], one.card.text[:MOST_TEXT]),
            )
            for one in groups.tellings(shown.tally.group)
            if (one.card.title, one.card.text) != (picked.title, picked.text)
        ],
        members=members,
        further=members[-1].seq if len(members) == MEMBERS else None,
        seq=seq,
        times=Times(desk.now()),
        deed=desk.doings.of(person_of(request).handle, request.query_params.get("deed", "")),
    )


ROUTES: Final = [Route("/groups/{seq:int}", group)]
