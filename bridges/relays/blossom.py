"""Media at Blossom servers, which name a file by its hash: so its address is known before it is
there, and to bring it twice does no harm (BUD-01, BUD-02, BUD-11)."""

from __future__ import annotations

import base64
import hashlib
from typing import Final
from urllib.parse import urlsplit

from bridges import kit
from bridges.kit.forms import file_name
from bridges.relays.events import UPLOAD, compact, made_by
from bridges.relays.keys import Key
from relay.ports import Answer, Clock, Http, Later, Media, NoAnswer, NotSent, Refused, Stopped

UPLOAD_S: Final = 100.0
LOOK_S: Final = 20.0
GOOD_FOR_S: Final = 900
CLOCKS_S: Final = 120
"""A permit begins so long ago: a server whose clock is behind takes none from the future."""

ACTION: Final = (
    "see whether this account may store files at the first media server, or name another"
)


def digest(medium: Media) -> str:
    """The name of a medium everywhere: SHA-256, 64 hex."""
    return hashlib.sha256(medium.content).hexdigest()


def address(server: str, medium: Media) -> str:
    """Where the medium can be had once it is there (BUD-01: with any ending)."""
    return f"{server}/{file_name(medium.type, digest(medium))}"


async def brought(
    http: Http, server: str, medium: Media, key: Key, clock: Clock
) -> Later | Refused | Stopped | None:
    """Bring one medium to a server, if it is not there; None when it is."""
    if await _there(http, server, medium):
        return None
    answer = await _put(http, server, medium, key, clock, padded=False)
    if isinstance(answer, Answer) and answer.status in (400, 401):
        # BUD-11 has base64url without padding; servers of before want plain base64.
        answer = await _put(http, server, medium, key, clock, padded=True)
    if not isinstance(answer, Answer):
        return answer
    return _judged(answer, medium, clock)


def _judged(answer: Answer, medium: Media, clock: Clock) -> Later | Refused | Stopped | None:
    if answer.status in (200, 201):
        said = (kit.json_object(answer) or {}).get("sha256")
        if said == digest(medium):
            return None
        if isinstance(said, str):
            return Refused("the media server changes what it is given")
        return Later("the media server does not answer as one", scope="host")
    if answer.status == 413:
        return Refused("a medium is larger than the media server takes")
    if answer.status == 415:
        return Refused("the media server does not take a medium of this type")
    return kit.harmless(kit.outcome(answer, now=clock.now(), action=ACTION))


async def _there(http: Http, server: str, medium: Media) -> bool:
    """Whether the server has it (BUD-01). That it does not answer is no no: then it is brought."""
    url = f"{server}/{digest(medium)}"
    try:
        answer = await http.request("HEAD", url, timeout_s=LOOK_S)
    except (NotSent, NoAnswer):
        return False
    return answer.status == 200


async def _put(
    http: Http, server: str, medium: Media, key: Key, clock: Clock, *, padded: bool
) -> Answer | Later:
    headers = {
        "authorization": permit(key, server, "upload", digest(medium), clock.now(), padded=padded),
        "content-type": medium.type,
        "x-sha-256": digest(medium),
    }
    url = f"{server}/upload"
    try:
        return await http.request(
            "PUT", url, headers=headers, body=medium.content, timeout_s=UPLOAD_S
        )
    except NotSent:
        return Later("the media server cannot be reached", scope="host")
    except NoAnswer:
        return Later("the media server did not answer", scope="host")


def permit(key: Key, server: str, verb: str, name: str, now: int, *, padded: bool = False) -> str:
    """The Authorization header for one action on one file at one server."""
    tags = (
        ("t", verb),
        ("x", name),
        ("expiration", str(now + GOOD_FOR_S)),
        ("server", urlsplit(server).hostname or ""),
    )
    said = compact(made_by(key, UPLOAD, tags, now - CLOCKS_S, "a file").shown())
    coded = base64.b64encode(said) if padded else base64.urlsafe_b64encode(said).rstrip(b"=")
    return f"Nostr {coded.decode()}"
