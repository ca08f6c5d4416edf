"""What an answer of a PeerTube server means, where it is not the yes that was asked for.

An error is RFC 7807 with a name of its own in ``code``, or at the end of ``type`` (REST reference,
"Errors"; packages/models, ServerErrorCode). Only names are read: the words may quote the post. No
request here that is doubtful has published anything, or is one that may be repeated: so none of
this is doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges import kit
from relay.ports import Answer, Instant, Later, Once, Refused, Stopped, Unsure

ONCE: Final = Once("exact")

NEW_PASSWORD: Final = "see that user and password log in to the server with a browser"
LOOK: Final = "log in to the server with a browser and see what it says"
ROOM: Final = "delete films there that are not needed, or ask its people for more room"
NO_SECOND: Final = "give the relay an account without two-factor authentication"

NOT_TAKEN: Final = "the server does not take the session"
NO_ROOM: Final = "the account's room on the server is used up"
GONE: Final = "the film is gone from the server"

Told = Answer | Later | Stopped | Unsure
"""An answer; or Later and Stopped: the request never left; or Unsure: no whole answer came."""


def name_of(answer: Answer) -> str:
    """The error's name; "" if it gives none."""
    said = kit.json_object(answer) or {}
    for value in (said.get("code"), said.get("type")):
        if isinstance(value, str) and value != "about:blank":
            return value.rpartition("/")[2]
    return ""


def judged(answer: Answer, now: Instant) -> Later | Refused | Stopped:
    """What an answer to a request in the account's name means that is no success; a 2xx of another
    shape included."""
    name = name_of(answer)
    if answer.status == 401:
        return Stopped(NOT_TAKEN, NEW_PASSWORD)
    if name == "quota_reached":
        return Stopped(NO_ROOM, ROOM)
    if answer.status == 413:
        return Refused("its film is larger than the server takes")
    if answer.status == 415:
        return Refused("the server does not take a film of this type")
    if answer.status == 422:
        return Refused("the server cannot read the film")
    if answer.status == 400:
        return Refused("the server finds it not valid")
    if answer.status == 409:
        return Later("the server expects other bytes of the film")
    return kit.harmless(kit.outcome(answer, now=now, action=LOOK))


def piece(answer: Answer, now: Instant) -> Later | Refused | Stopped:
    """The same of a piece of a film. The last one is looked at: 403 is a filter's no to it."""
    if answer.status == 403 and name_of(answer) != "quota_reached":
        return Refused("the server's own rules refuse the film")
    return judged(answer, now)


def harmless(answer: Told, now: Instant) -> Later | Refused | Stopped:
    """What the answer to any request means, if there was one."""
    return judged(answer, now) if isinstance(answer, Answer) else kit.harmless(answer)


def untold(answer: Told, now: Instant) -> Later | Stopped:
    """The same of a question, which no post is refused for."""
    told = harmless(answer, now)
    return Later(told.why) if isinstance(told, Refused) else told


def good(answer: Told) -> Mapping[str, Any]:
    """The object that a yes gives; nothing, if it is none."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return {}
    return kit.json_object(answer) or {}


def listed(answer: Told) -> list[Mapping[str, Any]] | None:
    """One page of a list; None if it is none."""
    rows = good(answer).get("data")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return None
    return rows


def change(answer: Told, now: Instant) -> Later | Refused | Stopped:
    """The same of a request about a film that is there: what is in its way is about that film."""
    if isinstance(answer, Answer) and answer.status == 403:
        return Refused("the server does not let the account change the film")
    if isinstance(answer, Answer) and answer.status == 404:
        return Refused(GONE)
    return harmless(answer, now)
