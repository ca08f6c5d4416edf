"""What an answer of the Bot API means, where it is not the yes that was asked for.

It answers ``{"ok": false, "error_code", "description", "parameters"}``. The descriptions are no
documented contract (tdlib/telegram-bot-api, ``Client::fail_query_with_error``), but they are all
there is: known words are looked for, and none is repeated. What is the same on every platform is
``kit.outcome``'s.
"""

from __future__ import annotations

from typing import Any, Final

from bridges import kit
from bridges.channel.api import description
from relay.ports import Answer, Instant, Later, Outcome, Refused, Stopped, Unsure

LOOK: Final = "look at the bot and the channel in Telegram"
NEW_TOKEN: Final = (
    "ask @BotFather for the bot's token (/mybots, API Token) and put it into the token file"
)
LET_IN: Final = (
    "make the bot an administrator of the channel, with the right to post and to delete messages, "
    "and see that `chat` names that channel"
)
MIGRATED: Final = "the group has become a supergroup and has another number"

_NOT_IN: Final = (
    "chat not found",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_admin_required",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_send_",
    "not a member",
    "was kicked",
    "group chat was deactivated",
    "channel_private",
    "peer_id_invalid",
    "chat_id is empty",
    "user is deactivated",
)
_TOO_LONG: Final = ("too long", "message_too_long", "media_caption_too_long")
_EMPTY: Final = ("text must be non-empty", "message text is empty", "text is empty")
_MEDIUM: Final = (
    "too big",
    "too large",
    "photo_",
    "image_process",
    "wrong file",
    "wrong type",
    "media_",
    "file_part",
    "failed to get http",
    "can't parse input",
    "file must be non-empty",
    "wrong remote file",
)


def to_post(answer: Answer, now: Instant) -> Outcome:
    """What an answer to a message means that is no message; a 200 of another shape included."""
    status, said = answer.status, description(answer)
    if status == 429:
        return Later("Telegram's limit is reached", again(answer, now), "destination")
    if status in (401, 404):
        return Stopped("Telegram does not know the bot's token", NEW_TOKEN)
    if status == 403:
        return Stopped("the bot may not post in the channel", LET_IN)
    if status == 400:
        return _not_valid(answer, said)
    if status == 413:
        return Refused("it is larger than Telegram takes")
    if status == 500:  # "restart": it may have posted before it went
        return Unsure("answered 500")
    return kit.outcome(answer, now=now, action=LOOK)


def _not_valid(answer: Answer, said: str) -> Outcome:
    moved = parameter(answer, "migrate_to_chat_id")
    if isinstance(moved, int) and not isinstance(moved, bool):
        return Stopped(MIGRATED, f'write chat = "{moved}" into its section')
    if any(words in said for words in _NOT_IN):
        return Stopped("the bot may not post in the channel", LET_IN)
    if any(words in said for words in _TOO_LONG):
        return Refused("it is longer than Telegram takes")
    if any(words in said for words in _EMPTY):
        return Refused("nothing is left of it to post")
    if any(words in said for words in _MEDIUM):
        return Refused("Telegram cannot use a medium")
    return Refused("Telegram finds it not valid")


def again(answer: Answer, now: Instant) -> Instant | None:
    """When a request is welcome again: ``parameters.retry_after`` (seconds), else as the headers
    have it."""
    wait = parameter(answer, "retry_after")
    if isinstance(wait, int) and not isinstance(wait, bool):
        return now + min(max(wait, kit.MIN_WAIT_S), kit.MAX_WAIT_S)
    return kit.again_at(answer.headers, now)


def parameter(answer: Answer, name: str) -> Any:
    """A field of ``parameters`` (type ResponseParameters); None if it is not there."""
    said = (kit.json_object(answer) or {}).get("parameters")
    return said.get(name) if isinstance(said, dict) else None


def harmless(answer: Answer | Later | Unsure, now: Instant) -> Later | Refused | Stopped:
    """What the answer to a request means that may be repeated without harm: doubt is ``Later``."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    outcome = to_post(answer, now)
    if isinstance(outcome, Later | Refused | Stopped):
        return outcome
    return Later(f"answered {answer.status}", again(answer, now), "host")
