"""What each call takes: its method, its right, its parameters, its body.

Checked field by field against the lexicons of the reference code of 20 August 2026. A server lets
a parameter pass that it does not know; here it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from relay.testing.bluesky import formats
from relay.testing.bluesky.formats import form
from relay.testing.bluesky.lexicon import AT_URI, DATE, Table
from relay.testing.shapes import Anything, Flag, Listed, Record, Text, Whole, maybe, utf8


@dataclass(frozen=True, slots=True)
class Call:
    """What one method takes. ``auth``: no token, one of a session's, or one made for a service.
    ``body``: the shape of its JSON, or None where it takes none; ``raw``: it takes the bytes of a
    file. ``proxied``: the service that readers ask answers it, through this one."""

    method: Literal["GET", "POST"]
    auth: Literal["", "access", "refresh", "service"] = "access"
    params: Record = field(default_factory=Record)
    body: Record | None = None
    raw: bool = False
    proxied: bool = False


ACTOR: Final = form(f"{formats.DID}|{formats.HANDLE}", 2048)
DID: Final = form(formats.DID, 2048)
CID: Final = form(formats.CID)

PLACE: Final[Table] = {"repo": ACTOR, "collection": form(formats.NSID, 317)}
KEY: Final[Table] = {"rkey": form(formats.RECORD_KEY, 512)}
RECORD: Final[Table] = {"record": Record(more=Anything())}
PAGE: Final[Table] = {"limit": Whole(1, 100), "cursor": Text()}
CHECKED: Final[Table] = {"validate": Flag(), "swapCommit": CID}
LOGIN: Final = Record(
    {"identifier": Text(), "password": Text()},
    {"authFactorToken": Text(), "allowTakendown": Flag()},
)

CALLS: Final[Mapping[str, Call]] = {
    "com.atproto.server.describeServer": Call("GET", ""),
    "com.atproto.server.createSession": Call("POST", "", body=LOGIN),
    "com.atproto.server.refreshSession": Call("POST", "refresh"),
    "com.atproto.server.deleteSession": Call("POST", "refresh"),
    "com.atproto.server.getSession": Call("GET"),
    "com.atproto.identity.resolveHandle": Call(
        "GET", "", Record({"handle": form(formats.HANDLE, 253)})
    ),
    "com.atproto.repo.putRecord": Call(
        "POST",
        body=Record({**PLACE, **KEY, **RECORD}, {**CHECKED, "swapRecord": maybe(CID)}),
    ),
    "com.atproto.repo.createRecord": Call(
        "POST", body=Record({**PLACE, **RECORD}, {**CHECKED, **KEY})
    ),
    "com.atproto.repo.deleteRecord": Call(
        "POST", body=Record({**PLACE, **KEY}, {"swapRecord": CID, "swapCommit": CID})
    ),
    "com.atproto.repo.getRecord": Call("GET", "", Record({**PLACE, **KEY}, {"cid": CID})),
    "com.atproto.repo.listRecords": Call("GET", "", Record(PLACE, {**PAGE, "reverse": Flag()})),
    "com.atproto.repo.uploadBlob": Call("POST", raw=True),
    "com.atproto.sync.getBlob": Call("GET", "", Record({"did": DID, "cid": CID})),
    "app.bsky.notification.listNotifications": Call(
        "GET",
        params=Record(may={**PAGE, "reasons": Listed(Text()), "priority": Flag()}),
        proxied=True,
    ),
    "app.bsky.notification.updateSeen": Call("POST", body=Record({"seenAt": DATE}), proxied=True),
    "app.bsky.feed.getPostThread": Call(
        "GET",
        params=Record({"uri": AT_URI}, {"depth": Whole(0, 1000), "parentHeight": Whole(0, 1000)}),
        proxied=True,
    ),
    "app.bsky.actor.getProfile": Call("GET", params=Record({"actor": ACTOR}), proxied=True),
    "com.atproto.server.getServiceAuth": Call(
        "GET",
        params=Record(
            {"aud": Text(most=2048, length=utf8)}, {"exp": Whole(), "lxm": form(formats.NSID, 317)}
        ),
    ),
    # These two are in no lexicon: every client that works sends them.
    "app.bsky.video.uploadVideo": Call(
        "POST", "service", Record({"did": DID, "name": Text(least=1)}), raw=True
    ),
    "app.bsky.video.getUploadLimits": Call("GET", "service"),
    "app.bsky.video.getJobStatus": Call("GET", "", Record({"jobId": Text()})),
}
