"""What an answer of Discord means, where it is not the yes that was asked for.

Codes: discord/discord-api-docs, "Opcodes and Status Codes", JSON error codes. Of the words beside
them none is looked at. What is the same on every platform is ``kit.outcome``'s.
"""

from __future__ import annotations

import math
from typing import Any, Final

from bridges import kit
from relay.ports import Answer, Instant, Later, Once, Outcome, Refused, Stopped, Unsure

ONCE: Final = Once("none")
NEW_HOOK: Final = (
    "make a webhook (the channel's settings, Integrations, Webhooks), copy its address and put it "
    "into the webhook file"
)
LOOK: Final = "look at the channel and its webhook in Discord"
LIMIT: Final = "Discord's limit is reached"
UNKNOWN_MESSAGE: Final = 10008

_STOPPED: Final = {
    10003: ("the channel is gone", NEW_HOOK),
    10015: ("the webhook is gone", NEW_HOOK),
    50027: ("Discord does not know the webhook's token", NEW_HOOK),
    50001: ("the webhook may not post there", LOOK),
    50013: ("the webhook may not post there", LOOK),
    50083: ("the thread is archived", "open the thread, or write another thread_id"),
    160005: ("the thread is locked", "open the thread, or write another thread_id"),
    220001: ("in a forum a thread is needed", "write the thread_id of a post of that forum"),
    220003: ("the thread_id is none of a forum", LOOK),
    220004: ("the webhook has no such thread", "write the thread_id of a thread of its channel"),
}
_REFUSED: Final = {
    50006: "nothing is left of it to post",
    50035: "Discord finds it not valid",
    40005: "it is larger than Discord takes",
    200000: "the server's automatic moderation blocks it",
    200001: "the server's automatic moderation blocks it",
    240000: "the server's automatic moderation blocks its links",
}
_SLOW_MODE: Final = 20016


def to_post(answer: Answer, now: Instant) -> Outcome:
    """What an answer to a message means that is no message; a 200 of another shape included."""
    said = kit.json_object(answer) or {}
    code = said.get("code")
    if answer.status == 429 or (code == _SLOW_MODE and answer.status in (400, 403)):
        # Cloudflare, in front of Discord, answers in HTML: then it is our address that is meant.
        everywhere = not said or said.get("global") is True
        until = again(answer, now)
        return Later(LIMIT, until, "host" if everywhere else "destination")
    if 400 <= answer.status < 500 and isinstance(code, int):
        if code in _STOPPED:
            return Stopped(*_STOPPED[code])
        if code in _REFUSED:
            return Refused(_REFUSED[code])
    if answer.status == 401:
        return Stopped("Discord does not know the webhook's token", NEW_HOOK)
    if answer.status == 404:
        return Stopped("the webhook is gone", NEW_HOOK)
    if answer.status == 413:
        return Refused("it is larger than Discord takes")
    if answer.status == 500:
        return Unsure("answered 500")
    return kit.outcome(answer, now=now, action=LOOK)


def again(answer: Answer, now: Instant) -> Instant | None:
    """When a request is welcome again: ``retry_after`` (seconds, with a fraction), else as the
    headers have it."""
    wait: Any = (kit.json_object(answer) or {}).get("retry_after")
    if isinstance(wait, int | float) and not isinstance(wait, bool) and wait == wait:  # no NaN
        return now + math.ceil(min(max(wait, kit.MIN_WAIT_S), kit.MAX_WAIT_S))
    return kit.again_at(answer.headers, now)


def harmless(answer: Answer | Later | Unsure, now: Instant) -> Later | Refused | Stopped:
    """What the answer to a request means that may be repeated without harm: doubt is ``Later``."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    outcome = to_post(answer, now)
    if isinstance(outcome, Later | Refused | Stopped):
        return outcome
    return Later(f"answered {answer.status}", again(answer, now), "host")


def is_gone(answer: Answer | Later | Unsure) -> bool:
    """Whether it says that there is no such message."""
    if not isinstance(answer, Answer) or answer.status != 404:
        return False
    return (kit.json_object(answer) or {}).get("code") == UNKNOWN_MESSAGE
