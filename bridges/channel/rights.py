"""Whether the bot can post in the chat, as far as Telegram tells without posting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import regex

from bridges.channel.answers import LET_IN, NEW_TOKEN, to_post
from bridges.channel.api import Api, made
from relay.ports import Answer, Later, Stopped, Unsure

_INSIDE: Final = ("creator", "administrator", "member")


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """What was seen of the chat: its number and public name ("" if not told), and what is in the
    way with the remedy."""

    number: str = ""
    username: str = ""
    trouble: str = ""


async def seen(api: Api, chat: str, audit: str) -> Seen:
    """The chat, what the bot may do there, and whether it can look back (``audit``: "" for none).

    Three questions, and one more for a private chat to look back with."""
    me = await api.call("getMe")
    bot = made(me).get("id")
    if not isinstance(bot, int):
        return Seen(trouble=_told(api, me, "Telegram does not say whose the token is"))
    answer = await api.call("getChat", {"chat_id": chat})
    there = made(answer)
    if not isinstance(there.get("id"), int):
        return Seen(trouble=_told(api, answer, "Telegram does not show the channel"))
    number, name = str(there["id"]), there.get("username")
    username = name if isinstance(name, str) and regex.fullmatch(r"\w{1,64}", name) else ""
    trouble = await _lacking(api, chat, bot, there)
    if not trouble and audit:
        trouble = await _blind(api, audit, bot, there)
    return Seen(number, username, trouble)


async def _lacking(api: Api, chat: str, bot: int, there: Mapping[str, Any]) -> str:
    answer = await api.call("getChatMember", {"chat_id": chat, "user_id": bot})
    member = made(answer)
    status = member.get("status")
    if status is None:
        return _told(api, answer, "Telegram does not say what the bot may do")
    if there.get("type") == "channel":
        able = status == "administrator" and member.get("can_post_messages") is True
    else:
        able = status in _INSIDE or (
            status == "restricted" and member.get("can_send_messages") is True
        )
    return "" if able else f"the bot may not post in the channel: {LET_IN}"


async def _blind(api: Api, audit: str, bot: int, there: Mapping[str, Any]) -> str:
    """Why a probe would tell nothing; said only where Telegram is sure of it."""
    if str(there.get("id")) == audit:
        return "`audit` names the channel itself, where everybody would see what is looked at"
    if there.get("type") not in ("channel", "supergroup"):
        return (
            "a group of this kind shares its numbers with other chats, so that nothing can be "
            "looked up: let the group become a supergroup, or take `audit` out of its section"
        )
    if there.get("has_protected_content") is True:
        return (
            "the channel lets nothing be forwarded, so that nothing can be looked up: allow it in "
            "the channel's settings, or take `audit` out of its section"
        )
    answer = await api.call("getChatMember", {"chat_id": audit, "user_id": bot})
    status = made(answer).get("status")
    refused = isinstance(answer, Answer) and answer.status in (400, 403)
    if refused or (status is not None and status not in _INSIDE):
        return "the bot is not in the private chat `audit`: add it there, or take `audit` out"
    return ""


def _told(api: Api, answer: Answer | Later | Unsure, else_: str) -> str:
    if not isinstance(answer, Answer):
        return "Telegram cannot be reached"
    if answer.status == 404:
        return f"Telegram does not know the bot's token: {NEW_TOKEN}"
    told = to_post(answer, api.now())
    return f"{told.why}: {told.action}" if isinstance(told, Stopped) else else_
