"""Whether the account may post to the room, as far as the room's state tells.

The rooms it is in, and the state events m.room.encryption, .power_levels, .tombstone and, from room
version 12 on, .create, whose sender may do anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges import kit
from bridges.rooms import answers
from bridges.rooms.api import CLIENT, Api, in_room
from bridges.rooms.events import MESSAGE
from relay.ports import Answer

ENCRYPTED: Final = (
    "the room is encrypted, and this bridge writes in the clear: make a room without encryption "
    "(it cannot be turned off again in this one)"
)
REPLACED: Final = (
    "the room was replaced by a newer one: join that with the account and put its id into the "
    "settings"
)
NOT_IN_IT: Final = f"the account is not in the room: {answers.JOIN}"
_ABSENT: Final[Mapping[str, Any]] = {}


async def trouble(api: Api, room: str, user: str) -> str:
    """What is in the way, with the remedy; "" if nothing is."""
    answer = await api.read(f"{CLIENT}/joined_rooms")
    said = kit.json_object(answer) if isinstance(answer, Answer) else None
    joined = said.get("joined_rooms") if said else None
    if isinstance(joined, list) and room not in joined:
        return NOT_IN_IT
    encryption = await _state(api, room, "m.room.encryption")
    if encryption is not _ABSENT:
        return encryption if isinstance(encryption, str) else ENCRYPTED
    replaced = await _state(api, room, "m.room.tombstone")
    if replaced is not _ABSENT:
        return replaced if isinstance(replaced, str) else REPLACED
    levels = await _state(api, room, "m.room.power_levels")
    if isinstance(levels, str):
        return levels
    if levels is _ABSENT or _may_send(levels, user):
        return ""
    created = await _state(api, room, "m.room.create", whole=True)
    if isinstance(created, Mapping) and _created(created, user):
        return ""
    return f"the account may not send to the room: {answers.JOIN}"


async def _state(api: Api, room: str, kind: str, *, whole: bool = False) -> Mapping[str, Any] | str:
    """The content of a state event, ``_ABSENT`` if there is none; or what is in the way."""
    more = {"format": "event"} if whole else None
    answer = await api.read(in_room(room, "state", kind), more)
    if not isinstance(answer, Answer):
        return "the server cannot be reached"
    said = kit.json_object(answer)
    if answer.status == 200 and said is not None:
        return said
    if answers.is_absent(answer):
        return _ABSENT
    if answers.code_of(answer) == "M_FORBIDDEN":
        return NOT_IN_IT
    return f"the server does not tell about the room (it answered {answer.status})"


def _may_send(levels: Mapping[str, Any], user: str) -> bool:
    has = _number(_map(levels, "users").get(user), _number(levels.get("users_default"), 0))
    needs = _number(_map(levels, "events").get(MESSAGE), _number(levels.get("events_default"), 0))
    return has >= needs


def _created(event: Mapping[str, Any], user: str) -> bool:
    """Whether the account made the room, in a version where that is a right for good; a server
    that does not show who did gets the benefit of the doubt."""
    content = _map(event, "content") if "sender" in event else event
    more = content.get("additional_creators")
    version = str(content.get("room_version", "1"))
    counts = version.isascii() and version.isdigit() and int(version[:9]) >= 12
    made_by = event.get("sender", user)
    return counts and (made_by == user or (isinstance(more, list) and user in more))


def _map(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(said: Any, otherwise: int) -> int:
    """Before room version 10 a level may be written as text."""
    try:
        return otherwise if said is None else int(said)
    except (TypeError, ValueError, OverflowError):  # it may say 1e999 too
        return otherwise
