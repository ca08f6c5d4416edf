"""Objects of the Bot API, as they stand in its answers and updates."""

from __future__ import annotations

from typing import Any, Final

from relay.testing.telegram.chats import RIGHTS, Chat, Medium, Message

TELEGRAM: Final[dict[str, Any]] = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
"""The user in whose name posts of a channel are forwarded into its discussion group."""

CAPABILITIES: Final = (
    "can_join_groups",
    "can_read_all_group_messages",
    "supports_inline_queries",
    "can_connect_to_business",
    "has_main_web_app",
    "has_topics_enabled",
    "allows_users_to_create_topics",
    "can_manage_bots",
    "supports_join_request_queries",
)


def user(id: int, name: str, *, bot: bool = False) -> dict[str, Any]:
    """A user, or a bot, which has a username."""
    made: dict[str, Any] = {"id": id, "is_bot": bot, "first_name": name}
    return made | ({"username": f"{name}_bot"} if bot else {})


def me(bot: dict[str, Any], *, reads_all: bool) -> dict[str, Any]:
    """The answer of ``getMe``."""
    can = {"can_join_groups": True, "can_read_all_group_messages": reads_all}
    return bot | dict.fromkeys(CAPABILITIES, False) | can


def chat(one: Chat) -> dict[str, Any]:
    """A chat as it stands in a message."""
    made: dict[str, Any] = {"id": one.id, "title": one.title, "type": one.kind}
    return made | ({"username": one.username} if one.username else {})


def full_chat(one: Chat) -> dict[str, Any]:
    """The answer of ``getChat``."""
    made = chat(one) | {"accent_color_id": 0, "max_reaction_count": 11}
    made["accepted_gift_types"] = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        False,
    )
    if one.username:
        made["active_usernames"] = [one.username]
    if one.linked is not None:
        made["linked_chat_id"] = one.linked
    if one.protected:
        made["has_protected_content"] = True
    return made


def member(one: Chat, bot: dict[str, Any]) -> dict[str, Any]:
    """What the bot is in a chat."""
    made: dict[str, Any] = {"user": bot, "status": one.status}
    if one.status == "kicked":
        return made | {"until_date": 0}
    if one.status != "administrator":
        return made
    rights = {name: name in one.rights for name in RIGHTS}
    return made | {"can_be_edited": False, "is_anonymous": False} | rights


def message(where: Chat, one: Message, *, reply: bool = True) -> dict[str, Any]:
    """A message; with the one it answers, if that is still there."""
    made: dict[str, Any] = {"message_id": one.id}
    if one.sender is not None:
        made["from"] = one.sender
    if one.sender is None or one.automatic:
        made["sender_chat"] = chat(one.origin.chat if one.automatic and one.origin else where)
    made |= {"chat": chat(where), "date": one.date}
    if one.origin is not None:
        made["forward_origin"] = {
            "type": "channel",
            "chat": chat(one.origin.chat),
            "message_id": one.origin.id,
            "date": one.origin.date,
        }
    if one.automatic:
        made["is_automatic_forward"] = True
    if one.thread is not None:
        made["message_thread_id"] = one.thread
    parent = where.messages.get(one.parent or 0)
    if reply and parent is not None:
        made["reply_to_message"] = message(where, parent, reply=False)
    if one.edited is not None:
        made["edit_date"] = one.edited
    if one.album:
        made["media_group_id"] = one.album
    if one.protected or where.protected:
        made["has_protected_content"] = True
    return made | _content(one)


def _content(one: Message) -> dict[str, Any]:
    text, entities = ("caption", "caption_entities") if one.medium else ("text", "entities")
    made: dict[str, Any] = _medium(one.medium) if one.medium else {}
    if one.text:
        made[text] = one.text
    if one.entities:
        made[entities] = [dict(each) for each in one.entities]
    return made


def _medium(one: Medium) -> dict[str, Any]:
    made: dict[str, Any] = {
        "file_id": one.file_id,
        "file_unique_id": one.file_id[:12],
        "file_size": len(one.content),
    }
    if one.kind == "photo":
        return {"photo": [made | {"width": 90, "height": 90}]}
    made |= {"file_name": one.name, "mime_type": one.type}
    if one.kind == "video":
        made |= {"width": 0, "height": 0, "duration": 0}
    if one.kind == "audio":
        made |= {"duration": 0}
    return {one.kind: made}
