"""What lies at the desk, for whoever may look at it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from relay.desk.core import Refused
from relay.desk.index.index import Index
from relay.desk.state import desk_of
from relay.desk.who import person_of

LOOKS: Final = ("reader", "editor")
"""Roles that may look at messages: what one session has filled the index with is for these only."""

DECIDES: Final = ("editor",)


def index_of(request: Request) -> Index:
    """The index, as far as it is filled. Raises Refused for whoever may not look."""
    person = person_of(request)
    if not person.is_any(*LOOKS):
        raise Refused("you may not do that: it is for other roles")
    return desk_of(request).building.look(person.session)
