"""What an answer of WordPress means, where it is not the yes that was asked for.

Errors are ``{"code", "message", "data": {"status"}}`` (developer.wordpress.org, REST API handbook).
To repeat any request of ours is harmless (see ``posts``), so that doubt is ``Later``. Nothing of a
message is repeated: a plugin may quote the post in it.
"""

from __future__ import annotations

from typing import Final

from bridges import kit
from relay.ports import Answer, Instant, Later, Once, Refused, Stopped, Unsure

Told = Answer | Later | Stopped | Unsure
"""An answer; or Later and Stopped: the request never left; or Unsure: no whole answer came."""

ONCE: Final = Once("exact")
PASSWORD: Final = (
    "make a new application password (Users, Profile, Application passwords) for the user that is "
    "set; if that does not help, the web server keeps the header Authorization from PHP"
)
ROLE: Final = "give the user the role Author"
SITE: Final = "see with a browser whether that is the blog's own address, and its REST API is on"
LOOK: Final = "log in to the blog with a browser and see what it says"
BLOCKED: Final = "something before the blog turns us away"
BLOCKS: Final = (
    "allow this node in the blog's firewall or security plugin, or the REST API to users who are "
    "logged in"
)


ROOM: Final = "delete files, or get more room for uploads"
_FULL: Final = frozenset({"rest_upload_limited_space", "rest_upload_user_quota_exceeded"})


def code_of(answer: Answer) -> str:
    """The code of an error; "" where it is no error of WordPress."""
    code = (kit.json_object(answer) or {}).get("code")
    return code if isinstance(code, str) else ""


def is_gone(answer: Told) -> bool:
    """Whether WordPress says that there is no such post or medium."""
    if not isinstance(answer, Answer) or answer.status not in (404, 410):
        return False
    return code_of(answer) in ("rest_post_invalid_id", "rest_already_trashed")


def not_shown(answer: Told, now: Instant) -> Later | Stopped:
    """What it means that a list is not shown: nothing is wrong with the post that it is for."""
    told = judged(answer, now)
    return told if isinstance(told, Later | Stopped) else Stopped("the blog shows no lists", ROLE)


def judged(answer: Told, now: Instant) -> Later | Refused | Stopped:
    """What it means; a 2xx of another shape included."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    status, code = answer.status, code_of(answer)
    if status == 401:
        return Stopped("the blog does not take the user and its password", PASSWORD)
    if status in (403, 406) and not code:  # a firewall, a security plugin
        return Later(BLOCKED, kit.again_at(answer.headers, now), "destination")
    if status == 403 or (status == 400 and code == "rest_cannot_create"):
        return Stopped("the user may not do that", ROLE)
    if is_gone(answer):
        return Later("the draft was gone, and is made again")
    if status in (404, 410):
        return Stopped("there is no REST API of WordPress", SITE)
    if code in _FULL:
        return Stopped("the blog has no room for media", ROOM)
    if status == 413:
        return Refused("it is larger than the blog takes")
    if status == 400:
        return Refused("the blog finds it not valid")
    return kit.harmless(kit.outcome(answer, now=now, action=LOOK))
