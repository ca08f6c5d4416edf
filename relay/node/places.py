"""How a place stands where several things hold at once: the one that a person must see to first.

::

    paused    somebody's brake: nothing else matters until it is taken off
    locked    nothing is opened, so that nothing can be known
    login     its account needs its operator, and no window mends that
    planned   a window is in force: its end is known
    spent     its budget is: its end is known as well
    blocked, silent, slow, works    what was seen or heard last

A pause of everything and the lock are about destinations: ways in go on taking messages.
The first two are laid over the board here, a window by ``relay.node.planned``; the others are the
board's own (``relay.node.board``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from relay.model import Instant, Place
from relay.node.brake import ALL


def braked(
    place: Place, paused: Mapping[str, Instant], locked: Instant | None, *, posts: bool
) -> Place:
    """A place as the brake and the lock make it. ``paused`` are the hours since which what is, by
    name; ``locked``: since when nothing is opened. ``posts``: it is a destination."""
    if place.name in paused:
        return replace(place, state="paused", since=paused[place.name])
    if posts and ALL in paused:
        return _all_of_it(place, "paused", paused[ALL], "everything is paused")
    if posts and locked is not None:
        return _all_of_it(place, "locked", locked, "exit.key is locked")
    return place


def _all_of_it(place: Place, state: str, since: Instant, why: str) -> Place:
    why = "; ".join(filter(None, (why, place.why)))
    return replace(place, state=state, since=since, why=why)
