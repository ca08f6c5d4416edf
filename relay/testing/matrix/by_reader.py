"""Calls that list: the room's history, what relates to an event, and what is new.

A token is ``t`` and a place between two events, counted from the beginning of the room; a client
must not look into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from relay.testing.loopback import Fault
from relay.testing.matrix.by_room import within
from relay.testing.matrix.calls import CLIENT, FILTER, RELATIONS, ROOM
from relay.testing.matrix.house import House
from relay.testing.matrix.methods import on
from relay.testing.matrix.reading import Asked, read
from relay.testing.matrix.room import Event, page
from relay.testing.matrix.says import No, answer, bad_json

MOST: Final = 1000
"""In one page (Synapse's limit)."""


def _listed(house: House, asked: Asked) -> list[Event]:
    """The events that listings show by now."""
    late = (asked.now - house.lists_late_s) * 1000 + 999
    return [one for one in house.timeline.events if one.ts <= late]


def _place(token: str, upto: int) -> int:
    if not re.fullmatch("t[0-9]{1,9}", token):
        raise No(400, "M_INVALID_PARAM", "Invalid token")
    return min(int(token[1:]), upto)


@on("GET", f"{ROOM}/messages")
def _messages(house: House, asked: Asked) -> Fault:
    within(house, asked.path[0])
    events, back = _listed(house, asked), asked.params["dir"] == "b"
    chosen = _filter(asked.params.get("filter", "{}"))
    start, stop = _between(asked, len(events), back=back)
    limit = min(asked.params.get("limit", chosen.get("limit", 10)), MOST)
    found, end = page(events, start, stop, limit, back=back)
    made: dict[str, Any] = {
        "start": f"t{start}",
        "chunk": _shown(house, asked, [one for one in found if _fits(one, chosen)]),
    }
    if end != stop:
        made["end"] = f"t{end}"
    return answer(made)


def _between(asked: Asked, upto: int, *, back: bool) -> tuple[int, int]:
    """Where a listing starts, and where it stops at the latest."""
    ends = (f"t{upto}", "t0") if back else ("t0", f"t{upto}")
    start = _place(asked.params.get("from", ends[0]), upto)
    stop = _place(asked.params.get("to", ends[1]), upto)
    return start, (min if back else max)(start, stop)


@on("GET", RELATIONS, f"{RELATIONS}/ID", f"{RELATIONS}/ID/ID")
def _related(house: House, asked: Asked) -> Fault:
    room, id, *kind = asked.path
    within(house, room)
    house.timeline.get(id)
    back = asked.params.get("dir", "b") == "b"
    events = _listed(house, asked)
    related = {
        one.id
        for one in house.timeline.children(id)
        if kind[:1] in ([], [one.relation.get("rel_type")]) and kind[1:] in ([], [one.type])
    }
    start, stop = _between(asked, len(events), back=back)
    wanted = min(asked.params.get("limit", 5), MOST)
    chunk: list[Event] = []
    end = start
    while end != stop and len(chunk) < wanted:
        [one], end = page(events, end, stop, 1, back=back)
        chunk += [one] if one.id in related else []
    made: dict[str, Any] = {"chunk": _shown(house, asked, chunk)}
    left = events[stop:end] if back else events[end:stop]
    if any(one.id in related for one in left):
        made["next_batch"] = f"t{end}"
    return answer(made)


@on("GET", f"{CLIENT}/sync")
def _sync(house: House, asked: Asked) -> Fault:
    events = _listed(house, asked)
    said = read(asked.params.get("filter", "{}"))
    chosen = _checked(said.get("room", {}).get("timeline", {})) if isinstance(said, dict) else {}
    since = _place(asked.params.get("since", "t0"), len(events))
    start = max(since, len(events) - min(chosen.get("limit", 10), MOST))
    found = [one for one in events[start:] if _fits(one, chosen)]
    made: dict[str, Any] = {"next_batch": f"t{len(events)}"}
    if house.state != "outside" and (found or "since" not in asked.params):
        timeline = {
            "events": [
                {name: one for name, one in event.items() if name != "room_id"}
                for event in _shown(house, asked, found)
            ],
            "limited": start > since,
            "prev_batch": f"t{start}",
        }
        made["rooms"] = {"join": {house.room: {"timeline": timeline, "state": {"events": []}}}}
    return answer(made)


def _filter(text: str) -> dict[str, Any]:
    return _checked(read(text))


def _checked(said: Any) -> dict[str, Any]:
    for flaw in FILTER.flaws(said):
        raise bad_json(flaw)
    assert isinstance(said, dict)
    return said


def _fits(event: Event, chosen: dict[str, Any]) -> bool:
    """Whether a filter lets an event through. ``*`` stands for anything in a type."""
    return (
        _among(event.type, chosen.get("types"))
        and not _among(event.type, chosen.get("not_types", []))
        and event.sender in chosen.get("senders", [event.sender])
        and event.sender not in chosen.get("not_senders", [])
        and chosen.get("contains_url", "url" in event.content) == ("url" in event.content)
    )


def _among(type: str, patterns: list[str] | None) -> bool:
    return patterns is None or any(
        re.fullmatch(re.escape(one).replace(r"\*", ".*"), type) for one in patterns
    )


def _shown(house: House, asked: Asked, events: Iterable[Event]) -> list[dict[str, Any]]:
    return [house.timeline.shown(one, asked.device, asked.now) for one in events]
