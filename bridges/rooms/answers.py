"""What an answer of a homeserver means, where it is not the yes that was asked for.

An error is ``{"errcode": M_..., "error": ...}`` ("Standard error response"); its code decides
before its status does, and its words are never read. What is the same on every platform is
``kit.outcome``'s.
"""

from __future__ import annotations

from typing import Final

from bridges import kit
from relay.ports import Answer, Instant, Later, Once, Outcome, Refused, Stopped, Unsure

ONCE: Final = Once("exact", 20 * 3600)
"""Synapse keeps a transaction for a day, and forgets it within minutes after; servers differ."""

NEW_SECRET: Final = "put the secret into its file again: relay login"
LOOK: Final = "log in to the account with a Matrix app and see what the server says"
JOIN: Final = (
    "join the room with the account (any Matrix app), and have somebody there give it the right to "
    "send messages"
)
ASK_SERVER: Final = "ask those who run the homeserver"
NO_ROOM: Final = "see that the room's address is right, and that the account is in it"

_ACCOUNT: Final = {
    "M_USER_LOCKED": ("the account is locked", LOOK),
    "M_USER_SUSPENDED": ("the account is suspended", LOOK),
    "M_USER_DEACTIVATED": ("the account is deactivated", LOOK),
    "M_CONSENT_NOT_GIVEN": ("the server's terms wait to be agreed to", LOOK),
    "M_RESOURCE_LIMIT_EXCEEDED": ("the server takes no more from its users", ASK_SERVER),
    "M_USER_LIMIT_EXCEEDED": ("the account has used up what the server gives it", ASK_SERVER),
    "M_UNKNOWN_TOKEN": ("the server no longer knows the session", NEW_SECRET),
    "M_MISSING_TOKEN": ("the server no longer knows the session", NEW_SECRET),
    "M_GUEST_ACCESS_FORBIDDEN": ("the account is a guest's", LOOK),
}


def code_of(answer: Answer) -> str:
    """The error's code; "" if it gives none."""
    said = (kit.json_object(answer) or {}).get("errcode")
    return said if isinstance(said, str) else ""


def is_over(answer: Answer) -> bool:
    """Whether the access token is no longer taken: nothing was done."""
    return answer.status == 401 and code_of(answer) not in ("M_USER_LOCKED", "M_USER_DEACTIVATED")


def is_soft(answer: Answer) -> bool:
    """Whether the device is still known, so that a log-in goes on with it ("Soft logout")."""
    return (kit.json_object(answer) or {}).get("soft_logout") is True


def is_absent(answer: Answer) -> bool:
    """Whether it says that there is no such thing."""
    return answer.status == 404 and code_of(answer) == "M_NOT_FOUND"


def judged(answer: Answer, now: Instant, *, forbidden: tuple[str, str] | None = None) -> Outcome:
    """What an answer means that is no success; a 2xx of another shape included. ``forbidden``:
    what M_FORBIDDEN means here and what to do about it, if not that the room is closed to us."""
    code = code_of(answer)
    if code in _ACCOUNT:
        return Stopped(*_ACCOUNT[code])
    if code == "M_LIMIT_EXCEEDED" or answer.status == 429:
        return Later("the server's limit is reached", _again(answer, now), scope="destination")
    if code == "M_FORBIDDEN":
        return Stopped(*(forbidden or ("the account may not send to the room", JOIN)))
    if code == "M_TOO_LARGE" or answer.status == 413:
        return Refused("it is larger than the server takes")
    if code == "M_NOT_FOUND":
        return Stopped("the server does not know the room", NO_ROOM)
    return kit.outcome(answer, now=now, action=LOOK)


def harmless(
    answer: Answer | Later | Stopped | Unsure,
    now: Instant,
    *,
    forbidden: tuple[str, str] | None = None,
) -> Later | Refused | Stopped:
    """The same of a request that may be repeated without harm: doubt is ``Later``."""
    if isinstance(answer, Answer):
        return kit.harmless(judged(answer, now, forbidden=forbidden))
    return kit.harmless(answer)


def _again(answer: Answer, now: Instant) -> Instant | None:
    """``Retry-After``, or what stood in the body before there was one (in milliseconds)."""
    until = kit.again_at(answer.headers, now)
    wait = (kit.json_object(answer) or {}).get("retry_after_ms")
    if until is None and isinstance(wait, int) and not isinstance(wait, bool):
        until = now + min(max(-(-wait // 1000), kit.MIN_WAIT_S), kit.MAX_WAIT_S)
    return until
