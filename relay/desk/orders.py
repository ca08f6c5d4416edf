"""Orders in the name of whoever asks for a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request

from relay.desk.core import Core, Told
from relay.desk.who import session_of


def core_of(request: Request) -> Core:
    """The core, for orders without a session."""
    found: Core = request.app.state.desk.core
    return found


async def one(request: Request, do: str, **fields: Any) -> Told:
    """The only answer to an order, or the last one. Raises Refused."""
    return await core_of(request).one({"do": do, "session": session_of(request), **fields})


def each(request: Request, do: str, **fields: Any) -> AsyncIterator[Told]:
    """Every answer to an order, as it comes. Raises Refused."""
    return core_of(request).ask({"do": do, "session": session_of(request), **fields})
