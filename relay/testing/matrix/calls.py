"""What each call takes: method, path, right, parameters, body.

Checked field by field against the OpenAPI files of the specification of 21 July 2026
(``data/api/client-server``). A server lets names pass that it does not know; here they are refused,
and so are the deprecated ones of ``login``. In a path ``ID`` is one segment, percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from relay.testing.matrix.content import Table
from relay.testing.shapes import Anything, Flag, Listed, Record, Text, Whole

CLIENT: Final = "/_matrix/client/v3"
ROOM: Final = f"{CLIENT}/rooms/ID"
RELATIONS: Final = "/_matrix/client/v1/rooms/ID/relations/ID"


@dataclass(frozen=True, slots=True)
class Call:
    """What one call takes. ``body``: the shape of its JSON, or None where it takes none; ``empty``:
    that may be left out. ``raw``: it takes the bytes of a file. ``open``: it needs no token.
    ``rated``: it counts for the rate limit."""

    params: Record = field(default_factory=Record)
    body: Record | None = None
    open: bool = False
    raw: bool = False
    rated: bool = True
    empty: bool = False


PAGE: Final[Table] = {"from": Text(), "to": Text(), "limit": Whole(0)}
DIRECTION: Final[Table] = {"dir": Text(among=["b", "f"])}
RELATED: Final = Call(Record(may={**PAGE, **DIRECTION, "recurse": Flag()}), rated=False)
NAMES: Final = Listed(Text())
FILTER: Final = Record(
    may={
        "limit": Whole(0),
        "types": NAMES,
        "not_types": NAMES,
        "senders": NAMES,
        "not_senders": NAMES,
        "contains_url": Flag(),
        "rooms": NAMES,
        "not_rooms": NAMES,
        "lazy_load_members": Flag(),
        "include_redundant_members": Flag(),
        "unread_thread_notifications": Flag(),
    }
)
"""A RoomEventFilter."""

LOGIN: Final = Record(
    {"type": Text()},
    {
        "identifier": Record({"type": Text()}, {"user": Text()}),
        "password": Text(),
        "token": Text(),
        "device_id": Text(),
        "initial_device_display_name": Text(),
        "refresh_token": Flag(),
    },
)
REASON: Final = Record(may={"reason": Text()})
SYNC: Final = Record(
    may={
        "filter": Text(),
        "since": Text(),
        "full_state": Flag(),
        "set_presence": Text(among=["offline", "online", "unavailable"]),
        "timeout": Whole(0),
        "use_state_after": Flag(),
    }
)
DOWNLOAD: Final = Record(may={"timeout_ms": Whole(0)})
NAMED: Final = Record(may={"filename": Text()})

Method = Literal["GET", "POST", "PUT"]
Key = tuple[Method, str]

CALLS: Final[Mapping[Key, Call]] = {
    ("GET", "/.well-known/matrix/client"): Call(open=True),
    ("GET", "/_matrix/client/versions"): Call(open=True),
    ("GET", f"{CLIENT}/login"): Call(open=True),
    ("POST", f"{CLIENT}/login"): Call(body=LOGIN, open=True),
    ("POST", f"{CLIENT}/refresh"): Call(body=Record({"refresh_token": Text()}), open=True),
    ("POST", f"{CLIENT}/logout"): Call(body=Record(), empty=True),
    ("GET", f"{CLIENT}/account/whoami"): Call(),
    ("GET", f"{CLIENT}/joined_rooms"): Call(),
    ("GET", f"{CLIENT}/directory/room/ID"): Call(open=True),
    ("POST", f"{CLIENT}/join/ID"): Call(Record(may={"via": NAMES}), REASON, empty=True),
    ("POST", f"{ROOM}/join"): Call(body=REASON, empty=True),
    ("GET", f"{CLIENT}/sync"): Call(SYNC),
    ("GET", f"{ROOM}/messages"): Call(Record(DIRECTION, {**PAGE, "filter": Text()})),
    ("GET", f"{ROOM}/event/ID"): Call(),
    ("GET", f"{ROOM}/state/ID"): Call(),
    ("GET", f"{ROOM}/state/ID/"): Call(),
    ("PUT", f"{ROOM}/send/ID/ID"): Call(body=Record(more=Anything())),
    ("PUT", f"{ROOM}/redact/ID/ID"): Call(body=REASON),
    ("GET", RELATIONS): RELATED,
    ("GET", f"{RELATIONS}/ID"): RELATED,
    ("GET", f"{RELATIONS}/ID/ID"): RELATED,
    ("GET", "/_matrix/client/v1/media/config"): Call(),
    ("GET", "/_matrix/client/v1/media/download/ID/ID"): Call(DOWNLOAD),
    ("POST", "/_matrix/media/v3/upload"): Call(NAMED, raw=True),
    ("POST", "/_matrix/media/v1/create"): Call(body=Record(), empty=True),
    ("PUT", "/_matrix/media/v3/upload/ID/ID"): Call(NAMED, raw=True),
}

PATHS: Final = [(re.compile(path.replace("ID", "([^/]+)")), method, path) for method, path in CALLS]
