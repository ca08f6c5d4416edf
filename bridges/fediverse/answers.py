"""What an answer of such a server means, where it is not the yes that was asked for.

The statuses are those of Mastodon's ``Api::BaseController`` and ``rack_attack`` rules; what is the
same on every platform is ``kit.outcome``'s. Of an error's words only known ones are looked for;
none is ever repeated, since a server may quote the post.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bridges import kit
from relay.ports import (
    Answer,
    Instant,
    Later,
    Outcome,
    Refused,
    Stopped,
    Unsure,
)

SCOPES: Final = "read:accounts read:statuses write:statuses write:media"
NEW_TOKEN: Final = (
    f"make a new token (Preferences, Development, New application, scopes {SCOPES}) "
    "and put it into the token file"
)
LOOK: Final = "log in to the account with a browser and see what the server says"
NOT_READY_S: Final = 10
"""Seconds that a medium in the making is given before it is asked for again."""

NOT_ALLOWED: Final = "the server does not allow this account to do that"
ABSENT_PARENT: Final = "the part before it is gone from the server"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as far as an answer depends on it: whether the part before was named,
    whether media were, and whether the same part may have been taken before."""

    now: Instant
    after: bool = False
    media: bool = False
    tried: bool = False
    by_host: bool = False


def to_post(answer: Answer, asked: Asked) -> Outcome:
    """What an answer to a post means that is no status; a 2xx of another shape included."""
    status = answer.status
    if status == 429:
        return too_many(answer, asked.now, by_host=asked.by_host)
    if status in (401, 403) or _needs_person(answer):
        return account(answer)
    if status in (404, 410) and asked.after:
        return Refused(ABSENT_PARENT)
    if status in (400, 422):
        return _not_valid(answer, asked)
    return kit.outcome(answer, now=asked.now, action=LOOK)


def _not_valid(answer: Answer, asked: Asked) -> Outcome:
    said = _words(answer)
    if asked.media and ("not finished processing" in said or "not ready" in said):
        return Later("a medium is not ready yet", asked.now + NOT_READY_S)
    # A medium can be attached once: that it is "not found" may mean that the post is there.
    if asked.media and (asked.tried or "not found" in said):
        return Unsure("its media are attached already, or gone")
    if any(words in said for words in ("too long", "character limit", "exceed")):
        return Refused("it is longer than the server takes")
    return Refused("the server finds it not valid")


def account(answer: Answer) -> Stopped | Refused:
    """What 401, 403 and their like mean: mostly that a person has to do something."""
    said = _words(answer)
    if "not allowed" in said:
        return Refused(NOT_ALLOWED)
    if "scope" in said:
        return Stopped("the token lacks a right", NEW_TOKEN)
    if "disabled" in said or "suspend" in said:
        return Stopped("the account is suspended or disabled", LOOK)
    if "confirm" in said or "e-mail" in said:
        return Stopped("the account's mail address is not confirmed", LOOK)
    if "pending" in said or "approval" in said:
        return Stopped("the account waits to be approved", LOOK)
    if answer.status == 401 or _needs_person(answer):
        return Stopped("the server does not know the token", NEW_TOKEN)
    return Stopped(f"answered {answer.status}", LOOK)


def _needs_person(answer: Answer) -> bool:
    """Mastodon's 422 for a token that belongs to an application and to nobody."""
    return answer.status == 422 and "authenticated user" in _words(answer)


def too_many(answer: Answer, now: Instant, *, by_host: bool) -> Later:
    """429: not before the server's own time."""
    until = kit.again_at(answer.headers, now)
    return Later("the server's limit is reached", until, "host" if by_host else "destination")


def is_gone(answer: Answer) -> bool:
    """Whether a request to delete was done, or there was nothing to do. A page that says so, or
    anything else, is a front's and no server's: then the status may be there for all to see."""
    if answer.status == 204:
        return True
    return answer.status in (200, 202, 404, 410) and kit.json_object(answer) is not None


def harmless(answer: Answer | Later | Unsure, asked: Asked) -> Later | Refused | Stopped:
    """What the answer to a request means that may be repeated without harm: doubt is ``Later``."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    outcome = to_post(answer, asked)
    if isinstance(outcome, Later | Refused | Stopped):
        return outcome
    return Later(f"answered {answer.status}", kit.again_at(answer.headers, asked.now), "host")


def _words(answer: Answer) -> str:
    said = (kit.json_object(answer) or {}).get("error")
    return said.lower() if isinstance(said, str) else ""
