"""The board: every way in and out, and the windows of the next days on a time line."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.drawing.timeline import TimeLine, timeline
from relay.desk.orders import each, one
from relay.desk.pages.operator.around import node_page
from relay.desk.times import Times
from relay.desk.window_words import Line, lines_of
from relay.model import HOUR

SPANS: Final = {"24": "a day", "48": "two days", "168": "a week"}
"""Hours that a time line shows."""

BEFORE_S: Final = 3 * HOUR
"""Seconds of it that lie behind us."""

COLOURS: Final = {
    "works": "good",
    "slow": "amber",
    "planned": "blue",
    "spent": "amber",
    "silent": "amber",
    "blocked": "red",
    "login": "red",
    "locked": "red",
    "paused": "amber",
}
"""Of the states of the board, for who sees colours; the word stands there as well."""


async def board(request: Request) -> Response:
    """All of it."""
    told = await one(request, "board")
    windows = await windows_of(request)
    hours = span_of(request)
    return node_page(
        request,
        "node_board.html",
        told=told,
        times=Times(told["now"]),
        colours=COLOURS,
        ways=[(name, told["places"][name]) for name in _there(told, "transports")],
        places=[(name, told["places"][name]) for name in _there(told, "destinations")],
        windows=windows,
        hours=hours,
        spans=SPANS,
        line=line_of(told, windows, hours),
    )


def _there(told: Any, which: str) -> list[str]:
    return [name for name in told[which] if name in told["places"]]


async def windows_of(request: Request) -> list[Line]:
    """Every window, in words."""
    return lines_of([told async for told in each(request, "window")])


def span_of(request: Request) -> str:
    """Which span is asked for."""
    asked = request.query_params.get("hours", "")
    return asked if asked in SPANS else "48"


def line_of(told: Any, windows: list[Line], hours: str) -> TimeLine:
    """The windows drawn, a line for each destination."""
    now = told["now"]
    begins = now - BEFORE_S
    raw = [window.told for window in windows]
    return timeline(raw, told["destinations"], now, begins, now + int(hours) * HOUR)


ROUTES: Final = [Route("/node", board)]
