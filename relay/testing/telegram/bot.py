"""The methods of the Bot API, each as one function of what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import randbelow
from typing import Any, Final

from relay.testing.telegram import entities
from relay.testing.telegram.chats import Chat, Medium, Message, Origin, found, may
from relay.testing.telegram.reads import Asked
from relay.testing.telegram.says import No
from relay.testing.telegram.texts import formatted
from relay.testing.telegram.world import World

DELETABLE_S: Final = 48 * 3600
"""So long a bot may delete its own messages without a right to delete (deleteMessage)."""

UNCHANGED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


class Bot:
    """What the bot does. Every method raises No."""

    def __init__(self, world: World) -> None:
        self._world = world

    def act(self, asked: Asked, late_s: int) -> Any:
        """The result of a method. ``late_s``: so far behind updates are."""
        if asked.method == "getUpdates":
            before = self._world.clock.now() - late_s
            offset, limit = asked["offset"] or 0, asked["limit"]
            return self._world.updates.get(offset, limit, asked["allowed_updates"], before)
        if asked.method in SENDS:
            return self._send(asked, SENDS[asked.method])
        return METHODS[asked.method](self, asked)

    # ------------------------------------------------------------ who and where

    def _me(self, asked: Asked) -> Any:
        return entities.me(self._world.bot, reads_all=self._world.reads_all)

    def _chat(self, asked: Asked) -> Any:
        return entities.full_chat(self._world.chats.get(asked["chat_id"], "read"))

    def _member(self, asked: Asked) -> Any:
        chat = self._world.chats.get(asked["chat_id"], "read")
        if asked["user_id"] != self._world.bot["id"]:
            raise No(400, "member not found")
        return entities.member(chat, self._world.bot)

    # ------------------------------------------------------------ to say something

    def _text(self, asked: Asked) -> Any:
        chat, draft = self._place(asked)
        text, marked = formatted(
            asked["text"], asked["entities"], asked["parse_mode"], caption=False
        )
        return self._said(chat, replace(draft, text=text, entities=tuple(marked)))

    def _send(self, asked: Asked, kind: str) -> Any:
        chat, draft = self._place(asked)
        medium = self._world.shelf.take(kind, asked[kind], asked)
        return self._said(chat, self._captioned(draft, medium, dict(asked.values)))

    def _album(self, asked: Asked) -> Any:
        chat, draft = self._place(asked)
        draft = replace(draft, album=str(13_000_000_000_000_000 + randbelow(1 << 50)))
        made = [
            self._captioned(draft, medium, said) for medium, said in self._world.shelf.album(asked)
        ]
        return [self._said(chat, one) for one in made]

    def _captioned(self, draft: Message, medium: Medium, said: dict[str, Any]) -> Message:
        text, marked = formatted(
            said.get("caption", ""),
            said.get("caption_entities"),
            said.get("parse_mode"),
            caption=True,
        )
        return replace(draft, medium=medium, text=text, entities=tuple(marked))

    def _place(self, asked: Asked) -> tuple[Chat, Message]:
        """Where something is to stand, and under what."""
        chat = self._world.chats.writable(asked["chat_id"])
        reply = asked["reply_parameters"] or {"message_id": asked["reply_to_message_id"]}
        parent = reply.get("message_id")
        there = self._world.chats.get(reply.get("chat_id", chat.id), "read")
        if parent is not None and parent not in there.messages:
            if not reply.get("allow_sending_without_reply"):
                raise No(400, "message to be replied not found")
            parent = None
        parent = parent if there is chat else None
        return chat, Message(
            0, 0, parent=parent, protected=bool(asked["protect_content"]), own=True
        )

    def _said(self, chat: Chat, one: Message) -> dict[str, Any]:
        return entities.message(chat, self._world.say(chat, one))

    # ------------------------------------------------------------ to say it again elsewhere

    def _source(self, asked: Asked, what: str) -> tuple[Chat, Message]:
        chat = self._world.chats.get(asked["from_chat_id"], "read")
        one = found(chat, asked["message_id"], what)
        if one.protected or chat.protected:
            raise No(400, "message has protected content and can't be forwarded")
        return chat, one

    def _forward(self, asked: Asked) -> Any:
        source, one = self._source(asked, "forward")
        chat, draft = self._place(asked)
        origin = one.origin or Origin(source, one.id, one.date)
        kept = replace(draft, text=one.text, entities=one.entities, medium=one.medium)
        return self._said(chat, replace(kept, origin=origin))

    def _copy(self, asked: Asked) -> Any:
        _, one = self._source(asked, "copy")
        chat, draft = self._place(asked)
        kept = replace(draft, text=one.text, entities=one.entities, medium=one.medium)
        if one.medium and asked["caption"] is not None:
            kept = self._captioned(kept, one.medium, dict(asked.values))
        return {"message_id": self._world.say(chat, kept).id}

    # ------------------------------------------------------------ to change or take back

    def _edit_text(self, asked: Asked) -> Any:
        if asked["text"] is None:
            raise No(400, "message text is empty")
        chat, one = self._editable(asked)
        if one.medium:
            raise No(400, "there is no text in the message to edit")
        text, marked = formatted(
            asked["text"], asked["entities"], asked["parse_mode"], caption=False
        )
        return self._changed(chat, one, text, marked)

    def _edit_caption(self, asked: Asked) -> Any:
        chat, one = self._editable(asked)
        if one.medium is None:
            raise No(400, "there is no caption in the message to edit")
        text, marked = formatted(
            asked["caption"] or "", asked["caption_entities"], asked["parse_mode"], caption=True
        )
        return self._changed(chat, one, text, marked)

    def _editable(self, asked: Asked) -> tuple[Chat, Message]:
        chat = self._world.chats.writable(asked["chat_id"] or _no_chat())
        one = found(chat, asked["message_id"], "edit")
        if not one.own and not may(chat, "can_edit_messages"):
            raise No(400, "message can't be edited")
        return chat, one

    def _changed(self, chat: Chat, one: Message, text: str, marked: list[Any]) -> Any:
        if text == one.text and tuple(marked) == one.entities:
            raise No(400, UNCHANGED)
        now = self._world.clock.now()
        changed = replace(one, text=text, entities=tuple(marked), edited=now)
        chat.messages[one.id] = changed
        return entities.message(chat, changed)

    def _delete(self, asked: Asked) -> Any:
        chat = self._world.chats.get(asked["chat_id"], "write")
        one = found(chat, asked["message_id"], "delete")
        fresh = self._world.clock.now() - one.date < DELETABLE_S
        mine = one.own and fresh and (chat.kind != "channel" or may(chat, "can_post_messages"))
        if not mine and not may(chat, "can_delete_messages"):
            raise No(400, "message can't be deleted")
        del chat.messages[one.id]
        return True


def _no_chat() -> int:
    raise No(400, "chat_id is empty")


def cost(asked: Asked) -> int:
    """How many requests this one counts as: an album is as many as it has items."""
    return len(asked["media"]) if asked.method == "sendMediaGroup" else 1


SENDS: Final = {
    "sendPhoto": "photo",
    "sendVideo": "video",
    "sendAudio": "audio",
    "sendDocument": "document",
}
METHODS: Final[dict[str, Callable[[Bot, Asked], Any]]] = {
    "getMe": Bot._me,
    "getChat": Bot._chat,
    "getChatMember": Bot._member,
    "sendMessage": Bot._text,
    "sendMediaGroup": Bot._album,
    "forwardMessage": Bot._forward,
    "copyMessage": Bot._copy,
    "editMessageText": Bot._edit_text,
    "editMessageCaption": Bot._edit_caption,
    "deleteMessage": Bot._delete,
}
