"""The lanes: what waits for a person, in groups that tell the same."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from relay.desk.index import lanes
from relay.desk.index.groups import PAGE, Groups
from relay.desk.index.index import Index
from relay.desk.lanes_asked import LABELS, ORDER_LABELS, Wanted, wanted
from relay.desk.looks import render
from relay.desk.lying import index_of
from relay.desk.state import desk_of
from relay.desk.times import Times
from relay.desk.who import person_of


@dataclass(frozen=True, slots=True)
class Tab:
    """A lane to go to, and how many messages wait there. ``lane``: its own name."""

    name: str
    path: str
    waits: int
    here: bool
    lane: str = ""


async def first(request: Request) -> Response:
    """The lane with everything."""
    return RedirectResponse("/lanes/held", 303)


async def lane(request: Request) -> Response:
    """A lane, page by page."""
    asked, index = _asked(request), index_of(request)
    handle = person_of(request).handle
    shown = Groups(index).lane(asked.lanes(handle), asked.order, asked.at)
    return render(request, "lane.html", shown=shown, sample=None, **_around(request, asked, index))


async def sample(request: Request) -> Response:
    """A tenth of it by chance: whoever publishes or drops the whole lane has looked at that."""
    asked, index = _asked(request), index_of(request)
    said = request.query_params.get("seed", "")
    seed = int(said) if said.isdecimal() and len(said) < 10 else secrets.randbelow(10**6)
    shown = Groups(index).sample(asked.lanes(person_of(request).handle), seed)
    return render(request, "lane.html", shown=shown, sample=seed, **_around(request, asked, index))


def _asked(request: Request) -> Wanted:
    found = wanted(request.path_params["lane"], request.query_params)
    if found is None:
        raise HTTPException(404)
    return found


def _around(request: Request, asked: Wanted, index: Index) -> dict[str, Any]:
    """What stands around the groups of a lane."""
    counts = index.tallies.messages()
    handle = person_of(request).handle

    def tab(name: str) -> Tab:
        there = lanes.mine(handle) if name == lanes.MINE else name
        path = asked.path(lane=name, at=0)
        return Tab(LABELS[name], path, counts[there], name == asked.lane, name)

    def narrowed(by: str) -> list[Tab]:
        values = sorted(index.bits.values(by), key=lambda one: (-counts[f"{by}:{one}"], one))
        return [
            Tab(
                one, asked.path(**{by: one}, at=0), counts[f"{by}:{one}"], getattr(asked, by) == one
            )
            for one in values
            if counts[f"{by}:{one}"] or getattr(asked, by) == one
        ]

    desk = desk_of(request)
    return {
        "asked": asked,
        "before": max(asked.at - PAGE, 0),
        "label": LABELS[asked.lane],
        "tabs": [tab(name) for name in LABELS],
        "narrowed": {by: narrowed(by) for by in lanes.BY},
        "orders": ORDER_LABELS,
        "filling": desk.building.state != "whole",
        "taken": len(index),
        "ungrouped": index.ungrouped,
        "times": Times(desk.now()),
        "deed": desk.doings.of(handle, request.query_params.get("deed", "")),
    }


ROUTES: Final = [
    Route("/lanes", first),
    Route("/lanes/{lane}", lane),
    Route("/lanes/{lane}/sample", sample),
]
