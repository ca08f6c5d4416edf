"""What an answer of a Bluesky server means, where it is not the yes that was asked for.

An error is ``{"error": NAME, "message": ...}`` (atproto.com/specs/xrpc); only names are read, since
a message may quote the post. The names are those of the published schemas, and of the reference
server where the schemas have none. What is the same on every platform is ``kit.outcome``'s. A
record can be put under its key again without harm, for ever; what may have been done is ``Unsure``
all the same, so that whoever takes the post back meanwhile looks for it.
"""

from __future__ import annotations

from typing import Final

from bridges import kit
from relay.ports import Answer, Instant, Later, Once, Outcome, Refused, Stopped, Unsure

ONCE: Final = Once("exact")

NEW_PASSWORD: Final = (
    "make a new app password (bsky.app: Settings, Privacy and security, App passwords), put it "
    "into the password file, and see that the handle is right"
)
LOOK: Final = "log in to the account with a browser and see what the platform says"
MEDIA_GONE: Final = "its media were gone, and are uploaded again"
NOT_TAKEN: Final = "the server does not take the session"

_OVER: Final = frozenset({"ExpiredToken", "InvalidToken"})
_SUSPENDED: Final = frozenset({"AccountTakedown", "AccountSuspended", "RepoTakendown"})
_OFF: Final = frozenset({"AccountDeactivated", "RepoDeactivated", "AccountInactive"})
_MEDIA: Final = frozenset({"InvalidMimeType", "InvalidSize", "BlobTooLarge"})


def name_of(answer: Answer) -> str:
    """The error's name; "" if it gives none."""
    said = (kit.json_object(answer) or {}).get("error")
    return said if isinstance(said, str) else ""


def is_over(answer: Answer) -> bool:
    """Whether the access token is no longer taken, and a renewed one may be: an expired one is
    answered 400, and nothing was done."""
    name = name_of(answer)
    if answer.status == 401:
        return name not in _SUSPENDED | _OFF
    return answer.status == 400 and name in _OVER


def is_absent(answer: Answer) -> bool:
    """Whether it says that there is no such record."""
    return answer.status in (400, 404) and name_of(answer) == "RecordNotFound"


def judged(answer: Answer, now: Instant) -> Outcome:
    """What an answer to a request in the account's name means that is no success; a 2xx of
    another shape included."""
    name = name_of(answer)
    if name in _SUSPENDED:
        return Stopped("the account is suspended", LOOK)
    if name in _OFF:
        return Stopped("the account is deactivated", LOOK)
    if is_over(answer):
        return Stopped(NOT_TAKEN, NEW_PASSWORD)
    if _is_blob_missing(answer, name):
        return Later(MEDIA_GONE)
    if answer.status == 413 or name in _MEDIA:
        return Refused("a medium is larger than the server takes, or not what it is called")
    if answer.status == 400 and name == "InvalidSwap":
        return Later("it was changed meanwhile")
    if answer.status == 400 and name == "InvalidRequest":
        return Refused("the server finds it not valid")
    return kit.outcome(answer, now=now, action=LOOK)


def harmless(answer: Answer | Later | Stopped | Unsure, now: Instant) -> Later | Refused | Stopped:
    """The same of a request that may be repeated without harm: doubt is ``Later``."""
    return kit.harmless(judged(answer, now) if isinstance(answer, Answer) else answer)


def _is_blob_missing(answer: Answer, name: str) -> bool:
    """The reference server gives it a name; before, its message began with these words, which
    quote nothing but a hash."""
    said = (kit.json_object(answer) or {}).get("message")
    words = said if isinstance(said, str) else ""
    return answer.status == 400 and (
        name == "BlobNotFound" or words.startswith("Could not find blob")
    )
