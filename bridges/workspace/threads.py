"""What people answered to the bot's messages, in their threads; never who."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges.workspace import answers
from bridges.workspace.api import Api, following, good, is_ts, rows
from bridges.workspace.blocks import plain
from relay.ports import Answer, Later, Refused, Replied, Reply, Stopped, Unsure

MOST: Final = 100
PAGE: Final = 200
MOST_PAGES: Final = 10
DAYS: Final = 14
"""Threads of older messages are not looked into any more."""


async def since(api: Api, channel: str, bot: str, cursor: bytes) -> Replied | Later | Stopped:
    """The answers after ``cursor`` (b"": from now on) to messages of ``bot``, oldest first."""
    now = api.now() + api.ahead
    after = cursor.decode("ascii", "replace")
    if not is_ts(after):
        return Replied((), f"{now}.000000".encode())
    oldest = f"{now - DAYS * 86400}.000000"
    parents = await _listed(api, "conversations.history", channel, oldest=oldest)
    if not isinstance(parents, list):
        return parents
    found: list[Reply] = []
    for parent in parents:
        thread = str(parent.get("ts"))
        ours = parent.get("bot_id") == bot and is_ts(thread)
        if ours and _later(parent.get("latest_reply"), after):
            listed = await _listed(api, "conversations.replies", channel, ts=thread, oldest=after)
            if not isinstance(listed, list):
                return listed
            found += [
                _reply(one, thread)
                for one in listed
                if _is_answer(one, bot) and one["ts"] != thread and _later(one["ts"], after)
            ]
            found = sorted(found, key=lambda reply: _order(reply.ref))[:MOST]
    return Replied(tuple(found), (found[-1].ref if found else after).encode())


def _order(ts: str) -> tuple[int, int]:
    seconds, _, count = ts.partition(".")
    return int(seconds), int(count)


def _later(ts: Any, after: str) -> bool:
    return is_ts(ts) and _order(ts) > _order(after)


def _is_answer(message: Mapping[str, Any], bot: str) -> bool:
    text = message.get("text")
    said = isinstance(text, str) and bool(text) and is_ts(message.get("ts"))
    return said and message.get("bot_id") != bot


def _reply(message: Mapping[str, Any], thread: str) -> Reply:
    ts = str(message["ts"])
    return Reply(ts, thread, plain(str(message["text"])), _order(ts)[0])


async def _listed(
    api: Api, method: str, channel: str, **asked: str
) -> list[Mapping[str, Any]] | Later | Stopped:
    """All pages of a listing."""
    found: list[Mapping[str, Any]] = []
    more = ""
    for _ in range(MOST_PAGES):
        answer = await api.read(
            method, channel=channel, limit=PAGE, **asked, **({"cursor": more} if more else {})
        )
        said = good(answer)
        if said is None:
            return _not_now(answer, api)
        found += rows(said, "messages")
        more = following(said)
        if not more:
            break
    return found


def _not_now(answer: Answer | Later | Unsure, api: Api) -> Later | Stopped:
    told = answers.harmless(answer, api.now())
    return Later(told.why) if isinstance(told, Refused) else told
