"""What people answered to the channel's messages; never who.

Answers stand in the channel's discussion group: Telegram forwards each message of the channel there
by itself (``is_automatic_forward``), and people answer that forward. A bot hears of them by
``getUpdates`` if it is an administrator of the group, or has its privacy mode off. Updates are
forgotten once a later one was asked for, and after 24 hours: so the cursor says what was taken, and
only one program may ask for them with one token.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bridges.channel import answers
from bridges.channel.api import Api, description, is_number, result
from relay.ports import Answer, Later, Refused, Replied, Reply, Stopped

MOST: Final = 100
MOST_THREADS: Final = 100
"""Forwards whose answers are still known by the message they answer: 4 KiB of cursor hold more."""

_ONE_READER: Final = (
    "another program asks for this bot's messages: give answers a bot of their own, or ask there"
)


class _Cursor:
    """The next update to ask for, and which forward in the group is which message."""

    def __init__(self, written: bytes) -> None:
        self.next = 0
        self.threads: dict[int, int] = {}
        try:
            self.next, threads = json.loads(written)
            self.threads = dict(threads)
        except (ValueError, TypeError):
            pass  # none yet, or none of ours: from as far back as Telegram has them

    def written(self) -> bytes:
        while len(self.threads) > MOST_THREADS:
            del self.threads[next(iter(self.threads))]
        return json.dumps([self.next, [*self.threads.items()]], separators=(",", ":")).encode()


async def since(api: Api, number: str, cursor: bytes) -> Replied | Later | Stopped:
    """The answers after ``cursor`` to messages of the channel ``number``, oldest first. Without
    that number none would be known for one, and all would be taken for read."""
    if not number:
        return Later("Telegram does not say which channel it is")
    at = _Cursor(cursor)
    said: dict[str, Any] = {"limit": MOST, "timeout": 0, "allowed_updates": ["message"]}
    if at.next:
        said["offset"] = at.next
    answer = await api.call("getUpdates", said)
    updates = result(answer)
    if not isinstance(updates, list):
        return _not_now(answer, api)
    found: list[Reply] = []
    for update in updates[:MOST]:
        if isinstance(update, Mapping) and is_number(update.get("update_id")):
            at.next = max(at.next, update["update_id"] + 1)
            found += _replies(update.get("message"), number, at.threads)
    return Replied(tuple(found), at.written())


def _not_now(answer: Any, api: Api) -> Later | Stopped:
    if isinstance(answer, Answer) and answer.status == 409:
        return Later(
            "the bot has a webhook: remove it (deleteWebhook)"
            if "webhook" in description(answer)
            else _ONE_READER
        )
    told = answers.harmless(answer, api.now())
    return Later(told.why) if isinstance(told, Refused) else told


def _replies(message: Any, number: str, threads: dict[int, int]) -> Iterator[Reply]:
    """One, if this message answers one of the channel; the channel's own are remembered."""
    if not isinstance(message, Mapping) or not is_number(message.get("message_id")):
        return
    if message.get("is_automatic_forward") is True:
        _remember(message, number, threads)
        return
    answered = message.get("reply_to_message")
    if isinstance(answered, Mapping) and answered.get("is_automatic_forward") is True:
        _remember(answered, number, threads)
    to = threads.get(_thread_of(message, answered))
    text = message.get("text", message.get("caption"))
    if to is None or not isinstance(text, str) or not text:
        return
    date = message.get("date")
    yield Reply(str(message["message_id"]), str(to), text, date if isinstance(date, int) else None)


def _thread_of(message: Mapping[str, Any], answered: Any) -> int:
    """The forward under which it stands: itself answered, or somebody's answer to it."""
    thread = message.get("message_thread_id")
    direct = answered.get("message_id") if isinstance(answered, Mapping) else 0
    return thread if is_number(thread) else direct if is_number(direct) else 0


def _remember(forward: Mapping[str, Any], number: str, threads: dict[int, int]) -> None:
    origin = forward.get("forward_origin")
    origin = origin if isinstance(origin, Mapping) else {}
    chat, id = origin.get("chat"), origin.get("message_id")
    ours = isinstance(chat, Mapping) and str(chat.get("id")) == number
    if ours and is_number(id) and is_number(forward.get("message_id")):
        threads[forward["message_id"]] = id
