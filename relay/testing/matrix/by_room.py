"""Calls about the room: to join it, to send, to take back, to read."""

from __future__ import annotations

from typing import Any

from relay.testing.loopback import Fault
from relay.testing.matrix.calls import CLIENT, ROOM
from relay.testing.matrix.house import IN_THE_WAY, House
from relay.testing.matrix.methods import on
from relay.testing.matrix.reading import Asked
from relay.testing.matrix.room import REDACTION
from relay.testing.matrix.says import No, answer, forbidden, not_found


def within(house: House, room: str) -> None:
    """Look whether the account is in this room. Raises No."""
    if room != house.room or house.state == "outside":
        raise forbidden(f"User {house.account} not in room {room}")


def _may_send(house: House, type: str) -> None:
    no = IN_THE_WAY.get(house.state)
    if no and not (house.state == "suspended" and type == REDACTION):
        raise no.with_traceback(None)


@on("GET", f"{CLIENT}/joined_rooms")
def _joined(house: House, asked: Asked) -> Fault:
    return answer({"joined_rooms": [] if house.state == "outside" else [house.room]})


@on("GET", f"{CLIENT}/directory/room/ID")
def _directory(house: House, asked: Asked) -> Fault:
    if asked.path[0] != house.alias:
        raise not_found(f"Room alias {asked.path[0]} not found")
    return answer({"room_id": house.room, "servers": [house.server]})


@on("POST", f"{CLIENT}/join/ID", f"{ROOM}/join")
def _join(house: House, asked: Asked) -> Fault:
    if asked.path[0] not in (house.room, house.alias):
        raise not_found("No known servers")
    if house.state == "outside":
        house.restore()
    return answer({"room_id": house.room})


@on("PUT", f"{ROOM}/send/ID/ID")
def _send(house: House, asked: Asked) -> Fault:
    room, type, transaction = asked.path
    return _sent(house, asked, room, type, asked.body, ("send", room, type, transaction))


@on("PUT", f"{ROOM}/redact/ID/ID")
def _redact(house: House, asked: Asked) -> Fault:
    room, id, transaction = asked.path
    body = {**asked.body, "redacts": id}
    return _sent(house, asked, room, REDACTION, body, ("redact", room, id, transaction))


def _sent(
    house: House, asked: Asked, room: str, type: str, content: dict[str, Any], path: tuple[str, ...]
) -> Fault:
    known = house.timeline.known((asked.device, path), asked.now)
    if known:
        return answer({"event_id": known.id})
    within(house, room)
    _may_send(house, type)
    if type == REDACTION:
        if not isinstance(content.get("redacts"), str):
            raise No(400, "M_BAD_JSON", "redacts (missing)")
        if house.timeline.get(content["redacts"]).sender != house.account:
            raise forbidden("You don't have permission to redact events")
    made = house.timeline.send(type, house.account, content, asked.now, (asked.device, path))
    return answer({"event_id": made.id})


@on("GET", f"{ROOM}/event/ID")
def _event(house: House, asked: Asked) -> Fault:
    room, id = asked.path
    within(house, room)
    return answer(house.timeline.shown(house.timeline.get(id), asked.device, asked.now))


@on("GET", f"{ROOM}/state/ID", f"{ROOM}/state/ID/")
def _state(house: House, asked: Asked) -> Fault:
    room, type = asked.path
    within(house, room)
    states: dict[str, Any] = {
        "m.room.create": {"room_version": "11"},
        "m.room.name": {"name": "News"},
        "m.room.join_rules": {"join_rule": "public"},
        "m.room.history_visibility": {"history_visibility": "world_readable"},
        "m.room.power_levels": {
            "users": {house.account: 0 if house.state == "muted" else 50},
            "users_default": 0,
            "events": {},
            "events_default": 50,
            "state_default": 50,
            "redact": 50,
        },
    }
    if house.encrypted:
        states["m.room.encryption"] = {"algorithm": "m.megolm.v1.aes-sha2"}
    if type not in states:
        raise not_found("Event not found.")
    return answer(states[type])
